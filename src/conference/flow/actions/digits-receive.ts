import type { JsonObject } from '../../../base/index.ts';
import { type Around, act, type Turn } from '../act.ts';
import { DAY, DIGITS, numberOf, textOf } from './option.ts';

/** What ends the entry. */
interface Wanted {
  /** ms from its beginning. */
  readonly duration: number;
  /** One of these keys; it is part of what was received, as documented. */
  readonly key: string;
  /** So many keys; 0: any number. */
  readonly length: number;
}

interface Receiving extends Wanted {
  readonly got: string;
  readonly until: number;
}

/** More keys than anybody means are the end of any entry. */
const MOST = 128;

const isWhole = ({ key, length }: Wanted, got: string): boolean =>
  (length > 0 && got.length >= length) || (got !== '' && key.includes(got.at(-1) ?? '')) || got.length >= MOST;

const over = (got: string, taken: number): Turn<Receiving> => ({ turn: 'go', variables: { [DIGITS]: got }, taken });

/** Waits for keys; those that were pressed before and that nobody has taken are the first of them. */
export const digitsReceive = act<Wanted, Receiving>({
  answers: true,
  read(option: JsonObject): Wanted {
    const key = textOf(option, 'key');
    const length = numberOf(option, 'length', { least: 0, most: MOST, otherwise: key === '' ? 1 : 0 });
    return { duration: numberOf(option, 'duration', { least: 0, most: DAY, otherwise: 5_000 }), key, length };
  },
  begin(wanted, { ahead, now }) {
    for (let taken = 1; taken <= ahead.length; taken++) {
      if (isWhole(wanted, ahead.slice(0, taken))) return over(ahead.slice(0, taken), taken);
    }
    const state = { ...wanted, got: ahead, until: now + wanted.duration };
    return { turn: 'stay', state, taken: ahead.length, variables: { [DIGITS]: ahead } };
  },
  hear(state, input, { ahead }: Around) {
    if (input.type !== 'digit') return undefined;
    const got = state.got + input.digit;
    if (isWhole(state, got)) return over(got, ahead.length);
    return { turn: 'stay', state: { ...state, got }, taken: ahead.length, variables: { [DIGITS]: got } };
  },
  deadline: ({ until }) => until,
  wake: (state, { now }) => (now >= state.until ? over(state.got, 0) : { turn: 'stay', state }),
});
