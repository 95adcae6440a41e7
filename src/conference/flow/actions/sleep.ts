import { act } from '../act.ts';
import { DAY, numberOf } from './option.ts';

/** Silence for so many ms. */
export const sleep = act<number, { readonly until: number }>({
  answers: true,
  read: (option) => numberOf(option, 'duration', { least: 0, most: DAY, otherwise: 0 }),
  begin: (duration, { now }) => (duration === 0 ? { turn: 'go' } : { turn: 'stay', state: { until: now + duration } }),
  deadline: ({ until }) => until,
  wake: (state, { now }) => (now >= state.until ? { turn: 'go' } : { turn: 'stay', state }),
});
