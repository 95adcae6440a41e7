import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rate } from '../../audio/index.ts';
import { type Head, JOURNAL, type Line, readJournal, trackName } from '../journal.ts';
import { Joiner } from './joiner.ts';
import { GRANULE, OpusPages, opusHeads, SILENCE } from './ogg-opus.ts';
import { readPage } from './ogg-page.ts';
import { WAV_HEADER, wavHeader } from './wav-part.ts';

/** A finished file of a recording. */
export interface FinishedTrack {
  readonly track: number;
  readonly name: string;
  readonly source: { readonly kind: string; readonly id: string } | null;
  /** Where in the recording it begins and how long it is, frames of 20 ms. */
  readonly frame: number;
  readonly frames: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** A recording whose files are whole. */
export interface Finished {
  readonly head: Head;
  readonly lines: readonly Line[];
  readonly frames: number;
  /** Hz of a WAV's samples, and in which offsets count; of Ogg Opus always 48 000. */
  readonly rate: number;
  readonly tracks: readonly FinishedTrack[];
  /** It was not ended but broke off. */
  readonly isRepaired: boolean;
}

interface Part {
  readonly path: string;
  readonly rate: number;
  readonly frame: number;
}

interface Plan {
  readonly track: number;
  readonly name: string;
  readonly source: { readonly kind: string; readonly id: string } | null;
  readonly frame: number;
  /** Undefined: until the end. */
  readonly until: number | undefined;
  readonly parts: readonly Part[];
}

const PIECE = 1 << 18;
const of = <Do extends Line['do']>(lines: readonly Line[], what: Do): Extract<Line, { do: Do }>[] =>
  lines.filter((line): line is Extract<Line, { do: Do }> => line.do === what);

/**
 * Makes the files of a folder whole, whether its recording ended in peace or broke off: out of the journal and of what is in the files. Done again, it
 * gives the same. Undefined: there is nothing, not even a whole first line.
 */
export async function finish(folder: string): Promise<Finished | undefined> {
  const lines = readJournal(await readFile(join(folder, JOURNAL), 'utf8'));
  const head = of(lines, 'head')[0];
  if (head === undefined) return undefined;
  const plans = of(lines, 'track').map(({ track, source, frame }): Plan => {
    const parts = of(lines, 'part')
      .filter((part) => part.track === track)
      .map(({ part, rate, frame }) => ({ path: join(folder, trackName({ track, format: head.format, part })), rate, frame }));
    // The last time that somebody left counts, unless he came back.
    const last = lines.filter((line) => (line.do === 'left' || line.do === 'back') && line.track === track).at(-1);
    const until = last?.do === 'left' ? last.frame : undefined;
    return { track, name: trackName({ track, format: head.format }), source, frame, until, parts };
  });
  const end = of(lines, 'end')[0];
  const frames = end?.frame ?? (await lastFrame(plans, head.format));
  const rate = head.format === 'ogg' ? 48_000 : of(lines, 'part').reduce((most, { rate }) => Math.max(most, rate), 0) || 8000;
  const tracks: FinishedTrack[] = [];
  for (const plan of plans) {
    const { track, name, source, frame } = plan;
    const path = join(folder, name);
    const length = Math.max(0, (plan.until ?? frames) - frame);
    if (!(await exists(path))) await (head.format === 'wav' ? finishWav(path, plan, length, rate) : finishOgg(path, plan, length));
    tracks.push({ track, name, source, frame, frames: length, ...(await hashed(path)) });
  }
  // Parts that are joined now, and any that had died before the journal knew of them.
  for (const name of await readdir(folder)) if (/\.part-\d+\.|\.half$/.test(name)) await rm(join(folder, name));
  await synced(folder);
  return { head, lines, frames, rate, tracks, isRepaired: end === undefined };
}

const exists = async (path: string): Promise<boolean> => (await sizeOf(path)) >= 0;
const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? -1;

/** How far the longest of them reaches. */
async function lastFrame(plans: readonly Plan[], format: 'wav' | 'ogg'): Promise<number> {
  let frames = 0;
  for (const { parts } of plans) {
    for (const { path, rate, frame } of parts) {
      const size = await sizeOf(path);
      if (size < 0) continue;
      const length = format === 'wav' ? Math.floor((25 * (size - WAV_HEADER)) / rate) : (await scan(path)).frames;
      frames = Math.max(frames, frame + Math.max(0, length));
    }
  }
  return frames;
}

/** Positional, because all four make one file: its path, of what, how many frames, at which rate. */
async function finishWav(path: string, { parts, frame }: Plan, frames: number, rate: number): Promise<void> {
  const samples = (frames * rate) / 50;
  const only = parts.length <= 1 && (parts[0]?.rate ?? rate) === rate ? (parts[0]?.path ?? `${path}.half`) : undefined;
  const half = only ?? `${path}.half`;
  if (only === undefined) await rm(half, { force: true });
  const file = await open(half, (await exists(half)) ? 'r+' : 'w+', 0o600);
  try {
    if (only === undefined) await joinParts(file, parts, { frame, end: frame + frames, rate: rate as Rate });
    await file.truncate(WAV_HEADER + 2 * samples);
    await file.write(wavHeader(rate, samples), 0, WAV_HEADER, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(half, path);
}

/** Joins parts of several rates, a second at a time, so that other recordings do not wait. */
async function joinParts(file: FileHandle, parts: readonly Part[], span: { frame: number; end: number; rate: Rate }): Promise<void> {
  const joiner = new Joiner(span.rate);
  const count = span.rate / 50;
  for (const [n, part] of parts.entries()) {
    const end = Math.min(span.end, parts[n + 1]?.frame ?? span.end);
    const source = await open(part.path, 'r').catch(() => undefined);
    const length = part.rate / 50;
    for (let at = part.frame; at < end; at += 50) {
      const some = Math.min(50, end - at);
      const samples = new Int16Array(some * length);
      await source?.read(new Uint8Array(samples.buffer), 0, 2 * samples.length, WAV_HEADER + 2 * length * (at - part.frame));
      const joined = new Int16Array(some * count);
      for (let i = 0; i < some; i++)
        joined.set(joiner.process(samples.subarray(i * length, (i + 1) * length), part.rate as Rate), i * count);
      // What is silent stays a hole.
      if (joined.some((sample) => sample !== 0)) {
        await file.write(new Uint8Array(joined.buffer), 0, 2 * joined.length, WAV_HEADER + 2 * count * (at - span.frame));
      }
    }
    await source?.close();
  }
}

/** Adds the silence that was not written, and the end of the stream, behind the last whole page. */
async function finishOgg(path: string, { parts, track }: Plan, frames: number): Promise<void> {
  const half = parts[0]?.path ?? `${path}.half`;
  const found = (await exists(half)) ? await scan(half) : undefined;
  const file = await open(half, found === undefined ? 'w+' : 'r+', 0o600);
  try {
    const serial = found?.serial ?? track + 1;
    let at = found?.bytes ?? 0;
    const put = async (bytes: Uint8Array): Promise<void> => {
      await file.write(bytes, 0, bytes.length, at);
      at += bytes.length;
    };
    if (found === undefined || found.sequence < 2) {
      at = 0;
      await put(opusHeads(serial, 48_000));
    }
    if (found?.isEnded !== true) {
      const pages = new OpusPages({ serial, sequence: Math.max(2, found?.sequence ?? 2), frames: found?.frames ?? 0 });
      const silence = Array.from({ length: 50 }, () => SILENCE);
      while (pages.frames < frames) await put(Buffer.concat(pages.pages(silence.slice(0, frames - pages.frames))));
      await put(pages.end());
    }
    await file.truncate(at);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(half, path);
}

interface Scanned {
  /** Up to the end of the last whole page. */
  readonly bytes: number;
  /** Frames of sound in it, and the number of the next page. */
  readonly frames: number;
  readonly sequence: number;
  readonly serial: number | undefined;
  readonly isEnded: boolean;
}

/** Reads pages until there is none, or one that is not whole. */
async function scan(path: string): Promise<Scanned> {
  const file = await open(path, 'r');
  const buffer = new Uint8Array(PIECE);
  let [bytes, frames, sequence] = [0, 0, 0];
  let serial: number | undefined;
  let isEnded = false;
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, PIECE, bytes);
      const some = buffer.subarray(0, bytesRead);
      let at = 0;
      for (let page = readPage(some, 0); page !== undefined && page.sequence === sequence; page = readPage(some, at)) {
        at += page.bytes;
        sequence += 1;
        serial = page.serial;
        isEnded = page.isLast;
        frames = Math.floor(page.granule / GRANULE);
      }
      if (at === 0) return { bytes, frames, sequence, serial, isEnded };
      bytes += at;
    }
  } finally {
    await file.close();
  }
}

async function hashed(path: string): Promise<{ bytes: number; sha256: string }> {
  const file = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    const buffer = new Uint8Array(PIECE);
    for (let bytes = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, PIECE, bytes);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await file.close();
  }
}

async function synced(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
