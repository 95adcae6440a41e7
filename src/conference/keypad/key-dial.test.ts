import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aConferenceId, anAccount, anActor } from '../../../test/kit/conference-fakes.ts';
import { LobbyHouse } from '../../../test/kit/lobby-house.ts';
import type { Dialling, DialOrder } from '../dialling.ts';

/** Somebody who takes part in a conference whose keys 5 and 6 call somebody in, the second one nobody. */
async function house(document = {}) {
  const orders: DialOrder[] = [];
  const dialling: Dialling = {
    resolve: async (_, endpoint) => ({ endpoint: String(endpoint), refusal: { code: 'bad_endpoint', words: 'nobody is there' } }),
    async dial(order) {
      orders.push(order);
      const [endpoint] = order.endpoints;
      const refusal = { code: 'dial_busy', words: 'busy', status: 486 };
      return [{ endpoint: String(endpoint), jobId: '1', ...(endpoint === '2001' ? {} : { refusal }) }];
    },
  };
  const at = new LobbyHouse({ dialling });
  const controls = {
    default: [
      { digits: '5', action: 'dial 2001' },
      { digits: '6', action: 'dial', data: 'sip:nobody@127.0.0.1' },
    ],
  };
  const silent = Object.fromEntries(['alone', 'enter', 'exit', 'member-enter', 'moh'].map((each) => [`${each}-sound`, '']));
  await at.create({ name: 'Standup', play_welcome: false, member: { join_muted: false }, controls, profile: silent, ...document });
  const ann = await at.comes(1, [{ id: 'j', type: 'conference_join', option: { conference_id: aConferenceId } }]);
  const heard = () => [...at.sounds.playings.values()].flatMap(({ playing }) => playing.sources);
  return { at, ann, orders, heard };
}

test('the key calls in whom the map names, for the conference, by its name, and says so', async () => {
  const { at, ann, orders, heard } = await house();
  await at.press(ann.id, '5');
  assert.deepEqual(orders, [{ account: anAccount, conference: aConferenceId, endpoints: ['2001'], callerId: { name: 'Standup' } }]);
  assert.deepEqual(heard(), ['prompt://system_media/conf-dialling/en-us']);
});

test('who cannot be reached is told to the one who pressed, alone and in the conference’s language', async () => {
  const { at, ann, orders } = await house({ language: 'de-de' });
  await at.press(ann.id, '6');
  assert.deepEqual(
    orders.map(({ endpoints }) => endpoints),
    [['sip:nobody@127.0.0.1']],
  );
  const [one] = (await at.read()).room?.participants ?? [];
  // It does not speak into the answer to the key.
  const [dialling] = [...at.sounds.playings.keys()];
  assert.ok(dialling);
  at.sounds.forget(dialling);
  await at.execute('play.ended', { conference: aConferenceId, playing: dialling, reason: 'finished' }, anActor);
  const said = [...at.sounds.playings.values()].map(({ playing }) => ({ to: playing.to, sources: playing.sources }));
  assert.deepEqual(said.at(-1), { to: one?.id, sources: ['prompt://system_media/conf-dial_failed/de-de'] });
  assert.equal((await at.read()).room?.participants.length, 1);
});
