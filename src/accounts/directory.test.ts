import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { MemoryStore } from '../store/index.ts';
import type { AccountId } from './account.ts';
import { openAccounts } from './account-book.ts';
import { usernameOf } from './directory.ts';
import { type DocumentId, openDocuments } from './documents.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

function aHouse() {
  const store = new MemoryStore();
  const clock = new FakeClock();
  const chance = new SeededChance(3);
  const book = openAccounts({ store: store.accounts, clock, chance });
  return { book, directory: book.directory, documents: openDocuments({ store: store.documents, clock, chance }), clock, store };
}

test('accounts below accounts: children, descendants, and none is removed that has some', async () => {
  const { directory } = aHouse();
  const top = await directory.createAccount({ name: 'top' });
  const child = await directory.createAccount({ name: 'child', parent: top.id, document: { timezone: 'Europe/Berlin' } });
  const grandchild = await directory.createAccount({ name: 'grandchild', parent: child.id });
  const stranger = await directory.createAccount({ name: 'stranger' });
  const names = (found: readonly { name: string }[]) => found.map(({ name }) => name);
  assert.deepEqual(names(await directory.children(top.id)), ['child']);
  assert.deepEqual(names(await directory.descendants(top.id)).sort(), ['child', 'grandchild']);
  assert.deepEqual(names(await directory.descendants(stranger.id)), []);
  assert.deepEqual(child.sheet?.document, { timezone: 'Europe/Berlin' });
  await assert.rejects(directory.removeAccount(child.id), { code: 'account_has_children' });
  assert.equal((await directory.removeAccount(grandchild.id)).name, 'grandchild');
  assert.deepEqual(names(await directory.descendants(top.id)), ['child']);
  await assert.rejects(directory.removeAccount(grandchild.id), { code: 'account_not_found' });
});

test('a new API key takes the place of the old one', async () => {
  const { book, directory } = aHouse();
  const account = await directory.createAccount({ name: 'a' });
  const { apiKey } = await directory.newApiKey(account.id);
  assert.notEqual(apiKey, account.apiKey);
  assert.equal(await book.byApiKey(account.apiKey), undefined);
  assert.equal((await book.byApiKey(apiKey))?.id, account.id);
});

test('a user without a name cannot log in, gets one with a password, and keeps his password unless told', async () => {
  const { book, directory } = aHouse();
  const account = await directory.createAccount({ name: 'acme' });
  const [one, two] = [
    await directory.createUser({ account: account.id, username: null }),
    await directory.createUser({ account: account.id, username: null }),
  ];
  assert.equal(usernameOf(one), undefined);
  const logIn = async (text: string) => (await book.logIn({ credentials: md5(text), method: 'md5', accountName: 'acme' }))?.user.id;
  for (const text of [`:${one.password}`, `${one.username}:${one.password}`]) assert.equal(await logIn(text), undefined);
  const change = { privilege: 'user', enabled: true, document: {} } as const;
  const named = { ...change, username: 'Bob' };
  await assert.rejects(
    directory.changeUser(account.id, two.id, () => named),
    { code: 'password_missing' },
  );
  const bob = await directory.changeUser(account.id, two.id, () => ({ ...named, password: 'pw' }));
  assert.deepEqual([bob.username, bob.sheet?.revision], ['bob', 2]);
  assert.equal(await logIn('bob:pw'), two.id);
  await directory.changeUser(account.id, two.id, () => ({ ...named, privilege: 'admin' }));
  assert.equal(await logIn('bob:pw'), two.id);
  await directory.changeUser(account.id, two.id, () => ({ ...named, enabled: false }));
  assert.equal(await logIn('bob:pw'), undefined);
  await directory.changeUser(account.id, two.id, () => ({ ...change, username: null }));
  assert.equal(await logIn('bob:pw'), undefined);
});

test('documents: made, changed one after the other, removed', async () => {
  const { directory, documents, clock } = aHouse();
  const { id: account } = await directory.createAccount({ name: 'a' });
  const made = await documents.create({ account, kind: 'callflow', document: { n: 0 }, keys: ['100'] });
  await assert.rejects(documents.create({ account, kind: 'callflow', id: made.id, document: {} }), { code: 'document_exists' });
  clock.advance(5000);
  await Promise.all(
    [1, 2, 3].map(() => documents.change(made, ({ document }) => ({ document: { n: Number(document['n']) + 1 }, keys: ['100'] }))),
  );
  const now = await documents.get(made);
  assert.deepEqual([now.document, now.revision, now.createdAt, now.modifiedAt - now.createdAt], [{ n: 3 }, 4, made.createdAt, 5000]);
  assert.deepEqual(await documents.remove(made), now);
  await assert.rejects(documents.get(made), { code: 'document_not_found' });
  await assert.rejects(
    documents.change(made, () => ({ document: {}, keys: [] })),
    { code: 'document_not_found' },
  );
  const elsewhere = { account: 'f'.repeat(32) as AccountId, kind: 'trunk', id: 'x' as DocumentId, document: {} } as const;
  await assert.rejects(documents.create(elsewhere), { code: 'account_not_found' });
});
