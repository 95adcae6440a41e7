import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';

test('every command with an Idempotency-Key happens once, and is answered the same again', async () => {
  const house = await openHouse();
  const ask = (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET', url: string, body?: object, key = 'k1') =>
    house.server.inject({
      method,
      url: `/api${url}`,
      headers: { authorization: `Bearer ${house.accessKey}`, 'idempotency-key': key },
      ...(body && { payload: body }),
    });
  const { id } = (await ask('POST', '/conferences', { document: { max_duration: 600 } }, 'make')).json();
  await house.join(id.replaceAll('-', ''), { id: 'ann' });
  const before = (await ask('GET', `/conferences/${id}`)).json();
  const [first, second] = await Promise.all([
    ask('POST', `/conferences/${id}/extend`, { seconds: 60 }),
    ask('POST', `/conferences/${id}/extend`, { seconds: 60 }),
  ]);
  assert.equal(first.statusCode, 200, first.body);
  assert.deepEqual(first.json(), second.json());
  assert.equal([first, second].filter(({ headers }) => headers['idempotent-replayed'] === 'true').length, 1);
  const after = (await ask('GET', `/conferences/${id}`)).json();
  assert.equal(Date.parse(after.ends_at) - Date.parse(before.ends_at), 60_000, 'once');
  assert.equal((await ask('POST', `/conferences/${id}/extend`, { seconds: 61 })).json().code, 'idempotency_key_reused');
  assert.equal((await ask('POST', `/conferences/${id}/extend`, { seconds: 60 }, 'k2')).statusCode, 200, 'another key is another wish');
  house.clock.advance(86_400_001);
  const late = await ask('PUT', `/conferences/${id}/lock`);
  assert.notEqual(late.headers['idempotent-replayed'], 'true', 'after a day it is forgotten');
});

test('what was refused may be asked again; deletes repeat too', async () => {
  const house = await openHouse();
  const headers = { authorization: `Bearer ${house.accessKey}`, 'idempotency-key': 'x' };
  const lock = () => house.server.inject({ method: 'PUT', url: `/api/conferences/${'a'.repeat(32)}/lock`, headers });
  assert.equal((await lock()).statusCode, 404);
  await house.server.inject({
    method: 'POST',
    url: '/api/conferences',
    headers: { authorization: headers.authorization },
    payload: { id: 'a'.repeat(32) },
  });
  assert.equal((await lock()).statusCode, 200);
  const remove = () =>
    house.server.inject({ method: 'DELETE', url: `/api/conferences/${'a'.repeat(32)}`, headers: { ...headers, 'idempotency-key': 'y' } });
  assert.deepEqual([(await remove()).statusCode, (await remove()).statusCode], [204, 204]);
});
