import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toneAmplitude } from './tone.ts';
import { readToneStream, type ToneScore } from './tone-score.ts';
import { ToneStream } from './tone-stream.ts';

const ENTRY = 'tone_stream://v=-7;>=2;+=.1;%(300,0,523,659);v=-7;>=3;+=.1;%(800,0,659,783)';

function score(text: string): ToneScore {
  const read = readToneStream(text);
  assert.ok(!('malformed' in read), `${text}: ${JSON.stringify(read)}`);
  return read;
}

function played(text: string, rate = 8000, most = 480_000): Int16Array {
  const out = new Int16Array(most);
  return out.subarray(0, new ToneStream(score(text), rate).fill(out));
}

/** dBm0 of a sine in these samples, G.711's scale. */
const dbm0 = (samples: Int16Array, hertz: number): number => 20 * Math.log10(toneAmplitude(samples, 8000, hertz) / 32_767) + 3.14;
const ms = (samples: Int16Array, from: number, to: number): Int16Array => samples.subarray(from * 8, to * 8);

test('KAZOO’s entry tone: two chords of their lengths that fade away', () => {
  const sound = played(ENTRY);
  assert.equal(sound.length, 1100 * 8);
  for (const hertz of [523, 659]) {
    const [first, last] = [ms(sound, 5, 55), ms(sound, 245, 295)];
    assert.ok(Math.abs(dbm0(first, hertz) - (-7 - 1.5)) < 1.5, `${hertz} Hz begins with ${dbm0(first, hertz)}`);
    assert.ok(Math.abs(dbm0(last, hertz) - (-7 - 13.5)) < 1.5, `${hertz} Hz ends with ${dbm0(last, hertz)}: 0.1 dB in 2 ms`);
  }
  const second = ms(sound, 310, 360);
  assert.ok(dbm0(second, 783) > -10 && dbm0(second, 523) < -25);
});

test('levels, pauses, repeats and rounds are where the text says', () => {
  const one = played('tone_stream://v=-20;%(100,50,1000)');
  assert.equal(one.length, 150 * 8);
  assert.ok(Math.abs(dbm0(ms(one, 10, 90), 1000) + 20) < 0.1);
  assert.ok(ms(one, 100, 150).every((each) => each === 0));
  assert.equal(played('tone_stream://l=3;%(100,50,1000);%(20,0,500);L=2').length, 2 * 3 * (150 + 20) * 8);
  assert.equal(played('tone_stream://%(100,50,1000);loops=4').length, 600 * 8);
  assert.equal(played('tone_stream://l=0;L=0;%(10,0,1000);loops=0').length, 80, 'nought times is once');
  assert.equal(played('tone_stream://d=70;w=30;%(0,0,400)').length, 800, 'what a tone does not say');
  assert.equal(played('tone_stream://d=70;w=30;%(10,20,400)').length, 240, 'what it says itself');
  assert.equal(played('tone_stream://r=8000;c=2;%(10,0,400)').length, 80);
  const rising = played('tone_stream://v=-40;<=10;+=2;%(100,0,1000)');
  assert.ok(Math.abs(dbm0(ms(rising, 90, 97), 1000) - (-40 + 18)) < 1);
  const without = played('tone_stream://v=0;>=10;%(100,0,1000)');
  assert.ok(Math.abs(dbm0(ms(without, 90, 97), 1000) + 9) < 1, 'by 1 dB where the text does not say by how much');
});

test('an endless one goes on, piece by piece, without a step between pieces', () => {
  const whole = played('tone_stream://%(1000,0,440);loops=-1', 8000, 24_000);
  assert.equal(whole.length, 24_000);
  const stream = new ToneStream(score('tone_stream://%(1000,0,440);loops=-1'), 8000);
  const piece = new Int16Array(37);
  for (let at = 0; at + 37 <= 24_000; at += 37) {
    assert.equal(stream.fill(piece), 37);
    assert.deepEqual(piece, whole.subarray(at, at + 37));
  }
});

test('many loud sines together stay within the scale', () => {
  const sound = played('tone_stream://v=0;%(200,0,300,301,302,303)');
  let worst = 0;
  for (let index = 1; index < sound.length; index++) worst = Math.max(worst, Math.abs(sound[index]! - sound[index - 1]!));
  assert.ok(worst < 40_000, `a step of ${worst}: it went over the end of the scale`);
});

test('the rate carries the highest sine', () => {
  assert.deepEqual(
    ['440', '440,3600', '7000', '12000'].map((hertz) => score(`tone_stream://%(10,0,${hertz})`).rate),
    [8000, 8000, 16_000, 48_000],
  );
});

test('what is no tone stream says why and where', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['', 0],
    ['tone://%(1,1,1)', 0],
    ['tone_stream://', 14],
    ['tone_stream://v=-7', 18],
    ['tone_stream://%(100,0,440);', 27],
    ['tone_stream://v=1;%(1,1,1)', 14],
    ['tone_stream://v=-64;%(1,1,1)', 14],
    ['tone_stream://v=-7;%(100,0)', 19],
    ['tone_stream://%(100,0,440', 14],
    ['tone_stream://%(-1,0,440)', 14],
    ['tone_stream://%(1,0,24000)', 14],
    ['tone_stream://1234', 14],
    ['tone_stream://loops=2;%(1,1,1)', 14],
    ['tone_stream://%(0,0,440);loops=-1', 33],
    ['tone_stream://%(999999999999,0,440)', 14],
    [`tone_stream://%(1,1,1)${';w=1'.repeat(2000)}`, 4000],
  ];
  for (const [text, at] of cases) {
    const read = readToneStream(text);
    assert.ok('malformed' in read && read.malformed.length > 5, text.slice(0, 60));
    assert.equal(read.at, at, text.slice(0, 60));
  }
});

test('any text is read or refused, and what is read plays as long as it says', () => {
  const number = fc.integer({ min: 0, max: 40 });
  const item = fc.oneof(
    fc.integer({ min: -63, max: 0 }).map((v) => `v=${v}`),
    fc.tuple(fc.constantFrom('>', '<', 'w', 'd', 'l', 'L', 'r', 'c'), number).map(([key, n]) => `${key}=${n}`),
    fc
      .tuple(number, number, fc.array(fc.integer({ min: 0, max: 23_999 }), { minLength: 1, maxLength: 4 }))
      .map((all) => `%(${all.flat().join(',')})`),
    fc.constantFrom('+=.5', '+=3'),
  );
  fc.assert(
    fc.property(fc.array(item, { maxLength: 8 }), (items) => {
      const read = readToneStream(`tone_stream://${items.join(';')}`);
      if ('malformed' in read)
        return assert.equal(
          items.some((each) => each.startsWith('%')),
          false,
          read.malformed,
        );
      const stream = new ToneStream(read, 8000);
      const out = new Int16Array(8000);
      let count = 0;
      for (let got = stream.fill(out); got > 0 && count < 800_000; got = stream.fill(out)) count += got;
      if (count < 800_000) assert.equal(count, read.ms * 8);
    }),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'tone_stream:/%(),.;=-+<>vwdlLrc0123456789') }),
      (text) => void readToneStream(`tone_stream://${text}`),
    ),
  );
});
