import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAccountId, aRecordingId, readAll, shelfContract, someBytes, Workbench } from '../../test/contract/shelf-contract.ts';
import { S3StandIn } from '../../test/kit/s3-stand-in.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { noLog, SystemClock } from '../base/index.ts';
import { openFetch } from '../fetch/index.ts';
import type { S3Place } from './s3-requests.ts';
import { S3Shelf } from './shelf-s3.ts';

/** A clock on which ten seconds are ten milliseconds, so that pauses are short and stamps right. */
class HastyClock extends SystemClock {
  override wake(at: number, fn: () => void) {
    const wait = at - this.now();
    return super.wake(this.now() + (wait < 10_000 ? wait / 1000 : wait), fn);
  }
}

const shelfAt = (place: S3Place) =>
  new S3Shelf({
    place,
    clock: new HastyClock(),
    chance: new SeededChance(3),
    log: noLog,
    door: openFetch({ clock: new SystemClock(), log: noLog, allow: ['loopback'] }),
  });

async function openStore(prefix = 'calls/2026/') {
  const store = await S3StandIn.open();
  const shelf = shelfAt(store.place(prefix));
  return {
    store,
    shelf,
    async [Symbol.asyncDispose]() {
      await shelf.close();
      await store[Symbol.asyncDispose]();
      assert.deepEqual(store.faults, []);
    },
  };
}

shelfContract('s3', () => openStore());
shelfContract('s3 without a prefix', () => openStore(''));

const key = { account: anAccountId, recording: aRecordingId, file: 'mix.wav' };
const name = `calls/2026/${anAccountId}/${aRecordingId}/mix.wav`;
const BIG = 20_000_000;

test('a long file goes in parts, every one signed with its hash, and says where it is', async () => {
  await using bench = await Workbench.open();
  await using opened = await openStore();
  const { store, shelf } = opened;
  await shelf.put(key, await bench.file(someBytes(BIG)));
  assert.equal(shelf.place, 's3://sounds/calls/2026');
  assert.equal(store.asked.filter((each) => each.includes('partNumber=')).length, 3);
  assert.ok(store.things.get(name)?.body.equals(someBytes(BIG)));
  assert.equal(store.uploads.size, 0);
  assert.equal(store.things.get(name)?.meta['content-type'], 'audio/wav');
  const before = store.asked.length;
  await shelf.put(key, await bench.file(someBytes(BIG)));
  assert.deepEqual(store.asked.slice(before), [`HEAD ${name}`]);
});

test('what was sent before a store failed, or before a restart, is not sent again', async () => {
  await using bench = await Workbench.open();
  await using opened = await openStore();
  const { store, shelf } = opened;
  store.weather.failing = ({ query }) => query.get('partNumber') === '3';
  await assert.rejects(shelf.put(key, await bench.file(someBytes(BIG))), {
    kind: 'unavailable',
    code: 'shelf',
    message: /500 InternalError/,
  });
  assert.equal(store.things.size, 0);
  store.weather.failing = undefined;
  store.pageSize = 1;
  const before = store.asked.length;
  const afterRestart = shelfAt(store.place('calls/2026/'));
  await afterRestart.put(key, await bench.file(someBytes(BIG)));
  await afterRestart.close();
  const sent = store.asked.slice(before).filter((each) => each.includes('partNumber='));
  assert.equal(sent.length, 1);
  assert.match(sent[0] ?? '', /partNumber=3/);
  assert.ok(store.things.get(name)?.body.equals(someBytes(BIG)));
  assert.equal(store.uploads.size, 0);
});

test('parts of another file under the same name are replaced', async () => {
  await using bench = await Workbench.open();
  await using opened = await openStore();
  const { store, shelf } = opened;
  store.weather.failing = ({ query }) => query.get('partNumber') === '3';
  await assert.rejects(shelf.put(key, await bench.file(someBytes(BIG, 5))));
  store.weather.failing = undefined;
  // The upload that was begun names another file's hash: the first try says so, the next one begins anew.
  const putting = await bench.file(someBytes(BIG, 6));
  await shelf.put(key, putting).catch(() => shelf.put(key, putting));
  assert.ok(store.things.get(name)?.body.equals(someBytes(BIG, 6)));
});

test('an upload whose end is answered 200 with an error inside is not taken for done', async () => {
  await using bench = await Workbench.open();
  await using opened = await openStore();
  const { store, shelf } = opened;
  store.weather.completeFails = true;
  await assert.rejects(shelf.put(key, await bench.file(someBytes(BIG))), { code: 'shelf' });
  store.weather.completeFails = false;
  await shelf.put(key, await bench.file(someBytes(BIG)));
  assert.ok(store.things.get(name)?.body.equals(someBytes(BIG)));
});

test('a store that does not tell of unfinished uploads gets the whole file again', async () => {
  await using bench = await Workbench.open();
  await using opened = await openStore();
  const { store, shelf } = opened;
  store.weather.hidesUploads = true;
  await shelf.put(key, await bench.file(someBytes(BIG)));
  assert.ok(store.things.get(name)?.body.equals(someBytes(BIG)));
  await shelf.remove(anAccountId, aRecordingId);
  assert.equal(store.things.size, 0);
});

test('a moment of failure is passed over; a file that is not what it was is never sent as if it were', async () => {
  await using bench = await Workbench.open();
  await using opened = await openStore();
  const { store, shelf } = opened;
  let left = 2;
  store.weather.failing = () => left-- > 0;
  await shelf.put(key, await bench.file(someBytes(1000)));
  assert.ok(store.things.get(name)?.body.equals(someBytes(1000)));
  const putting = await bench.file(someBytes(1000, 7));
  await assert.rejects(shelf.put(key, { ...putting, sha256: 'f'.repeat(64) }), { code: 'shelf' });
  await assert.rejects(shelf.put({ ...key, file: 'long.wav' }, { ...(await bench.file(someBytes(BIG))), sha256: 'f'.repeat(64) }), {
    code: 'shelf',
  });
  assert.deepEqual([...store.things.keys()], [name]);
  assert.ok(store.things.get(name)?.body.equals(someBytes(1000)));
  // What was begun and cannot be ended goes with the recording.
  assert.equal(store.uploads.size, 1);
  await shelf.remove(anAccountId, aRecordingId);
  assert.deepEqual([store.uploads.size, store.things.size], [0, 0]);
});

test('a download that breaks off is taken up where it was, never from another file', async () => {
  await using bench = await Workbench.open();
  await using opened = await openStore();
  const { store, shelf } = opened;
  const body = someBytes(1_000_000);
  await shelf.put(key, await bench.file(body));
  store.weather.cutAfter = 300_000;
  assert.ok((await readAll(await shelf.get(key))).equals(body));
  assert.ok((await readAll(await shelf.get(key, { first: 100_000, last: 899_999 }))).equals(body.subarray(100_000, 900_000)));
  const taken = await shelf.get(key);
  await shelf.put(key, await bench.file(someBytes(1_000_000, 2)));
  await assert.rejects(readAll(taken), { code: 'shelf' });
});

test('long lists come page by page', async () => {
  await using bench = await Workbench.open();
  await using opened = await openStore();
  const { store, shelf } = opened;
  store.pageSize = 2;
  const putting = await bench.file(someBytes(3));
  for (const file of ['a.wav', 'b.wav', 'c.wav', 'd.wav', 'e.wav']) await shelf.put({ ...key, file }, putting);
  assert.equal((await shelf.list(anAccountId, aRecordingId)).length, 5);
  await shelf.remove(anAccountId, aRecordingId);
  assert.equal(store.things.size, 0);
});

test('wrong keys, a wrong bucket and a wrong clock are said in words, without a secret', async () => {
  await using bench = await Workbench.open();
  await using store = await S3StandIn.open();
  const putting = await bench.file(someBytes(3));
  const said = async (place: S3Place): Promise<string> => {
    const shelf = shelfAt(place);
    try {
      await shelf.list(anAccountId, aRecordingId);
      await shelf.put(key, putting);
      return 'nothing';
    } catch (error) {
      return (error as Error).message;
    } finally {
      await shelf.close();
    }
  };
  const place = store.place();
  assert.match(await said({ ...place, secretAccessKey: 'other' }), /403 SignatureDoesNotMatch$/);
  assert.match(await said({ ...place, accessKeyId: 'nobody' }), /403 InvalidAccessKeyId$/);
  assert.match(await said({ ...place, bucket: 'none' }), /404 NoSuchBucket$/);
  store.now = () => new SystemClock().epoch() + 3_600_000;
  assert.match(await said(place), /403 RequestTimeTooSkewed$/);
  assert.match(await said({ ...place, endpoint: 'http://127.0.0.1:9' }), /connection refused$/);
});

test('closing ends what waits, and nothing is asked afterwards', async () => {
  await using bench = await Workbench.open();
  await using store = await S3StandIn.open();
  const shelf = new S3Shelf({
    place: store.place(),
    clock: new SystemClock(),
    chance: new SeededChance(3),
    log: noLog,
    door: openFetch({ clock: new SystemClock(), log: noLog, allow: ['loopback'] }),
  });
  store.weather.status = 503;
  const putting = shelf.put(key, await bench.file(someBytes(3)));
  putting.catch(() => {});
  while (store.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await shelf.close();
  await assert.rejects(putting, { kind: 'unavailable', code: 'shelf' });
  const before = store.asked.length;
  await assert.rejects(shelf.list(anAccountId, aRecordingId), { code: 'shelf' });
  assert.equal(store.asked.length, before);
});
