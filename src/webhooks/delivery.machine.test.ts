import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delivery, inState, type State, stateOf } from './delivery.machine.ts';
import type { Posted } from './ports.ts';
import type { Delivery } from './webhook.ts';

const fresh: State = { at: 'pending', attempts: 0, dueAt: 1000, outcome: undefined };
const middle = 0.5;

/** Feeds the same answer until the message is done; gives the pauses between attempts, ms. */
function untilDone(posted: Posted, jitter = middle): { state: State; pauses: number[]; switchedOff: string[] } {
  let state = fresh;
  let now = 1000;
  const pauses: number[] = [];
  const switchedOff: string[] = [];
  for (let n = 0; n < 100 && state.at === 'pending'; n++) {
    const due: number = delivery.deadline(state) ?? 0;
    pauses.push(due - now);
    now = due;
    const sending = delivery.step(state, { type: 'time' }, now);
    assert.deepEqual(sending.effects, [{ do: 'send' }]);
    const { state: next, effects } = delivery.step(sending.state, { type: 'answered', posted, jitter }, now);
    for (const effect of effects) if (effect.do === 'switch-off') switchedOff.push(effect.reason);
    state = next;
  }
  return { state, pauses, switchedOff };
}

const S = 1000;
const M = 60 * S;
const H = 60 * M;

test('the schedule of Standard Webhooks: ten attempts in 75 h 35 min, then dead', () => {
  const { state, pauses, switchedOff } = untilDone({ status: 500 });
  assert.deepEqual(pauses, [0, 5 * S, 5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H]);
  assert.ok(state.at === 'dead' && state.attempts === 10 && state.outcome === '500');
  assert.deepEqual(switchedOff, []);
});

test('chance moves a pause by a tenth at most, and never the first attempt', () => {
  for (const [jitter, share] of [
    [0, 0.9],
    [0.999_999, 1.1],
  ] as const) {
    const { pauses } = untilDone({ failed: 'timeout' }, jitter);
    assert.equal(pauses[0], 0);
    assert.ok(Math.abs((pauses[1] ?? 0) - 5 * S * share) < 5);
    assert.ok(Math.abs((pauses[9] ?? 0) - 24 * H * share) < 1000);
  }
});

test('2xx is delivered; everything else is tried again', () => {
  for (const status of [200, 201, 204, 299]) assert.equal(untilDone({ status }).state.at, 'delivered');
  for (const status of [100, 199, 300, 301, 302, 307, 400, 401, 404, 413, 429, 500, 503])
    assert.equal(untilDone({ status }).pauses.length, 10, String(status));
  const refused = untilDone({ refused: 'a private address' });
  assert.equal(refused.pauses.length, 10);
  assert.ok(refused.state.at === 'dead' && refused.state.outcome === 'refused: a private address');
});

test('410 ends the message and switches the webhook off', () => {
  const { state, pauses, switchedOff } = untilDone({ status: 410 });
  assert.equal(state.at, 'dead');
  assert.equal(pauses.length, 1);
  assert.equal(switchedOff.length, 1);
  assert.match(switchedOff[0] ?? '', /410/);
});

test('Retry-After makes a pause longer, never shorter, and at most a day long', () => {
  const pause = (retryAfterMs: number) => untilDone({ status: 503, retryAfterMs }).pauses[1];
  assert.equal(pause(0), 5 * S);
  assert.equal(pause(90 * S), 90 * S);
  assert.equal(pause(1000 * H), 24 * H);
});

test('nothing is sent before its time, and answers of nobody change nothing', () => {
  assert.deepEqual(delivery.step(fresh, { type: 'time' }, 999), { state: fresh, effects: [] });
  assert.deepEqual(delivery.step(fresh, { type: 'answered', posted: { status: 200 }, jitter: 0 }, 2000).state, fresh);
});

test('sent once more: at once, with all attempts before it', () => {
  const dead = untilDone({ status: 500 }).state;
  const { state } = delivery.step(dead, { type: 'again' }, 5000);
  assert.deepEqual(state, { at: 'pending', attempts: 0, dueAt: 5000, outcome: '500' });
  const sending: State = { at: 'sending', attempts: 1, since: 1 };
  assert.equal(delivery.step(sending, { type: 'again' }, 5000).state, sending);
});

test('what is stored comes back as the same state', () => {
  const stored = { id: 'm', body: '{}', state: 'pending', attempts: 2, dueAt: 7, outcome: '500' } as unknown as Delivery;
  assert.deepEqual(inState(stored, { at: 'delivered', attempts: 3, endedAt: 9, outcome: '204' }), {
    ...stored,
    state: 'delivered',
    attempts: 3,
    dueAt: 9,
    outcome: '204',
  });
  for (const state of ['pending', 'delivered', 'dead'] as const) {
    const kept = stateOf({ ...stored, state });
    assert.ok(kept.at !== 'sending');
    assert.deepEqual(inState(stored, kept), { ...stored, state });
  }
});

test('VoIPBIN’s manners: three attempts a second apart before the long schedule; a refusal is an answer, but for 408, 410 and 429', () => {
  const answer = (attempts: number, status: number) =>
    delivery.step({ at: 'sending', attempts, since: 0 }, { type: 'answered', posted: { status }, jitter: 0.5, asVoipbin: true }, 10_000);
  for (const status of [200, 204, 400, 401, 404, 409]) assert.equal(answer(1, status).state.at, 'delivered', `${status}`);
  for (const status of [301, 408, 429, 500, 503]) assert.equal(answer(1, status).state.at, 'pending', `${status}`);
  assert.equal(answer(1, 410).state.at, 'dead');
  const due = [1, 2, 3].map((attempts) => {
    const { state } = answer(attempts, 500);
    return state.at === 'pending' ? state.dueAt - 10_000 : undefined;
  });
  assert.deepEqual(due, [1000, 1000, 5000]);
});
