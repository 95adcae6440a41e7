import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { encoderOf, heard, opusContract, packets } from '../../../test/contract/opus-codec.ts';
import { delay, segmentalSnr } from '../../../test/kit/measure.ts';
import { speech } from '../../../test/kit/speech.ts';
import { type OpusLibrary, takeOpus } from '../../audio/index.ts';
import { OpusDecoder } from '../../audio/opus.ts';
import { openWasmOpus } from '../../audio/opus-wasm.ts';
import { openLibopus } from './libopus.ts';

let opus: OpusLibrary;
before(() => {
  const found = openLibopus();
  opus = found.opus ?? assert.fail(`the libopus of this machine: ${found.reason}; as root: apt-get install -y libopus0`);
  takeOpus(opus);
});

opusContract();

test('it says its version; where there is none it is said why', () => {
  assert.match(opus.name, /^libopus \d/);
  const none = openLibopus('libopus-is-not-here.so');
  assert.ok(none.opus === undefined && none.reason !== '');
});

test('what it writes the one that comes along reads', async () => {
  const wasm = await openWasmOpus();
  const sound = speech({ rate: 48_000, seconds: 2, dbfs: -20 });
  const out = new Int16Array(sound.length);
  const decoder = wasm.openDecoder(48_000);
  const stream = packets(encoderOf({ fec: true }), sound);
  for (const [index, packet] of stream.entries()) {
    wasm.packet.set(packet, wasm.packetAt);
    assert.equal(wasm.decode(decoder, packet.length, 960, 0), 960);
    out.set(wasm.pcm.subarray(wasm.pcmAt, wasm.pcmAt + 960), index * 960);
  }
  const late = delay(sound, out, 960);
  assert.ok(segmentalSnr(sound, out.subarray(late), { frame: 960, silence: -40 }) > 3);
  assert.ok(segmentalSnr(heard(new OpusDecoder(48_000), stream), out, { frame: 960, silence: -40 }) > 30, 'both read it alike');
});

test('a thousand frames leave nothing to be collected', () => {
  const [encoder, decoder] = [encoderOf(), new OpusDecoder(48_000)];
  const [sound, out, packet] = [speech({ rate: 48_000, seconds: 1 }), new Int16Array(960), new Uint8Array(1500)];
  const frames = Array.from({ length: 50 }, (_, n) => sound.subarray(n * 960, (n + 1) * 960));
  const run = (): void => {
    for (let round = 0; round < 20; round++)
      for (const frame of frames) decoder.decode(packet, 0, encoder.encode(frame, 960, packet, 0), out);
  };
  run();
  run();
  const before = process.memoryUsage();
  run();
  const after = process.memoryUsage();
  assert.ok(after.heapUsed - before.heapUsed < 200_000, `${after.heapUsed - before.heapUsed} bytes for 1000 frames`);
  assert.equal(after.arrayBuffers, before.arrayBuffers);
  encoder.close();
  decoder.close();
});
