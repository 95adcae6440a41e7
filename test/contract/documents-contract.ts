import assert from 'node:assert/strict';
import type { AccountDocument, AccountId, DocumentId } from '../../src/accounts/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { A, accessKey, account, B, device, hex, refusal, T, user } from './examples.ts';

type WithStore = (title: string, body: (stores: AllStores) => Promise<void>) => void;

/** The `n`th callflow of the first account. */
export const aDocument = (n: number, change: Partial<AccountDocument> = {}): AccountDocument => ({
  account: A,
  kind: 'callflow',
  id: hex(0x3000 + n) as DocumentId,
  document: { name: `flow ${n}`, flow: { module: 'x', data: { text: 'Zoë 李 \u{1f600} \0' } }, list: [1, null, 1.5] },
  revision: 1,
  createdAt: T + n,
  modifiedAt: T + n + 1,
  ...change,
});

const ids = (found: readonly AccountDocument[]): readonly string[] => found.map(({ id }) => id);

/** What every keeper of documents must do. */
export function documentsContract(withStore: WithStore): void {
  const withAccounts = (title: string, body: (stores: AllStores) => Promise<void>): void =>
    withStore(title, async (stores) => {
      await stores.accounts.saveAccount(account());
      await stores.accounts.saveAccount(account({ id: B, realm: 'b.test', apiKey: 'cd'.repeat(32), createdAt: T + 1 }));
      await body(stores);
    });

  sheetContract(withStore);
  withAccounts('gives a document back with every field, to its account and kind alone', async ({ documents }) => {
    await documents.save(aDocument(1), ['100']);
    assert.deepEqual(await documents.find(aDocument(1)), aDocument(1));
    assert.equal(await documents.find(aDocument(1, { account: B })), undefined);
    assert.equal(await documents.find(aDocument(1, { kind: 'trunk' })), undefined);
    const next = aDocument(1, { document: {}, revision: 2, modifiedAt: T + 99 });
    await documents.save(next, []);
    assert.deepEqual(await documents.find(next), next);
  });

  withAccounts('is not changed by what its callers do to their values', async ({ documents }) => {
    const list = ['1'];
    await documents.save(aDocument(1, { document: { list } }), []);
    list.push('2');
    assert.deepEqual((await documents.find(aDocument(1)))?.document, { list: ['1'] });
  });

  withAccounts('lists by id, up and down, in pages', async ({ documents }) => {
    for (const n of [3, 1, 2]) await documents.save(aDocument(n), []);
    await documents.save(aDocument(4, { account: B }), []);
    await documents.save(aDocument(5, { kind: 'trunk' }), []);
    const [one, two, three] = [aDocument(1).id, aDocument(2).id, aDocument(3).id];
    const of = { account: A, kind: 'callflow' as const };
    assert.deepEqual(await documents.list(of), [aDocument(1), aDocument(2), aDocument(3)]);
    assert.deepEqual(ids(await documents.list({ ...of, order: 'down' })), [three, two, one]);
    assert.deepEqual(ids(await documents.list({ ...of, after: one, limit: 1 })), [two]);
    assert.deepEqual(ids(await documents.list({ ...of, order: 'down', after: three, limit: 5 })), [two, one]);
    assert.deepEqual(ids(await documents.list({ ...of, order: 'down', limit: 2 })), [three, two]);
    assert.deepEqual(ids(await documents.all('callflow')), [one, two, three, aDocument(4).id]);
  });

  withAccounts('finds by index key, of one account and of all', async ({ documents }) => {
    await documents.save(aDocument(1), ['100', '101']);
    await documents.save(aDocument(2, { account: B }), ['100']);
    await documents.save(aDocument(3, { kind: 'trunk' }), ['100']);
    assert.deepEqual(await documents.holder({ account: A, kind: 'callflow' }, '101'), aDocument(1));
    assert.equal(await documents.holder({ account: B, kind: 'callflow' }, '101'), undefined);
    assert.deepEqual(ids(await documents.holders('callflow', '100')), [aDocument(1).id, aDocument(2).id]);
    assert.deepEqual(await documents.holders('number', '100'), []);
    await documents.save(aDocument(1, { revision: 2 }), ['101', '102', '102']);
    assert.deepEqual(ids(await documents.holders('callflow', '100')), [aDocument(2).id]);
    assert.equal((await documents.holder({ account: A, kind: 'callflow' }, '102'))?.revision, 2);
  });

  withAccounts('an index key belongs to one document; who is refused changes nothing', async ({ documents }) => {
    await documents.save(aDocument(1), ['100', '101']);
    await assert.rejects(
      documents.save(aDocument(2), ['99', '100', '101']),
      refusal('conflict', 'document_key_taken', { keys: ['100', '101'] }),
    );
    assert.equal(await documents.find(aDocument(2)), undefined);
    assert.deepEqual(await documents.holders('callflow', '99'), []);
    await documents.save(aDocument(2), ['99']);
  });

  withAccounts('a telephone number belongs to one account of the server', async ({ documents }) => {
    const number = aDocument(1, { kind: 'number', id: '+4930123456' as DocumentId });
    await documents.save(number, ['+4930123456']);
    await assert.rejects(
      documents.save({ ...number, account: B }, ['+4930123456']),
      refusal('conflict', 'document_key_taken', { keys: ['+4930123456'] }),
    );
    await documents.remove(number);
    await documents.save({ ...number, account: B }, ['+4930123456']);
    assert.deepEqual(await documents.holders('number', '+4930123456'), [{ ...number, account: B }]);
  });

  withAccounts('only the next revision is taken', async ({ documents }) => {
    await assert.rejects(documents.save(aDocument(1, { revision: 2 }), []), refusal('conflict', 'revision_changed', { revision: 0 }));
    await documents.save(aDocument(1), []);
    await assert.rejects(documents.save(aDocument(1), []), refusal('conflict', 'revision_changed', { revision: 1 }));
    await assert.rejects(documents.save(aDocument(1, { revision: 3 }), []), refusal('conflict', 'revision_changed', { revision: 1 }));
    const stranger = aDocument(1, { account: hex(0xdead) as AccountId });
    await assert.rejects(documents.save(stranger, []), refusal('not-found', 'account_not_found'));
  });

  for (const [how, deletedAt] of [
    ['softly', T + 5],
    ['for good', undefined],
  ] as const) {
    withAccounts(`what was deleted ${how} is not there, and its keys are free`, async ({ documents }) => {
      await documents.save(aDocument(1), ['100']);
      await documents.remove(aDocument(1, { account: B }), deletedAt);
      await documents.remove(aDocument(1, { kind: 'trunk' }), deletedAt);
      assert.ok(await documents.find(aDocument(1)));
      await documents.remove(aDocument(1), deletedAt);
      await documents.remove(aDocument(1), deletedAt);
      assert.equal(await documents.find(aDocument(1)), undefined);
      assert.deepEqual(
        [await documents.list(aDocument(1)), await documents.all('callflow'), await documents.holders('callflow', '100')],
        [[], [], []],
      );
      await documents.save(aDocument(2), ['100']);
      await assert.rejects(documents.save(aDocument(1, { revision: 2 }), []), refusal('conflict', 'revision_changed', { revision: 0 }));
      await documents.save(aDocument(1), []);
      assert.deepEqual(await documents.find(aDocument(1)), aDocument(1));
    });
  }
}

/** What accounts, users and devices say besides, and how they go. */
function sheetContract(withStore: WithStore): void {
  const sheet = { document: { ui: { a: [1, null] }, first_name: 'Zoë \0' }, revision: 3, modifiedAt: T + 7 };

  withStore('keeps what accounts, users and devices say besides', async ({ accounts }) => {
    await accounts.saveAccount(account({ sheet }));
    await accounts.saveUser(user({ sheet, createdAt: T + 1 }));
    await accounts.saveDevice(device({ sheet, createdAt: T + 2 }));
    assert.deepEqual(await accounts.account(A), account({ sheet }));
    assert.deepEqual(await accounts.users(A), [user({ sheet, createdAt: T + 1 })]);
    assert.deepEqual(await accounts.device(A, 'desk'), device({ sheet, createdAt: T + 2 }));
    await accounts.saveUser(user());
    assert.deepEqual(await accounts.users(A), [user()]);
  });

  withStore('a removed account is never given again; its realm and its documents’ keys are free', async ({ accounts, documents }) => {
    await accounts.saveAccount(account());
    await accounts.saveAccount(account({ id: B, realm: 'b.test', apiKey: 'cd'.repeat(32), createdAt: T + 1 }));
    await documents.save(aDocument(1), ['100']);
    await accounts.removeAccount(A, T + 9);
    await accounts.removeAccount(A, T + 10);
    assert.deepEqual(await accounts.accounts(), [account({ id: B, realm: 'b.test', apiKey: 'cd'.repeat(32), createdAt: T + 1 })]);
    assert.equal(await accounts.account(A), undefined);
    assert.equal(await accounts.accountByRealm(account().realm), undefined);
    assert.equal(await accounts.accountByApiKey(account().apiKey), undefined);
    assert.deepEqual([await documents.all('callflow'), await documents.holders('callflow', '100')], [[], []]);
    assert.equal(await accounts.saveFirst(account({ id: hex(0xf) as AccountId }), user(), accessKey()), false);
    await accounts.saveAccount(account({ id: hex(0xe) as AccountId, apiKey: 'ee'.repeat(32) }));
    await assert.rejects(documents.save(aDocument(2), []), refusal('not-found', 'account_not_found'));
  });

  withStore('a removed user leaves his devices to nobody and takes his keys with him', async ({ accounts }) => {
    await accounts.saveAccount(account());
    await accounts.saveUser(user());
    await accounts.saveDevice(device());
    await accounts.saveAccessKey(accessKey());
    await accounts.removeUser(B, user().id);
    assert.deepEqual(await accounts.users(A), [user()]);
    await accounts.removeUser(A, user().id);
    await accounts.removeUser(A, user().id);
    assert.deepEqual(await accounts.users(A), []);
    assert.deepEqual(await accounts.devices(A), [device({ owner: undefined })]);
    assert.equal(await accounts.accessKey(accessKey().hash), undefined);
  });
}
