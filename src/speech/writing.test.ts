import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leg, opened, room, transcription } from '../../test/kit/scribe-house.ts';
import type { ConferenceId } from '../conference/index.ts';
import type { LiveHearing } from './speech-types.ts';

test('each piece begins, seems to be something, and has ended before it is written down', async () => {
  const follow = (): LiveHearing => ({ take: () => {}, partial: () => 'so', end: async () => 'so', drop: () => {} });
  const { tap, turns, scribe, read } = opened({ provider: { follow } });
  scribe.start(room, transcription);
  tap.begin();
  tap.ticks(40);
  tap.ticks(30, { ann: 100 });
  await read();
  assert.deepEqual(turns.splice(0), ['ann says 800', 'interim so']);
  tap.ticks(60);
  await read();
  assert.deepEqual(turns.splice(0), ['ann said', 'written so']);
  // A cough is no word; but somebody seemed to begin.
  tap.ticks(3, { ben: 100 });
  tap.ticks(60);
  await read();
  assert.deepEqual(turns.splice(0), ['ben says 2600', 'ben said']);
  // Who leaves in the middle of it, when it is stopped, and when the room ends.
  tap.ticks(30, { ann: 5, ben: 6 });
  tap.tell({ type: 'left', index: tap.index, lost: 0, source: leg('ann') });
  await read();
  assert.deepEqual(turns.splice(0), ['ann says 3860', 'ben says 3860', 'ann said', 'interim so', 'written said 5']);
  scribe.stop(room, transcription.id);
  assert.deepEqual(turns.splice(0), ['ben said'], 'at once');
  await scribe.close();
});

test('who talks on and on ends and begins with every piece', async () => {
  const { tap, turns, scribe, read } = opened();
  scribe.start(room, transcription);
  tap.begin();
  tap.ticks(990, { ann: 100 });
  tap.ticks(1, { ann: 0 });
  tap.ticks(200, { ann: 200 });
  tap.ticks(60);
  await read();
  assert.deepEqual(
    turns.filter((each) => each.startsWith('ann')),
    ['ann says 0', 'ann said', 'ann says 19800', 'ann said'],
  );
});

test('of a call it is told who says it: the call itself, or whom it hears', async () => {
  const { tap, turns, scribe, read } = opened();
  const call = { leg: 'ann' } as never;
  scribe.start({ ...room, followed: { call, place: room.conference } }, { ...transcription, direction: 'out' });
  tap.begin();
  tap.ticks(30, { ann: 1, ben: 2 });
  await read();
  assert.deepEqual(turns.splice(0), ['ben says 0out'], 'only what is written down');
  scribe.moved?.({ ...room, followed: { call, place: 'd'.repeat(32) as ConferenceId } }, transcription.id);
  assert.deepEqual(turns.splice(0), ['ben said'], 'it is at another place');
});
