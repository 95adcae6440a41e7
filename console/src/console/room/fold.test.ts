import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, Person } from '../model.ts';
import { emptyRoom, fold, type Live } from './fold.ts';

const ann = {
  id: 'a',
  number: 1,
  role: 'member',
  caller_name: 'Ann',
  muted: false,
  mute_reasons: [],
  deaf: false,
  gain_in: 1,
  gain_out: 1,
} as unknown as Person;
const bob = { ...ann, id: 'b', number: 2, caller_name: 'Bob' };
let sequence = 0;
const tell = (live: Live, type: string, more: Partial<Event> = {}): void => {
  sequence += 1;
  fold(live, { type, at: '2026-11-21T10:00:00.000Z', sequence, ...more });
};

const twoIn = (): Live => {
  sequence = 0;
  const live = emptyRoom();
  tell(live, 'room.opened', { instance: 'i' });
  for (const participant of [ann, bob]) tell(live, 'participant.joined', { participant });
  return live;
};

test('who comes, is muted, talks and goes is folded as the house tells it', () => {
  const live = twoIn();
  assert.deepEqual([...live.people.keys()], ['a', 'b']);
  fold(live, { type: 'participant.started-talking', at: '', participant: { id: 'a', number: 1 } });
  assert.equal(live.people.get('a')?.talking, true);
  assert.equal(live.people.get('a')?.caller_name, 'Ann', 'a signal says no more than who it is');
  tell(live, 'participant.muted', { participant: { ...ann, muted: true, mute_reasons: ['moderator'] }, mute_reasons: ['moderator'] });
  assert.deepEqual(live.people.get('a')?.mute_reasons, ['moderator']);
  tell(live, 'participant.left', { participant: ann });
  assert.deepEqual([...live.people.keys()], ['b']);
});

test('a hand that is not told of any more is down', () => {
  const live = twoIn();
  tell(live, 'participant.hand_raised', { participant: { ...ann, hand_raised_at: '2026-11-21T10:00:01.000Z' } });
  assert.ok(live.people.get('a')?.hand_raised_at);
  tell(live, 'participant.hand_lowered', { participant: ann });
  assert.equal(live.people.get('a')?.hand_raised_at, undefined);
});

test('what was told already changes nothing', () => {
  const live = twoIn();
  tell(live, 'conference.locked');
  fold(live, { type: 'conference.unlocked', at: '', sequence: 1 });
  assert.equal(live.room.locked, true);
});

test('relations end with whoever leaves; clear takes both kinds of one pair and leaves the other pair', () => {
  const live = twoIn();
  const relate = (one: string, other: string, relationship: 'mute' | 'deaf' | 'clear'): void =>
    tell(live, 'participants.related', { participant: { id: one }, other, relationship });
  relate('a', 'b', 'mute');
  relate('a', 'b', 'deaf');
  relate('b', 'a', 'deaf');
  relate('a', 'b', 'clear');
  assert.deepEqual(live.room.relationships, [{ participant: 'b', other: 'a', relationship: 'deaf' }]);
  tell(live, 'participant.left', { participant: ann });
  assert.deepEqual(live.room.relationships, []);
});

test('a room that closes is empty', () => {
  const live = twoIn();
  tell(live, 'recording.started', { recording: { id: 'r', state: 'running' } });
  tell(live, 'room.closed');
  assert.equal(live.people.size, 0);
  assert.equal(live.room.recording, null);
  assert.equal(live.room.sequence, sequence, 'and goes on to be counted');
});
