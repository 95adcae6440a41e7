import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import { dashed } from '../../base/index.ts';
import { openApi } from '../open-api.ts';

const open = async () => {
  const house = await openHouse();
  const ask = async (
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    url: string,
    options: { body?: object; headers?: object } = {},
  ) => {
    const headers = { authorization: `Bearer ${house.accessKey}`, ...options.headers };
    return house.server.inject({ method, url: `/api${url}`, headers, ...(options.body === undefined ? {} : { payload: options.body }) });
  };
  return { ...house, ask };
};

test('create, get, change, list and delete a conference', async () => {
  const { ask } = await open();
  const made = await ask('POST', '/conferences', { body: { document: { name: 'Board', conference_numbers: ['77'] } } });
  assert.equal(made.statusCode, 201, made.body);
  const { id } = made.json();
  assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(made.headers['location'], `/api/conferences/${id}`);
  const changed = await ask('PATCH', `/conferences/${id}`, {
    body: { document: { member: { join_muted: false }, conference_numbers: null } },
  });
  assert.equal(changed.json().revision, 2);
  assert.deepEqual(changed.json().document.conference_numbers, []);
  assert.equal((await ask('GET', `/conferences/${id}`)).json().document.member.join_muted, false);
  assert.equal((await ask('GET', '/conferences')).json().items.length, 1);
  assert.equal((await ask('DELETE', `/conferences/${id}`)).statusCode, 204);
  assert.equal((await ask('GET', `/conferences/${id}`)).statusCode, 404);
});

test('pages by cursor, newest first, nothing twice', async () => {
  const { ask } = await open();
  for (let i = 0; i < 5; i += 1) await ask('POST', '/conferences', { body: { document: { name: `c${i}` } } });
  const names: string[] = [];
  let cursor: string | null = '';
  for (let i = 0; cursor !== null && i < 9; i += 1) {
    const page: { items: { name: string }[]; next_cursor: string | null } = (
      await ask('GET', `/conferences?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
    ).json();
    names.push(...page.items.map((each) => each.name));
    cursor = page.next_cursor;
  }
  assert.equal(names.length, 5);
  assert.equal(new Set(names).size, 5);
});

test('an idempotency key makes one conference, for a day', async () => {
  const { ask, clock } = await open();
  const post = (name: string) => ask('POST', '/conferences', { body: { document: { name } }, headers: { 'idempotency-key': 'k' } });
  const [first, second] = await Promise.all([post('a'), post('a')]);
  assert.equal(first.json().id, second.json().id);
  assert.equal((await post('b')).statusCode, 422);
  clock.advance(86_399_000);
  assert.equal((await post('a')).json().id, first.json().id);
  clock.advance(2000);
  assert.notEqual((await post('a')).json().id, first.json().id);
});

test('every error is a problem', async () => {
  const { ask, server, stranger, child } = await open();
  const cases = [
    [await server.inject({ method: 'GET', url: '/api/conferences' }), 401, 'not_recognised'],
    [await ask('GET', '/unicorns'), 404, 'route_not_found'],
    [await ask('GET', `/conferences/${dashed('0'.repeat(32))}`), 404, 'conference_not_found'],
    [await ask('GET', `/conferences?account=${stranger}`), 403, 'forbidden'],
    [await ask('POST', '/conferences', { body: { document: { name: '' } } }), 400, 'invalid'],
    [await ask('POST', '/conferences', { body: { nonsense: 1 } }), 400, 'invalid'],
    [await ask('GET', '/conferences?limit=0'), 400, 'invalid'],
    [await ask('POST', '/conferences', { headers: { 'content-type': 'text/plain' }, body: {} }), 415, 'malformed'],
  ] as const;
  for (const [answer, status, code] of cases) {
    assert.equal(answer.statusCode, status, answer.body);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    assert.equal(answer.json().status, status);
    assert.equal(answer.json().code, code);
  }
  assert.equal((await ask('GET', `/conferences?account=${child}`)).statusCode, 200);
});

test('what the other dialect made is here, live, and can be steered', async () => {
  const { ask, server, account, token, join, accessKey } = await open();
  const url = `/v2/accounts/${account}/conferences`;
  await server.inject({ method: 'PUT', url, headers: { 'x-auth-token': token }, payload: '{"data":{"id":"room"}}' });
  await join('room', { id: 'c1' });
  const [item] = (await server.inject({ method: 'GET', url: `/api/conferences?accesskey=${accessKey}` })).json().items;
  assert.match(item.id, /^[0-9a-f]{8}-[0-9a-f]{4}-5/);
  assert.deepEqual(item.participants[0].mute_reasons, ['self']);
  const base = `/conferences/${item.id}`;
  assert.equal((await ask('PATCH', `${base}/participants/1`, { body: { muted: false, deaf: true } })).json().participants[0].muted, false);
  assert.equal((await ask('GET', `${base}/participants`)).json().items[0].deaf, true);
  assert.equal((await ask('PUT', `${base}/lock`)).json().locked, true);
  assert.equal((await ask('DELETE', `${base}/lock`)).json().locked, false);
  assert.equal((await ask('PATCH', `${base}/participants/9`, { body: { muted: true } })).json().code, 'participant_not_found');
  assert.equal((await ask('DELETE', `${base}/participants/1`)).statusCode, 204);
  assert.equal((await ask('GET', base)).json().running_since, null);
});

test('wrong keys are counted per address; good ones are not', async () => {
  const { ask } = await open();
  const knock = async () => (await ask('GET', '/conferences', { headers: { authorization: 'Bearer wrong' } })).statusCode;
  for (let i = 0; i < 100; i += 1) assert.equal(await knock(), 401);
  assert.equal(await knock(), 429);
});

test('OpenAPI 3.1 names what this server has, and nothing that it has not', async () => {
  const { server } = await open();
  const document = (await server.inject({ method: 'GET', url: '/api/openapi.json' })).json();
  assert.match(document.openapi, /^3\.1/);
  const paths = Object.keys(document.paths);
  for (const path of ['/api/conferences', '/api/session', '/api/cdrs']) assert.ok(paths.includes(path), path);
  // This one has neither trunks nor webhooks, guests nor programs.
  for (const path of ['/api/trunks', '/api/webhooks', '/api/join', '/api/conferences/{conference}/stream'])
    assert.ok(!paths.includes(path), path);
});

test('operators: metrics, health, readiness, doors', async () => {
  let isReady = false;
  const { server } = await openHouse({ options: { ready: () => isReady } });
  const get = (url: string) => server.inject({ method: 'GET', url });
  assert.equal((await get('/metrics')).body, 'parley_legs 0\n');
  assert.equal((await get('/healthz')).statusCode, 200);
  assert.equal((await get('/readyz')).statusCode, 503);
  isReady = true;
  assert.equal((await get('/readyz')).statusCode, 200);
  assert.equal((await get('/')).json().doors.kazoo, '/v2');
  assert.equal((await get('/nothing')).statusCode, 404);
});

test('the door opens on a free port and closes', async () => {
  const { clock, conferences } = await openHouse();
  const nobody = async () => undefined;
  const api = await openApi({
    execute: conferences.execute,
    accounts: { account: nobody, logIn: nobody, mayActOn: async () => false } as never,
    clock,
    chance: { bytes: (n) => new Uint8Array(n) },
    log: { debug() {}, info() {}, warn() {}, error() {}, with: () => assert.fail() },
    address: '127.0.0.1',
    port: 0,
    node: 'n',
    version: '0',
    metrics: async () => '',
    ready: () => true,
    tokenKey: { load: nobody, save: async () => {} },
  });
  assert.match(api.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await fetch(`${api.url}/healthz`)).status, 200);
  await api.close();
  await assert.rejects(fetch(`${api.url}/healthz`));
});
