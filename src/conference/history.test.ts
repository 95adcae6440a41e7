import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anActor, aConferenceId as conference, FakeHouse } from '../../test/kit/conference-fakes.ts';

test('a moment costs what had happened since the room was opened then, not the whole past', async () => {
  const house = new FakeHouse();
  await house.create();
  const ends: number[] = [];
  for (let run = 1; run <= 20; run += 1) {
    await house.join(run);
    if (run === 1) await house.conferences.execute('conference.lock', { conference, locked: true }, anActor);
    house.clock.advance(1000);
    ends.push((await house.read()).sequence);
    await house.conferences.execute('participants.kick', { conference, which: 'all' }, anActor);
  }
  const all = await house.store.facts(anActor.account, conference, 0);
  let read = 0;
  const facts = house.store.facts.bind(house.store);
  house.store.facts = async (...of) => {
    const found = await facts(...of);
    read += found.length;
    return found;
  };
  const state = (sequence: number) => house.conferences.execute('conference.state', { conference, moment: { sequence } }, anActor);
  const last = await state(ends.at(-1)!);
  assert.deepEqual([last.people.length, last.exists, last.complete, last.locked], [1, true, true, false]);
  // The first fact, to know that nothing is forgotten, and those of the last run.
  const ofLastRun = all.length - ends.at(-2)!;
  assert.ok(read <= 1 + ofLastRun, `${read} facts of ${all.length}`);
  assert.equal((await state(ends[0]!)).locked, true);
});
