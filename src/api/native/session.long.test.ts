import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import { dashed } from '../../base/index.ts';
import { openRecognition } from '../server.ts';
import { admit, shownBySocket } from './recognise.ts';
import { isOwnPage, sessionCookie, sessionIn } from './session-cookie.ts';

const HOST = 'parley.test';
const OURS = { host: HOST, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' };

const open = async () => {
  const house = await openHouse();
  const ask = (method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH', url: string, options: { body?: object; headers?: object } = {}) =>
    house.server.inject({ method, url, headers: { host: HOST, ...options.headers }, ...(options.body && { payload: options.body }) });
  const logIn = (body: object, headers: object = OURS) => ask('POST', '/api/session', { body, headers });
  const cookie = async (): Promise<string> => {
    const answer = await logIn({ account: house.realm, username: house.username, password: house.password });
    assert.equal(answer.statusCode, 200, answer.body);
    return String(answer.headers['set-cookie']).split(';')[0] ?? '';
  };
  return { ...house, ask, logIn, cookie };
};

test('a login by name, by realm, by user@realm and by nothing; the cookie is for no script and no other site', async () => {
  const { logIn, username, password, realm, accountName, account } = await open();
  for (const body of [
    { account: realm, username, password },
    { account: accountName.toUpperCase(), username: username.toUpperCase(), password },
    { username: `${username}@${realm}`, password },
    { username, password },
  ]) {
    const answer = await logIn(body);
    assert.equal(answer.statusCode, 200, JSON.stringify(body));
    const cookie = String(answer.headers['set-cookie']);
    assert.match(cookie, /^parley_session=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    const { account: own, user, role } = answer.json();
    assert.deepEqual([own.id, user.username, role], [dashed(account), username, 'admin']);
    assert.ok(!answer.body.includes(password));
  }
});

test('what does not fit together is 401, always the same, and whoever guesses has to wait, from wherever', async () => {
  const { logIn, username, password, realm, clock } = await open();
  const wrong = await logIn({ account: realm, username, password: 'nonsense' });
  const nobody = await logIn({ account: 'nowhere', username: 'nobody', password });
  assert.deepEqual([wrong.statusCode, nobody.statusCode], [401, 401]);
  assert.deepEqual(wrong.json(), nobody.json());
  for (let i = 0; i < 9; i += 1) await logIn({ account: realm, username, password: `guess ${i}` });
  const locked = await logIn({ account: realm, username, password });
  assert.equal(locked.statusCode, 429, 'the right password does not help who guessed before');
  assert.ok(Number(locked.headers['retry-after']) > 0);
  clock.advance(31_000);
  assert.equal((await logIn({ account: realm, username, password })).statusCode, 200);
});

test('the cookie counts below /api, and in neither dialect', async () => {
  const { ask, cookie: make, account, token } = await open();
  const cookie = await make();
  const value = cookie.split('=')[1] ?? '';
  assert.equal((await ask('GET', '/api/session', { headers: { cookie } })).json().role, 'admin');
  assert.equal((await ask('GET', '/api/conferences', { headers: { cookie } })).statusCode, 200);
  for (const headers of [{ cookie }, { cookie: `token=${value}` }, { authorization: `Bearer ${value}` }, { 'x-auth-token': value }]) {
    assert.equal(
      (await ask('GET', `/v2/accounts/${account}/conferences`, { headers })).statusCode,
      401,
      JSON.stringify(Object.keys(headers)),
    );
    assert.equal((await ask('GET', '/v1.0/conferences', { headers })).statusCode, 401, JSON.stringify(Object.keys(headers)));
  }
  assert.equal((await ask('GET', '/api/conferences', { headers: { authorization: `Bearer ${value}` } })).statusCode, 401);
  assert.equal((await ask('GET', '/api/conferences', { headers: { cookie: `parley_session=${token}` } })).statusCode, 401);
});

test('a page of somebody else changes nothing with it', async () => {
  const { ask, cookie: make, logIn, username, password } = await open();
  const cookie = await make();
  const post = (headers: object) => ask('POST', '/api/conferences', { body: { document: {} }, headers: { cookie, ...headers } });
  assert.equal((await post(OURS)).statusCode, 201);
  for (const headers of [
    { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.test' },
    { origin: 'null' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    {},
  ]) {
    assert.equal((await post(headers)).json().code, 'cross_site', JSON.stringify(headers));
  }
  const form = { cookie, ...OURS, 'content-type': 'text/plain' };
  const sent = await ask('POST', '/api/conferences', { headers: form, body: { document: {} } });
  assert.equal(sent.statusCode, 415);
  assert.equal((await logIn({ username, password }, { origin: 'https://evil.test' })).statusCode, 403);
  assert.equal((await ask('GET', '/api/conferences', { headers: { cookie, 'sec-fetch-site': 'cross-site' } })).statusCode, 403);
});

test('websockets say where they come from', async () => {
  const house = await openHouse();
  const recognition = await openRecognition({ ...house.options, publicUrl: 'https://public.test/parley' });
  const token = await recognition.tokens.issueSession({ account: house.account as never, user: undefined, method: 'session' }, 60);
  const peer = { address: '192.0.2.1', port: 1, secure: false };
  const shown = (headers: object) =>
    admit(
      shownBySocket({ headers: { host: HOST, cookie: `parley_session=${token}`, ...headers } }, peer, { query: {}, recognition }),
      recognition,
    );
  assert.equal((await shown({ origin: `http://${HOST}` })).bySession, true);
  assert.equal((await shown({ origin: 'https://public.test' })).bySession, true);
  await assert.rejects(shown({}), { code: 'cross_site' });
  await assert.rejects(shown({ origin: 'https://evil.test' }), { code: 'cross_site' });
  const secure = shownBySocket(
    { headers: { host: HOST, origin: `https://${HOST}`, cookie: `parley_session=${token}` } },
    { ...peer, secure: true },
    { query: {}, recognition },
  );
  await assert.rejects(admit(secure, recognition), { code: 'not_recognised' }, 'over https only the cookie that no other host can set');
});

test('a logout ends it at once, a session that is used goes on, one that is not ends', async () => {
  const { ask, cookie: make, clock } = await open();
  const [first, second] = [await make(), await make()];
  assert.equal((await ask('DELETE', '/api/session', { headers: { cookie: first, ...OURS } })).statusCode, 204);
  assert.equal((await ask('GET', '/api/session', { headers: { cookie: first } })).json().code, 'session_over');
  clock.advance(7 * 3_600_000);
  const again = await ask('GET', '/api/session', { headers: { cookie: second } });
  const renewed = String(again.headers['set-cookie']).split(';')[0] ?? '';
  assert.notEqual(renewed, second);
  clock.advance(6 * 3_600_000);
  assert.equal((await ask('GET', '/api/session', { headers: { cookie: second } })).statusCode, 401);
  assert.equal((await ask('GET', '/api/session', { headers: { cookie: renewed } })).statusCode, 200);
});

test('where a request comes from', () => {
  const place = { method: 'POST', isSocket: false, isSecure: false, hosts: [HOST] };
  const from = (headers: Record<string, string>, method = 'POST') => isOwnPage({ headers }, { ...place, method });
  assert.ok(from({ origin: `https://${HOST}` }), 'behind a proxy that ends TLS');
  assert.ok(!from({ origin: `http://${HOST}:81` }));
  assert.ok(!from({ origin: `http://${HOST}`, 'sec-fetch-site': 'cross-site' }));
  assert.ok(from({}, 'GET'));
  assert.ok(from({ 'sec-fetch-site': 'none' }, 'GET'), 'an address that somebody types');
});

test('over https the cookie is sent over https alone, and by this very host', () => {
  const flags = (isSecure: boolean): readonly string[] => sessionCookie('T', isSecure).split('; ').slice(1).sort();
  const both = ['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict'];
  assert.deepEqual(flags(false), both);
  assert.deepEqual(flags(true), [...both, 'Secure']);
  assert.match(sessionCookie('T', true), /^__Host-parley_session=T;/);
  // One that was set without TLS, by whoever stands between, is none over TLS.
  assert.equal(sessionIn('parley_session=T', true), undefined);
  assert.equal(sessionIn('x=1; __Host-parley_session=T', true), 'T');
});
