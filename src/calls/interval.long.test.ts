import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialled, house, inside, leave } from '../../test/kit/calls-house.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';

const withLine = (line: string): string => `${peerSdp().trimEnd()}\r\n${line}\r\n`;

/** What we say and send to somebody who offers this, in a conference with this interval. */
async function agreed(interval: number | undefined, offer: string): Promise<{ said: string | undefined; sent: number | undefined }> {
  const at = await house(interval === undefined ? {} : { interval });
  const answer = await dialled(at, offer);
  at.peer.request('ACK', inside(answer, '1 ACK'), offer === '' ? { body: withLine('a=ptime:20') } : {});
  await at.heardOf('call.answered');
  at.peer.request('BYE', inside(answer, '2 BYE'));
  await at.peer.answer('BYE');
  await leave(at);
  return { said: /a=ptime:(\d+)/.exec(answer.body)?.[1], sent: at.changes.at(-1)?.codec?.ptime };
}

test("a conference's interval is offered and sent, whatever the far end likes, within its maxptime", async () => {
  assert.deepEqual(await agreed(40, withLine('a=ptime:20')), { said: '40', sent: 40 });
  assert.deepEqual(await agreed(40, withLine('a=maxptime:30')), { said: '30', sent: 30 });
  assert.deepEqual(await agreed(60, ''), { said: '60', sent: 60 });
});

test('without one the far end has what it likes', async () => {
  assert.deepEqual(await agreed(undefined, withLine('a=ptime:30')), { said: '30', sent: 30 });
  assert.deepEqual(await agreed(undefined, peerSdp()), { said: '20', sent: 20 });
});
