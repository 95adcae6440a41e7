import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type House, openHouse } from '../../../test/kit/api-house.ts';
import { compare } from '../../../test/kit/compare.ts';
import type { ApiOptions } from '../options.ts';

interface Exchange {
  readonly title: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly status: number;
  readonly answerHeaders: Record<string, string>;
  readonly answer: string;
}

const headersOf = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));

/** Splits a part at its first empty line: headers, then a body. */
function parts(text: string): { first: string; headers: Record<string, string>; body: string } {
  const [head = '', ...body] = text.split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  return { first, headers: headersOf(lines.filter((line) => line !== '')), body: body.join('\n\n').trim() };
}

function read(name: string): readonly Exchange[] {
  const text = readFileSync(new URL(`../../../test/fixtures/kazoo/${name}.http`, import.meta.url), 'utf8');
  return text
    .split(/^### /m)
    .slice(1)
    .map((each) => {
      const end = each.indexOf('\n');
      const [request = '', answer = ''] = each.slice(end + 1).split(/^--> /m);
      const asked = parts(request);
      const said = parts(answer);
      const [method = '', url = ''] = asked.first.split(' ');
      const rest = { headers: asked.headers, body: asked.body, answerHeaders: said.headers, answer: said.body };
      return { title: each.slice(0, end), method, url, status: Number(said.first), ...rest };
    });
}

async function exchange(house: House, each: Exchange, words: Map<string, string>): Promise<void> {
  const fill = (text: string): string => text.replace(/\{([A-Z]\w*)\}/g, (whole, word) => words.get(word) ?? whole);
  const given = Object.fromEntries(Object.entries(each.headers).map(([name, value]) => [name, fill(value)]));
  const headers = Object.fromEntries(Object.entries({ 'x-auth-token': house.token, ...given }).filter(([, value]) => value !== ''));
  const request = { method: each.method as 'GET', url: fill(each.url), headers };
  const {
    statusCode,
    body,
    headers: got,
  } = await house.server.inject(each.body === '' ? request : { ...request, payload: fill(each.body) });
  assert.equal(statusCode, each.status, body);
  for (const [name, value] of Object.entries(each.answerHeaders)) {
    const pattern = fill(value)
      .split('{*}')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+');
    assert.match(String(got[name]), new RegExp(`^${pattern}`), name);
  }
  if (each.answer === '') assert.equal(each.method === 'HEAD' ? '' : body, '');
  else compare(JSON.parse(body), JSON.parse(fill(each.answer)), { path: 'body', words });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function walk(
  name: string,
  prepare: (house: House) => Promise<void> = async () => {},
  options: Partial<ApiOptions> = {},
): Promise<void> {
  const house = await openHouse({ options });
  await prepare(house);
  const owner = JSON.parse(Buffer.from(house.token.split('.')[1]!, 'base64url').toString()).owner_id;
  const words = new Map(
    Object.entries({
      A: house.account,
      B: house.child,
      X: house.stranger,
      T: house.token,
      U: owner,
      CREDENTIALS: house.credentials,
      SHA: house.sha,
      APIKEY: house.apiKey,
      BKEY: 'b'.repeat(64),
      D1: 'd'.repeat(32),
      NAME: house.accountName,
      MD5_ANN: createHash('md5').update('ann:secret-ann').digest('hex'),
      REALM: house.realm,
      BASIC: base64(`${house.account}:${house.credentials}`),
      BASIC3: base64(`${house.account}:${house.username}:${house.password}`),
      BASICBAD: base64(`${house.account}:${house.username}:wrong`),
    }),
  );
  for (const each of read(name)) {
    await test(`${name}: ${each.title}`, () => exchange(house, each, words));
  }
  assert.deepEqual(house.errors, []);
}

for (const each of ['accounts', 'users', 'devices', 'callflows', 'numbers', 'tokens', 'wire']) await walk(each);
await walk('conferences');
await walk('errors');
await walk('auth');
/** Ann and Bob are in the conference `room`. */
const twoInRoom = async (house: House): Promise<void> => {
  const body = JSON.stringify({ data: { id: 'room', name: 'Room', conference_numbers: ['3000'] } });
  const url = `/v2/accounts/${house.account}/conferences`;
  await house.server.inject({ method: 'PUT', url, headers: { 'x-auth-token': house.token }, payload: body });
  await house.join('room', { id: 'call-ann', name: 'Ann' });
  await house.join('room', { id: 'call-bob', name: 'Bob', role: 'moderator', vars: { authorizing_id: 'd1', authorizing_type: 'device' } });
  house.clock.advance(10_000);
};

await walk('live', twoInRoom);
await walk('acts', twoInRoom);

await walk('channels', async (house) => {
  const body = JSON.stringify({ data: { id: 'room', member: { join_muted: false } } });
  const url = `/v2/accounts/${house.account}/conferences`;
  const headers = { 'x-auth-token': house.token };
  await house.server.inject({ method: 'PUT', url, headers, payload: body });
  const { owner_id: owner } = (await house.server.inject({ method: 'GET', url: '/v2/token_auth', headers })).json().data;
  await house.join('room', { id: 'call-ann', name: 'Ann', vars: { owner_id: owner } });
  await house.join('room', {
    id: 'call-bob',
    name: 'Bob',
    role: 'moderator',
    vars: { authorizing_id: 'd'.repeat(32), authorizing_type: 'device' },
  });
  house.clock.advance(10_000);
});

let own = '';
await walk(
  'websockets',
  async (house) => {
    own = house.account;
  },
  {
    sockets: (account) => {
      const bindings = ['conference.event.room.*'];
      const session = { id: 's1', openedAt: 1_700_000_000_000, bindings, destination: '127.0.0.1:5555', source: '127.0.0.1:40000' };
      return account === own ? [session] : [];
    },
  },
);
