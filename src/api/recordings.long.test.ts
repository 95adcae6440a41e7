import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { someBytes, Workbench } from '../../test/contract/shelf-contract.ts';
import { openHouse } from '../../test/kit/api-house.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import type { AccountId } from '../accounts/index.ts';
import { writeWav } from '../audio/index.ts';
import { dashed, isoMillis, noLog, SystemClock } from '../base/index.ts';
import type { ConferenceId, ParticipantId, RecordingFile, RecordingRecord } from '../conference/index.ts';
import { openStorage } from '../recording/index.ts';
import { MemoryStore } from '../store/index.ts';

const START = 1_700_000_000_000;
const anna = '11'.repeat(16) as ParticipantId;
const hex = (n: number): string => n.toString(16).padStart(32, '0');
const SOUND = Buffer.from(
  writeWav({ rate: 8000, channels: 1, samples: Int16Array.from({ length: 8000 }, (_, at) => (at % 2 === 0 ? 8192 : -8192)) }),
);

/** A server with recordings in a folder. */
async function openRecorded() {
  const bench = await Workbench.open();
  const archive = new MemoryStore().archive;
  const storage = openStorage({ archive, folder: bench.folder, clock: new SystemClock(), chance: new SeededChance(1), log: noLog });
  const house = await openHouse({ options: { recordings: storage.recordings } });
  const put = async (n: number, change: Partial<RecordingRecord> = {}, files: Readonly<Record<string, Buffer>> = { 'mix.wav': SOUND }) => {
    const account = change.account ?? (house.account as AccountId);
    await mkdir(join(bench.folder, account, hex(n)), { recursive: true });
    const listed: RecordingFile[] = [];
    for (const [name, body] of Object.entries(files)) {
      await writeFile(join(bench.folder, account, hex(n), name), body);
      const kind = name.startsWith('stem') ? 'stem' : name.startsWith('manifest') ? 'manifest' : 'mix';
      const sha256 = createHash('sha256').update(body).digest('hex');
      listed.push({ name, kind, ...(kind === 'stem' ? { participant: anna } : {}), offsetSamples: 0, bytes: body.length, sha256 });
    }
    await archive.save({
      id: hex(n),
      account,
      conference: 'd'.repeat(32) as ConferenceId,
      instance: 'run',
      startedAt: START + n * 1000,
      endedAt: START + n * 1000 + 1000,
      state: 'stored',
      place: 'folder',
      seconds: 1.25,
      rate: 8000,
      format: 'wav',
      files: listed,
      reason: 'asked',
      people: [{ participant: anna, direction: 'inbound', callerNumber: '+4930123456', callerName: 'Anna' }],
      repaired: false,
      gaps: 0,
      ...change,
    });
  };
  const ask = (method: 'GET' | 'HEAD' | 'POST' | 'DELETE', url: string, headers: Record<string, string> = {}, payload?: object) =>
    house.server.inject({
      method,
      url,
      headers: { authorization: `Bearer ${house.apiKey}`, 'x-auth-token': house.token, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
  return {
    ...house,
    ask,
    put,
    archive,
    kazoo: `/v2/accounts/${house.account}/recordings`,
    async [Symbol.asyncDispose]() {
      await house.server.close();
      await storage.close();
      await bench[Symbol.asyncDispose]();
    },
  };
}

test('/api lists recordings newest first, in pages, of a conference and of a time', async () => {
  await using house = await openRecorded();
  for (const n of [1, 2, 3, 4, 5]) await house.put(n, n === 4 ? { conference: 'room' as ConferenceId } : {});
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { items, next_cursor }: { items: { id: string }[]; next_cursor: string | null } = (
      await house.ask('GET', `/api/recordings?limit=2${cursor && `&cursor=${cursor}`}`)
    ).json();
    seen.push(...items.map((each) => each.id));
    cursor = next_cursor;
  }
  assert.deepEqual(
    seen,
    [5, 4, 3, 2, 1].map((n) => dashed(hex(n))),
  );
  const ids = async (query: string): Promise<string[]> =>
    (await house.ask('GET', `/api/recordings?${query}`)).json().items.map((each: { id: string }) => each.id);
  assert.deepEqual(await ids('conference=room'), [dashed(hex(4))]);
  const at = (n: number): string => isoMillis(START + n * 1000);
  assert.deepEqual(
    await ids(`from=${at(2)}&to=${at(4)}`),
    [3, 2].map((n) => dashed(hex(n))),
  );
  for (const wrong of ['cursor=bm8', 'from=yesterday', 'limit=0', 'limit=1001'])
    assert.equal((await house.ask('GET', `/api/recordings?${wrong}`)).statusCode, 400, wrong);
});

test('/api shows a recording with its files and its manifest', async () => {
  await using house = await openRecorded();
  await house.put(1, { name: 'Board' }, { 'mix.wav': SOUND, 'stem-1.wav': SOUND, 'manifest.json': Buffer.from('{"version":1}') });
  const body = (await house.ask('GET', `/api/recordings/${dashed(hex(1))}`)).json();
  assert.deepEqual([body.id, body.name, body.state, body.seconds, body.reason], [dashed(hex(1)), 'Board', 'stored', 1.25, 'asked']);
  assert.deepEqual(body.manifest, { version: 1 });
  assert.equal(body.files[1].participant, dashed(anna));
  const got = await house.ask('GET', body.files[1].url);
  assert.ok(got.rawPayload.equals(SOUND));
  await house.put(2, { state: 'running', files: [] }, {});
  assert.equal((await house.ask('GET', `/api/recordings/${hex(2)}`)).json().manifest, null);
  assert.equal((await house.ask('GET', `/api/recordings/${hex(2)}/files/mix.wav`)).json().code, 'recording_running');
});

test('a file is given whole, in parts, or not again (RFC 9110 §13, §14)', async () => {
  await using house = await openRecorded();
  const sound = someBytes(100_000);
  await house.put(1, { name: 'Grüße "x"\r\nA: b/../' }, { 'mix.wav': sound });
  const url = `/api/recordings/${hex(1)}/files/mix.wav`;
  const whole = await house.ask('GET', url);
  assert.deepEqual([whole.statusCode, whole.headers['content-length'], whole.headers['accept-ranges']], [200, '100000', 'bytes']);
  assert.equal(whole.headers['content-type'], 'audio/wav');
  assert.match(String(whole.headers['content-disposition']), /^attachment; filename="[A-Za-z0-9._ -]+-mix\.wav"$/);
  assert.ok(whole.rawPayload.equals(sound));
  const etag = String(whole.headers['etag']);
  for (const [range, first, last] of [
    ['bytes=0-0', 0, 0],
    ['bytes=99999-', 99_999, 99_999],
    ['bytes=-10', 99_990, 99_999],
    ['bytes=-999999', 0, 99_999],
    ['bytes=65000-70000', 65_000, 70_000],
    ['BYTES=10-99999999', 10, 99_999],
  ] as const) {
    const part = await house.ask('GET', url, { range });
    assert.deepEqual([part.statusCode, part.headers['content-range']], [206, `bytes ${first}-${last}/100000`], range);
    assert.equal(part.headers['content-length'], String(last - first + 1));
    assert.ok(part.rawPayload.equals(sound.subarray(first, last + 1)), range);
  }
  for (const range of ['bytes=100000-', 'bytes=-0', 'bytes=999999999999999-']) {
    const none = await house.ask('GET', url, { range });
    assert.deepEqual([none.statusCode, none.headers['content-range'], none.body], [416, 'bytes */100000', ''], range);
  }
  for (const range of ['bytes=5-3', 'bytes=a-b', 'items=0-1', 'bytes=0-1,5-6', 'bytes=', 'bytes=-'])
    assert.equal((await house.ask('GET', url, { range })).statusCode, 200, range);
  assert.equal((await house.ask('GET', url, { range: 'bytes=0-1', 'if-range': '"other"' })).statusCode, 200);
  assert.equal((await house.ask('GET', url, { range: 'bytes=0-1', 'if-range': etag })).statusCode, 206);
  const known = await house.ask('GET', url, { 'if-none-match': `"x", ${etag}` });
  assert.deepEqual([known.statusCode, known.body], [304, '']);
  const head = await house.ask('HEAD', url);
  assert.deepEqual([head.statusCode, head.headers['content-length'], head.body], [200, '100000', '']);
  assert.match(String((await house.ask('GET', `${url}?inline=true`)).headers['content-disposition']), /^inline/);
  for (const name of ['stem.wav', '..%2Fmix.wav', '%00', 'peaks.json'])
    assert.equal((await house.ask('GET', `/api/recordings/${hex(1)}/files/${name}`)).json().code, 'recording_file_not_found', name);
});

test('peaks for a picture', async () => {
  await using house = await openRecorded();
  await house.put(1);
  const { seconds, min, max } = (await house.ask('GET', `/api/recordings/${hex(1)}/peaks?points=4`)).json();
  assert.deepEqual([seconds, min, max], [1, [-0.25, -0.25, -0.25, -0.25], [0.25, 0.25, 0.25, 0.25]]);
  for (const points of ['0', '5000', 'many', '1.5'])
    assert.equal((await house.ask('GET', `/api/recordings/${hex(1)}/peaks?points=${points}`)).statusCode, 400, points);
});

test('a link needs no token, serves one file, and is over when it says', async () => {
  await using house = await openRecorded();
  await house.put(1);
  const link = (await house.ask('POST', `/api/recordings/${hex(1)}/files/mix.wav/link`, {}, { expires_seconds: 60 })).json();
  const { pathname, search, searchParams } = new URL(link.url);
  const bare = (path: string) => house.server.inject({ method: 'GET', url: path, headers: { range: 'bytes=0-3' } });
  const got = await bare(pathname + search);
  assert.deepEqual([got.statusCode, got.body, got.headers['referrer-policy']], [206, 'RIFF', 'no-referrer']);
  assert.equal(pathname, '/api/recording-links/mix.wav');
  const ticket = searchParams.get('ticket') ?? '';
  const [text = '', sign = ''] = ticket.split('.');
  const forged = Buffer.from(Buffer.from(text, 'base64url').toString().replace('mix.wav', 'all.wav')).toString('base64url');
  for (const wrong of [`${forged}.${sign}`, `${text}.${'A'.repeat(43)}`, text, 'x.y', '.']) {
    const refused = await bare(`${pathname}?ticket=${wrong}`);
    assert.equal(refused.json().code, 'link_expired', wrong);
  }
  assert.equal((await bare(`/api/recording-links/all.wav${search}`)).statusCode, 404);
  assert.equal((await bare(pathname)).statusCode, 400);
  house.clock.advance(59_000);
  assert.equal((await bare(pathname + search)).statusCode, 206);
  house.clock.advance(1000);
  assert.equal((await bare(pathname + search)).statusCode, 404);
  const path = `/api/recordings/${hex(1)}/files`;
  assert.equal((await house.ask('POST', `${path}/other.wav/link`, {}, {})).json().code, 'recording_file_not_found');
  assert.equal((await house.ask('POST', `${path}/mix.wav/link`, {}, { expires_seconds: 86_401 })).statusCode, 400);
});

test('a removed recording is gone; one that is running stays', async () => {
  await using house = await openRecorded();
  await house.put(1);
  await house.put(2, { state: 'running' });
  assert.equal((await house.ask('DELETE', `/api/recordings/${hex(1)}`)).statusCode, 204);
  assert.equal((await house.ask('DELETE', `/api/recordings/${hex(1)}`)).json().code, 'recording_not_found');
  assert.deepEqual((await house.ask('DELETE', `/api/recordings/${hex(2)}`)).json().code, 'recording_running');
});

test('KAZOO: list, get, sound, delete', async () => {
  await using house = await openRecorded();
  for (const n of [1, 2, 3]) await house.put(n);
  const { kazoo } = house;
  const first = (await house.ask('GET', `${kazoo}?page_size=2`)).json();
  assert.deepEqual(
    first.data.map((each: { id: string }) => each.id),
    [hex(3), hex(2)],
  );
  const next = (await house.ask('GET', `${kazoo}?page_size=2&start_key=${first.next_start_key}`)).json();
  assert.deepEqual([next.data.length, next.data[0].id, next.next_start_key], [1, hex(1), undefined]);
  const { data } = (await house.ask('GET', `${kazoo}/${hex(1)}`)).json();
  // Gregorian seconds: Unix + 62167219200 (kazoo-facts).
  assert.deepEqual(
    [data.start, data.duration, data.duration_ms, data.content_type],
    [1_700_000_001 + 62_167_219_200, 1, 1250, 'audio/wav'],
  );
  assert.deepEqual([data.conference_id, data.media_source, data.url], ['d'.repeat(32), 'recorded', `${kazoo}/${hex(1)}/raw`]);
  for (const [url, headers] of [
    [`${kazoo}/${hex(1)}/raw`, {}],
    [`${kazoo}/${hex(1)}`, { accept: 'audio/mpeg' }],
    [`${kazoo}/${hex(1)}?accept=audio/wav`, {}],
    [`${kazoo}/${dashed(hex(1))}/raw`, {}],
  ] as const) {
    const sound = await house.ask('GET', url, headers);
    assert.deepEqual([sound.statusCode, sound.headers['content-type']], [200, 'audio/wav'], url);
    assert.ok(sound.rawPayload.equals(SOUND));
  }
  const part = await house.ask('GET', `${kazoo}/${hex(1)}/raw`, { range: 'bytes=0-3' });
  assert.deepEqual([part.statusCode, part.body, part.headers['content-range']], [206, 'RIFF', `bytes 0-3/${SOUND.length}`]);
  assert.equal((await house.ask('DELETE', `${kazoo}/${hex(1)}`)).json().data.id, hex(1));
  const gone = await house.ask('GET', `${kazoo}/${hex(1)}`);
  assert.deepEqual([gone.statusCode, gone.json().message], [404, 'bad_identifier']);
  for (const wrong of ['created_from=x', 'page_size=0', 'start_key=bm8'])
    assert.ok([400, 404].includes((await house.ask('GET', `${kazoo}?${wrong}`)).statusCode), wrong);
  assert.equal((await house.ask('GET', `/v2/accounts/${house.account}/users/${'e'.repeat(32)}/recordings`)).statusCode, 404);
});

test('nobody hears another account, and no plain user his own', async () => {
  await using house = await openRecorded();
  await house.put(1, { account: house.stranger as AccountId });
  await house.put(2);
  const paths = ['', '/files/mix.wav', '/peaks'].map((rest) => `/api/recordings/${hex(1)}${rest}`);
  for (const path of paths) {
    assert.equal((await house.ask('GET', path)).json().code, 'recording_not_found', path);
    assert.equal((await house.ask('GET', `${path}?account=${house.stranger}`)).statusCode, 403, path);
  }
  assert.equal((await house.ask('POST', `${paths[1]}/link`, {}, {})).statusCode, 404);
  assert.equal((await house.ask('DELETE', `/api/recordings/${hex(1)}`)).statusCode, 404);
  assert.deepEqual(
    (await house.ask('GET', '/api/recordings')).json().items.map((each: { id: string }) => each.id),
    [dashed(hex(2))],
  );
  assert.equal((await house.ask('GET', `${house.kazoo}/${hex(1)}/raw`)).statusCode, 404);
  assert.equal((await house.ask('GET', `/v2/accounts/${house.stranger}/recordings/${hex(1)}/raw`)).statusCode, 403);
  assert.ok((await house.archive.recording(house.stranger as AccountId, hex(1))) !== undefined);
  const nobody = await house.server.inject({ method: 'GET', url: `/api/recordings/${hex(2)}/files/mix.wav` });
  assert.equal(nobody.statusCode, 401);
});

test('without recordings there is no such resource', async () => {
  const house = await openHouse();
  const ask = (url: string) =>
    house.server.inject({ method: 'GET', url, headers: { authorization: `Bearer ${house.apiKey}`, 'x-auth-token': house.token } });
  assert.equal((await ask('/api/recordings')).statusCode, 404);
  assert.equal((await ask(`/v2/accounts/${house.account}/recordings`)).statusCode, 404);
  await house.server.close();
});

test('erasing a caller takes his track, or the whole recording', async () => {
  await using house = await openRecorded();
  for (const n of [1, 2]) await house.put(n, {}, { 'mix.wav': SOUND, 'stem-1.wav': SOUND });
  const wrong = await house.ask('POST', '/api/erasures', {}, { number: '+4930123456', whole_recordings: 'yes' });
  assert.equal(wrong.statusCode, 400);
  assert.equal((await house.ask('POST', '/api/erasures', {}, { number: '+4930123456' })).json().recordings, 2);
  const body = (await house.ask('GET', `/api/recordings/${hex(1)}`)).json();
  assert.deepEqual([body.files.length, body.erased], [1, [dashed(anna)]]);
  await house.put(3);
  assert.equal((await house.ask('POST', '/api/erasures', {}, { number: '+4930123456', whole_recordings: true })).json().recordings, 1);
  assert.equal((await house.ask('GET', `/api/recordings/${hex(3)}`)).statusCode, 404);
});
