import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compare } from '../../../test/kit/compare.ts';
import { aCall, aParticipant } from '../../../test/kit/conference-fakes.ts';
import type { Account } from '../../accounts/index.ts';
import type { Json, JsonObject } from '../../base/index.ts';
import type { Fact, Participant, Signal } from '../../conference/index.ts';
import { documentedKey, eventNames, eventOf, headerStyle, keyToken, routingKey, silence, snakeStyle } from './events.ts';

interface Case {
  readonly fact: JsonObject;
  readonly person?: Record<string, Json>;
  readonly floor?: boolean;
  readonly energyLevel?: number;
  readonly snake?: JsonObject;
  readonly headers?: JsonObject;
  readonly key: string;
  readonly websocketKey?: string;
}

const cases: Record<string, Case> = JSON.parse(readFileSync(new URL('../../../test/fixtures/kazoo/events.json', import.meta.url), 'utf8'));

function personOf({ number, muted = [], deaf = false, role = 'member', ...call }: Record<string, Json>): Participant {
  return aParticipant(
    number as number,
    { muted, deaf, role, call: aCall(number as number, call as object) } as unknown as Partial<Participant>,
  );
}

const background = (account: string, energyLevel: number) => ({
  node: 'parley@test',
  account: { id: account, name: 'Acme', realm: 'acme.test' } as Account,
  energyLevel,
});

function told({ fact, person, floor = false, energyLevel = 20 }: Case) {
  const about = person && personOf(person);
  const happened = { ...fact, ...(about === undefined ? {} : { about }) } as unknown as Fact | Signal;
  const live = { ...silence, floor: floor ? about?.call.leg : undefined };
  const event = eventOf(happened, background(String(fact['account']), energyLevel), live);
  assert.ok(event);
  return event;
}

for (const [title, each] of Object.entries(cases)) {
  test(title, () => {
    const event = told(each);
    const nothing = { words: new Map<string, string>() };
    if (each.snake) compare(event.body, each.snake, { path: 'snake', ...nothing });
    if (each.headers) compare(headerStyle(event.body), each.headers, { path: 'headers', ...nothing });
    assert.equal(documentedKey(event), each.key);
    if (each.websocketKey !== undefined) assert.equal(routingKey(event), each.websocketKey);
  });
}

test('the events are those of the documents and of the rulings', () => {
  const documented = 'add-member del-member stop-talking start-talking mute-member unmute-member deaf-member undeaf-member';
  const ruled = 'lock unlock conference-create conference-destroy';
  assert.deepEqual([...eventNames].sort(), `${documented} ${ruled}`.split(' ').sort());
});

const base = Object.values(cases)[0] as Case;

test('an id stays the same at every telling and differs between facts, runs and accounts', () => {
  const idOf = (change: JsonObject) => told({ ...base, fact: { ...base.fact, ...change } }).body['msg_id'];
  assert.equal(idOf({}), idOf({}));
  const others = [{ sequence: 3 }, { instance: 'other' }, { account: 'b'.repeat(32) }, { conference: 'other' }];
  assert.equal(new Set([{}, ...others].map(idOf)).size, 5);
});

test('what KAZOO has no event for is not told', () => {
  const fact = { ...base.fact, type: 'participant.adjusted', gainIn: 1, gainOut: 1 } as unknown as Fact;
  assert.equal(eventOf(fact, background('a', 20), silence), undefined);
});

test('header style and snake style are each other’s way back', () => {
  const { body } = told(base);
  assert.deepEqual(snakeStyle(headerStyle(body)), body);
});

test('tokens of keys; a key never outgrows what AMQP takes', () => {
  assert.equal(keyToken('a.b c@d/é'), 'a%2Eb+c%40d%2F%C3%A9');
  const long = told({ ...base, person: { ...base.person, sipCallId: '.'.repeat(300) } });
  assert.equal(Buffer.byteLength(documentedKey(long)), 255);
});
