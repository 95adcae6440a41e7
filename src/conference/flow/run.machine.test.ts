import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Drive, END, of, run, talk } from '../../../test/kit/drive-run.ts';
import type { Json, JsonObject } from '../../base/index.ts';
import type { Answer, RunInput } from './act.ts';
import { acts } from './actions/table.ts';
import { actionTypes, checkActions } from './check-actions.ts';
import { readActions } from './read-actions.ts';

test('a call is answered before the first action that needs it, and hung up behind the last', () => {
  const drive = new Drive([{ type: 'variable_set', option: { key: 'k', value: 'v' } }, talk('one'), talk('two')]).begin({
    answered: false,
  });
  assert.deepEqual(drive.wanted(), [{ do: 'answer' }]);
  drive.feed({ type: 'answered' });
  assert.deepEqual(drive.said(), ['one']);
  drive.played();
  assert.deepEqual(drive.said(), ['one', 'two']);
  drive.wanted();
  drive.feed({ type: 'played', play: 2, reason: 'finished' });
  assert.deepEqual(drive.wanted(), [END]);
  assert.equal(drive.state.at, 'leaving');
  drive.feed({ type: 'ended' });
  assert.equal(drive.state.at, 'over');
});

test('hang-up refuses a call that was never answered, as its reason says', () => {
  for (const [reason, status] of [
    ['busy', 486],
    ['noanswer', 480],
    ['', 480],
    ['nonsense', 480],
  ] as const) {
    assert.deepEqual(run({ type: 'hangup', option: { reason } }, talk('never')).wanted(), [
      { do: 'hang-up', reason: 'flow-ended', status },
    ]);
  }
  assert.deepEqual(run({ type: 'stop' }, talk('never')).wanted(), [END]);
});

test('what fails is skipped, and so is what there is not', () => {
  const drive = run(
    { type: 'play', option: {} },
    { type: 'no_such_thing' },
    { type: 'digits_send', option: { digits: 'x' } },
    talk('here'),
  );
  assert.deepEqual(drive.said(), ['here']);
  assert.deepEqual(run(talk('gone'), talk('next')).played('failed').said(), ['gone', 'next']);
});

test('the next action is the one that is named, else the one behind', () => {
  const drive = run({ ...talk('one'), next_id: 'c' }, { ...talk('two'), id: 'b' }, { ...talk('three'), id: 'c' });
  assert.deepEqual(drive.played().said(), ['one', 'three']);
  const lost = run({ ...talk('one'), next_id: 'nowhere' }, talk('two'));
  assert.deepEqual(lost.played().said(), ['one', 'two']);
});

test('variables stand in options; those of the call are there, and nobody sets them', () => {
  const drive = run(
    { type: 'variable_set', option: { key: 'name', value: 'Ben' } },
    { type: 'variable_set', option: { key: 'voipbin.call.id', value: 'stolen' } },
    talk(`Hello ${of('name')}, ${of('voipbin.call.source.target')} calls ${of('voipbin.call.destination.target')}${of('no.such')}!`),
  );
  assert.deepEqual(drive.said(), ['Hello Ben, +4930123 calls 1000!']);
  assert.equal(drive.variable['voipbin.call.id'], '11111111-1111-1111-1111-111111111111');
  assert.equal(drive.variable['voipbin.call.source.type'], 'tel');
  assert.equal(drive.variable['voipbin.call.direction'], 'incoming');
});

test('variables are at most 100, 32 KB each, 64 KB in all', () => {
  const set = (key: string, value: string): JsonObject => ({ type: 'variable_set', option: { key, value } });
  const many = run(...Array.from({ length: 150 }, (_, n) => set(`k${n}`, 'v')));
  assert.equal(Object.keys(many.variable).length, 100);
  const long = run(set('a', 'x'.repeat(32_769)), set('b', 'x'.repeat(32_000)), set('c', 'x'.repeat(32_000)), set('d', 'x'.repeat(32_000)));
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => long.variable[key] !== undefined),
    [false, true, true, false],
  );
});

test('loops that go round without an end are ended, and the call with them', () => {
  const drive = run(
    { id: 'top', type: 'variable_set', option: { key: 'a', value: 'b' } },
    { type: 'goto', option: { target_id: 'top', loop_count: 1e9 } },
  );
  assert.deepEqual(drive.wanted(), [{ do: 'hang-up', reason: 'failed' }]);
});

test('a flow that fetches itself goes no deeper than a hundred', () => {
  const itself = readActions([{ type: 'fetch_flow', option: { flow_id: 'f' } }, talk('out')], 'f');
  const drive = run({ type: 'fetch_flow', option: { flow_id: 'f' } }, talk('last'));
  for (let n = 0; n < 2000 && drive.said().length === 0; n++) drive.answer({ what: 'flow', plan: { actions: itself } });
  if (drive.state.at === 'answering') drive.feed({ type: 'answered' });
  assert.deepEqual(drive.said(), ['out']);
});

test('a fetched flow is run first and then what is behind; one that is not there is skipped', () => {
  const drive = run({ type: 'fetch_flow', option: { flow_id: 'f' } }, talk('behind'));
  drive
    .answer({ what: 'flow', plan: { actions: readActions([talk('fetched')], 'f') } })
    .feed({ type: 'answered' })
    .played();
  assert.deepEqual(drive.said(), ['fetched', 'behind']);
  const lost = run({ type: 'fetch_flow', option: { flow_id: 'f' } }, talk('behind'));
  lost.answer({ what: 'nothing', refusal: { code: 'flow_not_found', words: 'no' } }).feed({ type: 'answered' });
  assert.deepEqual(lost.said(), ['behind']);
});

test('a flow with a type that there is not is refused where it is made; ids are given to who has none', () => {
  for (const type of ['amd', 'block', 'queue_join', 'ai_talk', 'email_send', 'message_send', 'agent_call', 'empty', 'constructor']) {
    assert.throws(() => checkActions([{ type }], 'x'), { code: 'invalid_action_type' }, type);
  }
  for (const nonsense of [{}, 'x', null, [1], [{}], [[]], Array.from({ length: 1001 }, () => ({ type: 'answer' }))] as Json[]) {
    assert.throws(() => checkActions(nonsense, 'x'), { code: 'bad_actions' });
  }
  const [one, two] = checkActions(
    [
      { type: 'answer', id: '00000000-0000-0000-0000-000000000000' },
      { type: 'stop', id: 'mine', next_id: 'other' },
    ],
    'x',
  );
  assert.deepEqual([one?.id, two?.id, two?.nextId], ['x-0', 'mine', 'other']);
  assert.deepEqual(actionTypes, [...acts.keys()]);
});

const option = fc.object({
  maxDepth: 2,
  key: fc.constantFrom(
    'duration',
    'key',
    'length',
    'text',
    'target_id',
    'loop_count',
    'target_ids',
    'conference_id',
    'sources',
    'digits',
    'flow_id',
    'variable',
    'x',
  ),
});
const id = fc.constantFrom('a', 'b', 'c', 'd');
const anAction = fc.record(
  {
    type: fc.constantFrom(...actionTypes, 'nonsense'),
    id,
    next_id: id,
    option: fc.oneof(
      option,
      fc.record({
        target_id: id,
        loop_count: fc.nat(),
        duration: fc.nat(10_000),
        text: fc.string(),
        conference_id: fc.uuid(),
        length: fc.nat(5),
      }),
    ),
  },
  { requiredKeys: ['type'] },
);
const anInput = fc.oneof(
  fc.constantFrom<RunInput>(
    { type: 'begun' },
    { type: 'answered' },
    { type: 'joined' },
    { type: 'waiting' },
    { type: 'left', reason: 'kicked' },
    { type: 'refused', refusal: { code: 'x', words: 'y' } },
    { type: 'held', held: true },
  ),
  fc.constantFrom(...'0123456789*#ABCD').map((digit): RunInput => ({ type: 'digit', digit })),
  fc.record({
    type: fc.constant('played' as const),
    play: fc.integer({ min: 0, max: 9 }),
    reason: fc.constantFrom('finished' as const, 'failed' as const),
  }),
  fc.record({
    type: fc.constant('answer' as const),
    ask: fc.integer({ min: 0, max: 9 }),
    answer: fc.constantFrom<Answer>(
      { what: 'keys' },
      { what: 'web', body: '[{"type":"talk","option":{"text":"x"}}]' },
      { what: 'conference', document: { pvt_terms: { preActions: [{ type: 'beep' }] } } },
      { what: 'reception', reception: { language: 'en-us', numberTimeout: 1000 } },
      { what: 'flow', plan: { actions: readActions([{ type: 'fetch_flow', option: { flow_id: 'f' } }], 'p') } },
      { what: 'entry', input: { type: 'found', delay: 0 } },
    ),
  }),
  fc.integer({ min: 1, max: 100_000 }),
);

test('whatever a flow says and whatever happens, nothing is thrown and every step ends', () => {
  fc.assert(
    fc.property(fc.array(anAction, { maxLength: 8 }), fc.array(anInput, { maxLength: 60 }), (actions, inputs) => {
      const drive = new Drive(actions as unknown as Json[]).begin();
      for (const each of inputs) {
        if (typeof each === 'number') {
          drive.now += each;
          drive.effects.push(...drive.machine.step(drive.state, { type: 'time' }, drive.now).effects);
          continue;
        }
        const before = drive.state.at;
        drive.feed(each);
        if (before === 'leaving') assert.ok(drive.state.at === 'leaving', 'nobody comes back from the end');
        const at = drive.machine.deadline(drive.state);
        assert.ok(at === undefined || Number.isFinite(at));
      }
      drive.feed({ type: 'ended' });
      assert.deepEqual([drive.state.at, drive.machine.deadline(drive.state)], ['over', undefined]);
      const quiet = drive.effects.length;
      for (const each of inputs) if (typeof each !== 'number') drive.feed(each);
      assert.equal(drive.effects.length, quiet, 'a call that is gone wants nothing');
    }),
    { numRuns: 300 },
  );
});
