import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { needs } from '../../test/kit/programs.ts';
import { likeness, type PromptPrint, printOf } from '../../test/kit/prompt-print.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { noLog, Owner, SystemClock } from '../base/index.ts';
import { Espeak, openSpeaker, Programs, type Speaker } from '../speech/index.ts';
import { loadConfig } from './config.ts';
import { openSpeech } from './speech.ts';

const clock = new SystemClock();
const program = { file: process.execPath, before: [fileURLToPath(new URL('./espeak-program.ts', import.meta.url))] };
let programs: Programs;
let speaker: Speaker;

before(() => {
  programs = new Programs({ clock });
  speaker = openSpeaker({ clock, chance: new SeededChance(), log: noLog, providers: [new Espeak(programs, program)] });
});
after(async () => {
  await speaker.close();
  await programs.close();
});

const seconds = async (text: string, voice = 'en-us'): Promise<number> => {
  const { rate, samples } = await speaker.say(text, { voice });
  return samples.length / rate;
};

/** The two leave pauses of different length before and behind. */
function withoutSilence(samples: Int16Array): Int16Array {
  const isLoud = (sample: number): boolean => Math.abs(sample) > 500;
  return samples.slice(samples.findIndex(isLoud), samples.findLastIndex(isLoud) + 1);
}

test('each digit that it says is the one that the installed program says, in two languages', async () => {
  const installed = openSpeaker({ clock, chance: new SeededChance(), log: noLog, providers: [new Espeak(programs, needs('espeak-ng'))] });
  for (const voice of ['en-us', 'de']) {
    const prints = async (who: Speaker): Promise<PromptPrint[]> => {
      const found: PromptPrint[] = [];
      for (let digit = 0; digit <= 9; digit++) {
        const { rate, samples } = await who.say(`${digit}`, { voice });
        found.push(printOf(withoutSilence(samples), rate));
      }
      return found;
    };
    const [ours, theirs] = await Promise.all([prints(speaker), prints(installed)]);
    const heardAs = ours.map((one) => {
      const alike = theirs.map((other) => likeness(one, other));
      return alike.indexOf(Math.max(...alike));
    });
    assert.deepEqual(heardAs, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], voice);
  }
  await installed.close();
});

test('it has the voices that the installed program has', async () => {
  const installed = new Espeak(programs, needs('espeak-ng'));
  const [ours, theirs] = await Promise.all([new Espeak(programs, program).voices(), installed.voices()]);
  const names = new Set(theirs.map(({ name }) => name));
  const both = ours.filter(({ name }) => names.has(name));
  assert.ok(both.length > 90, `${both.length}`);
  for (const language of ['de', 'fr', 'ru', 'ar', 'ja'])
    assert.ok(
      both.some(({ languages }) => languages.includes(language)),
      language,
    );
});

test('digits of ten languages sound all different, and women unlike men', async () => {
  const prints = new Set<string>();
  const texts: [string, object][] = ['en', 'de', 'fr', 'es', 'pt', 'it', 'ru', 'zh', 'ja', 'ar'].map((language) => ['7', { language }]);
  texts.push(['7', { voice: 'de+f3' }], ['8', { language: 'de' }], ['7', { language: 'de', gender: 'male' }]);
  for (const [text, wish] of texts) {
    const { rate, samples } = await speaker.say(text, wish);
    assert.ok(samples.length > rate / 10 && samples.some((each) => Math.abs(each) > 1000), JSON.stringify(wish));
    prints.add(createHash('sha256').update(samples).digest('hex'));
  }
  assert.equal(prints.size, texts.length);
});

test('a text is a text: no SSML, no phonemes, no options, in any alphabet', async () => {
  assert.ok((await seconds('hello <break time="9s"/> hello')) < 6);
  assert.ok((await seconds('hello <mark hello hello hello hello')) > (await seconds('hello')) + 1);
  assert.ok((await seconds('a &lt; b')) > (await seconds('a < b')), 'entities are said letter by letter');
  assert.ok((await seconds('--voices -v de')) > 0.5);
  assert.ok((await seconds('Grüße aus Köln 李 \u{1f600}', 'de')) > 1);
});

test('what cannot be had is refused in words', async () => {
  const run = (args: readonly string[]) =>
    programs.run({ ...program, args: [...program.before, ...args], timeoutMs: 20_000, maxBytes: 1e6, name: 'espeak-ng' });
  await assert.rejects(run(['-v', 'nobody']), /espeak-ng ended with 1: there is no voice nobody/);
  await assert.rejects(run([]), /espeak-ng ended with 1: -v VOICE is missing/);
});

test('where no program is installed it speaks, unless nobody may', async () => {
  for (const [tts, speaks] of [
    ['auto', true],
    ['espeak-ng', true],
    ['off', false],
  ] as const) {
    const owner = new Owner();
    const dataDir = mkdtempSync(join(tmpdir(), 'parley-espeak-'));
    const config = loadConfig({ PARLEY_SPEECH_TTS: tts, PARLEY_DATA_DIR: dataDir }, dataDir);
    const { speaker: one } = await openSpeech({ config, clock, chance: new SeededChance(), log: noLog, owner, path: '/nowhere' } as never);
    assert.equal((await one.languages()).includes('de'), speaks, tts);
    if (speaks) assert.ok((await one.say('sieben', { language: 'de' })).samples.length > 4000);
    await owner.close();
    rmSync(dataDir, { recursive: true });
  }
});
