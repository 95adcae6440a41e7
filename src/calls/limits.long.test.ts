import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, house, inside, leave } from '../../test/kit/calls-house.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { header, type SipText } from '../../test/kit/sip-text.ts';
import { monthOf } from '../accounts/index.ts';
import type { Cdr } from '../conference/index.ts';
import { Limits } from './limits.ts';

type House = Awaited<ReturnType<typeof house>>;

async function invite(at: House, name: string): Promise<SipText> {
  at.peer.request('INVITE', { 'Call-ID': name }, { body: peerSdp() });
  const answer = await at.peer.hear((each) => (each.status ?? 0) >= 200 && header(each, 'call-id') === name);
  if (answer.status === 200) {
    at.peer.request('ACK', { ...inside(answer, '1 ACK'), 'Call-ID': name });
    await at.heardOf('call.answered');
  }
  return answer;
}

async function bye(at: House, name: string, answer: SipText): Promise<void> {
  const before = at.cdrs.length;
  at.peer.request('BYE', { ...inside(answer, '2 BYE'), 'Call-ID': name });
  await at.peer.answer('BYE');
  while (at.cdrs.length === before) await new Promise((resolve) => setImmediate(resolve));
}

test('one leg more than the account may have is 486 in words, with a fact and a record; one that left makes room', async () => {
  const at = await house({ accountLimits: { legs: 2 } });
  const [one] = [await invite(at, 'one'), await invite(at, 'two')];
  const refused = await invite(at, 'three');
  assert.equal(refused.status, 486);
  assert.match(header(refused, 'warning'), /^399 \S+ "the account has as many calls as it may"$/);
  assert.match(header(refused, 'reason'), /^Q\.850;cause=17;/);
  const told = await at.heardOf('call.refused');
  assert.deepEqual(told['refusal'], { code: 'account_legs_in_use', words: 'the account has as many calls as it may' });
  while (at.cdrs.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const [cdr] = at.cdrs;
  assert.deepEqual([cdr?.sipStatus, cdr?.cause, cdr?.reason, cdr?.conference], [486, 17, 'refused', 'c'.repeat(32)]);
  assert.equal(cdr?.id, (told['call'] as { id: string }).id, 'fact and record name the same call');
  assert.equal(at.said.filter(([name]) => name === 'call.arrived').length, 2, 'no room was opened for it');
  await bye(at, 'one', one);
  assert.equal((await invite(at, 'four')).status, 200);
  assert.deepEqual(at.calls.counts().overLimit, { legs: 1, minutes: 0 });
  await Promise.all([at.peer.served('BYE'), at.calls.close()]);
  at.peer.close();
});

test('who was sent away makes room at once, also while his telephone does not answer the BYE', async () => {
  const at = await house({ accountLimits: { legs: 1 } });
  await invite(at, 'one');
  const [call = ''] = [...at.records.keys()];
  at.calls.hangUp(call as never, 'kicked');
  await at.peer.hear(({ method }) => method === 'BYE');
  assert.equal((await invite(at, 'two')).status, 200);
  assert.equal(at.calls.counts().calls, 2);
  await at.calls.close();
  at.peer.close();
});

test('two calls at once cannot both take the last place', async () => {
  const at = await house({ accountLimits: { legs: 1 }, auto: false });
  at.peer.request('INVITE', { 'Call-ID': 'a' }, { body: peerSdp() });
  at.peer.request('INVITE', { 'Call-ID': 'b' }, { body: peerSdp() });
  assert.equal((await at.peer.answer('INVITE')).status, 486);
  assert.equal(at.calls.counts().calls, 1);
  await leave(at);
});

test('used minutes refuse with 403 until the month is over; who is talking goes on, and his time counts already', async () => {
  const clock = new FakeClock();
  const at = await house({ clock, accountLimits: { minutesPerMonth: 2 } });
  const one = await invite(at, 'one');
  clock.advance(60_500);
  await bye(at, 'one', one);
  const two = await invite(at, 'two');
  assert.equal(two.status, 200, '61 s are less than two minutes');
  clock.advance(58_000);
  const three = await invite(at, 'three');
  assert.equal(three.status, 200, '119 s as well');
  await bye(at, 'three', three);
  clock.advance(1_000);
  const refused = await invite(at, 'four');
  assert.equal(refused.status, 403);
  assert.match(header(refused, 'reason'), /^Q\.850;cause=21;text="the account's minutes of this month are used"$/);
  assert.equal((await at.heardOf('call.refused'))['refusal'] !== undefined, true);
  assert.equal(at.calls.counts().calls, 1, 'the second goes on');
  await bye(at, 'two', two);
  assert.equal((await invite(at, 'five')).status, 403);
  clock.advance(32 * 86_400_000);
  assert.equal((await invite(at, 'six')).status, 200);
  assert.deepEqual(at.calls.counts().overLimit, { legs: 0, minutes: 2 });
  await Promise.all([at.peer.served('BYE'), at.calls.close()]);
  at.peer.close();
});

test('a limit of nothing refuses everything; the months are those of UTC', async () => {
  const at = await house({ accountLimits: { legs: 0 } });
  assert.equal((await invite(at, 'one')).status, 486);
  await leave(at);
  for (const [moment, month] of [
    ['2026-11-30T23:59:59.999Z', '2026-11-01T00:00:00Z'],
    ['2026-12-01T00:00:00Z', '2026-12-01T00:00:00Z'],
    ['2028-02-29T12:00:00Z', '2028-02-01T00:00:00Z'],
    ['2027-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ] as const)
    assert.equal(monthOf(Date.parse(moment)), Date.parse(month), moment);
});

test('the history is asked once a minute, however many calls come; what ends meanwhile is added', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const history = { secondsSince: async () => [100, 131][asked++] ?? 0 } as never;
  const limits = new Limits({ clock, history });
  const limited = { ...account, limits: { minutesPerMonth: 10 } };
  assert.equal(await limits.usedSeconds(limited), 100);
  limits.kept({ account: account.id, answeredAt: clock.epoch() - 30_001, endedAt: clock.epoch() } as Cdr);
  limits.kept({ account: account.id, endedAt: clock.epoch() } as Cdr);
  assert.deepEqual([await limits.usedSeconds(limited), asked], [131, 1]);
  clock.advance(60_000);
  assert.deepEqual([await limits.usedSeconds(limited), asked], [131, 2]);
  assert.deepEqual([await limits.usedSeconds(account), asked], [0, 2], 'who has no limit costs nothing');
});
