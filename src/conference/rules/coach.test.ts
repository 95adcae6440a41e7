import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference, anActor } from '../../../test/kit/conference-fakes.ts';
import { loudness } from '../../../test/kit/conference-sounds.ts';
import type { Conference } from '../conference.ts';
import { personAfter } from '../fold.ts';
import { hearingPlan } from '../hearing-plan.ts';
import { coach } from './coach.ts';
import { deafen } from './deafen.ts';
import { kick } from './kick.ts';
import { mute } from './mute.ts';
import { startPlay } from './play.ts';
import { relate } from './relate.ts';
import type { Context } from './rule.ts';

const context: Context = {
  epoch: 1_700_000_000_000,
  actor: anActor,
  lacks: new Set(),
  newId: () => '1'.repeat(32),
  newUuid: () => 'uuid',
};
const three = aConference({ people: 3 });
const { id: conference } = three;
const leg = (n: number): string => aCall(n).leg;
const heard = (where: Conference): readonly (readonly number[])[] => {
  const plan = hearingPlan(where);
  return [1, 2, 3].map((listener) => [1, 2, 3].map((speaker) => (listener === speaker ? 0 : loudness(plan, leg(listener), leg(speaker)))));
};
const whisper = coach(three, { conference, which: 1, whom: 2 }, context);

test('who coaches hears all, is heard by the one whom he coaches alone, and is not in the sum that is recorded', () => {
  assert.deepEqual(heard(whisper.next), [
    [0, 1, 1],
    [1, 0, 1],
    [0, 1, 0],
  ]);
  assert.equal(hearingPlan(whisper.next).sources.find(({ source }) => source.id === leg(1))?.aside, true);
  assert.deepEqual(
    heard(coach(whisper.next, { conference, which: 1, whom: null }, context).next),
    heard(three),
    'and by all again when that is over',
  );
});

test('when the coached one leaves, what is whispered does not get loud', () => {
  const left = kick(whisper.next, { conference, which: 2 }, context).next;
  assert.equal(loudness(hearingPlan(left), leg(3), leg(1)), 0);
});

test('mutes, deafness, relations, gains and lowered voices hold for a coach too', () => {
  const { next } = whisper;
  const to2 = (where: Conference): number => loudness(hearingPlan(where), leg(2), leg(1));
  assert.equal(to2(mute(next, { conference, which: 1, muted: true }, context).next), 0);
  assert.equal(to2(deafen(next, { conference, which: 2, deaf: true }, context).next), 0);
  assert.equal(to2(relate(next, { conference, participant: 1, other: 2, relationship: 'mute' }, context).next), 0);
  assert.equal(to2(startPlay(next, { conference, sources: ['a'], duck: 0.25 }, context).next), 0.25);
  assert.equal(to2(startPlay(next, { conference, sources: ['a'], to: 2, duck: 0.25 }, context).next), 0.25);
});

test('each change is one fact that says who hears him, and nobody coaches himself or somebody absent', () => {
  assert.deepEqual(
    whisper.facts.map(({ type }) => type),
    ['participant.coaching'],
  );
  assert.equal(coach(whisper.next, { conference, which: 1, whom: 2 }, context).facts.length, 0, 'asked twice is told once');
  for (const { before, change } of [
    { before: three, change: whisper },
    { before: whisper.next, change: coach(whisper.next, { conference, which: 1, whom: null }, context) },
  ]) {
    assert.deepEqual(personAfter(before.room!.participants[0], change.facts[0]!), change.next.room!.participants[0]);
  }
  for (const [which, whom] of [
    [1, 1],
    [1, 9],
    [9, 1],
  ] as const) {
    assert.throws(() => coach(three, { conference, which, whom }, context), { code: 'participant_not_found' });
  }
});
