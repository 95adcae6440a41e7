import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aConferenceId, anActor, FakeHouse } from '../../../../test/kit/conference-fakes.ts';
import type { JsonObject } from '../../../base/index.ts';
import { commands } from './commands.ts';
import { Unfit } from './obey.ts';

/** A room of two that obeys messages. */
async function open() {
  const house = new FakeHouse();
  await house.create();
  await house.join(1);
  const second = await house.join(2);
  const { execute } = house.conferences;
  const send = (name: string, message: JsonObject = {}) =>
    commands[name]!({
      message: { ...message, 'Application-Name': name },
      conference: aConferenceId,
      execute,
      actor: anActor,
      place: {} as never,
    });
  const playing = async () => (await house.read()).room?.playing ?? [];
  return { house, second, send, playing };
}

test('play and play_macro: to all or to one, one file or several', async () => {
  const { send, playing, second } = await open();
  await send('play', { 'Media-Name': 'http://sounds.test/a.wav' });
  await send('play_macro', { 'Media-Macro': ['a', 'b'], 'Participant-ID': '2' });
  assert.deepEqual(
    (await playing()).map(({ sources, to, loops }) => [sources, to, loops]),
    [
      [['http://sounds.test/a.wav'], 'all', 1],
      [['a', 'b'], second.id, 1],
    ],
  );
});

test('say and tts: the text with its language and voice; loops; tail waits, flush takes the place', async () => {
  const { send, playing } = await open();
  const spoken = async () => (await playing()).map(({ sources, loops }) => [sources, loops]);
  await send('say', { Text: 'hello', 'Call-ID': 'any' });
  await send('tts', { Text: 'hallo', Language: 'de-DE', Voice: 'female', 'Loop-Count': '2' });
  const german = [[{ say: 'hallo', language: 'de-DE', voice: 'female' }], 2];
  assert.deepEqual(await spoken(), [[[{ say: 'hello' }], 1], german]);
  await send('say', { Text: 'now', 'Endless-Playback': true, 'Insert-At': 'flush' });
  assert.deepEqual(await spoken(), [[[{ say: 'now' }], 0]]);
});

test('tones are written as the tone stream of the rulings', async () => {
  const { send, playing } = await open();
  await send('tones', {
    Tones: [
      { Frequencies: [440, '480'], 'Duration-ON': 500, 'Duration-OFF': 250, Volume: -7, Repeat: 2 },
      { Frequencies: [600], 'Duration-ON': 100, 'Duration-OFF': 0 },
    ],
  });
  assert.deepEqual((await playing())[0]?.sources, ['tone_stream://v=-7;l=2;%(500,250,440,480);l=1;%(100,0,600)']);
});

test('stop_play: what plays or all of it, for all or for one; nothing to stop is no error', async () => {
  const { send, playing } = await open();
  await send('stop_play');
  for (const name of ['a', 'b']) await send('play', { 'Media-Name': name });
  await send('play', { 'Media-Name': 'c', 'Participant-ID': 1 });
  await send('stop_play', { Affects: 'current' });
  const left = async () => (await playing()).map(({ sources }) => sources[0]);
  assert.deepEqual(await left(), ['b', 'c']);
  await send('stop_play');
  assert.deepEqual(await left(), ['c'], 'what is for one is his');
  await send('stop_play', { 'Participant-ID': 1 });
  assert.deepEqual(await left(), []);
});

test('record and recordstop: the file name without folder and ending is the name; twice changes nothing', async () => {
  const { send, house } = await open();
  for (const file of ['/tmp/board meeting.mp3', '/tmp/other.wav']) await send('record', { 'Media-Name': file });
  assert.equal((await house.read()).room?.recording?.name, 'board meeting');
  for (let n = 0; n < 2; n += 1) await send('recordstop', { 'Media-Name': 'x' });
  assert.equal((await house.read()).room?.recording, undefined);
  // Beside what the room says of it.
  assert.deepEqual(
    house.sounds.asked.filter((each) => each.includes('record')),
    ['record', 'end-recording asked'],
  );
});

test('what cannot be understood is refused and changes nothing', async () => {
  const { send, playing } = await open();
  await send('play', { 'Media-Name': 'first' });
  const bad: [string, JsonObject][] = [
    ['play', {}],
    ['play', { 'Media-Name': 7 }],
    ['play', { 'Media-Name': 'x', 'Participant-ID': 'Ann' }],
    ['play_macro', { 'Media-Macro': 'a' }],
    ['play_macro', { 'Media-Macro': [1] }],
    ['say', {}],
    ['say', { Text: 'x', 'Loop-Count': 0, 'Insert-At': 'flush' }],
    ['say', { Text: 'x', 'Insert-At': 'head' }],
    ['tones', { Tones: [{}] }],
    ['tones', { Tones: [{ Frequencies: ['a'], 'Duration-ON': 1, 'Duration-OFF': 1 }] }],
    ['stop_play', { Affects: 'some' }],
  ];
  for (const [name, message] of bad) await assert.rejects(send(name, message), Unfit, JSON.stringify([name, message]));
  await assert.rejects(send('play', { 'Media-Name': 'x', 'Participant-ID': 9 }), { code: 'participant_not_found' });
  assert.deepEqual(
    (await playing()).map(({ sources }) => sources[0]),
    ['first'],
  );
});
