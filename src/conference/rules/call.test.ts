import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference, anActor, aParticipant } from '../../../test/kit/conference-fakes.ts';
import type { JsonObject } from '../../base/index.ts';
import type { Call, Conference, Role } from '../conference.ts';
import { answered, arrived, ended, refused, silent } from './call.ts';
import type { Change, Context } from './rule.ts';

const context: Context = { epoch: 1_700_000_000_000, actor: anActor, lacks: new Set(), newId: () => '1'.repeat(32), newUuid: () => 'uuid' };
const arrive = (conference: Conference, call: Call, role?: Role): Change =>
  arrived(conference, { conference: conference.id, call, role }, context);
const answer = (conference: Conference, n: number): Change =>
  answered(conference, { conference: conference.id, call: aCall(n).id }, context);
const end = (conference: Conference, n: number): Change =>
  ended(conference, { conference: conference.id, call: aCall(n).id, reason: 'hung-up' }, context);

test('the first call opens the room and is answered; answered it is a person', () => {
  const coming = arrive(aConference(), aCall(1));
  assert.deepEqual(coming.facts, [{ type: 'room.opened', instance: 'uuid' }]);
  assert.deepEqual(coming.effects, [{ do: 'answer', call: aCall(1).id }]);
  const { next, facts, effects } = answer(coming.next, 1);
  const participant = { ...aParticipant(1), id: '1'.repeat(32) };
  assert.deepEqual(facts, [{ type: 'participant.joined', participant }]);
  assert.deepEqual(effects, [{ do: 'rehear' }]);
  assert.deepEqual(next.room, {
    instance: 'uuid',
    startedAt: 1_700_000_000_000,
    arrivals: [],
    participants: [participant],
    relationships: [],
  });
  assert.equal(next.nextNumber, 2);
});

test('how somebody joins is his role’s setting; members join muted by default', () => {
  const table: [JsonObject, Role | undefined, boolean, boolean][] = [
    [{}, undefined, true, false],
    [{}, 'moderator', false, false],
    [{ member: { join_muted: false, join_deaf: true } }, 'member', false, true],
    [{ moderator: { join_muted: true } }, 'moderator', true, false],
  ];
  for (const [document, role, muted, deaf] of table) {
    const { next } = answer(arrive(aConference({ document }), aCall(1), role).next, 1);
    const joined = next.room?.participants[0];
    assert.deepEqual([joined?.role, joined?.muted, joined?.deaf], [role ?? 'member', muted ? ['self'] : [], deaf]);
  }
});

test('a lock keeps out who comes by himself, not who is dialled', () => {
  const conference = aConference({ locked: true });
  assert.throws(() => arrive(conference, aCall(1)), { kind: 'denied', code: 'conference_locked' });
  assert.throws(() => arrive(conference, aCall(1), 'moderator'), { kind: 'denied', code: 'conference_locked' });
  assert.equal(arrive(conference, aCall(1, { direction: 'outbound' })).effects[0]?.do, 'answer');
});

test('whose PIN is asked for follows from the role that the number gave', () => {
  const refused = (document: JsonObject, role: Role | undefined): boolean => {
    try {
      arrive(aConference({ document }), aCall(1), role);
      return false;
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'pin_required');
      return true;
    }
  };
  const memberPin = { member: { pins: ['1'] } };
  const moderatorPin = { moderator: { pins: ['2'] } };
  assert.deepEqual(
    [undefined, 'member', 'moderator'].flatMap((role) =>
      [{}, memberPin, moderatorPin].map((document) => refused(document, role as Role | undefined)),
    ),
    [false, true, true, false, true, false, false, false, true],
  );
});

test('the limit counts people and those being answered, not ghosts', () => {
  const document = { max_participants: 2, member: { join_muted: false } };
  const start = aConference({ document, people: 2 });
  const ghostly = { ...start, room: { ...start.room!, participants: [aParticipant(1, { ghost: true }), aParticipant(2)] } };
  assert.throws(() => arrive(start, aCall(3)), { kind: 'limit', code: 'conference_full' });
  const third = arrive(ghostly, aCall(3)).next;
  assert.throws(() => arrive(third, aCall(4)), { kind: 'limit', code: 'conference_full' });
  assert.equal(arrive({ ...start, document: { max_participants: 0 } }, aCall(3)).facts.length, 0, '0 is no limit');
});

test('a call comes once', () => {
  const coming = arrive(aConference(), aCall(1)).next;
  assert.throws(() => arrive(coming, aCall(1)), { kind: 'conflict', code: 'call_exists' });
  const inside = answer(coming, 1).next;
  assert.throws(() => arrive(inside, aCall(1)), { kind: 'conflict', code: 'call_exists' });
  assert.deepEqual(answer(inside, 1).facts, [], 'answered twice is one person');
  assert.throws(() => answer(inside, 2), { kind: 'not-found', code: 'call_not_found' });
});

test('a caller who gives up before he is in leaves no trace but the pair of room facts', () => {
  const coming = arrive({ ...aConference() }, aCall(1)).next;
  const gone = end(coming, 1);
  assert.deepEqual(gone.facts, [{ type: 'room.closed', instance: 'uuid' }]);
  assert.equal(gone.next.room, undefined);
  assert.equal(gone.next.nextNumber, 1);
});

test('the room stays while somebody is still coming', () => {
  const coming = arrive(aConference({ people: 1, locked: false }), aCall(2)).next;
  const one = end(coming, 1);
  assert.deepEqual(one.facts, [{ type: 'participant.left', participant: aParticipant(1).id, reason: 'hung-up' }]);
  assert.deepEqual(end(one.next, 2).facts, [{ type: 'room.closed', instance: coming.room?.instance }]);
});

test('unknown calls end without a word, and keys say nothing', () => {
  const start = aConference({ people: 1 });
  assert.equal(end(start, 9).next, start);
});

test('a call of which nothing is heard is a fact with its reason, and changes nothing; nobody is not found', () => {
  const before = answer(arrive(aConference(), aCall(1)).next, 1).next;
  const { next, facts, effects } = silent(before, { conference: before.id, call: aCall(1).id, reason: 'no packet has come' }, context);
  assert.deepEqual(facts, [{ type: 'participant.silent', participant: '1'.repeat(32), reason: 'no packet has come' }]);
  assert.deepEqual([next, effects], [before, []]);
  assert.throws(() => silent(before, { conference: before.id, call: aCall(2).id, reason: '' }, context), { code: 'call_not_found' });
});

test('a call that was refused before it could ask is a fact, whether or not there is a room, and changes nothing', () => {
  const refusal = { code: 'account_legs_in_use', words: 'as many as it may' };
  const { id, sipCallId, callerNumber } = aCall(7);
  for (const conference of [aConference(), aConference({ people: 2, locked: true })]) {
    const { next, facts, effects } = refused(conference, { conference: conference.id, call: aCall(7), refusal }, context);
    assert.deepEqual(facts, [{ type: 'call.refused', call: id, sipCallId, callerNumber, refusal }]);
    assert.deepEqual([next, effects], [conference, []]);
  }
});
