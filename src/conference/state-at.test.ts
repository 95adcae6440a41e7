import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anActor, FakeHouse } from '../../test/kit/conference-fakes.ts';
import type { Fact } from './facts.ts';
import { stateAt } from './state-at.ts';

const conference = aConferenceId;

/** A minute with two people in it; every step takes a second. */
async function aMinute() {
  const house = new FakeHouse();
  const { execute } = house.conferences;
  const start = house.clock.epoch();
  const steps: (() => Promise<unknown>)[] = [
    () => house.create(),
    () => house.join(1, { role: 'moderator' }),
    () => house.join(2),
    () => execute('participants.mute', { conference, which: 2, muted: true }, anActor),
    () => execute('call.held', { conference, call: aCall(2).id, held: true }, anActor),
    () => execute('participants.deafen', { conference, which: 2, deaf: true }, anActor),
    () => execute('participants.relate', { conference, participant: 1, other: 2, relationship: 'deaf' }, anActor),
    () => execute('conference.lock', { conference, locked: true }, anActor),
    () => execute('participants.adjust', { conference, which: 1, gainIn: 2 }, anActor),
    () => execute('participants.kick', { conference, which: 'all' }, anActor),
    () => execute('conference.delete', { conference, keep: true }, anActor),
  ];
  for (const each of steps) {
    await each();
    house.clock.advance(1000);
  }
  return { facts: house.events.facts, start };
}

test('a moment shows who was in, since when muted and deaf, what was locked, opened and related', async () => {
  const { facts, start } = await aMinute();
  const then = stateAt(facts, { at: start + 8500 });
  const since = (seconds: number): number => start + seconds * 1000;
  assert.deepEqual(
    then.people.map(({ participant: { number, role, muted, deaf, gainIn, joinedAt }, mutedSince, deafSince }) => [
      [number, role, muted, deaf, gainIn, joinedAt],
      [mutedSince, deafSince],
    ]),
    [
      [
        [1, 'moderator', [], false, 2, since(1)],
        [undefined, undefined],
      ],
      [
        [2, 'member', ['moderator', 'hold'], true, 1, since(2)],
        [since(3), since(5)],
      ],
    ],
  );
  assert.deepEqual([then.exists, then.complete, then.openSince, then.locked, then.lockedSince], [true, true, since(1), true, since(7)]);
  assert.deepEqual(
    then.relationships.map(({ kind, since: from }) => [kind, from]),
    [['deaf', since(6)]],
  );
  assert.equal(then.at, since(8));
});

test('before anything, after the kick and after the end', async () => {
  const { facts, start } = await aMinute();
  const before = stateAt(facts, { at: start - 1 });
  assert.deepEqual([before.sequence, before.at, before.exists, before.people], [0, undefined, false, []]);
  const empty = stateAt(facts, { at: start + 9000 });
  assert.deepEqual(
    [empty.exists, empty.instance, empty.openSince, empty.locked, empty.people, empty.relationships],
    [true, undefined, undefined, false, [], []],
  );
  const end = stateAt(facts, { sequence: 1_000_000 });
  assert.deepEqual([end.sequence, end.exists], [facts.length, false]);
  assert.deepEqual(stateAt(facts, { sequence: 0 }), before);
  assert.equal(stateAt([], { sequence: 3 }).conference, undefined);
});

test('where early facts are forgotten it says so, until a room has closed', async () => {
  const { facts } = await aMinute();
  const kept = facts.slice(4);
  const middle = stateAt(kept, { sequence: 7 });
  assert.equal(middle.complete, false);
  assert.deepEqual(
    middle.people.map((each) => each.participant.number),
    [2],
    'whoever is named is believed to be in',
  );
  assert.equal(stateAt(kept, { sequence: 1_000_000 }).complete, true);
});

test('with the facts since a room was opened nothing is missing of it', async () => {
  const { facts } = await aMinute();
  const opened = facts.findIndex(({ type }) => type === 'room.opened');
  assert.ok(opened > 0);
  for (const moment of [{ sequence: 7 }, { sequence: 9 }]) {
    assert.deepEqual(stateAt(facts.slice(opened), moment), stateAt(facts, moment));
    assert.equal(stateAt(facts.slice(opened), moment).complete, true);
  }
});

test('who waits, a moderator who came, a muted room, a last moderator who left, and when it ends', async () => {
  const house = new FakeHouse();
  const { execute } = house.conferences;
  const start = house.clock.epoch();
  const document = { wait_for_moderator: true, require_moderator: true, waiting_room: true, max_duration: 3600 };
  await house.create({ ...document, member: { join_muted: false } });
  const enter = (n: number, role: 'member' | 'moderator') => execute('call.enter', { conference, call: aCall(n), role }, anActor);
  const at = async (step: () => Promise<unknown>) => {
    await step();
    const { waiting, run } = stateAt(house.events.facts, { sequence: 1_000_000 });
    return [waiting.map(({ call }) => call.callerNumber), run.started, run.muted, run.unattendedUntil, run.endsAt];
  };
  const end = start + 3_600_000;
  const [one, two] = [aCall(1).callerNumber, aCall(2).callerNumber];
  assert.deepEqual(await at(() => enter(1, 'member')), [[one], false, false, undefined, end]);
  assert.deepEqual(await at(() => enter(2, 'member')), [[one, two], false, false, undefined, end]);
  assert.deepEqual(await at(() => enter(3, 'moderator')), [[one, two], true, false, undefined, end]);
  assert.deepEqual(await at(() => execute('waiting.admit', { conference, which: 'next' }, anActor)), [[two], true, false, undefined, end]);
  assert.deepEqual(await at(() => execute('waiting.deny', { conference, which: 'next' }, anActor)), [[], true, false, undefined, end]);
  assert.deepEqual(await at(() => execute('conference.mute', { conference, muted: true }, anActor)), [[], true, true, undefined, end]);
  const left = await at(() => execute('call.ended', { conference, call: aCall(3).id, reason: 'hung-up' }, anActor));
  assert.deepEqual(left, [[], true, true, start + 60_000, end]);
  assert.deepEqual(await at(() => enter(4, 'moderator')), [[], true, true, undefined, end]);
  assert.deepEqual(await at(() => execute('conference.extend', { conference, seconds: 600 }, anActor)), [
    [],
    true,
    true,
    undefined,
    end + 600_000,
  ]);
  // A conference that ends earlier than this run of its room would: at 30 minutes, and then never.
  const replaced = (more: object) => execute('conference.replace', { conference, document: { ...document, ...more } }, anActor);
  assert.deepEqual((await at(() => replaced({ timeout: 1800 }))).at(-1), start + 1_800_000);
  assert.deepEqual((await at(() => replaced({}))).at(-1), end + 600_000);
  assert.deepEqual(await at(() => execute('participants.kick', { conference, which: 'all' }, anActor)), [
    [],
    false,
    false,
    undefined,
    undefined,
  ]);
});

test('when the clock was set back a time means its second coming', async () => {
  const { facts, start } = await aMinute();
  const back = facts.map((each): Fact => (each.type === 'conference.locked' || each.sequence > 9 ? { ...each, at: each.at - 5000 } : each));
  assert.equal(stateAt(back, { at: start + 3000 }).locked, true);
});
