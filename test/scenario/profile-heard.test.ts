/** Every parameter of a profile, heard on telephones. `interval`, `energy-level` and `rate` as they are offered and shown: profile.test.ts. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/index.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { hearsPrompt } from '../kit/prompt-finder.ts';
import { AMPLITUDE, strength, TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const [ANN, BEN] = [TONES[0]!, TONES[1]!];
const sound = (hz: number, ms = 1500): string => `tone_stream://v=-15;%(${ms},0,${hz})`;

const phone = (user: string, tone: number): Promise<Phone> => house.phone({ user, tone });
const hears = (who: Phone, hz: number): Promise<true> =>
  eventually(() => (who.hears().includes(hz) ? (true as const) : undefined), `${who.name} does not hear ${hz} Hz`, 10_000);
const isIn = (conference: string, name: string): Promise<boolean> =>
  eventually(async () => (await participants(house, conference)).has(name), `${name} is not in`);
async function leave(conference: string, ...phones: Phone[]): Promise<void> {
  for (const each of phones) await each.close();
  await emptied(house, conference);
}

/** What each sound is heard at. */
const SOUNDS: Readonly<
  Record<string, { document?: JsonObject; heard: (room: Awaited<ReturnType<typeof aRoom>>, hz: number) => Promise<void> }>
> = {
  'alone-sound': {
    heard: async (room, hz) => {
      const ann = await phone('Ann', ANN);
      await ann.call(room.number);
      await hears(ann, hz);
      await leave(room.id, ann);
    },
  },
  'enter-sound': { heard: (room, hz) => two(room, async ({ ann }) => void (await hears(ann, hz))) },
  'exit-sound': {
    heard: (room, hz) =>
      two(room, async ({ ann, ben }) => {
        await isIn(room.id, 'Ben');
        await ben.hangUp();
        await hears(ann, hz);
      }),
  },
  'moh-sound': {
    heard: async (room, hz) => {
      const ann = await phone('Ann', ANN);
      await ann.call(room.number);
      await hears(ann, hz);
      await leave(room.id, ann);
    },
  },
  'muted-sound': {
    heard: (room, hz) =>
      two(room, ({ ben }) =>
        ben
          .sendDigits('*1')
          .then(() => hears(ben, hz))
          .then(() => {}),
      ),
  },
  'unmuted-sound': {
    heard: (room, hz) =>
      two(room, ({ ben }) =>
        ben
          .sendDigits('*1*1')
          .then(() => hears(ben, hz))
          .then(() => {}),
      ),
  },
  'locked-sound': {
    heard: (room, hz) =>
      two(room, async () => {
        await house.act(room.id, 'lock');
        const late = await phone('Late', TONES[2]!);
        await late.call(room.number);
        await hears(late, hz);
        await late.ended();
      }),
  },
  'max-members-sound': {
    document: { max_participants: 2 },
    heard: (room, hz) =>
      two(room, async () => {
        const late = await phone('Late', TONES[2]!);
        await late.call(room.number);
        await hears(late, hz);
        await late.ended();
      }),
  },
};

/** Ann is in, Ben comes; then what is to be heard. */
async function two(
  room: { readonly id: string; readonly number: string },
  then: (people: { ann: Phone; ben: Phone }) => Promise<void>,
): Promise<void> {
  const [ann, ben] = [await phone('Ann', ANN), await phone('Ben', BEN)];
  await ann.call(room.number);
  await isIn(room.id, 'Ann');
  await ben.call(room.number);
  await isIn(room.id, 'Ben');
  await then({ ann, ben });
  await leave(room.id, ann, ben);
}

for (const [index, [key, { document = {}, heard }]] of Object.entries(SOUNDS).entries()) {
  test(`${key} is heard`, { timeout: 60_000 }, async () => {
    const hz = TONES[3 + index]!;
    await heard(await aRoom(house, { ...document, profile: { [key]: sound(hz, key === 'moh-sound' ? 60_000 : 1500) } }), hz);
  });
}

test('max-members of a profile is the limit where the document has none', { timeout: 60_000 }, async () => {
  const room = await aRoom(house, { profile: { 'max-members': 2 } });
  await two(room, async () => {
    assert.notEqual(await (await phone('Late', TONES[2]!)).tries(room.number), 200);
  });
});

test('announce-count: who comes is told how many are there, in words', { timeout: 60_000 }, async () => {
  const room = await aRoom(house, { profile: { 'announce-count': 2 } });
  const ann = await phone('Ann', ANN);
  await ann.call(room.number);
  ann.rtp.send(false);
  await isIn(room.id, 'Ann');
  const ben = await phone('Ben', BEN);
  await ben.call(room.number);
  await hearsPrompt(ben, 'conf-single');
  await leave(room.id, ann, ben);
});

test('caller-controls and moderator-controls: each role has the keys of its group', { timeout: 60_000 }, async () => {
  const room = await aRoom(house, {
    profile: { 'caller-controls': 'few', 'moderator-controls': 'more', 'deaf-sound': sound(TONES[6]!), 'muted-sound': sound(TONES[7]!) },
    controls: { few: [{ digits: '1', action: 'mute on' }], more: [{ digits: '1', action: 'deaf on' }] },
  });
  const [ann, boss] = [await phone('Ann', ANN), await phone('Boss', BEN)];
  await ann.call(room.number);
  await boss.call(room.moderators);
  await isIn(room.id, 'Boss');
  await ann.sendDigits('1');
  await hears(ann, TONES[7]!);
  await boss.sendDigits('1');
  await hears(boss, TONES[6]!);
  await leave(room.id, ann, boss);
});

/** The loudness of what arrived in the last second, as a peak of 16 bit. */
const peak = (who: Phone): number => Math.max(0, ...who.ear.since(performance.now() - 1000).map((each) => Math.abs(each)));

test('comfort-noise is heard where nobody speaks, and silence where it is 0', { timeout: 60_000 }, async () => {
  for (const [level, isNoise] of [
    [1400, true],
    [0, false],
  ] as const) {
    const room = await aRoom(house, { profile: { 'comfort-noise': level } });
    await two(room, async ({ ann, ben }) => {
      for (const each of [ann, ben]) each.rtp.send(false);
      await eventually(
        () => ann.ear.since(performance.now() - 1000).length > 7000 && peak(ann) > 10 === isNoise && peak(ann) < 2000,
        `${level}: ${peak(ann)}`,
        12_000,
      );
    });
  }
});

test('energy-level: what is louder is shown as talk, and silence is not', { timeout: 60_000 }, async () => {
  const room = await aRoom(house, { profile: { 'energy-level': 1800 } });
  await two(room, async ({ ben }) => {
    ben.rtp.play(BEN);
    const talks = async (name: string): Promise<boolean> => (await participants(house, room.id)).get(name)?.talking === true;
    await eventually(() => talks('Ben'), 'a tone of 2546 is talk');
    ben.rtp.send(false);
    await eventually(async () => !(await talks('Ben')), 'silence is none');
  });
});

test('rate: whatever a room is mixed at, telephones hear each other as they are', { timeout: 60_000 }, async () => {
  for (const rate of [8000, 12_000, 44_100]) {
    const room = await aRoom(house, { profile: { rate } });
    await two(room, async ({ ann }) => {
      const loud = (): number => strength(ann.ear.since(performance.now() - 240), BEN);
      await eventually(() => Math.abs(loud() - AMPLITUDE) < AMPLITUDE / 8, `at ${rate} Hz it has an amplitude of ${loud()}`);
    });
  }
});
