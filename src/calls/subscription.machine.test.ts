import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Time } from '../base/index.ts';
import { begun, type Effect, type Input, PACE, type State, subscription } from './subscription.machine.ts';

/** Drives the machine by hand; alarms ring when time passes them. */
class Drive {
  now = 1000;
  state: State;
  readonly done: { readonly at: number; readonly effect: Effect }[] = [];

  constructor(expires: number) {
    this.state = begun(this.now, expires);
  }

  feed(input: Input | Time): void {
    const { state, effects } = subscription.step(this.state, input, this.now);
    this.state = state;
    this.done.push(...effects.map((effect) => ({ at: this.now, effect })));
  }

  pass(ms: number): void {
    const until = this.now + ms;
    for (let at = subscription.deadline(this.state); at !== undefined && at <= until; at = subscription.deadline(this.state)) {
      this.now = Math.max(at, this.now);
      const before = this.state;
      this.feed({ type: 'time' });
      assert.notEqual(this.state, before, 'an alarm changes something');
    }
    this.now = until;
  }

  get effects(): readonly Effect[] {
    return this.done.splice(0).map((each) => each.effect);
  }
}

const changes = { do: 'notify', what: 'changes' } as const;
const everything = { do: 'notify', what: 'everything' } as const;

test('changes are folded into one NOTIFY a second', () => {
  const it = new Drive(60_000);
  for (let n = 0; n < 5; n += 1) it.feed({ type: 'changed' });
  assert.deepEqual(it.effects, [], 'one is under way');
  it.feed({ type: 'answered' });
  assert.deepEqual([it.state.at, it.effects], ['waiting', []]);
  it.pass(PACE);
  assert.deepEqual(it.effects, [changes]);
  it.feed({ type: 'answered' });
  it.pass(5000);
  assert.deepEqual([it.state.at, it.effects], ['resting', []]);
  it.feed({ type: 'changed' });
  assert.deepEqual(it.effects, [changes], 'after a rest at once');
});

test('a refresh tells everything at once, or after what is under way', () => {
  const it = new Drive(60_000);
  it.feed({ type: 'refreshed', expires: 90_000 });
  it.feed({ type: 'refreshed', expires: 90_000 });
  it.feed({ type: 'answered' });
  assert.deepEqual(it.effects, [everything]);
  it.feed({ type: 'answered' });
  it.feed({ type: 'refreshed', expires: 60_000 });
  assert.deepEqual(it.effects, [everything]);
  it.feed({ type: 'answered' });
  it.pass(59_999);
  assert.deepEqual(it.effects, []);
  it.pass(1);
  assert.deepEqual(it.effects, [{ do: 'finish', reason: 'timeout' }]);
  it.feed({ type: 'answered' });
  assert.deepEqual([it.state.at, it.effects], ['gone', [{ do: 'forget' }]]);
});

test('the end waits for what is under way, and outweighs it', () => {
  const it = new Drive(60_000);
  it.feed({ type: 'changed' });
  it.feed({ type: 'end', reason: 'noresource' });
  it.feed({ type: 'refreshed', expires: 3000 });
  it.feed({ type: 'answered' });
  assert.deepEqual(it.effects, [{ do: 'finish', reason: 'noresource' }]);
  const refused = new Drive(60_000);
  refused.feed({ type: 'refused' });
  assert.deepEqual(refused.effects, [{ do: 'forget' }]);
  assert.equal(new Drive(0).state.at, 'ending', 'who asks once is told once');
});

test('whatever comes: one NOTIFY at a time, changes a second apart, one end, and nothing after it', () => {
  const input = fc.oneof(
    fc.constant({ type: 'changed' } as const),
    fc.constantFrom(0, 60_000).map((expires) => ({ type: 'refreshed', expires }) as const),
    fc.constantFrom('noresource', 'rejected' as const).map((reason) => ({ type: 'end', reason: reason as 'rejected' }) as const),
    fc.constantFrom({ type: 'answered' } as const, { type: 'answered' } as const, { type: 'refused' } as const),
    fc.integer({ min: 1, max: 30_000 }).map((ms) => ({ ms })),
  );
  fc.assert(
    fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
      const it = new Drive(60_000);
      let underWay = true;
      let told = it.now;
      let over = false;
      for (const each of inputs) {
        if ('ms' in each) it.pass(each.ms);
        else if (each.type !== 'answered' && each.type !== 'refused') it.feed(each);
        else if (underWay) {
          underWay = false;
          it.feed(each);
        }
        for (const { at, effect } of it.done.splice(0)) {
          assert.ok(!over, 'nothing after the end');
          if (effect.do === 'forget') over = true;
          else {
            assert.ok(!underWay, 'one at a time');
            underWay = true;
            if (effect.do === 'notify' && effect.what === 'changes') assert.ok(at - told >= PACE, 'a second apart');
            told = at;
          }
        }
      }
    }),
  );
});
