import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallId, LegId, Participant, ParticipantId } from '../../../conference/index.ts';
import { isSeenByMembers, joinPerson } from './person.ts';

const somebody = (name: string, number: string, more: Partial<Participant> = {}): Participant => ({
  id: 'p' as ParticipantId,
  number: 1,
  call: {
    id: 'c' as CallId,
    leg: 'c' as LegId,
    sipCallId: 'x',
    direction: 'inbound',
    callerName: name,
    callerNumber: number,
    channelVars: {},
  },
  role: 'member',
  ghost: false,
  muted: [],
  deaf: false,
  gainIn: 1,
  gainOut: 1,
  joinedAt: 0,
  ...more,
});

test('members see no telephone number, moderators do, and names stay as they are', () => {
  const named = (participant: Participant, isModerator: boolean): string => joinPerson({ participant, talking: false }, isModerator).name;
  for (const [name, number] of [
    ['', '+493012345678'],
    ['+49 30 12345678', '1'],
    ['030/12345678', ''],
  ] as const) {
    assert.equal(named(somebody(name, number), false), '…78');
    assert.equal(named(somebody(name, number), true), name || number);
  }
  assert.equal(named(somebody('Ada <script>', '+493012345678'), false), 'Ada <script>', 'text is shown as text by whoever shows it');
  assert.equal(named(somebody('R2-D2', ''), false), 'R2-D2');
});

test('who is muted is not shown to talk; who only listens in is shown to nobody but moderators', () => {
  assert.equal(joinPerson({ participant: somebody('Ada', '', { muted: ['self'] }), talking: true }, false).talking, false);
  assert.equal(isSeenByMembers(somebody('Eve', '', { ghost: true })), false);
  assert.equal(isSeenByMembers(somebody('Ada', '')), true);
});
