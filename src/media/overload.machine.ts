import type { Machine, Step } from '../base/index.ts';

/**
 * Whether new legs are taken. What is measured flutters, so neither way is gone at once.
 *
 *   admitting --over a limit--> strained --over for `begin` ms--> refusing
 *   strained --under the limits--> admitting
 *   refusing --well under the limits--> relieved --well under for `end` ms--> admitting
 *   relieved --not well under--> refusing
 */
export type State =
  | { readonly at: 'admitting' }
  | { readonly at: 'strained'; readonly since: number }
  | { readonly at: 'refusing'; readonly reason: string }
  | { readonly at: 'relieved'; readonly reason: string; readonly since: number };

/** One measurement: over a limit (in words), well under all of them, or between. */
export type Input = { readonly type: 'over'; readonly reason: string } | { readonly type: 'between' } | { readonly type: 'under' };

/** What everybody should know. */
export type Effect = { readonly do: 'begin'; readonly reason: string } | { readonly do: 'end'; readonly reason: string };

/** How long, in ms, a measurement must last to be believed. */
export interface Patience {
  readonly begin: number;
  readonly end: number;
}

type Next = Step<State, Effect>;
const stay = (state: State): Next => ({ state, effects: [] });
const admitting: State = { at: 'admitting' };

/** The machine with this patience; its only clock is the measurements themselves. */
export const overload = (patience: Patience): Machine<State, Input, Effect> => ({
  step: (state, input, now) => (input.type === 'time' ? stay(state) : measured(state, input, { now, patience })),
  deadline: () => undefined,
});

function measured(state: State, input: Input, { now, patience }: { now: number; patience: Patience }): Next {
  if (state.at === 'admitting' || state.at === 'strained') {
    if (input.type !== 'over') return stay(admitting);
    const since = state.at === 'strained' ? state.since : now;
    if (now - since < patience.begin) return stay({ at: 'strained', since });
    return { state: { at: 'refusing', reason: input.reason }, effects: [{ do: 'begin', reason: input.reason }] };
  }
  if (input.type !== 'under') return stay({ at: 'refusing', reason: input.type === 'over' ? input.reason : state.reason });
  const since = state.at === 'relieved' ? state.since : now;
  if (now - since < patience.end) return stay({ at: 'relieved', reason: state.reason, since });
  return { state: admitting, effects: [{ do: 'end', reason: state.reason }] };
}

/** Whether a leg would be taken. */
export const admits = (state: State): boolean => state.at === 'admitting' || state.at === 'strained';
