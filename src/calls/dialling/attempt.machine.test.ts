import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptMachine, type Input, type State } from './attempt.machine.ts';

/** Feeds inputs one after the other, 1 ms apart; gives the last state and all effects. */
function run(...inputs: Input['type'][]) {
  let state: State = { at: 'calling' };
  const effects: string[] = [];
  inputs.forEach((type, now) => {
    const step = attemptMachine.step(state, { type }, now);
    state = step.state;
    effects.push(...step.effects.map((each) => each.do));
  });
  return { state, effects };
}

test('a 2xx connects, once', () => {
  assert.deepEqual(run('provisional', 'success', 'success', 'cancel'), { state: { at: 'up' }, effects: ['connect'] });
});

test('a CANCEL waits for a provisional answer (RFC 3261 §9.1)', () => {
  assert.deepEqual(run('cancel').effects, []);
  assert.deepEqual(run('cancel', 'provisional').effects, ['cancel']);
  assert.deepEqual(run('provisional', 'cancel', 'cancel').effects, ['cancel']);
});

test('a 2xx that meets a CANCEL is declined by ACK and BYE', () => {
  assert.deepEqual(run('provisional', 'cancel', 'success'), { state: { at: 'over' }, effects: ['cancel', 'decline', 'forget'] });
  assert.deepEqual(run('cancel', 'success').effects, ['decline', 'forget']);
});

test('a cancelled INVITE without a final answer is forgotten after 64*T1', () => {
  const { state } = run('provisional', 'cancel');
  const until = attemptMachine.deadline(state) ?? 0;
  assert.equal(until, 1 + 32_000);
  assert.equal(attemptMachine.step(state, { type: 'time' }, until - 1).state.at, 'cancelling');
  assert.deepEqual(attemptMachine.step(state, { type: 'time' }, until), { state: { at: 'over' }, effects: [{ do: 'forget' }] });
});

test('a challenge begins anew while the call is wanted, and ends it when it is not', () => {
  assert.deepEqual(run('provisional', 'again'), { state: { at: 'calling' }, effects: [] });
  assert.deepEqual(run('provisional', 'cancel', 'again').effects, ['cancel', 'forget']);
});
