import assert from 'node:assert/strict';
import type { ThreadCodec, ThreadDirection } from '../../src/media/thread/messages.ts';
import { discontinuities, level, longestStandstill } from './measure.ts';
import { SeededChance } from './seeded-chance.ts';
import { G722, l16, opus, PCMA, PCMU, SoundHouse, type SoundPhone } from './sound-house.ts';
import { sine } from './speech.ts';

const HZ = 1013;
const OTHERS = [PCMU, PCMA, G722, opus(), opus({ ptime: 60, dtx: true }), l16(16_000)];
const DIRECTIONS: readonly ThreadDirection[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

export interface SoundWalk {
  readonly talker: ThreadCodec;
  readonly listener: ThreadCodec;
  readonly seconds: number;
  readonly seed: number;
}

/**
 * Ann says a tone and ben hears it. Around them everything that can happen to others happens in an order of chance: they join and leave with all
 * codecs, are held, muted, deaf, not heard by some; the room may have another rate at most; ben talks now and then. Fails if he notices any of it.
 */
export async function walkSound({ talker, listener, seconds, seed }: SoundWalk): Promise<void> {
  const chance = new SeededChance(seed);
  const any = <T>(list: readonly T[]): T => list[Math.floor(chance.next() * list.length)]!;
  await using house = new SoundHouse({ tickJitterMs: 2 });
  // Some are served before ben and some after him.
  const others: SoundPhone[] = [await house.phone('abe', { codec: any(OTHERS) })];
  const ann = await house.phone('ann', { codec: talker });
  const ben = await house.phone('ben', { codec: listener });
  const mutes = new Set<SoundPhone>();
  const deafs = new Set<SoundPhone>();
  let [rate, joined] = [48_000, 0];
  const change = (set: Set<SoundPhone>, phone: SoundPhone | undefined): void => {
    if (phone !== undefined && !set.delete(phone)) set.add(phone);
  };
  const mix = (): void =>
    house.mix({
      rate,
      speakers: house.phones.filter((phone) => !mutes.has(phone)),
      listeners: house.phones
        .filter((phone) => !deafs.has(phone))
        .map(({ name }) => ({
          leg: name,
          gains: [ben, ...others].filter(() => chance.next() < 0.2).map((other) => ({ leg: other.name, gain: any([0, 0.5]) })),
        })),
    });
  const events: readonly (() => Promise<void> | void)[] = [
    async () => {
      if (others.length < 4) others.push(await house.phone(`other ${joined++}`, { codec: any(OTHERS) }));
    },
    async () => {
      const [gone] = others.splice(Math.floor(chance.next() * others.length), 1);
      if (gone !== undefined) await house.end(gone);
    },
    () => {
      if (others.length > 0) house.change(any(others).name, { direction: any(DIRECTIONS) });
    },
    () => change(mutes, any([...others, ben])),
    () => change(deafs, any(others)),
    () => {
      rate = any([8000, 16_000, 48_000]);
    },
    () => ben.say(sine(370, { rate: ben.rate, seconds: 1, dbfs: -20 })),
  ];
  mix();
  ann.say(sine(HZ, { rate: ann.rate, seconds: 1, dbfs: -20 }), { loop: true });
  house.run(1000);
  const log: string[] = [];
  while (house.now < seconds * 1000) {
    const event = Math.floor(chance.next() * events.length);
    await events[event]!();
    log.push(`${house.now}:${event}`);
    if (chance.next() < 0.8) mix();
    house.run(5 * Math.floor(chance.next() * 60));
  }
  assertWhole(ben, house.now - 100, `seed ${seed}: ${log.join(' ')}`);
}

function assertWhole(phone: SoundPhone, until: number, told: string): void {
  const heard = phone.between(1000, until);
  const breaks = discontinuities(heard, phone.rate, 3).map((at) => (1000 + (at * 1000) / phone.rate).toFixed(1));
  assert.deepEqual(breaks, [], `ms where it breaks; ${told}`);
  assert.ok(longestStandstill(heard) < phone.rate / 400, `it stands still; ${told}`);
  // The tone is there all the time, weaker only while a room fades between two rates.
  const part = phone.rate / 20;
  // Two encoders of Opus that hear the same for 200 ms agree, but for a moment not to the last dB.
  const loudest = phone.codec.name === 'opus' ? -16 : -18;
  const levels = Array.from({ length: Math.floor(heard.length / part) }, (_, n) => level(heard, n * part, (n + 1) * part));
  const strange = levels.flatMap((each, n) => (each < -24 || each > loudest ? [`${1000 + n * 50} ms: ${each.toFixed(1)} dBFS`] : []));
  assert.deepEqual(strange, [], told);
  assert.deepEqual([phone.gaps, phone.oddities], [[], 0], told);
}
