import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixture, wavOf } from '../../test/kit/sound-files.ts';
import { encodeAlaw, encodeUlaw, toneAmplitude } from '../audio/index.ts';
import { Failure } from '../base/index.ts';
import { ByteStream } from './byte-stream.ts';
import { openSound } from './open-sound.ts';

interface Heard {
  readonly rate: number;
  readonly samples: Int16Array;
  /** What was wrong, after what was heard. */
  readonly words?: string;
}

/** All of it, read in pieces of so many bytes. */
async function heard(bytes: Uint8Array, piece = 1000): Promise<Heard> {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.slice(at, at + piece);
  };
  const all: number[] = [];
  let rate = 0;
  try {
    const source = await openSound(new ByteStream(pieces()));
    try {
      for (let sound = await source.next(); sound !== undefined; sound = await source.next()) {
        rate = source.rate;
        assert.ok(sound.length <= rate, `${sound.length} samples at once`);
        for (const each of sound) all.push(each);
      }
    } finally {
      source.close();
      source.close();
    }
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.code, 'media_unplayable');
    return { rate, samples: Int16Array.from(all), words: error.message };
  }
  return { rate, samples: Int16Array.from(all) };
}

const tone = (rate: number, seconds = 1): number[] =>
  Array.from({ length: rate * seconds }, (_, n) => 0.35 * Math.sin((2 * Math.PI * 440 * n) / rate));

/** How each width is written. */
const WRITERS: Readonly<Record<string, { code: number; bits: number; put: (view: DataView, at: number, value: number) => void }>> = {
  '8 bit': { code: 1, bits: 8, put: (view, at, value) => view.setUint8(at, Math.round(value * 127) + 128) },
  '16 bit': { code: 1, bits: 16, put: (view, at, value) => view.setInt16(at, Math.round(value * 32_767), true) },
  '24 bit': {
    code: 1,
    bits: 24,
    put: (view, at, value) => {
      const whole = Math.round(value * 8_388_607);
      view.setUint8(at, whole & 255);
      view.setInt16(at + 1, whole >> 8, true);
    },
  },
  '32 bit': { code: 1, bits: 32, put: (view, at, value) => view.setInt32(at, Math.round(value * 2_147_483_647), true) },
  float: { code: 3, bits: 32, put: (view, at, value) => view.setFloat32(at, value, true) },
  double: { code: 3, bits: 64, put: (view, at, value) => view.setFloat64(at, value, true) },
  'A-law': { code: 6, bits: 8, put: (view, at, value) => law(encodeAlaw, view, at, value) },
  'µ-law': { code: 7, bits: 8, put: (view, at, value) => law(encodeUlaw, view, at, value) },
};

function law(encode: typeof encodeAlaw, view: DataView, at: number, value: number): void {
  const out = new Uint8Array(1);
  encode(Int16Array.of(Math.round(value * 32_767)), 1, out, 0);
  view.setUint8(at, out[0]!);
}

for (const [name, { code, bits, put }] of Object.entries(WRITERS)) {
  test(`WAV of ${name} is heard at 8, 16, 44.1 and 48 kHz, mono and stereo`, async () => {
    for (const rate of [8000, 16_000, 44_100, 48_000]) {
      for (const channels of [1, 2]) {
        const { samples, rate: said, words } = await heard(wavOf({ rate, channels, code, bits, put, values: tone(rate) }));
        assert.equal(words, undefined);
        assert.deepEqual([said, samples.length], [rate, rate]);
        const level = toneAmplitude(samples, rate, 440) / (0.35 * 32_767);
        assert.ok(Math.abs(level - 1) < 0.02, `${rate} Hz, ${channels}: ${level}`);
      }
    }
  });
}

for (const [name, rate, length] of [
  ['tone-44100-stereo.mp3', 44_100, 44_100],
  ['tone-16000-vbr.mp3', 16_000, 16_000],
  ['tone.opus', 48_000, 48_000],
  ['tone-stereo-60.opus', 48_000, 48_000],
] as const) {
  test(`${name} is heard whole, in whatever pieces it comes`, async () => {
    const whole = await heard(fixture(name), 100_000);
    assert.equal(whole.words, undefined);
    assert.equal(whole.rate, rate);
    // MP3 does not say to the sample how long it is; Opus does.
    assert.ok(Math.abs(whole.samples.length - length) <= (name.endsWith('mp3') ? 1152 : 0), `${whole.samples.length} samples`);
    const middle = whole.samples.subarray(rate / 4, (3 * rate) / 4);
    const level = 20 * Math.log10(toneAmplitude(middle, rate, 440) / (32_767 * 0.5));
    assert.ok(Math.abs(level) < 1, `${level} dB beside what was encoded`);
    assert.deepEqual((await heard(fixture(name), 77)).samples, whole.samples);
  });
}

test('two Opus streams behind each other are one sound', async () => {
  const one = fixture('tone.opus');
  const { samples, words } = await heard(Buffer.concat([one, one]));
  assert.equal(words, undefined);
  assert.equal(samples.length, 96_000);
});

test('a broken page of Ogg is left out, and what is behind it is heard', async () => {
  const one = fixture('tone.opus');
  const file = Buffer.concat([one, one, one]);
  file[one.length + one.length - 500]! ^= 1;
  const { samples, words } = await heard(file);
  assert.equal(words, undefined);
  assert.ok(samples.length < 100_000, `${samples.length} samples`);
  assert.deepEqual(samples.slice(-48_000), (await heard(one)).samples);
});

test('a WAV file that did not know its length is heard to its end; one that breaks off says so after what it has', async () => {
  const { code, bits, put } = WRITERS['16 bit']!;
  const file = wavOf({ rate: 8000, channels: 1, code, bits, put, values: tone(8000) });
  for (const length of [0, 0xffff_ffff]) {
    const streamed = file.slice();
    new DataView(streamed.buffer).setUint32(40, length, true);
    assert.deepEqual([(await heard(streamed)).samples.length, (await heard(streamed)).words], [8000, undefined]);
  }
  const torn = await heard(file.subarray(0, file.length / 2));
  assert.equal(torn.samples.length, (file.length / 2 - 44) / 2);
  assert.match(torn.words ?? '', /cut off/);
});

test('a sound of one sample, or of one frame, is a sound', async () => {
  const { code, bits, put } = WRITERS['16 bit']!;
  assert.equal((await heard(wavOf({ rate: 8000, channels: 1, code, bits, put, values: [0.5] }))).samples.length, 1);
  assert.equal((await heard(wavOf({ rate: 8000, channels: 1, code, bits, put, values: tone(8000, 0.02) }))).samples.length, 160);
  const mp3 = fixture('tone-44100-stereo.mp3');
  const frames = await heard(mp3.subarray(0, 2 * 209));
  assert.ok(frames.samples.length > 0 || frames.words !== undefined);
});

test('what is no sound is called by its name', async () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const { code, bits, put } = WRITERS['16 bit']!;
  const wav = wavOf({ rate: 8000, channels: 1, code, bits, put, values: tone(8000, 0.1) });
  const strange = wav.slice();
  strange[20] = 85;
  const slow = wav.slice();
  new DataView(slow.buffer).setUint32(24, 3, true);
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(0), /it is empty/],
    [text('<!DOCTYPE html><html>'), /it is text/],
    [text('{"error": "no"}'), /it is text/],
    [text('fLaC and more'), /FLAC/],
    [text('....ftypM4A '), /MP4/],
    [text('RIFF....WAVE'), /has no sound/],
    [wav.subarray(0, 30), /ends in its header/],
    [wav.subarray(0, 44), /cut off/],
    [strange, /format 85/],
    [slow, /rate is 3 Hz/],
    [fixture('tone.vorbis.ogg'), /Ogg Vorbis/],
    [fixture('tone.opus').subarray(0, 40), /no Opus/],
    [fixture('tone-44100-stereo.mp3').subarray(0, 100), /unknown kind|no sound/],
    [readFileSync(new URL(import.meta.url)), /unknown kind/],
    [new Uint8Array(5000).fill(255), /unknown kind/],
  ];
  for (const [bytes, words] of cases) {
    const { samples, words: said } = await heard(bytes);
    assert.equal(samples.length, 0);
    assert.match(said ?? 'nothing was wrong', words);
  }
});

const CUT = { numRuns: 60 };
for (const name of ['tone-44100-stereo.mp3', 'tone-16000-vbr.mp3', 'tone.opus', 'tone-stereo-60.opus', 'wav']) {
  test(`${name}, cut off and spoilt anywhere, is heard or refused, and is soon over`, async () => {
    const { code, bits, put } = WRITERS['24 bit']!;
    const good = name === 'wav' ? wavOf({ rate: 8000, channels: 2, code, bits, put, values: tone(8000, 0.2) }) : fixture(name);
    const place = fc.integer({ min: 0, max: good.length - 1 });
    await fc.assert(
      fc.asyncProperty(place, fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { maxLength: 40 }), async (end, spoils) => {
        const bytes = good.slice(0, spoils.length % 2 === 0 ? good.length : end);
        for (const [at, value] of spoils) if (at < bytes.length) bytes[at] = value;
        const { samples, rate } = await heard(bytes);
        assert.ok(samples.length <= Math.max(rate, 48_000) * 40, `${samples.length} samples`);
      }),
      CUT,
    );
  });
}

test('any bytes behind any beginning are heard or refused', async () => {
  const heads = ['', 'RIFF....WAVEfmt ', 'RIFF\0\0\0\0WAVEdata', 'OggS\0\x02', 'ID3\x04\0\0\0\0\0\x10', '\xff\xfb\x90\x64'];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 3000 }), async (head, rest) => {
      await heard(Buffer.concat([Buffer.from(head, 'latin1'), rest]));
    }),
    { numRuns: 200 },
  );
});
