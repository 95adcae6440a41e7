import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEGAN, leg, opened, room, transcription } from '../../test/kit/scribe-house.ts';
import { Failure } from '../base/index.ts';
import type { Utterance } from '../conference/index.ts';
import type { LiveHearing } from './speech-types.ts';

test('each one’s words are written down under his own name, with the times at which he said them', async () => {
  const { tap, added, scribe, read, heard, clock } = opened();
  scribe.start(room, transcription);
  tap.index = 500;
  tap.begin();
  tap.ticks(50);
  tap.ticks(50, { ann: 100 });
  tap.ticks(40);
  await read();
  tap.ticks(30, { ben: 300 }, { rate: 48_000 });
  tap.ticks(60);
  await read();
  assert.deepEqual(
    added.map(({ participant, text, speaker }) => [participant, text, speaker?.callerNumber]),
    [
      ['ann-person', 'said 100', '+491'],
      ['ben-person', 'said 300', '+492'],
    ],
  );
  const [ann, ben] = added as [Utterance, Utterance];
  // The tap was put on at tick 500; Ann began 50 ticks later, Ben after another 90.
  assert.deepEqual([ann.tick, ann.from, ben.tick, ben.from], [550, BEGAN + 550 * 20, 640, BEGAN + 640 * 20]);
  assert.ok(ann.to >= BEGAN + 600 * 20 && ann.to <= BEGAN + 630 * 20, `${ann.to - BEGAN}`);
  assert.equal(ann.language, 'en-US');
  assert.ok(heard.every(({ language }) => language === 'en-us'));
  assert.ok(Math.abs((heard[1]?.samples.length ?? 0) - 30 * 320) <= 25 * 320, 'at 16 kHz, whatever the room has');
  scribe.stop(room, transcription.id);
  await scribe.close();
  assert.equal(tap.isClosed, true);
  assert.equal(clock.armed, 0);
});

test('a pause between words parts nothing; sound before the first word is taken along; a cough is no word', async () => {
  const { tap, heard, scribe, read } = opened();
  scribe.start(room, transcription);
  tap.begin();
  tap.ticks(100, { ann: 7 }, { talking: false });
  tap.ticks(20, { ann: 100 });
  tap.ticks(20, { ann: 7 }, { talking: false });
  tap.ticks(20, { ann: 100 });
  tap.ticks(60, { ann: 7 }, { talking: false });
  await read();
  assert.equal(heard.length, 1);
  const samples = heard[0]?.samples ?? new Int16Array(0);
  assert.equal(samples[0], 7);
  assert.equal(samples.length, (25 + 60 + 15) * 320);
  assert.equal(samples[25 * 320], 100);
  tap.ticks(3, { ben: 100 });
  tap.ticks(60);
  await read();
  assert.equal(heard.length, 1);
});

test('who talks on and on is written down in pieces that lack nothing', async () => {
  const { tap, heard, added, scribe, read } = opened();
  scribe.start(room, transcription);
  tap.begin();
  tap.ticks(990, { ann: 100 });
  tap.ticks(1, { ann: 0 });
  tap.ticks(1200, { ann: 200 });
  tap.ticks(60);
  await read();
  assert.ok(heard.length >= 3);
  for (const { samples } of heard) assert.ok(samples.length <= 20 * 16_000);
  const all = heard.flatMap(({ samples }) => Array.from(samples));
  assert.equal(all.filter((each) => each !== 0).length, 2190 * 320);
  assert.equal(added[0]?.to, BEGAN + 990 * 20, 'parted where it is quietest');
  for (const [n, each] of added.entries()) if (n > 0) assert.equal(each.from, added[n - 1]?.to);
});

test('what was said when it is stopped, or the room ends, is still written down', async () => {
  const { tap, added, scribe, read } = opened();
  scribe.start(room, transcription);
  tap.begin();
  tap.ticks(30, { ann: 5 });
  tap.tell({ type: 'left', index: tap.index, lost: 0, source: leg('ann') });
  tap.ticks(10, { ben: 6 });
  tap.tell({ type: 'ended', index: tap.index, lost: 0 });
  await read();
  assert.deepEqual(added.map(({ text }) => text).sort(), ['said 5', 'said 6']);
  // A new life of the room counts anew.
  tap.index = 0;
  tap.tell({ type: 'began', index: 0, lost: 0, epoch: BEGAN + 3_600_000 });
  tap.ticks(30, { ann: 8 });
  scribe.stop(room, transcription.id);
  await scribe.close();
  assert.deepEqual([added[2]?.text, added[2]?.from], ['said 8', BEGAN + 3_600_000]);
});

test('a provider that is too slow costs words, and gaps say where; the tap is read all the same', async () => {
  let go = (): void => {};
  const slow = new Promise<void>((resolve) => (go = resolve));
  const { tap, added, scribe, read } = opened({ waitingSeconds: 2.5, recognise: async () => slow.then(() => 'late') });
  scribe.start(room, transcription);
  tap.begin();
  for (let n = 0; n < 5; n++) {
    tap.ticks(50, { ann: 100 });
    tap.ticks(60);
    await read();
    assert.deepEqual(tap.read(), []);
  }
  assert.equal(added.length, 0);
  go();
  await read();
  assert.deepEqual(
    added.map(({ text, gap }) => [text, gap]),
    [
      ['late', undefined],
      ['late', undefined],
      ['[…]', true],
      ['[…]', true],
      ['[…]', true],
    ],
  );
});

test('frames that were not read in time are a gap too', async () => {
  const { tap, added, scribe, read } = opened();
  scribe.start(room, transcription);
  tap.begin();
  tap.ticks(20, { ann: 100 });
  tap.index += 10;
  tap.ticks(40, { ann: 100 }, { lost: 10 });
  tap.ticks(60);
  await read();
  assert.deepEqual([added[0]?.text, added[0]?.gap, added[0]?.tick], ['said 100 […]', true, 0]);
});

test('a provider that fails is asked once more, then a gap; five gaps in a row are the end', async () => {
  let asked = 0;
  const { tap, added, ended, clock, scribe, read } = opened({
    recognise: async () => {
      asked += 1;
      if (asked === 2) return 'at last';
      throw new Failure('unavailable', 'speech_failed', 'the speech server answered 500');
    },
  });
  scribe.start(room, transcription);
  tap.begin();
  const talk = async () => {
    tap.ticks(20, { ann: 100 });
    tap.ticks(60);
    for (let n = 0; n < 8; n++) await read();
  };
  await talk();
  assert.deepEqual(
    added.map(({ text }) => text),
    ['at last'],
  );
  for (let n = 0; n < 5; n++) await talk();
  assert.equal(added.length, 6);
  assert.ok(added.slice(1).every(({ gap }) => gap === true));
  assert.deepEqual(ended, [
    { conference: room.conference, transcription: transcription.id, reason: 'failed', words: 'the speech server answered 500' },
  ]);
  assert.equal(tap.isClosed, true);
  await scribe.close();
  assert.equal(clock.armed, 0);
});

test('who follows along tells what it seems to be, and has the last word', async () => {
  const taken: number[] = [];
  let dropped = 0;
  const follow = (): LiveHearing => {
    let count = 0;
    return {
      take: (samples) => {
        count += samples.length;
        taken.push(samples.length);
      },
      partial: () => (count === 0 ? undefined : `${count / 320} frames`),
      end: async () => 'all of it',
      drop: () => (dropped += 1),
    };
  };
  const { tap, added, interims, heard, scribe, read } = opened({ provider: { follow } });
  scribe.start(room, transcription);
  tap.begin();
  tap.ticks(10, { ann: 100 });
  await read();
  tap.ticks(10, { ann: 100 });
  await read();
  tap.ticks(60);
  await read();
  assert.deepEqual(
    interims.map(({ text, from }) => [text, from]),
    [
      ['10 frames', BEGAN],
      ['20 frames', BEGAN],
    ],
  );
  assert.deepEqual([added.map(({ text }) => text), heard.length, dropped], [['all of it'], 0, 0]);
});

test('which languages are refused', async () => {
  const { scribe } = opened();
  assert.equal(await scribe.check(room.account, undefined), 'en-us');
  assert.equal(await scribe.check(room.account, 'en-GB'), 'en-GB');
  for (const language of ['de', '', '-', '../en', 'en;x'])
    await assert.rejects(
      scribe.check(room.account, language),
      (error: unknown) => error instanceof Failure && error.code === 'language_not_recognised',
      language,
    );
  const any = opened({ provider: { languages: ['*'] } }).scribe;
  assert.equal(await any.check(room.account, 'de-CH'), 'de-CH');
});
