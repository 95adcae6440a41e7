import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aParticipant, BusHouse, settled, word } from '../../test/kit/bus-house.ts';
import type { AccountId } from '../accounts/index.ts';
import type { Happening, Participant, TranscriptionId } from '../conference/index.ts';

const joined = (participant: Participant): Happening => ({ type: 'participant.joined', participant });
const muted = (participant: Participant): Happening => ({ type: 'participant.muted', participant: participant.id, reasons: ['self'] });
const [one, two] = [aParticipant(1), aParticipant(2)];

/** A bus with one follower whose reads of the journal wait until they are let through. */
async function slowHouse(): Promise<{ house: BusHouse; heard: string[]; through: () => Promise<void> }> {
  const house = new BusHouse();
  const heard: string[] = [];
  await house.bus.follow({ take: (item) => heard.push(word(item)) });
  await settled();
  let open: (() => void)[] = [];
  house.journal.before = () => new Promise((resolve) => void open.push(resolve));
  const through = async (): Promise<void> => {
    for (let i = 0; i < 4; i++) {
      for (const each of open.splice(0)) each();
      await settled();
    }
  };
  open = [];
  return { house, heard, through };
}

test('a signal comes at once when nothing was published before it, and never overtakes what was', async () => {
  const { house, heard, through } = await slowHouse();
  house.bus.signal(house.signal('started', two));
  assert.deepEqual(heard, ['start 2']);
  house.happen(house.fact(joined(one)));
  house.bus.signal(house.signal('started', one));
  await settled();
  assert.deepEqual(heard, ['start 2']);
  await through();
  assert.deepEqual(heard, ['start 2', '1', 'start 1']);
});

test('a stop given before a publish comes before those facts, also when they are read together with what was published earlier', async () => {
  const { house, heard, through } = await slowHouse();
  house.bus.signal(house.signal('started', one));
  const [first, second] = [house.fact(), house.fact(muted(one))];
  house.happen(first);
  house.journal.store([second]);
  house.bus.signal(house.signal('stopped', one));
  house.bus.publish([second]);
  await through();
  assert.deepEqual(heard, ['start 1', '1', 'stop 1', '2']);
});

test('a whole pair given before a publish comes before those facts', async () => {
  const { house, heard, through } = await slowHouse();
  const [first, second] = [house.fact(joined(one)), house.fact({ type: 'participant.left', participant: one.id, reason: 'hung-up' })];
  house.happen(first);
  house.bus.signal(house.signal('started', one));
  house.bus.signal(house.signal('stopped', one));
  house.happen(second);
  house.bus.signal(house.signal('started', two));
  await through();
  assert.deepEqual(heard, ['1', 'start 1', 'stop 1', '2', 'start 2']);
});

test('a fact that silences somebody is read back before his stop was given: the pair is closed first, and the late stop is nobody’s', async () => {
  const { house, heard, through } = await slowHouse();
  house.bus.signal(house.signal('started', one));
  house.bus.signal(house.signal('started', two));
  const fact = house.fact(muted(one));
  house.journal.store([fact]);
  house.bus.publish([]);
  await through();
  house.bus.signal(house.signal('stopped', one));
  house.happen(house.fact({ type: 'room.closed', instance: 'i' }));
  await through();
  house.bus.signal(house.signal('stopped', two));
  await through();
  assert.deepEqual(heard, ['start 1', 'start 2', 'stop 1', '1', 'stop 2', '2']);
});

test('a conference of the same name in another account ends nobody’s talking', async () => {
  const { house, heard, through } = await slowHouse();
  house.bus.signal(house.signal('started', one));
  house.happen(house.fact({ type: 'room.closed', instance: 'i' }, { account: 'b'.repeat(32) as AccountId }));
  await through();
  assert.deepEqual(heard, ['start 1', '1']);
});

test('who came between start and stop gets neither; who wants no signals gets none', async () => {
  const house = new BusHouse();
  const [early, late, deaf]: string[][] = [[], [], []];
  await house.bus.follow({ take: (item) => early?.push(word(item)) });
  await house.bus.follow({ take: (item) => deaf?.push(word(item)), signals: false });
  await settled();
  house.bus.signal(house.signal('started', one));
  await house.bus.follow({ take: (item) => late?.push(word(item)) });
  await settled();
  house.bus.signal(house.signal('started', two));
  house.bus.signal(house.signal('stopped', one));
  house.bus.signal(house.signal('stopped', two));
  assert.deepEqual(early, ['start 1', 'start 2', 'stop 1', 'stop 2']);
  assert.deepEqual(late, ['start 2', 'stop 2']);
  assert.deepEqual(deaf, []);
});

test('too many waiting signals are dropped in pairs', async () => {
  const { house, heard, through } = await slowHouse();
  house.happen(house.fact());
  const crowd = Array.from({ length: 12_000 }, (_, i) => aParticipant(i + 1));
  for (const each of crowd) house.bus.signal(house.signal('started', each));
  for (const each of crowd) house.bus.signal(house.signal('stopped', each));
  await through();
  const starts = heard.filter((each) => each.startsWith('start')).map((each) => each.slice('start '.length));
  const stops = heard.filter((each) => each.startsWith('stop')).map((each) => each.slice('stop '.length));
  assert.deepEqual(starts, stops);
  assert.equal(starts.length, 10_000);
  assert.equal(house.bus.counts().droppedSignals, 4000);
});

test('what somebody seems to say overtakes no fact, needs no pair, and may be dropped without harm to one', async () => {
  const { house, heard, through } = await slowHouse();
  house.bus.signal(house.interim(one, 'early'));
  assert.deepEqual(heard.splice(0), ['early']);
  const [late, deaf]: string[][] = [[], []];
  house.happen(house.fact(joined(one)));
  house.bus.signal(house.signal('started', one));
  for (let n = 0; n < 10_000; n += 1) house.bus.signal(house.interim(one, `word ${n}`));
  house.bus.signal(house.signal('stopped', one));
  await through();
  assert.deepEqual([heard[0], heard[1], heard[2], heard.length], ['1', 'start 1', 'word 0', 10_002]);
  assert.equal(heard.at(-1), 'stop 1');
  assert.equal(house.bus.counts().droppedSignals, 1);
  house.journal.before = async () => {};
  await house.bus.follow({ take: (item) => late?.push(word(item)) });
  await house.bus.follow({ take: (item) => deaf?.push(word(item)), signals: false });
  await settled();
  house.bus.signal(house.interim(one, 'now'));
  assert.deepEqual([late, deaf], [['now'], []]);
});

test('what is said begins and ends in pairs of its own, and ends before the fact that ends it', async () => {
  const { house, heard, through } = await slowHouse();
  const stopped = (transcription: string) =>
    house.fact({ type: 'transcription.stopped', transcription: transcription.repeat(32) as TranscriptionId, reason: 'asked' });
  // Beside a pair of talking, and of another transcription.
  house.bus.signal(house.signal('started', one));
  for (const which of ['e', 'f', 'f']) house.bus.signal(house.speech('started', one, which));
  house.bus.signal(house.speech('started', two));
  house.bus.signal(house.speech('ended', two));
  house.bus.signal(house.speech('ended', two));
  assert.deepEqual(heard.splice(0), ['start 1', 'says 1', 'says 1', 'says 2', 'said 2']);
  house.happen(stopped('e'));
  await through();
  assert.deepEqual(heard.splice(0), ['said 1', '1'], 'only of what is written down no more');
  house.bus.signal(house.speech('ended', one, 'e'));
  house.happen(house.fact(muted(one)));
  await through();
  assert.deepEqual(heard.splice(0).sort(), ['2', 'said 1', 'stop 1']);
  // Who comes late is told of no end whose begin he was not told of.
  house.bus.signal(house.speech('started', two));
  const late: string[] = [];
  house.journal.before = async () => {};
  await house.bus.follow({ take: (item) => late.push(word(item)) });
  await settled();
  house.bus.signal(house.speech('ended', two));
  assert.deepEqual([late, heard], [[], ['says 2', 'said 2']]);
});
