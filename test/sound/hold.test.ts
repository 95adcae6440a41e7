import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadCodecs } from '../../src/audio/index.ts';
import type { ThreadDirection } from '../../src/media/thread/messages.ts';
import { goertzel } from '../kit/measure.ts';
import { G722, opus, PCMU, SoundHouse, type SoundPhone } from '../kit/sound-house.ts';
import { sine } from '../kit/speech.ts';

before(loadCodecs);

/** What each of them says all the time: a held telephone goes on with its music. */
const TONES = { ann: 700, ben: 1300, cid: 1900 };
type Name = keyof typeof TONES;
const NAMES = Object.keys(TONES) as Name[];

/** Whose tones are in the last 100 ms of what a telephone heard; the silence that was not sent counts as silence. */
function hears(house: SoundHouse, phone: SoundPhone): string[] {
  const heard = phone.between(house.now - 120, house.now - 20);
  return NAMES.filter((name) => heard.length > 0 && goertzel(heard, phone.rate, TONES[name]) > 1000);
}

/** What somebody outside does to a leg, and what must then be true of it. */
const STEPS = {
  hold: { held: true, dead: false },
  'hold inactive': { held: true, dead: true },
  resume: { held: false, dead: false },
  mute: { muted: true },
  unmute: { muted: false },
  deaf: { deaf: true },
  undeaf: { deaf: false },
} as const;
type Step = keyof typeof STEPS;

const DIRECTIONS: Partial<Record<Step, ThreadDirection>> = { hold: 'sendonly', 'hold inactive': 'inactive', resume: 'sendrecv' };

/** All orders of some things. */
function orders<T>(things: readonly T[]): T[][] {
  if (things.length <= 1) return [[...things]];
  return things.flatMap((thing, n) => orders(things.filter((_, at) => at !== n)).map((rest) => [thing, ...rest]));
}

for (const [name, codec] of [
  ['PCMU', PCMU],
  ['G.722', G722],
  ['Opus', opus()],
] as const) {
  test(`${name}: in every order of hold, resume, mute, deaf and hanging up, exactly those are heard who should be`, async () => {
    const walks = [
      ...orders<Step | 'end'>(['hold', 'resume', 'mute', 'end']),
      ...orders<Step | 'end'>(['hold inactive', 'deaf', 'resume', 'end']),
      ['hold', 'mute', 'resume', 'unmute', 'hold inactive', 'deaf', 'resume', 'undeaf', 'hold', 'hold inactive', 'hold', 'resume'] as const,
    ];
    // Opus is dear; it need not walk all the ways.
    for (const walk of name === 'Opus' ? walks.filter((_, n) => n % 8 === 0) : walks) await go(walk);
  });

  async function go(walk: readonly (Step | 'end')[]): Promise<void> {
    await using house = new SoundHouse();
    const phones = new Map<Name, SoundPhone>();
    for (const each of NAMES) {
      const phone = await house.phone(each, { codec });
      phone.say(sine(TONES[each], { rate: phone.rate, seconds: 1, dbfs: -20 }), { loop: true });
      phones.set(each, phone);
    }
    const state = { held: false, dead: false, muted: false, deaf: false };
    const mix = (): void =>
      house.mix({
        speakers: house.phones.filter((phone) => phone.name !== 'ann' || !state.muted),
        listeners: house.phones.filter((phone) => phone.name !== 'ann' || !state.deaf).map((phone) => ({ leg: phone.name, gains: [] })),
      });
    mix();
    house.run(600);
    const done: string[] = [];
    for (const step of walk) {
      done.push(step);
      if (step === 'end') await house.end(phones.get('ann')!);
      else {
        Object.assign(state, STEPS[step]);
        const direction = DIRECTIONS[step];
        if (direction !== undefined) house.change('ann', { direction });
      }
      mix();
      house.run(900);
      const isGone = step === 'end';
      const speaks = !isGone && !state.held && !state.muted;
      const listens = !isGone && !state.dead && !state.deaf;
      const said = done.join(', ');
      assert.deepEqual(hears(house, phones.get('ben')!), speaks ? ['ann', 'cid'] : ['cid'], `ben after ${said}`);
      assert.deepEqual(hears(house, phones.get('cid')!), speaks ? ['ann', 'ben'] : ['ben'], `cid after ${said}`);
      if (isGone) break;
      assert.deepEqual(hears(house, phones.get('ann')!), listens ? ['ben', 'cid'] : [], `ann after ${said}`);
    }
    for (const phone of house.phones) assert.equal(phone.oddities, 0);
  }
}

test('not one sample of a held telephone enters the room, from the moment on that it is held', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann');
  const ben = await house.phone('ben');
  house.mix();
  ann.say(sine(700, { rate: 8000, seconds: 1, dbfs: -20 }), { loop: true });
  house.run(1000);
  for (const direction of ['sendonly', 'inactive'] as const) {
    house.change('ann', { direction });
    const from = house.now;
    house.run(2000);
    // What was in the mix when hold came may fade for one packet.
    assert.ok(
      ben.between(from + 20, house.now).every((sample) => sample === 0),
      direction,
    );
    house.change('ann', { direction: 'sendrecv' });
    house.run(500);
    assert.ok(goertzel(ben.between(house.now - 200, house.now - 20), 8000, 700) > 3000, 'heard again');
  }
});
