import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settles } from '../../test/kit/ear.ts';
import { patientEngine } from '../../test/kit/patient.ts';
import { RtpLine } from '../../test/kit/rtp-line.ts';
import { strength, TONES, tone, tonesIn } from '../../test/kit/sound.ts';
import { account, quiet, threadHouse } from '../../test/kit/thread-house.ts';
import type { ConferenceId, HearingPlan, LegId, Source } from '../conference/index.ts';
import { openEngine } from './engine.ts';
import { FeedWriter } from './feed.ts';
import { TapReader } from './tap-reader.ts';
import type { Tap, TapItem } from './tap-types.ts';

const conference = 'room' as ConferenceId;
const leg = (id: string): LegId => id as LegId;
const prompt = { kind: 'prompt', id: 'welcome' } as const;
const HZ = { ann: TONES[0]!, ben: TONES[2]! };

/** An engine with real sockets; whoever comes is called a name and plays its tone. */
async function house() {
  const engine = await openEngine(patientEngine());
  const lines: RtpLine[] = [];
  let plans = 0;
  return {
    engine,
    async call(name: keyof typeof HZ): Promise<RtpLine> {
      const line = await RtpLine.open({ hz: HZ[name], codec: 'PCMU', ptime: 20 });
      lines.push(line);
      const remote = { address: '127.0.0.1', port: line.port, rtcpPort: line.port + 1 };
      line.aim(await engine.open({ leg: leg(name), account, conference, address: '127.0.0.1', remote }));
      engine.change(leg(name), { remote, codec: { name: 'PCMU', payloadType: 0, ptime: 20 }, direction: 'sendrecv' });
      return line;
    },
    async hear(sources: readonly Source[], listeners: readonly string[]): Promise<void> {
      plans += 1;
      const plan: HearingPlan = {
        version: plans,
        sources: sources.map((source) => ({ source, gain: 1 })),
        listeners: listeners.map((id) => ({ leg: leg(id), gains: [] })),
      };
      engine.hear(account, conference, plan);
      await engine.planApplied(account, conference, plans);
    },
    [Symbol.asyncDispose]: async () => {
      for (const line of lines) line.close();
      await engine.close();
    },
  };
}

/** Items until one fits. */
async function until(tap: Tap, fits: (item: TapItem) => boolean): Promise<TapItem[]> {
  const items: TapItem[] = [];
  for await (const item of tap.items()) {
    items.push(item);
    if (fits(item)) break;
  }
  return items;
}

const soundOf = (items: readonly TapItem[]): number[] => items.flatMap((item) => (item.type === 'frame' ? [...item.samples] : []));
const both = [
  { kind: 'leg', id: leg('ann') },
  { kind: 'leg', id: leg('ben') },
] as const;

test('a tap opened before the first leg hears each of them apart, tick by tick, and is told when the room ends and begins anew', async () => {
  await using home = await house();
  const tap = home.engine.tap(account, conference, { what: 'legs' });
  assert.deepEqual(tap.read(), []);
  const memories: SharedArrayBuffer[] = [];
  const elsewhere = home.engine.tap(account, conference, { what: 'mix', onMemory: (memory) => memories.push(memory) });
  await home.call('ann');
  await home.call('ben');
  await home.hear(both, ['ann', 'ben']);
  let heard = 0;
  const items = await until(tap, (item) => item.type === 'frame' && item.source?.id === 'ben' && ++heard === 60);
  assert.equal(items[0]?.type, 'began');
  for (const name of ['ann', 'ben'] as const) {
    const own = items.filter((item) => item.type === 'frame' && item.source?.id === name).slice(20);
    const sound = soundOf(own);
    assert.ok(sound.length > 20 * 160);
    assert.ok(strength(sound, HZ[name]) > 1000, `${name} is in the own stem`);
    assert.deepEqual(tonesIn(Int16Array.from(sound), Object.values(HZ)), [HZ[name]], 'and nobody else');
    assert.ok(own.every(({ index }, n) => index === own[0]!.index + n));
  }
  await home.engine.end(leg('ann'));
  await home.engine.end(leg('ben'));
  const rest = await until(tap, ({ type }) => type === 'ended');
  assert.equal(rest.filter(({ type }) => type === 'ended').length, 1);
  await home.call('ann');
  const again = await until(tap, (item) => item.type === 'tick');
  assert.equal(again[0]?.type, 'began');
  assert.equal(tap.lost, 0);
  assert.equal(memories.length, 2, 'whoever reads elsewhere has the memory of each life');
  const reader = new TapReader(memories[0]!);
  const mixed = reader.read();
  assert.deepEqual([mixed[0]?.type, mixed.at(-1)?.type, reader.isOver], ['began', 'ended', true]);
  assert.deepEqual(tonesIn(Int16Array.from(soundOf(mixed).slice(-4000)), Object.values(HZ)), Object.values(HZ));
  elsewhere.close();
  tap.close();
  assert.deepEqual(tap.read(), []);
});

test('who is fed is heard like a leg, at the rate of the room, and starves into silence', async () => {
  await using home = await house();
  const feed = home.engine.feed(account, conference, { source: prompt });
  assert.throws(() => home.engine.feed(account, conference, { source: prompt }), /fed already/);
  const writer = new FeedWriter(feed.memory);
  const hz = TONES[5]!;
  // A tone at 16 kHz: the kit's tones are made for 8 kHz, where half as many Hz are the same samples.
  const sound = tone(hz / 2, { length: 16_000 });
  assert.equal(writer.write(sound, 16_000), 16_000);
  assert.equal(writer.waiting, 1000, 'it waits for the first leg');
  const ann = await home.call('ann');
  await home.hear([prompt, both[0]], ['ann']);
  const seen = await settles(() => [ann.ear.hears([hz, HZ.ann])], [[hz]], 900);
  assert.deepEqual(seen, [[hz]]);
  await settles(() => [ann.ear.hears([hz, HZ.ann])], [[]]);
  assert.ok(writer.starved > 0);
  assert.equal(writer.waiting, 0);
  writer.end();
  await home.engine.end(leg('ann'));
  assert.equal(writer.isClosed, true, 'a feed ends with its room');
  assert.equal(writer.space(8000), 0);
});

test('a thread that dies ends the lives of its rooms, and the tap goes on in the next', async () => {
  await using home = await threadHouse({ threads: 1 });
  const tap = home.engine.tap(account, conference, { what: 'mix' });
  await home.open('ann', 'room');
  await quiet();
  const told = home.fakes.all[0]!.orders.filter((order) => order.do === 'tap');
  assert.equal(told.length, 1);
  home.fakes.all[0]!.die('as told');
  await quiet();
  assert.deepEqual(
    tap.read().map(({ type }) => type),
    ['ended'],
  );
  await home.open('ben', 'room');
  await quiet();
  assert.equal(home.fakes.alive[0]!.orders.filter((order) => order.do === 'tap').length, 1);
  tap.close();
  await quiet();
  assert.equal(home.fakes.alive[0]!.orders.filter((order) => order.do === 'untap').length, 1);
});
