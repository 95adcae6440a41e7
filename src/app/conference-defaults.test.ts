import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { anAccount } from '../../test/kit/conference-fakes.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import type { AccountDocument, AccountId, DocumentId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import { settings } from '../conference/index.ts';

import { conferenceDefaults, readDefaultsFile } from './conference-defaults.ts';

const system = { profiles: { default: { 'alone-sound': 'of the server' } } };
const other = 'b'.repeat(32) as AccountId;

function configured() {
  const clock = new FakeClock();
  const stored = new Map<AccountId, AccountDocument>();
  let reads = 0;
  const documents = {
    find: async ({ account }: { readonly account: AccountId }) => {
      reads += 1;
      return stored.get(account);
    },
  };
  const put = (account: AccountId, document: JsonObject, revision: number): void =>
    void stored.set(account, { account, kind: 'config', id: 'conferences' as DocumentId, document, revision, createdAt: 0, modifiedAt: 0 });
  return { clock, put, stored, reads: () => reads, defaults: conferenceDefaults({ documents, clock, system }) };
}

test('an account that configured nothing has what the server has; one that did has its own over it, and nobody else’s', async () => {
  const { defaults, put } = configured();
  put(other, { profiles: { default: { 'alone-sound': 'of the account' } } }, 1);
  assert.equal(settings({}, await defaults(anAccount)).profile['alone-sound'], 'of the server');
  assert.equal(settings({}, await defaults(other)).profile['alone-sound'], 'of the account');
});

test('it is read at most once a second, is the same object while it is the same, and follows a change', async () => {
  const { defaults, put, clock, reads, stored } = configured();
  put(anAccount, { entry_tone: 'a' }, 1);
  const first = await defaults(anAccount);
  for (let n = 0; n < 100; n += 1) assert.equal(await defaults(anAccount), first);
  assert.equal(reads(), 1);
  clock.advance(1000);
  assert.equal(await defaults(anAccount), first);
  put(anAccount, { entry_tone: 'b' }, 2);
  clock.advance(1000);
  assert.equal((await defaults(anAccount)).account['entry_tone'], 'b');
  stored.delete(anAccount);
  clock.advance(1000);
  assert.deepEqual((await defaults(anAccount)).account, {});
});

test('the server’s file is an object in YAML or JSON; anything else is refused by its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-defaults-'));
  const file = (text: string): string => {
    const path = join(folder, 'defaults.yaml');
    writeFileSync(path, text);
    return path;
  };
  assert.deepEqual(readDefaultsFile(undefined), {});
  assert.deepEqual(readDefaultsFile(file('')), {});
  assert.deepEqual(readDefaultsFile(file('{"pin_timeout": 7000}')), { pin_timeout: 7000 });
  assert.deepEqual(readDefaultsFile(file('profiles:\n  default:\n    alone-sound: ""\n')), {
    profiles: { default: { 'alone-sound': '' } },
  });
  for (const wrong of ['[1]', 'word', 'a: ['])
    assert.throws(() => readDefaultsFile(file(wrong)), /conferences\.defaults \(.*defaults\.yaml\)/);
  assert.throws(() => readDefaultsFile(join(folder, 'nowhere')), /cannot be read/);
});
