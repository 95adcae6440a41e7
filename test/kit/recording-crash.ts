import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AccountId } from '../../src/accounts/index.ts';
import { loadCodecs, readWav } from '../../src/audio/index.ts';
import { noLog, SystemClock } from '../../src/base/index.ts';
import type { Execute, RecordingRecord } from '../../src/conference/index.ts';
import { openRecorder } from '../../src/recording/index.ts';
import { readOggOpus } from './ogg-opus.ts';
import { voiceAt } from './recorded-rooms.ts';
import { SeededChance } from './seeded-chance.ts';

const ROOMS = 4;
/** Ticks of the last second. */
const LAST = 50;

/** How long a recorder lived. */
interface Life {
  /** That its rooms had, and that were in the rings. */
  readonly ticks: number;
  /** Ticks of the last time in which it could have written and was not let: the machine had no processor for it. */
  readonly late: number;
}

/** Records until this many ms have passed since the first sign of life, and dies. */
async function killedRecorder(folder: string, ms: number): Promise<Life> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'recording-crash-writer.ts'), folder, String(ROOMS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(writer, 'exit');
  const signs: { readonly ticks: number; readonly waited: number }[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    if (signs.length === 0) setTimeout(() => writer.kill('SIGKILL'), ms);
    const [ticks = 0, waited = 0] = line.split(' ').map(Number);
    signs.push({ ticks, waited });
  }
  assert.deepEqual(await gone, [null, 'SIGKILL']);
  const last = signs.at(-1) ?? { ticks: 0, waited: 0 };
  const before = signs.findLast(({ ticks }) => ticks <= last.ticks - 2 * LAST) ?? signs[0] ?? last;
  return { ticks: last.ticks, late: Math.ceil((last.waited - before.waited) / 20) };
}

/** What the next start of a server makes of the folder. */
async function repaired(folder: string): Promise<RecordingRecord[]> {
  const records: RecordingRecord[] = [];
  const archive = {
    save: async (record: RecordingRecord) => void records.push(record),
    recording: async () => undefined,
    unfinished: async () => [],
  };
  const recorder = openRecorder({
    engine: { tap: () => assert.fail() },
    archive,
    execute: (async () => undefined) as Execute,
    folder,
    clock: new SystemClock(),
    log: noLog,
  });
  await recorder.repair();
  await recorder.close();
  return records;
}

/** Every file plays, holds at its every sample what was said then, and lacks a second at most. */
export function checkRecording(folder: string, record: RecordingRecord, { ticks, late }: Life): void {
  const where = `${record.id} after ${ticks} ticks, ${late} of them late`;
  const most = LAST + late;
  assert.deepEqual([record.reason, record.repaired, record.state], ['restart', true, 'storing'], where);
  assert.match(record.words ?? '', /repaired/);
  assert.ok(record.seconds * 50 > ticks - most, `${where}: ${record.seconds * 50}`);
  for (const { name, kind, offsetSamples, bytes } of record.files) {
    const content = readFileSync(join(folder, record.account, record.id, name));
    assert.equal(content.length, bytes);
    if (kind === 'manifest') continue;
    const voices = kind === 'mix' ? [0, 1, 2] : [Number(/stem-(\d+)/.exec(name)![1]) - 1];
    if (record.format === 'wav') checkSamples(content, voices, { where: `${where}, ${name}`, offset: offsetSamples, most });
    else checkOgg(content, voices, { seconds: record.seconds, where: `${where}, ${name}`, most });
  }
  const left = readdirSync(join(folder, record.account, record.id)).sort();
  assert.deepEqual(left, record.files.map(({ name }) => name).sort(), 'nothing half made is left');
}

function checkSamples(
  content: Uint8Array,
  voices: readonly number[],
  { where, offset, most }: { where: string; offset: number; most: number },
): void {
  const wav = readWav(content);
  assert.ok('samples' in wav, where);
  let last = 0;
  for (let frame = 0; frame < wav.samples.length / 160; frame++) {
    const index = offset / 160 + frame;
    const said = new Int16Array(160);
    for (const n of voices) for (const [i, sample] of voiceAt(n, index).entries()) said[i]! += sample;
    const kept = wav.samples.subarray(160 * frame, 160 * frame + 160);
    if (kept.every((sample) => sample === 0)) continue;
    last = frame + 1;
    assert.deepEqual(kept, said, `${where}: frame ${frame}`);
  }
  // A stem that was flushed a little later than the mix ends in silence; more than a second of it is missing in none.
  assert.ok(last > wav.samples.length / 160 - most, `${where}: sound until ${last}`);
}

function checkOgg(
  content: Uint8Array,
  voices: readonly number[],
  { seconds, where, most }: { seconds: number; where: string; most: number },
): void {
  const { samples } = readOggOpus(content);
  assert.ok(Math.abs(samples.length / 48_000 - seconds) < 0.021, `${where}: ${samples.length / 48_000} of ${seconds} s`);
  // The first voice's tone is there in the last half second that must be.
  const hz = 300 + 90 * voices[0]!;
  const end = samples.length - 960 * most;
  const part = samples.subarray(Math.max(0, end - 24_000), Math.max(0, end));
  let [real, imaginary] = [0, 0];
  for (const [i, sample] of part.entries()) {
    real += sample * Math.cos((2 * Math.PI * hz * i) / 48_000);
    imaginary += sample * Math.sin((2 * Math.PI * hz * i) / 48_000);
  }
  if (part.length === 24_000) assert.ok((2 * Math.hypot(real, imaginary)) / part.length > 500, where);
}

/** Kills a recorder at random moments, and looks each time at what the next start makes of its files. */
export async function crashRecordings({
  rounds,
  seed = 1,
  told = () => {},
}: {
  rounds: number;
  seed?: number;
  told?: (round: number) => void;
}): Promise<void> {
  await loadCodecs();
  const chance = new SeededChance(seed);
  for (let round = 1; round <= rounds; round++) {
    const folder = mkdtempSync(join(tmpdir(), 'parley-crash-'));
    try {
      const life = await killedRecorder(folder, 100 + Math.floor(2500 * chance.next()));
      const records = await repaired(folder);
      // Which died before a first line was written has recorded nothing.
      if (life.ticks > LAST + life.late) assert.equal(records.length, ROOMS, `after ${life.ticks} ticks, ${life.late} of them late`);
      for (const record of records) checkRecording(folder, record, life);
      assert.deepEqual(await repaired(folder), [], 'what is repaired once is repaired');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    told(round);
  }
}

/** The account of the rooms. */
export const account = 'a'.repeat(32) as AccountId;
