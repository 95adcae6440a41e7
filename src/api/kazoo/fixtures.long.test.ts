import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type House, openHouse } from '../../../test/kit/api-house.ts';
import { exchange, readExchanges } from '../../../test/kit/http-fixtures.ts';
import type { ApiOptions } from '../options.ts';

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
  const usual = { 'x-auth-token': house.token };
  for (const each of readExchanges(`kazoo/${name}`)) {
    // What is made later is newer, by its id too.
    house.clock.advance(1);
    await test(`${name}: ${each.title}`, () => exchange(house.server, each, { words, usual }));
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
