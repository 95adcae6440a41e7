import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountId } from '../accounts/index.ts';
import type { AwaitedRecording, CallId, ConferenceId, Recording, RecordingRecord, RoomOf } from '../conference/index.ts';
import { type Head, JOURNAL } from './journal.ts';
import type { Manifest } from './manifest.ts';

/** What the journal of a recording begins with. */
export function headOf({ account, conference, instance }: RoomOf, recording: Recording): Head {
  const { id, name, startedAt, stems, format, silence, maxSeconds, maxSilence, onEnd, call } = recording;
  return {
    do: 'head',
    version: 1,
    id,
    account,
    conference,
    instance,
    ...(name === undefined ? {} : { name }),
    startedAt,
    stems,
    format,
    silence,
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
    ...(maxSilence === undefined ? {} : { maxSilence }),
    ...(onEnd === undefined ? {} : { onEnd }),
    ...(call === undefined ? {} : { call }),
  };
}

/** A record of a recording, from what it was started with. */
export function recordOf(
  head: Head,
  rest: Omit<RecordingRecord, 'id' | 'account' | 'conference' | 'instance' | 'startedAt' | 'format'>,
): RecordingRecord {
  const { id, account, conference, instance, name, startedAt, format, onEnd, call } = head;
  return {
    id,
    account: account as AccountId,
    conference: conference as ConferenceId,
    instance,
    ...(name === undefined ? {} : { name }),
    ...(onEnd === undefined ? {} : { onEnd }),
    ...(call === undefined ? {} : { call: call as CallId }),
    startedAt,
    format,
    ...rest,
  };
}

/** Keeps the manifest beside the sound, whole or not at all. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<RecordingRecord['files'][number]> {
  const bytes = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
  const name = 'manifest.json';
  const half = join(folder, `.${name}`);
  const file = await open(half, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(half, join(folder, name));
  return { name, kind: 'manifest', offsetSamples: 0, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A folder with a journal: a recording that is not finished. */
interface Left {
  readonly account: AccountId;
  readonly id: string;
  readonly folder: string;
}

/** Recordings that are not finished, and whether anything was ever recorded here. */
export async function leftBehind(root: string): Promise<{ readonly left: readonly Left[]; readonly isUsed: boolean }> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const names = async (path: string): Promise<string[]> => (await readdir(path).catch(() => [])).sort();
  const left: Left[] = [];
  const accounts = await names(root);
  for (const account of accounts) {
    for (const id of await names(join(root, account))) {
      const folder = join(root, account, id);
      if ((await names(folder)).includes(JOURNAL)) left.push({ account: account as AccountId, id, folder });
    }
  }
  return { left, isUsed: accounts.length > 0 };
}

/** A recording that begins when somebody comes, or that nobody came for. */
export function awaitedRecord(
  { account, conference, instance }: RoomOf,
  { id, onEnd, format = 'wav' }: AwaitedRecording,
  { at, on }: { readonly at: number; readonly on: boolean },
): RecordingRecord {
  const flow = onEnd === undefined ? {} : { onEnd };
  const end = on ? {} : { endedAt: at, reason: 'asked' as const, words: 'nobody came' };
  const nothing = { seconds: 0, rate: 0, files: [], repaired: false, gaps: 0 };
  return { id, account, conference, instance, startedAt: at, format, state: on ? 'awaited' : 'failed', ...nothing, ...flow, ...end };
}
