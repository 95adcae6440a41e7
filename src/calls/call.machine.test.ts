import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callMachine, type Input, type State } from './call.machine.ts';

const session = { refreshAt: 900, expiresAt: 1_768 };
const up: State = { at: 'up', session };
const hangUp: Input = { type: 'hang-up', reason: 'kicked' };
const leaving: State = { at: 'leaving', reason: 'kicked' };
const ending: State = { at: 'ending', until: 32_000 };

/** State, input, state after, what is done; every arrow of the drawing at time 0. */
const rows: [State, Input, State['at'], string[]][] = [
  [{ at: 'arriving' }, { type: 'answer' }, 'opening', ['open-leg']],
  [{ at: 'opening' }, { type: 'answer' }, 'opening', []],
  [{ at: 'opening' }, { type: 'opened' }, 'answering', []],
  [{ at: 'arriving' }, { type: 'refuse', status: 404 }, 'gone', ['refuse', 'tell-ended', 'end-leg', 'forget']],
  [{ at: 'opening' }, { type: 'cancel' }, 'gone', ['refuse', 'tell-ended', 'end-leg', 'forget']],
  [{ at: 'arriving' }, hangUp, 'gone', ['refuse', 'tell-ended', 'end-leg', 'forget']],
  [{ at: 'arriving' }, { type: 'shut-down' }, 'gone', ['refuse', 'tell-ended', 'end-leg', 'forget']],
  [{ at: 'answering' }, { type: 'ack', session }, 'up', ['tell-answered']],
  // A BYE of ours must wait for the ACK (RFC 3261 §15).
  [{ at: 'answering' }, hangUp, 'leaving', ['tell-ended', 'end-leg']],
  [{ at: 'answering' }, { type: 'unacknowledged' }, 'ending', ['send-bye', 'tell-ended', 'end-leg']],
  [{ at: 'answering' }, { type: 'bye' }, 'gone', ['tell-ended', 'end-leg', 'forget']],
  [{ at: 'answering' }, { type: 'shut-down' }, 'ending', ['send-bye', 'tell-ended', 'end-leg']],
  [{ at: 'answering' }, { type: 'cancel' }, 'answering', []],
  [leaving, hangUp, 'leaving', []],
  [leaving, { type: 'ack', session: undefined }, 'ending', ['send-bye']],
  [leaving, { type: 'unacknowledged' }, 'ending', ['send-bye']],
  [leaving, { type: 'shut-down' }, 'ending', ['send-bye']],
  [leaving, { type: 'bye' }, 'gone', ['forget']],
  [up, hangUp, 'ending', ['send-bye', 'tell-ended', 'end-leg']],
  [up, { type: 'shut-down' }, 'ending', ['send-bye', 'tell-ended', 'end-leg']],
  [up, { type: 'unacknowledged' }, 'ending', ['send-bye', 'tell-ended', 'end-leg']],
  [up, { type: 'bye' }, 'gone', ['tell-ended', 'end-leg', 'forget']],
  [up, { type: 'cancel' }, 'up', []],
  [ending, { type: 'bye-answered' }, 'gone', ['forget']],
  [ending, { type: 'bye' }, 'gone', ['forget']],
  [ending, hangUp, 'ending', []],
  [{ at: 'gone' }, hangUp, 'gone', []],
  [{ at: 'gone' }, { type: 'shut-down' }, 'gone', []],
];

test('every arrow of the drawing', () => {
  for (const [state, input, at, does] of rows) {
    const next = callMachine.step(state, input, 0);
    assert.deepEqual([next.state.at, next.effects.map((each) => each.do)], [at, does], `${state.at} --${input.type}-->`);
  }
});

test('the domain hears of the end of a call once, however it goes', () => {
  for (const first of [hangUp, { type: 'bye' }, { type: 'shut-down' }, { type: 'unacknowledged' }] as const) {
    for (const start of [up, { at: 'answering' }] as const) {
      let state: State = start;
      let told = 0;
      for (const input of [first, hangUp, { type: 'ack', session }, { type: 'shut-down' }, { type: 'bye' }] as const) {
        const next = callMachine.step(state, input, 0);
        state = next.state;
        told += next.effects.filter((each) => each.do === 'tell-ended').length;
      }
      assert.deepEqual([state.at, told], ['gone', 1]);
    }
  }
});

test('refreshes at its time, once; ends at the end of the session; gives an unanswered BYE up after 32 s', () => {
  assert.equal(callMachine.deadline(up), 900);
  const refreshed = callMachine.step(up, { type: 'time' }, 900);
  assert.deepEqual(refreshed.effects, [{ do: 'refresh' }]);
  assert.equal(callMachine.deadline(refreshed.state), 1_768);
  const ended = callMachine.step(refreshed.state, { type: 'time' }, 1_768);
  assert.deepEqual(
    ended.effects.map((each) => each.do),
    ['send-bye', 'tell-ended', 'end-leg'],
  );
  assert.equal(callMachine.deadline(ended.state), 33_768);
  assert.equal(callMachine.step(ended.state, { type: 'time' }, 33_767).state.at, 'ending');
  assert.equal(callMachine.step(ended.state, { type: 'time' }, 33_768).state.at, 'gone');
});
