import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type House, openHouse } from '../../../test/kit/api-house.ts';
import type { Json } from '../../base/index.ts';
import type { CallId, ConferenceId, RecordingId } from '../../conference/index.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const NEVER = '9999-01-01 00:00:00.000000';
const UNKNOWN = '0123abcd-0123-4123-8123-0123456789ab';
const bare = (id: string): string => id.replaceAll('-', '');

async function ask(house: House, method: string, path: string, body?: Json | string, key = house.accessKey) {
  const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) };
  const url = `/v1.0${path}${key === '' ? '' : `${path.includes('?') ? '&' : '?'}accesskey=${key}`}`;
  const answer = await house.server.inject({ method: method as 'GET', url, ...payload });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json(), headers: answer.headers };
}

/** Every row of voipbin-facts §1.5: what is asked, in what state, and what the recommended answer is. */
test('the conference routes answer as the table of status codes says, row by row', async () => {
  const house = await openHouse();
  const make = async (more: object = {}): Promise<string> =>
    (await ask(house, 'POST', '/conferences', { type: 'conference', ...more })).body.id;
  const [empty, busy, over] = [await make(), await make(), await make()];
  await house.join(bare(busy), { id: 'call-1' });
  await house.join(bare(busy), { id: 'call-2' });
  const { body: shown } = await ask(house, 'GET', `/conferences/${busy}`);
  const [first, second] = shown.conferencecall_ids;
  await ask(house, 'DELETE', `/conferencecalls/${second}`);
  await ask(house, 'DELETE', `/conferences/${over}`);
  await ask(house, 'POST', `/conferences/${busy}/recording_start`);
  await ask(house, 'POST', `/conferences/${busy}/transcribe_start`, { language: 'en-US' });
  const rows: [
    what: string,
    method: string,
    path: string,
    body: Json | string | undefined,
    status: number,
    reason?: string,
    key?: string,
  ][] = [
    ['success', 'GET', `/conferences/${empty}`, undefined, 200],
    ['no credentials', 'GET', `/conferences/${empty}`, undefined, 401, 'AUTHENTICATION_REQUIRED', ''],
    ['no credentials and a malformed id', 'GET', '/conferences/x', undefined, 401, 'AUTHENTICATION_REQUIRED', ''],
    ['bad credentials', 'GET', `/conferences/${empty}`, undefined, 401, 'INVALID_CREDENTIALS', 'vb_wrong'],
    ['no uuid', 'GET', '/conferences/x', undefined, 400, 'INVALID_ID'],
    ['nil uuid', 'DELETE', `/conferences/${NIL}`, undefined, 400, 'INVALID_ID'],
    ['no uuid, regenerate', 'POST', '/conferences/x/direct-hash-regenerate', undefined, 400, 'INVALID_ID'],
    ['body no JSON', 'POST', '/conferences', 'type=conference', 400, 'INVALID_JSON_BODY'],
    ['body an array', 'POST', '/conferences', '[]', 400, 'INVALID_JSON_BODY'],
    ['wrong JSON type', 'POST', '/conferences', { type: 'conference', timeout: '5' }, 400, 'INVALID_JSON_BODY'],
    ['type absent', 'POST', '/conferences', { name: 'x' }, 400, 'INVALID_ARGUMENT'],
    ['type null', 'POST', '/conferences', { type: null }, 400, 'INVALID_ARGUMENT'],
    ['type empty', 'POST', '/conferences', { type: '' }, 200],
    ['type unknown', 'POST', '/conferences', { type: 'queue' }, 400, 'INVALID_ARGUMENT'],
    ['timeout negative', 'POST', '/conferences', { type: 'conference', timeout: -1 }, 400, 'INVALID_ARGUMENT'],
    ['unknown conference', 'GET', `/conferences/${UNKNOWN}`, undefined, 404, 'CONFERENCE_NOT_FOUND'],
    ['unknown conferencecall', 'DELETE', `/conferencecalls/${UNKNOWN}`, undefined, 404, 'CONFERENCECALL_NOT_FOUND'],
    ['foreign conference', 'GET', `/conferences/${empty}`, undefined, 404, 'CONFERENCE_NOT_FOUND', 'c'.repeat(64)],
    ['foreign id and a malformed body', 'PUT', `/conferences/${empty}`, '{', 400, 'INVALID_JSON_BODY', 'c'.repeat(64)],
    ['foreign conferencecall', 'DELETE', `/conferencecalls/${first}`, undefined, 404, 'CONFERENCECALL_NOT_FOUND', 'c'.repeat(64)],
    ['kick of who has left', 'DELETE', `/conferencecalls/${second}`, undefined, 409, 'STATE_INVALID'],
    ['recording_start while one is active', 'POST', `/conferences/${busy}/recording_start`, undefined, 409, 'RECORDING_ALREADY_ACTIVE'],
    ['transcribe_start while one is active', 'POST', `/conferences/${busy}/transcribe_start`, {}, 409, 'TRANSCRIBE_ALREADY_PROGRESSING'],
    ['recording_start when over', 'POST', `/conferences/${over}/recording_start`, {}, 409, 'STATE_INVALID'],
    ['transcribe_start when over', 'POST', `/conferences/${over}/transcribe_start`, {}, 409, 'STATE_INVALID'],
    ['PUT when over', 'PUT', `/conferences/${over}`, { name: 'x' }, 409, 'STATE_INVALID'],
    ['regenerate when over', 'POST', `/conferences/${over}/direct-hash-regenerate`, undefined, 409, 'STATE_INVALID'],
    ['recording_start with nobody joined yet', 'POST', `/conferences/${empty}/recording_start`, undefined, 200],
    ['and again', 'POST', `/conferences/${empty}/recording_start`, undefined, 409, 'RECORDING_ALREADY_ACTIVE'],
    ['recording_start of another format', 'POST', `/conferences/${empty}/recording_start`, { format: 'mp3' }, 400, 'INVALID_ARGUMENT'],
    ['recording_stop', 'POST', `/conferences/${empty}/recording_stop`, undefined, 200],
    ['recording_stop with none active', 'POST', `/conferences/${empty}/recording_stop`, undefined, 200],
    ['transcribe_stop with none active', 'POST', `/conferences/${empty}/transcribe_stop`, undefined, 200],
    ['second DELETE', 'DELETE', `/conferences/${over}`, undefined, 200],
    ['a deleted one by its id', 'GET', `/conferences/${over}`, undefined, 200],
    ['unknown path', 'GET', '/confs', undefined, 404, 'ROUTE_NOT_FOUND'],
    ['wrong method', 'PATCH', `/conferences/${empty}`, {}, 404, 'ROUTE_NOT_FOUND'],
    ['no POST of conferencecalls', 'POST', '/conferencecalls', {}, 404, 'ROUTE_NOT_FOUND'],
    ['page_size no integer', 'GET', '/conferences?page_size=1.5', undefined, 400, 'INVALID_REQUEST_PARAMETER'],
    ['page_size too large', 'GET', '/conferences?page_size=1000', undefined, 200],
  ];
  for (const [what, method, path, body, status, reason, key] of rows) {
    const answer = await ask(house, method, path, body, key);
    assert.deepEqual([answer.status, answer.body.error?.reason], [status, reason], what);
    if (reason !== undefined) assert.equal(answer.body.message, answer.body.error.message, what);
  }
});

test('the limit of conferences is 429, and is off by itself', async () => {
  const house = await openHouse({ options: { maxConferences: 2 } });
  for (const status of [200, 200, 429]) {
    const answer = await ask(house, 'POST', '/conferences', { type: 'conference' });
    assert.equal(answer.status, status);
    if (status === 429) assert.equal(answer.body.error.status, 'RESOURCE_EXHAUSTED');
  }
  const [{ id }] = (await ask(house, 'GET', '/conferences')).body.result;
  await ask(house, 'DELETE', `/conferences/${id}`);
  assert.equal((await ask(house, 'POST', '/conferences', { type: 'conference' })).status, 200);
});

test('a recording asked for before anybody is there: its id is shown at once, and is that of the recording', async () => {
  const house = await openHouse();
  const { body: made } = await ask(house, 'POST', '/conferences', { type: 'conference' });
  const path = `/conferences/${made.id}`;
  const started = await ask(house, 'POST', `${path}/recording_start`, { format: 'wav', duration: 100_000, on_end_flow_id: UNKNOWN });
  const id = started.body.recording_id;
  assert.notEqual(id, NIL);
  assert.deepEqual(started.body.recording_ids, [id]);
  assert.equal((await ask(house, 'GET', path)).body.recording_id, id);
  // KAZOO's part may change meanwhile, and does not show it.
  const headers = { 'x-auth-token': house.token };
  const kazoo = `/v2/accounts/${house.account}/conferences/${bare(made.id)}`;
  await house.server.inject({ method: 'POST', url: kazoo, headers, payload: JSON.stringify({ data: { name: 'b' } }) });
  assert.equal((await house.server.inject({ url: kazoo, headers })).body.includes('awaited'), false);
  assert.equal(house.sounds.recordings.size, 0);
  await house.join(bare(made.id), { id: 'call-1' });
  assert.deepEqual(
    [...house.sounds.recordings.values()].map((each) => each.id),
    [bare(id)],
  );
  const actor = { account: house.account as never, kind: 'system' as const };
  const conference = bare(made.id) as ConferenceId;
  const { room } = (await house.conferences.execute('conference.read', { conference }, actor)).conference;
  // A day at most; what follows it is kept with it.
  assert.deepEqual([room?.recording?.maxSeconds, room?.recording?.onEnd], [86_400, bare(UNKNOWN)]);
  // It ends by itself: nothing stale is left, and another may begin.
  house.sounds.forget(bare(id));
  await house.conferences.execute('recording.ended', { conference, recording: bare(id) as RecordingId, reason: 'limit' }, actor);
  assert.equal((await ask(house, 'GET', path)).body.recording_id, NIL);
  assert.equal((await ask(house, 'POST', `${path}/recording_start`)).status, 200);
});

test('a timeout is DELETE at its time: longer than 24.8 days, shorter than a minute, raised, taken back', async () => {
  const house = await openHouse();
  const make = async (timeout: number) => (await ask(house, 'POST', '/conferences', { type: 'conference', timeout })).body;
  const statusOf = async (id: string): Promise<string> => (await ask(house, 'GET', `/conferences/${id}`)).body.status;
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((wake) => setImmediate(wake));
  };
  const [long, short, raised, none] = [await make(3_600_000), await make(5), await make(5), await make(5)];
  await house.join(bare(short.id), { id: 'call-1' });
  const [person] = (await ask(house, 'GET', `/conferences/${short.id}`)).body.conferencecall_ids;
  await ask(house, 'PUT', `/conferences/${raised.id}`, { timeout: 100 });
  await ask(house, 'PUT', `/conferences/${none.id}`, { timeout: 0 });
  house.clock.advance(4_999);
  await settled();
  assert.equal(await statusOf(short.id), 'progressing');
  house.clock.advance(1);
  await settled();
  const { body: over } = await ask(house, 'GET', `/conferences/${short.id}`);
  assert.deepEqual([over.status, over.conferencecall_ids, over.direct_hash], ['terminated', [], '']);
  assert.ok(over.tm_end !== NEVER && over.tm_delete === over.tm_end);
  assert.equal((await ask(house, 'GET', `/conferencecalls/${person}`)).body.status, 'leaved');
  await assert.rejects(house.join(bare(short.id), { id: 'call-2' }), { code: 'conference_not_found' });
  assert.deepEqual([await statusOf(raised.id), await statusOf(none.id)], ['progressing', 'progressing']);
  house.clock.advance(95_000);
  await settled();
  assert.deepEqual([await statusOf(raised.id), await statusOf(none.id)], ['terminated', 'progressing']);
  // 3 600 000 s are more ms than a timer of Node holds (2^31 - 1).
  house.clock.advance(3_600_000_000 - 100_000 - 1);
  await settled();
  assert.equal(await statusOf(long.id), 'progressing');
  house.clock.advance(1);
  await settled();
  assert.equal(await statusOf(long.id), 'terminated');
});

test('a connect is listed, takes two, and ends when one of them leaves', async () => {
  const house = await openHouse();
  const { body: made } = await ask(house, 'POST', '/conferences', { type: 'connect' });
  assert.ok((await ask(house, 'GET', '/conferences')).body.result.some(({ id }: { id: string }) => id === made.id));
  for (const id of ['call-1', 'call-2']) await house.join(bare(made.id), { id });
  await assert.rejects(house.join(bare(made.id), { id: 'call-3' }), { code: 'conference_full' });
  const { body: both } = await ask(house, 'GET', `/conferences/${made.id}`);
  assert.deepEqual([both.type, both.status, both.conferencecall_ids.length], ['connect', 'progressing', 2]);
  const call = (await ask(house, 'GET', `/conferencecalls/${both.conferencecall_ids[0]}`)).body.reference_id;
  const actor = { account: house.account as never, kind: 'call' as const };
  const input = { conference: bare(made.id) as ConferenceId, call: bare(call) as CallId, reason: 'hung-up' } as const;
  await house.conferences.execute('call.ended', input, actor);
  const { body: over } = await ask(house, 'GET', `/conferences/${made.id}`);
  assert.deepEqual([over.status, over.conferencecall_ids, over.tm_end === NEVER], ['terminated', [], false]);
  for (const id of both.conferencecall_ids) assert.equal((await ask(house, 'GET', `/conferencecalls/${id}`)).body.status, 'leaved');
});
