/** G.711, tones and their detection, written for the tests alone: a second opinion on `src/audio`. Samples are 16 bit at 8 000 Hz. */

/** Tones for up to twelve phones: none is close to a harmonic of another, all are far inside the telephone band. */
export const TONES: readonly number[] = Array.from({ length: 12 }, (_, n) => 400 + n * 130);

/** Loudness of a kit tone: eight of them fit into 16 bit. */
export const AMPLITUDE = 4000;

export type CodecName = 'PCMU' | 'PCMA';

/** ITU-T G.711 µ-law, one sample to one byte. */
export function toMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), 32_635) + 132;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** ITU-T G.711 µ-law, one byte to one sample. */
export function fromMuLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80) === 0 ? magnitude : 0 - magnitude;
}

/** ITU-T G.711 A-law, one sample to one byte. */
export function toALaw(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(sample >= 0 ? sample : -sample - 1, 32_767) >> 4;
  const exponent = magnitude < 16 ? 0 : Math.floor(Math.log2(magnitude)) - 3;
  const mantissa = exponent === 0 ? magnitude & 0x0f : (magnitude >> (exponent - 1)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

/** ITU-T G.711 A-law, one byte to one sample. */
export function fromALaw(byte: number): number {
  const bits = byte ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = bits & 0x0f;
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return (bits & 0x80) === 0 ? 0 - magnitude : magnitude;
}

/** Samples `from` … `from + length - 1` of an endless sine. */
export function tone(
  hz: number,
  { from = 0, length, amplitude = AMPLITUDE }: { from?: number; length: number; amplitude?: number },
): Int16Array {
  return Int16Array.from({ length }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * (from + n)) / 8000)));
}

/** How strong one frequency is in the samples: its amplitude (Goertzel under a Hann window). */
export function strength(samples: ArrayLike<number>, hz: number): number {
  const n = samples.length;
  if (n === 0) return 0;
  const turn = 2 * Math.cos((2 * Math.PI * hz) / 8000);
  let [before, last] = [0, 0];
  for (let i = 0; i < n; i++) {
    const weight = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n);
    [before, last] = [last, samples[i]! * weight + turn * last - before];
  }
  return (4 * Math.sqrt(Math.max(0, last * last + before * before - turn * last * before))) / n;
}

/** A tone counts as heard from a quarter of the kit's loudness on. */
export const HEARD = AMPLITUDE / 4;

/** The candidates that are in the samples. */
export const tonesIn = (samples: ArrayLike<number>, candidates: readonly number[] = TONES): number[] =>
  candidates.filter((hz) => strength(samples, hz) >= HEARD);
