import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import type { AccountId } from '../accounts/index.ts';
import { Failure, noLog } from '../base/index.ts';
import type { Fact, Happening, RecordingId, RecordingRecord, TranscriptionEntry } from '../conference/index.ts';
import { openRecordingScribe } from './recording-scribe.ts';
import type { EarProvider, Heard, Sound } from './speech-types.ts';

const account = 'a'.repeat(32) as AccountId;
const id = 'e'.repeat(32) as RecordingId;
const STARTED = 1_700_000_000_000;
const RATE = 16_000;

/** Seconds of sound of this value, in pieces that are no frames. */
async function* sound(...parts: readonly (readonly [seconds: number, value: number])[]): AsyncGenerator<Sound> {
  for (const [seconds, value] of parts) {
    // A wave, because nobody talks in one tone without end.
    const samples = Int16Array.from({ length: seconds * RATE }, (_, n) => (n % 40 < 20 ? value : -value));
    for (let at = 0; at < samples.length; at += 1999) yield { rate: RATE, samples: samples.subarray(at, at + 1999) };
  }
}

const file = (name: string, kind: 'mix' | 'stem', participant?: string, offsetSamples = 0) => ({
  ...{ name, kind, offsetSamples, bytes: 1, sha256: name },
  ...(participant === undefined ? {} : { participant: participant as never }),
});

const person = (participant: string, callerName: string) => ({
  ...{ participant: participant as never, direction: 'inbound' as const, callerNumber: `+${callerName}`, callerName },
});

const aRecord = (more: Partial<RecordingRecord>): RecordingRecord => ({
  ...{ id, account, conference: 'c'.repeat(32) as never, instance: 'i', startedAt: STARTED, state: 'stored', seconds: 10, rate: RATE },
  ...{ format: 'wav', files: [], repaired: false, gaps: 0 },
  ...more,
});

interface House {
  record: Partial<RecordingRecord>;
  sounds?: Readonly<Record<string, () => AsyncGenerator<Sound>>>;
  recognise?: (heard: Heard) => Promise<string>;
}

/** A scribe of recordings over one recording; what it notes is kept in order. */
function opened({ record, sounds = {}, recognise = async () => 'words' }: House) {
  const clock = new FakeClock();
  const noted: Happening[] = [];
  const published: Fact[] = [];
  const current = { record: aRecord(record) };
  const provider: EarProvider = { name: 'pocketsphinx', languages: ['en-us', 'en'], recognise };
  const scribe = openRecordingScribe({
    ...{ clock, chance: new SeededChance(), log: noLog, provider },
    recordings: {
      get: async (_, wanted) => {
        if (wanted !== id) throw new Failure('not-found', 'recording_not_found', 'no such recording');
        return current.record;
      },
    },
    sound: ({ file: name }) => sounds[name]?.() ?? sound(),
    diary: {
      note: async ({ place, at }, what) => {
        assert.equal(place, id, 'kept under the id of the recording');
        noted.push(...what);
        return what.map((each, n) => ({ ...each, account, conference: place, sequence: noted.length + n, at })) as unknown as Fact[];
      },
    },
    events: { publish: (facts) => void published.push(...facts) },
  });
  const said = () => noted.flatMap((each) => (each.type === 'transcript.created' ? [each] : []));
  const over = () => noted.flatMap((each) => (each.type === 'transcription.stopped' ? [each] : []));
  /** Lets what waits for nothing but its turn go on. */
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 200; n++) await new Promise((wake) => setImmediate(wake));
  };
  return { clock, scribe, noted, published, current, said, over, settle };
}

test('each voice of a conference is written down under its name, with the times of the recording; prompts are not', async () => {
  const heard: Heard[] = [];
  const it = opened({
    record: {
      files: [
        file('mix.wav', 'mix'),
        file('stem-002.wav', 'stem', 'ben', 5 * RATE),
        file('stem-001.wav', 'stem', 'ann'),
        file('stem-003.wav', 'stem'),
      ],
      people: [person('ann', 'Ann'), person('ben', 'Ben')],
    },
    sounds: {
      'stem-001.wav': () => sound([1, 0], [1, 3000], [2, 0], [1, 3000], [1, 0]),
      'stem-002.wav': () => sound([1, 5000]),
      'stem-003.wav': () => sound([1, 9000]),
      'mix.wav': () => sound([1, 9000]),
    },
    recognise: async (each) => {
      heard.push(each);
      return `said ${Math.max(...each.samples)}`;
    },
  });
  const { language, recording, direction } = await it.scribe.transcribe(account, id, { language: 'en-US' });
  assert.deepEqual([language, recording, direction], ['en-US', { id, startedAt: STARTED }, 'both']);
  await it.settle();
  assert.deepEqual(
    it.said().map(({ participant, speaker }) => [participant, speaker?.callerName]),
    [
      ['ann', 'Ann'],
      ['ann', 'Ann'],
      ['ben', 'Ben'],
    ],
  );
  const [first, second, third] = it.said().map(({ from, to }) => [from - STARTED, to - STARTED] as const);
  // Half a second before is taken along; behind it 0.4 s until talking has ended, and 0.3 s more.
  assert.ok(first![0] >= 400 && first![0] <= 1000 && first![1] >= 1900 && first![1] <= 2800, `${first}`);
  assert.ok(second![0] >= 3400 && second![0] <= 4000, `${second}`);
  assert.ok(third![0] >= 4500 && third![0] <= 5100, `a stem begins where its voice came in: ${third}`);
  assert.ok(
    heard.every(({ samples }) => Math.max(...samples) < 7000),
    'neither the mix nor a prompt is read',
  );
  assert.deepEqual(
    it.over().map(({ reason }) => reason),
    ['asked'],
  );
  assert.equal(it.published.length, it.noted.length, 'everything is told');
  await it.scribe.close();
});

test('of a call the ways that are wanted: its own voice is in, all others are out', async () => {
  const files = [file('mix.wav', 'mix'), file('stem-001.wav', 'stem', 'call'), file('stem-002.wav', 'stem')];
  const sounds = { 'stem-001.wav': () => sound([1, 3000]), 'stem-002.wav': () => sound([1, 5000]) };
  for (const [direction, ways] of [
    ['both', ['in', 'out']],
    ['in', ['in']],
    ['out', ['out']],
  ] as const) {
    const it = opened({ record: { files, call: 'call' as never, people: [person('call', 'Ann')] }, sounds });
    await it.scribe.transcribe(account, id, { direction });
    await it.settle();
    assert.deepEqual(
      it.said().map(({ way }) => way),
      ways,
    );
    await it.scribe.close();
  }
});

test('it begins when the files are whole, and ends where nothing was recorded', async () => {
  const it = opened({ record: { state: 'running', files: [] }, sounds: { 'mix.wav': () => sound([1, 3000]) } });
  await it.scribe.transcribe(account, id, {});
  await it.settle();
  assert.deepEqual(it.over(), []);
  it.current.record = aRecord({ state: 'storing', files: [file('mix.wav', 'mix')] });
  it.clock.advance(1000);
  await it.settle();
  assert.deepEqual(
    it.said().map(({ way, text }) => [way, text]),
    [['in', 'words']],
  );
  await it.scribe.close();
  const none = opened({ record: { state: 'failed', words: 'the disk was full' } });
  await none.scribe.transcribe(account, id, {});
  await none.settle();
  assert.deepEqual(
    none.over().map(({ reason, words }) => [reason, words]),
    [['failed', 'the disk was full']],
  );
  await none.scribe.close();
});

test('the same recording is written down once at a time in a language; what is unknown is refused', async () => {
  const it = opened({ record: { state: 'running' } });
  await it.scribe.transcribe(account, id, { language: 'en-us' });
  await assert.rejects(it.scribe.transcribe(account, id, { language: 'en-us' }), { code: 'transcription_active' });
  await it.scribe.transcribe(account, id, { language: 'en' });
  await assert.rejects(it.scribe.transcribe(account, id, { language: 'de' }), { code: 'language_not_recognised' });
  await assert.rejects(it.scribe.transcribe(account, 'f'.repeat(32) as RecordingId, {}), { code: 'recording_not_found' });
  await it.scribe.close();
  assert.deepEqual(
    it.over().map(({ reason }) => reason),
    ['restart', 'restart'],
  );
  await assert.rejects(it.scribe.transcribe(account, id, {}), { code: 'closed' });
});

test('what is stopped says no more; what a crash left open can be stopped', async () => {
  const words = Promise.withResolvers<string>();
  const it = opened({
    record: { files: [file('mix.wav', 'mix')] },
    sounds: { 'mix.wav': () => sound([1, 3000], [1, 0], [1, 3000]) },
    recognise: () => words.promise,
  });
  const { id: transcription, language } = await it.scribe.transcribe(account, id, {});
  await it.settle();
  const entry = { id: transcription, language, recording: { id, startedAt: STARTED } } as unknown as TranscriptionEntry;
  await it.scribe.stop(account, entry);
  words.resolve('late');
  await it.settle();
  assert.deepEqual([it.said().length, it.over().map(({ reason }) => reason)], [0, ['asked']]);
  await it.scribe.stop(account, { ...entry, endedAt: 5 });
  assert.equal(it.over().length, 1, 'once is enough');
  await it.scribe.stop(account, { ...entry, id: '9'.repeat(32) });
  assert.deepEqual(it.over().at(-1)?.reason, 'restart');
  await it.scribe.close();
});

test('a provider that fails leaves gaps, and is given up after five in a row', async () => {
  const broken = (): Promise<string> => Promise.reject(new Failure('unavailable', 'speech_failed', 'it is down'));
  const spoken = Array.from({ length: 6 }, () => [[1, 3000] as const, [1, 0] as const]).flat();
  const it = opened({ record: { files: [file('mix.wav', 'mix')] }, sounds: { 'mix.wav': () => sound(...spoken) }, recognise: broken });
  await it.scribe.transcribe(account, id, {});
  for (let n = 0; n < 8; n++) {
    await it.settle();
    it.clock.advance(1000);
  }
  assert.equal(it.said().length, 4);
  assert.ok(it.said().every(({ text, gap }) => text === '[…]' && gap === true));
  assert.deepEqual(
    it.over().map(({ reason, words }) => [reason, words]),
    [['failed', 'it is down']],
  );
  await it.scribe.close();
});
