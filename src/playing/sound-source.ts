import { Failure } from '../base/index.ts';

/** Sound out of a file, piece by piece, in one channel. */
export interface SoundSource {
  /** Hz of what `next` gave last; a file may change it on the way. */
  readonly rate: number;
  /** A second at most; undefined: the end. Rejects with invalid/media_unplayable what cannot be read. */
  next(): Promise<Int16Array | undefined>;
  /** Lets go of file, connection and decoder. Harmless when called twice. */
  close(): void;
}

/** What is no sound, or breaks off: in words for people. */
export const unplayable = (words: string, options: ErrorOptions = {}): Failure =>
  new Failure('invalid', 'media_unplayable', `the sound cannot be played: ${words}`, { ...options, details: { reason: words } });
