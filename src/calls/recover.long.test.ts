import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, dialled, house, inside } from '../../test/kit/calls-house.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { answerTo, header } from '../../test/kit/sip-text.ts';
import { Failure } from '../base/index.ts';
import type { CallId, CallRecord, ConferenceId, LegId } from '../conference/index.ts';

type House = Awaited<ReturnType<typeof house>>;

/** The record of a call that was up when its server died. */
async function crashed(at: House): Promise<CallRecord> {
  const answer = await dialled(at);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  await turns();
  const [record] = [...at.records.values()];
  assert.ok(record);
  const kept = structuredClone(record);
  const closed = at.calls.close();
  await at.peer.served('BYE');
  await closed;
  await at.heardOf('call.ended');
  at.records.set(kept.id, kept);
  return kept;
}

/** Lets everything happen that waits for nothing. */
async function turns(count = 50): Promise<void> {
  for (let left = count; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
}

test('BYE from the stored dialog, the end with reason restart; the record goes when the BYE was answered', async () => {
  const at = await house();
  const kept = await crashed(at);
  assert.match(String((kept.dialog as { description?: string }).description), /^v=0\r\n/, 'what the far end has of us is stored');
  const again = await at.open();
  await again.recover();
  assert.equal((await at.heardOf('call.ended'))['reason'], 'restart');
  const bye = await at.peer.hear(({ method }) => method === 'BYE');
  assert.equal(header(bye, 'call-id'), `call-${at.peer.port}`);
  assert.match(header(bye, 'to'), /tag=peer/);
  assert.match(header(bye, 'reason'), /text="Restart"/);
  assert.equal(at.records.size, 1, 'a second crash would say it again');
  at.peer.moved(again.address);
  at.peer.say(answerTo(bye, '200 OK', { toTag: 'peer' }));
  await again.close();
  assert.equal(at.records.size, 0);
  at.peer.close();
});

test('an end that cannot be stored is told again before the start goes on; a BYE that nobody answers ends with its transaction', async () => {
  const clock = new FakeClock();
  let vain = 0;
  const at = await house({ clock, refuse: (name) => (name === 'call.ended' && vain-- > 0 ? new Error('disk full') : undefined) });
  await crashed(at);
  vain = 2;
  const again = await at.open();
  let recovered = false;
  const recovering = again.recover().then(() => {
    recovered = true;
  });
  for (const wait of [100, 200]) {
    await at.heardOf('call.ended');
    await turns();
    assert.equal(recovered, false);
    clock.advance(wait);
  }
  await recovering;
  assert.equal((await at.heardOf('call.ended'))['reason'], 'restart');
  clock.advance(31_600);
  await turns();
  assert.equal(at.records.size, 1);
  clock.advance(200);
  await turns();
  assert.equal(at.records.size, 0, 'after 32 s nobody waits for the answer (timer F)');
  await again.close();
  at.peer.close();
  assert.equal(clock.armed, 0);
});

test('what the domain knows no more is settled; a stop before the end was told leaves the record to the next start', async () => {
  const gone = await house({ refuse: () => undefined });
  const kept = await crashed(gone);
  for (const [error, left] of [
    [new Failure('not-found', 'conference_not_found', 'no such conference'), 0],
    [new Failure('unavailable', 'closed', 'the store is closed'), 1],
  ] as const) {
    const at = await house({ refuse: (name) => (name === 'call.ended' ? error : undefined) });
    at.records.set(kept.id, kept);
    const recovering = at.calls.recover();
    gone.peer.moved(at.calls.address);
    await gone.peer.served('BYE');
    await at.heardOf('call.ended');
    await at.calls.close();
    await recovering;
    assert.equal(at.records.size, left);
    at.peer.close();
  }
  gone.peer.close();
});

test('many calls are ended a bounded number at a time, and one broken record holds up no other', async () => {
  const clock = new FakeClock();
  let telling = 0;
  let most = 0;
  const at = await house({
    clock,
    told: async () => {
      telling += 1;
      most = Math.max(most, telling);
      await turns(2);
      telling -= 1;
    },
  });
  const kept = await crashed(at);
  at.records.clear();
  for (let n = 0; n < 300; n++) {
    const id = `call-${n}` as CallId;
    at.records.set(id, { ...kept, id, dialog: n === 7 ? 'torn' : kept.dialog });
  }
  const again = await at.open();
  most = 0;
  await again.recover();
  assert.equal(at.said.filter(([name]) => name === 'call.ended').length, 300);
  assert.ok(most > 1 && most <= 20, `${most} ends were told at once`);
  await turns();
  assert.equal(at.records.size, 299, 'the torn one has nobody to say BYE to');
  clock.advance(32_000);
  await turns(200);
  assert.equal(at.records.size, 99, 'so many wait for an answer at once');
  clock.advance(32_000);
  await turns(200);
  assert.equal(at.records.size, 0);
  await again.close();
  at.peer.close();
  assert.equal(clock.armed, 0);
});

test('what rang when the server died is cancelled at the next start, ends with reason restart, and leaves a record of 487', async () => {
  const at = await house();
  const id = '7'.repeat(32) as CallId;
  const uri = `sip:bob@${at.peer.address}:${at.peer.port}`;
  at.calls.dial({
    account: account.id,
    place: 'c'.repeat(32) as ConferenceId,
    call: { id, leg: id as string as LegId, sipCallId: 'rings', direction: 'outbound', callerName: '', callerNumber: '', channelVars: {} },
    target: { dialled: uri, ways: [{ by: 'uri', uri }] },
  });
  const invite = await at.peer.hear(({ method }) => method === 'INVITE');
  at.peer.say(answerTo(invite, '180 Ringing', { toTag: 'peer' }));
  await turns();
  const kept = structuredClone(at.records.get(id));
  assert.ok(kept);
  at.calls.hangUp(id, 'kicked');
  const first = await at.peer.hear(({ method }) => method === 'CANCEL');
  at.peer.say(answerTo(first, '200 OK', { toTag: 'peer' }));
  at.peer.say(answerTo(invite, '487 Request Terminated', { toTag: 'peer' }));
  await at.heardOf('call.ended');
  await at.calls.close();
  // As if none of this had been: the record is what a crash leaves.
  at.records.clear();
  at.records.set(id, kept);
  at.cdrs.length = 0;
  const again = await at.open();
  at.peer.moved(again.address);
  await again.recover();
  const { call, reason } = await at.heardOf('call.ended');
  assert.deepEqual([call, reason], [id, 'restart']);
  const cancel = await at.peer.hear(({ method }) => method === 'CANCEL');
  assert.equal(header(cancel, 'via'), header(invite, 'via'), 'it names the INVITE that rang');
  at.peer.say(answerTo(cancel, '200 OK', { toTag: 'peer' }));
  await again.close();
  assert.deepEqual(
    at.cdrs.map(({ direction, sipStatus, answeredAt }) => [direction, sipStatus, answeredAt]),
    [['outbound', 487, undefined]],
  );
  assert.equal(at.records.size, 0);
  at.peer.close();
});
