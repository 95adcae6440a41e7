import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { tone } from '../../../test/kit/sound.ts';
import { loadCodecs, openEncoder } from '../../audio/index.ts';
import { RtpView, SOLID, writeHeader } from '../../rtp/index.ts';
import { HEARD, openReception } from './reception.ts';

const OPUS = { name: 'opus', rate: 48_000, clockRate: 48_000 } as const;
const FRAME = 960;
const HEADER = 12;

before(() => loadCodecs());

/** A second and a half of a loud tone, whose sender says of each packet how loud it is, -dBov; how many of its last 40 frames are heard as loud. */
function loudFrames(levelOf: (n: number) => number): number {
  const encoder = openEncoder(OPUS);
  const reception = openReception(OPUS);
  const packet = Buffer.alloc(1500);
  const view = new RtpView();
  const out = new Int16Array(FRAME);
  let loud = 0;
  for (let n = 0; n < 75; n++) {
    writeHeader(packet, 0, { payloadType: 111, marker: n === 0, sequence: n, timestamp: n * FRAME, ssrc: 1 });
    const length = encoder.encode(tone(1000 / 6, { from: n * FRAME, length: FRAME }), FRAME, packet, HEADER);
    assert.ok(view.read(packet, 0, HEADER + length));
    reception.hear(view, packet, n * 20, levelOf(n));
    if (reception.step(out, n * 20) === SOLID) reception.jitter.read(out, FRAME);
    if (n >= 35 && Math.max(...out) > 2000) loud += 1;
  }
  reception.close();
  return loud;
}

test('what its sender calls silent for long is silence, but for a look now and then (RFC 6464)', () => {
  assert.ok(loudFrames(() => 127) <= 4);
});

test('what its sender calls loud, or is heard already, is decoded', () => {
  for (const level of [10, HEARD]) assert.ok(loudFrames(() => level) >= 38, `level ${level}`);
});

test('the first packet that is called loud again is heard', () => {
  assert.ok(loudFrames((n) => (n < 50 ? 127 : 10)) >= 18);
});
