import type { Machine, Step, Time } from '../../base/index.ts';
import type { Role } from '../conference.ts';
import type { ConferenceId } from '../ids.ts';
import type { PlaySource } from '../playing.ts';
import type { EntryPlan, Guest, PinQuestion, Reception, Recognised } from './entry-plan.ts';
import { NAME_TONE, promptOf } from './prompts.ts';

/**
 * What is asked of a caller before he is let into a conference, and what he hears meanwhile (kazoo-facts §7.2).
 *
 *   new --begun, no conference--> number
 *   new, number, pin --the next question--> number, pin
 *   new --begun, nothing to ask but something to say--> greeting
 *   number --#, time, 16 digits--> finding --found--> answering
 *   pin --#, time, all its digits--> judging --judged--> answering
 *   answering --right--> pin, greeting, naming, entering
 *   answering --wrong--> number, pin
 *   answering --wrong for the third time--> leaving
 *   greeting --said, or a digit--> naming, entering
 *   naming --the tone has sounded--> recording --recorded--> reviewing, entering
 *   reviewing --1, or nothing more said--> entering
 *   reviewing --another digit--> naming
 *   entering --joined, waiting--> done
 *   entering --refused--> leaving --said--> done
 *
 * Right and wrong are answered at the same moment: so long after the entry, plus what the shield adds. `*` starts an entry over; before its first digit
 * it goes back to the number, where that was asked for. What is typed while an answer is awaited belongs to the next question.
 */
export type State =
  | { readonly at: 'new' }
  /** `until`: time takes what was typed; while the prompt plays, far away. */
  | { readonly at: 'number' | 'pin'; readonly visit: Visit; readonly typed: string; readonly until: number }
  /** `since`: when the entry ended. `spare`: without a `#`, which may still come. */
  | { readonly at: 'finding' | 'judging'; readonly visit: Visit; readonly since: number; readonly spare: boolean }
  | { readonly at: 'answering'; readonly visit: Visit; readonly answer: Answer; readonly until: number; readonly spare: boolean }
  | { readonly at: 'greeting'; readonly visit: Visit; readonly until: number }
  | { readonly at: 'naming'; readonly visit: Visit; readonly until: number; readonly tone: boolean }
  | { readonly at: 'recording'; readonly visit: Visit; readonly until: number; readonly stopped: boolean }
  | { readonly at: 'reviewing'; readonly visit: Visit; readonly until: number; readonly name: PlaySource }
  | { readonly at: 'entering'; readonly visit: Visit }
  | { readonly at: 'leaving'; readonly reason: string; readonly until: number }
  | { readonly at: 'done' };

/** What is known of this caller so far. Digits are in it: it is stored and logged nowhere. */
interface Visit {
  readonly reception: Reception;
  readonly plan?: EntryPlan;
  /** Tries left for the question that is asked. */
  readonly tries: number;
  /** Typed before the next question was asked. */
  readonly ahead: string;
  /** The number was asked for, so that `*` can ask again. */
  readonly asked: boolean;
  /** How often he may still start over, or say his name again. */
  readonly over: number;
  readonly as?: Recognised;
}

type Answer = { readonly plan: EntryPlan } | { readonly as: Recognised } | 'bad-number' | 'bad-pin';

export type Input =
  /** `plan`: of the conference that is wanted; absent: its number is asked for. */
  | { readonly type: 'begun'; readonly reception: Reception; readonly plan?: EntryPlan }
  /** One of `0` … `9 * #`; others are ignored. */
  | { readonly type: 'digit'; readonly digit: string }
  /** Everything that was to be said has ended, or could not be said. Not told of what was hushed or replaced. */
  | { readonly type: 'said' }
  /** The answer to `find`; `plan` absent: nobody has the number, or it means more than one. `delay`: ms that the shield adds to it. */
  | { readonly type: 'found'; readonly plan?: EntryPlan; readonly delay: number }
  /** The answer to `judge`; `as` absent: it is wrong. */
  | { readonly type: 'judged'; readonly as?: Recognised; readonly delay: number }
  /** The answer to `record-name`, also after `stop-recording`; absent: there is none, and he goes in without. */
  | { readonly type: 'recorded'; readonly name?: PlaySource }
  /** The answers to `enter`: he is in, he waits in the conference, or he is not let in (a code of docs/errors.md). */
  | { readonly type: 'joined' | 'waiting' }
  | { readonly type: 'refused'; readonly code: string };

export type Effect =
  /** One behind the other, to this caller; then `said`. Replaces what is being said. */
  | { readonly do: 'say'; readonly sources: readonly PlaySource[]; readonly interruptible: boolean }
  /** What is being said ends now; no `said` follows. */
  | { readonly do: 'hush' }
  | { readonly do: 'find'; readonly number: string }
  | { readonly do: 'judge'; readonly conference: ConferenceId; readonly question: PinQuestion; readonly pin: string }
  /** Keeps what he says now, until he stops talking, at most `longest` ms. */
  | { readonly do: 'record-name'; readonly longest: number }
  | { readonly do: 'stop-recording' }
  /** He says it again: the recording is not wanted. */
  | { readonly do: 'forget-name'; readonly name: PlaySource }
  /** `call.enter`. */
  | {
      readonly do: 'enter';
      readonly conference: ConferenceId;
      readonly role: Role;
      readonly name?: PlaySource;
      readonly guest?: Guest;
      readonly joinExisting: boolean;
    }
  /** Nothing more is asked: the run goes on behind this action. */
  | { readonly do: 'finish'; readonly outcome: 'joined' | 'waiting' }
  /** `reason`: `too_many_attempts`, or the code that kept him out. */
  | { readonly do: 'hang-up'; readonly reason: string };

type Next = Step<State, Effect>;

/** Nothing has begun. */
export const newEntry: State = { at: 'new' };

/** The machine; see the drawing. */
export const entryMachine: Machine<State, Input, Effect> = {
  step: (state) => ({ state, effects: [] }) satisfies Next,
  deadline: (state) => ('until' in state ? state.until : undefined),
};
