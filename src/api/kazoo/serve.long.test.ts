import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openHouse } from '../../../test/kit/api-house.ts';
import { Failure } from '../../base/index.ts';
import type { Execute } from '../../conference/index.ts';

test('100 requests without a good token, then 429, then 10 more each second', async () => {
  const { server, account, clock, token } = await openHouse();
  const url = `/v2/accounts/${account}/conferences`;
  const knock = async () => (await server.inject({ method: 'GET', url, headers: { 'x-auth-token': 'bad' } })).statusCode;
  for (let i = 0; i < 100; i += 1) assert.equal(await knock(), 401);
  assert.equal(await knock(), 429);
  const good = await server.inject({ method: 'GET', url, headers: { 'x-auth-token': token } });
  assert.equal(good.statusCode, 200);
  assert.deepEqual(good.json().tokens, { consumed: 0, remaining: 0 });
  clock.advance(1000);
  const later = [];
  for (let i = 0; i < 11; i += 1) later.push(await knock());
  assert.deepEqual(later, [...Array(10).fill(401), 429]);
});

test('a token is good for an hour, and after a restart', async () => {
  const { server, account, clock, token } = await openHouse();
  const get = (to: typeof server) =>
    to.inject({ method: 'GET', url: `/v2/accounts/${account}/conferences`, headers: { 'x-auth-token': token } });
  clock.advance(3_599_000);
  assert.equal((await get(server)).statusCode, 200);
  clock.advance(1000);
  const { statusCode, body } = await get(server);
  assert.equal(statusCode, 401);
  assert.equal(JSON.parse(body).message, 'invalid credentials');
  assert.deepEqual(JSON.parse(body).data, {});
  const again = await openHouse();
  assert.notEqual((await again.server.inject({ method: 'GET', url: '/v2/unicorns', headers: { 'x-auth-token': token } })).statusCode, 401);
});

test('a token with a changed claim or without a signature is refused', async () => {
  const { server, account, stranger, token } = await openHouse();
  const [head, claims, signature] = token.split('.') as [string, string, string];
  const forged = Buffer.from(Buffer.from(claims, 'base64url').toString().replace(account, stranger)).toString('base64url');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  for (const bad of [`${head}.${forged}.${signature}`, `${none}.${forged}.`, `${none}.${claims}.`]) {
    const { statusCode } = await server.inject({
      method: 'GET',
      url: `/v2/accounts/${stranger}/conferences`,
      headers: { 'x-auth-token': bad },
    });
    assert.equal(statusCode, 401);
  }
});

test('PATCH merges into what somebody else stored in between', async () => {
  let disturb = true;
  const execute =
    (real: Execute): Execute =>
    async (name, input, actor) => {
      if (name === 'conference.replace' && disturb) {
        disturb = false;
        const { conference } = input as { conference: never };
        const before = await real('conference.read', { conference }, actor);
        await real('conference.replace', { conference, document: { ...before.conference.document, language: 'fr' } }, actor);
      }
      return real(name, input, actor);
    };
  const { server, account, token } = await openHouse({ execute });
  const headers = { 'x-auth-token': token };
  await server.inject({ method: 'PUT', url: `/v2/accounts/${account}/conferences`, headers, payload: '{"data":{"id":"r"}}' });
  const url = `/v2/accounts/${account}/conferences/r`;
  const answer = await server.inject({ method: 'PATCH', url, headers, payload: '{"data":{"name":"n"}}' });
  assert.equal(answer.json().data.language, 'fr');
  assert.equal(answer.json().data.name, 'n');
  assert.match(answer.json().revision, /^3-[0-9a-f]{32}$/);
});

test('a bug is a 500 with the request id and one line in the log, without secrets', async () => {
  const broken: Execute = async () => {
    throw new TypeError('boom');
  };
  const { server, account, token, errors } = await openHouse({ execute: () => broken });
  const url = `/v2/accounts/${account}/conferences`;
  const answer = await server.inject({ method: 'GET', url, headers: { 'x-auth-token': token, 'x-request-id': 'r-1' } });
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.json().message, 'unspecified_fault');
  assert.equal(answer.json().request_id, 'r-1');
  assert.equal(errors.length, 1);
  assert.ok(!JSON.stringify(errors).includes(token));
});

test('refusals of the domain have their status', async () => {
  const cases = [
    ['unavailable', 503, 'datastore_unreachable'],
    ['conflict', 409, 'datastore_conflict'],
    ['limit', 429, 'too_many_requests'],
    ['denied', 403, 'forbidden'],
    ['invalid', 400, 'validation error'],
  ] as const;
  for (const [kind, status, message] of cases) {
    const failing: Execute = async () => {
      throw new Failure(kind, 'some_code', 'some words');
    };
    const { server, account, token } = await openHouse({ execute: () => failing });
    const answer = await server.inject({ method: 'GET', url: `/v2/accounts/${account}/conferences`, headers: { 'x-auth-token': token } });
    assert.equal(answer.statusCode, status);
    assert.equal(answer.json().message, message);
    assert.equal(answer.json().error, String(status));
  }
});

test('too large a body, and pretty print', async () => {
  const { server, account, token } = await openHouse({ options: { maxBodyBytes: 100 } });
  const headers = { 'x-auth-token': token, 'x-pretty-print': 'true' };
  const url = `/v2/accounts/${account}/conferences`;
  const large = await server.inject({ method: 'PUT', url, headers, payload: JSON.stringify({ data: { name: 'x'.repeat(200) } }) });
  assert.equal(large.statusCode, 400);
  assert.ok(large.json().data.file.maxSize);
  assert.match((await server.inject({ method: 'GET', url, headers })).body, /^\{\n {2}"data"/);
});

test('no body gives a 500, however deep, odd or long', async () => {
  const { server, account, token, errors } = await openHouse();
  const base = `/v2/accounts/${account}/conferences`;
  const headers = { 'x-auth-token': token };
  await server.inject({ method: 'PUT', url: base, headers, payload: '{"data":{"id":"r"}}' });
  const urls = [base, `${base}/r`, `${base}/r/participants`, `${base}/r/participants/1`, '/v2/user_auth', '/v2/api_auth'];
  const keys = fc.constantFrom(
    'data',
    'action',
    'id',
    'name',
    'member',
    'profile',
    'rate',
    'conference_numbers',
    '__proto__',
    'constructor',
    'credentials',
    'verb',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      fc.constantFrom('mute', 'relate', 'lock', 'true', '1'),
      fc.dictionary(keys, tie('tree')),
    ),
  }));
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    tree.map((value) => JSON.stringify({ data: value })),
    tree.map((value) => JSON.stringify(value)),
  );
  const method = fc.constantFrom('PUT', 'POST', 'PATCH');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...urls), method, body, async (url, verb, payload) => {
      const { statusCode, body: answer } = await server.inject({ method: verb, url, headers, payload });
      assert.ok(statusCode < 500 || statusCode === 501, `${verb} ${url} ${payload}: ${answer}`);
    }),
    { numRuns: 300, seed: 20_261_121 },
  );
  const deep = `{"data":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
  assert.equal((await server.inject({ method: 'PUT', url: base, headers, payload: deep })).statusCode, 400);
  assert.deepEqual(errors, []);
});
