import assert from 'node:assert/strict';
import { goertzel, toneSnr } from './measure.ts';
import type { Sound } from './wav.ts';

/** dBFS of a voice that the leveller leaves as it is. */
export const LOUDNESS = -23;

/** The amplitude of a sine of an effective level, dBFS. */
export const amplitudeOf = (dbfs: number): number => 32_768 * Math.SQRT2 * 10 ** (dbfs / 20);

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

export interface Expected {
  /** The tone that must be there, Hz, and its amplitude where it was made. */
  readonly other: number;
  readonly amplitude: number;
  /** Tones that must not be there: its own, and where one too high for this phone would be folded to. */
  readonly not: readonly number[];
  /** Signal to noise of the tone, dB. */
  readonly snr: number;
}

/**
 * What somebody recorded in its last `seconds` is the other's tone at its loudness, clean, and no other. The judge is the median of pieces
 * of 100 ms: a machine that runs many tests at once stalls now and then, the telephones too.
 */
export function assertHeard(
  { rate, samples }: Sound,
  { other, amplitude, not, snr }: Expected,
  { who, seconds = 2.5 }: { who: string; seconds?: number },
): void {
  const last = samples.subarray(Math.max(0, samples.length - seconds * rate));
  const piece = rate / 10;
  const pieces = Array.from({ length: Math.floor(last.length / piece) }, (_, n) => last.subarray(n * piece, (n + 1) * piece));
  assert.ok(pieces.length >= 10 * seconds - 1, `${who} recorded only ${samples.length} samples`);
  const heard = median(pieces.map((each) => goertzel(each, rate, other)));
  assert.ok(
    heard > 0.7 * amplitude && heard < 1.4 * amplitude,
    `${who} hears ${other} Hz at ${heard.toFixed(0)}, said at ${amplitude.toFixed(0)}`,
  );
  for (const hz of not) {
    // 40 dB below what is said.
    const level = median(pieces.map((each) => goertzel(each, rate, hz)));
    assert.ok(level < amplitude / 100, `${who} hears ${hz} Hz at ${level.toFixed(0)}`);
  }
  const clean = median(pieces.map((each) => toneSnr(each, rate, other)));
  assert.ok(clean >= snr, `${who} hears ${other} Hz with ${clean.toFixed(1)} dB above the noise, not ${snr}`);
}
