import assert from 'node:assert/strict';
import { test } from 'node:test';
import { A, conference, room, T } from '../../../test/contract/examples.ts';
import type { Account } from '../../accounts/index.ts';
import type { ConferenceView, LegId, Level } from '../../conference/index.ts';
import { counts, entity, participants, people, publicDocument } from './encode.ts';

const account = { id: A, name: 'Ours', realm: 'ours.example' } as Account;
const here = { node: 'one', account };

function aView(): ConferenceView {
  const one = conference('room-1', { room: room() });
  return { conference: one, at: T + 60_000, levels: new Map<LegId, Level>(), floor: undefined };
}

test('what was written before is what would be written now, whatever has changed since', () => {
  const first = aView();
  const { conference: was } = first;
  const [person] = was.room?.participants ?? [];
  assert.ok(person);
  const { leg } = person.call;
  const loud = (energy: number, talking = true) => ({ ...first, levels: new Map([[leg, { energy, talking }]]) });
  const held = { ...person, deaf: !person.deaf };
  const views: readonly ConferenceView[] = [
    first,
    first,
    { ...first, at: first.at + 1000 },
    { ...first, at: first.at + 1001 },
    loud(30),
    loud(31),
    loud(31, false),
    { ...loud(31), floor: leg },
    first,
    { ...first, conference: { ...was, room: { ...was.room!, participants: [held] } } },
    { ...first, conference: { ...was, room: { ...was.room!, instance: 'another' } } },
    { ...first, conference: { ...was, document: { ...was.document, profile: { 'energy-level': 90 } } } },
    { ...first, conference: { ...was, locked: !was.locked } },
    { ...first, conference: { ...was, room: undefined } },
    first,
  ];
  const places = [here, { ...here, node: 'two' }, { ...here, account: { ...account, name: 'Theirs', realm: 'theirs.example' } }, here];
  for (const [index, view] of views.entries()) {
    for (const place of places) {
      const now = participants(view, place);
      assert.deepEqual(people(view, place).value, now, `people of view ${index}`);
      const whole = { ...publicDocument(view, place.node), _read_only: { ...counts(view), participants: now } };
      assert.deepEqual(entity(view, place).value, JSON.parse(JSON.stringify(whole)), `view ${index}`);
    }
  }
});
