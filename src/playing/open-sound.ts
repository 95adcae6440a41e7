import type { ByteStream } from './byte-stream.ts';
import { Mp3Source } from './mp3-source.ts';
import { isMpeg } from './mpeg-header.ts';
import { OpusSource } from './opus-source.ts';
import { type SoundSource, unplayable } from './sound-source.ts';
import { WavSource } from './wav-source.ts';

/** Looked at to find out what it is: MP3 files may begin with something else. */
const LOOK = 8192;
const KNOWN = 'WAV, Ogg Opus and MP3 are played';

/** Marks of what is not played, to call it by its name. */
const OTHERS: readonly (readonly [mark: string, at: number, name: string])[] = [
  ['fLaC', 0, 'FLAC'],
  ['ftyp', 4, 'MP4 or M4A'],
  ['FORM', 0, 'AIFF'],
  ['RIFX', 0, 'a WAV file of the other byte order'],
  ['#!AMR', 0, 'AMR'],
  ['\x1aE\xdf\xa3', 0, 'Matroska or WebM'],
  ['.snd', 0, 'a Sun .au file'],
  ['MThd', 0, 'MIDI'],
  ['%PDF', 0, 'a PDF'],
];

/** Finds out by the bytes, whatever their name or type says, what sort of sound it is, and opens it. Rejects with invalid/media_unplayable. */
export async function openSound(bytes: ByteStream): Promise<SoundSource> {
  try {
    await bytes.has(LOOK);
    return await open(bytes);
  } catch (error) {
    bytes.close();
    throw error;
  }
}

function open(bytes: ByteStream): Promise<SoundSource> {
  const head = bytes.peek(LOOK);
  const isMarked = (mark: string, at = 0): boolean => String.fromCharCode(...head.subarray(at, at + mark.length)) === mark;
  if (head.length === 0) throw unplayable('it is empty');
  if ((isMarked('RIFF') || isMarked('RF64')) && isMarked('WAVE', 8)) return WavSource.open(bytes);
  if (isMarked('OggS')) return OpusSource.open(bytes);
  if (isMarked('ID3') || isMpeg(head, head.length < LOOK)) return Mp3Source.open(bytes);
  const text = String.fromCharCode(...head.subarray(0, 64)).trimStart();
  if (/^(<!doctype|<html|\{)/i.test(text)) throw unplayable(`it is text, not sound; ${KNOWN}`);
  const other = OTHERS.find(([mark, at]) => isMarked(mark, at));
  throw unplayable(`it is ${other?.[2] ?? 'of an unknown kind'}; ${KNOWN}`);
}
