import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strength } from '../../../test/kit/sound.ts';
import { type StillPhone, sine, stillThread } from '../../../test/kit/still-thread.ts';
import { SrtpReceiver, SrtpSender, srtpKeyLength } from '../../rtp/index.ts';
import type { LegState } from './messages.ts';

/** What nobody says. */
const OTHER = 3300;
/** How far the sound jumps from one sample to the next at most. */
const jump = (sound: Int16Array): number =>
  sound.reduce((most, each, n) => (n === 0 ? 0 : Math.max(most, Math.abs(each - sound[n - 1]!))), 0);
/** A sine never moves faster than this from sample to sample, and µ-law and ramps add a little. */
const steepest = (hertz: number, amplitude: number): number => amplitude * 2 * Math.sin((Math.PI * hertz) / 8000) * 1.15;
const late = (sound: Int16Array): Int16Array => sound.subarray(sound.length - 4000);

/** Ann waits in a lobby where a voice speaks to her; Ben is in the conference. */
async function twoRooms() {
  const home = stillThread();
  const guide = await home.open('guide', { room: 'lobby' });
  const ann = await home.open('ann', { room: 'lobby', sequence: 65_530, timestamp: 4_294_967_000 });
  const ben = await home.open('ben', { room: 'conference' });
  guide.says = sine(313);
  ann.says = sine(517);
  ben.says = sine(731);
  home.mix('lobby', ['guide', 'ann']);
  home.mix('conference', ['ann', 'ben']);
  return { ...home, guide, ann, ben };
}

const hears = (phone: StillPhone): number[] => [313, 517, 731, OTHER].filter((hz) => strength(late(phone.sound()), hz) > 1000);

test('a leg goes to another room: one stream with its numbers, no gap, no click, and others are heard', async () => {
  const { run, ask, ann, ben, guide, thread } = await twoRooms();
  run(1000, guide, ann, ben);
  assert.deepEqual([hears(ann), hears(ben), hears(guide)], [[313], [], [517]]);
  const [before, moved] = [ann.heard().length, ask<boolean>({ do: 'move', leg: 'ann', room: 'conference' })];
  await new Promise(setImmediate);
  run(1000, guide, ann, ben);
  assert.equal(await moved, true);
  assert.deepEqual([hears(ann), hears(ben), hears(guide)], [[731], [517], []]);
  const heard = ann.heard();
  assert.equal(heard.length, before + 50, 'a packet for every 20 ms');
  for (const [n, packet] of heard.entries()) {
    if (n === 0) continue;
    assert.equal(packet.sequence, (heard[n - 1]!.sequence + 1) & 0xffff);
    assert.equal(packet.timestamp, (heard[n - 1]!.timestamp + 160) >>> 0);
    assert.equal(packet.ssrc, heard[0]!.ssrc);
    assert.equal(packet.marker, n === 0);
  }
  assert.ok(jump(ann.sound().subarray(1600)) < steepest(731, 8000), `ann hears a step of ${jump(ann.sound().subarray(1600))}`);
  assert.ok(jump(ben.sound()) < steepest(517, 8000), `ben hears a step of ${jump(ben.sound())}`);
  assert.ok(jump(guide.sound().subarray(1600)) < steepest(517, 8000), `the guide hears a step of ${jump(guide.sound().subarray(1600))}`);
  const figures = await ask<{ packetsIn: number; lost: number; concealed: number }>({ do: 'leg-metrics', leg: 'ann' });
  assert.deepEqual([figures.packetsIn, figures.lost, figures.concealed], [100, 0, 0], 'what was counted goes along');
  await thread.close();
});

test('rooms of other quarters: nothing is lost, and no packet is later than 20 ms after the one before', async () => {
  const home = stillThread();
  const crowd = [];
  for (let n = 0; n < 520; n++) crowd.push(await home.open(`crowd ${n}`, { room: `crowd ${n}` }));
  const ann = await home.open('ann', { room: 'lobby' });
  const rooms = [];
  for (let n = 0; n < 4; n++) {
    const ben = await home.open(`ben ${n}`, { room: `room ${n}` });
    ben.says = sine(731);
    home.mix(`room ${n}`, ['ann', `ben ${n}`]);
    rooms.push(ben);
  }
  ann.says = sine(517);
  home.run(400, ann, ...rooms);
  for (let n = 0; n < 4; n++) {
    const moved = home.ask({ do: 'move', leg: 'ann', room: `room ${n}` });
    await new Promise(setImmediate);
    home.run(400, ann, ...rooms);
    assert.equal(await moved, true);
    assert.ok(strength(late(ann.sound()), 731) > 1000);
    assert.ok(strength(late(rooms[n]!.sound()), 517) > 1000, `room ${n} hears her`);
  }
  const heard = ann.heard();
  const gaps = heard.slice(1).map(({ at }, n) => at - heard[n]!.at);
  assert.ok(Math.max(...gaps) <= 20, `${Math.max(...gaps)}`);
  assert.ok(
    heard.every(({ sequence }, n) => n === 0 || sequence === heard[n - 1]!.sequence + 1),
    'in order',
  );
  assert.equal((await home.ask<{ concealed: number }>({ do: 'leg-metrics', leg: 'ann' })).concealed, 0);
  await home.thread.close();
});

test('a leg comes before any plan, or a plan before its leg, and one that has ended does not move', async () => {
  const { run, ask, ann, guide, mix, thread } = await twoRooms();
  run(200, guide, ann);
  const moved = ask({ do: 'move', leg: 'ann', room: 'new' });
  await new Promise(setImmediate);
  run(600, guide, ann);
  assert.equal(await moved, true);
  assert.deepEqual(hears(ann), [], 'no plan: silence, which is sent');
  assert.equal(ann.heard().length, 40);
  const cid = guide;
  const back = ask({ do: 'move', leg: 'guide', room: 'new' });
  await new Promise(setImmediate);
  run(200, cid, ann);
  assert.equal(await back, true);
  mix('new', ['ann', 'guide']);
  run(600, cid, ann);
  assert.deepEqual([hears(ann), hears(guide)], [[313], [517]]);
  const gone = ask({ do: 'move', leg: 'ann', room: 'conference' });
  const ended = ask({ do: 'end', leg: 'ann' });
  assert.equal(await gone, false, 'it ends before it has moved');
  await ended;
  assert.equal(await ask({ do: 'move', leg: 'ann', room: 'conference' }), false);
  await thread.close();
});

test('who is moved twice before a tick ends in the last room', async () => {
  const { run, ask, ann, ben, guide, thread } = await twoRooms();
  run(200, guide, ann, ben);
  const moves = [ask({ do: 'move', leg: 'ann', room: 'elsewhere' }), ask({ do: 'move', leg: 'ann', room: 'conference' })];
  await new Promise(setImmediate);
  run(600, guide, ann, ben);
  assert.deepEqual(await Promise.all(moves), [true, true]);
  assert.deepEqual([hears(ann), hears(ben)], [[731], [517]]);
  await thread.close();
});

test('echo: who is a source and hears himself, hears what the others hear of him', async () => {
  const home = stillThread();
  const ann = await home.open('ann');
  const ben = await home.open('ben');
  ann.says = sine(517);
  ben.says = sine(731);
  home.mix('room', ['ann', 'ben'], { echo: ['ann'] });
  home.run(1000, ann, ben);
  assert.deepEqual([hears(ann), hears(ben)], [[517, 731], [517]]);
  home.mix('room', ['ann', 'ben'], { version: 2 });
  home.run(1000, ann, ben);
  assert.deepEqual([hears(ann), hears(ben)], [[731], [517]]);
  assert.ok(jump(ann.sound().subarray(1600)) < steepest(731, 8000) + steepest(517, 8000), 'it fades');
  home.mix('room', ['ann'], { version: 3, echo: ['ann'] });
  home.run(1000, ann);
  assert.deepEqual(hears(ann), [517], 'alone');
  await home.thread.close();
});

test('a leg goes to another thread: one stream with its port, numbers, keys, counters and half a key', async () => {
  const old = stillThread();
  const next = stillThread(old);
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const [ourKey, theirKey] = [1, 2].map((byte) => new Uint8Array(srtpKeyLength(suite)).fill(byte)) as [Uint8Array, Uint8Array];
  const ann = await old.open('ann', {
    room: 'lobby',
    alone: true,
    sequence: 65_500,
    timestamp: 4_294_967_000,
    change: { crypto: { suite, ourKey, theirKey } },
  });
  ann.secure = { sender: new SrtpSender({ suite, key: theirKey }), receiver: new SrtpReceiver({ suite, key: ourKey }) };
  const ben = await next.open('ben', { room: 'conference' });
  ann.says = sine(517);
  ben.says = sine(731);
  old.mix('lobby', ['ann']);
  next.mix('conference', ['ann', 'ben']);
  old.run(1000, ann, ben);
  const press = (time: number, end: number, duration: number): void =>
    ann.send(101, Uint8Array.of(7, end | 10, duration >> 8, duration & 255), { time });
  const pressedAt = ann.time;
  press(pressedAt, 0, 800);
  press(pressedAt, 0x80, 960);
  old.run(20);
  const before = ann.to;
  const released = old.ask<LegState>({ do: 'release', leg: 'ann' });
  await new Promise(setImmediate);
  old.run(20, ann, ben);
  const state = await released;
  press(pressedAt, 0x80, 960);
  const { address, port, ssrc, sequence, timestamp, cname } = structuredClone(state);
  const at = await next.ask<{ address: string; port: number }>({
    do: 'open',
    leg: { leg: 'ann', room: 'conference', address, port, ssrc, sequence, timestamp, cname, state },
  });
  assert.deepEqual([at.address, at.port], [before.address, before.port], 'the same port');
  press(pressedAt, 0x80, 960);
  next.run(1000, ann, ben);
  const heard = ann.heard();
  assert.equal(ann.torn, 0, 'every packet is sealed as the far end expects it');
  assert.deepEqual([hears(ann), hears(ben)], [[731], [517]]);
  assert.ok(
    heard.every((each, n) => n === 0 || (each.sequence === ((heard[n - 1]!.sequence + 1) & 0xffff) && each.ssrc === heard[0]!.ssrc)),
    'one stream',
  );
  const step = heard.slice(1).map(({ timestamp: time }, n) => (time - heard[n]!.timestamp) >>> 0);
  assert.deepEqual([...new Set(step)], [160]);
  assert.ok(jump(ann.sound().subarray(1600)) < steepest(731, 8000), `ann hears a step of ${jump(ann.sound().subarray(1600))}`);
  const digits = [...old.signals, ...next.signals].filter(({ type }) => type === 'digit').length;
  assert.equal(digits, 1, 'a key whose last packet comes three times is one key');
  const figures = await next.ask<{ packetsIn: number; packetsOut: number; lost: number }>({ do: 'leg-metrics', leg: 'ann' });
  assert.deepEqual([figures.packetsIn > 100, figures.packetsOut, figures.lost], [true, heard.length, 0]);
  assert.equal(await old.ask({ do: 'record', leg: 'ann' }), undefined);
  await old.thread.close();
  await next.thread.close();
});

test('who shares his port stays where he is, and is heard there', async () => {
  const home = stillThread();
  const ann = await home.open('ann');
  const ben = await home.open('ben');
  assert.equal(ann.to.port, ben.to.port);
  ann.says = sine(517);
  home.mix('room', ['ann', 'ben']);
  home.run(200, ann);
  const released = home.ask({ do: 'release', leg: 'ann' });
  await new Promise(setImmediate);
  home.run(20, ann);
  assert.equal(await released, 'stays');
  home.run(600, ann);
  assert.deepEqual(hears(ben), [517]);
  await home.thread.close();
});
