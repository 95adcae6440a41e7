import assert from 'node:assert/strict';
import { test } from 'node:test';
import { A, conference, room } from '../../test/contract/examples.ts';
import { FakeHouse } from '../../test/kit/conference-fakes.ts';
import type { ConferenceId } from './conference.ts';
import { listed } from './listing.ts';

const idOf = (n: number): string => String(n).padStart(4, '0');

test('a part of a list has as many documents as were asked for, however many rooms without one stand in between', async () => {
  const { store: conferences } = new FakeHouse();
  for (let n = 0; n < 400; n += 1) {
    const adHoc = n % 150 !== 0;
    await conferences.save(conference(idOf(n), adHoc ? { room: { ...room()!, adHoc: true } } : {}), [], 1);
  }
  const ids = async (cut: Parameters<typeof listed>[2]) => (await listed(conferences, A, cut)).map(({ id }) => Number(id));
  assert.deepEqual(await ids({}), [300, 150, 0]);
  assert.deepEqual(await ids({ limit: 1 }), [300]);
  assert.deepEqual(await ids({ limit: 2 }), [300, 150]);
  assert.deepEqual(await ids({ limit: 9 }), [300, 150, 0]);
  assert.deepEqual(await ids({ limit: 2, from: idOf(302) as ConferenceId }), [300, 150], 'no document twice');
  assert.deepEqual(await ids({ limit: 2, from: idOf(299) as ConferenceId }), [150, 0]);
  assert.deepEqual(await ids({ limit: 2, order: 'up', from: idOf(1) as ConferenceId }), [150, 300]);
});
