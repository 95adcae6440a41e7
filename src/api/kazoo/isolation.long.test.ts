import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type House, openHouse } from '../../../test/kit/api-house.ts';
import { rows } from './table.ts';

/** Everything that an account has, under the names that paths have for it. */
async function furnished() {
  const house = await openHouse();
  const base = `/v2/accounts/${house.account}`;
  const headers = { 'x-auth-token': house.token };
  const made = async (path: string, data: object): Promise<string> => {
    const answer = await house.server.inject({ method: 'PUT', url: `${base}/${path}`, headers, payload: JSON.stringify({ data }) });
    assert.equal(answer.statusCode, 201, answer.body);
    return answer.json().data.id;
  };
  const conference = await made('conferences', { id: 'secret-room', name: 'SECRET conference' });
  await house.join('secret-room', { id: 'secret-call', name: 'SECRET caller' });
  const ids: Record<string, string> = {
    conference,
    participant: '1',
    user: await made('users', { first_name: 'SECRET', last_name: 'user' }),
    user_id: await made('users', { first_name: 'SECRET', last_name: 'other' }),
    device_id: await made('devices', { name: 'SECRET device', sip: { password: 'SECRET-password' } }),
    callflow_id: await made('callflows', { name: 'SECRET flow', numbers: ['7777'], flow: { module: 'hangup' } }),
    number: await made('phone_numbers/+4930123456', { note: 'SECRET' }),
    channel: 'secret-call',
  };
  return { house, ids };
}

/** What the owner sees of all of it. */
async function everything({ server, account, token }: House): Promise<readonly string[]> {
  const places = ['', '/children', '/api_key', '/users', '/devices', '/callflows', '/phone_numbers', '/conferences', '/channels'];
  return Promise.all(
    places.map(async (place) => {
      const answer = await server.inject({ method: 'GET', url: `/v2/accounts/${account}${place}`, headers: { 'x-auth-token': token } });
      assert.equal(answer.statusCode, 200, `${place} ${answer.body}`);
      return JSON.stringify(answer.json().data);
    }),
  );
}

async function tokenOf({ server, stranger }: House): Promise<string> {
  const payload = JSON.stringify({ data: { api_key: stranger[0]!.repeat(64) } });
  return (await server.inject({ method: 'PUT', url: '/v2/api_auth', payload })).json().auth_token;
}

/** Every route with every method, in an account, with the ids of the furniture. */
const routes = (account: string, ids: Readonly<Record<string, string>>) =>
  rows.flatMap(({ path, methods }) => {
    const parts = path.map((part) =>
      part === ':account' ? account : part.startsWith(':') ? (ids[part.slice(1)] ?? 'f'.repeat(32)) : part,
    );
    return Object.keys(methods).map((method) => ({
      method: method as 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
      url: `/v2/${parts.join('/')}`,
      path,
    }));
  });

const bodies = [
  undefined,
  { data: {} },
  { action: 'kick', data: { action: 'kick', name: 'X', first_name: 'X', last_name: 'X', numbers: ['1'], flow: { module: 'hangup' } } },
  { action: 'lock', data: {} },
  { data: { action: 'hangup', module: 'hangup' } },
];

test('a stranger’s token: every route of another account is 403; nothing is told, nothing changes', async () => {
  const { house, ids } = await furnished();
  const before = await everything(house);
  const token = await tokenOf(house);
  for (const { method, url } of routes(house.account, ids)) {
    for (const body of method === 'GET' ? [undefined] : bodies) {
      const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
      const answer = await house.server.inject({ method, url, headers: { 'x-auth-token': token }, ...payload });
      assert.equal(answer.statusCode, 403, `${method} ${url} ${answer.body}`);
      assert.ok(!answer.body.includes('SECRET'), answer.body);
    }
  }
  assert.deepEqual(await everything(house), before);
  assert.deepEqual(house.errors, []);
});

test('ids of another account in one’s own: 404, or at most an empty list; nothing is told, nothing changes', async () => {
  const { house, ids } = await furnished();
  const before = await everything(house);
  const token = await tokenOf(house);
  // What would make or change something of one's own stays out: it names nobody else's.
  const own = new Set(['accounts/:account', 'accounts/:account/phone_numbers/:number']);
  for (const { method, url, path } of routes(house.stranger, ids)) {
    if (own.has(path.join('/')) && method !== 'GET') continue;
    for (const body of method === 'GET' ? [undefined] : bodies) {
      const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
      const answer = await house.server.inject({ method, url, headers: { 'x-auth-token': token }, ...payload });
      assert.ok(answer.statusCode < 500 || answer.statusCode === 501, `${method} ${url} ${answer.body}`);
      assert.ok(!answer.body.includes('SECRET') && !answer.body.includes(house.account), `${method} ${url} ${answer.body}`);
      const names = path.some((part) => part.startsWith(':') && part !== ':account' && part !== ':user');
      if (names && method !== 'PUT' && method !== 'GET')
        assert.ok([400, 404].includes(answer.statusCode), `${method} ${url} ${answer.body}`);
    }
  }
  assert.deepEqual(await everything(house), before);
  assert.deepEqual(house.errors, []);
});

test('nobody’s token: every route is 401', async () => {
  const { house, ids } = await furnished();
  for (const { method, url } of routes(house.account, ids)) {
    const answer = await house.server.inject({ method, url });
    assert.ok([401, 429].includes(answer.statusCode), `${method} ${url} ${answer.body}`);
    house.clock.advance(1000);
  }
});

test('a token of an account below does not reach up, one from above reaches down', async () => {
  const { house, ids } = await furnished();
  const payload = JSON.stringify({ data: { api_key: house.child[0]!.repeat(64) } });
  const child = (await house.server.inject({ method: 'PUT', url: '/v2/api_auth', payload })).json().auth_token;
  for (const { method, url } of routes(house.account, ids)) {
    const answer = await house.server.inject({ method, url, headers: { 'x-auth-token': child } });
    assert.equal(answer.statusCode, 403, `${method} ${url}`);
  }
  for (const place of ['', '/users', '/devices', '/callflows', '/conferences', '/channels', '/children']) {
    const url = `/v2/accounts/${house.child}${place}`;
    assert.equal((await house.server.inject({ method: 'GET', url, headers: { 'x-auth-token': house.token } })).statusCode, 200, url);
  }
});

test('who is no admin sees no SIP passwords but those of his own telephones', async () => {
  const { house, ids } = await furnished();
  const { options, server, account } = house;
  const user = await options.accounts.directory.createUser({ account: account as never, username: 'plain' });
  const mine = await options.accounts.createDevice({ account: account as never, owner: user.id });
  const tokens = (await import('../tokens.ts')).openTokens(options);
  const token = await (await tokens).issue({ account: account as never, user: user.id, method: 'cb_user_auth' });
  const read = async (id: string) =>
    (await server.inject({ method: 'GET', url: `/v2/accounts/${account}/devices/${id}`, headers: { 'x-auth-token': token } })).json().data;
  assert.equal((await read(ids['device_id'] ?? '')).sip.password, undefined);
  assert.equal((await read(mine.id)).sip.password, mine.password);
});
