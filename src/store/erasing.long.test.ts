import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { A, aCdr, caller, conference, facts, room } from '../../test/contract/examples.ts';
import { aDelivery, aWebhook } from '../../test/contract/webhooks-contract.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { openSqlite } from './open-sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-erasing-'));
after(() => rmSync(folder, { recursive: true }));

test('what was erased is in no byte of the files, while the server runs', async () => {
  const path = join(folder, 'erased.sqlite');
  const chance = new SeededChance(4);
  const stores = await openSqlite({ path, chance, masterKey: new Uint8Array(32).fill(7), soon: setImmediate });
  const [number, name] = ['+4930777666555', 'Nobody Knows Me'];
  const about = { ...room()!.participants[0]!, call: { ...caller(77), callerNumber: number, callerName: name, sipCallId: `${number}@x` } };
  await stores.webhooks.save(aWebhook(1));
  let at = conference('room-1');
  for (let n = 1; n <= 300; n += 1) {
    const next = { ...at, sequence: at.sequence + 5 };
    const fresh = facts(next, at.sequence, 5).map((each, index) =>
      index === 2 ? { ...each, about } : { ...each, about: room()!.participants[1]! },
    );
    const isHis = chance.next() < 0.3;
    await Promise.all([
      stores.conferences.save(next, fresh, 1),
      stores.history.add(aCdr(n, isHis ? { callerNumber: number, callerName: name } : {})),
      stores.webhooks.enqueue([
        aDelivery(1, n, isHis ? { body: JSON.stringify({ caller_id_number: number, x: 'y'.repeat(n * 10) }) } : {}),
      ]),
    ]);
    at = next;
  }
  const found = (): readonly string[] =>
    [path, `${path}-wal`].flatMap((file) => {
      const bytes = readFileSync(file).toString('latin1');
      return [number, name].filter((each) => bytes.includes(each)).map((each) => `${each} in ${file}`);
    });
  assert.ok(found().length > 0, 'the search finds what is there');
  const { facts: erased } = await stores.keeping.erase({ account: A, number });
  assert.ok(erased > 300);
  assert.deepEqual(found(), []);
  await stores.close();
  assert.ok(!readFileSync(path).toString('latin1').includes(number));
});
