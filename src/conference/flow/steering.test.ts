import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anAccount, anActor } from '../../../test/kit/conference-fakes.ts';
import { LobbyHouse } from '../../../test/kit/lobby-house.ts';
import type { AccountId } from '../../accounts/index.ts';
import { Failure } from '../../base/index.ts';
import type { Dialling } from '../dialling.ts';
import type { CallId } from '../ids.ts';
import { lobbyOf } from './lobby.ts';
import { callOfRun, type PhoneCall, runOf } from './phone-calls.ts';

const dialling: Pick<Dialling, 'resolve'> = {
  async resolve(_, endpoint) {
    if (endpoint === 'nobody') return { endpoint: 'nobody', refusal: { code: 'bad_endpoint', words: 'nobody is there' } };
    return { endpoint: String(endpoint), name: 'Ben', target: { dialled: String(endpoint), ways: [] }, vars: {} };
  },
};

const beep = (id: string) => ({ id, type: 'play', option: { stream_urls: [`tone_stream://%(100,0,${id})`] } });

/** The call that was made last is answered. */
async function answers(house: LobbyHouse, n = 0): Promise<CallId> {
  const { call } = house.telephony.dialled[n]!;
  await house.execute('call.answered', { conference: lobbyOf(call.id), call: call.id }, anActor);
  await house.settled();
  return call.id;
}

test('the run of a call and the call find one another; what is no such id stays', () => {
  const id = '01a2008457cd75b38e67de2d7eca6bca' as CallId;
  assert.notEqual(runOf(id), id);
  assert.match(runOf(id), /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  assert.equal(callOfRun(runOf(id)), id);
  assert.equal(runOf('call-1' as CallId), 'call-1');
});

test('a call of ours begins its flow once it is up, and every step of its life is told', async () => {
  const house = new LobbyHouse({ dialling });
  const { phoneCalls } = house.lobbies;
  const told: string[] = [];
  const stop = phoneCalls.follow(anAccount, (call) => void told.push(call.status));
  const made = await phoneCalls.make({ account: anAccount, target: '+15550101', plan: { actions: [beep('440')] } });
  assert.equal(made.status, 'dialing');
  await house.settled();
  assert.deepEqual(house.playing(made.id), []);
  await answers(house);
  assert.deepEqual(house.playing(made.id), ['tone_stream://%(100,0,440)']);
  assert.equal(phoneCalls.find(anAccount, made.id)?.run?.current?.id, '440');
  await house.played(made.id);
  assert.deepEqual(house.telephony.hungUp, [{ call: made.id, reason: 'flow-ended' }]);
  await house.ends(made.id);
  stop();
  assert.deepEqual(told, ['dialing', 'progressing', 'terminating', 'hangup']);
  const over = phoneCalls.find(anAccount, made.id) as PhoneCall;
  assert.deepEqual([over.byUs, over.endedAt === undefined], [true, false]);
  assert.equal(phoneCalls.find('f'.repeat(32) as AccountId, made.id), undefined);
  assert.throws(() => phoneCalls.hangUp(anAccount, made.id), { code: 'call_not_found' });
});

test('its flow knows who calls, and whom', async () => {
  const house = new LobbyHouse({ dialling });
  const names = ['source.target', 'source.type', 'destination.target', 'direction', 'nothing'];
  const text = names.map((each) => `\${voipbin.call.${each}}`).join(' ');
  const talk = { id: 't', type: 'talk', option: { text } };
  const source = { number: '+15550100' };
  const made = await house.lobbies.phoneCalls.make({ account: anAccount, target: '2001', source, plan: { actions: [talk] } });
  await answers(house);
  assert.deepEqual(house.playing(made.id), ['+15550100 tel 2001 outgoing']);
});

test('one that is not answered never begins; what was wanted to ring no more is cancelled', async () => {
  const house = new LobbyHouse({ dialling });
  const { phoneCalls } = house.lobbies;
  const made = await phoneCalls.make({ account: anAccount, target: '1', plan: { actions: [beep('440')] } });
  assert.equal(phoneCalls.hangUp(anAccount, made.id).status, 'canceling');
  const refusal = { code: 'dial_cancelled', words: 'cancelled', status: 487 };
  await house.execute('call.ended', { conference: lobbyOf(made.id), call: made.id, reason: 'kicked', refusal }, anActor);
  assert.deepEqual(house.sounds.playings.size, 0);
  assert.equal(house.lobbies.count, 0);
  await assert.rejects(phoneCalls.make({ account: anAccount, target: 'nobody', plan: { actions: [] } }), { code: 'bad_endpoint' });
  assert.equal(house.lobbies.count, 0);
});

test('a flow calls others, who have flows of their own; the chained ones end with it', async () => {
  const house = new LobbyHouse({ dialling });
  const option = (chained: boolean) => ({ destinations: [{ target: '2001' }, { target: 'nobody' }], actions: [beep('550')], chained });
  const caller = await house.comes(1, [
    { id: 'a', type: 'call', option: option(true) },
    { id: 'b', type: 'call', option: option(false) },
    { id: 'c', type: 'sleep', option: { duration: 60_000 } },
  ]);
  assert.deepEqual(
    house.telephony.dialled.map(({ target }) => target.dialled),
    ['2001', '2001'],
  );
  const chained = await answers(house, 0);
  const free = await answers(house, 1);
  const masters = [chained, free].map((id) => house.lobbies.phoneCalls.find(anAccount, id)?.master);
  assert.deepEqual(masters, [caller.id, caller.id]);
  await house.ends(caller.id);
  assert.deepEqual(house.telephony.hungUp, [{ call: chained, reason: 'flow-ended' }]);
});

test('a flow that calls itself comes to an end', async () => {
  const house = new LobbyHouse({ dialling });
  const again = { id: 'a', type: 'call', option: { destinations: Array.from({ length: 100 }, () => '2001'), actions: [] } };
  await house.comes(1, [again, again, { id: 'c', type: 'sleep', option: { duration: 60_000 } }]);
  assert.equal(house.telephony.dialled.length, 100);
});

test('who is silenced in his lobby is so in the conference too, and the action mute mutes', async () => {
  const house = new LobbyHouse({ dialling });
  await house.create({ play_welcome: false, member: { join_muted: false } });
  const join = { id: 'j', type: 'conference_join', option: { conference_id: aConferenceId } };
  const call = await house.comes(1, [{ id: 'm', type: 'mute', option: {} }, { id: 's', type: 'sleep', option: { duration: 1000 } }, join]);
  const { phoneCalls } = house.lobbies;
  await phoneCalls.hold(anAccount, call.id, true);
  assert.equal(phoneCalls.find(anAccount, call.id)?.muted, 'in');
  house.clock.advance(1000);
  await house.settled();
  const now = async () => (await house.read()).room?.participants[0];
  assert.deepEqual([(await now())?.muted, (await now())?.deaf], [['moderator'], true]);
  await phoneCalls.hold(anAccount, call.id, false);
  assert.deepEqual([(await now())?.muted, (await now())?.deaf], [['moderator'], false]);
  await phoneCalls.mute(anAccount, call.id, { direction: 'both', on: false });
  assert.deepEqual((await now())?.muted, []);
});

test('what is kept out, and a program, is no call', async () => {
  const house = new LobbyHouse({ dialling });
  const call = aCall(1);
  await assert.rejects(house.execute('call.arrived', { conference: aConferenceId, call, role: 'member' }, anActor), Failure);
  assert.deepEqual(house.lobbies.phoneCalls.list(anAccount), []);
});
