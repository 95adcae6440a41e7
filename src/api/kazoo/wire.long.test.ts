import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';

async function aHouse() {
  const house = await openHouse();
  const base = `/v2/accounts/${house.account}`;
  const ask = (method: 'GET' | 'PUT' | 'POST', path: string, more: { body?: unknown; headers?: Record<string, string> } = {}) =>
    house.server.inject({
      method,
      url: `${base}${path}`,
      headers: { 'x-auth-token': house.token, ...more.headers },
      ...(more.body === undefined ? {} : { payload: JSON.stringify(more.body) }),
    });
  return { house, ask };
}

test('lists as CSV: a column for each leaf, quoted, and no formula (kazoo-facts §2.6)', async () => {
  const { ask } = await aHouse();
  const made = async (data: object): Promise<string> => (await ask('PUT', '/conferences', { body: { data } })).json().data.id;
  await made({ id: 'a-room', name: 'one, "two"', conference_numbers: ['1'] });
  await made({ id: 'b-room', name: '=HYPERLINK("x")', owner_id: 'f'.repeat(32) });
  for (const wish of [
    { path: '/conferences?accept=csv&ascending=true' },
    { path: '/conferences?ascending=true', headers: { accept: 'text/csv' } },
  ]) {
    const { body, headers, statusCode } = await ask('GET', wish.path, wish.headers === undefined ? {} : { headers: wish.headers });
    assert.equal(statusCode, 200);
    assert.match(String(headers['content-type']), /^text\/csv/);
    assert.match(String(headers['content-disposition']), /^attachment/);
    const [names = '', first = '', second = '', end] = body.split('\r\n');
    assert.equal(end, '');
    assert.ok(names.startsWith('id,name,member.join_deaf,'), names);
    assert.ok(names.includes('_read_only.members') && names.endsWith(',owner_id'), names);
    assert.ok(first.startsWith('a-room,"one, ""two""",false,'), first);
    assert.ok(second.startsWith(`b-room,"'=HYPERLINK(""x"")",false,`), second);
    assert.ok(second.endsWith(`,${'f'.repeat(32)}`), second);
  }
  const entity = await ask('GET', '/conferences/a-room?accept=csv');
  assert.equal(entity.json().data.id, 'a-room', 'an entity is no list');
});

test('jsonp calls the function that is named, and nothing that is none', async () => {
  const { ask } = await aHouse();
  const script = await ask('GET', '/conferences?jsonp=app.take');
  assert.match(String(script.headers['content-type']), /^application\/javascript/);
  const [, json] = /^\/\*\*\/app\.take\((.*)\);$/s.exec(script.body) ?? [];
  assert.deepEqual(JSON.parse(json ?? '').data, []);
  for (const name of ['alert(1)//', '<script>', 'a b', '']) {
    const plain = await ask('GET', `/conferences?jsonp=${encodeURIComponent(name)}`);
    assert.match(String(plain.headers['content-type']), /^application\/json/, name);
  }
  const change = await ask('PUT', '/conferences?jsonp=f', { body: { data: {} } });
  assert.match(String(change.headers['content-type']), /^application\/json/);
});

test('bodies of 8 MB are read, longer ones refused in KAZOO’s words; deep ones too', async () => {
  const { ask, house } = await aHouse();
  const padded = (bytes: number) => ({ data: { name: 'big', filler: 'x'.repeat(bytes) } });
  assert.equal((await ask('PUT', '/conferences', { body: padded(7_900_000) })).statusCode, 201);
  const long = await ask('PUT', '/conferences', { body: padded(8_000_001) });
  assert.equal(long.statusCode, 400);
  assert.deepEqual(long.json().data, { file: { maxSize: { message: 'Files must not be more than the maximum size' } } });
  let deep: object = {};
  for (let depth = 0; depth < 500; depth += 1) deep = { a: deep };
  const text = '{"data":'.concat('{"a":'.repeat(100_000), '1', '}'.repeat(100_000), '}');
  for (const payload of [JSON.stringify({ data: deep }), text]) {
    const url = `/v2/accounts/${house.account}/callflows`;
    const answer = await house.server.inject({ method: 'PUT', url, headers: { 'x-auth-token': house.token }, payload });
    assert.equal(answer.statusCode, 400);
    assert.equal(answer.json().data.json.invalid.target, 'body');
  }
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index]));
  const answer = await ask('PUT', '/callflows', { body: { data: { numbers: ['1'], flow: { module: 'hangup', data: wide } } } });
  assert.equal(answer.statusCode, 201);
  assert.deepEqual(house.errors, []);
});

test('SQL, CRLF and other people’s types in every string change nothing but themselves', async () => {
  const { ask, house } = await aHouse();
  const nasty = ["'; DROP TABLE accounts; --", 'a\r\nset-cookie: x=1', '%00', '../../etc/passwd', '__proto__', '\u{1f600}\u202e'];
  for (const text of nasty) {
    const { statusCode, body } = await ask('PUT', '/callflows', {
      body: { data: { name: text, numbers: [text.slice(0, 36)], flow: { module: 'tts', data: { text } } } },
    });
    assert.equal(statusCode, 201, body);
    assert.equal(JSON.parse(body).data.name, text);
    for (const place of ['callflows', 'users', 'devices', 'channels', 'phone_numbers', 'conferences', 'media', 'recordings', 'cdrs']) {
      const answer = await ask('GET', `/${place}/${encodeURIComponent(text)}`);
      assert.equal(answer.statusCode, 404, `${place} ${text}: ${answer.body}`);
      assert.equal(answer.headers['set-cookie'], undefined);
    }
    const keys = await ask('GET', `/callflows?start_key=${encodeURIComponent(text)}&filter_name=${encodeURIComponent(text)}`);
    assert.equal(keys.statusCode, 200);
  }
  const all = await ask('GET', '/callflows?paginate=false');
  assert.deepEqual(
    all
      .json()
      .data.map(({ name }: { name: string }) => name)
      .sort(),
    [...nasty].sort(),
  );
  assert.deepEqual(house.errors, []);
});
