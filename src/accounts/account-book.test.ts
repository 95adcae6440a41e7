import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { MemoryStore } from '../store/index.ts';
import type { AccountId } from './account.ts';
import { openAccounts } from './account-book.ts';
import { randomPassword, slowHash } from './password.ts';

const hash = (algorithm: 'md5' | 'sha1' | 'sha256', text: string): string => createHash(algorithm).update(text).digest('hex');

function aBook() {
  const store = new MemoryStore();
  const book = openAccounts({ store: store.accounts, clock: new FakeClock(), chance: new SeededChance(3) });
  return { book, store: store.accounts };
}

test('the first account is made once, with secrets of the promised form', async () => {
  const { book, store } = aBook();
  const first = await book.createFirst();
  assert.ok(first !== undefined);
  assert.equal(first.account_name, 'Parley');
  assert.equal(first.username, 'admin');
  assert.match(first.account_id, /^[0-9a-f]{32}$/);
  assert.match(first.user_id, /^[0-9a-f]{32}$/);
  assert.match(first.realm, /^[0-9a-f]{8}\.parley\.local$/);
  assert.match(first.api_key, /^[0-9a-f]{64}$/);
  assert.match(first.access_key, /^[0-9a-f]{64}$/);
  assert.match(first.password, /^[a-hjkmnp-z2-9]{20}$/);
  assert.equal((await book.first())?.id, first.account_id);
  assert.equal(await book.createFirst(), undefined);
  const [user] = await store.users(first.account_id as AccountId);
  assert.equal(user?.privilege, 'admin');
});

test('the first user is recognised by everything that was printed', async () => {
  const { book } = aBook();
  const first = await book.createFirst();
  assert.ok(first !== undefined);
  const pair = `${first.username}:${first.password}`;
  const byName = await book.logIn({ credentials: hash('md5', pair), method: 'md5', accountName: 'parley' });
  const byRealm = await book.logIn({ credentials: hash('sha1', pair), method: 'sha', realm: first.realm.toUpperCase() });
  for (const found of [byName, byRealm, await book.byAccessKey(first.access_key)]) {
    assert.equal(found?.user.id, first.user_id);
    assert.equal(found?.account.id, first.account_id);
  }
  assert.equal((await book.byApiKey(first.api_key))?.id, first.account_id);
});

test('a login names its account by realm first, else by its name without case and punctuation', async () => {
  const { book } = aBook();
  const acme = await book.createAccount({ name: 'Acme, Inc.', realm: 'Sip.Acme.Example' });
  const user = await book.createUser({ account: acme.id, username: 'Alice', password: 'pw' });
  assert.equal(user.username, 'alice');
  const credentials = hash('md5', 'alice:pw');
  const login = async (names: { realm?: string; accountName?: string }) =>
    (await book.logIn({ credentials, method: 'md5', ...names }))?.user.id;
  assert.equal(await login({ accountName: 'ACME inc' }), user.id);
  assert.equal(await login({ realm: 'sip.acme.example' }), user.id);
  assert.equal(await login({ realm: 'sip.acme.example', accountName: 'another' }), user.id);
  assert.equal(await login({ realm: 'another.example', accountName: 'acmeinc' }), undefined);
  assert.equal(await login({ accountName: 'acme' }), undefined);
  assert.equal(await login({ accountName: '…' }), undefined);
  assert.equal(await login({}), undefined);
});

test('every user of every account of that name is tried', async () => {
  const { book } = aBook();
  const [one, two] = [await book.createAccount({ name: 'Acme' }), await book.createAccount({ name: 'acme!' })];
  await book.createUser({ account: one.id, username: 'alice', password: 'same' });
  await book.createUser({ account: two.id, username: 'bob', password: 'same' });
  const carol = await book.createUser({ account: two.id, username: 'carol', password: 'same' });
  const found = await book.logIn({ credentials: hash('md5', 'carol:same'), method: 'md5', accountName: 'Acme' });
  assert.deepEqual([found?.account.id, found?.user.id], [two.id, carol.id]);
});

test('wrong credentials, the other method, and disabled users get nothing', async () => {
  const { book, store } = aBook();
  const acme = await book.createAccount({ name: 'Acme' });
  const { password: _password, ...alice } = await book.createUser({ account: acme.id, username: 'alice', password: 'pw' });
  const { token: key } = await book.createAccessKey({ account: alice.account, user: alice.id });
  const login = (credentials: string, method: 'md5' | 'sha' = 'md5') => book.logIn({ credentials, method, accountName: 'Acme' });
  assert.equal(await login(hash('md5', 'alice:PW')), undefined);
  assert.equal(await login(hash('md5', 'alice:pw'), 'sha'), undefined);
  assert.equal(await login(alice.md5), undefined, 'what is stored must not be a password itself');
  assert.equal(await login(''), undefined);
  assert.ok(await login(hash('md5', 'alice:pw')));
  await store.saveUser({ ...alice, enabled: false });
  assert.equal(await login(hash('md5', 'alice:pw')), undefined);
  assert.equal(await book.byAccessKey(key), undefined);
});

test('at rest there is only a slow hash of what clients send, and of an access key only its SHA-256', async () => {
  const { book, store } = aBook();
  const acme = await book.createAccount({ name: 'Acme' });
  const alice = await book.createUser({ account: acme.id, username: 'alice', password: 'pw' });
  const [kept] = await store.users(acme.id);
  const { token: key } = await book.createAccessKey({ account: alice.account, user: alice.id });
  for (const text of [kept?.md5, kept?.sha1]) assert.match(text ?? '', /^scrypt\$[0-9a-f]{32}\$[0-9a-f]{64}$/);
  for (const clear of [hash('md5', 'alice:pw'), hash('sha1', 'alice:pw')]) assert.ok(!JSON.stringify(kept).includes(clear));
  assert.equal('password' in (kept ?? {}), false);
  assert.equal(await store.accessKey(key), undefined);
  assert.equal((await store.accessKey(hash('sha256', key)))?.user, alice.id);
  assert.equal(await book.byAccessKey(hash('sha256', key)), undefined);
});

test('the slow hash is scrypt with N = 2^14', async () => {
  // RFC 7914 has no vector with these parameters; Python: hashlib.scrypt(b'c', salt=bytes(16), n=16384, r=8, p=1, dklen=32).
  assert.equal(
    await slowHash('c', '00'.repeat(16)),
    'scrypt$00000000000000000000000000000000$734015cb8cbfc7d5ac5e529ee39c9542ec4d7fe7033fa5a2baef87e195d08ed5',
  );
});

test('one may act on oneself and on descendants only', async () => {
  const { book, store } = aBook();
  const top = await book.createAccount({ name: 'top' });
  const child = await book.createAccount({ name: 'child', parent: top.id });
  const grandchild = await book.createAccount({ name: 'grandchild', parent: child.id });
  const sibling = await book.createAccount({ name: 'sibling', parent: top.id });
  const nobody = '0'.repeat(32) as AccountId;
  const may = (who: { id: AccountId }, on: { id: AccountId }) => book.mayActOn(who.id, on.id);
  for (const on of [top, child, grandchild, sibling]) assert.equal(await may(top, on), true);
  assert.equal(await may(child, grandchild), true);
  for (const on of [top, sibling]) assert.equal(await may(child, on), false);
  assert.equal(await may(grandchild, child), false);
  assert.equal(await book.mayActOn(nobody, nobody), false);
  assert.equal(await book.mayActOn(nobody, grandchild.id), false);
  await store.saveAccount({ ...top, parent: grandchild.id });
  assert.equal(await may(sibling, child), false, 'a circle ends');
});

test('devices are found by their SIP user while they are enabled', async () => {
  const { book, store } = aBook();
  const acme = await book.createAccount({ name: 'Acme' });
  const given = await book.createDevice({ account: acme.id, username: 'desk', password: 'pw' });
  const random = await book.createDevice({ account: acme.id });
  assert.deepEqual(await book.device(acme.id, 'desk'), given);
  assert.match(random.password, /^[a-hjkmnp-z2-9]{20}$/);
  assert.deepEqual(await book.device(acme.id, random.username), random);
  await store.saveDevice({ ...given, enabled: false });
  assert.equal(await book.device(acme.id, 'desk'), undefined);
  await assert.rejects(book.createDevice({ account: acme.id, username: 'desk' }), { kind: 'conflict', code: 'username_taken' });
});

test('random passwords favour no letter', () => {
  const counts = new Map<string, number>();
  const chance = new SeededChance(5);
  for (const letter of randomPassword(chance, 31_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  assert.equal(counts.size, 31);
  // 1 000 of each are expected with a deviation of 31; taking bytes modulo 31 would give the first eight letters 9/8 of that.
  for (const [letter, count] of counts) assert.ok(Math.abs(count - 1000) < 5 * 31, `${letter}: ${count}`);
});
