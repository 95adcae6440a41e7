import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Conference } from '../conference.ts';
import type { ConferenceId } from '../ids.ts';
import type { Invited } from './entry-plan.ts';
import { enteringAs, invitedOf } from './invited.ts';
import { entryPlan } from './plan-of.ts';

const id = 'c0ffee' as ConferenceId;
const invited: Invited = { invitation: 'a1', name: 'Ada', role: 'moderator', pin: 'shared', language: 'de-de', knownAs: 'page a' };
const conference = (member: readonly string[], moderator: readonly string[]): Pick<Conference, 'id' | 'document'> => ({
  id,
  document: { member: { pins: [...member] }, moderator: { pins: [...moderator] } },
});

test('who has opened his link is asked for the PIN of his role, for his own, or for none', () => {
  const both = conference(['1111'], ['2222']);
  const shared = entryPlan(both, { invited });
  assert.deepEqual([shared.role, shared.pin?.role, shared.language], ['moderator', 'moderator', 'de-de']);
  assert.deepEqual(shared.guest, { invitation: 'a1', name: 'Ada', language: 'de-de' });
  assert.equal(entryPlan(both, { invited: { ...invited, pin: 'none' } }).pin, undefined, 'the link is enough');
  const own = entryPlan(both, { invited: { ...invited, pin: 'one-time' } });
  assert.deepEqual([own.pin?.own, own.pin?.role, own.pin?.knownAs], ['a1', 'moderator', 'page a']);
  // His role has none any more.
  assert.equal(entryPlan(conference(['1111'], []), { invited }).pin, undefined);
  assert.equal(entryPlan(conference(['1111'], []), { invited: { ...invited, role: 'member' } }).pin?.role, 'member');
});

test('what a flow says of an invited guest is read back; what has another shape is nobody', () => {
  const [action] = enteringAs(id, invited).actions;
  assert.deepEqual(invitedOf(action?.option['invited']), invited);
  for (const wrong of [undefined, null, 'Ada', [], {}, { invitation: 1, name: 'Ada' }]) assert.equal(invitedOf(wrong), undefined);
  assert.equal(
    invitedOf({ invitation: 'a1', name: 'Ada', role: 'owner', pin: 'what' })?.role,
    'member',
    'nobody is made a moderator by a slip',
  );
});
