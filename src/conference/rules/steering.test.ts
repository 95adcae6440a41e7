import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference, anActor, aParticipant, RecordingMedia } from '../../../test/kit/conference-fakes.ts';
import type { Conference, MuteReason, Relationship } from '../conference.ts';
import { hearingPlan } from '../hearing-plan.ts';
import { held } from './call.ts';
import { deafen } from './deafen.ts';
import { kick } from './kick.ts';
import { lock } from './lock.ts';
import { mute, withReason } from './mute.ts';
import { relate } from './relate.ts';
import type { Context } from './rule.ts';

const context: Context = { epoch: 1_700_000_000_000, actor: anActor, lacks: new Set(), newId: () => '1'.repeat(32), newUuid: () => 'uuid' };
const reasonsOf = (conference: Conference, n: number): readonly MuteReason[] | undefined =>
  conference.room?.participants.find((each) => each.number === n)?.muted;
const target = (conference: Conference) => ({ conference: conference.id });

/** Who hears whom, one string per listener: "1<23" = 1 hears 2 and 3. */
function hearing(conference: Conference): string {
  const media = new RecordingMedia();
  media.hear(conference.account, conference.id, hearingPlan(conference));
  const people = conference.room?.participants ?? [];
  const heardBy = (n: number): string =>
    people
      .filter((each) => media.hears(conference.id, aCall(n).leg, each.call.leg))
      .map((each) => each.number)
      .join('');
  return people.map((each) => `${each.number}<${heardBy(each.number)}`).join(' ');
}

function orders<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => orders(items.filter((each) => each !== item)).map((rest) => [item, ...rest]));
}

test('reasons to be muted add up in any order, and only an empty list is heard', () => {
  const reasons: readonly MuteReason[] = ['self', 'moderator', 'room', 'hold'];
  for (const order of orders(reasons)) {
    let muted: readonly MuteReason[] = [];
    for (const reason of order) {
      muted = withReason(muted, reason);
      const conference = aConference({ people: 2 });
      const room = { ...conference.room!, participants: [aParticipant(1, { muted }), aParticipant(2)] };
      assert.equal(hearing({ ...conference, room }), '1<2 2<', `muted by ${muted.join()}`);
    }
    assert.deepEqual(muted, reasons, `in order ${order.join()}`);
  }
});

test('a program lifts every reason except hold', () => {
  for (const reasons of [
    [],
    ['self'],
    ['moderator'],
    ['room'],
    ['hold'],
    ['self', 'hold'],
    ['self', 'moderator', 'room', 'hold'],
  ] as MuteReason[][]) {
    const conference = aConference({ people: 1 });
    const room = { ...conference.room!, participants: [aParticipant(1, { muted: reasons })] };
    const change = mute({ ...conference, room }, { ...target(conference), which: 1, muted: false }, context);
    const left = reasons.filter((each) => each === 'hold');
    assert.deepEqual(reasonsOf(change.next, 1), left);
    const same = left.length === reasons.length;
    assert.deepEqual(
      change.facts.map((each) => each.type),
      same ? [] : [left.length > 0 ? 'participant.muted' : 'participant.unmuted'],
      reasons.join(),
    );
  }
});

test('hold and mute come and go without touching each other', () => {
  const { call } = aParticipant(1);
  const start = aConference({ people: 2 });
  const hold = (conference: Conference, on: boolean) => held(conference, { ...target(start), call: call.id, held: on }, context);
  const onHold = hold(start, true);
  assert.deepEqual(onHold.facts, [{ type: 'participant.muted', participant: aParticipant(1).id, reasons: ['hold'] }]);
  assert.deepEqual(hold(onHold.next, true).facts, [], 'held twice is held once');
  const both = mute(onHold.next, { ...target(start), which: 1, muted: true }, context);
  assert.deepEqual(reasonsOf(both.next, 1), ['moderator', 'hold']);
  const back = hold(both.next, false);
  assert.deepEqual(back.facts, [{ type: 'participant.muted', participant: aParticipant(1).id, reasons: ['moderator'] }]);
  assert.equal(hearing(back.next), '1<2 2<');
  const free = mute(back.next, { ...target(start), which: 1, muted: false }, context);
  assert.deepEqual(free.facts, [{ type: 'participant.unmuted', participant: aParticipant(1).id }]);
  assert.equal(hearing(free.next), '1<2 2<1');
});

test('bulk mute and deafen spare moderators, and tell only of those who change', () => {
  const start = aConference({ people: 3, moderators: 1 });
  const two = mute(start, { ...target(start), which: 2, muted: true }, context).next;
  const all = mute(two, { ...target(start), which: 'all-but-moderators', muted: true }, context);
  assert.deepEqual(all.facts, [{ type: 'participant.muted', participant: aParticipant(3).id, reasons: ['moderator'] }]);
  assert.equal(hearing(all.next), '1< 2<1 3<1');
  const deaf = deafen(all.next, { ...target(start), which: 'all-but-moderators', deaf: true }, context);
  assert.equal(hearing(deaf.next), '1< 2< 3<');
  assert.equal(deaf.facts.length, 2);
  const again = deafen(deaf.next, { ...target(start), which: 'all-but-moderators', deaf: true }, context);
  assert.deepEqual([again.facts, again.effects, again.next === deaf.next], [[], [], true]);
});

test('a moderator is muted when named, by number, id or SIP Call-ID', () => {
  const start = aConference({ people: 2, moderators: 2 });
  for (const which of [1, aParticipant(1).id, aCall(1).sipCallId]) {
    const { next } = mute(start, { ...target(start), which, muted: true }, context);
    assert.deepEqual([reasonsOf(next, 1), reasonsOf(next, 2)], [['moderator'], []], String(which));
  }
});

test('a single absent participant is refused, a bulk act on nobody is not', () => {
  const start = aConference();
  const refusal = { kind: 'not-found', code: 'participant_not_found', details: { id: 9 } };
  assert.throws(() => mute(start, { ...target(start), which: 9, muted: true }, context), refusal);
  assert.throws(() => deafen(start, { ...target(start), which: 9, deaf: true }, context), refusal);
  assert.throws(() => kick(start, { ...target(start), which: 9 }, context), refusal);
  assert.deepEqual(mute(start, { ...target(start), which: 'all-but-moderators', muted: true }, context).facts, []);
  assert.deepEqual(kick(start, { ...target(start), which: 'all' }, context).facts, []);
});

test('relate: mute silences the participant for the other, deaf the other for the participant', () => {
  const table: [Relationship['kind'] | 'clear', ...[number, number]][][] = [
    [['mute', 1, 2]],
    [['deaf', 1, 2]],
    [['mute', 2, 1]],
    [['deaf', 2, 1]],
    [
      ['mute', 1, 2],
      ['deaf', 1, 2],
    ],
    [
      ['mute', 1, 2],
      ['deaf', 1, 2],
      ['clear', 1, 2],
    ],
    [
      ['mute', 1, 2],
      ['mute', 2, 1],
      ['clear', 1, 2],
    ],
    [
      ['mute', 1, 2],
      ['deaf', 2, 1],
      ['clear', 1, 2],
    ],
    [
      ['mute', 1, 2],
      ['clear', 2, 1],
    ],
  ];
  const expected = [
    '1<23 2<3 3<12',
    '1<3 2<13 3<12',
    '1<3 2<13 3<12',
    '1<23 2<3 3<12',
    '1<3 2<3 3<12',
    '1<23 2<13 3<12',
    '1<3 2<13 3<12',
    '1<23 2<3 3<12',
    '1<23 2<3 3<12',
  ];
  for (const [index, acts] of table.entries()) {
    let conference = aConference({ people: 3 });
    for (const [relationship, participant, other] of acts) {
      conference = relate(conference, { ...target(conference), participant, other, relationship }, context).next;
    }
    assert.equal(hearing(conference), expected[index], JSON.stringify(acts));
  }
});

test('relate names who is missing, the other one first, and nobody relates to himself', () => {
  const start = aConference({ people: 2 });
  const naming = (participant: number, other: number, id: number): void =>
    assert.throws(() => relate(start, { ...target(start), participant, other, relationship: 'mute' }, context), {
      kind: 'not-found',
      code: 'participant_not_found',
      details: { id },
    });
  naming(7, 2, 7);
  naming(1, 8, 8);
  naming(7, 8, 8);
  naming(1, 1, 1);
});

test('relating twice, or clearing nothing, changes nothing', () => {
  const start = aConference({ people: 2 });
  const input = { ...target(start), participant: 1, other: 2 };
  const once = relate(start, { ...input, relationship: 'mute' }, context);
  assert.equal(once.facts.length, 1);
  assert.deepEqual(relate(once.next, { ...input, relationship: 'mute' }, context).facts, []);
  assert.deepEqual(relate(start, { ...input, relationship: 'clear' }, context).facts, []);
});

test('kick hangs up at once, spares nobody, and the last one takes the lock with him', () => {
  const start = { ...aConference({ people: 3, moderators: 1 }), locked: true };
  const one = kick(start, { ...target(start), which: 2 }, context);
  assert.deepEqual(one.facts, [{ type: 'participant.left', participant: aParticipant(2).id, reason: 'kicked' }]);
  assert.deepEqual(one.effects, [{ do: 'rehear' }, { do: 'hang-up', call: aCall(2).id, reason: 'kicked' }]);
  assert.equal(one.next.locked, true);
  const all = kick(start, { ...target(start), which: 'all' }, context);
  const left = ['participant.left', 'participant.left', 'participant.left', 'conference.unlocked', 'room.closed'];
  assert.deepEqual(
    all.facts.map((each) => each.type),
    left,
  );
  assert.deepEqual([all.next.locked, all.next.room], [false, undefined]);
});

test('who leaves takes his relationships with him', () => {
  let conference = aConference({ people: 3 });
  for (const [participant, other] of [
    [1, 2],
    [2, 3],
    [3, 1],
  ] as const) {
    conference = relate(conference, { ...target(conference), participant, other, relationship: 'mute' }, context).next;
  }
  const { next } = kick(conference, { ...target(conference), which: 1 }, context);
  assert.deepEqual(next.room?.relationships, [{ participant: aParticipant(2).id, other: aParticipant(3).id, kind: 'mute' }]);
});

test('an empty conference may be locked; locking twice is told once', () => {
  const locked = lock(aConference(), { ...target(aConference()), locked: true }, context);
  assert.deepEqual(locked.facts, [{ type: 'conference.locked' }]);
  assert.deepEqual(lock(locked.next, { ...target(aConference()), locked: true }, context).facts, []);
  assert.deepEqual(lock(locked.next, { ...target(aConference()), locked: false }, context).facts, [{ type: 'conference.unlocked' }]);
});
