/** Figures of sound: what a listening person would judge, computed. Shares no code with `src/audio`. Samples are 16 bit, levels dBFS re 32 768 (a full sine is -3 dBFS). */

const FULL = 32_768;
type Samples = ArrayLike<number>;

const decibels = (ratio: number): number => 10 * Math.log10(ratio);

/** Mean square of samples[from … to). */
export function power(samples: Samples, from = 0, to = samples.length): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += samples[i]! * samples[i]!;
  return to > from ? sum / (to - from) : 0;
}

/** Effective level of samples[from … to), dBFS. */
export const level = (samples: Samples, from = 0, to = samples.length): number => decibels(power(samples, from, to) / FULL ** 2 + 1e-15);

/** Level of what is not pause: the mean of those 20 ms frames that are within 20 dB of the loudest, dBFS. */
export function speechLevel(samples: Samples, rate: number): number {
  const frame = rate / 50;
  const powers = Array.from({ length: Math.floor(samples.length / frame) }, (_, n) => power(samples, n * frame, (n + 1) * frame));
  const loud = powers.filter((each) => each > Math.max(...powers) / 100);
  return decibels(loud.reduce((sum, each) => sum + each, 0) / Math.max(1, loud.length) / FULL ** 2 + 1e-15);
}

/** Signal to noise of what was heard against what was meant, sample by sample, dB. */
export function snr(meant: Samples, heard: Samples, from = 0, to = Math.min(meant.length, heard.length)): number {
  let [signal, noise] = [0, 1e-9];
  for (let i = from; i < to; i++) {
    signal += meant[i]! ** 2;
    noise += (heard[i]! - meant[i]!) ** 2;
  }
  return decibels(signal / noise);
}

/** By how many samples `heard` comes after `meant`: the place of the largest correlation, 0 … longest. */
export function delay(meant: Samples, heard: Samples, longest: number): number {
  let [best, most] = [0, Number.NEGATIVE_INFINITY];
  const length = Math.min(meant.length, heard.length - longest);
  for (let lag = 0; lag <= longest; lag++) {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += meant[i]! * heard[i + lag]!;
    if (sum > most) [best, most] = [lag, sum];
  }
  return best;
}

/** How much of one frequency is in the samples: its amplitude (Goertzel under a Blackman window: 58 dB down from the fourth bin on). */
export function goertzel(samples: Samples, rate: number, hz: number): number {
  const n = samples.length;
  const turn = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let [before, last] = [0, 0];
  for (let i = 0; i < n; i++) {
    const weight = 0.42 - 0.5 * Math.cos((2 * Math.PI * i) / n) + 0.08 * Math.cos((4 * Math.PI * i) / n);
    [before, last] = [last, samples[i]! * weight + turn * last - before];
  }
  return n === 0 ? 0 : (2 * Math.sqrt(Math.max(0, last * last + before * before - turn * last * before))) / (0.42 * n);
}

/** A sine of this frequency is fitted (amplitude, phase, mean); all that is left over is noise, dB. */
export function toneSnr(samples: Samples, rate: number, hz: number): number {
  const n = samples.length;
  const step = (2 * Math.PI * hz) / rate;
  let [sine, cosine, mean] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    sine += (2 / n) * samples[i]! * Math.sin(step * i);
    cosine += (2 / n) * samples[i]! * Math.cos(step * i);
    mean += samples[i]! / n;
  }
  let noise = 1e-9;
  for (let i = 0; i < n; i++) noise += (samples[i]! - mean - sine * Math.sin(step * i) - cosine * Math.cos(step * i)) ** 2 / n;
  return decibels((sine ** 2 + cosine ** 2) / 2 / noise);
}

export interface SegmentalOptions {
  /** Samples of a segment: 20 ms of the rate. */
  readonly frame: number;
  /** Which segments count. Default: all. */
  readonly only?: (segment: number) => boolean;
  /** Segments quieter than this, dBFS, do not count. Default -60. */
  readonly silence?: number;
}

/** Mean signal to noise of the segments, each held between -10 and 35 dB. A segment that was replaced by zeros has 0 dB. */
export function segmentalSnr(meant: Samples, heard: Samples, { frame, only = () => true, silence = -60 }: SegmentalOptions): number {
  let [sum, count] = [0, 0];
  for (let n = 0; (n + 1) * frame <= Math.min(meant.length, heard.length); n++) {
    const [from, to] = [n * frame, (n + 1) * frame];
    if (!only(n) || level(meant, from, to) < silence) continue;
    sum += Math.max(-10, Math.min(35, snr(meant, heard, from, to)));
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}

/**
 * Places where the sound breaks: the second difference is `factor` times what its 99th percentile is.
 * For tones and their sums, which have no breaks of their own; neighbours within 2 ms count once.
 */
export function discontinuities(samples: Samples, rate: number, factor = 2.5): number[] {
  const bends = Float64Array.from({ length: Math.max(0, samples.length - 2) }, (_, i) =>
    Math.abs(samples[i + 2]! - 2 * samples[i + 1]! + samples[i]!),
  );
  const limit = factor * Math.max(8, bends.toSorted()[Math.floor(bends.length * 0.99)] ?? 0);
  const places: number[] = [];
  bends.forEach((bend, i) => {
    if (bend > limit && i + 1 - (places.at(-1) ?? Number.NEGATIVE_INFINITY) > rate / 500) places.push(i + 1);
  });
  return places;
}

/** Length of the longest run of samples at either end of 16 bit. */
export function longestClip(samples: Samples): number {
  let [longest, run] = [0, 0];
  for (let i = 0; i < samples.length; i++) {
    run = samples[i]! >= 32_767 || samples[i]! <= -32_767 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** Length of the longest run of the same value: gaps of silence inside a sound. */
export function longestStandstill(samples: Samples): number {
  let [longest, run] = [0, 0];
  for (let i = 1; i < samples.length; i++) {
    run = samples[i] === samples[i - 1] ? run + 1 : 0;
    longest = Math.max(longest, run + 1);
  }
  return longest;
}
