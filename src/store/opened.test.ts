import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { A, conference } from '../../test/contract/examples.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import type { JsonObject } from '../base/index.ts';
import { openSqlite } from './open-sqlite.ts';
import { Opened } from './opened.ts';

test('a document that another store has changed meanwhile is seen, with its numbers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-opened-'));
  const open = (seed: number) =>
    openSqlite({ path: join(folder, 'parley.db'), chance: new SeededChance(seed), masterKey: new Uint8Array(32).fill(7) });
  const [mine, theirs] = [await open(1), await open(2)];
  const before = conference('room-1', { document: { conference_numbers: ['1'] } });
  await mine.conferences.save(before, [], 1);
  const loaded = await mine.conferences.load(A, before.id);
  assert.ok(loaded);
  await theirs.conferences.save({ ...before, document: { conference_numbers: ['2'] } }, [], 1);
  assert.deepEqual((await mine.conferences.load(A, before.id))?.document, { conference_numbers: ['2'] });
  // What was read before is written again: the numbers follow.
  await mine.conferences.save(loaded, [], 1);
  assert.deepEqual((await theirs.conferences.load(A, before.id))?.document, { conference_numbers: ['1'] });
  assert.equal(await theirs.conferences.findByNumber(A, '1'), before.id);
  assert.equal(await theirs.conferences.findByNumber(A, '2'), undefined);
  // Deleted, it lets go of its numbers though the document stays.
  const last = await mine.conferences.load(A, before.id);
  await mine.conferences.save({ ...last!, deletedAt: 1 }, [], 1);
  assert.equal(await mine.conferences.findByNumber(A, '1'), undefined);
  await Promise.all([mine.close(), theirs.close()]);
  rmSync(folder, { recursive: true });
});

test('what is shared cannot be changed; what is forgotten is read again', () => {
  const opened = new Opened<JsonObject>();
  let reads = 0;
  const read = (key: string, bytes: number) =>
    opened.read(key, new Uint8Array(bytes), () => {
      reads += 1;
      return { list: [{ name: key }] };
    });
  const document = read('one', 3_000_000);
  assert.equal(read('one', 3_000_000), document);
  assert.throws(() => Object.assign((document['list'] as object[])[0]!, { name: 'other' }), TypeError);
  const sealed = opened.write('one', document, (): Uint8Array => assert.fail('it is sealed already'));
  assert.equal(sealed.length, 3_000_000);
  assert.equal(opened.write('one', { ...document }, () => Uint8Array.of(1)).length, 1);
  for (const key of ['two', 'three']) read(key, 3_000_000);
  assert.equal(reads, 3);
  assert.notEqual(read('one', 3_000_000), document, 'the oldest was forgotten');
});

test('what changes more often than it is read is shared when it was read twice; what is passed by is not kept', () => {
  const opened = new Opened<{ readonly text: string }>({ isPatient: true });
  const read = (how: 'read' | 'glance', text: string) => opened[how]('one', text, () => ({ text }));
  const first = read('read', 'a');
  assert.notEqual(read('glance', 'a'), first, 'it may be changed in place: nobody shares it');
  const second = read('read', 'a');
  assert.ok(second !== first && Object.isFrozen(second));
  assert.equal(read('read', 'a'), second);
  assert.equal(read('glance', 'a'), second);
  assert.deepEqual(read('read', 'b'), { text: 'b' });
  assert.deepEqual([read('glance', 'c'), read('read', 'b')], [{ text: 'c' }, { text: 'b' }]);
});
