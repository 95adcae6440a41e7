import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { openAccounts } from '../accounts/index.ts';
import { noLog } from '../base/index.ts';
import { Conferences } from '../conference/index.ts';
import { MemoryStore } from '../store/index.ts';
import { firstStart } from './first-start.ts';

function newHouse() {
  const store = new MemoryStore();
  const clock = new FakeClock();
  const chance = new SeededChance(5);
  const outside = {
    media: { hear() {} },
    telephony: { answer() {}, hangUp() {}, dial() {}, bring() {}, ring() {} },
    events: { publish() {}, signal() {} },
  };
  const conferences = new Conferences({ clock, chance, log: noLog, store: store.conferences, ...outside });
  const needs = {
    accounts: openAccounts({ store: store.accounts, clock, chance }),
    execute: conferences.execute,
    dataDir: mkdtempSync(join(tmpdir(), 'parley-first-')),
  };
  const told = (): Record<string, string> =>
    JSON.parse(readFileSync(join(needs.dataDir, 'first-account.json'), 'utf8')) as Record<string, string>;
  return { needs, told };
}

test('the first start tells everything in a file for its owner alone, and the next one changes nothing', async () => {
  const { needs, told } = newHouse();
  const first = await firstStart(needs);
  assert.deepEqual(told(), { ...first });
  assert.equal(statSync(join(needs.dataDir, 'first-account.json')).mode & 0o777, 0o600);
  assert.equal(first?.conference_number, '3000');
  assert.equal(await firstStart(needs), undefined);
  assert.deepEqual(told(), { ...first });
});

test('a first start that was cut short after the account is finished by the next: nobody is locked out', async () => {
  const { needs, told } = newHouse();
  const cut = { ...needs, execute: () => Promise.reject(new Error('power cut')) };
  await assert.rejects(firstStart(cut), /power cut/);
  const password = told()['password'];
  assert.ok(password);
  const first = await firstStart(needs);
  assert.equal(first?.password, password);
  assert.equal(told()['conference_id'], first?.conference_id);
});

test('a first start that was cut short before the account was kept begins anew', async () => {
  const { needs, told } = newHouse();
  const cut = {
    ...needs,
    accounts: Object.assign(Object.create(needs.accounts), {
      createFirst: (tell: (first: never) => void) => {
        tell({ account_id: '0'.repeat(32) } as never);
        throw new Error('power cut');
      },
    }),
  };
  await assert.rejects(firstStart(cut), /power cut/);
  const first = await firstStart(needs);
  assert.equal(told()['account_id'], first?.account_id);
});
