import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aConferenceId, anAccount, anActor } from '../../../test/kit/conference-fakes.ts';
import { LobbyHouse } from '../../../test/kit/lobby-house.ts';
import { lobbyOf } from './lobby.ts';
import { readActions } from './read-actions.ts';

const DAY = 24 * 3_600_000;
const sleeps = readActions(
  [
    { type: 'sleep', option: { duration: 2 * DAY } },
    { type: 'sleep', option: { duration: 2 * DAY } },
  ],
  'a',
);

test('a call lasts a day and no longer, whether it is in its lobby or in a conference', async () => {
  const house = new LobbyHouse();
  const { id } = await house.comes(1, sleeps);
  await house.create({ member: { join_muted: false }, play_welcome: false });
  const joins = readActions([{ type: 'confbridge_join', option: { confbridge_id: aConferenceId } }], 'a');
  const other = await house.comes(2, joins);
  house.clock.advance(DAY - 1000);
  await house.settled();
  const hungUp = () => house.telephony.hungUp.filter(({ reason }) => reason === 'time-up').map(({ call }) => call);
  assert.deepEqual(hungUp(), []);
  house.clock.advance(1000);
  await house.settled();
  assert.deepEqual([...hungUp()].sort(), [id, other.id].sort());
  for (const each of [id, other.id]) await house.ends(each);
  assert.equal(house.clock.armed, 0);
});

test('a call of ours rings when its far end does, once it was dialled and before it is up', async () => {
  const house = new LobbyHouse({
    dialling: { resolve: async () => ({ name: '', vars: {}, target: { dialled: '+15550100' } }) as never },
  });
  const { phoneCalls } = house.lobbies;
  const told: string[] = [];
  phoneCalls.follow(anAccount, (call, before) => told.push(`${before?.status ?? '-'} ${call.status}`));
  const { id } = await phoneCalls.make({ account: anAccount, target: '+15550100', plan: { actions: sleeps } });
  for (let n = 0; n < 2; n += 1) await house.execute('call.ringing', { conference: lobbyOf(id), call: id }, anActor);
  await house.execute('call.answered', { conference: lobbyOf(id), call: id }, anActor);
  await house.execute('call.ringing', { conference: lobbyOf(id), call: id }, anActor);
  assert.deepEqual(told, ['- dialing', 'dialing ringing', 'ringing progressing']);
  assert.notEqual(phoneCalls.find(anAccount, id)?.rangAt, undefined);
});
