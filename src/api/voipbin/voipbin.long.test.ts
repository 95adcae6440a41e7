import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type House, openHouse } from '../../../test/kit/api-house.ts';
import type { Json } from '../../base/index.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const NEVER = '9999-01-01 00:00:00.000000';

/** One request with the account's access key, as clients of VoIPBIN send it. */
async function ask(house: House, method: string, path: string, body?: Json | string) {
  const { server, accessKey } = house;
  const joined = path.includes('?') ? '&' : '?';
  const answer = await server.inject({
    method: method as 'GET',
    url: `/v1.0${path}${joined}accesskey=${accessKey}`,
    // As curl sends it: the wrong media type (voipbin-facts §0.4).
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json(), headers: answer.headers };
}

const bare = (id: string): string => id.replaceAll('-', '');

/** voipbin-facts §2.2, the recommended object. */
const KEYS = [
  'id',
  'customer_id',
  'user_id',
  'type',
  'status',
  'name',
  'detail',
  'data',
  'timeout',
  'pre_actions',
  'post_actions',
  'pre_flow_id',
  'post_flow_id',
  'conferencecall_ids',
  'recording_id',
  'recording_ids',
  'transcribe_id',
  'transcribe_ids',
  'direct_hash',
  'tm_end',
  'tm_create',
  'tm_update',
  'tm_delete',
];

test('a conference as the tutorial makes it: starting, then progressing, every key always', async () => {
  const house = await openHouse();
  const made = await ask(house, 'POST', '/conferences', {
    type: 'conference',
    name: 'test conference',
    detail: 'test conference for example',
  });
  assert.equal(made.status, 200);
  assert.deepEqual(Object.keys(made.body).sort(), KEYS.toSorted());
  assert.equal(made.body.status, 'starting');
  assert.match(made.body.direct_hash, /^direct\.[0-9a-f]{12}$/);
  assert.match(made.body.tm_create, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
  assert.deepEqual([made.body.tm_update, made.body.tm_delete, made.body.tm_end], [NEVER, NEVER, NEVER]);
  assert.deepEqual([made.body.recording_ids, made.body.conferencecall_ids, made.body.recording_id], [[], [], NIL]);
  const { body } = await ask(house, 'GET', `/conferences/${made.body.id}`);
  assert.deepEqual(body, { ...made.body, status: 'progressing' });
  // KAZOO sees the same one: nobody is muted, greeted or announced.
  const kazoo = await house.server.inject({
    url: `/v2/accounts/${house.account}/conferences/${bare(body.id)}`,
    headers: { 'x-auth-token': house.token },
  });
  const { name, play_welcome: welcome, member } = kazoo.json().data;
  assert.deepEqual([name, welcome, member.join_muted], ['test conference', false, false]);
  assert.equal(kazoo.body.includes('pvt_'), false);
});

test('what KAZOO changes leaves VoIPBIN’s part alone, and the other way round', async () => {
  const house = await openHouse();
  const { body: made } = await ask(house, 'POST', '/conferences', { type: 'connect', name: 'a', timeout: 3600, data: { key: 'value' } });
  const path = `/v2/accounts/${house.account}/conferences/${bare(made.id)}`;
  const headers = { 'x-auth-token': house.token };
  const payload = JSON.stringify({ data: { name: 'b', max_participants: 5 } });
  assert.equal((await house.server.inject({ method: 'POST', url: path, headers, payload })).statusCode, 200);
  const seen = (await ask(house, 'GET', `/conferences/${made.id}`)).body;
  assert.deepEqual(
    [seen.name, seen.type, seen.timeout, seen.data, seen.direct_hash],
    ['b', 'connect', 3600, { key: 'value' }, made.direct_hash],
  );
  // A full replace of what is VoIPBIN's: what is left out is reset (voipbin-facts §1.1).
  const put = (await ask(house, 'PUT', `/conferences/${made.id}`, { name: 'c', type: 'conference' })).body;
  assert.deepEqual([put.name, put.type, put.timeout, put.data, put.direct_hash], ['c', 'connect', 0, {}, made.direct_hash]);
  assert.notEqual(put.tm_update, NEVER);
  assert.equal((await house.server.inject({ url: path, headers })).json().data.max_participants, 5);
});

test('bad bodies and ids, row by row', async () => {
  const house = await openHouse();
  const { body: made } = await ask(house, 'POST', '/conferences', { type: '' });
  assert.equal(made.type, 'conference');
  const unknown = '99accfb7-c0dd-4a54-997d-dd18af7bc280';
  const rows: [string, string, Json | string | undefined, number, string][] = [
    ['POST', '/conferences', { name: 'x' }, 400, 'INVALID_ARGUMENT'],
    ['POST', '/conferences', { type: null }, 400, 'INVALID_ARGUMENT'],
    ['POST', '/conferences', { type: 'party' }, 400, 'INVALID_ARGUMENT'],
    ['POST', '/conferences', '{"type":', 400, 'INVALID_JSON_BODY'],
    ['POST', '/conferences', '', 400, 'INVALID_JSON_BODY'],
    ['POST', '/conferences', [1], 400, 'INVALID_JSON_BODY'],
    ['POST', '/conferences', { type: 'conference', timeout: '5' }, 400, 'INVALID_JSON_BODY'],
    ['POST', '/conferences', { type: 'conference', timeout: -1 }, 400, 'INVALID_ARGUMENT'],
    ['POST', '/conferences', { type: 'conference', pre_actions: [{ type: 'amd' }] }, 400, 'INVALID_ACTION_TYPE'],
    ['POST', '/conferences', { type: 'conference', id: made.id }, 409, 'ALREADY_EXISTS'],
    ['GET', '/conferences/nonsense', undefined, 400, 'INVALID_ID'],
    ['GET', `/conferences/${NIL}`, undefined, 400, 'INVALID_ID'],
    ['GET', `/conferences/${unknown}`, undefined, 404, 'CONFERENCE_NOT_FOUND'],
    ['PUT', `/conferences/${unknown}`, '{', 400, 'INVALID_JSON_BODY'],
    ['DELETE', `/conferences/${unknown}`, undefined, 404, 'CONFERENCE_NOT_FOUND'],
    ['GET', `/conferencecalls/${unknown}`, undefined, 404, 'CONFERENCECALL_NOT_FOUND'],
    ['DELETE', '/conferencecalls/x', undefined, 400, 'INVALID_ID'],
    ['GET', `/transcribes/${unknown}`, undefined, 404, 'TRANSCRIBE_NOT_FOUND'],
    ['GET', '/transcribes?reference_type=conference', undefined, 400, 'INVALID_REFERENCE_FILTER'],
    ['GET', '/transcripts', undefined, 400, 'MISSING_REQUEST_PARAMETER'],
    ['GET', '/conferences?page_size=many', undefined, 400, 'INVALID_REQUEST_PARAMETER'],
    ['GET', '/conferences?page_token=yesterday', undefined, 400, 'INVALID_REQUEST_PARAMETER'],
    ['PATCH', '/conferences', undefined, 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/nothing', undefined, 404, 'ROUTE_NOT_FOUND'],
    ['POST', '/auth/login', undefined, 404, 'ROUTE_NOT_FOUND'],
  ];
  for (const [method, path, body, status, reason] of rows) {
    const answer = await ask(house, method, path, body);
    assert.deepEqual([answer.status, answer.body.error.reason], [status, reason], `${method} ${path} ${JSON.stringify(body)}`);
    assert.equal(answer.body.message, answer.body.error.message);
    assert.equal(answer.headers['x-request-id'], answer.body.error.request_id);
    assert.match(String(answer.headers['content-type']), /^application\/json; charset=utf-8$/);
  }
});

test('pages: newest first, nothing twice, nothing left out, the token is the last one’s time', async () => {
  const house = await openHouse();
  const made: string[] = [];
  for (let n = 0; n < 7; n++) made.unshift((await ask(house, 'POST', '/conferences', { type: 'conference', name: `${n}` })).body.id);
  const seen: string[] = [];
  let token = '';
  for (let page = 0; page < 10; page++) {
    const { body } = await ask(house, 'GET', `/conferences?page_size=3&page_token=${encodeURIComponent(token)}`);
    seen.push(...body.result.map(({ id }: { id: string }) => id));
    token = body.next_page_token;
    if (body.result.length > 0) assert.equal(token, body.result.at(-1).tm_create);
    if (token === '') break;
  }
  assert.deepEqual(seen.toSorted(), made.toSorted());
  assert.equal((await ask(house, 'GET', '/conferences?page_size=0')).body.result.length, 7);
  const older = await ask(house, 'GET', '/conferences?page_token=2000-01-01T00:00:00Z');
  assert.deepEqual(older.body, { result: [], next_page_token: '' });
});

test('people: joined, listed, kicked once; who has left stays on record', async () => {
  const house = await openHouse();
  const { body: made } = await ask(house, 'POST', '/conferences', { type: 'conference' });
  await house.join(bare(made.id), { id: 'call-1' });
  await house.join(bare(made.id), { id: 'call-2' });
  const { body: full } = await ask(house, 'GET', `/conferences/${made.id}`);
  assert.equal(full.conferencecall_ids.length, 2);
  const { body: all } = await ask(house, 'GET', '/conferencecalls');
  assert.deepEqual(all.result.map(({ id }: { id: string }) => id).toSorted(), full.conferencecall_ids.toSorted());
  const [one] = full.conferencecall_ids;
  const { body: before } = await ask(house, 'GET', `/conferencecalls/${one}`);
  assert.deepEqual([before.status, before.conference_id, before.reference_type], ['joined', made.id, 'call']);
  const kicked = await ask(house, 'DELETE', `/conferencecalls/${one}`);
  assert.deepEqual([kicked.status, kicked.body.status], [200, 'leaving']);
  assert.equal((await ask(house, 'GET', `/conferencecalls/${one}`)).body.status, 'leaved');
  const again = await ask(house, 'DELETE', `/conferencecalls/${one}`);
  assert.deepEqual([again.status, again.body.error.reason], [409, 'STATE_INVALID']);
  assert.deepEqual((await ask(house, 'GET', `/conferences/${made.id}`)).body.conferencecall_ids, full.conferencecall_ids.slice(1));
  // The end: whoever is in goes, and the object says how far it is.
  const gone = await ask(house, 'DELETE', `/conferences/${made.id}`);
  assert.deepEqual([gone.status, gone.body.status, gone.body.tm_end], [200, 'terminating', NEVER]);
  const over = (await ask(house, 'GET', `/conferences/${made.id}`)).body;
  assert.deepEqual([over.status, over.conferencecall_ids, over.tm_end === NEVER], ['terminated', [], false]);
  assert.equal((await ask(house, 'DELETE', `/conferences/${made.id}`)).status, 200);
  assert.equal((await ask(house, 'PUT', `/conferences/${made.id}`, {})).body.error.reason, 'STATE_INVALID');
  assert.equal((await ask(house, 'POST', `/conferences/${made.id}/recording_start`)).body.error.reason, 'STATE_INVALID');
  assert.deepEqual((await ask(house, 'GET', '/conferences')).body.result, []);
  // Nobody was in: over at once.
  const { body: empty } = await ask(house, 'POST', '/conferences', { type: 'conference' });
  assert.equal((await ask(house, 'DELETE', `/conferences/${empty.id}`)).body.status, 'terminated');
});

test('recording and transcribing: started once, stopped as often as one likes', async () => {
  const house = await openHouse();
  const { body: made } = await ask(house, 'POST', '/conferences', { type: 'conference' });
  await house.join(bare(made.id), { id: 'call-1' });
  const path = `/conferences/${made.id}`;
  const started = await ask(house, 'POST', `${path}/recording_start`);
  assert.equal(started.status, 200);
  assert.notEqual(started.body.recording_id, NIL);
  assert.deepEqual(started.body.recording_ids, [started.body.recording_id]);
  const twice = await ask(house, 'POST', `${path}/recording_start`, {});
  assert.deepEqual([twice.status, twice.body.error.reason], [409, 'RECORDING_ALREADY_ACTIVE']);
  for (let n = 0; n < 2; n++) assert.equal((await ask(house, 'POST', `${path}/recording_stop`)).body.recording_id, NIL);
  const written = await ask(house, 'POST', `${path}/transcribe_start`, { language: 'de-DE' });
  const id = written.body.transcribe_id;
  assert.notEqual(id, NIL);
  const transcribe = (await ask(house, 'GET', `/transcribes/${id}`)).body;
  assert.deepEqual([transcribe.status, transcribe.language, transcribe.reference_id], ['progressing', 'de-DE', made.id]);
  const other = await ask(house, 'POST', '/transcribes', { reference_type: 'conference', reference_id: made.id, language: 'de-DE' });
  assert.deepEqual([other.status, other.body.error.reason], [409, 'TRANSCRIBE_ALREADY_PROGRESSING']);
  for (let n = 0; n < 2; n++) assert.equal((await ask(house, 'POST', `/transcribes/${id}/stop`)).body.status, 'done');
  assert.deepEqual((await ask(house, 'GET', path)).body.transcribe_ids, [id]);
  assert.deepEqual((await ask(house, 'GET', `/transcripts?transcribe_id=${id}`)).body.result, []);
  assert.equal((await ask(house, 'GET', `/transcribes?reference_type=conference&reference_id=${made.id}`)).body.result.length, 1);
});

test('login, the five places of a credential, and who gets nothing', async () => {
  const house = await openHouse();
  const login = (body: Json) => house.server.inject({ method: 'POST', url: '/auth/login', payload: JSON.stringify(body) });
  const good = await login({ username: house.username, password: house.password });
  assert.equal(good.statusCode, 200);
  const { username, token } = good.json();
  assert.equal(username, house.username);
  assert.match(String(good.headers['set-cookie']), /^token=\S+; Path=\/; Max-Age=604800; HttpOnly; Secure; SameSite=Strict$/);
  assert.equal((await login({ username: `${house.username}@${house.realm}`, password: house.password })).statusCode, 200);
  assert.equal((await login({ username: house.username, password: 'wrong' })).statusCode, 400);
  assert.equal((await login({})).json().error.status, 'INVALID_ARGUMENT');
  const places: Record<string, { url?: string; headers?: Record<string, string> }> = {
    'cookie token': { headers: { cookie: `a=b; token=${token}` } },
    'query token': { url: `/v1.0/me?token=${token}` },
    bearer: { headers: { authorization: `Bearer ${token}` } },
    'cookie accesskey': { headers: { cookie: `accesskey=${house.accessKey}` } },
    'query accesskey': { url: `/v1.0/me?accesskey=${house.accessKey}` },
    'an access key as token': { url: `/v1.0/me?token=${house.accessKey}` },
    'a token of KAZOO': { url: `/v1.0/me?token=${house.token}` },
  };
  for (const [place, request] of Object.entries(places)) {
    const answer = await house.server.inject({ url: '/v1.0/me', ...request });
    assert.deepEqual([answer.statusCode, answer.json().username], [200, house.username], place);
  }
  const none = await house.server.inject({ url: '/v1.0/conferences/nonsense' });
  assert.deepEqual([none.statusCode, none.json().error.reason], [401, 'AUTHENTICATION_REQUIRED']);
  // The first found counts, and is not tried again with the next.
  const bad = await house.server.inject({ url: `/v1.0/me?token=bad&accesskey=${house.accessKey}` });
  assert.deepEqual([bad.statusCode, bad.json().error.reason], [401, 'INVALID_CREDENTIALS']);
  const echoed = await house.server.inject({ url: '/v1.0/me', headers: { 'x-request-id': 'mine_1' } });
  assert.deepEqual([echoed.headers['x-request-id'], echoed.json().error.request_id], ['mine_1', 'mine_1']);
  const made = await house.server.inject({ url: '/v1.0/me', headers: { 'x-request-id': 'not mine' } });
  assert.match(String(made.headers['x-request-id']), /^req_[A-Z2-7]{26}$/);
});

test('another account has none of it, and nothing of it changes', async () => {
  const house = await openHouse();
  const { body: made } = await ask(house, 'POST', '/conferences', { type: 'conference', name: 'ours' });
  await house.join(bare(made.id), { id: 'call-1' });
  await ask(house, 'POST', `/conferences/${made.id}/transcribe_start`, {});
  const { body: ours } = await ask(house, 'GET', `/conferences/${made.id}`);
  const stranger = 'c'.repeat(64);
  const asStranger = async (method: string, path: string, body?: Json) => {
    const answer = await house.server.inject({
      method: method as 'GET',
      url: `/v1.0${path}${path.includes('?') ? '&' : '?'}token=${stranger}`,
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  const person = ours.conferencecall_ids[0];
  const paths: [string, string, Json?][] = [
    ['GET', `/conferences/${made.id}`],
    ['PUT', `/conferences/${made.id}`, { name: 'theirs' }],
    ['DELETE', `/conferences/${made.id}`],
    ['POST', `/conferences/${made.id}/recording_start`],
    ['POST', `/conferences/${made.id}/recording_stop`],
    ['POST', `/conferences/${made.id}/transcribe_start`, {}],
    ['POST', `/conferences/${made.id}/transcribe_stop`],
    ['POST', `/conferences/${made.id}/direct-hash-regenerate`],
    ['GET', `/conferencecalls/${person}`],
    ['DELETE', `/conferencecalls/${person}`],
    ['GET', `/transcribes/${ours.transcribe_id}`],
    ['POST', `/transcribes/${ours.transcribe_id}/stop`],
    ['DELETE', `/transcribes/${ours.transcribe_id}`],
    ['GET', `/transcripts?transcribe_id=${ours.transcribe_id}`],
    ['POST', '/transcribes', { reference_type: 'conference', reference_id: made.id, language: 'en-US' }],
  ];
  for (const [method, path, body] of paths) {
    assert.equal((await asStranger(method, path, body)).status, 404, `${method} ${path}`);
  }
  for (const list of ['/conferences', '/conferencecalls', '/transcribes'])
    assert.deepEqual((await asStranger('GET', list)).body.result, []);
  assert.deepEqual((await ask(house, 'GET', `/conferences/${made.id}`)).body, ours);
});

test('400 requests of an address at once, then 429 with Retry-After', async () => {
  const house = await openHouse();
  let last = await ask(house, 'GET', '/me');
  for (let n = 1; n < 400; n++) last = await ask(house, 'GET', '/me');
  assert.equal(last.status, 200);
  const over = await ask(house, 'GET', '/me');
  assert.deepEqual([over.status, over.body.error.reason, over.body.error.details], [429, 'RATE_LIMIT_EXCEEDED', [{ limited_by: 'ip' }]]);
  assert.equal(over.headers['retry-after'], '1');
  house.clock.advance(1000);
  assert.equal((await ask(house, 'GET', '/me')).status, 200);
});

test('access keys: shown once, good until they end, renamed, taken away', async () => {
  const house = await openHouse();
  const made = await ask(house, 'POST', '/accesskeys', { name: 'robot', detail: 'dials', expire: 86_400 });
  assert.equal(made.status, 200);
  assert.match(made.body.token, /^vb_[0-9a-f]{32}$/);
  assert.equal(made.body.token_prefix, made.body.token.slice(0, 11));
  const me = () => house.server.inject({ url: `/v1.0/me?accesskey=${made.body.token}` });
  assert.equal((await me()).statusCode, 200);
  const { token: _, ...shown } = made.body;
  assert.deepEqual((await ask(house, 'GET', `/accesskeys/${made.body.id}`)).body, shown);
  assert.equal((await ask(house, 'GET', '/accesskeys')).body.result.length, 2);
  const renamed = (await ask(house, 'PUT', `/accesskeys/${made.body.id}`, { name: 'machine' })).body;
  assert.deepEqual([renamed.name, renamed.detail, renamed.tm_expire], ['machine', '', made.body.tm_expire]);
  for (const body of [{ expire: 3600 }, { expire: 'day' }, {}]) assert.equal((await ask(house, 'POST', '/accesskeys', body)).status, 400);
  house.clock.advance(86_400_000);
  assert.equal((await me()).statusCode, 401);
  assert.equal((await ask(house, 'DELETE', `/accesskeys/${made.body.id}`)).status, 200);
  assert.equal((await ask(house, 'GET', `/accesskeys/${made.body.id}`)).body.error.reason, 'ACCESSKEY_NOT_FOUND');
  const strange = await house.server.inject({ url: `/v1.0/accesskeys?token=${'c'.repeat(64)}` });
  assert.deepEqual(strange.json().result, []);
});

test('customers: own and descendants, changed as a whole; others are not found', async () => {
  const house = await openHouse();
  const { body: own } = await ask(house, 'GET', '/customer');
  assert.equal(bare(own.id), house.account);
  const changed = await ask(house, 'PUT', '/customer', { name: 'Acme', email: 'a@acme.test', detail: 'd' });
  assert.deepEqual([changed.status, changed.body.name, changed.body.email, changed.body.phone_number], [200, 'Acme', 'a@acme.test', '']);
  assert.equal((await ask(house, 'GET', `/customers/${own.id}`)).body.email, 'a@acme.test');
  assert.equal((await ask(house, 'PUT', '/customer', { webhook_method: 'GET', webhook_uri: 'https://example.com' })).status, 400);
  const all = (await ask(house, 'GET', '/customers')).body.result.map(({ id }: { id: string }) => bare(id));
  assert.deepEqual(all.toSorted(), [house.account, house.child].toSorted());
  const child = house.child.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  assert.equal((await ask(house, 'GET', `/customers/${child}`)).status, 200);
  const stranger = house.stranger.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  assert.equal((await ask(house, 'GET', `/customers/${stranger}`)).body.error.reason, 'CUSTOMER_NOT_FOUND');
});
