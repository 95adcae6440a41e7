import type { Role } from '../conference.ts';
import type { ConferenceId } from '../ids.ts';
import type { PlaySource } from '../playing.ts';
import type { EntryPlan, Guest, PinQuestion, Reception, Recognised } from './entry-plan.ts';

/** What happens to somebody who is asked. */
export type Input =
  /** `plan`: of the conference that is wanted; absent: its number is asked for. */
  | { readonly type: 'begun'; readonly reception: Reception; readonly plan?: EntryPlan }
  /** One of `0` … `9 * #`; others are ignored. */
  | { readonly type: 'digit'; readonly digit: string }
  /** Everything that was to be said has ended, or could not be said. Not told of what was hushed or replaced. */
  | { readonly type: 'said' }
  /** The answer to `find`; `plan` absent: nobody has the number, or it means more than one. `delay`: ms that the shield adds to it. `lockedOut`: he may try no more. */
  | { readonly type: 'found'; readonly plan?: EntryPlan; readonly delay: number; readonly lockedOut?: boolean }
  /** The answer to `judge`; `as` absent: it is wrong. */
  | { readonly type: 'judged'; readonly as?: Recognised; readonly delay: number; readonly lockedOut?: boolean }
  /** The answer to `record-name`, also after `stop-recording`; absent: there is none, and he goes in without. */
  | { readonly type: 'recorded'; readonly name?: PlaySource }
  /** The answers to `enter`: he is in, he waits in the conference, or he is not let in (a code of docs/errors.md). */
  | { readonly type: 'joined' | 'waiting' }
  | { readonly type: 'refused'; readonly code: string };

/** What is to be done about it. */
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
  /** `reason`: `too_many_attempts`, `locked_out`, or the code that kept him out. */
  | { readonly do: 'hang-up'; readonly reason: string };
