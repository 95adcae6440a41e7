import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openHouse } from '../../test/kit/api-house.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { type AccountId, openAccounts, type UserId } from '../accounts/index.ts';
import { dashed, noLog, SystemClock, undashed } from '../base/index.ts';
import type { CallId, CallTrace, CallTraces, ConferenceId, RecordingId } from '../conference/index.ts';
import { openStorage } from '../recording/index.ts';
import { MemoryStore } from '../store/index.ts';

const START = 1_700_000_000_000;
const hex = (n: number): string => n.toString(16).padStart(32, '0');

/** Two users and an admin; conferences of which each left recordings behind, and people who were in them. */
async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'parley-access-'));
  const archive = new MemoryStore().archive;
  const storage = openStorage({ archive, folder, clock: new SystemClock(), chance: new SeededChance(1), log: noLog });
  const kept = new Map<string, CallTrace>();
  const traces: CallTraces = { find: async (_, call) => kept.get(call), happenings: () => [], erase: async () => 0 };
  const house = await openHouse({ options: { recordings: storage.recordings, traces } });
  const { clock, chance } = house.options;
  const account = house.account as AccountId;
  const book = openAccounts({ store: house.store.accounts, clock, chance });
  const keyOf = async (username: string) => {
    const user = await book.createUser({ account, username, privilege: 'user', password: 'secret word' });
    const credentials = createHash('md5').update(`${username}:secret word`).digest('hex');
    const payload = JSON.stringify({ data: { credentials, realm: house.realm } });
    const login = await house.server.inject({ method: 'PUT', url: '/v2/user_auth', payload });
    return { id: user.id, key: (await book.createAccessKey({ account, user: user.id as UserId })).token, token: login.json().auth_token };
  };
  const [ada, bob] = [await keyOf('ada'), await keyOf('bob')];
  const keys = { admin: house.accessKey, ada: ada.key, bob: bob.key } as const;
  const tokens = { admin: house.token, ada: ada.token, bob: bob.token } as const;
  type Who = keyof typeof keys;
  const ask = async (who: Who, method: 'GET' | 'DELETE' | 'POST', url: string) => {
    const sign = url.includes('?') ? '&' : '?';
    const answer = url.startsWith('/v1.0')
      ? await house.server.inject({ method, url: `${url}${sign}accesskey=${keys[who]}` })
      : await house.server.inject({
          method,
          url,
          headers: url.startsWith('/v2') ? { 'x-auth-token': tokens[who] } : { authorization: `Bearer ${keys[who]}` },
        });
    return { status: answer.statusCode, text: answer.body, body: answer.body.startsWith('{') ? answer.json() : undefined };
  };
  let count = 0;
  /** A conference that was recorded, with two people in it. */
  const conference = async (document: object): Promise<{ id: string; recording: string }> => {
    count += 1;
    const headers = { authorization: `Bearer ${house.accessKey}` };
    const made = await house.server.inject({ method: 'POST', url: '/api/conferences', payload: { document }, headers });
    const id: string = made.json().id;
    await house.join(undashed(id), { id: `ann-${count}` });
    await house.join(undashed(id), { id: `ben-${count}` });
    await archive.save({
      id: hex(count) as RecordingId,
      account,
      conference: undashed(id) as ConferenceId,
      instance: 'run',
      startedAt: START + count * 1000,
      endedAt: START + count * 1000 + 1000,
      state: 'stored',
      place: 'folder',
      seconds: 1,
      rate: 8000,
      format: 'wav',
      files: [],
      reason: 'asked',
      people: [],
      repaired: false,
      gaps: 0,
    });
    return { id, recording: hex(count) };
  };
  const close = async (): Promise<void> => {
    await house.server.close();
    await storage.close();
    await rm(folder, { recursive: true });
  };
  return { ...house, kept, ask, conference, archive, ids: { ada: ada.id, bob: bob.id }, [Symbol.asyncDispose]: close };
}

test('what conferences left behind is seen by the same rule in every dialect: by admins all, by others what they own or moderate', async () => {
  await using house = await open();
  const { ask, ids, account } = house;
  const own = await house.conference({ owner_id: ids.ada });
  const led = await house.conference({ moderator: { users: [ids.ada] } });
  const gone = await house.conference({ owner_id: ids.ada });
  const foreign = await house.conference({ owner_id: ids.bob });
  assert.equal((await ask('admin', 'DELETE', `/api/conferences/${gone.id}`)).status, 204);
  const idsOf = (body: { items?: { id: string }[]; data?: { id: string }[]; result?: { id: string }[] }): readonly string[] =>
    (body.items ?? body.data ?? body.result ?? []).map(({ id }) => undashed(id));
  for (const url of ['/api/recordings', `/v2/accounts/${account}/recordings`, '/v1.0/recordings']) {
    const seen = async (who: 'admin' | 'ada' | 'bob') => idsOf((await ask(who, 'GET', url)).body);
    assert.deepEqual(
      await seen('admin'),
      [foreign, gone, led, own].map(({ recording }) => recording),
      url,
    );
    assert.deepEqual(
      await seen('ada'),
      [gone, led, own].map(({ recording }) => recording),
      url,
    );
    assert.deepEqual(await seen('bob'), [foreign.recording], url);
  }
  for (const of of [
    (id: string) => `/api/recordings/${dashed(id)}`,
    (id: string) => `/v2/accounts/${account}/recordings/${id}`,
    (id: string) => `/v1.0/recordings/${dashed(id)}`,
  ]) {
    const status = async (who: 'ada' | 'bob', method: 'GET' | 'DELETE', { recording }: { recording: string }) =>
      (await ask(who, method, of(recording))).status;
    assert.deepEqual(
      [await status('ada', 'GET', own), await status('ada', 'GET', led), await status('ada', 'GET', gone)],
      [200, 200, 200],
      of('x'),
    );
    assert.deepEqual([await status('ada', 'GET', foreign), await status('bob', 'GET', own)], [403, 403], of('x'));
    assert.equal(await status('ada', 'DELETE', led), 403, 'who only moderates deletes nothing');
    assert.equal(await status('bob', 'DELETE', own), 403);
  }
  for (const raw of [`/v2/accounts/${account}/recordings/${own.recording}/raw`, `/v1.0/recordingfiles/${dashed(own.recording)}`]) {
    assert.equal((await ask('bob', 'GET', raw)).status, 403, raw);
    assert.equal((await ask('ada', 'GET', raw)).status, 404, `${raw}: this one has no file, and that is what she is told`);
  }
  assert.equal((await ask('ada', 'DELETE', `/v1.0/recordings/${dashed(own.recording)}`)).status, 200);
  assert.deepEqual(house.errors, []);
});

test('who took part is listed to whoever owns or moderates the conference, however many others stand between', async () => {
  await using house = await open();
  const { ask, ids } = house;
  const own = await house.conference({ owner_id: ids.ada });
  for (let i = 0; i < 3; i += 1) await house.conference({ owner_id: ids.bob });
  const last = await house.conference({ moderator: { users: [ids.ada] } });
  const seen = async (who: 'admin' | 'ada' | 'bob', query = ''): Promise<readonly string[]> =>
    (await ask(who, 'GET', `/v1.0/conferencecalls${query}`)).body.result.map((each: { conference_id: string }) => each.conference_id);
  assert.equal((await seen('admin')).length, 10);
  assert.deepEqual([...(await seen('ada'))].sort(), [own.id, own.id, last.id, last.id].sort());
  assert.equal((await seen('bob')).length, 6);
  // A page of her own, and the next one.
  const first = (await ask('ada', 'GET', '/v1.0/conferencecalls?page_size=2')).body;
  const next = (await ask('ada', 'GET', `/v1.0/conferencecalls?page_size=2&page_token=${encodeURIComponent(first.next_page_token)}`)).body;
  const walked = [...first.result, ...next.result];
  assert.equal(new Set(walked.map(({ id }: { id: string }) => id)).size, 4);
  assert.ok(walked.every(({ conference_id: id }: { conference_id: string }) => id === own.id || id === last.id));
});

test('a list of recordings is cut by what its reader sees: no page is short but the last', async () => {
  await using house = await open();
  const { ask, ids, archive, account } = house;
  const own = await house.conference({ owner_id: ids.ada });
  const foreign = await house.conference({ owner_id: ids.bob });
  const some = await archive.list({ account: account as AccountId, limit: 1 });
  for (let n = 10; n < 260; n += 1) {
    const conference = undashed(n % 50 === 0 ? own.id : foreign.id) as ConferenceId;
    await archive.save({ ...some[0]!, id: hex(n) as RecordingId, conference, startedAt: START + n * 1000 });
  }
  for (const [url, items, next] of [
    ['/api/recordings?limit=2', 'items', (body: { next_cursor: string | null }) => body.next_cursor && `&cursor=${body.next_cursor}`],
    [
      `/v2/accounts/${account}/recordings?page_size=2`,
      'data',
      (body: { next_start_key?: string }) => body.next_start_key && `&start_key=${body.next_start_key}`,
    ],
  ] as const) {
    const sizes: number[] = [];
    for (let more: string | null | undefined = ''; typeof more === 'string'; ) {
      const { body } = await ask('ada', 'GET', `${url}${more}`);
      sizes.push(body[items].length);
      more = next(body) || undefined;
    }
    assert.deepEqual(sizes, [2, 2, 2], url);
  }
});

test('how a call was signalled is seen by who owns or moderates its conference; that of a call in none by admins', async () => {
  await using house = await open();
  const { ask, ids, account, kept } = house;
  const own = await house.conference({ owner_id: ids.ada });
  const trace = (id: string, conference?: string): void => {
    const base = {
      id: id as CallId,
      account: account as AccountId,
      sipCallId: `${id}@x`,
      direction: 'inbound',
      callerName: '',
      callerNumber: '1',
    } as const;
    const rest = { calledNumber: '2', startedAt: 0, messages: [], happenings: [], dropped: 0 };
    kept.set(id, { ...base, ...rest, ...(conference === undefined ? {} : { conference: undashed(conference) as ConferenceId }) });
  };
  trace(hex(1), own.id);
  trace(hex(2));
  for (const way of ['trace', 'trace.pcap']) {
    const status = async (who: 'admin' | 'ada' | 'bob', n: number) => (await ask(who, 'GET', `/api/calls/${hex(n)}/${way}`)).status;
    assert.deepEqual([await status('admin', 1), await status('ada', 1), await status('bob', 1)], [200, 200, 403], way);
    assert.deepEqual([await status('admin', 2), await status('ada', 2), await status('bob', 2)], [200, 403, 403], way);
    assert.equal(await status('ada', 3), 404);
  }
});
