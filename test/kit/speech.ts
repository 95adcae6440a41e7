import { level, speechLevel } from './measure.ts';
import { SeededChance } from './seeded-chance.ts';

/** Speech-like sound and noises for tests that measure. All of it repeats: the same options give the same samples. */

export interface SoundOptions {
  readonly rate: number;
  readonly seconds: number;
  /** Level, dBFS: for speech that of what is not pause. Default -26. */
  readonly dbfs?: number;
  readonly seed?: number;
}

export interface SpeechOptions extends SoundOptions {
  /** Middle of the pitch, Hz. Default 120. */
  readonly pitch?: number;
  /** Share of pauses between phrases, ms. Default 350. */
  readonly pauseMs?: number;
}

/** Formants of vowels, Hz (Peterson and Barney 1952, men): the first three, and a fourth for all of them. */
const VOWELS = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [570, 840, 2410],
  [660, 1720, 2410],
  [440, 1020, 2240],
] as const;
const FOURTH = 3300;
const WIDTHS = [70, 100, 140, 220];

/** Two poles: rings at a frequency. */
class Resonator {
  #one = 0;
  #two = 0;
  #a = 0;
  #b = 0;
  #gain = 0;

  tune(hz: number, width: number, rate: number): void {
    const radius = Math.exp((-Math.PI * width) / rate);
    this.#a = 2 * radius * Math.cos((2 * Math.PI * hz) / rate);
    this.#b = -radius * radius;
    this.#gain = 1 - this.#a - this.#b;
  }

  next(sample: number): number {
    const now = this.#gain * sample + this.#a * this.#one + this.#b * this.#two;
    this.#two = this.#one;
    this.#one = now;
    return now;
  }
}

interface Sound {
  readonly kind: 'voiced' | 'unvoiced' | 'pause';
  readonly ms: number;
  readonly vowel: number;
  readonly loud: number;
}

/** Syllables (sometimes a hiss, then a vowel), five to nine in a phrase, then a pause. */
function* sounds(chance: SeededChance, pauseMs: number): Generator<Sound> {
  for (;;) {
    const syllables = 5 + Math.floor(chance.next() * 5);
    for (let n = 0; n < syllables; n++) {
      const loud = 0.6 + 0.4 * chance.next();
      if (chance.next() < 0.4) yield { kind: 'unvoiced', ms: 50 + 50 * chance.next(), vowel: 0, loud: 0.25 * loud };
      const vowel = Math.floor(chance.next() * VOWELS.length);
      yield { kind: 'voiced', ms: 110 + 130 * chance.next(), vowel, loud };
      if (chance.next() < 0.3) yield { kind: 'pause', ms: 30 + 30 * chance.next(), vowel: 0, loud: 0 };
    }
    yield { kind: 'pause', ms: pauseMs * (0.7 + 0.6 * chance.next()), vowel: 0, loud: 0 };
  }
}

const gauss = (chance: SeededChance): number => chance.next() + chance.next() + chance.next() + chance.next() - 2;

function scaled(samples: Float64Array, dbfs: number, is: number): Int16Array {
  const gain = 10 ** ((dbfs - is) / 20);
  return Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
}

/** Vowels with moving pitch and formants, hisses and pauses. */
export function speech({ rate, seconds, dbfs = -26, seed = 1, pitch = 120, pauseMs = 350 }: SpeechOptions): Int16Array {
  const chance = new SeededChance(seed);
  const samples = new Float64Array(Math.round(rate * seconds));
  const tract = WIDTHS.map(() => new Resonator());
  const hiss = new Resonator();
  hiss.tune(Math.min(rate * 0.42, 4500), 1200, rate);
  const formants = [500, 1500, 2500, FOURTH];
  let [phase, glide, target, pulse, amplitude] = [0, 1, 1, 0, 0];
  let at = 0;
  for (const sound of sounds(chance, pauseMs)) {
    const end = Math.min(samples.length, at + Math.round((sound.ms * rate) / 1000));
    target = 0.88 + 0.28 * chance.next();
    for (; at < end; at++) {
      // Everything glides to where it should be, as a mouth does: formants in 25 ms, pitch in 90 ms, loudness in 8 ms.
      glide += ((target - glide) * 1000) / (90 * rate);
      amplitude += ((sound.loud - amplitude) * 1000) / (8 * rate);
      if (at % 16 === 0) {
        formants.forEach((hz, n) => {
          const to = n === 3 ? FOURTH : VOWELS[sound.vowel]![n as 0 | 1 | 2];
          if (sound.kind === 'voiced') formants[n] = hz + ((to - hz) * 16_000) / (25 * rate);
          tract[n]!.tune(formants[n]!, WIDTHS[n]!, rate);
        });
      }
      phase += (pitch * glide) / rate;
      if (phase >= 1) phase -= 1;
      // A glottal pulse: opens over 40 % of the period, closes over 16 %.
      const flow =
        phase < 0.4 ? 0.5 - 0.5 * Math.cos((Math.PI * phase) / 0.4) : phase < 0.56 ? Math.cos((Math.PI * (phase - 0.4)) / 0.32) : 0;
      const breath = gauss(chance);
      const source = (flow - pulse) * rate * 1.5e-3 + 0.02 * breath;
      pulse = flow;
      const voiced = sound.kind === 'unvoiced' ? 0 : amplitude;
      const throat = tract.reduce((wave, formant) => formant.next(wave), source * voiced);
      samples[at] = throat + hiss.next(sound.kind === 'unvoiced' ? breath * amplitude : 0);
    }
    if (at >= samples.length) break;
  }
  return scaled(samples, dbfs, speechLevel(samples, rate));
}

/** The noises of the noise set. */
export const NOISES = ['white', 'pink', 'hum', 'babble', 'typing'] as const;
export type NoiseName = (typeof NOISES)[number];

const MAKERS: Readonly<Record<NoiseName, (options: SoundOptions, chance: SeededChance) => Float64Array>> = {
  white: ({ rate, seconds }, chance) => Float64Array.from({ length: rate * seconds }, () => gauss(chance)),
  /** White noise through three first-order stages (Paul Kellet's economy filter). */
  pink: ({ rate, seconds }, chance) => {
    const state = [0, 0, 0];
    const poles = [0.99765, 0.963, 0.57];
    const gains = [0.099046, 0.2965164, 1.0526913];
    return Float64Array.from({ length: rate * seconds }, () => {
      const white = gauss(chance);
      poles.forEach((pole, n) => {
        state[n] = pole * state[n]! + gains[n]! * white;
      });
      return state[0]! + state[1]! + state[2]! + 0.1848 * white;
    });
  },
  /** Mains: 50 Hz and what a bad power supply adds. */
  hum: ({ rate, seconds }) =>
    Float64Array.from({ length: rate * seconds }, (_, n) =>
      [1, 0.3, 0.5, 0.1, 0.25, 0.05, 0.15].reduce(
        (sum, share, h) => sum + share * Math.sin((2 * Math.PI * 50 * (h + 1) * n) / rate + h),
        0,
      ),
    ),
  /** Sixteen people far away: four voices at four places of what they say. */
  babble: ({ rate, seconds, seed = 1 }) => {
    const sum = new Float64Array(rate * seconds);
    for (let n = 0; n < 4; n++) {
      const voice = speech({ rate, seconds, seed: seed * 100 + n, pitch: 95 + 36 * n, pauseMs: 300 });
      for (let i = 0; i < sum.length; i++) {
        for (let part = 0; part < 4; part++) sum[i]! += voice[(i + Math.floor(((part + n / 5) * sum.length) / 4)) % sum.length]!;
      }
    }
    return sum;
  },
  /** Keys: two or three a second, each a few ms of noise that dies away. */
  typing: ({ rate, seconds }, chance) => {
    const sum = new Float64Array(rate * seconds);
    for (let at = 0; at < sum.length; at += Math.round(rate * (0.2 + 0.5 * chance.next()))) {
      for (let n = 0; n < rate * 0.02 && at + n < sum.length; n++) sum[at + n]! += gauss(chance) * Math.exp((-n * 1000) / (3 * rate));
    }
    return sum;
  },
};

/** One of the noises at a level (its effective value over all of it, the pauses between keys too). */
export function noise(name: NoiseName, options: SoundOptions): Int16Array {
  const samples = MAKERS[name](options, new SeededChance(options.seed ?? 1));
  return scaled(samples, options.dbfs ?? -40, level(samples));
}

/** A sine at a level, dBFS of its effective value. */
export const sine = (hz: number, { rate, seconds, dbfs = -26 }: SoundOptions): Int16Array =>
  Int16Array.from({ length: rate * seconds }, (_, n) =>
    Math.round(32_768 * Math.SQRT2 * 10 ** (dbfs / 20) * Math.sin((2 * Math.PI * hz * n) / rate)),
  );

/** Which of so many frames are lost, at random; the first ten never. */
export function losses(frames: number, share: number, seed = 1): boolean[] {
  const chance = new SeededChance(seed);
  return Array.from({ length: frames }, (_, n) => chance.next() < share && n >= 10);
}
