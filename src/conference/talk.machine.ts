import type { Machine, Step, Time } from '../base/index.ts';

/**
 * What is told of somebody's talking. Starts and stops come in pairs, and nobody talks who is not heard.
 *
 *   quiet --talks--> talking
 *   quiet --hush--> hushed
 *   talking --silent--> quiet
 *   talking --hush--> hushed
 *   hushed --heard, does not talk--> quiet
 *   hushed --heard, talks--> talking
 *   hushed --spared--> quiet
 *
 * He is hushed before it is stored that he is muted or gone, because whoever reads the store may know it at once;
 * when that could not be stored he is spared, and his next level tells a start again.
 */
export type State = { readonly at: 'quiet' } | { readonly at: 'talking' } | { readonly at: 'hushed' };

export type Input =
  /** How loud he is. */
  | { readonly type: 'level'; readonly talking: boolean }
  /** From now on he will not be heard. */
  | { readonly type: 'hush' }
  /** It is stored and published that he is heard; `talking` is his last level's. */
  | { readonly type: 'heard'; readonly talking: boolean }
  /** What he was hushed for did not happen. */
  | { readonly type: 'spared' };

/** What is told to others. */
export type Effect = { readonly do: 'start' } | { readonly do: 'stop' };

const quiet: State = { at: 'quiet' };
const talking: State = { at: 'talking' };
const hushed: State = { at: 'hushed' };

/** Somebody who came in, heard or muted; he is heard as soon as that is published. */
export const newcomer: State = hushed;

const to = (state: State, ...effects: readonly Effect[]): Step<State, Effect> => ({ state, effects });

/** The machine; see the drawing. */
export const talk: Machine<State, Input, Effect> = {
  step: (state, input) => (state.at === 'hushed' ? whileHushed(state, input) : whileHeard(state, input)),
  deadline: () => undefined,
};

function whileHeard(state: State, input: Input | Time): Step<State, Effect> {
  const talks = state.at === 'talking';
  if (input.type === 'hush') return talks ? to(hushed, { do: 'stop' }) : to(hushed);
  if (input.type !== 'level' || input.talking === talks) return to(state);
  return talks ? to(quiet, { do: 'stop' }) : to(talking, { do: 'start' });
}

function whileHushed(state: State, input: Input | Time): Step<State, Effect> {
  if (input.type === 'spared') return to(quiet);
  if (input.type !== 'heard') return to(state);
  return input.talking ? to(talking, { do: 'start' }) : to(quiet);
}
