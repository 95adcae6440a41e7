import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aConference, aParticipant } from '../../test/kit/conference-fakes.ts';
import type { Happening } from './facts.ts';
import { stamped } from './stamp.ts';

test('of several facts about one person each carries him as he was right after it', () => {
  const before = aConference({ people: 1 });
  const { id } = aParticipant(1);
  const happenings: Happening[] = [
    { type: 'participant.muted', participant: id, reasons: ['moderator'] },
    { type: 'participant.deafened', participant: id },
    { type: 'participant.silent', participant: id, reason: 'no packet' },
    { type: 'participant.left', participant: id, reason: 'kicked' },
    { type: 'room.closed', instance: before.room!.instance },
    { type: 'conference.deleted' },
  ];
  const facts = stamped(happenings, { at: 7, before, next: { ...before, room: undefined, sequence: 20 } });
  const shown = facts.map(({ about, instance, sequence }) => [
    about && [about.muted, about.deaf],
    instance === before.room?.instance,
    sequence,
  ]);
  assert.deepEqual(shown, [
    [[['moderator'], false], true, 21],
    [[['moderator'], true], true, 22],
    [[['moderator'], true], true, 23],
    [[['moderator'], true], true, 24],
    [undefined, true, 25],
    [undefined, false, 26],
  ]);
  assert.deepEqual(Object.keys(facts[5]!).toSorted(), ['account', 'at', 'conference', 'sequence', 'type'], 'what is absent has no key');
});

test('a room that opens names itself, and a newcomer is as he came', () => {
  const before = aConference();
  const after = aConference({ people: 1 });
  const participant = aParticipant(1);
  const instance = after.room!.instance;
  const [opened, joined] = stamped(
    [
      { type: 'room.opened', instance },
      { type: 'participant.joined', participant },
    ],
    { at: 7, before, next: after },
  );
  assert.deepEqual([opened?.instance, joined?.instance, joined?.about], [instance, instance, participant]);
});
