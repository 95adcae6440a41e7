import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { needs } from '../../test/kit/programs.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { Failure, noLog, SystemClock } from '../base/index.ts';
import { Espeak, voicesIn } from './espeak.ts';
import { Flite } from './flite.ts';
import { Programs } from './programs.ts';
import { openSpeaker } from './speaker.ts';

const clock = new SystemClock();

async function withVoices(work: (speaker: ReturnType<typeof openSpeaker>, programs: Programs) => Promise<void>): Promise<void> {
  const programs = new Programs({ clock });
  const providers = [new Flite(programs, needs('flite')), new Espeak(programs, needs('espeak-ng'))];
  const speaker = openSpeaker({ clock, chance: new SeededChance(), log: noLog, providers });
  try {
    await work(speaker, programs);
  } finally {
    await speaker.close();
    await programs.close();
  }
}

test('the digits of ten languages sound all different, and none as in English', async () => {
  await withVoices(async (speaker) => {
    const prints = new Map<string, string>();
    // The numerals as texts give them, spoken by espeak-ng alone.
    for (const language of ['en', 'de', 'fr', 'es', 'pt', 'it', 'ru', 'zh', 'ja', 'ar']) {
      for (let digit = 0; digit <= 9; digit++) {
        const voice = language === 'en' ? { voice: 'en-us' } : { language };
        const { rate, samples } = await speaker.say(`${digit}`, voice);
        assert.ok(samples.length > rate / 10, `${language} ${digit} is ${samples.length} samples`);
        assert.ok(
          samples.some((each) => Math.abs(each) > 1000),
          `${language} ${digit} is silent`,
        );
        const print = createHash('sha256').update(samples).digest('hex');
        assert.equal(prints.get(print), undefined, `${language} ${digit} sounds as ${prints.get(print)}`);
        prints.set(print, `${language} ${digit}`);
      }
    }
    assert.equal(prints.size, 100);
  });
});

test('flite speaks English, women and men, and texts are never commands', async () => {
  await withVoices(async (speaker) => {
    const evil = '/tmp/parley-speech-evil';
    for (const voice of ['slt', 'rms', 'de', 'de+f2']) {
      const text = `-o ${evil} --stdout; touch ${evil}; $(touch ${evil}) \`touch ${evil}\` [[h@'l@U]] <break time="9s"/>`;
      const { rate, samples } = await speaker.say(text, { voice });
      assert.ok(samples.length > rate, voice);
    }
    assert.equal(existsSync(evil), false);
    const [woman, man] = await Promise.all([
      speaker.say('hello', { language: 'en-us', gender: 'female' }),
      speaker.say('hello', { language: 'en-us', gender: 'male' }),
    ]);
    assert.notDeepEqual(woman.samples, man.samples);
    const [deep, high] = await Promise.all([
      speaker.say('hallo', { language: 'de' }),
      speaker.say('hallo', { language: 'de', gender: 'female' }),
    ]);
    assert.notDeepEqual(deep.samples, high.samples);
    assert.deepEqual(
      readdirSync(tmpdir()).filter((each) => each.startsWith('parley-speech-')),
      [],
      'nothing is left behind',
    );
  });
});

test('programs that hang, fail, flood or are not there', async () => {
  const programs = new Programs({ clock });
  const run = (file: string, args: string[], timeoutMs = 5000) => programs.run({ file, args, timeoutMs, maxBytes: 10_000 });
  const refused = (words: RegExp) => (error: unknown) =>
    error instanceof Failure && error.code === 'speech_failed' && words.test(error.message);
  await assert.rejects(run('/bin/sleep', ['60'], 50), refused(/no answer within 50 ms/));
  await assert.rejects(run('/bin/false', []), refused(/ended with 1/));
  await assert.rejects(run('/usr/bin/yes', []), refused(/without end/));
  await assert.rejects(run('/nowhere/at-all', []), refused(/cannot be run/));
  const env = Buffer.from(await run('/usr/bin/env', [])).toString();
  assert.deepEqual(
    env
      .split('\n')
      .map((each) => each.split('=')[0])
      .filter((each) => each !== '')
      .sort(),
    ['LANG', 'LC_ALL', 'PATH'],
  );
  const long = run('/bin/sleep', ['60']);
  const ended = assert.rejects(long, refused(/ended with SIGKILL/));
  await programs.close();
  await ended;
  await assert.rejects(run('/bin/true', []), (error: unknown) => error instanceof Failure && error.code === 'closed');
});

test('the table of voices', () => {
  const table = `Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  cmn             --/M      Chinese_(Mandarin,_latin_as_English) sit/cmn              (zh-cmn 5)(zh 5)
 5  zh              --/M      chinese-mb-cn1     mb/mb-cn1
 5  pt-br           --/M      Portuguese_(Brazil) roa/pt-BR            (pt 6)
garbage
`;
  assert.deepEqual(voicesIn(table), [
    { name: 'cmn', languages: ['cmn', 'zh-cmn', 'zh'] },
    { name: 'pt-br', languages: ['pt-br', 'pt'] },
  ]);
});
