import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompactSign, calculateJwkThumbprint, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import type { AccountId, UserId } from '../accounts/index.ts';
import type { TokenKey } from './options.ts';
import { seedOf } from './token-ring.ts';
import { openTokens } from './tokens.ts';

const person = { account: 'a'.repeat(32) as AccountId, user: 'b'.repeat(32) as UserId, method: 'cb_user_auth' };
const DAY = 86_400_000;

/** What keeps the keys; every `port()` is another process. */
function aKeeper(first?: string) {
  let kept = first;
  const port = (): TokenKey => ({
    load: async () => kept,
    save: async (text) => {
      kept = text;
    },
  });
  return { port, kept: () => kept };
}

const clock = new FakeClock();
const open = (tokenKey: TokenKey) =>
  openTokens({ tokenKey, clock, chance: new SeededChance(2), accounts: { isEnabled: async () => true } });
const kidOf = (token: string) => decodeProtectedHeader(token).kid;

test('a key that was kept alone goes on: its tokens stay good, and links that were made from it', async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const keeper = aKeeper(JSON.stringify(jwk));
  const claims = { iss: 'kazoo', account_id: person.account, owner_id: person.user, exp: Math.floor(clock.epoch() / 1000) + 60 };
  const header = { alg: 'RS256', typ: 'JWT', kid: await calculateJwkThumbprint(jwk) };
  const old = await new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(privateKey);
  const seed = await seedOf(keeper.port());
  const tokens = await open(keeper.port());
  assert.equal((await tokens.read(old)).is, 'good');
  await tokens.revoke(await tokens.issue(person));
  assert.equal(await seedOf(keeper.port()), seed);
  assert.equal((await (await open(keeper.port())).read(old)).is, 'good', 'after a restart');
});

test('after 30 days another key signs; what the one before signed is good as long as it would have been', async () => {
  const keeper = aKeeper();
  const tokens = await open(keeper.port());
  const first = await tokens.issue(person);
  clock.advance(30 * DAY - 60_000);
  const last = await tokens.issue(person);
  assert.equal(kidOf(last), kidOf(first));
  clock.advance(120_000);
  const [next, twin] = await Promise.all([tokens.issue(person), tokens.issue(person)]);
  assert.notEqual(kidOf(next), kidOf(last));
  assert.equal(kidOf(next), kidOf(twin), 'one new key for both');
  assert.deepEqual(
    [(await tokens.read(last)).is, (await tokens.read(next)).is, (await tokens.read(first)).is],
    ['good', 'good', 'expired'],
  );
  const restarted = await open(keeper.port());
  assert.deepEqual([(await restarted.read(last)).is, (await restarted.read(next)).is], ['good', 'good']);
  clock.advance(31 * DAY);
  await restarted.issue(person);
  assert.equal((await (await open(keeper.port())).read(last)).is, 'bad', 'its key is gone');
});

test('what was taken back stays so over a restart, in every part of the process, and is forgotten when it would have ended', async () => {
  const keeper = aKeeper();
  const port = keeper.port();
  const [one, other] = [await open(port), await open(port)];
  const [token, kept] = [await one.issue(person), await one.issue(person)];
  await one.revoke(token);
  await one.revoke('garbage');
  assert.deepEqual([(await other.read(token)).is, (await other.read(kept)).is], ['expired', 'good']);
  assert.equal((await (await open(keeper.port())).read(token)).is, 'expired');
  clock.advance(3_700_000);
  await one.revoke(await one.issue(person));
  assert.equal(JSON.parse(keeper.kept() ?? '').revoked.length, 1);
});
