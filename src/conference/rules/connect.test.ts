import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference, aConferenceId as id } from '../../../test/kit/conference-fakes.ts';
import type { Conference } from '../conference.ts';
import { usualTerms, withTerms } from '../terms.ts';
import { follow } from './follow.ts';
import type { Change, Context, Rule, RuledCommand } from './rule.ts';
import { rules } from './table.ts';

let ids = 0;
const context: Context = {
  epoch: 5_000,
  actor: { account: aConference().account, kind: 'api' },
  lacks: new Set(),
  newId: () => String(++ids).padStart(32, '0'),
  newUuid: () => String(++ids),
};

function take<Name extends RuledCommand>(conference: Conference, name: Name, input: Parameters<Rule<Name>>[1]): Change {
  const rule: Rule<Name> = rules[name];
  return follow(conference, rule(conference, input, context), context);
}

const document = withTerms({ member: { join_muted: false }, moderator: { join_muted: false } }, { ...usualTerms, type: 'connect' });
const enter = (conference: Conference, n: number): Conference =>
  take(conference, 'call.enter', { conference: id, call: aCall(n), role: 'member' }).next;
const two = (): Conference => enter(enter(aConference({ people: 0, document }), 1), 2);
const full = { code: 'conference_full', kind: 'limit' };

test('a connect takes exactly two: a third is refused however he comes, and those on their way in count', () => {
  assert.throws(() => enter(two(), 3), full);
  assert.throws(() => take(two(), 'call.arrived', { conference: id, call: aCall(3), role: undefined }), full);
  const target = { kind: 'number', number: '1' } as never;
  assert.throws(() => take(two(), 'call.dial', { conference: id, call: aCall(3, { direction: 'outbound' }), target }), full);
  const one = enter(aConference({ people: 0, document }), 1);
  const coming = take(one, 'call.arrived', { conference: id, call: aCall(2), role: undefined }).next;
  assert.throws(() => enter(coming, 3), full);
  // A program at its media is none of the two.
  const beside = take(two(), 'stream.open', { conference: id, name: 'ears', role: 'member', direction: 'out' });
  assert.equal(beside.next.room?.participants.length, 3);
});

test('when one leaves the other is sent out and the conference is over; facts pair', () => {
  const change = take(two(), 'call.ended', { conference: id, call: aCall(1).id, reason: 'hung-up' });
  assert.deepEqual(
    change.facts.map((fact) => (fact.type === 'participant.left' ? fact.reason : fact.type)),
    ['hung-up', 'conference-deleted', 'room.closed', 'conference.deleted'],
  );
  assert.equal(change.next.deletedAt, 5_000);
  assert.equal(change.next.room, undefined);
  assert.deepEqual(
    change.effects.filter((each) => each.do === 'hang-up').map((each) => each.call),
    [aCall(2).id],
  );
});

test('both sent out at once, and one sent out by a kick: each is hung up once', () => {
  for (const which of ['all', 1] as const) {
    const change = take(two(), 'participants.kick', { conference: id, which });
    assert.equal(change.facts.filter((fact) => fact.type === 'conference.deleted').length, 1);
    assert.deepEqual(
      change.effects.flatMap((each) => (each.do === 'hang-up' ? [each.call] : [])).sort(),
      [aCall(1).id, aCall(2).id].sort(),
    );
  }
});

test('who was there alone may come again, and a program that goes parts nobody', () => {
  const one = enter(aConference({ people: 0, document }), 1);
  const gone = take(one, 'call.ended', { conference: id, call: aCall(1).id, reason: 'hung-up' }).next;
  assert.deepEqual([gone.deletedAt, gone.room], [undefined, undefined]);
  const beside = take(two(), 'stream.open', { conference: id, name: 'ears', role: 'member', direction: 'out' }).next;
  const ears = beside.room!.participants.at(-1)!.call.id;
  assert.equal(take(beside, 'stream.closed', { conference: id, call: ears, reason: 'hung-up' }).next.deletedAt, undefined);
});
