import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { delay, snr, toneSnr } from '../../test/kit/measure.ts';
import { sine, speech } from '../../test/kit/speech.ts';
import { G722Decoder, G722Encoder } from './g722.ts';
import { L16Encoder } from './l16.ts';

const RATE = 16000;
/** The filters of both sides: 24 taps each way. */
const DELAY = 22;

/** Where the two differ first, −1: nowhere. (A failing deepEqual of so many samples takes minutes.) */
const differsAt = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
  one.length === other.length
    ? Array.prototype.findIndex.call(one, (value, index) => value !== other[index])
    : Math.min(one.length, other.length);

function encoded(encoder: G722Encoder, sound: Int16Array, frame = 320): Uint8Array {
  const out = new Uint8Array(sound.length / 2);
  let at = 0;
  for (let from = 0; from < sound.length; from += frame) {
    const part = sound.subarray(from, from + frame);
    at += encoder.encode(part, part.length, out, at);
  }
  assert.equal(at, out.length);
  return out;
}

function decoded(decoder: G722Decoder, bytes: Uint8Array, frame = 160): Int16Array {
  const sound = new Int16Array(2 * bytes.length);
  for (let at = 0; at < bytes.length; at += frame) {
    const length = Math.min(frame, bytes.length - at);
    assert.equal(decoder.decode(bytes, at, length, sound.subarray(2 * at)), 2 * length);
  }
  return sound;
}

test('20 ms are 160 bytes and 320 samples, RFC 3551 §4.5.2', () => {
  const out = new Uint8Array(200).fill(7);
  assert.equal(new G722Encoder().encode(new Int16Array(320), 320, out, 12), 160);
  assert.deepEqual([...out.subarray(0, 12), ...out.subarray(172)], Array(40).fill(7));
  assert.equal(new G722Decoder().samples(out, 0, 160), 320);
  assert.equal(new G722Decoder().samples(out, 0, 0), 0);
});

test('a tone of the lower and one of the higher band come through', () => {
  for (const [hertz, atLeast] of [
    [1000, 35],
    [300, 30],
    [3000, 25],
    [6000, 12],
  ] as const) {
    const heard = decoded(new G722Decoder(), encoded(new G722Encoder(), sine(hertz, { rate: RATE, seconds: 1, dbfs: -12 })));
    const figure = toneSnr(heard.subarray(RATE / 5), RATE, hertz);
    assert.ok(figure >= atLeast, `${hertz} Hz: ${figure.toFixed(1)} dB`);
  }
});

test('sound comes out of the two filters 22 samples late and at its own level', () => {
  const sound = speech({ rate: RATE, seconds: 3, dbfs: -20 });
  const heard = decoded(new G722Decoder(), encoded(new G722Encoder(), sound));
  assert.equal(delay(sound, heard, 60), DELAY);
  const figure = snr(sound.subarray(0, -DELAY), heard.subarray(DELAY));
  assert.ok(figure > 20, `${figure.toFixed(1)} dB`);
});

test('full scale neither wraps nor breaks: the output is limited to 16 bits', () => {
  const square = Int16Array.from({ length: RATE }, (_, index) => (index % 64 < 32 ? 32767 : -32768));
  const heard = decoded(new G722Decoder(), encoded(new G722Encoder(), square));
  // In the middle of a half-wave the sign is that of the input: a wrapped sample would have the other one.
  for (let start = 3200; start + 64 < heard.length; start += 64) {
    assert.ok(heard[start + DELAY + 16]! > 16000, `${heard[start + DELAY + 16]}`);
    assert.ok(heard[start + DELAY + 48]! < -16000, `${heard[start + DELAY + 48]}`);
  }
});

test('frames of any even length give the same stream', () => {
  const sound = speech({ rate: RATE, seconds: 1 });
  const whole = encoded(new G722Encoder(), sound);
  assert.equal(differsAt(encoded(new G722Encoder(), sound, 160), whole), -1);
  assert.equal(differsAt(encoded(new G722Encoder(), sound, 1920), whole), -1);
  assert.equal(differsAt(decoded(new G722Decoder(), whole, 960), decoded(new G722Decoder(), whole)), -1);
});

test('a stream goes on in another encoder that follows', () => {
  const sound = speech({ rate: RATE, seconds: 2 });
  const [before, after] = [sound.subarray(0, RATE), sound.subarray(RATE)];
  const first = new G722Encoder();
  const start = encoded(first, before);
  const second = new G722Encoder();
  encoded(second, speech({ rate: RATE, seconds: 1, seed: 9, pitch: 200 }));
  const stranger = new G722Encoder();
  stranger.follow(second);
  second.follow(first);
  const decoder = new G722Decoder();
  const uninterrupted = decoded(decoder, Uint8Array.from([...start, ...encoded(first, after)]));
  const followed = decoded(new G722Decoder(), Uint8Array.from([...start, ...encoded(second, after)]));
  assert.equal(differsAt(followed, uninterrupted), -1);
  // Without it one hears the change: here the encoder goes on from the sound of the other stream.
  const apart = decoded(new G722Decoder(), Uint8Array.from([...start, ...encoded(stranger, after)]));
  assert.ok(snr(uninterrupted, apart, RATE, RATE + 160) < 20);
});

test('following copies: the two go their own ways afterwards', () => {
  const sound = speech({ rate: RATE, seconds: 1 });
  const [first, second, twin] = [new G722Encoder(), new G722Encoder(), new G722Encoder()];
  encoded(first, sound);
  encoded(twin, sound);
  second.follow(first);
  encoded(second, sine(700, { rate: RATE, seconds: 1 }));
  assert.equal(differsAt(encoded(first, sound), encoded(twin, sound)), -1);
  assert.throws(() => first.follow(new L16Encoder(RATE)), TypeError);
});

test('after a reset all is as at the beginning', () => {
  const sound = speech({ rate: RATE, seconds: 1 });
  const [encoder, decoder] = [new G722Encoder(), new G722Decoder()];
  const bytes = encoded(encoder, sound);
  const heard = decoded(decoder, bytes);
  encoder.reset();
  decoder.reset();
  assert.equal(differsAt(encoded(encoder, sound), bytes), -1);
  assert.equal(differsAt(decoded(decoder, bytes), heard), -1);
});

test('any bytes are sound of their length, and good sound is good again within 200 ms of them', () => {
  const decoder = new G722Decoder();
  const bytes = encoded(new G722Encoder(), sine(1000, { rate: RATE, seconds: 1, dbfs: -12 }));
  const out = new Int16Array(1920);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1200 }), (noise) => {
      const count = decoder.decode(noise, 0, noise.length, out);
      assert.equal(count, decoder.samples(noise, 0, noise.length));
      assert.equal(count, noise.length > 960 ? 0 : 2 * noise.length);
    }),
    { numRuns: 50 },
  );
  const figure = toneSnr(decoded(decoder, bytes).subarray(3200), RATE, 1000);
  assert.ok(figure > 30, `${figure.toFixed(1)} dB`);
});

test('a payload that does not fit is refused', () => {
  const out = new Int16Array(319).fill(5);
  assert.equal(new G722Decoder().decode(new Uint8Array(160), 0, 160, out), 0);
  assert.ok(out.every((sample) => sample === 5));
});
