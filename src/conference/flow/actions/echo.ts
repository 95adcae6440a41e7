import { act } from '../act.ts';
import { DAY, numberOf } from './option.ts';

/** The caller hears himself. Default three minutes (voipbin-facts §4.4); 0 is that too. */
export const echo = act<number, { readonly until: number }>({
  answers: true,
  read: (option) => numberOf(option, 'duration', { least: 0, most: DAY, otherwise: 0 }) || 180_000,
  begin: (duration, { now }) => ({ turn: 'stay', state: { until: now + duration }, effects: [{ do: 'echo', on: true }] }),
  deadline: ({ until }) => until,
  wake: (state, { now }) => (now >= state.until ? { turn: 'go', effects: [{ do: 'echo', on: false }] } : { turn: 'stay', state }),
});
