import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aParticipant, BusHouse, settled, word } from '../../test/kit/bus-house.ts';
import { aConferenceId, anAccount } from '../../test/kit/conference-fakes.ts';
import type { AccountId } from '../accounts/index.ts';
import { Failure } from '../base/index.ts';
import type { ConferenceId } from '../conference/index.ts';

const otherAccount = 'b'.repeat(32) as AccountId;
const otherConference = 'd'.repeat(32) as ConferenceId;

const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

const refused =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Failure && error.kind === 'not-found' && error.code === code;

test('a follower from now on gets what is published, in order, after it was told where it begins', async () => {
  const house = new BusHouse();
  house.happen(house.fact(), house.fact());
  await settled();
  const heard: string[] = [];
  await house.bus.follow({ take: (item) => heard.push(word(item)), caughtUp: (position) => heard.push(`from ${position}`) });
  house.happen(house.fact());
  house.happen(house.fact());
  await settled();
  assert.deepEqual(heard, ['from 2', '3', '4']);
});

test('what is published while the journal is read is read together', async () => {
  const house = new BusHouse();
  const heard: string[] = [];
  await house.bus.follow({ take: (item) => heard.push(word(item)) });
  await settled();
  const before = house.journal.reads;
  for (let i = 0; i < 400; i++) house.happen(house.fact());
  await settled();
  assert.deepEqual(heard, range(1, 400));
  assert.ok(house.journal.reads - before <= 2, `${house.journal.reads - before} reads`);
});

test('nothing is overlooked, in whatever moment of a read it is published', async () => {
  for (let moments = 0; moments < 40; moments++) {
    const house = new BusHouse();
    const heard: string[] = [];
    await house.bus.follow({ take: (item) => heard.push(word(item)) });
    await settled();
    house.happen(house.fact());
    for (let i = 0; i < moments; i++) await undefined;
    house.happen(house.fact());
    await settled();
    assert.deepEqual(heard, ['1', '2'], `after ${moments}`);
  }
});

test('a thousand followers cost no reads of their own, and hear only what they asked for', async () => {
  const house = new BusHouse();
  const heard = new Map<string, number>();
  const count = (who: string) => () => void heard.set(who, (heard.get(who) ?? 0) + 1);
  await settled();
  for (let i = 0; i < 1000; i++) await house.bus.follow({ conference: `room-${i}` as ConferenceId, take: count('elsewhere') });
  await house.bus.follow({ account: anAccount, conference: aConferenceId, take: count('room') });
  await house.bus.follow({ account: otherAccount, conference: aConferenceId, take: count('same name, other account') });
  await house.bus.follow({ account: anAccount, take: count('account') });
  await house.bus.follow({ take: count('everything') });
  await settled();
  const before = house.journal.reads;
  house.happen(house.fact());
  house.happen(house.fact(undefined, { conference: otherConference }));
  house.happen(house.fact(undefined, { account: otherAccount }));
  await settled();
  assert.deepEqual(Object.fromEntries(heard), { room: 1, 'same name, other account': 1, account: 2, everything: 3 });
  assert.ok(house.journal.reads - before <= 2);
});

test('a record of a call reaches those who follow its account or everything', async () => {
  const house = new BusHouse();
  const heard: string[] = [];
  await house.bus.follow({ account: anAccount, take: () => heard.push('account') });
  await house.bus.follow({ take: () => heard.push('everything') });
  await house.bus.follow({ conference: aConferenceId, take: () => heard.push('conference') });
  house.journal.store([{ type: 'call.recorded', cdr: {} as never, at: 0, account: anAccount }]);
  house.bus.publish([]);
  await settled();
  assert.deepEqual(heard.sort(), ['account', 'everything']);
});

test('replay: what lies between comes first, then live items, without gap and without double, while facts are stored all the time', async () => {
  const house = new BusHouse();
  house.journal.store(Array.from({ length: 1700 }, () => house.fact()));
  await settled();
  // Every read of the journal lets facts come in before and after it was answered.
  let storing = true;
  house.journal.before = async () => {
    if (storing) house.happen(house.fact(), house.fact(), house.fact());
    await new Promise((next) => setImmediate(next));
  };
  // A read that takes long misses what the others have read meanwhile.
  house.journal.answering = async () => {
    for (let i = house.journal.reads % 5; i > 0; i--) await new Promise((next) => setImmediate(next));
  };
  const heard: string[] = [];
  const caughtUp: number[] = [];
  await house.bus.follow({ after: 500, take: (item) => heard.push(word(item)), caughtUp: (position) => caughtUp.push(position) });
  for (let i = 0; i < 60; i++) {
    house.clock.advance(1);
    await settled();
  }
  assert.equal(caughtUp.length, 1, 'caught up while facts are stored');
  storing = false;
  house.happen(house.fact());
  await settled();
  assert.deepEqual(heard, range(501, house.journal.entries.length));
  assert.equal(caughtUp.length, 1);
  assert.ok((caughtUp[0] ?? 0) >= 1700);
});

test('a replay of one conference skips the others', async () => {
  const house = new BusHouse();
  for (let i = 0; i < 30; i++) house.journal.store([house.fact(), house.fact(undefined, { conference: otherConference })], 3);
  const heard: number[] = [];
  let known = 0;
  await house.bus.follow({
    after: 0,
    conference: otherConference,
    take: (item) => item.kind === 'fact' && heard.push('sequence' in item.entry.fact ? item.entry.fact.sequence : 0),
    caughtUp: (position) => (known = position),
  });
  await settled();
  assert.deepEqual(
    heard,
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
  assert.equal(known, house.journal.entries.at(-1)?.position);
});

test('a replay goes no faster than its reader wants', async () => {
  const house = new BusHouse();
  house.journal.store(Array.from({ length: 1200 }, () => house.fact()));
  let open = (): void => {};
  const heard: string[] = [];
  await house.bus.follow({
    after: 0,
    take: (item) => heard.push(word(item)),
    pace: () => new Promise((resolve) => (open = resolve)),
  });
  await settled();
  assert.equal(heard.length, 0);
  for (const expected of [500, 1000, 1200]) {
    open();
    await settled();
    assert.equal(heard.length, expected);
    house.clock.advance(1);
    await settled();
  }
});

test('a position that retention has left behind, or that was never given, is refused', async () => {
  const house = new BusHouse();
  house.happen(...Array.from({ length: 10 }, () => house.fact()));
  house.journal.forget(4);
  const take = (): void => {};
  await assert.rejects(house.bus.follow({ after: 3, take }), refused('position_forgotten'));
  await assert.rejects(house.bus.follow({ after: 11, take }), refused('position_unknown'));
  await house.bus.follow({ after: 4, take });
  await house.bus.follow({ after: 10, take });
  assert.equal(house.bus.counts().followers, 2);
});

test('a replay that retention overtakes ends with a reason, and tells no entry behind the gap', async () => {
  const house = new BusHouse();
  house.happen(...Array.from({ length: 1200 }, () => house.fact()));
  const heard: string[] = [];
  const ends: unknown[] = [];
  await house.bus.follow({ after: 0, take: (item) => heard.push(word(item)), ended: (why) => ends.push(why) });
  await settled();
  house.journal.forget(700);
  house.clock.advance(1);
  await settled();
  assert.deepEqual(heard, range(1, 500));
  assert.equal(ends.length, 1);
  assert.ok(refused('position_forgotten')(ends[0]));
  assert.equal(house.bus.counts().followers, 0);
});

test('a take that throws closes that follower only, and is logged once', async () => {
  const lines: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (message: string) => void lines.push(message), with: () => log };
  const house = new BusHouse({ log });
  const heard: string[] = [];
  let ended = 0;
  await house.bus.follow({
    take: () => {
      throw new Error('cannot');
    },
    ended: (why) => (ended += why === undefined ? 1 : 100),
  });
  await house.bus.follow({ take: (item) => heard.push(word(item)) });
  house.happen(house.fact(), house.fact());
  house.happen(house.fact());
  await settled();
  assert.deepEqual(heard, ['1', '2', '3']);
  assert.equal(lines.length, 1);
  assert.equal(ended, 1);
  assert.equal(house.bus.counts().followers, 1);
});

test('nothing comes after close, also when it is called from take', async () => {
  const house = new BusHouse();
  const heard: string[] = [];
  const following = await house.bus.follow({
    take: (item) => {
      heard.push(word(item));
      if (heard.length === 2) following.close();
    },
  });
  house.happen(house.fact(), house.fact(), house.fact());
  await settled();
  assert.deepEqual(heard, ['1', '2']);
});

test('while the journal cannot be read nothing is lost, and it is tried again', async () => {
  const house = new BusHouse();
  const heard: string[] = [];
  await house.bus.follow({ take: (item) => heard.push(word(item)) });
  await settled();
  let broken = true;
  house.journal.before = () => {
    if (broken) throw new Error('disk');
  };
  house.happen(house.fact());
  await settled();
  house.bus.signal(house.signal('started', aParticipant(1)));
  for (let i = 0; i < 5; i++) {
    house.clock.advance(5000);
    await settled();
  }
  assert.deepEqual(heard, []);
  broken = false;
  house.clock.advance(5000);
  await settled();
  assert.deepEqual(heard, ['1', 'start 1']);
  assert.ok(house.bus.counts().readErrors >= 4);
});

test('what another process stores in the same journal is found by looking', async () => {
  const house = new BusHouse({ pollMs: 250 });
  const heard: string[] = [];
  await house.bus.follow({ take: (item) => heard.push(word(item)) });
  await settled();
  house.journal.store([house.fact()]);
  await settled();
  assert.deepEqual(heard, []);
  house.clock.advance(250);
  await settled();
  assert.deepEqual(heard, ['1']);
  await house.bus.close();
  assert.equal(house.clock.armed, 0);
});

test('after close nothing is told, nothing waits, and nobody can follow', async () => {
  const house = new BusHouse();
  const heard: string[] = [];
  await house.bus.follow({ take: (item) => heard.push(word(item)) });
  await house.bus.close();
  house.happen(house.fact());
  house.bus.signal(house.signal('started', aParticipant(1)));
  await settled();
  assert.deepEqual(heard, []);
  assert.equal(house.clock.armed, 0);
  await assert.rejects(house.bus.follow({ take: () => {} }), (error: unknown) => error instanceof Failure && error.code === 'closed');
});
