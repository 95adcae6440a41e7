import { type ToneScore, ToneStream } from '../audio/index.ts';
import type { Said } from './player-options.ts';
import type { FeedRate } from './sample-rate.ts';
import type { SoundSource } from './sound-source.ts';
import type { Piece, SoundReader } from './sounds.ts';

const PIECES_PER_SECOND = 10;
const LONGEST_MS = 86_400_000;

/** Tones are as loud as their text says: nobody levels them. */
export function toneReader(score: ToneScore): SoundReader {
  const stream = new ToneStream(score);
  const next = async (): Promise<Piece | undefined> => {
    const out = new Int16Array(score.rate / PIECES_PER_SECOND);
    const count = stream.fill(out);
    return count === 0 ? undefined : { rate: score.rate, samples: out.subarray(0, count) };
  };
  return { next, close() {} };
}

/**
 * Reads `silence_stream://MS`: ms of silence, -1 for silence until it is stopped; a second number (how loud FreeSWITCH's noise is) is accepted and means
 * nothing, for rooms have a comfort noise of their own. Undefined: it is no such thing.
 */
export function readSilence(uri: string): number | undefined {
  const ms = /^silence_stream:\/\/(-1|\d{1,8})(?:,\d{1,6})?$/.exec(uri)?.[1];
  if (ms === undefined || Number(ms) > LONGEST_MS) return undefined;
  return ms === '-1' ? Number.POSITIVE_INFINITY : Number(ms);
}

/** So much silence. */
export function silenceReader(ms: number): SoundReader {
  const rate: FeedRate = 8000;
  const piece = new Int16Array(rate / PIECES_PER_SECOND);
  let left = (ms * rate) / 1000;
  const next = async (): Promise<Piece | undefined> => {
    const count = Math.min(left, piece.length);
    left -= count;
    return count === 0 ? undefined : { rate, samples: piece.subarray(0, count) };
  };
  return { next, close() {} };
}

/** Samples that are in memory already. */
export function samplesSource({ rate, samples }: Said): SoundSource {
  let at = 0;
  const length = Math.ceil(rate / PIECES_PER_SECOND);
  const next = async (): Promise<Int16Array | undefined> => {
    if (at >= samples.length) return undefined;
    at += length;
    // A copy: who reads it may change it.
    return samples.slice(at - length, at);
  };
  return { rate, next, close() {} };
}

/** Samples that are made piece by piece, each while the one before is played. */
export async function sentencesSource(sentences: AsyncIterable<Said>): Promise<SoundSource> {
  const pieces = sentences[Symbol.asyncIterator]();
  const first = await pieces.next();
  let source = first.done === true ? undefined : samplesSource(first.value);
  const rate = source?.rate ?? 8000;
  const next = async (): Promise<Int16Array | undefined> => {
    while (source !== undefined) {
      const samples = await source.next();
      if (samples !== undefined) return samples;
      const piece = await pieces.next();
      source = piece.done === true ? undefined : samplesSource(piece.value);
    }
    return undefined;
  };
  const close = (): void => {
    source = undefined;
    pieces.return?.()?.catch(() => {});
  };
  return { rate, next, close };
}
