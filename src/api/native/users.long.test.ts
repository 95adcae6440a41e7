import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';

test('users are made, changed and removed by admins; a password that was made up is shown once', async () => {
  const house = await openHouse();
  const ask = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object, token = house.accessKey) => {
    const answer = await house.server.inject({
      method,
      url: `/api/users${path}`,
      headers: { authorization: `Bearer ${token}` },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  const made = await ask('POST', '', { username: 'Ann', first_name: 'Ann', last_name: 'Lee' });
  assert.equal(made.status, 201);
  const { password, id, ...rest } = made.body;
  assert.ok(password.length >= 12);
  assert.deepEqual(
    { ...rest, created_at: undefined },
    {
      username: 'ann',
      first_name: 'Ann',
      last_name: 'Lee',
      role: 'user',
      enabled: true,
      created_at: undefined,
    },
  );
  assert.equal((await ask('POST', '', { username: 'ann' })).status, 409, 'a name belongs to one');
  const listed = await ask('GET', '');
  assert.deepEqual(listed.body.items.map(({ username }: { username: string }) => username).sort(), ['admin', 'ann']);
  assert.doesNotMatch(JSON.stringify(listed.body), /password|md5|sha1/);
  const changed = await ask('PATCH', `/${id}`, { last_name: 'Moss', role: 'admin' });
  assert.deepEqual([changed.body.first_name, changed.body.last_name, changed.body.role], ['Ann', 'Moss', 'admin']);
  assert.equal((await ask('PATCH', `/${id}`, { username: 'anna' })).body.code, 'password_missing', 'both are hashed together');
  assert.equal((await ask('PATCH', `/${id}`, { colour: 'red' })).status, 400);
  assert.equal((await ask('DELETE', `/${id}`)).status, 204);
  assert.equal((await ask('GET', `/${id}`)).status, 404);
  const admin = listed.body.items.find(({ username }: { username: string }) => username === 'admin').id;
  for (const last of [
    await ask('DELETE', `/${admin}`),
    await ask('PATCH', `/${admin}`, { role: 'user' }),
    await ask('PATCH', `/${admin}`, { enabled: false }),
  ]) {
    assert.deepEqual([last.status, last.body.code], [409, 'last_admin']);
  }
  await house.server.close();
});
