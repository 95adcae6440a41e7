import { RATE } from './voices.ts';

/** dBFS of the effective value while there is sound: what `src/playing` brings everything to, so that it leaves prompts as they are. */
const TARGET = -23;
/** What counts as sound for that: stretches of 20 ms that are at most so far below the loudest, as a power ratio (-15 dB). */
const BELOW_LOUDEST = 0.03;
const FULL = 32_768;
/** No sample is larger: 2 dB below full scale. */
const CEILING = 26_029;
/** Sound begins where 5 ms are louder than so much of the loudest 5 ms (-42 dB). */
const EDGE = 0.008;
/** Kept before and behind, seconds: a weak first consonant, and the breath that keeps parts of a sentence apart. */
const BEFORE = 0.03;
const BEHIND = 0.07;
const FRAME = RATE / 50;

/** A spoken text as a prompt: without the silence around it, as loud as all others, in whole frames. */
export function finish(samples: Int16Array): Int16Array {
  const cut = trimmed(withoutRumble(samples));
  const gain = gainOf(cut);
  const out = new Int16Array(Math.ceil(cut.length / FRAME) * FRAME);
  const fadeIn = RATE * 0.005;
  const fadeOut = RATE * 0.02;
  for (let index = 0; index < cut.length; index++) {
    const fade = Math.min(1, index / fadeIn, (cut.length - index) / fadeOut);
    out[index] = Math.round(cut[index]! * gain * fade);
  }
  return out;
}

/** dBFS of the effective value while there is sound. */
export function loudnessOf(samples: ArrayLike<number>): number {
  const powers = powersOf(samples, FRAME);
  const loudest = powers.reduce((most, each) => Math.max(most, each), 0);
  const heard = powers.filter((each) => each > loudest * BELOW_LOUDEST);
  const mean = heard.reduce((sum, each) => sum + each, 0) / Math.max(1, heard.length);
  return 10 * Math.log10(mean / FULL ** 2);
}

function gainOf(samples: Float64Array): number {
  const peak = samples.reduce((most, each) => Math.max(most, Math.abs(each)), 1);
  return Math.min(10 ** ((TARGET - loudnessOf(samples)) / 20), CEILING / peak);
}

/** Below 70 Hz there is no voice; one pole and one zero. */
function withoutRumble(samples: Int16Array): Float64Array {
  const keep = Math.exp((-2 * Math.PI * 70) / RATE);
  const out = new Float64Array(samples.length);
  let [before, kept] = [0, 0];
  for (const [index, sample] of samples.entries()) {
    kept = keep * (kept + sample - before);
    before = sample;
    out[index] = kept;
  }
  return out;
}

function trimmed(samples: Float64Array): Float64Array {
  const step = RATE / 200;
  const powers = powersOf(samples, step);
  const edge = powers.reduce((most, each) => Math.max(most, each), 0) * EDGE ** 2;
  const first = powers.findIndex((each) => each > edge);
  if (first < 0) throw new Error('nothing was spoken');
  const last = powers.findLastIndex((each) => each > edge);
  const from = Math.max(0, first * step - BEFORE * RATE);
  const to = (last + 1) * step + BEHIND * RATE;
  const out = new Float64Array(to - from);
  out.set(samples.subarray(from, Math.min(to, samples.length)));
  return out;
}

function powersOf(samples: ArrayLike<number>, length: number): readonly number[] {
  const count = Math.max(1, Math.floor(samples.length / length));
  return Array.from({ length: count }, (_, at) => {
    let sum = 0;
    for (let index = at * length; index < (at + 1) * length; index++) sum += (samples[index] ?? 0) ** 2;
    return sum / length;
  });
}
