import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { openAccounts, openDocuments } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import { MemoryStore } from '../store/index.ts';
import { callflowNumbers } from './callflow-numbers.ts';

async function aHouse() {
  const store = new MemoryStore();
  const needs = { clock: new FakeClock(), chance: new SeededChance(5) };
  const { id: account } = await openAccounts({ store: store.accounts, ...needs }).createAccount({ name: 'a' });
  const { id: stranger } = await openAccounts({ store: store.accounts, ...needs }).createAccount({ name: 'b' });
  const documents = openDocuments({ store: store.documents, ...needs });
  const numbers = callflowNumbers(documents);
  const add = (document: JsonObject, keys: readonly string[] = []) => documents.create({ account, kind: 'callflow', document, keys });
  const find = async (dialled: string, of = account) => (await numbers.find(of, { dialled }))?.actions;
  return { add, find, stranger };
}

test('a callflow is found by its number, with and without +, in its account alone', async () => {
  const { add, find, stranger } = await aHouse();
  await add({ flow: { module: 'sleep', data: { duration: 2 } } }, ['+4930123456', '5000']);
  for (const dialled of ['+4930123456', '4930123456', '5000']) {
    assert.deepEqual((await find(dialled))?.[0], { id: 'callflow-0', type: 'sleep', option: { duration: 2000 } }, dialled);
  }
  assert.equal(await find('5001'), undefined);
  assert.equal(await find('5000', stranger), undefined);
});

test('a feature code names the conference by what its pattern catches', async () => {
  const { add, find } = await aHouse();
  await add({ patterns: ['^\\*88([0-9]{2,})$'], flow: { module: 'conference_feature', data: {} } });
  // Where there is no such document, the defaults of facts §7.9 are it.
  const option = { conference: '12', ad_hoc: { member: { join_muted: false } } };
  assert.deepEqual((await find('*8812'))?.[0], { id: 'callflow-0', type: 'conference_enter', option });
  assert.equal(await find('*881'), undefined);
  assert.equal(await find(`*88${'1'.repeat(100)}`), undefined);
});
