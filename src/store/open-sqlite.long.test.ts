import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { conference, document, keepSecrets, storeContract } from '../../test/contract/store.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { openSqlite } from './open-sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-store-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
const newPath = (): string => join(folder, `${++files}.sqlite`);
const masterKey = new Uint8Array(32).fill(7);
const openAt = (path: string) => openSqlite({ path, chance: new SeededChance(files), masterKey });
/** As the server opens it: writes of a moment share a commit. */
const openGrouped = (path: string) => openSqlite({ path, chance: new SeededChance(files), masterKey, soon: setImmediate });

storeContract('sqlite in memory', async () => {
  const stores = await openAt(':memory:');
  return { stores, close: () => stores.close() };
});

for (const [name, open] of [
  ['sqlite', openAt],
  ['sqlite, writes grouped', openGrouped],
] as const) {
  storeContract(name, async () => {
    const path = newPath();
    let stores = await open(path);
    return {
      stores,
      close: () => stores.close(),
      reopen: async () => {
        await stores.close();
        stores = await open(path);
        return stores;
      },
    };
  });
}

test('no secret is in the bytes of the files, and only the owner may read them', async () => {
  const path = newPath();
  const store = await openAt(path);
  const secrets = await keepSecrets(store);
  await store.conferences.save(conference('visible', { document: document([]) }), [], 1);
  const bytes = [path, `${path}-wal`].map((file) => readFileSync(file).toString('latin1')).join('');
  assert.ok(bytes.includes('visible'), 'the search finds what is not sealed');
  for (const secret of secrets) assert.equal(bytes.includes(secret), false, `${secret} stands in clear`);
  for (const file of [path, `${path}-wal`]) assert.equal(statSync(file).mode & 0o777, 0o600);
  await store.close();
  const rest = readFileSync(path).toString('latin1');
  for (const secret of secrets) assert.equal(rest.includes(secret), false, `${secret} stands in clear after the checkpoint`);
});

test('another master key is refused at once and harms nothing', async () => {
  const path = newPath();
  const store = await openAt(path);
  const [apiKey] = await keepSecrets(store);
  await store.close();
  await assert.rejects(openSqlite({ path, chance: new SeededChance(), masterKey: new Uint8Array(32).fill(8) }), {
    name: 'Failure',
    kind: 'unavailable',
    code: 'wrong_master_key',
  });
  const again = await openAt(path);
  assert.equal((await again.accounts.accountByApiKey(apiKey!))?.apiKey, apiKey);
  await again.close();
});

test('a sealed value moved to another row does not open', async () => {
  const path = newPath();
  const store = await openAt(path);
  await store.accounts.saveSecret('one', '1');
  await store.accounts.saveSecret('two', '2');
  await store.close();
  const raw = new DatabaseSync(path);
  raw.exec("UPDATE secrets SET value_sealed = (SELECT value_sealed FROM secrets WHERE name = 'one') WHERE name = 'two'");
  raw.close();
  const again = await openAt(path);
  await assert.rejects(again.accounts.secret('two'), { code: 'wrong_master_key' });
  assert.equal(await again.accounts.secret('one'), '1');
  await again.close();
});

test('a database of a newer Parley is refused in words, and left as it was', async () => {
  const path = newPath();
  await (await openAt(path)).close();
  const raw = new DatabaseSync(path);
  raw.exec("INSERT INTO migrations (number, name) VALUES (99, 'from-the-future')");
  raw.close();
  await assert.rejects(openAt(path), { kind: 'unavailable', code: 'database_newer', message: /newer Parley \(schema 99/ });
});

test('a file that is no database is refused as unavailable, and left as it was', async () => {
  const path = newPath();
  writeFileSync(path, 'no database at all, but long enough to have a header of one hundred bytes. '.repeat(9));
  await assert.rejects(openAt(path), { kind: 'unavailable', code: 'store_unavailable' });
  assert.match(readFileSync(path, 'utf8'), /^no database at all/);
});
