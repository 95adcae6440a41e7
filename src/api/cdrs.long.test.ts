import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type House, openHouse } from '../../test/kit/api-house.ts';
import type { AccountId, UserId } from '../accounts/index.ts';
import { isoMillis } from '../base/index.ts';
import type { CallId, Cdr, ConferenceId } from '../conference/index.ts';
import { csvLine, wantsCsv } from './csv.ts';
import type { ApiOptions } from './options.ts';
import { gregorian } from './stamp.ts';

const DAY = 86_400_000;

/** A record that ended `ago` ms before now. */
const aCdr = (house: House, n: number, change: Partial<Cdr> = {}): Cdr => {
  const endedAt = house.clock.epoch() - n * 1000;
  return {
    id: n.toString(16).padStart(32, '0') as CallId,
    account: house.account as AccountId,
    conference: 'c'.repeat(32) as ConferenceId,
    direction: 'inbound',
    sipCallId: `call-${n}@phone`,
    callerName: 'Ann',
    callerNumber: '+4930123',
    calledNumber: '3000',
    startedAt: endedAt - 12_300,
    answeredAt: endedAt - 10_100,
    endedAt,
    reason: 'hung-up',
    sipStatus: 200,
    cause: 16,
    codec: 'opus',
    quality: { packetsIn: 500, lost: 2, mosCq: 4.2 },
    channelVars: { realm: 'one.test', owner_id: 'e'.repeat(32), authorizing_id: 'd'.repeat(32) },
    ...change,
  };
};

const opened = async (...changes: readonly Partial<Cdr>[]) => {
  const house = await openHouse();
  for (const [n, change] of changes.entries()) await house.store.history.add(aCdr(house, n + 1, change));
  const get = (url: string, headers: Record<string, string> = {}) =>
    house.server.inject({
      method: 'GET',
      url,
      headers: { 'x-auth-token': house.token, authorization: `Bearer ${house.accessKey}`, ...headers },
    });
  const kazoo = (query = '', headers = {}) => get(`/v2/accounts/${house.account}/cdrs${query}`, headers);
  const native = (query = '', headers = {}) => get(`/api/cdrs${query}`, headers);
  return { ...house, get, kazoo, native };
};

test('both dialects tell the same of one leg, each in its words', async () => {
  const { kazoo, native, clock } = await opened({});
  const [own] = (await native()).json().items;
  assert.deepEqual(
    [own.call_id, own.caller_number, own.duration_seconds, own.billed_seconds, own.reason, own.cause, own.quality.mosCq],
    ['call-1@phone', '+4930123', 13, 11, 'hung-up', 16, 4.2],
  );
  assert.equal(Date.parse(own.ended_at), clock.epoch() - 1000);
  const listed = (await kazoo()).json();
  assert.equal(listed.status, 'success');
  assert.equal(listed.page_size, 1);
  const [item] = listed.data;
  assert.deepEqual(
    [
      item.call_id,
      item.caller_id_number,
      item.duration_seconds,
      item.billing_seconds,
      item.hangup_cause,
      item.from,
      item.to,
      item.timestamp,
    ],
    ['call-1@phone', '+4930123', 13, 11, 'NORMAL_CLEARING', '+4930123@one.test', '3000@one.test', gregorian(clock.epoch() - 1000)],
  );
  // The clock of the house shows 1 700 000 000 s at its start.
  assert.deepEqual([item.rfc_1036, item.iso_8601], ['Tue, 14 Nov 2023 22:13:19 GMT', '2023-11-14']);
  const entity = (await kazoo(`/${item.id}`)).json().data;
  assert.deepEqual([entity.ringing_seconds, entity.hangup_code, entity._read_only.codec], [3, 'sip:200', 'opus']);
  assert.equal(entity.custom_channel_vars.owner_id, 'e'.repeat(32));
  assert.equal((await native(`/${own.id}`)).json().id, own.id);
  for (const url of [kazoo('/nothing'), native('/nothing')]) assert.equal((await url).statusCode, 404);
});

test('a record that stands for many refused calls says so in both dialects, and adds no column to the CSV of KAZOO', async () => {
  const refused = { reason: 'refused', sipStatus: 403, cause: 21, conference: undefined, quality: undefined } as const;
  const flood = { ...refused, callerNumber: '', refusals: { calls: 117, source: '192.0.2.7' } } as unknown as Partial<Cdr>;
  const others = { ...refused, refusals: { calls: 40 } } as unknown as Partial<Cdr>;
  const { kazoo, native } = await opened({}, flood, others);
  const { data } = (await kazoo()).json();
  assert.deepEqual(
    data.map((each: Record<string, unknown>) => [each['hangup_cause'], each['refused_calls'], each['source']]),
    [
      ['NORMAL_CLEARING', undefined, undefined],
      ['CALL_REJECTED', 117, '192.0.2.7'],
      ['CALL_REJECTED', 40, ''],
    ],
  );
  const { _read_only: more } = (await kazoo(`/${data[1].id}`)).json().data;
  assert.deepEqual([more.refused_calls, more.source], [117, '192.0.2.7']);
  assert.deepEqual(
    (await native()).json().items.map((each: Record<string, unknown>) => each['refused_calls']),
    [null, 117, 40],
  );
  const [header, ...lines] = (await kazoo('', { accept: 'text/csv' })).body.split('\r\n');
  assert.deepEqual([header?.includes('refused_calls'), lines.length], [false, 4]);
});

test('pages of both meet every record once, newest first; ties and ranges included', async () => {
  const { kazoo, native, clock } = await opened(...Array.from({ length: 7 }, (_, n) => (n < 3 ? { endedAt: 1_700_000_000_000 - 5 } : {})));
  const seen: string[] = [];
  let key = '';
  for (let pages = 0; pages < 9; pages++) {
    const page = (await kazoo(`?page_size=2${key === '' ? '' : `&start_key=${key}`}`)).json();
    seen.push(...page.data.map((each: { id: string }) => each.id));
    if (page.next_start_key === undefined) break;
    key = page.next_start_key;
  }
  assert.deepEqual([seen.length, new Set(seen).size], [7, 7]);
  const own: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: { items: { id: string }[]; next_cursor: string | null } = (
      await native(`?limit=3&by=end${cursor === '' ? '' : `&cursor=${cursor}`}`)
    ).json();
    own.push(...page.items.map(({ id }) => id.replaceAll('-', '')));
    cursor = page.next_cursor;
  }
  assert.deepEqual(own, seen);
  const at = gregorian(clock.epoch());
  assert.equal((await kazoo(`?created_from=${at - 5}&created_to=${at - 5}`)).json().data.length, 1, 'both ends belong to the range');
  const from = isoMillis(clock.epoch() - 6000);
  const to = isoMillis(clock.epoch() - 4000);
  assert.equal((await native(`?by=end&from=${from}&to=${to}`)).json().items.length, 2, 'the end does not belong to the range');
});

test('a list of KAZOO without a range goes back 31 days by the end of calls', async () => {
  const now = 1_700_000_000_000;
  const { kazoo } = await opened({ endedAt: now - 32 * DAY, startedAt: now - 33 * DAY }, { endedAt: now - DAY, startedAt: now - 40 * DAY });
  assert.deepEqual(
    (await kazoo()).json().data.map((each: { call_id: string }) => each.call_id),
    ['call-2@phone'],
  );
  assert.equal((await kazoo(`?created_from=${gregorian(now - 60 * DAY)}`)).json().data.length, 2);
});

test('CSV: every record, cells that no spreadsheet runs, a name for the file that names no other', async () => {
  const { kazoo, native } = await opened({ callerName: '=cmd|"/c calc"!A1' }, { callerName: 'Meier, "Tom"' });
  const own = await native('', { accept: 'text/csv' });
  assert.match(String(own.headers['content-type']), /^text\/csv/);
  const lines = own.body.split('\r\n');
  assert.equal(lines.length, 4);
  assert.match(lines[0] ?? '', /^id,conference,.*,quality_mosCq$/);
  assert.match(own.body, /,"'=cmd\|""\/c calc""!A1",\+4930123,/);
  assert.match(own.body, /,"Meier, ""Tom""",/);
  assert.equal((await native('?format=csv')).body, own.body);
  const theirs = await kazoo('?file_name=../../etc/pass%0d%0awd', { accept: 'text/csv' });
  assert.equal(theirs.headers['content-disposition'], 'attachment; filename="....etcpasswd"');
  assert.equal(theirs.body.split('\r\n').length, 4);
  assert.match(theirs.body, /^id,call_id,caller_id_number,/);
});

test('cells and likings', () => {
  assert.equal(csvLine(['+49 30', '-1', '@x', '\t=1', '+4930', 7, undefined, 'a\nb']), `"'+49 30","'-1","'@x","'\t=1",+4930,7,,"a\nb"\r\n`);
  for (const [accept, csv] of [
    ['text/csv', true],
    ['text/csv;q=0.5, application/json', false],
    ['application/json;q=0.1, text/csv', true],
    ['text/csv;q=0', false],
    ['*/*', false],
    [undefined, false],
  ] as const)
    assert.equal(wantsCsv(accept), csv, accept);
});

test('bad questions are refused in words', async () => {
  const { kazoo, native } = await opened({});
  for (const query of ['?created_from=abc', '?created_from=63900000000&created_to=1', '?created_to=-1'])
    assert.equal((await kazoo(query)).statusCode, 400, query);
  for (const query of ['?page_size=0', '?start_key=%00']) assert.equal((await kazoo(query)).statusCode, 404, query);
  for (const query of ['?from=yesterday', '?limit=0', '?limit=1001', '?cursor=x', '?by=middle', '?format=xml'])
    assert.equal((await native(query)).statusCode, 400, query);
});

test('nobody sees what is another account’s, and only admins see anything', async () => {
  const house = await opened({}, { account: 'c'.repeat(32) as AccountId }, { account: 'b'.repeat(32) as AccountId });
  const { get, options, account, stranger, child, server } = house;
  assert.equal((await house.native()).json().items.length, 1);
  for (const url of [`/v2/accounts/${stranger}/cdrs`, `/api/cdrs?account=${stranger}`, `/api/account?account=${stranger}`])
    assert.equal((await get(url)).statusCode, 403, url);
  assert.equal((await get(`/v2/accounts/${account}/cdrs/${'2'.padStart(32, '0')}`)).statusCode, 404, 'not even by its id');
  assert.equal((await get(`/api/cdrs/${'2'.padStart(32, '0')}`)).statusCode, 404);
  assert.equal((await get(`/api/cdrs?account=${child}`)).json().items.length, 1, 'an ancestor sees them');
  const upward = { authorization: `Bearer ${'b'.repeat(64)}` };
  assert.equal((await get(`/api/cdrs?account=${account}`, upward)).statusCode, 403);
  const accounts = options.accounts as unknown as import('../accounts/index.ts').AccountBook;
  const user = await accounts.createUser({ account: account as AccountId, username: 'plain' });
  const key = {
    authorization: `Bearer ${(await accounts.createAccessKey({ account: account as AccountId, user: user.id as UserId })).token}`,
  };
  for (const url of ['/api/cdrs', `/api/cdrs/${'1'.padStart(32, '0')}`, '/api/account', '/api/devices'])
    assert.equal((await get(url, key)).json().code, 'not_admin', url);
  const erase = await server.inject({ method: 'POST', url: '/api/erasures', headers: key, payload: { number: '+4930123' } });
  assert.equal(erase.statusCode, 403);
  const basic = Buffer.from(`${account}:plain:${user.password}`).toString('base64');
  const plain = await server.inject({ url: `/v2/accounts/${account}/cdrs`, headers: { authorization: `Basic ${basic}` } });
  assert.equal(plain.statusCode, 403);
  assert.equal((await get('/api/conferences', key)).statusCode, 200, 'steering is everybody’s');
});

test('the records of one user', async () => {
  const { get, account } = await opened({}, { channelVars: {} });
  const of = async (user: string) => (await get(`/v2/accounts/${account}/users/${user}/cdrs`)).json().data.length;
  assert.deepEqual([await of('e'.repeat(32)), await of('f'.repeat(32))], [1, 0]);
});

test('erasing a caller says what went, and is logged without the number', async () => {
  const told: unknown[] = [];
  const forgotten: string[][] = [];
  const lockouts = { list: () => [], release: async () => {}, erase: (...of: [string, string]) => forgotten.push(of) };
  const house = await openHouse();
  const log = { ...house.options.log, info: (message: string, fields?: object) => void told.push({ message, fields }) };
  const again = await openHouse({ options: { log, entry: { lockouts } as unknown as NonNullable<ApiOptions['entry']> } });
  await again.store.history.add(aCdr(again, 1));
  await again.store.history.add(aCdr(again, 2, { callerNumber: '77' }));
  const post = (payload: object) =>
    again.server.inject({ method: 'POST', url: '/api/erasures', headers: { authorization: `Bearer ${again.accessKey}` }, payload });
  const done = await post({ number: '+4930123' });
  assert.equal(done.statusCode, 200, done.body);
  assert.deepEqual([done.json().cdrs, done.json().lockouts, done.json().live], [1, 1, 0]);
  assert.deepEqual(forgotten, [[again.account, '+4930123']]);
  const left = await again.store.history.list({ account: again.account as AccountId, limit: 9 });
  assert.deepEqual(left.map(({ callerNumber }) => callerNumber).sort(), ['77', 'erased']);
  assert.match(JSON.stringify(told), /a caller was erased/);
  assert.doesNotMatch(JSON.stringify(told), /4930123/);
  for (const payload of [{}, { number: '' }, { number: 7 }, { number: '7', x: 1 }]) assert.equal((await post(payload)).statusCode, 400);
});

test('legs that came of one another are one interaction: listed once, told leg by leg', async () => {
  const first = '3'.padStart(32, '0');
  const vars = { realm: 'one.test', owner_id: 'e'.repeat(32) };
  const { kazoo, get, account } = await opened(
    { direction: 'outbound', channelVars: { ...vars, call_interaction_id: first } },
    {},
    { startedAt: 1_699_999_900_000, channelVars: vars },
    { direction: 'outbound', channelVars: { realm: 'one.test', call_interaction_id: first } },
  );
  const ids = (answer: Awaited<ReturnType<typeof kazoo>>): readonly number[] =>
    answer.json().data.map((each: { id: string }) => Number.parseInt(each.id, 16));
  assert.deepEqual(ids(await kazoo('/interaction')), [2, 3]);
  assert.deepEqual(ids(await kazoo()), [1, 2, 3, 4]);
  for (const leg of [1, 3, 4]) {
    const answer = await kazoo(`/legs/${leg.toString(16).padStart(32, '0')}`);
    assert.deepEqual(ids(answer), [3, 4, 1], `by ${leg}`);
    assert.deepEqual(new Set(answer.json().data.map((each: { interaction_id: string }) => each.interaction_id)), new Set([first]));
  }
  assert.deepEqual(ids(await kazoo(`/legs/${'2'.padStart(32, '0')}`)), [2]);
  assert.equal((await kazoo('/legs/unknown')).statusCode, 404);
  const csv = (await kazoo('/interaction?accept=csv')).body.trim().split('\n');
  assert.equal(csv.length, 3);
  // Of somebody's own only his legs.
  const own = `/v2/accounts/${account}/users/${'e'.repeat(32)}/cdrs`;
  assert.deepEqual(ids(await get(`${own}/legs/${first}`)), [3, 1]);
});
