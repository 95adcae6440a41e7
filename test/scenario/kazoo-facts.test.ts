/**
 * What KAZOO's documents and sources say of requests, envelopes and logins, asked of the running server line by line.
 * Paragraphs are those of the fact sheet, "ruling" is the row that overrides it; every expected value is theirs, none was recorded.
 */
import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { after, before, test } from 'node:test';
import { type Answer, eventually } from '../kit/house.ts';
import { INVALID, KazooServer, NOT_ALLOWED, type, wrong } from '../kit/kazoo-facts.ts';

let server: KazooServer;
before(async () => {
  server = await KazooServer.start();
});
after(() => server.close());

test('§1.1 routes and methods', async () =>
  server.holds([
    ...['PATCH', 'DELETE'].map((method) => ({ facts: '§1.1', says: 'others → 405', ask: [method, server.base] as const, ...NOT_ALLOWED })),
    ...['POST', 'PATCH', 'DELETE'].flatMap((method) =>
      [`${server.base}/x/participants`, `${server.base}/x/participants/1`].map((path) => ({
        facts: '§1.1',
        says: '405',
        ask: [method, path] as const,
        ...NOT_ALLOWED,
      })),
    ),
    ...['x/pins', 'x/participants/1/more', 'x/y/z/w'].map((tail) => ({
      facts: '§1.1',
      says: 'anything else or deeper',
      ask: ['GET', `${server.base}/${tail}`] as const,
      status: 404,
      message: 'not_found',
      data: { message: 'not found' },
    })),
    {
      facts: '§1.1',
      says: 'below a user: the same module',
      ask: ['GET', server.base.replace('/conferences', '/users/u/conferences')],
      status: 200,
    },
  ]));

test('§1.1, §2.5 the order of the checks', async () => {
  const nobody = { 'x-auth-token': '' };
  const cases: [string, string, string, { headers: Record<string, string>; body?: string }, number, string][] = [
    ['§2.5.1', 'PUT', server.base, { headers: nobody, body: '{' }, 400, 'validation error'],
    ['§1.1', 'PATCH', server.base, { headers: nobody }, 405, 'invalid_method'],
    ['§1.1', 'GET', `${server.base}/x/pins`, { headers: nobody }, 404, 'not_found'],
    ['§1.1', 'PATCH', '/v2/accounts/xyz/conferences', { headers: nobody }, 405, 'invalid_method'],
    ['§2.3', 'GET', '/v2/accounts/xyz/conferences', { headers: nobody }, 404, 'bad identifier'],
    ['§2.3', 'GET', '/v2/accounts//conferences', { headers: nobody }, 404, 'bad identifier'],
    ['§2.3', 'GET', `/v2/accounts/${'0'.repeat(32)}/conferences`, { headers: nobody }, 404, 'bad_identifier'],
    ['§2.5.5', 'GET', server.base, { headers: nobody }, 401, 'invalid_credentials'],
    ['§4.3', 'GET', server.base, { headers: { 'x-auth-token': 'garbage' } }, 401, 'invalid_credentials'],
    [
      '§2.6',
      'GET',
      server.base,
      { headers: { 'x-auth-token': server.token, 'x-auth-account-id': '0'.repeat(32) } },
      401,
      'invalid_credentials',
    ],
    ['§2.5', 'GET', '/v2/unicorns', { headers: nobody }, 401, 'invalid_credentials'],
    ['§2.5', 'GET', '/v2/unicorns', { headers: {} }, 404, 'not_found'],
  ];
  for (const [facts, method, path, options, status, message] of cases) {
    const answer = await server.raw(method, path, options);
    const body = JSON.parse(answer.text);
    assert.deepEqual([answer.status, body.message, body.error], [status, message, String(status)], `${facts} ${method} ${path}`);
  }
  assert.equal((await server.raw('HEAD', server.base)).status, 405, '§1.1 HEAD is never allowed');
  assert.equal((await server.raw('OPTIONS', server.base)).status, 405, '§1.1 OPTIONS without CORS headers');
  const plain = await server.raw('PUT', server.base, { headers: { 'content-type': 'text/plain' }, body: '{"data":{}}' });
  assert.deepEqual([plain.status, plain.text], [415, ''], '§2.3');
  assert.equal((await server.raw('GET', server.base.replace('/v2', '/v1'))).status, 410, '§2.3');
});

test('§2.1, §2.2 envelope and headers', async () => {
  const made = await server.raw('PUT', server.base, { headers: { 'x-request-id': 'my-own' }, body: '{"data":{"name":"envelope"}}' });
  const body = JSON.parse(made.text);
  assert.equal(made.status, 201);
  assert.deepEqual(
    { ...body, data: 0, revision: 0, tokens: 0, timestamp: 0, node: 0, version: 0 },
    {
      data: 0,
      status: 'success',
      request_id: 'my-own',
      node: 0,
      timestamp: 0,
      tokens: 0,
      auth_token: server.token,
      version: 0,
      revision: 0,
    },
  );
  assert.match(body.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.match(body.revision, /^1-[0-9a-f]{32}$/);
  assert.deepEqual(Object.keys(body.tokens).sort(), ['consumed', 'remaining']);
  assert.equal(made.headers.get('x-request-id'), 'my-own');
  assert.match(made.headers.get('location') ?? '', new RegExp(`${body.data.id}$`));
  assert.match(made.headers.get('content-type') ?? '', /^application\/json/);
  const got = await server.raw('GET', `${server.base}/${body.data.id}`);
  assert.equal(got.headers.get('etag'), `"${body.revision}"`);
  assert.match(got.headers.get('expires') ?? '', /1999/);
  const again = await server.raw('GET', `${server.base}/${body.data.id}`, { headers: { 'if-none-match': `"${body.revision}"` } });
  assert.equal(again.status, 200, '§5.3, ruling "conditional GET"');
  const pretty = await server.raw('GET', `${server.base}/${body.data.id}?pretty_print=true`);
  assert.match(pretty.text, /\n {2,}"/, '§2.6');
  const crossed = await server.raw('GET', server.base, { headers: { origin: 'https://elsewhere.test' } });
  assert.equal(crossed.headers.get('access-control-allow-origin'), '*', '§2.6');
});

test('§2.4 envelope failures', async () =>
  server.holds([
    {
      facts: '§2.4',
      says: 'no object',
      ask: ['PUT', server.base, [1]],
      ...INVALID,
      data: wrong('json', 'invalid', { message: 'All JSON must be valid', target: 'body' }),
    },
    {
      facts: '§2.4',
      says: 'without data: the whole envelope is told',
      ask: ['PUT', server.base, { x: 1 }],
      ...INVALID,
      data: wrong('data', 'required', { message: 'Field is required but missing', value: { x: 1 } }),
    },
    ...['s', 5, true, null].map((value) => ({
      facts: '§2.4',
      says: 'data of another type',
      ask: ['PUT', server.base, { data: value }] as const,
      ...INVALID,
      data: type('data', 'object, array', value),
    })),
  ]));

/** The status and body of a PUT of which only the head is sent: whoever refuses a length answers before the body comes. */
async function announced(length: number): Promise<Answer> {
  const { hostname, port } = new URL(server.house.http);
  const socket = createConnection({ host: hostname, port: Number(port) });
  socket.write(
    `PUT ${server.base} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${server.token}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
  );
  let text = '';
  socket.on('data', (bytes) => (text += bytes));
  const whole = (): Answer | false => {
    const body = text.split('\r\n\r\n')[1] ?? '';
    const due = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? Number.NaN);
    return Buffer.byteLength(body) === due && { status: Number(text.slice(9, 12)), body: JSON.parse(body) };
  };
  const answer = await eventually(whole, 'no answer to a body that is too long');
  socket.destroy();
  return answer;
}

test('§2.4 a body of more than 8 000 000 bytes is 400 file/maxSize, and one of less is read', async () => {
  const { status, body } = await announced(8_000_001);
  assert.deepEqual([status, body.message], [400, 'validation error']);
  assert.ok(body.data.file?.maxSize, JSON.stringify(body));
  const document = JSON.stringify({ data: { name: 'big', note: 'x'.repeat(7_900_000) } });
  assert.equal((await server.raw('PUT', server.base, { body: document })).status, 201);
});

test('§4.1, §4.2 logins', async () => {
  const { api_key, account_id, user_id, account_name } = server.house.first;
  const login = await server.ask('PUT', '/v2/api_auth', { data: { api_key } });
  assert.deepEqual(
    [login.status, login.body.revision, login.body.data.account_id, 'owner_id' in login.body.data],
    [201, 'automatic', account_id, false],
  );
  const token_auth = await server.ask('GET', '/v2/token_auth');
  assert.deepEqual([token_auth.status, token_auth.body.data.account_id], [200, account_id]);
  const key = 'f'.repeat(64);
  await server.holds([
    {
      facts: '§4.2',
      says: 'unknown key',
      ask: ['PUT', '/v2/api_auth', { data: { api_key: key } }],
      status: 404,
      message: 'bad identifier',
      data: [key],
    },
    {
      facts: '§4.2',
      says: 'wrong length',
      ask: ['PUT', '/v2/api_auth', { data: { api_key: 'f' } }],
      ...INVALID,
      some: { api_key: { minLength: { target: 64 } } },
    },
    {
      facts: '§3.10',
      says: 'no other keys',
      ask: ['PUT', '/v2/api_auth', { data: { api_key: key, x: 1 } }],
      ...INVALID,
      data: wrong('x', 'additionalProperties', { message: 'Strict checking of data is enabled; only include schema-defined properties' }),
    },
    {
      facts: '§4.1',
      says: 'without credentials',
      ask: ['PUT', '/v2/user_auth', { data: {} }],
      ...INVALID,
      data: wrong('credentials', 'required', { message: 'Field is required but missing', value: 'credentials' }),
    },
    {
      facts: '§4.1',
      says: 'any failure',
      ask: ['PUT', '/v2/user_auth', { data: { credentials: '0'.repeat(32), account_name } }],
      status: 401,
      message: 'invalid_credentials',
      data: { message: 'invalid credentials' },
    },
    {
      facts: '§3.10',
      says: 'method',
      ask: ['PUT', '/v2/user_auth', { data: { credentials: 'x', method: 'rot13' } }],
      ...INVALID,
      data: wrong('method', 'enum', { message: 'Value not found in enumerated list of values', target: ['md5', 'sha'], value: 'rot13' }),
    },
  ]);
  const user = await server.house.kazoo('GET', '/conferences');
  assert.equal(user.status, 200);
  assert.ok(user_id);
});
