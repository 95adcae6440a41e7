import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAll, someBytes, Workbench } from '../../../test/contract/shelf-contract.ts';
import { S3StandIn } from '../../../test/kit/s3-stand-in.ts';
import { SeededChance } from '../../../test/kit/seeded-chance.ts';
import type { AccountId } from '../../accounts/index.ts';
import { loadCodecs, openEncoder, writeWav } from '../../audio/index.ts';
import { noLog, SystemClock } from '../../base/index.ts';
import type { ConferenceId, ParticipantId, RecordingFile, RecordingRecord } from '../../conference/index.ts';
import { openFetch } from '../../fetch/index.ts';
import { MemoryStore } from '../../store/index.ts';
import { openStorage, type Storage } from '../open-storage.ts';
import { OpusPages, opusHeads } from '../writing/ogg-opus.ts';

const A = 'a'.repeat(32) as AccountId;
const B = 'b'.repeat(32) as AccountId;
const anna = '11'.repeat(16) as ParticipantId;
const bert = '22'.repeat(16) as ParticipantId;
const NUMBER = '+4930123456';

const person = (participant: ParticipantId, callerNumber: string, callerName: string) => ({
  participant,
  direction: 'inbound' as const,
  callerNumber,
  callerName,
});

class HastyClock extends SystemClock {
  override wake(at: number, fn: () => void) {
    const wait = at - this.now();
    return super.wake(this.now() + (wait < 30_000 ? wait / 1000 : wait), fn);
  }
}

/** Pauses between attempts are over at once, and counted; what is waited for an answer is not shortened. */
class CountingClock extends SystemClock {
  waitedMs = 0;

  override wake(at: number, fn: () => void) {
    const wait = Math.round(at - this.now());
    if (wait === 30_000 || wait === 180_000) return super.wake(at, fn);
    this.waitedMs += wait;
    return super.wake(this.now() + wait / 10_000, fn);
  }
}

const loopback = () => openFetch({ clock: new SystemClock(), log: noLog, allow: ['loopback'] });

/** A place for recordings, and the recorder's part played by hand. */
async function openPlace(store?: S3StandIn, log = noLog, clock: SystemClock = new HastyClock()) {
  const bench = await Workbench.open();
  const archive = new MemoryStore().archive;
  const folder = join(bench.folder, 'recordings');
  const again = (s3 = store) =>
    openStorage({
      archive,
      folder,
      clock,
      chance: new SeededChance(1),
      log,
      ...(s3 === undefined ? {} : { s3: { place: s3.place('x/'), door: loopback() } }),
    });
  const opened: Storage[] = [again()];
  const storage = opened[0] as Storage;
  const put = async (files: Readonly<Record<string, Buffer>>, change: Partial<RecordingRecord> = {}): Promise<RecordingRecord> => {
    const id = change.id ?? '1'.repeat(32);
    const account = change.account ?? A;
    await mkdir(join(folder, account, id), { recursive: true });
    const listed: RecordingFile[] = [];
    for (const [name, body] of Object.entries(files)) {
      await writeFile(join(folder, account, id, name), body);
      const kind = name.startsWith('stem') ? 'stem' : name.startsWith('manifest') ? 'manifest' : 'mix';
      const whose = name.includes('anna') ? { participant: anna } : name.includes('bert') ? { participant: bert } : {};
      listed.push({ name, kind, ...whose, offsetSamples: 0, bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') });
    }
    const record: RecordingRecord = {
      id,
      account,
      conference: 'room' as ConferenceId,
      instance: 'i',
      startedAt: 1000,
      endedAt: 61_000,
      state: 'storing',
      seconds: 60,
      rate: 16_000,
      format: 'wav',
      files: listed,
      reason: 'asked',
      people: [person(anna, NUMBER, 'Anna'), person(bert, '+49301234567', 'Bert')],
      repaired: false,
      gaps: 0,
      ...change,
    };
    await archive.save(record);
    return record;
  };
  const stored = async (id = '1'.repeat(32)): Promise<RecordingRecord> => {
    for (;;) {
      const record = await archive.recording(A, id);
      if (record?.state === 'stored') return record;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  return {
    bench,
    archive,
    folder,
    storage,
    recordings: storage.recordings,
    put,
    stored,
    reopen: (s3?: S3StandIn): Storage => {
      const next = again(s3);
      opened.push(next);
      return next;
    },
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each.close();
      await bench[Symbol.asyncDispose]();
    },
  };
}

const id = '1'.repeat(32);
const all = async (recordings: Storage['recordings'], file: string): Promise<Buffer> =>
  readAll(await recordings.open({ account: A, recording: id, file }));

test('without another store a finished recording stays where it was made', async () => {
  await using place = await openPlace();
  await place.put({ 'mix.wav': someBytes(5000) });
  assert.ok((await all(place.recordings, 'mix.wav')).equals(someBytes(5000)), 'can be had before it is stored');
  place.storage.kick();
  const { place: where } = await place.stored();
  assert.equal(where, 'folder');
  assert.ok((await all(place.recordings, 'mix.wav')).equals(someBytes(5000)));
  assert.deepEqual(place.storage.counts(), { waiting: 0, stored: 1, failed: 0 });
});

test('a finished recording goes to its store, and only then from the disk', async () => {
  await using store = await S3StandIn.open();
  await using place = await openPlace(store);
  store.weather.failing = ({ key }) => key.endsWith('stem-bert.wav');
  await place.put({ 'mix.wav': someBytes(5000), 'stem-anna.wav': someBytes(4000, 2), 'stem-bert.wav': someBytes(3000, 3) });
  place.storage.kick();
  while (place.storage.counts().failed === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal((await place.archive.recording(A, id))?.state, 'storing');
  assert.ok((await all(place.recordings, 'mix.wav')).equals(someBytes(5000)), 'is had from the disk meanwhile');
  assert.equal((await readdir(join(place.folder, A, id))).length, 3);
  store.weather.failing = undefined;
  assert.equal((await place.stored()).place, 's3://sounds/x');
  for (const [name, body] of [
    ['mix.wav', someBytes(5000)],
    ['stem-bert.wav', someBytes(3000, 3)],
  ] as const)
    assert.ok((await all(place.recordings, name)).equals(body));
  while ((await stat(join(place.folder, A, id)).catch(() => undefined)) !== undefined)
    await new Promise((resolve) => setTimeout(resolve, 2));
});

test('what was on its way when the server ended is carried after the next start', async () => {
  await using store = await S3StandIn.open();
  await using place = await openPlace(store);
  store.weather.status = 500;
  await place.put({ 'mix.wav': someBytes(5000) });
  place.storage.kick();
  while (store.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await place.storage.close();
  assert.equal((await place.archive.recording(A, id))?.state, 'storing');
  store.weather.status = undefined;
  const next = place.reopen();
  next.kick();
  await place.stored();
  assert.ok((await all(next.recordings, 'mix.wav')).equals(someBytes(5000)));
});

test('a store that answers 500 for ten minutes: nothing is lost, nothing is sent twice, and pauses grow', async () => {
  await using store = await S3StandIn.open();
  const clock = new CountingClock();
  await using place = await openPlace(store, noLog, clock);
  store.weather.status = 500;
  await place.put({ 'mix.wav': someBytes(5000) });
  place.storage.kick();
  while (clock.waitedMs < 600_000) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal((await place.archive.recording(A, id))?.state, 'storing');
  assert.equal(place.storage.counts().stored, 0);
  assert.ok(store.asked.length < 60, `${store.asked.length} requests in ten minutes`);
  assert.ok((await all(place.recordings, 'mix.wav')).equals(someBytes(5000)), 'is had from the disk meanwhile');
  store.weather.status = undefined;
  const before = store.asked.length;
  await place.stored();
  assert.ok((await all(place.recordings, 'mix.wav')).equals(someBytes(5000)));
  assert.equal(store.asked.slice(before).filter((each) => each.startsWith('PUT')).length, 1);
});

test('one recording whose file is not what it was holds up no other', async () => {
  await using store = await S3StandIn.open();
  await using place = await openPlace(store);
  const broken = await place.put({ 'mix.wav': someBytes(50) });
  await writeFile(join(place.folder, A, id, 'mix.wav'), someBytes(50, 9));
  const other = '2'.repeat(32);
  await place.put({ 'mix.wav': someBytes(70) }, { id: other, startedAt: 2000 });
  place.storage.kick();
  await place.stored(other);
  assert.equal((await place.archive.recording(A, broken.id))?.state, 'storing');
  assert.deepEqual([...store.things.keys()], [`x/${A}/${other}/mix.wav`]);
});

test('recordings of before another store was named are still had, those of a store no longer named say so', async () => {
  await using store = await S3StandIn.open();
  await using place = await openPlace();
  await place.put({ 'mix.wav': someBytes(50) });
  place.storage.kick();
  await place.stored();
  const next = place.reopen(store);
  assert.ok((await all(next.recordings, 'mix.wav')).equals(someBytes(50)));
  await place.archive.save({ ...(await place.stored()), place: 's3://old/bucket' });
  await assert.rejects(all(next.recordings, 'mix.wav'), { kind: 'unavailable', code: 'shelf', message: /s3:\/\/old\/bucket/ });
  await assert.rejects(next.recordings.remove(A, id), { code: 'shelf' });
  assert.ok((await place.archive.recording(A, id)) !== undefined, 'is not forgotten while its files are somewhere');
});

test('nothing of a running recording is given, and nothing of another account', async () => {
  await using place = await openPlace();
  await place.put({ 'mix.wav': someBytes(50) }, { state: 'running' });
  const running = { kind: 'conflict', code: 'recording_running' };
  await assert.rejects(all(place.recordings, 'mix.wav'), running);
  await assert.rejects(place.recordings.remove(A, id), running);
  await assert.rejects(place.recordings.peaks(A, id, 10), running);
  const absent = { kind: 'not-found', code: 'recording_not_found' };
  await assert.rejects(place.recordings.get(B, id), absent);
  await assert.rejects(place.recordings.open({ account: B, recording: id, file: 'mix.wav' }), absent);
  await assert.rejects(place.recordings.peaks(B, id, 10), absent);
  await assert.rejects(place.recordings.remove(B, id), absent);
});

test('a file that the record does not name is not given, whatever lies beside it', async () => {
  await using place = await openPlace();
  await place.put({ 'mix.wav': someBytes(50) });
  await writeFile(join(place.folder, A, id, 'journal.jsonl'), 'secret');
  for (const file of ['journal.jsonl', '../mix.wav', 'stem-3.wav', ''])
    await assert.rejects(place.recordings.open({ account: A, recording: id, file }), { code: 'recording_file_not_found' });
});

test('a removed recording is gone from the store, the disk and the archive', async () => {
  await using store = await S3StandIn.open();
  await using place = await openPlace(store);
  await place.put({ 'mix.wav': someBytes(50), 'manifest.json': Buffer.from('{}') });
  place.storage.kick();
  await place.stored();
  store.weather.status = 500;
  await assert.rejects(place.recordings.remove(A, id), { code: 'shelf' });
  assert.ok((await place.archive.recording(A, id)) !== undefined);
  store.weather.status = undefined;
  assert.equal((await place.recordings.remove(A, id)).id, id);
  assert.equal(store.things.size, 0);
  await assert.rejects(place.recordings.get(A, id), { code: 'recording_not_found' });
  await assert.rejects(stat(join(place.folder, A, id)));
});

test('old recordings go, account by account; one that cannot go holds up no other', async () => {
  await using place = await openPlace();
  const ids = ['3', '4', '5', '6'].map((digit) => digit.repeat(32));
  for (const [index, each] of ids.entries()) {
    await place.put(
      { 'mix.wav': someBytes(5) },
      { id: each, startedAt: 100 * index, state: 'stored', place: index === 0 ? 's3://gone' : 'folder' },
    );
  }
  await place.put({ 'mix.wav': someBytes(5) }, { id: '7'.repeat(32), startedAt: 0, state: 'running' });
  await place.put({ 'mix.wav': someBytes(5) }, { account: B, startedAt: 0, state: 'stored', place: 'folder' });
  assert.equal(await place.recordings.forget({ account: A, before: 300 }), 2);
  const left = (await place.recordings.list({ account: A, limit: 9 })).map((each) => each.id[0]);
  assert.deepEqual(left, ['6', '7', '3']);
  assert.equal((await place.recordings.list({ account: B, limit: 9 })).length, 1);
});

for (const isRemote of [false, true]) {
  test(`an erased caller: his stems go, the mix stays and is marked, others keep theirs (${isRemote ? 's3' : 'folder'})`, async () => {
    await using store = await S3StandIn.open();
    await using place = await openPlace(isRemote ? store : undefined);
    const manifest = { people: [person(anna, NUMBER, 'Anna'), person(bert, '+49301234567', 'Bert')], note: `called ${NUMBER} twice` };
    const old = Buffer.from(JSON.stringify(manifest));
    await place.put({ 'mix.wav': someBytes(50), 'stem-anna.wav': someBytes(40), 'stem-bert.wav': someBytes(30), 'manifest.json': old });
    place.storage.kick();
    await place.stored();
    assert.equal(await place.recordings.erase({ account: B, number: NUMBER }), 0);
    assert.equal(await place.recordings.erase({ account: A, number: NUMBER }), 1);
    const record = await place.recordings.get(A, id);
    assert.deepEqual(
      record.files.map(({ name }) => name),
      ['mix.wav', 'stem-bert.wav', 'manifest.json'],
    );
    assert.deepEqual(record.erased, [anna]);
    assert.deepEqual(record.people, [person(anna, 'erased', 'erased'), person(bert, '+49301234567', 'Bert')]);
    const left = await place.storage.shelf.list(A, id);
    assert.deepEqual(left.map(({ file }) => file).sort(), ['manifest.json', 'mix.wav', 'stem-bert.wav']);
    const text = (await all(place.recordings, 'manifest.json')).toString();
    assert.ok(!/\+4930123456(?!7)|Anna/.test(text) && text.includes('Bert'), text);
    const { erasures } = JSON.parse(text) as { erasures: Record<string, unknown>[] };
    assert.deepEqual(erasures[0]?.['participants'], [anna]);
    assert.equal(erasures[0]?.['manifest_sha256_before'], createHash('sha256').update(old).digest('hex'));
    const listed = record.files.find(({ kind }) => kind === 'manifest');
    assert.deepEqual([listed?.bytes, listed?.sha256], [Buffer.byteLength(text), createHash('sha256').update(text).digest('hex')]);
    assert.equal(await place.recordings.erase({ account: A, number: NUMBER }), 0);
  });
}

/** A second of quiet, a second of a loud tone, a second of quiet. */
function steps(rate: number): Int16Array {
  return Int16Array.from({ length: 3 * rate }, (_, at) =>
    at >= rate && at < 2 * rate ? Math.round(16_384 * Math.sin((2 * Math.PI * 440 * at) / rate)) : 0,
  );
}

test('the picture of a recording shows where it is loud, and is kept', async () => {
  await using place = await openPlace();
  await place.put({ 'mix.wav': Buffer.from(writeWav({ rate: 16_000, channels: 1, samples: steps(16_000) })) });
  const { seconds, least, most } = await place.recordings.peaks(A, id, 30);
  assert.equal(seconds, 3);
  assert.deepEqual([least.length, most.length], [30, 30]);
  for (let at = 0; at < 30; at++) {
    const loud = at >= 10 && at < 20;
    assert.ok(Math.abs((most[at] ?? 9) - (loud ? 0.5 : 0)) < 0.02, `most of ${at} is ${most[at]}`);
    assert.ok(Math.abs((least[at] ?? 9) - (loud ? -0.5 : 0)) < 0.02, `least of ${at} is ${least[at]}`);
  }
  await writeFile(join(place.folder, A, id, 'mix.wav'), 'gone');
  assert.deepEqual((await place.recordings.peaks(A, id, 30)).most, most);
  assert.equal((await place.recordings.peaks(A, id, 7)).most.length, 7);
  assert.equal((await place.recordings.peaks(A, id, 1)).most.length, 1);
});

test('a mix in two files of different rates is one picture; Opus and a file that is broken are no trouble', async () => {
  await loadCodecs();
  await using place = await openPlace();
  const part = (rate: number) => Buffer.from(writeWav({ rate, channels: 1, samples: steps(rate) }));
  await place.put({ 'mix.wav': part(8000), 'mix-2.wav': part(48_000) });
  const two = await place.recordings.peaks(A, id, 6);
  assert.equal(two.seconds, 6);
  assert.deepEqual(
    two.most.map((each) => each > 0.4),
    [false, true, false, false, true, false],
  );

  const encoder = openEncoder({ name: 'opus', rate: 16_000, clockRate: 48_000 });
  const packets: Uint8Array[] = [];
  const out = new Uint8Array(1275);
  const sound = steps(16_000);
  for (let at = 0; at < sound.length; at += 320) packets.push(out.slice(0, encoder.encode(sound.subarray(at, at + 320), 320, out, 0)));
  encoder.close();
  const pages = new OpusPages({ serial: 7 });
  const ogg = Buffer.concat([opusHeads(7, 16_000), ...pages.pages(packets), pages.end()]);
  await place.put({ 'mix.ogg': ogg }, { id: '2'.repeat(32), format: 'ogg' });
  const opus = await place.recordings.peaks(A, '2'.repeat(32), 3);
  assert.ok(Math.abs(opus.seconds - 3) < 0.05, String(opus.seconds));
  assert.deepEqual(
    opus.most.map((each) => each > 0.4),
    [false, true, false],
  );

  await place.put({ 'mix.wav': Buffer.from('no sound at all') }, { id: '3'.repeat(32) });
  assert.deepEqual(await place.recordings.peaks(A, '3'.repeat(32), 3), { seconds: 0, least: [], most: [] });
});
