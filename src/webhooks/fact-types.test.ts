import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../base/index.ts';
import type { AccountFact, Fact } from '../conference/index.ts';
import { readTypes, wants } from './fact-types.ts';
import type { Webhook } from './webhook.ts';

const webhook = (change: object) => ({ account: 'a', types: ['*'], ...change }) as unknown as Webhook;
const fact = (type: string, conference = 'c', account = 'a') => ({ type, conference, account }) as unknown as Fact;
const record = (conference?: string) => ({ type: 'call.recorded', account: 'a', cdr: { conference } }) as unknown as AccountFact;

test('types, groups of types, all of them, and the other name of a call record', () => {
  assert.deepEqual(readTypes(['participant.joined', 'room.*', '*', 'participant.joined']), ['participant.joined', 'room.*', '*']);
  assert.deepEqual(readTypes(['cdr']), ['call.recorded']);
});

test('a type that nothing will ever fit is refused and the nearest is named', () => {
  for (const [wrong, near] of [
    ['participant.join', 'participant.joined'],
    ['Participant.Left', 'participant.left'],
    ['particpant.*', 'participant.*'],
    ['conference.lock', 'conference.locked'],
    ['cdrs', 'cdr'],
  ] as const)
    assert.throws(
      () => readTypes([wrong]),
      (error) => error instanceof Failure && error.code === 'unknown_fact_type' && error.message.includes(`did you mean "${near}"`),
      wrong,
    );
  for (const wrong of ['', '**', '*.joined', 'participant*', 'constructor', 'x'.repeat(1000)])
    assert.throws(() => readTypes([wrong]), Failure);
  assert.throws(() => readTypes([]), Failure);
  assert.throws(() => readTypes(Array<string>(65).fill('*')), Failure);
});

test('who is told of what', () => {
  assert.ok(wants(webhook({}), fact('room.opened')));
  assert.ok(!wants(webhook({}), fact('room.opened', 'c', 'another')));
  assert.ok(wants(webhook({ types: ['participant.*'] }), fact('participant.left')));
  assert.ok(!wants(webhook({ types: ['participant.*'] }), fact('participants.related')));
  assert.ok(!wants(webhook({ types: ['participant.left'] }), fact('participant.joined')));
  assert.ok(wants(webhook({ conference: 'c' }), fact('room.opened')));
  assert.ok(!wants(webhook({ conference: 'd' }), fact('room.opened')));
  assert.ok(wants(webhook({ types: ['call.recorded'] }), record()));
  assert.ok(wants(webhook({ conference: 'c' }), record('c')));
  assert.ok(!wants(webhook({ conference: 'c' }), record()));
});
