import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { type Machine, Runner } from './machine.ts';

interface Countdown {
  readonly left: number;
  readonly at: number | undefined;
}

const countdown: Machine<Countdown, { readonly type: 'again' }, string> = {
  step: (state, input, now) => {
    if (input.type === 'again') return { state: { left: 3, at: now + 10 }, effects: ['again'] };
    const left = state.left - 1;
    return { state: { left, at: left > 0 ? now + 10 : undefined }, effects: [`left ${left}`] };
  },
  deadline: ({ at }) => at,
};

test('a runner feeds time at each deadline and arms nothing after the last', () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const runner = new Runner(countdown, { left: 2, at: 5 }, clock, (effect) => seen.push(`${clock.now()} ${effect}`));
  clock.advance(100);
  assert.deepEqual(seen, ['5 left 1', '15 left 0']);
  assert.equal(clock.armed, 0);
  runner.feed({ type: 'again' });
  assert.equal(clock.armed, 1);
});

test('a closed runner holds no alarm and takes no input', () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const runner = new Runner(countdown, { left: 2, at: 5 }, clock, (effect) => seen.push(effect));
  runner.close();
  runner.feed({ type: 'again' });
  clock.advance(100);
  assert.deepEqual(seen, []);
  assert.equal(clock.armed, 0);
});
