import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../test/kit/api-house.ts';
import type { AccountId } from '../accounts/index.ts';

test('methods that no router knows and broken %-escapes are answered in the words of the dialect', async () => {
  const { server, account, token } = await openHouse();
  const ask = (method: string, url: string) =>
    server.inject({ method: method as 'GET', url, headers: { 'x-auth-token': token, 'content-type': 'application/xml' }, payload: '<x/>' });
  for (const [method, path, status, message] of [
    ['PROPFIND', `/v2/accounts/${account}/conferences`, '405', 'invalid_method'],
    ['GET', '/v2/accounts/%zz', '404', 'not_found'],
    ['GET', `/v2/accounts/${account}/conferences/%E0%A4%A`, '404', 'not_found'],
  ] as const) {
    const answer = await ask(method, path);
    const { data, ...envelope } = answer.json();
    assert.equal(answer.statusCode, Number(status), path);
    assert.equal(envelope.status, 'error');
    assert.equal(envelope.error, status);
    assert.equal(envelope.message, message);
    assert.ok(envelope.request_id && envelope.timestamp && data);
  }
  for (const [method, path] of [
    ['PROPFIND', '/api/conferences'],
    ['GET', '/api/conferences/%zz'],
    ['MKCOL', '/api'],
    ['GET', '/api/%'],
  ] as const) {
    const answer = await ask(method, path);
    assert.equal(answer.statusCode, 404, path);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    assert.equal(answer.json().code, 'route_not_found');
  }
  for (const [method, path] of [
    ['PROPFIND', '/'],
    ['GET', '/%zz'],
    ['GET', '/v2x/%zz'],
  ] as const) {
    const answer = await ask(method, path);
    assert.equal(answer.statusCode, 404, path);
    assert.equal(answer.json().doors.kazoo, '/v2', 'outside of every dialect the doors are named');
  }
});

test('a token of a disabled user stops working within a second, in both dialects, and works again when he is enabled', async () => {
  const { server, store, account, token, clock } = await openHouse();
  const [user] = await store.accounts.users(account as AccountId);
  assert.ok(user);
  const statuses = async () => {
    clock.advance(1000);
    const kazoo = await server.inject({ url: `/v2/accounts/${account}/conferences`, headers: { 'x-auth-token': token } });
    const native = await server.inject({ url: '/api/conferences', headers: { authorization: `Bearer ${token}` } });
    return [kazoo.statusCode, native.statusCode];
  };
  assert.deepEqual(await statuses(), [200, 200]);
  await store.accounts.saveUser({ ...user, enabled: false });
  assert.deepEqual(await statuses(), [401, 401]);
  await store.accounts.saveUser({ ...user, enabled: true });
  assert.deepEqual(await statuses(), [200, 200]);
});
