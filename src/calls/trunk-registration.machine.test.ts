import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { Runner } from '../base/index.ts';
import { type Effect, type Input, type State, trunkRegistrationMachine } from './trunk-registration.machine.ts';

/** A registration on a clock that only the test moves; `did` is what it wanted, in order. */
function opened() {
  const clock = new FakeClock();
  const did: string[] = [];
  const first: State = { at: 'resting', until: clock.now(), failures: 0, words: '' };
  const runner = new Runner<State, Input, Effect>(trunkRegistrationMachine, first, clock, (effect) => did.push(effect.do));
  runner.feed({ type: 'wake' });
  const took = () => did.splice(0);
  return { clock, runner, took };
}

test('a registration is refreshed at half of its time, a short one 30 s before its end (RFC 3261 §10.2.4)', () => {
  for (const [seconds, refreshed] of [
    [600, 300],
    [100, 70],
    [20, 5],
  ] as const) {
    const { clock, runner, took } = opened();
    assert.deepEqual(took(), ['register']);
    runner.feed({ type: 'registered', seconds });
    assert.deepEqual(took(), ['tell']);
    clock.advance(refreshed * 1000 - 1);
    assert.deepEqual(took(), [], `${seconds}`);
    clock.advance(1);
    assert.deepEqual(took(), ['register'], `${seconds}`);
  }
});

test('what fails goes to the next server and waits, twice as long each time, but no longer than ten minutes (RFC 5626 §4.5)', () => {
  const { clock, runner, took } = opened();
  took();
  for (const wait of [15, 30, 60, 120, 240, 480, 600, 600]) {
    runner.feed({ type: 'unreachable', words: 'nobody' });
    assert.deepEqual(took(), ['next-server', 'tell']);
    clock.advance(wait * 1000 - 1);
    assert.deepEqual(took(), [], `${wait} s are not over`);
    clock.advance(1);
    assert.deepEqual(took(), ['register'], `${wait} s are over`);
  }
  runner.feed({ type: 'registered', seconds: 600 });
  took();
  clock.advance(300_000);
  runner.feed({ type: 'refused', words: 'no' });
  took();
  clock.advance(15_000);
  assert.equal(took().at(-1), 'register', 'who was registered waits a short time again');
});

test('a far end that wants other words again and again is not asked for ever', () => {
  const { runner, took } = opened();
  took();
  for (let n = 0; n < 4; n++) runner.feed({ type: 'again' });
  assert.deepEqual(took(), ['register', 'register', 'register', 'register']);
  runner.feed({ type: 'again' });
  assert.deepEqual(took(), ['next-server', 'tell']);
});

test('who is registered takes it back at the end and waits a second for the answer; who is not says nothing', () => {
  for (const answers of [true, false]) {
    const { clock, runner, took } = opened();
    runner.feed({ type: 'registered', seconds: 600 });
    took();
    runner.feed({ type: 'close' });
    assert.deepEqual(took(), ['unregister']);
    if (answers) runner.feed({ type: 'answered' });
    else clock.advance(1000);
    assert.equal(runner.state.at, 'gone');
    clock.advance(3_600_000);
    assert.deepEqual(took(), []);
  }
  const { runner, took } = opened();
  runner.feed({ type: 'unreachable', words: 'nobody' });
  took();
  runner.feed({ type: 'close' });
  assert.deepEqual([took(), runner.state.at], [[], 'gone']);
});
