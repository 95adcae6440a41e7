import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, house, leave } from '../../test/kit/calls-house.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import type { CallHistory, CallId, Cdr } from '../conference/index.ts';
import { RefusedFloods, sourceOf } from './refused-floods.ts';

type House = Awaited<ReturnType<typeof house>>;

const MINUTE = 60_000;

async function until(is: () => boolean): Promise<void> {
  for (let left = 5000; left > 0 && !is(); left--) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(is());
}

/** So many calls to a number, each refused. */
async function refused(at: House, count: number, { uri = 'sip:9@one.test', status = 404 } = {}): Promise<void> {
  for (let n = 0; n < count; n++) {
    at.peer.request('INVITE', { 'Call-ID': `flood-${at.said.length}-${n}-${Math.trunc(at.cdrs.length)}` }, { uri, body: peerSdp() });
    assert.equal((await at.peer.answer('INVITE')).status, status);
  }
}

const total = (cdrs: readonly Cdr[]): number => cdrs.reduce((sum, { refusals }) => sum + (refusals?.calls ?? 1), 0);

test('a stranger who is refused again and again has ten records a minute, and one that counts the rest', async () => {
  const clock = new FakeClock();
  const at = await house({ clock });
  await refused(at, 60);
  await until(() => at.cdrs.length === 10);
  assert.ok(at.cdrs.every((each) => each.refusals === undefined));
  clock.advance(MINUTE);
  await until(() => at.cdrs.length === 11);
  const { id, channelVars, ...rest } = at.cdrs[10]!;
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(channelVars['account_id'], account.id);
  assert.deepEqual(rest.refusals, { calls: 50, source: '127.0.0.1' });
  assert.deepEqual([rest.sipStatus, rest.cause, rest.reason, rest.callerNumber, rest.calledNumber], [404, 1, 'refused', 'peer', '9']);
  await refused(at, 3);
  await until(() => at.cdrs.length === 14);
  assert.ok(
    at.cdrs.slice(11).every((each) => each.refusals === undefined),
    'the next minute begins anew',
  );
  await leave(at);
  assert.equal(total(at.cdrs), 63);
});

test('a flood over a limit of the account tells its conference ten times, and a stop keeps what was counted', async () => {
  const at = await house({ clock: new FakeClock(), accountLimits: { legs: 0 } });
  await refused(at, 40, { uri: `sip:3000@${at.peer.server}`, status: 486 });
  await until(() => at.cdrs.length === 10);
  assert.equal(at.said.filter(([name]) => name === 'call.refused').length, 10);
  await leave(at);
  assert.deepEqual(
    at.cdrs.map(({ refusals }) => refusals?.calls),
    [...Array(10).fill(undefined), 30],
  );
  assert.equal(at.cdrs[10]!.conference, 'c'.repeat(32));
});

/** The bound alone, with records made by hand. */
function bound({ fails = () => false }: { fails?: () => boolean } = {}) {
  const clock = new FakeClock();
  const kept: Cdr[] = [];
  const add = async (cdr: Cdr): Promise<void> => {
    if (fails()) throw new Error('the store is away');
    kept.push(cdr);
  };
  const floods = new RefusedFloods({
    clock,
    chance: new SeededChance(3),
    history: { add } as unknown as CallHistory,
    insist: async (work) => void (await work()),
    follow: (work) => void work.catch(() => {}),
  });
  let count = 0;
  const call = (address: string, more: Partial<Cdr> = {}): void => {
    const cdr: Cdr = {
      id: `${++count}` as CallId,
      account: account.id,
      direction: 'inbound',
      sipCallId: `${count}`,
      callerName: '',
      callerNumber: '1',
      calledNumber: '2',
      startedAt: clock.epoch(),
      endedAt: clock.epoch() + 1,
      reason: 'refused',
      sipStatus: 404,
      cause: 1,
      channelVars: { account_id: account.id },
      ...more,
    };
    if (!floods.takes(cdr, address)) kept.push(cdr);
  };
  return { clock, kept, floods, call };
}

const address = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

test('however many addresses are made up, a minute has at most 81 records of an account, and they count every call', async () => {
  const { clock, kept, call } = bound();
  for (let n = 0; n < 20_000; n++) call(address(n % 7000));
  clock.advance(MINUTE);
  await until(() => total(kept) === 20_000);
  assert.equal(kept.length, 60 + 20 + 1);
  const others = kept.filter(({ refusals }) => refusals !== undefined && refusals.source === undefined);
  assert.equal(others.length, 1);
  assert.equal(new Set(kept.map(({ id }) => id)).size, kept.length);
  const before = kept.length;
  call(address(1), { account: 'b'.repeat(32) as never });
  call(address(1));
  assert.equal(kept.length, before + 2, 'the next minute, and another account, begin anew');
});

test('who is known is counted together much later, and a flood of strangers is nothing to him', () => {
  const { kept, call } = bound();
  for (let n = 0; n < 5000; n++) call(address(n));
  const strangers = kept.length;
  const channelVars = { account_id: account.id, authorizing_id: 'd'.repeat(32) };
  for (let n = 0; n < 700; n++) call('192.0.2.9', { channelVars });
  assert.deepEqual([strangers, kept.length - strangers], [60, 600]);
});

test('a record for many says only what they have in common', async () => {
  const { clock, kept, floods, call } = bound();
  for (let n = 0; n < 10; n++) call('2001:db8::1');
  clock.advance(1000);
  const startedAt = clock.epoch();
  call('2001:db8::2', { callerNumber: '5', conference: 'c' as never, sipStatus: 403, cause: 21 });
  clock.advance(1000);
  call('2001:db8::3:4', { callerNumber: '6', calledNumber: '2', channelVars: {} });
  await floods.close();
  assert.equal(kept.length, 11);
  const { refusals, callerNumber, calledNumber, conference, channelVars, ...rest } = kept[10]!;
  assert.deepEqual(refusals, { calls: 2, source: '2001:db8:0:0::/64' });
  assert.deepEqual([callerNumber, calledNumber, conference, channelVars], ['', '2', undefined, {}]);
  assert.deepEqual([rest.startedAt, rest.endedAt, rest.sipStatus], [startedAt, startedAt + 1001, 403]);
});

test('one sender is one source: an IPv4 address also where it is written as IPv6, a network of 64 bits of IPv6', () => {
  assert.equal(sourceOf('192.0.2.1'), '192.0.2.1');
  assert.equal(sourceOf('::ffff:192.0.2.1'), sourceOf('192.0.2.1'));
  assert.equal(sourceOf('2001:db8:1:2:3:4:5:6'), sourceOf('2001:db8:1:2::1'));
  assert.notEqual(sourceOf('2001:db8:1:2::1'), sourceOf('2001:db8:1:3::1'));
  assert.equal(sourceOf('fe80::1%eth0'), 'fe80:0:0:0::/64');
});
