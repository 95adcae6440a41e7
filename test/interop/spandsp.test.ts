/** Our G.722 against that of spandsp (Debian: libspandsp2), bit for bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import koffi from 'koffi';
import { isStateful, openDecoder, openEncoder } from '../../src/audio/index.ts';
import { needs } from '../kit/programs.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { sine, speech } from '../kit/speech.ts';

const G722 = { name: 'G722', rate: 16000, clockRate: 8000 } as const;
const FRAME = 320;

type State = bigint;
interface Spandsp {
  readonly encoder: () => State;
  readonly encode: (state: State, out: Uint8Array, samples: Int16Array, count: number) => number;
  readonly decoder: () => State;
  readonly decode: (state: State, out: Int16Array, bytes: Uint8Array, length: number) => number;
}

function open(): Spandsp {
  const library = koffi.load(needs('libspandsp.so.2'));
  const [encoder, decoder] = ['encode', 'decode'].map((what) =>
    library.func(`void *g722_${what}_init(void *state, int rate, int options)`),
  );
  return {
    encoder: () => encoder!(null, 64000, 0),
    decoder: () => decoder!(null, 64000, 0),
    encode: library.func('int g722_encode(void *state, _Out_ uint8_t *out, const int16_t *samples, int count)'),
    decode: library.func('int g722_decode(void *state, _Out_ int16_t *out, const uint8_t *bytes, int length)'),
  };
}

const spandsp = open();

const chance = new SeededChance(3);
const second = 16000;
const random = (peak: number): Int16Array => Int16Array.from({ length: second }, () => Math.round((2 * chance.next() - 1) * peak));

/** From whisper to overload, tones, noise, speech, the hardest edges. */
const SOUNDS: Readonly<Record<string, Int16Array>> = {
  silence: new Int16Array(second),
  'a whisper': random(3),
  noise: random(8000),
  'full scale noise': random(32767),
  speech: speech({ rate: 16000, seconds: 5, dbfs: -20 }),
  'loud speech': speech({ rate: 16000, seconds: 3, dbfs: -8 }),
  '1 kHz': sine(1000, { rate: 16000, seconds: 1, dbfs: -6 }),
  '7 kHz': sine(7000, { rate: 16000, seconds: 1, dbfs: -6 }),
  steps: Int16Array.from({ length: second }, () => (chance.next() < 0.5 ? -32768 : 32767)),
};

test('the encoder gives the very bytes of spandsp', () => {
  assert.ok(isStateful('G722'));
  const [ours, theirs] = [openEncoder(G722), spandsp.encoder()];
  for (const [name, sound] of Object.entries(SOUNDS)) {
    for (let at = 0; at < sound.length; at += FRAME) {
      const frame = sound.slice(at, at + FRAME);
      const [got, expected] = [new Uint8Array(FRAME / 2), new Uint8Array(FRAME / 2)];
      assert.equal(ours.encode(frame, FRAME, got, 0), spandsp.encode(theirs, expected, frame, FRAME));
      assert.deepEqual(got, expected, `${name}, sample ${at}`);
    }
  }
});

test('the decoder gives the very samples of spandsp, but that overload is limited where spandsp wraps', () => {
  const [encoder, ours, theirs] = [openEncoder(G722), openDecoder(G722), spandsp.decoder()];
  const bytes = new Uint8Array(FRAME / 2);
  let wrapped = 0;
  let samples = 0;
  const compare = (name: string): void => {
    const [got, expected] = [new Int16Array(FRAME), new Int16Array(FRAME)];
    assert.equal(ours.decode(bytes, 0, bytes.length, got), spandsp.decode(theirs, expected, bytes, bytes.length));
    got.forEach((sample, index) => {
      samples++;
      if (sample === expected[index]) return;
      // Only at the rail, and only from the other side of it.
      wrapped++;
      assert.ok(sample === (expected[index]! < 0 ? 32767 : -32768), `${name}: ${sample}, not ${expected[index]}`);
    });
  };
  for (const [name, sound] of Object.entries(SOUNDS)) {
    for (let at = 0; at < sound.length; at += FRAME) {
      encoder.encode(sound.subarray(at, at + FRAME), FRAME, bytes, 0);
      compare(name);
    }
  }
  for (let frame = 0; frame < 200; frame++) {
    bytes.set(chance.bytes(bytes.length));
    compare('any bytes');
  }
  assert.ok(wrapped < samples / 50, `${wrapped} of ${samples} wrapped`);
});
