import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aConference, anActor, aParticipant } from '../../../test/kit/conference-fakes.ts';
import { hearingPlan } from '../hearing-plan.ts';
import { adjust } from './adjust.ts';
import { replace } from './document.ts';
import type { Context } from './rule.ts';

const context: Context = { epoch: 1_700_000_000_000, actor: anActor, lacks: new Set(), newId: () => '1'.repeat(32), newUuid: () => 'uuid' };
const three = aConference({ people: 3 });
const { id: conference } = three;

test('what one says and what he hears are adjusted apart, and the plan says so', () => {
  const quiet = adjust(three, { conference, which: 2, gainIn: 0.5 }, context).next;
  const { next, facts, effects } = adjust(quiet, { conference, which: 2, gainOut: 2.3 }, context);
  assert.deepEqual(facts, [{ type: 'participant.adjusted', participant: aParticipant(2).id, gainIn: 0.5, gainOut: 2.3 }]);
  assert.deepEqual(effects, [{ do: 'rehear' }]);
  const plan = hearingPlan(next);
  assert.deepEqual(
    plan.sources.map(({ gain }) => gain),
    [1, 0.5, 1],
  );
  assert.deepEqual(
    plan.listeners.map(({ gain }) => gain),
    [1, 2.3, 1],
  );
});

test('only those who change give a fact; nobody changing is no change', () => {
  const one = adjust(three, { conference, which: 2, gainIn: 0.5 }, context).next;
  assert.equal(adjust(one, { conference, which: 'all', gainIn: 0.5 }, context).facts.length, 2);
  assert.equal(adjust(one, { conference, which: 2, gainIn: 0.5, gainOut: 1 }, context).next, one);
  assert.equal(adjust(one, { conference, which: 'all' }, context).next, one);
});

test('silence, deafening loudness and what is no number are refused', () => {
  for (const gain of [0, -1, 0.009, 10.1, Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const gains of [{ gainIn: gain }, { gainOut: gain }]) {
      assert.throws(() => adjust(three, { conference, which: 1, ...gains }, context), { kind: 'invalid', code: 'gain_out_of_range' });
    }
  }
  assert.throws(() => adjust(three, { conference, which: 9, gainIn: 1 }, context), { code: 'participant_not_found' });
});

test('the plan carries what the profile says of the sound, and a new profile is heard by those who are in', () => {
  const profile = { rate: 12_000, 'energy-level': 300, 'auto-gain-level': 0, 'comfort-noise': 1000 };
  const document = { ...three.document, profile };
  const { next, effects } = replace(three, { conference, document }, context);
  assert.deepEqual(effects, [{ do: 'rehear' }]);
  const { rate, levels, energyLevel, comfortNoise } = hearingPlan(next);
  assert.deepEqual({ rate, levels, energyLevel, comfortNoise }, { rate: 12_000, levels: false, energyLevel: 300, comfortNoise: -62 });
  const renamed = { ...document, name: 'Other' };
  assert.deepEqual(replace(next, { conference, document: renamed }, context).effects, [], 'another name sounds the same');
  const empty = aConference();
  assert.deepEqual(replace(empty, { conference, document }, context).effects, [], 'nobody hears');
});
