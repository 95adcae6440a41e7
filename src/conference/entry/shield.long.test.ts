import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntryHouse } from '../../../test/kit/entry-desk.ts';
import type { AccountId } from '../../accounts/index.ts';
import type { CallId, ConferenceId } from '../ids.ts';
import { LOCKED_FOR, type Lockout, Shield } from './shield.ts';

const C = 'C' as ConferenceId;

/** So many calls that end after a wrong PIN. */
function fail(house: EntryHouse, calls: number, who: { callerNumber?: string } = {}): void {
  for (let call = 0; call < calls; call += 1) {
    const visitor = house.visitor(who);
    house.shield.wrong(visitor, C);
    house.shield.over(visitor.call);
  }
}

test('what was counted before a restart counts behind it', async () => {
  const house = new EntryHouse({});
  fail(house, 4);
  const next = new EntryHouse({});
  for (const [key, each] of house.kept) next.kept.set(key, each);
  await next.shield.open();
  fail(next, 1);
  assert.equal(next.locked.length, 1);
  const third = new EntryHouse({});
  for (const [key, each] of next.kept) third.kept.set(key, each);
  await third.shield.open();
  assert.ok(third.shield.isLockedOut(third.visitor(), C));
  third.clock.advance(LOCKED_FOR);
  assert.ok(!third.shield.isLockedOut(third.visitor(), C));
});

test('what is over is forgotten, also in what is kept', async () => {
  const house = new EntryHouse({});
  fail(house, 5);
  house.clock.advance(LOCKED_FOR);
  await house.shield.open();
  assert.equal(house.kept.size, 0);
  fail(house, 4);
  house.clock.advance(60 * 60_000);
  fail(house, 4);
  assert.equal(house.locked.length, 1, 'failures of an hour ago count no more');
});

test('who is released may try at once, and is not listed', () => {
  const house = new EntryHouse({});
  fail(house, 5);
  const { account, callerNumber } = house.visitor();
  assert.deepEqual(
    house.shield.lockedOut(account, C).map((each) => each.callerNumber),
    [callerNumber],
  );
  assert.deepEqual(house.shield.lockedOut('b'.repeat(32) as AccountId), []);
  assert.ok(house.shield.release({ account, conference: C, callerNumber }));
  assert.ok(!house.shield.isLockedOut(house.visitor(), C));
  assert.deepEqual(house.shield.lockedOut(account), []);
  assert.equal(house.kept.size, 0);
  assert.ok(!house.shield.release({ account, conference: C, callerNumber }));
});

test('withheld numbers are one caller', () => {
  const house = new EntryHouse({});
  fail(house, 5, { callerNumber: '' });
  assert.ok(house.shield.isLockedOut(house.visitor({ callerNumber: '' }), C));
  assert.ok(!house.shield.isLockedOut(house.visitor(), C));
});

test('who is erased is counted nowhere in his account, and kept nowhere', () => {
  const house = new EntryHouse({});
  fail(house, 5);
  fail(house, 2, { callerNumber: '+15550111' });
  const { account, callerNumber } = house.visitor();
  assert.equal(house.shield.forget('other'.padEnd(32, '0') as AccountId, callerNumber), 0);
  assert.ok(house.shield.isLockedOut(house.visitor(), C));
  assert.equal(house.shield.forget(account, callerNumber), 1);
  assert.ok(!house.shield.isLockedOut(house.visitor(), C));
  assert.deepEqual(
    [...house.kept.values()].map((each) => each.callerNumber),
    ['+15550111'],
  );
  assert.equal(house.shield.forget(account, callerNumber), 0);
});

test('trying on while locked out makes it no longer', () => {
  const house = new EntryHouse({});
  fail(house, 5);
  house.clock.advance(LOCKED_FOR - 1);
  fail(house, 5);
  house.clock.advance(1);
  assert.ok(!house.shield.isLockedOut(house.visitor(), C));
  assert.equal(house.locked.length, 1);
});

test('delays grow, have an end, and go again', () => {
  const house = new EntryHouse({});
  const delays: number[] = [];
  for (let call = 0; call < 9; call += 1) {
    delays.push(house.shield.delay(house.visitor(), C));
    house.shield.wrong(house.visitor(), C);
  }
  assert.deepEqual(delays, [0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 5_000]);
  house.clock.advance(20 * 60_000);
  assert.equal(house.shield.delay(house.visitor(), C), 0);
});

test('a flood of callers does not fill the memory, and what is kept goes with what is forgotten', () => {
  const kept = new Map<string, Lockout>();
  const house = new EntryHouse({});
  const shield = new Shield({
    clock: house.clock,
    keeping: {
      all: async () => [],
      find: async () => undefined,
      save: (each) => void kept.set(each.callerNumber, each),
      remove: (each) => void kept.delete(each.callerNumber),
    },
    locked: () => {},
  });
  for (let call = 0; call < 30_000; call += 1) {
    const visitor = { ...house.visitor(), callerNumber: String(call), call: `call${call}` as CallId };
    shield.wrong(visitor, C);
    shield.over(visitor.call);
  }
  assert.equal(kept.size, 20_000);
  assert.ok(kept.has('29999') && !kept.has('0'));
});
