import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anAccount, anActor, FakeHouse } from '../../test/kit/conference-fakes.ts';
import type { AccountId } from '../accounts/index.ts';
import { noLog } from '../base/index.ts';
import type { ConferenceId } from './conference.ts';

const conference = aConferenceId;
const other = 'b'.repeat(32) as ConferenceId;
const stranger = { ...anActor, account: 'f'.repeat(32) as AccountId };

test('a conference is made, read, listed, replaced and deleted', async () => {
  const { conferences, events, ...house } = new FakeHouse();
  const made = await house.store.list(anAccount);
  assert.deepEqual(made, []);
  const { execute } = conferences;
  const created = (await execute('conference.create', { document: { name: 'One' } }, anActor)).conference;
  assert.match(created.id, /^[0-9a-f]{32}$/);
  assert.deepEqual([created.revision, created.sequence, created.createdAt], [1, 1, house.clock.epoch()]);
  house.clock.advance(1000);
  const input = { conference: created.id, document: { name: 'Two' }, revision: 1 };
  const replaced = (await execute('conference.replace', input, anActor)).conference;
  assert.deepEqual([replaced.revision, replaced.document, replaced.modifiedAt - replaced.createdAt], [2, { name: 'Two' }, 1000]);
  await assert.rejects(execute('conference.replace', input, anActor), {
    kind: 'conflict',
    code: 'revision_changed',
    details: { revision: 2 },
  });
  const later = (await execute('conference.create', { document: {} }, anActor)).conference;
  const list = await execute('conference.list', {}, anActor);
  assert.deepEqual(
    list.map((each) => each.conference.id),
    [later.id, created.id],
    'newest first',
  );
  assert.deepEqual(await execute('conference.list', {}, stranger), []);
  const deleted = (await execute('conference.delete', { conference: created.id, keep: true }, anActor)).conference;
  assert.deepEqual([deleted.deletedAt, deleted.document], [house.clock.epoch(), { name: 'Two' }]);
  await assert.rejects(execute('conference.read', { conference: created.id }, anActor), {
    kind: 'not-found',
    code: 'conference_not_found',
  });
  assert.deepEqual(events.types(created.id), ['conference.created', 'conference.changed', 'conference.deleted']);
});

test('an id is taken only in its own account, and counting goes on when it is used again', async () => {
  for (const keep of [true, false]) {
    const house = new FakeHouse();
    const { execute } = house.conferences;
    await house.create();
    await assert.rejects(house.create(), { kind: 'conflict', code: 'conference_exists' });
    await execute('conference.create', { id: conference, document: {} }, stranger);
    await assert.rejects(execute('conference.read', { conference: other }, stranger), { code: 'conference_not_found' });
    assert.equal((await house.join(1)).number, 1);
    await execute('conference.delete', { conference, keep }, anActor);
    await house.create();
    assert.equal((await house.join(1)).number, 2);
    const sequences = house.events.facts.filter((each) => each.account === anAccount).map((each) => each.sequence);
    assert.deepEqual(
      sequences,
      sequences.map((_, index) => index + 1),
      `no gap and no repetition, keep ${keep}`,
    );
  }
});

test('a number is not given again, however often its conference is removed and made', async () => {
  const house = new FakeHouse();
  const given: number[] = [];
  for (const people of [2, 0, 0, 1]) {
    await house.create();
    for (let n = 1; n <= people; n += 1) given.push((await house.join(n)).number);
    await house.conferences.execute('conference.delete', { conference, keep: false }, anActor);
  }
  assert.equal(new Set(given).size, 3, given.join());
});

test('a number belongs to one conference', async () => {
  const house = new FakeHouse();
  await house.create({ conference_numbers: ['3000'] });
  await assert.rejects(house.create({ member: { numbers: ['3000'] } }, other), {
    kind: 'conflict',
    code: 'numbers_taken',
    details: { numbers: ['3000'] },
  });
  assert.deepEqual(house.events.types(other), []);
});

test('a dialled number says which conference and which role; an id will do too', async () => {
  const house = new FakeHouse();
  const { execute } = house.conferences;
  await house.create({ conference_numbers: ['1', '4'], member: { numbers: ['2', '4'] }, moderator: { numbers: ['3'] } });
  const route = (dialled: string) => execute('call.route', { dialled }, anActor);
  assert.deepEqual(await route('1'), { conference, role: undefined });
  assert.deepEqual(await route('2'), { conference, role: 'member' });
  assert.deepEqual(await route('3'), { conference, role: 'moderator' });
  assert.deepEqual(await route('4'), { conference, role: undefined });
  assert.deepEqual(await route(conference), { conference, role: undefined });
  assert.deepEqual(await route('cccccccc-cccc-cccc-cccc-cccccccccccc'), { conference, role: undefined });
  const nothing = { kind: 'not-found', code: 'number_not_found' };
  await assert.rejects(route('5'), nothing);
  await assert.rejects(execute('call.route', { dialled: '1' }, stranger), nothing);
  await execute('conference.delete', { conference, keep: true }, anActor);
  await assert.rejects(route('1'), nothing);
  await assert.rejects(route(conference), nothing);
});

test('deleting sends everybody away, and their phones may say goodbye afterwards', async () => {
  const house = new FakeHouse();
  const { execute } = house.conferences;
  await house.create();
  const { id } = await house.join(1);
  await execute('call.arrived', { conference, call: aCall(2), role: undefined }, anActor);
  await execute('conference.lock', { conference, locked: true }, anActor);
  await execute('conference.delete', { conference, keep: true }, anActor);
  const reason = 'conference-deleted';
  assert.deepEqual(
    house.telephony.hungUp,
    [1, 2].map((n) => ({ call: aCall(n).id, reason })),
  );
  assert.deepEqual(house.events.types(conference).slice(-5), [
    'conference.locked',
    'participant.left',
    'conference.unlocked',
    'room.closed',
    'conference.deleted',
  ]);
  assert.ok(house.events.facts.some((each) => each.type === 'participant.left' && each.participant === id && each.reason === reason));
  assert.deepEqual(house.media.last(conference)?.listeners, []);
  const call = aCall(1).id;
  assert.equal(await execute('call.ended', { conference, call, reason: 'hung-up' }, anActor), undefined);
  assert.equal(await execute('call.digit', { conference, call, digit: '1' }, anActor), undefined);
  await assert.rejects(execute('call.answered', { conference, call }, anActor), { code: 'conference_not_found' });
});

test('what cannot be stored does not happen', async () => {
  const house = new FakeHouse();
  const { execute } = house.conferences;
  await house.create();
  await house.join(1);
  await house.join(2);
  const before = await house.read();
  const seen = () => [house.events.facts.length, house.media.plans.length, house.telephony.answered.length, house.telephony.hungUp.length];
  const quiet = seen();
  house.store.failure = new Error('disk full');
  await assert.rejects(execute('participants.mute', { conference, which: 1, muted: true }, anActor), /disk full/);
  await assert.rejects(execute('call.arrived', { conference, call: aCall(3), role: undefined }, anActor), /disk full/);
  await assert.rejects(execute('conference.delete', { conference, keep: false }, anActor), /disk full/);
  assert.deepEqual([seen(), await house.read()], [quiet, before]);
  house.store.failure = undefined;
  await execute('participants.mute', { conference, which: 1, muted: true }, anActor);
  assert.equal(house.events.facts.at(-1)?.sequence, before.sequence + 1);
});

test('commands of one conference take turns: of many at once none is lost', async () => {
  const house = new FakeHouse();
  await house.create();
  const numbers = await Promise.all(Array.from({ length: 20 }, (_, index) => house.join(index + 1)));
  assert.deepEqual(
    numbers.map((each) => each.number).toSorted((a, b) => a - b),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  assert.equal(house.conferences.queueDepth, 0);
});

test('the plan that the engine gets grows in version and says who hears whom', async () => {
  const house = new FakeHouse();
  await house.create();
  for (const n of [1, 2, 3]) await house.join(n);
  await house.conferences.execute('participants.relate', { conference, participant: 1, other: 2, relationship: 'deaf' }, anActor);
  const hears = (a: number, b: number): boolean => house.media.hears(conference, aCall(a).leg, aCall(b).leg);
  assert.deepEqual([hears(1, 2), hears(2, 1), hears(1, 3), hears(1, 1)], [false, true, true, false]);
  const versions = house.media.plans.map((each) => each.plan.version);
  assert.ok(
    versions.every((each, index) => index === 0 || each > (versions[index - 1] ?? 0)),
    versions.join(),
  );
});

test('a view shows how loud its people are, and forgets them when they go', async () => {
  const house = new FakeHouse();
  const { conferences } = house;
  await house.create();
  conferences.setLevel(aCall(1).leg, { talking: true, energy: 1 });
  await house.join(1);
  const levels = async () => [...(await conferences.execute('conference.read', { conference }, anActor)).levels];
  assert.deepEqual(await levels(), [[aCall(1).leg, { talking: false, energy: 0 }]], 'nobody listens to legs of nobody');
  conferences.setLevel(aCall(1).leg, { talking: true, energy: 900 });
  assert.deepEqual(await levels(), [[aCall(1).leg, { talking: true, energy: 900 }]]);
  await conferences.execute('call.ended', { conference, call: aCall(1).id, reason: 'hung-up' }, anActor);
  await house.join(1);
  assert.deepEqual(await levels(), [[aCall(1).leg, { talking: false, energy: 0 }]]);
});

test('a view shows who has the floor: not who is muted, and nobody who has gone', async () => {
  const house = new FakeHouse();
  const { conferences } = house;
  const { execute } = conferences;
  await house.create();
  for (const n of [1, 2]) await house.join(n);
  const floor = async () => (await execute('conference.read', { conference }, anActor)).floor;
  const says = (n: number, energy: number) => conferences.setLevel(aCall(n).leg, { talking: energy > 0, energy });
  assert.equal(await floor(), undefined);
  says(1, 500);
  says(2, 600);
  assert.equal(await floor(), aCall(1).leg, 'a little louder is not enough');
  await execute('participants.mute', { conference, which: 1, muted: true }, anActor);
  assert.equal(await floor(), aCall(2).leg);
  says(1, 20_000);
  house.clock.advance(5000);
  assert.equal(await floor(), aCall(2).leg, 'however loud a muted one is');
  await execute('participants.mute', { conference, which: 1, muted: false }, anActor);
  house.clock.advance(1000);
  assert.equal(await floor(), aCall(1).leg, 'unmuted, he challenges, and wins');
  await execute('call.ended', { conference, call: aCall(1).id, reason: 'hung-up' }, anActor);
  assert.equal(await floor(), aCall(2).leg);
  await execute('call.ended', { conference, call: aCall(2).id, reason: 'hung-up' }, anActor);
  await house.join(3);
  assert.equal(await floor(), undefined);
  says(3, 500);
  await execute('conference.delete', { conference, keep: true }, anActor);
  await conferences.close();
  assert.equal(house.clock.armed, 0);
});

test('a call that was let in and could not be taken is a fact, whether or not others are in', async () => {
  const house = new FakeHouse();
  const { execute } = house.conferences;
  await house.create();
  const refusal = { code: 'overloaded', words: 'the limit of 1 legs is reached' };
  const refuse = async (n: number) => {
    await execute('call.arrived', { conference, call: aCall(n), role: undefined }, anActor);
    await execute('call.ended', { conference, call: aCall(n).id, reason: 'refused', refusal }, anActor);
  };
  await refuse(1);
  await house.join(2);
  await refuse(3);
  const expected = [
    'conference.created',
    'room.opened',
    'call.refused',
    'room.closed',
    'room.opened',
    'participant.joined',
    'call.refused',
  ];
  assert.deepEqual(house.events.types(conference), expected);
  const last = (await house.store.facts(anAccount, conference, 0)).at(-1);
  assert.deepEqual(last, {
    type: 'call.refused',
    call: aCall(3).id,
    sipCallId: 'call-3@phone.test',
    callerNumber: '1003',
    refusal,
    at: house.clock.epoch(),
    account: anAccount,
    conference,
    sequence: 7,
    instance: (await house.read()).room?.instance,
  });
  await execute('call.ended', { conference, call: aCall(9).id, reason: 'refused', refusal }, anActor);
  assert.equal(house.events.types(conference).length, 7, 'nobody knows that call');
});

test('a route says which packets the conference wants on its legs, if its profile says so', async () => {
  const house = new FakeHouse();
  const { execute } = house.conferences;
  const intervals: unknown[] = [];
  for (const [n, interval] of [20, 34, 35, 120, 9, 121].entries()) {
    await house.create({ conference_numbers: [String(n)], profile: { interval } }, String(n).repeat(32) as ConferenceId);
    intervals.push((await execute('call.route', { dialled: String(n) }, anActor)).interval);
  }
  assert.deepEqual(intervals, [20, 30, 40, 120, undefined, undefined]);
});

test('after a crash every open room is closed with a reason', async () => {
  const before = new FakeHouse();
  await before.create();
  await before.join(1);
  await before.join(2);
  await before.conferences.execute('call.arrived', { conference, call: aCall(3), role: undefined }, anActor);
  await before.conferences.execute('conference.lock', { conference, locked: true }, anActor);
  await before.create({}, other);

  const house = new FakeHouse({ store: before.store, seed: 2 });
  await house.conferences.recover();
  assert.deepEqual(
    house.events.facts.map((each) => [each.type, 'reason' in each ? each.reason : undefined]),
    [
      ['participant.left', 'restart'],
      ['participant.left', 'restart'],
      ['conference.unlocked', undefined],
      ['room.closed', undefined],
    ],
  );
  assert.deepEqual([await house.store.running(), house.telephony.hungUp], [[], []]);
  assert.equal((await house.join(1)).number, 3);
});

test('close refuses what comes later and waits for what runs', async () => {
  const house = new FakeHouse();
  await house.create();
  let stored = false;
  const running = house.conferences.execute('conference.lock', { conference, locked: true }, anActor).then(() => (stored = true));
  const closing = house.conferences.close();
  assert.equal(house.conferences.close(), closing);
  const closed = { kind: 'unavailable', code: 'closed' };
  await assert.rejects(house.conferences.execute('conference.read', { conference }, anActor), closed);
  await assert.rejects(house.conferences.recover(), closed);
  await closing;
  await running;
  assert.equal(stored, true);
  assert.equal((await house.store.load(anAccount, conference))?.locked, true);
  assert.equal(house.clock.armed, 0);
});

test('a bug in an outer room is logged and keeps nothing else from being done', async () => {
  const lines: string[] = [];
  const house = new FakeHouse({ log: { ...noLog, error: (message) => void lines.push(message) } });
  await house.create();
  house.media.hear = () => {
    throw new Error('engine broke');
  };
  await house.join(1);
  assert.deepEqual(lines, ['a stored change could not be carried out']);
  assert.equal(house.events.types(conference).at(-1), 'participant.joined');
});
