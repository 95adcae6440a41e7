import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { discontinuities } from '../../test/kit/measure.ts';
import { PlayingHouse, soundOf } from '../../test/kit/playing-house.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { fixture, pcm16 } from '../../test/kit/sound-files.ts';
import { toneAmplitude } from '../audio/index.ts';
import { Failure } from '../base/index.ts';
import type { MediaId, PlaySource } from '../conference/index.ts';
import { openMediaLibrary } from './media-library.ts';

const sine = (rate: number, seconds: number, hertz = 440, amplitude = 0.1): number[] =>
  Array.from({ length: Math.round(rate * seconds) }, (_, n) => amplitude * Math.sin((2 * Math.PI * hertz * n) / rate));
const loudest = (samples: Int16Array): number => samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0);

async function prompt(house: PlayingHouse, path: string, bytes: Uint8Array): Promise<void> {
  const whole = join(house.folder, 'prompts', path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, bytes);
}

const library = (house: PlayingHouse) =>
  openMediaLibrary({ documents: house.documents, folder: join(house.folder, 'media'), clock: house.clock, chance: new SeededChance() });

describe('what is played', () => {
  test('tones and silences, of their length, one behind the other', async () => {
    await using house = await PlayingHouse.open();
    const { end, frames } = await house.play([
      'tone_stream://v=-10;%(300,0,440)',
      'silence_stream://200',
      'tone_stream://v=-10;%(300,0,660)',
    ]);
    assert.deepEqual(end, { reason: 'finished' });
    const sound = soundOf(frames);
    assert.equal(sound.length, 8 * 800);
    assert.ok(toneAmplitude(sound.subarray(0, 2400), 8000, 440) > 5000);
    assert.equal(loudest(sound.subarray(2400, 4000)), 0);
    assert.ok(toneAmplitude(sound.subarray(4000), 8000, 660) > 5000);
  });

  test('a media id, until somebody uploads something else', async () => {
    await using house = await PlayingHouse.open();
    const media = library(house);
    const made = await media.create(house.account, { name: 'moh' });
    await assert.rejects(house.player.check(house.account, [made.id]), { code: 'media_empty' });
    await media.upload(made, { type: 'audio/wav', bytes: pcm16(16_000, sine(16_000, 0.5)) });
    await house.player.check(house.account, [made.id, `/${house.account}/${made.id}`]);
    const { frames } = await house.play([made.id]);
    assert.deepEqual([frames[0]?.rate, frames.length], [16_000, 25]);
    await media.upload(made, { type: 'audio/ogg', bytes: fixture('tone.opus') });
    assert.equal((await house.play([made.id])).frames.length, 50);
    await media.remove(house.account, made.id);
    await assert.rejects(house.player.check(house.account, [made.id]), { code: 'media_not_found' });
    assert.equal((await house.play([made.id])).end.reason, 'failed');
  });

  test('an account has nothing of another', async () => {
    await using house = await PlayingHouse.open();
    const made = await library(house).create('b'.repeat(32) as typeof house.account, { name: 'theirs' });
    for (const source of [made.id, `/${made.account}/${made.id}`, '/etc/passwd', '../x', '']) {
      await assert.rejects(house.player.check(house.account, [source]), { code: 'media_not_found' }, source);
    }
  });

  test('prompts in the language there is, streams of files without end, and nothing outside of their folder', async () => {
    await using house = await PlayingHouse.open();
    await prompt(house, 'en-us/hello.wav', pcm16(8000, sine(8000, 0.1)));
    await prompt(house, 'de/hello.wav', pcm16(8000, sine(8000, 0.2)));
    const length = async (source: string): Promise<number> => (await house.play([source])).frames.length;
    assert.equal(await length('prompt://system_media/hello/en-us'), 5);
    assert.equal(await length('prompt://system_media/hello'), 5);
    assert.equal(await length('/system_media/hello'), 5);
    assert.equal(await length('prompt://system_media/hello/de-at'), 10);
    assert.equal(await length('prompt://system_media/hello/fr-fr'), 5);
    // What the operator has put there for the account stands in the system's place.
    await prompt(house, `${house.account}/de/hello.wav`, pcm16(8000, sine(8000, 0.3)));
    await house.run(1100);
    assert.equal(await length(`prompt://${house.account}/hello/de-DE`), 15);
    assert.equal(await length('prompt://system_media/hello/de-DE'), 15);
    for (const source of ['prompt://system_media/none/en-us', 'local_stream://none', 'local_stream://..']) {
      await assert.rejects(house.player.check(house.account, [source]), { code: 'media_not_found' }, source);
    }
    for (const source of ['prompt://system_media/..%2f/en-us', 'prompt://system_media/../../x', 'prompt://', 'file:///etc/passwd']) {
      await assert.rejects(house.player.check(house.account, [source]), { code: 'media_bad_source' }, source);
    }
    await prompt(house, 'local_stream/moh/1.wav', pcm16(8000, sine(8000, 0.1)));
    await prompt(house, 'local_stream/moh/2.wav', new Uint8Array(10));
    await prompt(house, 'local_stream/moh/3.wav', pcm16(8000, sine(8000, 0.1)));
    const id = house.start(['local_stream://moh']);
    await house.run(3000);
    assert.equal(house.ends.has(id), false);
    assert.ok(house.feeds.get(id)!.frames.length > 100);
    house.player.stop(house.room, id);
    await house.run(100);
    assert.equal(house.ends.has(id), false, 'who stops it knows that it has ended');
  });

  test('texts, by whoever speaks; without one the setting is named', async () => {
    await using house = await PlayingHouse.open({
      say: async (text, { language }) => {
        if (language === 'xx') throw new Failure('invalid', 'no_voice', 'no voice speaks xx');
        return { rate: 22_050, samples: Int16Array.from(sine(22_050, text.length / 10), (each) => each * 32_767) };
      },
    });
    assert.equal((await house.play([{ say: '12345', language: 'en' }])).frames.length, 25);
    assert.deepEqual((await house.play([{ say: 'x', language: 'xx' }])).end, { reason: 'failed', words: 'no voice speaks xx' });
    house.documents.all.set('spoken', {
      ...{ id: 'spoken' as MediaId, account: house.account, revision: 1, createdAt: 0, modifiedAt: 0 },
      document: { name: 'x', media_source: 'tts', tts: { text: '1234567890', voice: 'female/en-GB' } },
    });
    assert.equal((await house.play(['spoken'])).frames.length, 50);
    await using fluent = await PlayingHouse.open({
      sayings: {
        check: async (_text, { language }) => {
          if (language === 'xx') throw new Failure('invalid', 'language_without_voice', 'nobody speaks xx');
        },
        async *sentences(text) {
          for (const _sentence of text.split('.')) {
            yield { rate: 16_000, samples: Int16Array.from(sine(16_000, 0.2), (each) => each * 32_767) };
          }
        },
      },
    });
    await assert.rejects(fluent.player.check(fluent.account, [{ say: 'x', language: 'xx' }]), { code: 'language_without_voice' });
    assert.equal((await fluent.play([{ say: 'one.two.three' }])).frames.length, 30);
    await using mute = await PlayingHouse.open();
    await assert.rejects(mute.player.check(mute.account, [{ say: 'hello' }]), { code: 'no_speech' });
  });

  test('URLs, after redirects, fetched once for all who want them', async () => {
    await using house = await PlayingHouse.open();
    let asked = 0;
    const url = await house.serve((request, response) => {
      if (request.url === '/moved') return void response.writeHead(302, { location: '/tone' }).end();
      asked += 1;
      response.writeHead(200, { 'content-type': 'text/plain' }).end(fixture('tone-44100-stereo.mp3'));
    });
    const all = await Promise.all([1, 2, 3].map(() => house.play([`${url}/moved`])));
    for (const { end, frames } of all) {
      assert.deepEqual(end, { reason: 'finished' });
      assert.ok(frames.length >= 50 && frames.length <= 53, `${frames.length} frames`);
    }
    assert.equal(asked, 1);
  });
});

describe('how it is played', () => {
  test('sources follow each other without a gap or a click, whatever their rates are', async () => {
    await using house = await PlayingHouse.open();
    // One sine, cut into four files of different rates and odd lengths, in samples of 8 kHz.
    const parts = [
      [8000, 0, 909],
      [16_000, 909, 2001],
      [48_000, 2001, 2667],
      [8000, 2667, 4000],
    ] as const;
    for (const [index, [rate, from, to]] of parts.entries()) {
      const [first, last] = [(from * rate) / 8000, (to * rate) / 8000];
      const values = Array.from({ length: last - first }, (_, n) => 0.1 * Math.sin((2 * Math.PI * 300 * (first + n)) / rate));
      await prompt(house, `en-us/part${index}.wav`, pcm16(rate, values));
    }
    const { end, frames } = await house.play(parts.map((_, index) => `prompt://system_media/part${index}`));
    assert.deepEqual(end, { reason: 'finished' });
    assert.equal(frames.length, 25, 'no frame was filled up on the way');
    const all = frames.flatMap(({ rate, samples }) => Array.from({ length: 160 }, (_, n) => samples[(n * rate) / 8000]!));
    assert.deepEqual(discontinuities(Int16Array.from(all.slice(0, -8)), 8000), []);
  });

  test('a narrow room is given no more than it can use, from the beginning, in the middle and for many at once', async () => {
    await using house = await PlayingHouse.open();
    await prompt(house, 'en-us/wide.wav', pcm16(48_000, sine(48_000, 6, 300)));
    house.roomRate = 8000;
    const narrow = await house.play(['prompt://system_media/wide']);
    assert.deepEqual([narrow.end, narrow.frames.length], [{ reason: 'finished' }, 300], 'nothing is lost at the end');
    assert.deepEqual(new Set(narrow.frames.map(({ rate }) => rate)), new Set([8000]));
    const sound = soundOf(narrow.frames).subarray(0, -8);
    assert.ok(Math.abs(toneAmplitude(sound.subarray(800), 8000, 300) / loudest(sound) - 1) < 0.1);
    assert.deepEqual(discontinuities(sound, 8000), []);
    // The next one is read by two, and its room becomes wide and narrow again.
    house.roomRate = 16_000;
    const [first, second] = [house.start(['prompt://system_media/wide']), house.start(['prompt://system_media/wide'])];
    await house.run(1000);
    const feed = house.feeds.get(first)!;
    feed.roomRate = 48_000;
    await house.run(1500);
    feed.roomRate = 8000;
    await house.run(4000);
    const rates = feed.frames.map(({ rate }) => rate).filter((rate, index, all) => rate !== all[index - 1]);
    assert.deepEqual(rates, [16_000, 48_000, 8000]);
    assert.ok(Math.abs(feed.frames.length - 300) <= 1, `${feed.frames.length} frames`);
    const other = house.feeds.get(second)!.frames;
    assert.deepEqual([other.length, new Set(other.map(({ rate }) => rate))], [300, new Set([16_000])]);
    assert.equal(house.ends.size, 3);
  });

  test('again and again: so many times, or until it is stopped, and then at once', async () => {
    await using house = await PlayingHouse.open();
    await prompt(house, 'en-us/short.wav', pcm16(8000, sine(8000, 0.1)));
    assert.equal((await house.play(['prompt://system_media/short'], 7)).frames.length, 35);
    const id = house.start(['prompt://system_media/short'], 0);
    await house.run(2000);
    const feed = house.feeds.get(id)!;
    // The file is read in real time: on a busy machine it comes a little later by the house's clock.
    for (let more = 0; more < 20 && feed.frames.length < 95; more++) await house.run(100);
    assert.ok(feed.frames.length >= 95, `${feed.frames.length}`);
    house.player.stop(house.room, id);
    const { length } = feed.frames;
    assert.equal(feed.isClosed, true);
    await house.run(500);
    assert.equal(feed.frames.length, length);
    assert.equal(house.player.counts().playing, 0);
  });

  test('what fails is left out, and said with its place; what is nothing but failures ends', async () => {
    await using house = await PlayingHouse.open();
    await prompt(house, 'en-us/empty.wav', new Uint8Array(0));
    const { end, frames } = await house.play(['prompt://system_media/empty', 'silence_stream://100']);
    assert.equal(frames.length, 5);
    assert.equal(end.reason, 'failed');
    assert.match(end.words ?? '', /^source 1: .*it is empty/);
    assert.equal((await house.play(['prompt://system_media/empty'], 0)).end.reason, 'failed');
    assert.equal((await house.play(['silence_stream://0'], 0)).end.reason, 'finished');
  });

  test('never more than 0.6 s is written ahead, and sound that is loud is brought to the loudness of voices once', async () => {
    await using house = await PlayingHouse.open();
    await prompt(house, 'en-us/loud.wav', pcm16(48_000, sine(48_000, 5, 440, 0.5)));
    const id = house.start(['prompt://system_media/loud']);
    await house.run(1000);
    const { waiting, frames } = house.feeds.get(id)!;
    assert.ok(waiting <= 620 && waiting >= 300, `${waiting} ms`);
    const level = (from: number): number => toneAmplitude(soundOf(frames.slice(from, from + 10)), 48_000, 440);
    // -23 dBFS effective is a sine with a peak of 3282.
    assert.ok(Math.abs(20 * Math.log10(level(0) / 3282)) < 0.5, `${level(0)}`);
    assert.ok(Math.abs(level(30) / level(0) - 1) < 0.01);
    house.player.stop(house.room, id);
  });

  test('a tone is as loud as its text says', async () => {
    await using house = await PlayingHouse.open();
    const { frames } = await house.play(['tone_stream://v=0;%(200,0,440)']);
    assert.ok(toneAmplitude(soundOf(frames).subarray(160, 1440), 8000, 440) > 22_000);
  });
});

describe('what cannot be played', () => {
  const refused: readonly (readonly [PlaySource, string])[] = [
    ['tone_stream://', 'media_bad_source'],
    ['tone_stream://v=9;%(1,1,1)', 'media_bad_source'],
    ['silence_stream://', 'media_bad_source'],
    ['silence_stream://-2', 'media_bad_source'],
    ['silence_stream://99999999', 'media_bad_source'],
    ['ftp://x/y', 'media_bad_source'],
    ['http://10.0.0.1/x.wav', 'media_refused'],
    ['http://169.254.169.254/latest', 'media_refused'],
    ['https://[::ffff:10.0.0.1]/', 'media_refused'],
    ['http://', 'media_refused'],
    ['nosuchmedia', 'media_not_found'],
  ];
  for (const [source, code] of refused) {
    test(`${JSON.stringify(source)} is refused before anything happens`, async () => {
      await using house = await PlayingHouse.open();
      await assert.rejects(house.player.check(house.account, [source]), (error) => error instanceof Failure && error.code === code);
    });
  }

  test('a URL that answers with something else, breaks off, or leads elsewhere, fails in words', async () => {
    await using house = await PlayingHouse.open({ maxUrlBytes: 5000 });
    const url = await house.serve((request, response) => {
      if (request.url === '/404') return void response.writeHead(404).end();
      if (request.url === '/html') return void response.writeHead(200).end('<!DOCTYPE html>');
      if (request.url === '/private') return void response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
      if (request.url === '/round') return void response.writeHead(302, { location: '/round' }).end();
      if (request.url === '/long') return void response.writeHead(200).end(pcm16(8000, sine(8000, 10)));
      if (request.url === '/torn') {
        response.writeHead(200, { 'content-length': '4000' });
        response.write(pcm16(8000, sine(8000, 0.5)).subarray(0, 2000), () => response.destroy());
        return;
      }
      response.writeHead(200).end();
    });
    const cases: readonly (readonly [string, RegExp])[] = [
      ['/404', /the answer is 404/],
      ['/html', /it is text/],
      ['/private', /cannot be fetched/],
      ['/round', /redirects too often/],
      ['/long', /at most 5000|more than 5000/],
      ['/torn', /broke off/],
      ['/nothing', /it is empty/],
    ];
    for (const [path, words] of cases) {
      const { end } = await house.play([`${url}${path}`]);
      assert.equal(end.reason, 'failed', path);
      assert.match(end.words ?? '', words);
    }
    const gone = await house.play(['http://127.0.0.1:1/x.wav']);
    assert.match(gone.end.words ?? '', /cannot be fetched/);
  });

  test('an upload that nobody could play is refused, and what was there stays', async () => {
    await using house = await PlayingHouse.open();
    const media = library(house);
    const made = await media.create(house.account, { name: 'x' });
    await media.upload(made, { type: 'audio/wav', bytes: pcm16(8000, sine(8000, 0.1)) });
    for (const bytes of [new Uint8Array(0), Buffer.from('nonsense'), pcm16(8000, []), new Uint8Array(12_000_000)]) {
      await assert.rejects(
        media.upload(made, { type: 'audio/wav', bytes }),
        (error) => error instanceof Failure && error.kind === 'invalid',
      );
    }
    assert.equal((await media.download(house.account, made.id)).bytes.length, 44 + 1600);
    assert.equal((await house.play([made.id])).frames.length, 5);
  });
});

describe('at scale', () => {
  test('a thousand rooms play one file that is decoded once, and its memory is given back when it is too much', async () => {
    await using house = await PlayingHouse.open({ keepBytes: 1_000_000 });
    await prompt(house, 'en-us/moh.wav', pcm16(48_000, sine(48_000, 1)));
    const ids = Array.from({ length: 1000 }, () => house.start(['prompt://system_media/moh']));
    for (let tick = 0; tick < 200 && ids.some((id) => !house.ends.has(id)); tick++) await house.run(20);
    assert.ok(ids.every((id) => house.ends.get(id)?.reason === 'finished'));
    assert.ok(ids.every((id) => house.feeds.get(id)?.frames.length === 50));
    assert.equal(house.player.counts().keptBytes, 96_000);
    for (let n = 0; n < 15; n++) await prompt(house, `en-us/other${n}.wav`, pcm16(48_000, sine(48_000, 1)));
    for (let n = 0; n < 15; n++) await house.play([`prompt://system_media/other${n}`]);
    assert.ok(house.player.counts().keptBytes <= 1_100_000, `${house.player.counts().keptBytes}`);
  });

  test('a file that is too long to be kept is read along: memory does not grow with it, and it starts at once', async () => {
    await using house = await PlayingHouse.open({ keepBytes: 1_600_000 });
    await prompt(house, 'en-us/long.wav', pcm16(8000, sine(8000, 120)));
    const id = house.start(['prompt://system_media/long']);
    await house.run(100);
    assert.ok(house.feeds.get(id)!.frames.length > 0, 'it has begun');
    let most = 0;
    for (let second = 0; second < 60; second++) {
      await house.run(1000);
      most = Math.max(most, house.player.counts().keptBytes);
    }
    assert.ok(most >= 100_000 && most <= 300_000, `${most} bytes`);
    assert.ok(house.feeds.get(id)!.frames.length > 2900);
    house.player.stop(house.room, id);
    await house.run(100);
    assert.equal(house.player.counts().keptBytes, 0);
  });
});
