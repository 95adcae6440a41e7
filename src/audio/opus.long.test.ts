import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { encoderOf, heard, opusContract, packetDiffers, packets } from '../../test/contract/opus-codec.ts';
import { goertzel } from '../../test/kit/measure.ts';
import { speech } from '../../test/kit/speech.ts';
import { OpusDecoder, type OpusEncoder } from './opus.ts';
import { takeOpus } from './opus-library.ts';
import { encoderBytes, type OpusModule, openWasmOpus } from './opus-wasm.ts';

let library: OpusModule;
before(async () => {
  const opus = await openWasmOpus();
  takeOpus(opus);
  library = opus.module;
});

opusContract();

test('two channels are mixed into one', () => {
  const stereo = library._oc_create_encoder(48000, 2, 2049, library._malloc(4));
  const [pcm, packet] = [library._malloc(960 * 4), library._malloc(4000)];
  const decoder = new OpusDecoder(48000);
  const out = new Int16Array(48000);
  for (let frame = 0; frame < 50; frame++) {
    for (let n = 0; n < 960; n++) {
      const angle = (2 * Math.PI * (frame * 960 + n)) / 48000;
      library.HEAP16[pcm / 2 + 2 * n] = Math.round(8000 * Math.sin(500 * angle));
      library.HEAP16[pcm / 2 + 2 * n + 1] = Math.round(8000 * Math.sin(1700 * angle));
    }
    const bytes = library._oc_encode(stereo, pcm, 960, packet, 4000);
    assert.equal(decoder.decode(library.HEAPU8, packet, bytes, out.subarray(frame * 960)), 960);
  }
  for (const hertz of [500, 1700]) {
    const amplitude = goertzel(out.subarray(24000), 48000, hertz);
    assert.ok(Math.abs(amplitude / 4000 - 1) < 0.1, `${hertz} Hz: ${amplitude}`);
  }
});

test('an encoder is one block of memory whose length is known: what `follow` relies on in libopus-wasm 0.4.0', () => {
  const error = library._malloc(4);
  const blocks = Array.from({ length: 4 }, (_, index) => library._oc_create_encoder([8000, 16000, 48000][index % 3]!, 1, 2048, error));
  const sizes = new Set(blocks.map((block) => encoderBytes(library, block)));
  assert.equal(sizes.size, 1);
  const [size] = sizes;
  for (const block of blocks) for (const other of blocks) assert.ok(block === other || Math.abs(block - other) >= size!, 'blocks overlap');
  // The allocator's word is what it says: a block of known length has that length, up to the next eight bytes.
  for (const bytes of [100, 5000, 31000]) {
    const known = encoderBytes(library, library._malloc(bytes));
    assert.ok(known >= bytes && known < bytes + 16, `${known} for ${bytes}`);
  }
  for (const block of blocks) library._oc_destroy_encoder(block);
});

test('closing gives the memory back, and a closed codec does nothing', () => {
  const cycle = (): void => {
    const [encoder, decoder] = [encoderOf(), new OpusDecoder(48000)];
    encoder.reset();
    decoder.reset();
    encoder.close();
    decoder.close();
  };
  cycle();
  const size = library.HEAPU8.length;
  for (let round = 0; round < 2000; round++) cycle();
  assert.equal(library.HEAPU8.length, size);
  const [packet] = packets(encoderOf(), new Int16Array(960));
  const [encoder, decoder] = [encoderOf(), new OpusDecoder(48000)];
  for (const each of [encoder, decoder, encoder, decoder]) each.close();
  const out = new Int16Array(960);
  assert.equal(decoder.decode(packet!, 0, packet!.length, out), 0);
  assert.equal(decoder.recover(packet!, 0, packet!.length, 960, out), 0);
  assert.ok(!decoder.conceal(out, 960));
  assert.throws(() => encoder.encode(out, 960, new Uint8Array(100), 0), RangeError);
});

test('many codecs at once: the memory grows under those that are open, and they go on', () => {
  const sound = speech({ rate: 16000, seconds: 0.4, pauseMs: 0 });
  const [encoder, twin] = [encoderOf({ rate: 16000 }), encoderOf({ rate: 16000 })];
  const start = packets(encoder, sound);
  assert.equal(packetDiffers(packets(twin, sound), start), -1);
  const size = library.HEAPU8.length;
  const crowd: OpusEncoder[] = [];
  while (library.HEAPU8.length === size) crowd.push(encoderOf({ rate: 16000 }));
  const decoder = new OpusDecoder(16000);
  assert.equal(heard(decoder, packets(encoder, sound)).length, sound.length);
  const third = crowd.at(-1)!;
  third.follow(encoder);
  packets(twin, sound);
  assert.equal(packetDiffers(packets(third, sound), packets(twin, sound)), -1);
  for (const each of crowd) each.close();
});
