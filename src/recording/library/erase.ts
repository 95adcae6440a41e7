import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure, isObject, isoMillis, type JsonObject } from '../../base/index.ts';
import {
  type Erasing,
  type ParticipantId,
  type RecordingFile,
  type RecordingRecord,
  tracesOf,
  withoutCaller,
} from '../../conference/index.ts';
import type { Shelf } from '../ports.ts';
import { pathOf } from '../shelf-key.ts';

/** Longest manifest that is read. */
const LONGEST = 64_000_000;

/** What taking somebody out of one recording needs. */
export interface EraseOptions {
  readonly shelf: Shelf;
  /** Where a new manifest is written before it goes to the shelf. */
  readonly folder: string;
  /** Epoch ms. */
  readonly now: number;
}

/** Somebody's own tracks, by which participants he was. */
interface Whose {
  readonly number: string;
  readonly participants: readonly ParticipantId[];
  readonly stems: readonly RecordingFile[];
}

/**
 * The recording without a caller: his stems are removed from the shelf, his number and names from the manifest. The mix is everybody's and stays. May be done
 * again after a crash in the middle, because the record, which still names him, is saved last by whoever asked.
 */
export async function recordingWithout(record: RecordingRecord, { number }: Erasing, options: EraseOptions): Promise<RecordingRecord> {
  const participants = (record.people ?? []).filter((each) => tracesOf(each, number) !== undefined).map(({ participant }) => participant);
  const isHis = ({ kind, participant }: RecordingFile): boolean =>
    kind === 'stem' && participant !== undefined && participants.includes(participant);
  const whose: Whose = { number, participants, stems: record.files.filter(isHis) };
  const kept: RecordingFile[] = [];
  for (const file of record.files)
    if (!isHis(file)) kept.push(file.kind === 'manifest' ? await rewritten(record, file, whose, options) : file);
  for (const { name } of whose.stems) await options.shelf.removeFile({ account: record.account, recording: record.id, file: name });
  const { files: _files, ...rest } = record;
  const erased = [...new Set([...(record.erased ?? []), ...participants])];
  return { ...withoutCaller(rest, number), files: kept, erased };
}

/** The manifest without him. It says itself that it was changed, when, and what hash it had before: who keeps the old hash can tell this from a forgery. */
async function rewritten(record: RecordingRecord, file: RecordingFile, whose: Whose, options: EraseOptions): Promise<RecordingFile> {
  const key = { account: record.account, recording: record.id, file: file.name };
  const text = await textOf(options.shelf, key);
  const manifest = text === undefined ? undefined : objectIn(text);
  if (text === undefined || manifest === undefined) return file;
  const before = Array.isArray(manifest['erasures']) ? manifest['erasures'] : [];
  const erasure: JsonObject = {
    at: isoMillis(options.now),
    participants: [...whose.participants],
    removed: whose.stems.map(({ name, sha256 }) => ({ name, sha256 })),
    manifest_sha256_before: createHash('sha256').update(text).digest('hex'),
  };
  const bytes = Buffer.from(JSON.stringify({ ...withoutCaller(manifest, whose.number), erasures: [...before, erasure] }, undefined, 2));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = join(options.folder, `${pathOf(key)}.new`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, bytes, { flush: true, mode: 0o600 });
  await options.shelf.put(key, { path, type: 'application/json', bytes: bytes.length, sha256 });
  await rm(path, { force: true });
  return { ...file, bytes: bytes.length, sha256 };
}

async function textOf(shelf: Shelf, key: Parameters<Shelf['get']>[0]): Promise<string | undefined> {
  const taken = await shelf.get(key);
  if (taken === undefined) return undefined;
  if (taken.bytes > LONGEST) throw new Failure('unavailable', 'shelf', 'a manifest is longer than can be');
  const chunks: Uint8Array[] = [];
  for await (const chunk of taken.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return isObject(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
