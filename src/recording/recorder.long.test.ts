import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readOggOpus } from '../../test/kit/ogg-opus.ts';
import { KnownRoom, voiceAt } from '../../test/kit/recorded-rooms.ts';
import { account, crashRecordings } from '../../test/kit/recording-crash.ts';
import { loadCodecs, readWav } from '../audio/index.ts';
import { noLog, SystemClock } from '../base/index.ts';
import type { ConferenceId, Execute, Fact, Recording, RecordingId, RecordingRecord, RoomOf } from '../conference/index.ts';
import { chainLink, chainStart, type Manifest, openRecorder } from './index.ts';

await loadCodecs();
const base = mkdtempSync(join(tmpdir(), 'parley-recorder-'));
after(() => rmSync(base, { recursive: true, force: true }));
const conference = 'c' as ConferenceId;
const of: RoomOf = { account, conference, instance: 'run' };
const id = '5'.repeat(32) as RecordingId;
const clock = new SystemClock();
let folders = 0;

const person = (n: number, more: object = {}) => ({
  id: `p${n}`,
  number: n + 1,
  role: 'member',
  joinedAt: clock.epoch(),
  muted: [],
  call: { leg: String(n), direction: 'inbound', callerName: `Caller ${n}`, callerNumber: `10${n}` },
  ...more,
});

/** A recorder with its worker, on a room of known sound that ticks when told. */
function house({
  folder = join(base, String(++folders)),
  voices = [0, 1],
  ...more
}: {
  folder?: string;
  voices?: number[];
  patienceMs?: number;
  ringBytes?: number;
} = {}) {
  const room = new KnownRoom(voices);
  const saved: RecordingRecord[] = [];
  const told: { name: string; input: Record<string, unknown> }[] = [];
  const facts: Fact[] = [];
  const execute = (async (name: string, input: Record<string, unknown>) => {
    if (name === 'conference.read')
      return { conference: { room: { participants: voices.map((n) => person(n)) }, document: {}, sequence: 0 } };
    if (name === 'conference.facts') return { facts, forgottenTo: 0, more: false };
    told.push({ name, input });
    return undefined;
  }) as unknown as Execute;
  const archive = {
    save: async (record: RecordingRecord) => void saved.push(record),
    recording: async (_account: unknown, which: string) => saved.findLast((record) => record.id === which),
    unfinished: async () => saved.slice(-1),
  };
  const recorder = openRecorder({
    engine: { tap: (_a, _c, request) => room.tap(request) },
    archive,
    execute,
    folder,
    clock,
    log: noLog,
    ...more,
  });
  const zero = clock.epoch() - 20 * room.index;
  let lag = 0;
  return {
    recorder,
    room,
    saved,
    told,
    facts,
    folder: join(folder, account, id),
    start(wishes: Partial<Recording> = {}): void {
      recorder.start(of, { id, startedAt: clock.epoch(), state: 'running', stems: true, format: 'wav', silence: false, ...wishes });
    },
    /** The room lives so many ms, in real time. */
    async live(ms: number): Promise<void> {
      const until = room.index + ms / 20;
      await until_(() => {
        while (room.index < until && zero + 20 * room.index <= clock.epoch()) room.tick(zero + 20 * room.index);
        return room.index >= until;
      });
    },
    /** The same, but the room never stands still, however late the machine wakes this: gives the tick that it has come to. */
    async go(ms: number): Promise<number> {
      const until = room.index + ms / 20;
      await until_(() => {
        lag = Math.max(lag, Math.floor((clock.epoch() - zero) / 20) - room.index);
        while (zero + 20 * room.index <= clock.epoch()) room.tick(zero + 20 * room.index);
        return room.index >= until;
      });
      return room.index;
    },
    /** Ticks that its sound came late at most, because the machine was busy: by so much a pause or an end may lie beside where it was meant. */
    get lag(): number {
      return lag;
    },
    stored: () => until_(() => saved.at(-1)?.state === 'storing' && told.some(({ input }) => input.outcome !== undefined)),
    manifest: (): Manifest => JSON.parse(readFileSync(join(folder, account, id, 'manifest.json'), 'utf8')) as Manifest,
    [Symbol.asyncDispose]: () => recorder.close(),
  };
}

async function until_(holds: () => boolean, ms = 60_000): Promise<void> {
  const last = clock.now() + ms;
  while (!holds()) {
    assert.ok(clock.now() < last, 'in time');
    await new Promise((next) => setTimeout(next, 5));
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('a recording has its files, its record, and a manifest that says who, when, muted, paused, and whose chain fits', async () => {
  await using home = house();
  home.start({ name: 'Monday' });
  const mutedAt = await home.go(500);
  home.facts.push({
    type: 'participant.muted',
    participant: 'p1',
    reasons: ['self'],
    at: clock.epoch(),
    sequence: 1,
    account,
    conference,
  } as never);
  const pausedAt = await home.go(300);
  home.facts.push({ type: 'participant.unmuted', participant: 'p1', at: clock.epoch(), sequence: 2, account, conference } as never);
  home.recorder.pause(of, id);
  home.recorder.pause(of, id);
  const resumedAt = await home.go(400);
  home.recorder.resume(of, id);
  home.room.voices = [0];
  home.facts.push({
    type: 'participant.left',
    participant: 'p1',
    reason: 'hangup',
    at: clock.epoch(),
    sequence: 3,
    account,
    conference,
  } as never);
  const stoppedAt = await home.go(300);
  home.recorder.stop(of, id, 'asked');
  home.recorder.stop(of, id, 'asked');
  await home.go(200);
  await home.stored();
  const record = home.saved.at(-1)!;
  assert.deepEqual([record.state, record.reason, record.repaired, record.gaps, record.name], ['storing', 'asked', false, 0, 'Monday']);
  // Without the pause; the pause and the end fall between ticks.
  const ticks = pausedAt + stoppedAt - resumedAt;
  const most = 3 + 2 * home.lag;
  assert.ok(Math.abs(record.seconds * 50 - ticks) <= most, `${record.seconds} s are not ${ticks} ticks, ${home.lag} late`);
  assert.deepEqual(readdirSync(home.folder).sort(), ['manifest.json', 'mix.wav', 'stem-001.wav', 'stem-002.wav']);
  const manifest = home.manifest();
  let chain = chainStart(id);
  assert.equal(chain, manifest.chain.start);
  for (const file of manifest.files) {
    assert.equal(sha256(readFileSync(join(home.folder, file.name))), file.sha256);
    chain = chainLink(chain, file);
    assert.equal(chain, file.chain);
  }
  assert.equal(chain, manifest.chain.end);
  assert.equal(record.files.find(({ kind }) => kind === 'manifest')?.sha256, sha256(readFileSync(join(home.folder, 'manifest.json'))));
  const [p0, p1] = manifest.participants;
  assert.deepEqual([p0?.stem, p0?.callerNumber, p1?.stem, p1?.number], ['stem-001.wav', '100', 'stem-002.wav', 2]);
  const [muted] = p1!.muted;
  assert.ok(
    Math.abs(muted!.fromSample - 160 * mutedAt) <= 160 * most && Math.abs(muted!.toSample - 160 * pausedAt) <= 160 * most,
    JSON.stringify(muted),
  );
  assert.deepEqual(muted!.reasons, ['self']);
  assert.equal(manifest.pauses.length, 1);
  assert.ok(Math.abs(manifest.pauses[0]!.atSample - 160 * pausedAt) <= 160 * most);
  assert.ok(Math.abs(p1!.leftSample - 160 * pausedAt) <= 160 * most, 'who leaves in a pause leaves where it is cut');
  assert.equal(p0!.leftAt, undefined);
  // Behind the pause both stems go on with the same tick.
  const wav = readWav(readFileSync(join(home.folder, 'mix.wav')));
  assert.ok('samples' in wav);
  const cut = manifest.pauses[0]!.atSample / 160;
  const said = new Int16Array(160);
  const kept = wav.samples.subarray(160 * (cut + 2), 160 * (cut + 3));
  const index = Array.from({ length: home.room.index }, (_, n) => n).find(
    (n) => Buffer.compare(bytesOf(voiceAt(0, n, said)), bytesOf(kept)) === 0,
  );
  const lost = (index ?? Number.NaN) - cut - 2;
  assert.ok(Math.abs(lost - (resumedAt - pausedAt)) <= most, `the tick behind the pause: ${index} for ${cut + 2}`);
  const ended = home.told.filter(({ name }) => name === 'recording.ended');
  assert.equal(ended.length, 1);
  assert.equal((ended[0]!.input.outcome as { state: string }).state, 'finished');
});

const bytesOf = (samples: Int16Array): Buffer => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);

test('Ogg Opus: whole pages of the right length, in which everybody sounds where he belongs', async () => {
  await using home = house({ voices: [0] });
  home.start({ format: 'ogg' });
  await home.live(600);
  home.room.voices = [];
  await home.live(600);
  home.room.voices = [0, 3];
  await home.live(600);
  home.recorder.stop(of, id, 'asked');
  await home.live(200);
  await home.stored();
  const { files, rate, seconds } = home.saved.at(-1)!;
  assert.equal(rate, 48_000);
  const read = (name: string) => readOggOpus(readFileSync(join(home.folder, name)));
  for (const { name, offsetSamples, kind } of files) {
    if (kind === 'manifest') continue;
    const { samples, isEnded } = read(name);
    assert.equal(isEnded, true);
    if (name !== 'stem-001.ogg') assert.equal(samples.length + offsetSamples, seconds * 48_000, name);
  }
  assert.ok(Math.abs(files.find(({ name }) => name === 'stem-002.ogg')!.offsetSamples - 57_600) <= 960);
  // The first stem ended when its voice left: who comes back is the same track, with silence in between.
  const first = read('stem-001.ogg').samples;
  const loud = (from: number, to: number): number => Math.max(...first.subarray(from, to).map(Math.abs));
  assert.ok(loud(9600, 24_000) > 500);
  assert.ok(loud(33_600, 55_000) < 30, `${loud(33_600, 55_000)}`);
  assert.ok(loud(62_000, 80_000) > 500);
});

test('what a crash left is finished at the next start: cut-off pages, torn journals, empty folders, records without files', async () => {
  const folder = join(base, 'crashed');
  {
    const home = house({ folder, voices: [0, 1] });
    home.start({ format: 'ogg' });
    await home.live(1300);
    await until_(() => existsSync(join(home.folder, 'stem-002.part-1.ogg')));
    await home.live(700);
    // The worker is closed as the process is killed: nothing is ended.
    await home.recorder.close();
  }
  const torn = join(folder, account, id);
  appendFileSync(join(torn, 'mix.part-1.ogg'), Buffer.from('OggS\0\0half a page'));
  appendFileSync(join(torn, 'journal.jsonl'), '{"do":"gap","fra');
  const empty = join(folder, account, '6'.repeat(32));
  mkdirSync(empty, { recursive: true });
  writeFileSync(join(empty, 'journal.jsonl'), '{"do":"head"');
  await using home = house({ folder });
  const running: RecordingRecord = {
    id: '7'.repeat(32),
    account,
    conference,
    instance: 'run',
    startedAt: 5,
    state: 'running',
    seconds: 0,
    rate: 0,
    format: 'wav',
    files: [],
    repaired: false,
    gaps: 0,
  };
  home.saved.push(running);
  await home.recorder.repair();
  const found = new Map(home.saved.map((record) => [record.id, record]));
  const { state, reason, repaired, words, seconds } = found.get(id)!;
  assert.deepEqual([state, reason, repaired], ['storing', 'restart', true]);
  assert.match(words!, /repaired/);
  assert.ok(seconds > 1.3 && seconds <= 2.1, `${seconds}`);
  assert.equal(readOggOpus(readFileSync(join(torn, 'mix.ogg'))).samples.length, seconds * 48_000);
  assert.deepEqual([found.get(running.id)?.state, found.get(running.id)?.words], ['failed', 'nothing of it was found']);
  assert.equal(existsSync(empty), false);
  assert.deepEqual(home.told.map(({ input }) => (input.outcome as { state: string }).state).sort(), ['failed', 'finished']);
});

test('a recorder that dies is replaced: what it had written is finished, and the domain is told', async () => {
  const { workerRecorder } = await import('./recorder-thread.ts');
  const threads: { kill(): void }[] = [];
  await using home = house({
    startThread: (...args: Parameters<typeof workerRecorder>) => {
      const thread = workerRecorder(...args);
      threads.push(thread);
      return thread;
    },
  } as never);
  home.start();
  // However slowly its worker starts: more than half a second is in the file.
  const mix = join(home.folder, 'mix.part-1.wav');
  while (!existsSync(mix) || statSync(mix).size < 9000) await home.live(100);
  threads[0]!.kill();
  await home.stored();
  assert.equal(threads.length, 2);
  const { reason, words, seconds } = home.saved.at(-1)!;
  assert.equal(reason, 'failed');
  assert.match(words!, /the recorder died/);
  assert.ok(seconds > 0.5);
});

/** A file system of so many MB that is full when it is full; undefined where this process may not mount one. */
function tinyDisk(name: string, megabytes: number): string | undefined {
  const path = join(base, name);
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  after(() => execFileSync('umount', ['-l', path]));
  return path;
}

test('a full disk: sound is missing and told, comes back when there is room, and ends the recording in words when there is none', async (t) => {
  const disk = tinyDisk('disk', 10);
  if (disk === undefined) {
    t.skip('mounting is not allowed here');
    return;
  }
  await using home = house({ folder: disk, patienceMs: 2000 });
  home.start();
  await home.live(700);
  const ballast = join(disk, 'ballast');
  const fill = (): void => {
    for (let size = 1 << 20; size >= 4096; ) {
      try {
        appendFileSync(ballast, new Uint8Array(size));
      } catch {
        size /= 2;
      }
    }
  };
  fill();
  await home.live(1300);
  rmSync(ballast);
  await until_(() => {
    void home.live(20);
    return home.told.some(({ name }) => name === 'recording.gapped');
  });
  const gapped = home.told.find(({ name }) => name === 'recording.gapped')!.input as { lostMs: number; words: string };
  assert.equal(gapped.words, 'the disk is full');
  assert.ok(gapped.lostMs >= 500 && gapped.lostMs <= 2600, `${gapped.lostMs}`);
  await home.live(600);
  fill();
  let isOver = false;
  void (async () => {
    while (!isOver) await home.live(20);
  })();
  await until_(() => home.told.some(({ name }) => name === 'recording.ended'));
  isOver = true;
  const { reason, words } = home.told.find(({ name }) => name === 'recording.ended')!.input;
  assert.deepEqual([reason, words], ['failed', 'the disk is full']);
});

test('killed at ten random moments, every file plays after the next start and lacks the last second at most', async () => {
  await crashRecordings({ rounds: 10 });
});
