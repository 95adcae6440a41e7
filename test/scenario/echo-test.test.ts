/** The number that everybody can dial from the first start to hear himself. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { settles } from '../kit/ear.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { hearsPrompt } from '../kit/prompt-finder.ts';
import { TONES } from '../kit/sound.ts';

const [ANN, BEN] = [TONES[2]!, TONES[5]!] as const;

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

test('a caller is told what it is, hears himself, and is told how loud he is and by which codec', { timeout: 90_000 }, async () => {
  const ann = await house.phone({ user: 'Ann', tone: ANN });
  await ann.call('3999');
  await hearsPrompt(ann, 'echo-welcome');
  assert.deepEqual(ann.ear.hears([ANN]), [], 'not before it is said that he will');
  await ann.sendDigits('5');
  assert.deepEqual(await settles(() => [ann.ear.hears([ANN])], [[ANN]]), [[ANN]]);
  await hearsPrompt(ann, 'echo-level_good', { within: 20_000 });
  await hearsPrompt(ann, 'echo-codec_pcmu');
  assert.deepEqual(ann.ear.hears([ANN]), []);
  await hearsPrompt(ann, 'echo-no_loss');
  await hearsPrompt(ann, 'echo-again');
  await ann.sendDigits('1', 'info');
  assert.deepEqual(await settles(() => [ann.ear.hears([ANN])], [[ANN]]), [[ANN]]);
  await ann.hangUp();
});

test('in the language of the account', { timeout: 60_000 }, async () => {
  await house.kazoo('PUT', '/configs/conferences', { language: 'de-de' });
  // What an account configures is believed for a second.
  await eventually(
    async () => {
      const dora = await house.phone({ user: 'Dora', tone: ANN });
      await dora.call('3999');
      const isGerman = await hearsPrompt(dora, 'echo-welcome', { language: 'de-de', within: 6000 }).then(
        () => true,
        () => false,
      );
      await dora.hangUp();
      return isGerman;
    },
    'it is not welcomed in German',
    25_000,
  );
});

test('a conference that has this number is called instead', { timeout: 60_000 }, async () => {
  const { id } = await aRoom(house, { conference_numbers: ['3999'] });
  const ben = await house.phone({ user: 'Ben', tone: BEN });
  await ben.call('3999');
  await eventually(async () => (await participants(house, id)).has('Ben'), 'Ben is not in it');
  await ben.hangUp();
  await emptied(house, id);
});
