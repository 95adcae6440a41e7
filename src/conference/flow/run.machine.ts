import type { Machine, Step, Time } from '../../base/index.ts';
import type { Call } from '../conference.ts';
import type { LeaveReason } from '../reasons.ts';
import type { AnyAct, Around, Going, RunEffect, RunInput, Turn, Variables } from './act.ts';
import { acts } from './actions/table.ts';
import type { Action, FlowPlan } from './plan.ts';
import { changed, firstVariables, substituted } from './variables.ts';

/**
 * A flow has a call: it takes one action after another until none is left, and then the call is hung up.
 *
 *   new --begun--> acting, answering, leaving
 *   acting --an action wants the call answered--> answering --answered--> acting
 *   acting --the next action--> acting
 *   acting, answering --no action is left, hangup, too much--> leaving
 *   new, acting, answering, leaving --ended--> over
 *
 * An action that fails is skipped. Behind an action comes the one that it names, else its `nextId`, else the next of its list; at the end of a list it goes
 * on where the list was pushed. Nothing goes round for ever: see `MOST_AT_ONCE` and `MOST_EVER`.
 */
export type State =
  | (Running & { readonly at: 'new' | 'leaving' | 'over' })
  /** The call is being answered for this action. */
  | (Running & { readonly at: 'answering'; readonly action: Action })
  | (Running & { readonly at: 'acting'; readonly doing: Doing });

/** What a run has, wherever it is. Digits are in it: it is stored and logged nowhere. */
interface Running {
  /** Undefined: it has none, and whatever needs one is skipped. */
  readonly call: Call | undefined;
  readonly isUp: boolean;
  readonly isHeld: boolean;
  /** Lists that are under way, the innermost last. */
  readonly frames: readonly Frame[];
  readonly variables: Readonly<Record<string, string>>;
  /** Keys that nobody has taken. */
  readonly ahead: string;
  /** How often each action was taken. */
  readonly times: ReadonlyMap<string, number>;
  readonly taken: number;
  /** The last of those that were taken. */
  readonly executed: readonly Action[];
  /** The number of the next play or question. */
  readonly next: number;
}

interface Frame {
  readonly actions: readonly Action[];
  /** The next one. */
  readonly index: number;
}

interface Doing {
  readonly action: Action;
  readonly act: AnyAct;
  readonly state: unknown;
}

/** What comes of a step; `note` is for the log. */
export type Effect = RunEffect | { readonly do: 'note'; readonly words: string; readonly action: string; readonly type: string };
export type Input = RunInput;

/** Actions in one moment, and in the life of a run (voipbin-facts §4.3: 1000 in a cycle, 100 cycles). */
const MOST_AT_ONCE = 1000;
const MOST_EVER = 100_000;
/** Lists within lists. */
const DEEPEST = 100;
/** Actions that are shown as done. */
const MOST_EXECUTED = 100;
/** Keys that are kept for whoever asks. */
const MOST_AHEAD = 128;

/** A run that has not begun. */
export function newRun(plan: FlowPlan, call: Call, { run, dialled }: { readonly run: string; readonly dialled: string }): State {
  const flow = plan.flow ?? NONE;
  return { ...blank, call, frames: framesOf(plan), variables: changed(firstVariables(call, { run, flow, dialled }), plan.variables ?? {}) };
}

/** One without a call, that has not begun: what it knows from the beginning is given. */
export const newErrand = (plan: FlowPlan, known: Readonly<Record<string, string>>): State => ({
  ...blank,
  frames: framesOf(plan),
  variables: changed({ ...plan.variables, ...known }, {}),
});

/** What stands for no id. */
const NONE = '00000000-0000-0000-0000-000000000000';

const framesOf = ({ actions }: FlowPlan): readonly Frame[] => [{ actions, index: 0 }];

const blank: State = {
  at: 'new',
  call: undefined,
  isUp: false,
  isHeld: false,
  frames: [],
  variables: {},
  ahead: '',
  times: new Map(),
  taken: 0,
  executed: [],
  next: 1,
};

type Next = Step<State, Effect>;

/** One step of a run: gathers what is to be done while it goes from action to action. */
class Stepping {
  readonly #effects: Effect[] = [];
  readonly #now: number;
  readonly #epoch: number;
  #run: Running;
  #atOnce = 0;

  constructor(run: Running, { now, epoch }: { readonly now: number; readonly epoch: number }) {
    this.#run = run;
    this.#now = now;
    this.#epoch = epoch;
  }

  /** The next action, or the end. */
  onward(): Next {
    for (;;) {
      const action = this.#pop();
      if (action === undefined) return this.#end({});
      this.#atOnce += 1;
      if (this.#atOnce > MOST_AT_ONCE || this.#run.taken >= MOST_EVER) {
        this.#note(action, 'the flow goes round and round');
        return this.#end({ reason: 'failed' });
      }
      const done = this.#take(action);
      if (done !== undefined) return done;
    }
  }

  /** Begins an action; undefined: it is over already. */
  #take(action: Action): Next | undefined {
    const kind = acts.get(action.type);
    if (kind === undefined) {
      this.#note(action, 'there is no such action');
      return undefined;
    }
    if (this.#run.call === undefined && (kind.answers || kind.ofCall === true)) {
      this.#note(action, 'there is no call for it');
      return undefined;
    }
    if (kind.answers && !this.#run.isUp) {
      this.#effects.push({ do: 'answer' });
      return { state: { ...this.#run, at: 'answering', action }, effects: this.#effects };
    }
    return this.begin(action);
  }

  /** Begins an action of a call that is as the action wants it. */
  begin(action: Action): Next | undefined {
    const kind = acts.get(action.type);
    if (kind === undefined) return undefined;
    const { times, taken, variables, executed } = this.#run;
    const done = [...executed.slice(1 - MOST_EXECUTED), action];
    this.#run = { ...this.#run, taken: taken + 1, executed: done, times: new Map(times).set(action.id, (times.get(action.id) ?? 0) + 1) };
    const option = kind.read(substituted(action.option, variables));
    return this.turn({ action, act: kind, state: undefined }, kind.begin(option, this.#around(action)));
  }

  /** Does what an action wants; undefined: it is over, and the next one may come. */
  turn(doing: Doing, turn: Turn<unknown>): Next | undefined {
    this.#effects.push(...(turn.effects ?? []));
    const used = (turn.effects ?? []).map(numberOf);
    this.#run = { ...this.#run, next: Math.max(this.#run.next, ...used.map((each) => each + 1)) };
    if (turn.turn === 'end') return this.#end(turn);
    this.#keep(turn);
    if (turn.turn === 'stay') {
      return { state: { ...this.#run, at: 'acting', doing: { ...doing, state: turn.state } }, effects: this.#effects };
    }
    if (turn.failed !== undefined) this.#note(doing.action, turn.failed);
    this.#goTo(turn.to ?? doing.action.nextId);
    this.#push(doing.action, turn);
    return undefined;
  }

  #keep({ taken = 0, variables }: { readonly taken?: number; readonly variables?: Variables }): void {
    const { ahead } = this.#run;
    if (taken > 0) this.#run = { ...this.#run, ahead: ahead.slice(taken) };
    if (variables !== undefined) this.#run = { ...this.#run, variables: changed(this.#run.variables, variables) };
  }

  /** Looks for an action by id, in the innermost list first; one that is nowhere changes nothing. */
  #goTo(id: string | undefined): void {
    if (id === undefined) return;
    const { frames } = this.#run;
    for (let depth = frames.length; depth > 0; depth--) {
      const { actions } = frames[depth - 1]!;
      const index = actions.findIndex((each) => each.id === id);
      if (index < 0) continue;
      this.#run = { ...this.#run, frames: [...frames.slice(0, depth - 1), { actions, index }] };
      return;
    }
  }

  #push(action: Action, { push }: Going): void {
    if (push === undefined || push.length === 0) return;
    const { frames } = this.#run;
    if (frames.length >= DEEPEST) this.#note(action, 'too many flows within flows');
    else this.#run = { ...this.#run, frames: [...frames, { actions: push, index: 0 }] };
  }

  /** Takes the next action from the innermost list that has one. */
  #pop(): Action | undefined {
    for (let { frames } = this.#run; frames.length > 0; frames = frames.slice(0, -1)) {
      const { actions, index } = frames.at(-1)!;
      const action = actions[index];
      if (action === undefined) continue;
      this.#run = { ...this.#run, frames: [...frames.slice(0, -1), { actions, index: index + 1 }] };
      return action;
    }
    this.#run = { ...this.#run, frames: [] };
    return undefined;
  }

  #end({ reason = 'flow-ended', status }: { readonly reason?: LeaveReason; readonly status?: number }): Next {
    this.#effects.push({ do: 'hang-up', reason, ...(status === undefined ? {} : { status }) });
    return { state: { ...this.#run, at: 'leaving' }, effects: this.#effects };
  }

  #note({ id, type }: Action, words: string): void {
    this.#effects.push({ do: 'note', words, action: id, type });
  }

  #around(action: Action): Around {
    return aroundOf(this.#run, action, { now: this.#now, epoch: this.#epoch });
  }
}

/** The number that an effect has used up. */
function numberOf(effect: RunEffect): number {
  switch (effect.do) {
    case 'play':
      return effect.play;
    case 'ask':
      return effect.ask;
    case 'connect':
      return effect.connect;
    default:
      return 0;
  }
}

function aroundOf(run: Running, action: Action, time: { readonly now: number; readonly epoch: number }): Around {
  const { call, isUp, ahead, variables, times, next, frames } = run;
  const goesOn = action.nextId !== undefined || frames.some((each) => each.index < each.actions.length);
  return { ...time, call, isUp, ahead, variables, next, goesOn, times: times.get(action.id) ?? 0 };
}

/** A key: it goes to whoever keeps his own, else it waits for whoever asks, and flows may read it. */
function withDigit(state: State & { readonly at: 'acting' }, digit: string): State & { readonly at: 'acting' } {
  if (state.doing.act.secret === true) return state;
  return { ...state, ...typedAhead(state, digit) };
}

function typedAhead({ ahead, variables }: Running, digit: string): Pick<Running, 'ahead' | 'variables'> {
  const digits = `${variables['voipbin.call.digits'] ?? ''}${digit}`.slice(-MOST_AHEAD);
  return { ahead: `${ahead}${digit}`.slice(-MOST_AHEAD), variables: { ...variables, 'voipbin.call.digits': digits } };
}

/** The machine of a run. `epoch` gives the time of day, which conditions ask for. */
export function runMachine(epoch: () => number): Machine<State, Input, Effect> {
  const timeAt = (now: number) => ({ now, epoch: epoch() });
  return {
    step(state, input, now) {
      switch (input.type) {
        case 'ended':
          return { state: { ...state, at: 'over' }, effects: [] };
        case 'held':
          return { state: { ...state, isHeld: input.held }, effects: [] };
        case 'begun':
          return state.at === 'new' ? new Stepping(state, timeAt(now)).onward() : { state, effects: [] };
        case 'answered':
          return answered(state, timeAt(now));
        default:
          return state.at === 'acting' ? acting(state, input, timeAt(now)) : idle(state, input);
      }
    },
    deadline: (state) => (state.at === 'acting' ? state.doing.act.deadline?.(state.doing.state) : undefined),
  };
}

/** Before the first action keys are kept; behind the last one nothing counts. */
function idle(state: State, input: Input | Time): Next {
  if (input.type !== 'digit' || (state.at !== 'answering' && state.at !== 'new')) return { state, effects: [] };
  return { state: { ...state, ...typedAhead(state, input.digit) }, effects: [] };
}

function answered(state: State, time: { readonly now: number; readonly epoch: number }): Next {
  const up = { ...state, isUp: true };
  if (up.at !== 'answering') return { state: up, effects: [] };
  const { action, ...run } = up;
  const stepping = new Stepping(run, time);
  return stepping.begin(action) ?? stepping.onward();
}

function acting(
  before: State & { readonly at: 'acting' },
  input: Input | Time,
  time: { readonly now: number; readonly epoch: number },
): Next {
  const state = input.type === 'digit' ? withDigit(before, input.digit) : before;
  const { doing, ...run } = state;
  const around = aroundOf(run, doing.action, time);
  const turn = input.type === 'time' ? doing.act.wake?.(doing.state, around) : doing.act.hear?.(doing.state, input, around);
  if (turn === undefined) return { state, effects: [] };
  const stepping = new Stepping(run, time);
  return stepping.turn(doing, turn) ?? stepping.onward();
}
