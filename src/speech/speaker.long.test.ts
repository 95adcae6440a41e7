import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { Failure, noLog, SystemClock } from '../base/index.ts';
import { LONGEST_SENTENCE } from './sentences.ts';
import { openSpeaker, type SpeakerOptions } from './speaker.ts';
import type { Sound, Spoken, Voice, VoiceProvider } from './speech-types.ts';

/** Speaks by writing down what it was given; each sentence is as long as its text. */
class FakeVoices implements VoiceProvider {
  readonly name: VoiceProvider['name'];
  readonly spoken: Spoken[] = [];
  atOnce = 0;
  most = 0;
  /** What a sentence waits for. */
  hold: Promise<void> = Promise.resolve();
  rate = 16_000;
  readonly #voices: readonly Voice[];

  constructor(voices: readonly Voice[], name: VoiceProvider['name'] = 'espeak-ng') {
    this.#voices = voices;
    this.name = name;
  }

  async voices(): Promise<readonly Voice[]> {
    return this.#voices;
  }

  async speak(spoken: Spoken): Promise<Sound> {
    this.spoken.push(spoken);
    this.atOnce += 1;
    this.most = Math.max(this.most, this.atOnce);
    await this.hold;
    this.atOnce -= 1;
    return { rate: this.rate, samples: new Int16Array(spoken.sentence.length).fill(spoken.sentence.charCodeAt(0)) };
  }
}

const GERMAN: Voice = { name: 'de', languages: ['de'] };
const AMERICAN: Voice = { name: 'en-us', languages: ['en-us', 'en'] };

const opened = (providers: readonly VoiceProvider[], options: Partial<SpeakerOptions> = {}) =>
  openSpeaker({ clock: new SystemClock(), chance: new SeededChance(), log: noLog, providers, ...options });

const refusal = (code: string) => (error: unknown) => error instanceof Failure && error.code === code;
const text = (spoken: readonly Spoken[]) => spoken.map(({ sentence }) => sentence);

test('a text is spoken sentence by sentence, and the next is made while the first is taken', async () => {
  const voices = new FakeVoices([GERMAN]);
  const speaker = opened([voices]);
  const told = speaker.sentences('Guten Tag. Wie geht es?\nGut!', { language: 'de' });
  const first = await told.next();
  assert.equal(first.value?.samples.length, 'Guten Tag.'.length);
  await new Promise((wake) => setImmediate(wake));
  assert.deepEqual(text(voices.spoken), ['Guten Tag.', 'Wie geht es?']);
  await told.return();
  assert.equal(voices.spoken.length, 2, 'nobody wants the rest');
  assert.equal((await speaker.say('Guten Tag. Gut!', { language: 'DE' })).samples.length, 'Guten Tag.Gut!'.length);
});

test('what was spoken once is not spoken again; other words, voices and languages are', async () => {
  const voices = new FakeVoices([GERMAN, AMERICAN]);
  const speaker = opened([voices]);
  for (let round = 0; round < 3; round++) await speaker.say('Drei.', { language: 'de' });
  assert.equal(voices.spoken.length, 1);
  await Promise.all([
    speaker.say('Drei.', { language: 'en' }),
    speaker.say('Vier.', { language: 'de' }),
    speaker.say('Vier.', { language: 'de' }),
  ]);
  assert.equal(voices.spoken.length, 3);
});

test('the disk keeps sentences over a restart, and never more bytes than it may', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'speech-test-'));
  try {
    const voices = new FakeVoices([GERMAN]);
    const long = (n: number) => `${String.fromCharCode(97 + n)}${'x'.repeat(300)}`;
    const options = { folder, diskBytes: 3000 };
    const before = opened([voices], options);
    for (let n = 0; n < 6; n++) await before.say(long(n), { language: 'de' });
    await before.close();
    const used = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    assert.ok(used > 0 && used <= 3000, `${used}`);
    writeFileSync(join(folder, '.draft'), 'torn by a crash');
    const after = opened([voices], options);
    assert.equal((await after.say(long(5), { language: 'de' })).samples[0], long(5).charCodeAt(0));
    assert.equal(voices.spoken.length, 6, 'the newest was kept');
    await after.say(long(0), { language: 'de' });
    assert.equal(voices.spoken.length, 7, 'the oldest was not');
    await after.close();
    assert.equal(readdirSync(folder).includes('.draft'), false);
    // A damaged file is spoken anew.
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'RIFFgarbage');
    const damaged = opened([voices], options);
    await damaged.say(long(0), { language: 'de' });
    assert.equal(voices.spoken.length, 8);
    await damaged.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('so many sentences are made at once, so many may wait', async () => {
  const voices = new FakeVoices([GERMAN]);
  let go = (): void => {};
  voices.hold = new Promise((resolve) => (go = resolve));
  const speaker = opened([voices], { atOnce: 2, mayWait: 3 });
  const all = Array.from({ length: 8 }, (_, n) => speaker.say(`Satz ${n}.`, { language: 'de' }).catch((error: Failure) => error.code));
  await new Promise((wake) => setTimeout(wake, 20));
  assert.equal(voices.most, 2);
  go();
  const outcomes = await Promise.all(all);
  assert.equal(outcomes.filter((each) => each === 'speech_busy').length, 3);
  assert.equal(voices.spoken.length, 5);
});

test('who waits is refused at the close, and everything later', async () => {
  const voices = new FakeVoices([GERMAN]);
  let go = (): void => {};
  voices.hold = new Promise((resolve) => (go = resolve));
  const speaker = opened([voices], { atOnce: 1 });
  const [running, waiting] = [speaker.say('Eins.', { language: 'de' }), speaker.say('Zwei.', { language: 'de' })];
  await new Promise((wake) => setTimeout(wake, 10));
  const refused = assert.rejects(waiting, refusal('closed'));
  const closing = speaker.close();
  go();
  await closing;
  await refused;
  assert.equal((await running).samples.length, 5);
  await assert.rejects(speaker.say('Drei.', { language: 'de' }), refusal('closed'));
});

test('a language that no voice has is refused by name, and told which there are', async () => {
  const speaker = opened([new FakeVoices([GERMAN, AMERICAN])]);
  await assert.rejects(speaker.say('Nuqneh', { language: 'tlh' }), (error: unknown) => {
    assert.ok(error instanceof Failure);
    assert.equal(error.code, 'language_without_voice');
    assert.deepEqual(error.details, { language: 'tlh', languages: ['de', 'en-us'] });
    assert.match(error.message, /"tlh".*de, en-us/);
    return true;
  });
  for (const language of ["de'; rm -rf /", '../../etc', '-v', 'x'.repeat(5000), '*'])
    await assert.rejects(speaker.say('Ja', { language }), refusal('language_without_voice'), language);
  await assert.rejects(speaker.say('Ja', { voice: 'nobody' }), refusal('voice_unknown'));
  await assert.rejects(speaker.say('Ja', { voice: 'de', language: 'en' }), refusal('language_without_voice'));
  await assert.rejects(opened([]).say('Ja'), (error: unknown) => error instanceof Failure && error.message.includes('speech.tts'));
});

test('who speaks: the nearest tag, the operator’s voice, the voice that was named, the gender that was wished', async () => {
  const woman: Voice = { name: 'slt', languages: ['en-us', 'en'], gender: 'female' };
  const man: Voice = { name: 'rms', languages: ['en-us', 'en'], gender: 'male' };
  const british: Voice = { name: 'en-gb', languages: ['en-gb', 'en'] };
  const flite = new FakeVoices([woman, man], 'flite');
  const espeak = new FakeVoices([AMERICAN, british, GERMAN]);
  const speaker = opened([flite, espeak], { voices: new Map([['de', 'de']]), language: 'en-GB' });
  const who = async (wish: Parameters<typeof speaker.say>[1]) => {
    const before = flite.spoken.length;
    await speaker.say(`Say ${flite.spoken.length + espeak.spoken.length}`, wish);
    return (flite.spoken.length > before ? flite : espeak).spoken.at(-1)?.voice.name;
  };
  assert.equal(await who({ language: 'en-US' }), 'slt');
  assert.equal(await who({ language: 'en_gb' }), 'en-gb');
  assert.equal(await who({ language: 'en-AU' }), 'slt');
  assert.equal(await who({ language: 'en-us', gender: 'male' }), 'rms');
  assert.equal(await who({ language: 'en-us', voice: 'Male' }), 'rms');
  assert.equal(await who({ voice: 'RMS' }), 'rms');
  assert.equal(await who({ language: 'de-AT' }), 'de');
  assert.equal(await who({}), 'en-gb');
});

test('texts that nobody can say, and texts of every sort', async () => {
  const voices = new FakeVoices([GERMAN]);
  const speaker = opened([voices]);
  for (const nothing of ['', '  \n\t', '\0\0', '...!?', '\u202e\u2066'])
    await assert.rejects(speaker.say(nothing, { language: 'de' }), refusal('text_missing'), JSON.stringify(nothing));
  await assert.rejects(speaker.say('x'.repeat(100_001), { language: 'de' }), refusal('text_too_long'));
  await speaker.check('x'.repeat(100_000), { language: 'de' });
  assert.equal(voices.spoken.length, 0, 'checking makes no sound');
  const odd = `$(reboot) \`id\` -o /tmp/x; \0\u001b[31m ${'wort '.repeat(300)}${'\u{1f600}x'.repeat(600)}。三。四`;
  await speaker.say(odd, { language: 'de' });
  for (const { sentence } of voices.spoken) {
    assert.ok(sentence.length <= LONGEST_SENTENCE, `${sentence.length}`);
    assert.ok(sentence.isWellFormed());
    assert.doesNotMatch(sentence, /\p{Cc}/u);
  }
  assert.match(voices.spoken[0]?.sentence ?? '', /^\$\(reboot\) `id` -o \/tmp\/x/);
});

test('pieces of other rates are brought to that of the first', async () => {
  const voices = new FakeVoices([GERMAN]);
  const speaker = opened([voices]);
  await speaker.say('Zwei.', { language: 'de' });
  voices.rate = 8000;
  const { rate, samples } = await speaker.say(`Zwei. ${'Y'.repeat(100)}.`, { language: 'de' });
  assert.equal(rate, 16_000);
  assert.equal(Math.abs(samples.length - 5 - 2 * 101) <= 2, true, `${samples.length}`);
});
