import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aConferenceId, anAccount } from '../../../test/kit/conference-fakes.ts';
import { LobbyHouse } from '../../../test/kit/lobby-house.ts';
import type { Dialling } from '../dialling.ts';

const dialling: Pick<Dialling, 'resolve'> = {
  async resolve(_, endpoint) {
    if (endpoint !== '2001') return { endpoint: String(endpoint), refusal: { code: 'bad_endpoint', words: 'nobody is there' } };
    return { endpoint, name: 'Ben', target: { dialled: endpoint, ways: [] }, vars: {} };
  },
};

/** Somebody who takes part in a conference whose keys 5 and 6 transfer, the second one to nobody. */
async function house() {
  const at = new LobbyHouse({ dialling });
  const controls = {
    default: [
      { digits: '5', action: 'transfer 2001 XML default' },
      { digits: '6', action: 'transfer', data: 'nobody' },
    ],
  };
  const silent = Object.fromEntries(['alone', 'enter', 'exit', 'member-enter', 'moh'].map((each) => [`${each}-sound`, '']));
  await at.create({ play_welcome: false, member: { join_muted: false }, controls, profile: silent });
  const ann = await at.comes(1, [{ id: 'j', type: 'conference_join', option: { conference_id: aConferenceId } }]);
  const people = async () => (await at.read()).room?.participants.map((each) => each.call.id) ?? [];
  assert.deepEqual(await people(), [ann.id]);
  return { at, ann, people };
}

test('who presses the key is sent on to where the map says, and has left as one who was transferred', async () => {
  const { at, ann, people } = await house();
  await at.press(ann.id, '5');
  assert.deepEqual(await people(), []);
  assert.deepEqual(
    at.telephony.dialled.map(({ target }) => target.dialled),
    ['2001'],
  );
  const left = (await at.store.facts(anAccount, aConferenceId, 0)).find(({ type }) => type === 'participant.left');
  assert.equal(left?.type === 'participant.left' && left.reason, 'transferred');
});

test('where the map leads nowhere he hears so and stays', async () => {
  const { at, ann, people } = await house();
  await at.press(ann.id, '6');
  assert.deepEqual([await people(), at.telephony.dialled, at.telephony.hungUp], [[ann.id], [], []]);
  const sources = [...at.sounds.playings.values()].flatMap(({ playing }) => playing.sources);
  assert.deepEqual(sources, ['tone_stream://v=-20;%(250,250,425);loops=3']);
});
