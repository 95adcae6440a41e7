import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEventHouse } from '../../../test/kit/event-house.ts';
import { dashed, isoMillis } from '../../base/index.ts';

const ID = 'd'.repeat(32);

/** Two people come a second apart, one is muted, related, and leaves. */
async function lived() {
  const house = await openEventHouse();
  const conference = await house.create(ID);
  const at: string[] = [];
  const then = async (work: Promise<unknown>): Promise<void> => {
    await work;
    at.push(isoMillis(house.clock.epoch()));
    house.clock.advance(1500);
  };
  const { execute } = house.conferences;
  await then(house.join(ID, { id: 'c1' }));
  await then(house.join(ID, { id: 'c2', name: 'Bob' }));
  await then(execute('participants.mute', { conference, which: 2, muted: true }, house.actor));
  await then(execute('participants.relate', { conference, participant: 1, other: 2, relationship: 'deaf' }, house.actor));
  await then(execute('participants.kick', { conference, which: 2 }, house.actor));
  const state = async (moment?: string | number) =>
    (await house.ask('GET', `/conferences/${ID}/state${moment === undefined ? '' : `?at=${encodeURIComponent(moment)}`}`)).body;
  return { ...house, conference, at, state };
}

const names = ({ participants }: { participants: { caller_name: string }[] }) => participants.map((each) => each.caller_name);

test('the room at any past moment, by time and by number', async () => {
  await using house = await lived();
  const { at, state } = house;
  const muted = await state(at[2]);
  assert.deepEqual(names(muted), ['Ann', 'Bob']);
  assert.equal(muted.id, dashed(ID));
  assert.equal(muted.participants[1].muted_since, at[2]);
  assert.equal(muted.participants[0].muted_since, null);
  assert.equal(muted.at, at[2]);
  assert.equal(muted.running_since, at[0]);
  assert.deepEqual(muted.relationships, []);
  assert.deepEqual(await state(muted.sequence), muted);
  assert.deepEqual(await state(at[2]?.replace('Z', '+00:00')), muted);
  const related = await state(at[3]);
  assert.deepEqual(related.relationships, [
    { participant: related.participants[0].id, other: related.participants[1].id, relationship: 'deaf', since: at[3] },
  ]);
  assert.deepEqual(names(await state()), ['Ann']);
  assert.deepEqual(names(await state(at[0])), ['Ann']);
  const before = await state('2020-01-01T00:00:00Z');
  assert.deepEqual([before.exists, before.sequence, before.participants], [false, 0, []]);
  for (const wrong of ['yesterday', '2026-01-31', '2026-13-01T00:00:00Z', '-1']) {
    assert.equal((await house.ask('GET', `/conferences/${ID}/state?at=${wrong}`)).body.code, 'invalid', wrong);
  }
});

test('the timeline in pages, without gap, as the events told it', async () => {
  await using house = await lived();
  const told = house.socket({ query: 'after=0' });
  await told.get('live');
  const items = [];
  for (let after: number | null = 0; after !== null; ) {
    const { body } = await house.ask('GET', `/conferences/${dashed(ID)}/facts?limit=2&after=${after}`);
    items.push(...body.items);
    assert.ok(body.items.length > 0 && body.items.length <= 2);
    after = body.next_after;
  }
  assert.deepEqual(
    items,
    told.facts.map(({ position: _, ...fact }) => fact),
  );
  assert.equal((await house.ask('GET', `/conferences/${ID}/facts?limit=0`)).status, 400);
});

test('history outlives its conference, and is nobody else’s', async () => {
  await using house = await lived();
  await house.ask('DELETE', `/conferences/${ID}`);
  assert.equal((await house.ask('GET', `/conferences/${ID}`)).status, 404);
  assert.deepEqual(names(await house.state(house.at[1])), ['Ann', 'Bob']);
  assert.equal((await house.state()).exists, false);
  assert.equal((await house.ask('GET', `/conferences/${ID}/facts`)).body.items.at(-1).type, 'conference.deleted');
  for (const path of ['state', 'facts']) {
    assert.equal((await house.ask('GET', `/conferences/${ID}/${path}`, undefined, 'c'.repeat(64))).body.code, 'conference_not_found');
    assert.equal((await house.ask('GET', `/conferences/${'e'.repeat(32)}/${path}`)).status, 404);
  }
});

test('what is forgotten is gone; what is live can be told all the same', async () => {
  await using house = await lived();
  const { conference, state, at } = house;
  const { execute } = house.conferences;
  await execute('participants.kick', { conference, which: 'all' }, house.actor);
  await execute('conference.lock', { conference, locked: true }, house.actor);
  house.clock.advance(1000);
  await execute('conference.lock', { conference, locked: false }, house.actor);
  await house.join(ID, { id: 'c3', name: 'Cid' });
  await execute('conference.lock', { conference, locked: true }, house.actor);
  house.clock.advance(1000);
  await house.store.keeping.forget({ factsBefore: house.clock.epoch() }, 1000);
  const page = (await house.ask('GET', `/conferences/${ID}/facts`)).body;
  assert.equal(page.items[0].type, 'room.opened', 'the open room is told from its beginning');
  assert.equal(page.forgotten_to, page.items[0].sequence - 1);
  const gone = await house.ask('GET', `/conferences/${ID}/facts?after=0`);
  assert.deepEqual([gone.status, gone.body.code, gone.body.details], [410, 'facts_forgotten', { forgotten_to: page.forgotten_to }]);
  assert.equal((await house.ask('GET', `/conferences/${ID}/state?at=${at[1]}`)).status, 410);
  const opened = await state(page.items[1].sequence);
  assert.deepEqual([names(opened), opened.locked], [['Cid'], false]);
  assert.equal((await state()).locked, true);
});
