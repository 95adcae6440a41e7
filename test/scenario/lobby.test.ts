import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { settles } from '../kit/ear.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, party } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const [ANN, BEN, SAID] = [TONES[0]!, TONES[1]!, TONES[6]!] as const;
/** A welcome that nobody can mistake. */
const welcome = (ms: number) => ({ welcome_prompt: { media_id: `tone_stream://v=-15;%(${ms},0,${SAID})` }, play_welcome: true });

async function hears(phone: Phone, expected: readonly number[]): Promise<void> {
  assert.deepEqual(await settles(() => [phone.hears()], [expected]), [expected]);
}

const names = async (conference: string): Promise<string[]> => [...(await participants(house, conference)).keys()].sort();

test('a caller is welcomed, gives the PIN and is in: he hears the others, they hear him', async () => {
  for (const by of ['rtp', 'info'] as const) {
    const room = await aRoom(house, {
      ...welcome(60_000),
      member: { join_muted: false, pins: ['4711'], numbers: [] },
      conference_numbers: [],
    });
    const free = await aRoom(house);
    assert.ok(free.id);
    const { body } = await house.kazoo('GET', `/conferences/${room.id}`);
    const number = `88${by === 'rtp' ? 1 : 2}`;
    await house.kazoo('POST', `/conferences/${room.id}`, { ...body.data, conference_numbers: [number] });
    const [ann] = await party(house, number, { names: ['Ann'] });
    await hears(ann!, [SAID]);
    await ann!.sendDigits('4711#', by);
    await eventually(async () => (await names(room.id)).includes('Ann'), 'Ann is not in');
    const ben = await house.phone({ user: 'Ben', tone: BEN });
    await ben.call(number);
    await ben.sendDigits('4711#', by);
    await hears(ben, [ANN]);
    await hears(ann!, [BEN]);
    await ann!.hangUp();
    await ben.hangUp();
    await emptied(house, room.id);
  }
});
