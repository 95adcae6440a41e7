import type { Machine, Step } from '../../base/index.ts';
import type { PlaySource } from '../playing.ts';
import { type PromptName, prompt } from '../prompts.ts';
import type { EntryPlan, Reception, Recognised } from './entry-plan.ts';
import type { Effect, Input } from './entry-values.ts';

/**
 * What is asked of a caller before he is let into a conference, and what he hears meanwhile (kazoo-facts §7.2).
 *
 *   new --begun, no conference--> number
 *   new, number, pin --the next question--> number, pin
 *   new --begun, nothing to ask but something to say--> greeting
 *   number --#, time, 16 digits--> finding --found--> answering
 *   pin --#, time, all its digits--> judging --judged--> answering
 *   finding, judging --nobody answers--> done
 *   answering --right--> pin, greeting, naming, entering
 *   answering --wrong--> number, pin
 *   answering --wrong for the third time, locked out--> leaving
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
  | { readonly at: 'finding' | 'judging'; readonly visit: Visit; readonly since: number; readonly spare: boolean; readonly until: number }
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

type Answer = { readonly plan: EntryPlan } | { readonly as: Recognised } | 'bad-number' | 'bad-pin' | 'locked-out';

export type { Effect, Input } from './entry-values.ts';

type Next = Step<State, Effect>;

/** After which a name is to be said (kazoo-facts §7.5). */
const NAME_TONE = 'tone_stream://%(500,100,440)';

/** Nothing has begun. */
export const newEntry: State = { at: 'new' };

/** How often a number, and how often a PIN may be tried (kazoo-facts §7.2, §7.3). */
export const TRIES = 3;
const LONGEST_ENTRY = 16;
/** How often somebody may start over in all. */
const OVER = 9;
/** ms from the end of an entry to its answer, right or wrong: longer than it takes to find out. */
const ANSWER_TIME = 500;
/** ms for which a `#` is awaited that nobody needed. */
const SPARE_TIME = 1_200;
/** ms after which nobody will answer. */
const LOST_TIME = 20_000;
/** ms after which a prompt counts as said, should nobody tell. */
const LONGEST_PROMPT = 300_000;
const LONGEST_NAME = 60_000;
/** ms that a recording may take to be kept. */
const KEEPING_TIME = 10_000;
/** ms without a digit that accept a recorded name. */
const REVIEW_TIME = 5_000;

const stay = (state: State, ...effects: readonly Effect[]): Next => ({ state, effects });
const say = (...sources: readonly PlaySource[]): Effect => ({ do: 'say', sources, interruptible: true });
const hush: Effect = { do: 'hush' };

const languageOf = ({ as, plan, reception }: Visit): string => as?.guest?.language ?? plan?.language ?? reception.language;
const spoken = (visit: Visit, name: PromptName): string => prompt(name, languageOf(visit));

/** Asks; what was typed ahead is the beginning of the answer, and then nothing needs to be said. */
function ask(
  at: 'number' | 'pin',
  visit: Visit,
  { now, before = [] }: { readonly now: number; readonly before?: readonly PlaySource[] },
): Next {
  const { ahead } = visit;
  const asking: State = { at, visit: { ...visit, ahead: '' }, typed: '', until: now + LONGEST_PROMPT };
  if (ahead !== '') return replay(asking, ahead, now);
  return stay(asking, say(...before, spoken(visit, at === 'number' ? 'conf-enter_conf_number' : 'conf-enter_conf_pin')));
}

/** Types for him. */
function replay(state: State, digits: string, now: number): Next {
  let next = stay(state);
  for (const digit of digits) {
    const after = pressed(next.state, digit, now);
    next = stay(after.state, ...next.effects, ...after.effects);
  }
  return next;
}

const timeoutOf = (at: 'number' | 'pin', { reception, plan }: Visit): number =>
  (at === 'pin' ? plan?.pin?.timeout : undefined) ?? reception.numberTimeout;

/** Asks the first question, or says what there is to say. */
function begun({ reception, plan }: Extract<Input, { type: 'begun' }>, now: number): Next {
  const visit = { reception, tries: TRIES, ahead: '', asked: plan === undefined, over: OVER };
  const before = reception.welcome === undefined ? [] : [reception.welcome];
  if (plan === undefined) return ask('number', visit, { now, before });
  return known({ ...visit, plan }, now, before);
}

/** The conference is known. */
function known(visit: Visit & { readonly plan: EntryPlan }, now: number, before: readonly PlaySource[] = []): Next {
  const fresh = { ...visit, tries: TRIES };
  if (visit.plan.pin !== undefined) return ask('pin', fresh, { now, before });
  return greet({ ...fresh, as: { role: visit.plan.role } }, now, before);
}

/** He may come in: what is left to be said is said. */
function greet(visit: Visit & { readonly as: Recognised }, now: number, before: readonly PlaySource[] = []): Next {
  const { plan, as } = visit;
  const own = as.role === 'member' && plan?.memberPrompt !== undefined ? [plan.memberPrompt] : [];
  const sources = [...before, ...own];
  if (sources.length === 0) return named(visit, now);
  return stay({ at: 'greeting', visit: { ...visit, ahead: '' }, until: now + LONGEST_PROMPT }, say(...sources));
}

/** Asks for his name, where the conference wants it. */
function named(visit: Visit, now: number): Next {
  const name = visit.plan?.name;
  if (name === undefined) return enter(visit);
  if ('source' in name) return enter(visit, name.source);
  return stay(
    { at: 'naming', visit: { ...visit, ahead: '' }, until: now + LONGEST_PROMPT, tone: false },
    say(spoken(visit, 'conf-announce_your_name')),
  );
}

function enter(visit: Visit, name?: PlaySource): Next {
  const { plan, as } = visit;
  if (plan === undefined || as === undefined) return stay({ at: 'done' }, { do: 'hang-up', reason: 'conference_not_found' });
  const { conference, joinExisting } = plan;
  // Who came by his link has said there how he is called.
  const guest = as.guest?.invitation === plan.guest?.invitation ? plan.guest : (as.guest ?? plan.guest);
  return stay(
    { at: 'entering', visit: { ...visit, ahead: '' } },
    {
      do: 'enter',
      conference,
      role: as.role,
      joinExisting,
      ...(name === undefined ? {} : { name }),
      ...(guest === undefined ? {} : { guest }),
    },
  );
}

/** Says goodbye. */
const leave = (reason: string, now: number, sources: readonly PlaySource[]): Next =>
  sources.length === 0
    ? stay({ at: 'done' }, { do: 'hang-up', reason })
    : stay({ at: 'leaving', reason, until: now + LONGEST_PROMPT }, { do: 'say', sources, interruptible: false });

/** The entry is over: somebody finds out what it means. */
function entered({ at, visit, typed }: Asking, now: number, spare: boolean): Next {
  if (at === 'number') return stay({ at: 'finding', visit, since: now, spare, until: now + LOST_TIME }, { do: 'find', number: typed });
  const { plan } = visit;
  if (plan?.pin === undefined) return stay({ at: 'done' }, { do: 'hang-up', reason: 'conference_not_found' });
  return stay(
    { at: 'judging', visit, since: now, spare, until: now + LOST_TIME },
    { do: 'judge', conference: plan.conference, question: plan.pin, pin: typed },
  );
}

type Asking = Extract<State, { at: 'number' | 'pin' }>;
type Unanswered = Extract<State, { since: number }>;
type Awaiting = Unanswered | Extract<State, { at: 'answering' }>;

/** A digit of the answer to a question. */
function typing(state: Asking, digit: string, now: number): Next {
  const { at, visit } = state;
  // While nothing is typed, something is being said.
  const quiet = state.typed === '' ? [hush] : [];
  const after = ({ state: next, effects }: Next): Next => stay(next, ...quiet, ...effects);
  if (digit === '*') return over(state, now);
  if (digit === '#') return after(entered(state, now, false));
  const typed = state.typed + digit;
  const whole = at === 'pin' ? (visit.plan?.pin?.length ?? LONGEST_ENTRY) : LONGEST_ENTRY;
  if (typed.length >= whole) return after(entered({ ...state, typed }, now, true));
  return stay({ ...state, typed, until: now + timeoutOf(at, visit) }, ...quiet);
}

/** `*`: the same question again, or the one before. Whoever does nothing else uses up a try. */
function over({ at, visit, typed }: Asking, now: number): Next {
  if (visit.over === 0) return wrong({ ...visit, over: OVER }, at === 'number' ? 'bad-number' : 'bad-pin', now);
  const again = { ...visit, over: visit.over - 1 };
  const back = at === 'pin' && typed === '' && visit.asked;
  if (!back) return ask(at, again, { now });
  const { plan: _, ...without } = again;
  return ask('number', { ...without, tries: TRIES }, { now });
}

/** A digit while an answer is awaited. */
function typedAhead(state: Awaiting, digit: string): Next {
  if (digit === '#' && state.spare && state.visit.ahead === '') return stay({ ...state, spare: false });
  if (state.visit.ahead.length > 2 * LONGEST_ENTRY) return stay(state);
  return stay({ ...state, visit: { ...state.visit, ahead: state.visit.ahead + digit } });
}

/** When it may be known whether it was right: never before the shield says so, and not while a superfluous `#` may still come. */
const answerAt = ({ since, spare }: Pick<Unanswered, 'since' | 'spare'>, delay: number): number =>
  since + Math.max(ANSWER_TIME + Math.max(0, delay), spare ? SPARE_TIME : 0);

/** The third time is the last. */
function wrong(visit: Visit, answer: 'bad-number' | 'bad-pin', now: number): Next {
  const again = { ...visit, tries: visit.tries - 1, ahead: '' };
  const sorry = spoken(visit, answer === 'bad-number' ? 'conf-bad_conf' : 'conf-bad_pin');
  if (again.tries <= 0) return leave('too_many_attempts', now, [sorry, spoken(visit, 'conf-too_many_attempts')]);
  return ask(answer === 'bad-number' ? 'number' : 'pin', again, { now, before: [sorry] });
}

function answered({ visit, answer }: Extract<State, { at: 'answering' }>, now: number): Next {
  if (answer === 'locked-out') return leave('locked_out', now, [spoken(visit, 'conf-pin_locked_out')]);
  if (typeof answer === 'string') return wrong(visit, answer, now);
  if ('plan' in answer) return known({ ...visit, plan: answer.plan }, now);
  return greet({ ...visit, as: answer.as }, now);
}

/** A key while his name is asked for, said, or played back. */
function whileNamed(state: Extract<State, { at: 'naming' | 'recording' | 'reviewing' }>, digit: string, now: number): Next {
  const { visit } = state;
  // Many press `#` behind their PIN, needed or not.
  if (state.at === 'naming') return state.tone || digit === '#' ? stay(state) : prependHush(tone(visit, now));
  if (state.at === 'recording')
    return state.stopped ? stay(state) : stay({ ...state, stopped: true, until: now + KEEPING_TIME }, { do: 'stop-recording' });
  if (digit === '1' || visit.over === 0) return prependHush(enter(visit, state.name));
  const again = named({ ...visit, over: visit.over - 1 }, now);
  return stay(again.state, hush, { do: 'forget-name', name: state.name }, ...again.effects);
}

const prependHush = ({ state, effects }: Next): Next => stay(state, hush, ...effects);

const tone = (visit: Visit, now: number): Next =>
  stay({ at: 'naming', visit, until: now + LONGEST_PROMPT, tone: true }, { do: 'say', sources: [NAME_TONE], interruptible: false });

function pressed(state: State, digit: string, now: number): Next {
  switch (state.at) {
    case 'number':
    case 'pin':
      return typing(state, digit, now);
    case 'finding':
    case 'judging':
    case 'answering':
      return typedAhead(state, digit);
    case 'greeting':
      return digit === '#' ? stay(state) : prependHush(named(state.visit, now));
    case 'naming':
    case 'recording':
    case 'reviewing':
      return whileNamed(state, digit, now);
    default:
      return stay(state);
  }
}

/** Everything that was to be said has been said. */
function said(state: State, now: number): Next {
  switch (state.at) {
    case 'number':
    case 'pin':
      return state.typed === '' ? stay({ ...state, until: now + timeoutOf(state.at, state.visit) }) : stay(state);
    case 'greeting':
      return named(state.visit, now);
    case 'naming':
      if (!state.tone) return tone(state.visit, now);
      return stay(
        { at: 'recording', visit: state.visit, until: now + LONGEST_NAME + KEEPING_TIME, stopped: false },
        { do: 'record-name', longest: LONGEST_NAME },
      );
    case 'reviewing':
      return stay({ ...state, until: now + REVIEW_TIME });
    case 'leaving':
      return stay({ at: 'done' }, { do: 'hang-up', reason: state.reason });
    default:
      return stay(state);
  }
}

/** A deadline has come. */
function late(state: State, now: number): Next {
  if (!('until' in state) || now < state.until) return stay(state);
  switch (state.at) {
    case 'number':
    case 'pin':
      return state.typed === '' ? prependHush(entered(state, now, false)) : entered(state, now, false);
    case 'finding':
    case 'judging':
      return leave('unavailable', now, []);
    case 'answering':
      return answered(state, now);
    case 'recording':
      return state.stopped ? enter(state.visit) : stay({ ...state, stopped: true, until: now + KEEPING_TIME }, { do: 'stop-recording' });
    case 'reviewing':
      return prependHush(enter(state.visit, state.name));
    default:
      return said(state, now);
  }
}

/** A name was recorded, or not. */
function recorded(state: Extract<State, { at: 'recording' }>, name: PlaySource | undefined, now: number): Next {
  const { visit } = state;
  const wish = visit.plan?.name;
  const review = wish !== undefined && 'review' in wish && wish.review;
  if (name === undefined || !review) return enter(visit, name);
  const sources = [spoken(visit, 'conf-your_announcement'), name, spoken(visit, 'conf-review')];
  return stay({ at: 'reviewing', visit, name, until: now + LONGEST_PROMPT }, say(...sources));
}

/** He is not let in, and hears why. */
function refused({ plan }: Visit, code: string, now: number): Next {
  const why = code === 'conference_full' ? plan?.full : code === 'conference_locked' ? plan?.locked : undefined;
  return leave(code, now, why === undefined ? [] : [why]);
}

const found = ({ plan, lockedOut }: Extract<Input, { type: 'found' }>): Answer =>
  lockedOut ? 'locked-out' : plan === undefined ? 'bad-number' : { plan };

const judged = ({ as, lockedOut }: Extract<Input, { type: 'judged' }>): Answer =>
  lockedOut ? 'locked-out' : as === undefined ? 'bad-pin' : { as };

/** It is known what the entry means; when he hears it is another thing. */
const settled = ({ visit, spare, ...state }: Unanswered, answer: Answer, delay: number): Next =>
  stay({ at: 'answering', visit, answer, spare, until: answerAt({ ...state, spare }, delay) });

const DIGIT = /^[0-9*#]$/;

type Told = Exclude<Input, { type: 'begun' | 'digit' | 'said' }>;

/** The outcome of something that was asked for. */
function told(state: State, input: Told, now: number): Next {
  if (state.at === 'finding' && input.type === 'found') return settled(state, found(input), input.delay);
  if (state.at === 'judging' && input.type === 'judged') return settled(state, judged(input), input.delay);
  if (state.at === 'recording' && input.type === 'recorded') return recorded(state, input.name, now);
  return state.at === 'entering' ? whileEntering(state, input, now) : stay(state);
}

function whileEntering(state: Extract<State, { at: 'entering' }>, input: Told, now: number): Next {
  if (input.type === 'refused') return refused(state.visit, input.code, now);
  if (input.type === 'joined' || input.type === 'waiting') return stay({ at: 'done' }, { do: 'finish', outcome: input.type });
  return stay(state);
}

/** The machine; see the drawing. */
export const entryMachine: Machine<State, Input, Effect> = {
  step(state, input, now) {
    switch (input.type) {
      case 'time':
        return late(state, now);
      case 'begun':
        return state.at === 'new' ? begun(input, now) : stay(state);
      case 'digit':
        return DIGIT.test(input.digit) ? pressed(state, input.digit, now) : stay(state);
      case 'said':
        return said(state, now);
      default:
        return told(state, input, now);
    }
  },
  deadline: (state) => ('until' in state ? state.until : undefined),
};
