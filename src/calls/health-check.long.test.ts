import assert from 'node:assert/strict';
import { test } from 'node:test';
import { house, inside } from '../../test/kit/calls-house.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { answerTo, header, type SipText } from '../../test/kit/sip-text.ts';
import type { LegId } from '../conference/index.ts';

const isOptions = ({ method }: SipText): boolean => method === 'OPTIONS';

/** A call that is up, and an engine that tells what a test says. */
async function up() {
  const clock = new FakeClock();
  const at = await house({ clock });
  at.peer.request('INVITE', {}, { body: peerSdp() });
  const answer = await at.peer.answer('INVITE');
  at.peer.request('ACK', inside(answer, '1 ACK'));
  const { call } = await at.heardOf('call.answered');
  const leg = call as LegId;
  return {
    ...at,
    answer,
    clock,
    quiet: (silentMs: number) => at.calls.engineEvent({ type: 'media-quiet', leg, silentMs }),
    /** Everything that the peer said until now was taken. */
    heeded: async () => {
      at.peer.request('OPTIONS', { 'Call-ID': 'heeded' });
      await at.peer.answer('OPTIONS');
    },
    stop: async () => {
      const closed = at.calls.close();
      clock.advance(1_500);
      await closed;
      at.peer.close();
      assert.equal(clock.armed, 0);
    },
  };
}

test('who is silent is asked in his dialog, by a request of its own number each time; who answers stays', async () => {
  const at = await up();
  for (let n = 1; n <= 3; n++) {
    at.quiet(2000 * n);
    const asked = await at.peer.hear(isOptions);
    assert.match(header(asked, 'to'), /tag=peer/);
    assert.match(header(asked, 'from'), /;tag=/);
    assert.deepEqual([header(asked, 'cseq'), header(asked, 'call-id')], [`${n} OPTIONS`, `call-${at.peer.port}`]);
    at.peer.say(answerTo(asked, n === 2 ? '486 Busy Here' : '200 OK', { toTag: 'peer' }));
    await at.heeded();
    at.clock.advance(2000);
  }
  assert.equal(at.calls.counts().calls, 1);
  await at.stop();
});

test('who does not answer is hung up when the silence lasts, before 5 s; the question is repeated over UDP until then', async () => {
  const at = await up();
  at.clock.advance(2240);
  at.quiet(2240);
  await at.peer.hear(isOptions);
  for (const wait of [500, 1000]) {
    at.clock.advance(wait);
    await at.peer.hear(isOptions);
  }
  at.clock.advance(420);
  at.quiet(4160);
  const bye = await at.peer.hear(({ method }) => method === 'BYE');
  assert.match(header(bye, 'reason'), /No media/);
  assert.equal((await at.heardOf('call.ended'))['reason'], 'media-lost');
  at.peer.say(answerTo(bye, '200 OK', { toTag: 'peer' }));
  await at.heeded();
  // Nobody is asked who is gone, and the question's own end changes nothing.
  at.quiet(6000);
  at.clock.advance(32_000);
  assert.deepEqual(at.calls.counts().failures, { 'media-lost': 1 });
  await at.stop();
});

test('who knows no such call any more (481) is gone at once', async () => {
  const at = await up();
  at.quiet(2000);
  at.peer.say(answerTo(await at.peer.hear(isOptions), '481 Call/Transaction Does Not Exist', { toTag: 'peer' }));
  assert.equal((await at.heardOf('call.ended'))['reason'], 'media-lost');
  at.peer.say(answerTo(await at.peer.hear(({ method }) => method === 'BYE'), '481 Gone', { toTag: 'peer' }));
  await at.stop();
});

test('who holds is not asked, and is again when he is back', async () => {
  const at = await up();
  const reinvite = async (sequence: number, direction: string): Promise<void> => {
    at.peer.request('INVITE', inside(at.answer, `${sequence} INVITE`), { body: peerSdp(`a=${direction}`) });
    at.peer.request('ACK', inside(await at.peer.answer('INVITE'), `${sequence} ACK`));
    await at.heeded();
  };
  await reinvite(2, 'sendonly');
  at.quiet(2000);
  at.quiet(4000);
  await at.heeded();
  assert.ok(!at.peer.heard.some(isOptions));
  await reinvite(3, 'sendrecv');
  at.quiet(2000);
  at.peer.say(answerTo(await at.peer.hear(isOptions), '200 OK', { toTag: 'peer' }));
  await at.heeded();
  await at.stop();
});
