import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialled, house, inside, leave } from '../../test/kit/calls-house.ts';
import type { Log } from '../base/index.ts';
import type { LegMetrics } from '../media/index.ts';

const heard: LegMetrics = {
  codec: 'PCMU',
  packetsIn: 500,
  packetsOut: 501,
  lost: 5,
  recovered: 0,
  late: 1,
  concealed: 6,
  jitter: 1.23456,
  roundTrip: null,
  bufferMs: 12.3456,
  bursts: 0,
  burstMs: 0,
  burstDensity: 0,
  gapMs: 10_000,
  gapDensity: 0.01,
  rFactor: 88.888,
  mosLq: 4.2999,
  mosCq: 4.2888,
  lastPacketMs: 20,
  lastSoundMs: 1340,
};

/** One call that comes, is answered and hangs up; gives the info lines of that kind. */
async function lines(said: LegMetrics): Promise<object[]> {
  const found: object[] = [];
  const info = (message: string, fields: object = {}): void => void (message === 'call quality' && found.push(fields));
  const log: Log = { debug() {}, info, warn() {}, error() {}, with: () => log };
  const at = await house({ log, heard: said });
  const answer = await dialled(at);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  at.peer.request('BYE', inside(answer, '2 BYE'));
  await at.peer.answer('BYE');
  await at.heardOf('call.ended');
  await leave(at);
  return found;
}

test('how a call sounded is one line when it ends', async () => {
  assert.deepEqual(await lines(heard), [{ ...heard, jitter: 1.23, bufferMs: 12.35, rFactor: 88.89, mosLq: 4.3, mosCq: 4.29 }]);
});

test('a call from which nothing came has no line: that was told while it was up', async () => {
  assert.deepEqual(await lines({ ...heard, packetsIn: 0, rFactor: null, mosLq: null, mosCq: null }), []);
});
