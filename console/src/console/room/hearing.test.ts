import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, Person, Relationship } from '../model.ts';
import { related } from './fold.ts';
import { apartOf, hearing, pair, rulesOf, turn } from './hearing.ts';

const one = (id: string, more: Partial<Person> = {}): Person =>
  ({ id, number: 1, role: 'member', mute_reasons: [], deaf: false, ...more }) as unknown as Person;
const nobody = rulesOf({ relationships: [], started: false }, false);

test('mutes, deafness, programs, waiting and coaching say who hears whom', () => {
  assert.equal(hearing(one('a'), one('a'), nobody), 'self');
  assert.equal(hearing(one('a'), one('b'), nobody), 'hears');
  assert.equal(hearing(one('a'), one('b', { mute_reasons: ['self'] }), nobody), 'muted');
  assert.equal(hearing(one('a', { deaf: true }), one('b'), nobody), 'deaf');
  assert.equal(hearing(one('a', { stream: 'in' }), one('b'), nobody), 'oneway');
  assert.equal(hearing(one('a'), one('b', { stream: 'out' }), nobody), 'oneway');
  assert.equal(hearing(one('a'), one('b', { coaches: 'a' }), nobody), 'coach');
  assert.equal(hearing(one('a'), one('b', { coaches: 'c' }), nobody), 'coached');
  const awaited = rulesOf({ relationships: [], started: false }, true);
  assert.equal(hearing(one('a'), one('b', { role: 'moderator' }), awaited), 'waiting');
  assert.equal(hearing(one('a'), one('b'), rulesOf({ relationships: [], started: true }, true)), 'hears');
});

test('a turned cell is heard otherwise, and the way back stays as it was, whatever was related before', () => {
  const kinds = ['mute', 'deaf'] as const;
  const possible: Relationship[] = ['a b', 'b a'].flatMap((text) => {
    const [participant = '', other = ''] = text.split(' ');
    return kinds.map((relationship) => ({ participant, other, relationship }));
  });
  for (let choice = 0; choice < 16; choice += 1) {
    const before = possible.filter((_, bit) => (choice >> bit) & 1);
    let after: readonly Relationship[] = before;
    for (const { participant, other, relationship } of turn(before, 'a', 'b'))
      after = related(after, { participant: { id: participant }, other, relationship } as Event);
    const [was, is] = [apartOf(before), apartOf(after)];
    assert.notEqual(is.has(pair('a', 'b')), was.has(pair('a', 'b')), `turned (${choice})`);
    assert.equal(is.has(pair('b', 'a')), was.has(pair('b', 'a')), `left alone (${choice})`);
  }
});
