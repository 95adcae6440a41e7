/** The prompts that are shipped: all there, all to be understood by the decoder, all as loud as each other, all different. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { loadCodecs } from '../../src/audio/index.ts';
import { PROMPT_LANGUAGES, PROMPT_NAMES } from '../../src/conference/index.ts';
import { ByteStream } from '../../src/playing/byte-stream.ts';
import { openSound } from '../../src/playing/open-sound.ts';
import { likeness, printOf } from '../kit/prompt-print.ts';

const root = join(import.meta.dirname, '../../prompts');
/** Bytes of everything that is shipped. */
const MOST_BYTES = 14_000_000;
const FULL = 32_768;

type Texts = Readonly<Record<string, string | { readonly text: string; readonly say: string }>>;
const textsOf = (language: string): Texts => JSON.parse(readFileSync(join(root, 'texts', `${language}.json`), 'utf8'));
const spoken = (text: Texts[string] | undefined): string => (typeof text === 'string' ? text : (text?.text ?? ''));

interface Heard {
  readonly rate: number;
  readonly samples: Int16Array;
}

async function decoded(path: string): Promise<Heard> {
  const source = await openSound(ByteStream.of(readFileSync(path)));
  const pieces: Int16Array[] = [];
  for (let piece = await source.next(); piece !== undefined; piece = await source.next()) pieces.push(Int16Array.from(piece));
  const samples = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return { rate: source.rate, samples };
}

/** dBFS of the effective value of the stretches of 20 ms that are at most 15 dB below the loudest. */
function loudness({ rate, samples }: Heard): number {
  const length = rate / 50;
  const powers: number[] = [];
  for (let at = 0; at + length <= samples.length; at += length) {
    let sum = 0;
    for (let index = at; index < at + length; index++) sum += samples[index]! ** 2;
    powers.push(sum / length);
  }
  const edge = Math.max(...powers) * 10 ** -1.5;
  const heard = powers.filter((each) => each > edge);
  return 10 * Math.log10(heard.reduce((sum, each) => sum + each, 0) / heard.length / FULL ** 2);
}

/** Longest stretch of silence within, seconds. */
function gap({ rate, samples }: Heard): number {
  let [longest, silent] = [0, 0];
  for (const each of samples) {
    silent = Math.abs(each) < 60 ? silent + 1 : 0;
    longest = Math.max(longest, silent);
  }
  return longest / rate;
}

before(loadCodecs);

for (const language of PROMPT_LANGUAGES) {
  describe(language, () => {
    const texts = textsOf(language);
    const names = Object.keys(texts);

    test('every prompt has a text and a file, and there is no other file', () => {
      assert.deepEqual(
        PROMPT_NAMES.filter((each) => spoken(texts[each]).trim() === ''),
        [],
      );
      assert.deepEqual(readdirSync(join(root, language)).sort(), names.map((each) => `${each}.opus`).sort());
    });

    test('every one can be decoded, is neither silent nor clipped, as loud as all others, and as long as its text', async () => {
      const wrong: string[] = [];
      for (const name of names) {
        const heard = await decoded(join(root, language, `${name}.opus`));
        const seconds = heard.samples.length / heard.rate;
        const level = loudness(heard);
        const peak = heard.samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
        const letters = spoken(texts[name]).replace(/[\u064b-\u0652\s]/g, '').length;
        // Hanzi and kanji are whole syllables.
        const perLetter = /^(zh|ja)/.test(language) ? [0.06, 0.55] : [0.02, 0.2];
        const [least = 0, most = 0] = perLetter.map((each) => each * letters);
        const say = (what: string): void => void wrong.push(`${name}: ${what}`);
        if (!(level > -26 && level < -21)) say(`${level.toFixed(1)} dBFS`);
        if (peak > 32_000) say(`its peak is ${peak}`);
        if (seconds < Math.max(0.15, least) || seconds > 0.8 + most) say(`${seconds.toFixed(2)} s for ${letters} letters`);
        if (gap(heard) > 1) say(`${gap(heard).toFixed(2)} s of silence`);
      }
      assert.deepEqual(wrong, []);
    });

    test('no two digits sound alike, and none as in English', async () => {
      const prints = async (of: string) =>
        Promise.all(
          Array.from({ length: 10 }, async (_, digit) => {
            const { samples, rate } = await decoded(join(root, of, `digit-${digit}.opus`));
            return printOf(samples, rate);
          }),
        );
      const own = await prints(language);
      const english = await prints('en-us');
      for (const [digit, print] of own.entries()) {
        for (const [other, another] of own.entries()) {
          if (other > digit) assert.ok(likeness(print, another) < 0.95, `${digit} and ${other}: ${likeness(print, another)}`);
        }
        if (language === 'en-us') continue;
        for (const [other, another] of english.entries())
          assert.ok(likeness(print, another) < 0.95, `${digit} and English ${other}: ${likeness(print, another)}`);
      }
    });
  });
}

test('the hold music goes on where it ends, a little below voices, and is long enough not to annoy', async () => {
  const music = await decoded(join(root, 'local_stream/moh/evening.opus'));
  const { samples, rate } = music;
  assert.ok(samples.length / rate > 45);
  assert.ok(Math.abs(loudness(music) + 23) < 4, `${loudness(music)} dBFS`);
  assert.ok(samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0) < 32_000);
  // Across the seam it changes no more from one sample to the next than it does within.
  const steps = (from: number, to: number): number => {
    let most = 0;
    for (let at = from; at < to; at++) {
      const [one, other] = [samples[(at - 1 + samples.length) % samples.length]!, samples[at % samples.length]!];
      most = Math.max(most, Math.abs(one - other));
    }
    return most;
  };
  const near = rate / 2;
  assert.ok(steps(samples.length, samples.length + 20) <= Math.max(steps(1, near), steps(samples.length - near, samples.length)));
  assert.ok(gap(music) < 0.2);
});

test('all of it together is small enough to be shipped', () => {
  const size = (folder: string): number =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile() && each.name.endsWith('.opus'))
      .reduce((sum, each) => sum + statSync(join(each.parentPath, each.name)).size, 0);
  assert.ok(size(root) < MOST_BYTES, `${size(root)} bytes`);
});
