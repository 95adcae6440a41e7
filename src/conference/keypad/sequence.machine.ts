import type { Machine, Step } from '../../base/index.ts';
import type { Control, KeypadMap } from './actions.ts';

/**
 * Makes actions of the keys that one caller presses.
 *
 *   idle --a key that is an action--> idle
 *   idle --a key that begins one--> pressed
 *   pressed --a key that leads on--> pressed
 *   pressed --a key that completes an action, a key that leads nowhere--> idle
 *   pressed --time--> idle
 *
 * The longest sequence wins: what is an action and may become a longer one waits for the next key, or for time. A key that leads nowhere lets what was complete
 * happen, and counts as the first one of what follows. The keys are secret: they are in no effect, and nobody shows this state.
 */
export type State =
  | { readonly at: 'idle' }
  | { readonly at: 'pressed'; readonly keys: string; readonly map: KeypadMap; readonly until: number };

/** One of `0-9 A-D * #`, and what keys mean to this caller at this moment. */
export interface Input {
  readonly type: 'digit';
  readonly digit: string;
  readonly map: KeypadMap;
}

/** What is to be done. */
export type Effect = Pick<Control, 'action' | 'data'>;

/** Nothing was pressed. */
export const idle: State = { at: 'idle' };

/** The machine; see the drawing. */
export const sequence: Machine<State, Input, Effect> = {
  step: (state, input, now) => {
    if (input.type === 'time') return timed(state, now);
    return pressed({ keys: (state.at === 'pressed' ? state.keys : '') + input.digit, map: input.map, now }, []);
  },
  deadline: (state) => (state.at === 'pressed' ? state.until : undefined),
};

interface Pressed {
  readonly keys: string;
  readonly map: KeypadMap;
  readonly now: number;
}

type Next = Step<State, Effect>;

const effectOf = ({ action, data }: Control): Effect => ({ action, ...(data === undefined ? {} : { data }) });

/** Keys that were pressed without anything being done yet; `done`: what came of those before them. */
function pressed({ keys, map, now }: Pressed, done: readonly Effect[]): Next {
  if (keys === '') return { state: idle, effects: done };
  const { controls, timeout } = map;
  if (controls.some(({ digits }) => digits.length > keys.length && digits.startsWith(keys))) {
    return { state: { at: 'pressed', keys, map, until: now + timeout }, effects: done };
  }
  const whole = longest(controls, keys);
  // What begins nothing is dropped key by key, so that a slip does not spoil what follows.
  const rest = keys.slice(whole?.digits.length ?? 1);
  return pressed({ keys: rest, map, now }, whole === undefined ? done : [...done, effectOf(whole)]);
}

/** The longest sequence that these keys begin with. */
const longest = (controls: readonly Control[], keys: string): Control | undefined =>
  controls.filter(({ digits }) => keys.startsWith(digits)).sort((one, other) => other.digits.length - one.digits.length)[0];

/** Nothing more comes: what is complete happens, what is not is forgotten. */
function timed(state: State, now: number): Next {
  if (state.at === 'idle' || now < state.until) return { state, effects: [] };
  const { keys, map } = state;
  const effects: Effect[] = [];
  for (let rest = keys; rest !== ''; ) {
    const whole = longest(map.controls, rest);
    if (whole !== undefined) effects.push(effectOf(whole));
    rest = rest.slice(whole?.digits.length ?? 1);
  }
  return { state: idle, effects };
}
