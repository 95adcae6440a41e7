import assert from 'node:assert/strict';
import { test } from 'node:test';
import { G722, l16, SoundHouse, type SoundPhone } from '../../../test/kit/sound-house.ts';
import { sine } from '../../../test/kit/speech.ts';
import { TapReader } from '../tap-reader.ts';
import type { TapFrame, TapItem } from '../tap-types.ts';
import type { Order } from './messages.ts';
import { ringMemory } from './shared-ring.ts';

const L16 = l16(16_000);
const HZ = { ann: 440, ben: 1130 };
type Frame = TapItem & TapFrame;

/** Ann and Ben talk to each other, as loud as they are, and somebody listens. */
async function pair() {
  const house = new SoundHouse();
  let taps = 0;
  const said = { ann: sine(HZ.ann, { rate: 16_000, seconds: 20, dbfs: -20 }), ben: sine(HZ.ben, { rate: 16_000, seconds: 20, dbfs: -24 }) };
  const [ann, ben] = [await house.phone('ann', { codec: L16 }), await house.phone('ben', { codec: L16 })];
  ann.say(said.ann);
  ben.say(said.ben);
  house.mix();
  const tap = (what: Extract<Order, { do: 'tap' }>['what'], bytes = 2 ** 20) => {
    const memory = ringMemory(bytes);
    taps += 1;
    house.thread.obey({ do: 'tap', tap: taps, room: 'room', what, memory });
    const reader = new TapReader(memory);
    return { number: taps, reader, read: () => reader.read() };
  };
  return { house, ann, ben, said, tap, [Symbol.asyncDispose]: () => house.close() };
}

const who = (item: TapItem): string => ('source' in item && item.source !== null ? item.source.id : 'mix');
const framesOf = (items: readonly TapItem[], name: string): Frame[] =>
  items.filter((item): item is Frame => item.type === 'frame' && who(item) === name);

function soundOf(frames: readonly Frame[]): Int16Array {
  const all = new Int16Array(frames.reduce((sum, { samples }) => sum + samples.length, 0));
  let at = 0;
  for (const { samples } of frames) {
    all.set(samples, at);
    at += samples.length;
  }
  return all;
}

/** Where in what was said the sound begins; every sample must be the same. */
function foundIn(said: Int16Array, sound: Int16Array): number {
  const isAt = (start: number): boolean => sound.every((sample, n) => sample === said[start + n]);
  for (let start = 0; start + sound.length <= said.length; start++) if (isAt(start)) return start;
  return -1;
}

/** What is said, from when the talk detector is sure of it. */
const settled = (frames: readonly Frame[]): Frame[] => frames.slice(10);

test('stems are what was said, sample by sample, with indexes that follow each other', async () => {
  await using room = await pair();
  const tap = room.tap('legs');
  room.house.run(2000);
  const items = tap.read();
  assert.equal(items[0]!.type, 'began');
  for (const name of ['ann', 'ben'] as const) {
    const frames = settled(framesOf(items, name));
    assert.ok(frames.length > 70, `${frames.length} frames of ${name}`);
    assert.ok(foundIn(room.said[name], soundOf(frames)) >= 0, `${name} as it was said`);
    for (const [n, { index, rate, talking, lost }] of frames.entries()) {
      assert.deepEqual([index, rate, talking, lost], [frames[0]!.index + n, 16_000, true, 0]);
    }
  }
  const ticks = items.filter(({ type }) => type === 'tick');
  assert.deepEqual(
    ticks.map(({ index }) => index),
    ticks.map((_, n) => ticks[0]!.index + n),
  );
  assert.equal(ticks.length, 100);
});

test('what is aside is in no stem and in no mix, though somebody hears it', async () => {
  await using room = await pair();
  const sources = [
    { leg: 'ann', gain: 1, aside: true },
    { leg: 'ben', gain: 1 },
  ];
  const listeners = [
    { leg: 'ann', gains: [] },
    { leg: 'ben', gains: [{ leg: 'ann', gain: 1 }] },
  ];
  room.house.thread.obey({ do: 'hear', room: 'room', plan: { version: 91, sources, listeners, levels: false } });
  room.house.run(700);
  const [mix, legs] = [room.tap('mix'), room.tap('legs')];
  room.house.run(1000);
  const stems = legs.read();
  assert.equal(framesOf(stems, 'ann').length, 0);
  const [mixed, ben] = [framesOf(mix.read(), 'mix'), framesOf(stems, 'ben')];
  assert.ok(mixed.length > 40);
  const sounds = new Map(ben.map(({ index, samples }) => [index, samples]));
  for (const { index, samples } of mixed) assert.deepEqual(samples, sounds.get(index), `tick ${index}`);
});

test('who is in no recording is heard as ever, and is in no stem and in no mix until that is over', async () => {
  await using room = await pair();
  const listeners = [
    { leg: 'ann', gains: [] },
    { leg: 'ben', gains: [] },
  ];
  const plan = (version: number, unrecorded: boolean): void => {
    const sources = [
      { leg: 'ann', gain: 1, unrecorded },
      { leg: 'ben', gain: 1 },
    ];
    room.house.thread.obey({ do: 'hear', room: 'room', plan: { version, sources, listeners, levels: false } });
  };
  plan(91, true);
  room.house.run(700);
  const [mix, legs, ears] = [room.tap('mix'), room.tap('legs'), room.tap({ call: 'ben' })];
  room.house.run(1000);
  const stems = legs.read();
  assert.equal(framesOf(stems, 'ann').length, 0);
  assert.ok(framesOf(ears.read(), 'ann').length > 40, 'Ben hears her');
  const [mixed, ben] = [framesOf(mix.read(), 'mix'), framesOf(stems, 'ben')];
  assert.ok(mixed.length > 40);
  const sounds = new Map(ben.map(({ index, samples }) => [index, samples]));
  for (const { index, samples } of mixed) assert.deepEqual(samples, sounds.get(index), `tick ${index}`);
  plan(92, false);
  room.house.run(200);
  for (const each of [mix, legs]) each.read();
  room.house.run(1000);
  const both = legs.read();
  const voices = (['ann', 'ben'] as const).map((name) => new Map(framesOf(both, name).map(({ index, samples }) => [index, samples])));
  const sums = framesOf(mix.read(), 'mix');
  assert.ok(sums.length > 40);
  for (const { index, samples } of sums) {
    const [ann, own] = voices.map((each) => each.get(index)!);
    assert.ok(
      samples.every((each, n) => Math.abs(each - ann![n]! - own![n]!) <= 1),
      `tick ${index}: all are in it`,
    );
  }
});

test('one of them both ways: what he says as it is in the sum, and whom he hears, as loud as he hears them', async () => {
  await using room = await pair();
  const plan = (version: number, ann: number, forAnn: number): void => {
    const sources = [
      { leg: 'ann', gain: ann },
      { leg: 'ben', gain: 1 },
    ];
    const listeners = [
      { leg: 'ann', gains: [{ leg: 'ben', gain: forAnn }] },
      { leg: 'ben', gains: [] },
    ];
    room.house.thread.obey({ do: 'hear', room: 'room', plan: { version, sources, listeners, levels: false } });
  };
  plan(91, 1, 0.5);
  room.house.run(700);
  const [call, legs] = [room.tap({ call: 'ann' }), room.tap('legs')];
  room.house.run(600);
  const [own, all] = [call.read(), legs.read()];
  const sounds = new Map(framesOf(all, 'ben').map(({ index, samples }) => [index, samples]));
  assert.ok(framesOf(own, 'ann').length > 20, 'he says nothing');
  assert.deepEqual(soundOf(framesOf(own, 'ann')), soundOf(framesOf(all, 'ann')));
  const heard = framesOf(own, 'ben');
  assert.ok(heard.length > 20, 'he hears nobody');
  for (const { index, samples } of heard) {
    const whole = sounds.get(index)!;
    assert.ok(
      samples.every((each, n) => Math.abs(each - whole[n]! / 2) <= 1),
      `tick ${index}`,
    );
  }
  plan(92, 0, 0);
  room.house.run(200);
  call.read();
  room.house.run(200);
  assert.deepEqual(
    call.read().filter(({ type }) => type === 'frame'),
    [],
    'who is muted and deaf says and hears nothing',
  );
});

test('stems add up to the mix', async () => {
  await using room = await pair();
  const [mix, legs, ben] = [room.tap('mix'), room.tap('legs'), room.tap({ leg: 'ben' })];
  // A plan with gains that change, and one who is muted and comes back: gains glide over a frame, in the stems as in the sum.
  const plan = (version: number, gains: Record<string, number>): void => {
    const sources = Object.entries(gains).map(([leg, gain]) => ({ leg, gain }));
    const listeners = ['ann', 'ben'].map((leg) => ({ leg, gains: [] }));
    room.house.thread.obey({ do: 'hear', room: 'room', plan: { version, sources, listeners, levels: false } });
  };
  room.house.run(700);
  plan(91, { ann: 0.5, ben: 1 });
  room.house.run(300);
  plan(92, { ben: 1.5 });
  room.house.run(300);
  plan(93, { ann: 1, ben: 0 });
  room.house.run(300);
  plan(94, { ann: 1, ben: 1 });
  room.house.run(300);
  const stems = legs.read();
  const mixed = framesOf(mix.read(), 'mix');
  assert.ok(mixed.length > 80);
  for (const frame of mixed) {
    const parts = stems.filter((item): item is Frame => item.type === 'frame' && item.index === frame.index);
    const sum = frame.samples.map((_, n) => parts.reduce((all, { samples }) => all + samples[n]!, 0));
    assert.deepEqual(frame.samples, sum, `tick ${frame.index}`);
  }
  assert.deepEqual(
    framesOf(ben.read(), 'ben'),
    framesOf(stems, 'ben').map((frame) => ({ ...frame, lost: 0 })),
  );
  const silent = stems.filter(({ type }) => type === 'silent');
  assert.deepEqual(silent.map(who).slice(-2), ['ann', 'ben'], 'who is muted is told to be silent, once');
});

test('who reads slowly loses frames, which are counted and shown as a gap; nobody in the room does', async () => {
  await using room = await pair();
  const tap = room.tap({ leg: 'ann' }, 32_768);
  room.house.run(500);
  tap.read();
  room.house.run(3000);
  const before = framesOf(tap.read(), 'ann');
  assert.ok(before.length < 100, 'the ring does not hold three seconds');
  room.house.run(200);
  const after = framesOf(tap.read(), 'ann');
  const gap = after[0]!.index - before.at(-1)!.index - 1;
  assert.ok(gap > 50);
  assert.equal(after[0]!.lost, gap);
  assert.ok(after.slice(1).every(({ lost }) => lost === 0));
  assert.equal(tap.reader.lost, gap);
  assert.deepEqual([room.ben.gaps, room.ben.oddities], [[], 0]);
  const heard = room.ben.between(1000, 4000);
  assert.ok(foundIn(room.said.ann, heard) >= 0, 'ben has heard all of it');
});

test('silence carries no samples, and is told when it begins', async () => {
  await using room = await pair();
  const tap = room.tap('legs');
  room.house.run(1000);
  room.ann.say(new Int16Array(16_000));
  room.house.run(3000);
  const items = tap.read();
  const last = framesOf(items, 'ann').at(-1)!;
  const silent = items.filter((item) => item.type === 'silent' && who(item) === 'ann' && item.index > 20);
  assert.deepEqual(
    silent.map(({ index }) => index),
    [last.index + 1],
  );
  assert.equal(framesOf(items, 'ben').at(-1)!.index, items.at(-1)!.index, 'the other goes on');
});

test('who comes and goes is told, and a room that changes its rate says so frame by frame', async () => {
  await using room = await pair();
  await room.house.end(room.ben);
  await room.house.end(room.ann);
  const talk = async (name: string, codec: SoundPhone['codec']): Promise<SoundPhone> => {
    const phone = await room.house.phone(name, { codec });
    phone.say(sine(700, { rate: phone.rate, seconds: 20, dbfs: -20 }));
    room.house.mix();
    return phone;
  };
  const cid = await talk('cid', l16(8000));
  const tap = room.tap('legs');
  room.house.run(1000);
  const dan = await talk('dan', G722);
  room.house.run(1000);
  await room.house.end(dan);
  room.house.mix();
  room.house.run(1000);
  const items = tap.read();
  const comings = items.filter(({ type }) => type === 'came' || type === 'left').map((item) => `${who(item)} ${item.type}`);
  assert.deepEqual(comings, ['cid came', 'dan came', 'dan left']);
  const rates = framesOf(items, 'cid').map(({ samples }) => samples.length * 50);
  assert.deepEqual(
    rates.filter((rate, n) => rate !== rates[n - 1]),
    [8000, 16_000, 8000],
  );
  assert.ok(framesOf(items, 'dan').length > 30);
  await room.house.end(cid);
});

test('the clock of a room goes on while its machine stands still', async () => {
  await using room = await pair();
  const tap = room.tap('mix');
  room.house.run(1000);
  const before = tap.read().at(-1)!;
  const from = room.house.now;
  room.house.clock.oversleep(2000);
  room.house.run(4000);
  const after = tap.read().at(-1)!;
  assert.ok(Math.abs((after.index - before.index) * 20 - (room.house.now - from)) <= 20, `${after.index - before.index} ticks`);
});

test('what is made up is marked', async () => {
  const house = new SoundHouse();
  const phone = await house.phone('ann', { codec: L16, path: { lost: (n) => n % 20 === 19 } });
  phone.say(sine(440, { rate: 16_000, seconds: 5, dbfs: -20 }));
  house.mix();
  const memory = ringMemory(2 ** 20);
  house.thread.obey({ do: 'tap', tap: 1, room: 'room', what: 'legs', memory });
  house.run(4000);
  const marked = framesOf(new TapReader(memory).read(), 'ann').filter(({ concealed }) => concealed);
  const { concealed } = await house.legMetrics(phone);
  assert.equal(marked.length, concealed);
  assert.ok(marked.length >= 8);
  await house.close();
});
