import { act } from '../act.ts';
import { numberOf, textOf } from './option.ts';

/** Presses keys at the far end and waits until the last one is up. */
export const digitsSend = act<
  { readonly digits: string; readonly durationMs: number; readonly intervalMs: number },
  { readonly ask: number }
>({
  answers: true,
  read: (option) => ({
    digits: textOf(option, 'digits').toUpperCase(),
    durationMs: numberOf(option, 'duration', { least: 100, most: 1000, otherwise: 100 }),
    intervalMs: numberOf(option, 'interval', { least: 0, most: 5000, otherwise: 100 }),
  }),
  begin(keys, { next: ask }) {
    if (!/^[0-9A-D#*]{1,100}$/.test(keys.digits)) return { turn: 'go', failed: 'these are no keys' };
    return { turn: 'stay', state: { ask }, effects: [{ do: 'ask', ask, question: { what: 'keys', ...keys } }] };
  },
  hear: ({ ask }, input) => (input.type === 'answer' && input.ask === ask ? { turn: 'go' } : undefined),
});
