import { dtmfTones } from '../../src/audio/index.ts';
import { SeededChance } from './seeded-chance.ts';
import { fromMuLaw, toMuLaw } from './sound.ts';

/** Sound at 8 kHz for who listens for keys: keys as a telephone sends them on a bad line, and what must not be taken for keys. All of it repeats. */

export const KEYS = '0123456789*#ABCD';
/** Peak of a sine of 0 dBm0 (G.711: the largest is +3.17 dBm0). */
const DBM0 = 22_300;

export interface KeyLine {
  /** Power of both tones together. */
  readonly dbm0: number;
  /** How much louder the higher tone is, dB. */
  readonly twist: number;
  /** By how much both frequencies are off, each up or down. */
  readonly off: number;
  /** dB; white noise all the time. */
  readonly snr: number;
  readonly seed: number;
  readonly onMs?: number;
  readonly offMs?: number;
}

/** Chance as numbers, 0 … 1. */
export class Dice {
  readonly #chance: SeededChance;
  constructor(seed: number) {
    this.#chance = new SeededChance(seed);
  }
  next(): number {
    return new DataView(Uint8Array.from(this.#chance.bytes(4)).buffer).getUint32(0) / 2 ** 32;
  }
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.next() + 1e-12)) * Math.cos(2 * Math.PI * this.next());
  }
}

const onWire = (sample: number): number => fromMuLaw(toMuLaw(Math.round(Math.max(-32_124, Math.min(32_124, sample)))));

/** Keys one after the other, at odd places in time. */
export function keySound(keys: string, { dbm0, twist, off, snr, seed, onMs = 40, offMs = 40 }: KeyLine): Int16Array {
  const dice = new Dice(seed);
  const rms = (DBM0 / Math.SQRT2) * 10 ** (dbm0 / 20);
  const ratio = 10 ** (twist / 20);
  const low = (rms * Math.SQRT2) / Math.sqrt(1 + ratio * ratio);
  const noise = Number.isFinite(snr) ? rms * 10 ** (-snr / 20) : 0;
  const samples: number[] = [];
  for (const key of keys) {
    const [one, two] = dtmfTones(key)!.map((hertz) => (2 * Math.PI * hertz * (1 + (dice.next() < 0.5 ? off : -off))) / 8000) as [
      number,
      number,
    ];
    const [begin, other] = [7 * dice.next(), 7 * dice.next()];
    for (let n = 0; n < 8 * onMs; n++) samples.push(low * Math.sin(one * n + begin) + low * ratio * Math.sin(two * n + other));
    const pause = 8 * offMs + Math.floor(80 * dice.next());
    for (let n = 0; n < pause; n++) samples.push(0);
  }
  return Int16Array.from(samples, (each) => onWire(noise === 0 ? each : each + noise * dice.normal()));
}

/** Notes of an instrument: harmonics that die away, one, two or three at a time, with a tune's changes. */
export function music(seconds: number, seed: number): Int16Array {
  const dice = new Dice(seed);
  const out = new Float64Array(8000 * seconds);
  for (let at = 0; at < out.length; ) {
    const length = Math.floor(8000 * (0.1 + 0.5 * dice.next()));
    const notes = 1 + Math.floor(3 * dice.next());
    for (let note = 0; note < notes; note++) {
      const hertz = 110 * 2 ** (Math.floor(48 * dice.next()) / 12);
      const decay = 1 + 6 * dice.next();
      const partials = 2 + Math.floor(4 * dice.next());
      for (let partial = 1; partial <= partials && hertz * partial < 3600; partial++) {
        const amplitude = 5000 / partial ** (0.5 + dice.next());
        for (let n = 0; n < length && at + n < out.length; n++) {
          out[at + n]! +=
            amplitude * Math.min(1, n / 40) * Math.exp((-decay * n) / 8000) * Math.sin((2 * Math.PI * hertz * partial * n) / 8000);
        }
      }
    }
    at += length;
  }
  return Int16Array.from(out, onWire);
}

/** Within what every receiver must take for a key (Q.24: ±1.5 %), two pure tones are a key, whoever makes them. */
const isKey = (one: number, two: number): boolean =>
  [697, 770, 852, 941].some((row) => Math.abs(one / row - 1) <= 0.015) &&
  [1209, 1336, 1477, 1633].some((column) => Math.abs(two / column - 1) <= 0.015);

/** Chords of two pure tones of a tuned instrument (A at 440 Hz), and of anything else, but for those that are keys. */
export function chords(seconds: number, seed: number): Int16Array {
  const dice = new Dice(seed);
  const samples: number[] = [];
  while (samples.length < 8000 * seconds) {
    const isTuned = dice.next() < 0.7;
    const pick = (from: number, octaves: number): number =>
      isTuned ? from * 2 ** (Math.floor(12 * octaves * dice.next()) / 12) : from * 2 ** (octaves * dice.next());
    const [one, two] = [pick(523.25, 1), pick(1046.5, 0.8)];
    // A pure tone between 1.5 % and 3.5 % beside a key's is nobody's to judge; of a tuned instrument it is to be told from a key all the same.
    if (isKey(one, two) || (!isTuned && isNear(one, two))) continue;
    const loud = 2000 + 8000 * dice.next();
    const length = Math.floor(8000 * (0.06 + 0.4 * dice.next()));
    for (let n = 0; n < length; n++) {
      const shape = Math.min(1, n / 40, (length - n) / 40);
      samples.push(shape * loud * (Math.sin((2 * Math.PI * one * n) / 8000) + Math.sin((2 * Math.PI * two * n) / 8000)));
    }
  }
  return Int16Array.from(samples, onWire);
}

const isNear = (one: number, two: number): boolean =>
  [697, 770, 852, 941].some((row) => Math.abs(one / row - 1) <= 0.035) &&
  [1209, 1336, 1477, 1633].some((column) => Math.abs(two / column - 1) <= 0.035);
