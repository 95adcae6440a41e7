import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openVoipbinHouse, type VoipbinHouse } from '../../../test/kit/voipbin-house.ts';
import { dashed, Failure, type JsonObject } from '../../base/index.ts';
import type { CallId, Web } from '../../conference/index.ts';

const UNKNOWN = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const FIRST = '11111111-2222-4333-8444-555555555555';
const SECOND = '11111111-2222-4333-8444-666666666666';
const v = (name: string): string => `\${${name}}`;
const talk = (text: string, more: object = {}) => ({ type: 'talk', option: { text }, ...more });

/** What is said anywhere. */
const spoken = ({ sounds }: VoipbinHouse): readonly string[] =>
  [...sounds.playings.values()].flatMap(({ playing }) => playing.sources.map((each) => (typeof each === 'string' ? each : each.say)));

/** A call that is taken, and its flow. */
async function running(house: VoipbinHouse, actions: unknown): Promise<string> {
  const { status, body } = await house.ask('POST', '/calls', { destinations: [{ target: '1001' }], actions });
  assert.equal(status, 200, JSON.stringify(body));
  const { id } = body.calls[0];
  house.switchboard.takes(id.replaceAll('-', '') as CallId);
  await house.switchboard.settled();
  return id;
}

const statusOf = async (house: VoipbinHouse, id: string): Promise<string> => (await house.ask('GET', `/calls/${id}`)).body.status;

test('a flow that goes round and round ends, and nobody else waits for it', async () => {
  const house = await openVoipbinHouse();
  const { body: itself } = await house.ask('POST', '/flows', { name: 'itself', actions: [] });
  await house.ask('PUT', `/flows/${itself.id}`, {
    name: 'itself',
    actions: [
      { type: 'fetch_flow', option: { flow_id: itself.id } },
      { type: 'fetch_flow', option: { flow_id: itself.id } },
    ],
  });
  const rounds: Record<string, readonly object[]> = {
    'goto without end': [
      { id: FIRST, type: 'variable_set', option: { key: 'a', value: 'b' } },
      { type: 'goto', option: { target_id: FIRST, loop_count: 2_000_000_000 } },
    ],
    'next_id back': [
      { id: FIRST, next_id: SECOND, type: 'variable_set', option: { key: 'a', value: 'b' } },
      { id: SECOND, next_id: FIRST, type: 'variable_set', option: { key: 'a', value: 'c' } },
    ],
    'itself next': [{ id: FIRST, next_id: FIRST, type: 'variable_set', option: { key: 'a', value: 'b' } }],
    'a branch to itself': [{ id: FIRST, type: 'branch', option: { default_target_id: FIRST, target_ids: {} } }],
    'a condition to itself': [
      {
        id: FIRST,
        type: 'condition_variable',
        option: { condition: '==', variable: 'x', value_type: 'string', value_string: 'y', false_target_id: FIRST },
      },
    ],
    'a flow that fetches itself': [{ type: 'fetch_flow', option: { flow_id: itself.id } }],
  };
  for (const [what, actions] of Object.entries(rounds)) {
    const id = await running(house, actions);
    // What takes no time at all is cut off at once; what takes some is looked at until it is.
    for (let turn = 0; turn < 300 && (await statusOf(house, id)) !== 'hangup'; turn += 1) {
      await house.switchboard.settled();
      house.clock.advance(50);
    }
    assert.equal(await statusOf(house, id), 'hangup', what);
  }
  assert.deepEqual([house.errors, house.switchboard.errors], [[], []]);
  await house.close();
});

test('10 000 actions are refused wherever actions are taken', async () => {
  const house = await openVoipbinHouse();
  const actions = Array.from({ length: 10_000 }, () => ({ type: 'beep' }));
  const { body: flow } = await house.ask('POST', '/flows', { name: 'f', actions: [] });
  const { body: conference } = await house.ask('POST', '/conferences', { type: 'conference' });
  const asked: [method: string, path: string, body: JsonObject][] = [
    ['POST', '/flows', { name: 'f', actions }],
    ['PUT', `/flows/${flow.id}`, { name: 'f', actions }],
    ['POST', '/calls', { destinations: [{ target: '1' }], actions }],
    ['POST', '/activeflows', { actions }],
    ['POST', '/conferences', { type: 'conference', pre_actions: actions }],
    ['POST', '/conferences', { type: 'conference', post_actions: actions }],
    ['PUT', `/conferences/${conference.id}`, { pre_actions: actions }],
  ];
  for (const [method, path, body] of asked) {
    const { status, body: told } = await house.ask(method, path, body);
    assert.deepEqual([status, told.error.reason], [400, 'INVALID_ARGUMENT'], `${method} ${path}`);
  }
  // A thousand are done one after the other, and the call is over behind them.
  const thousand = Array.from({ length: 1000 }, (_, n) => ({ type: 'variable_set', option: { key: 'n', value: String(n) } }));
  const id = await running(house, [...thousand.slice(1), talk(`the last is ${v('n')}`)]);
  assert.deepEqual(spoken(house), ['the last is 999']);
  assert.equal(await statusOf(house, id), 'progressing');
  await house.close();
});

test('a server of a flow’s owner that gives 10 000 actions, nonsense, itself, or nothing: the action is skipped', async () => {
  const answers = new Map<string, () => Promise<string>>([
    ['https://x.test/many', async () => JSON.stringify(Array.from({ length: 10_000 }, () => ({ type: 'beep' })))],
    ['https://x.test/nonsense', async () => '<html>'],
    ['https://x.test/object', async () => '{"type":"beep"}'],
    ['https://x.test/unknown', async () => '[{"type":"amd"}]'],
    ['https://x.test/itself', async () => '[{"type":"fetch","option":{"event_url":"https://x.test/itself"}}]'],
    [
      'https://x.test/down',
      async () => {
        throw new Failure('unavailable', 'fetch_failed', 'nobody is there');
      },
    ],
  ]);
  const web: Web = { request: async (_, { uri }) => (await answers.get(uri)?.()) ?? '' };
  const house = await openVoipbinHouse({ web });
  for (const url of answers.keys()) {
    const id = await running(house, [{ type: 'fetch', option: { event_url: url } }, talk(`behind ${url}`)]);
    for (let turn = 0; turn < 200 && !spoken(house).includes(`behind ${url}`); turn += 1) {
      await house.switchboard.settled();
      house.clock.advance(50);
    }
    if (url.endsWith('itself')) assert.ok(['progressing', 'hangup'].includes(await statusOf(house, id)), 'it is bounded');
    else assert.ok(spoken(house).includes(`behind ${url}`), url);
    await house.ask('POST', `/calls/${id}/hangup`);
    await house.switchboard.settled();
  }
  assert.deepEqual(house.errors, []);
  await house.close();
});

test('unknown variables are empty, those of VoIPBIN’s own are nobody’s to set, and they do not grow without end', async () => {
  const house = await openVoipbinHouse();
  const { body } = await house.ask('POST', '/calls', {
    destinations: [{ target: '1001' }],
    variables: { 'voipbin.call.id': 'mine', huge: 'x'.repeat(100_000), name: 'Ann', '': 'x', number: 7 },
    actions: [
      talk(`1 ${v('no.such')} ${v('name')} ${v('voipbin.call.direction')}`),
      { type: 'variable_set', option: { key: 'voipbin.call.direction', value: 'sideways' } },
      { type: 'variable_set', option: { key: 'long', value: 'x'.repeat(40_000) } },
      { type: 'branch', option: { variable: 'no.such', target_ids: { a: FIRST }, default_target_id: SECOND } },
      { id: FIRST, type: 'hangup' },
      { id: SECOND, ...talk(`2 ${v('voipbin.call.direction')} [${v('long')}] [${v('huge')}] ${v(v('name'))} ${v('')}`) },
    ],
  });
  house.switchboard.takes(body.calls[0].id.replaceAll('-', '') as CallId);
  await house.switchboard.settled();
  assert.deepEqual(spoken(house), ['1  Ann outgoing']);
  await house.played();
  const [second = ''] = spoken(house);
  assert.match(second, /^2 outgoing \[\] \[\]/);
  assert.ok(second.length < 100, `${second.length} characters are said`);
  await house.close();
});

test('a flow that calls somebody whose flow calls somebody … is bounded, and so is a list of destinations', async () => {
  const house = await openVoipbinHouse({ unbounded: true });
  const { body: flow } = await house.ask('POST', '/flows', { name: 'chain', actions: [] });
  await house.ask('PUT', `/flows/${flow.id}`, {
    name: 'chain',
    actions: [
      { type: 'call', option: { destinations: [{ target: '1001' }, { target: '1002' }], flow_id: flow.id } },
      { type: 'sleep', option: { duration: 3_600_000 } },
    ],
  });
  const { body } = await house.ask('POST', '/calls', { destinations: [{ target: '1001' }], flow_id: flow.id });
  house.switchboard.takes(body.calls[0].id.replaceAll('-', '') as CallId);
  for (let round = 0; round < 20 && house.switchboard.calls.size <= 101; round += 1) {
    await house.switchboard.settled();
    for (const id of house.switchboard.calls.keys()) house.switchboard.takes(id);
  }
  assert.ok(house.switchboard.calls.size > 10, 'they do call');
  assert.ok(house.switchboard.calls.size <= 101, `${house.switchboard.calls.size} calls are there`);
  const many = Array.from({ length: 101 }, () => ({ target: '1001' }));
  assert.equal((await house.ask('POST', '/calls', { destinations: many, actions: [] })).status, 400);
  await house.close();
});

test('a text of 100 kB is refused by the route, and skipped or cut by a flow', async () => {
  const house = await openVoipbinHouse();
  const text = 'x'.repeat(100_000);
  const id = await running(house, [talk(text), talk('behind it'), { type: 'sleep', option: { duration: 60_000 } }]);
  const said = spoken(house);
  assert.ok(
    said.every((each) => each.length <= 5_000),
    `${said.map((each) => each.length)} characters are said at once`,
  );
  if (said[0] !== 'behind it') await house.played();
  assert.deepEqual(spoken(house), ['behind it']);
  const { status, body } = await house.ask('POST', `/calls/${id}/talk`, { text });
  assert.deepEqual([status, body.error.reason], [400, 'INVALID_ARGUMENT']);
  await house.close();
});

test('conference_join of what is not there, another’s, over, or no id ends the call and changes nothing', async () => {
  const house = await openVoipbinHouse();
  const { body: foreign } = await house.ask('POST', '/conferences', { type: 'conference', name: 'theirs' }, 'c'.repeat(64));
  const { body: over } = await house.ask('POST', '/conferences', { type: 'conference' });
  await house.ask('DELETE', `/conferences/${over.id}`);
  for (const conference_id of [UNKNOWN, foreign.id, over.id, '', 'x', '../../etc/passwd', dashed('0'.repeat(32)), 7, null]) {
    const id = await running(house, [
      { type: 'conference_join', option: { conference_id } },
      { type: 'sleep', option: { duration: 60_000 } },
    ]);
    assert.equal(await statusOf(house, id), 'hangup', JSON.stringify(conference_id));
  }
  const seen = await house.ask('GET', `/conferences/${foreign.id}`, undefined, 'c'.repeat(64));
  assert.deepEqual(seen.body.conferencecall_ids, []);
  assert.equal((await house.ask('GET', '/conferencecalls', undefined, 'c'.repeat(64))).body.result.length, 0, 'nothing is on record there');
  assert.deepEqual([house.errors, house.switchboard.errors], [[], []]);
  await house.close();
});
