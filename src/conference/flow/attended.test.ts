import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAccount, anActor } from '../../../test/kit/conference-fakes.ts';
import { LobbyHouse } from '../../../test/kit/lobby-house.ts';
import { noLog } from '../../base/index.ts';
import type { Dialling } from '../dialling.ts';
import type { CallId } from '../ids.ts';
import { transferAttended } from './attended.ts';
import { lobbyOf } from './lobby.ts';

const dialling: Pick<Dialling, 'resolve'> = {
  async resolve(_, endpoint) {
    if (endpoint === 'nobody') return { endpoint: 'nobody', refusal: { code: 'bad_endpoint', words: 'nobody is there' } };
    return { endpoint: String(endpoint), name: 'Ben', target: { dialled: String(endpoint), ways: [] }, vars: {} };
  },
};

const stays = [{ id: 's', type: 'sleep', option: { duration: 600_000 } }];

/** Ann is up, and to be transferred to Ben. */
async function house() {
  const at = new LobbyHouse({ dialling });
  const ann = await at.comes(1, stays);
  const transfer = (target = '2001') => transferAttended(at.lobbies.phoneCalls, { account: anAccount, call: ann.id, target, log: noLog });
  const people = async (): Promise<readonly string[]> => {
    const [found] = await at.store.running();
    return found?.room?.participants.map((each) => each.call.id) ?? [];
  };
  const answers = async (): Promise<CallId> => {
    const { call } = at.telephony.dialled.at(-1)!;
    await at.execute('call.answered', { conference: lobbyOf(call.id), call: call.id }, anActor);
    await at.settled();
    return call.id;
  };
  return { at, ann, transfer, people, answers };
}

test('a call stays where it is until whoever is called has answered, and then the two are alone', async () => {
  const { at, ann, transfer, people, answers } = await house();
  await transfer();
  await at.settled();
  assert.deepEqual([await people(), at.telephony.dialled.length], [[], 1]);
  const ben = await answers();
  await at.settled();
  assert.deepEqual([...(await people())].sort(), [ann.id, ben].sort());
  // With one of them it is over for both.
  await at.ends(ben);
  await at.settled();
  assert.deepEqual(await people(), []);
  assert.ok(at.telephony.hungUp.some(({ call }) => call === ann.id));
});

test('nobody answers: nothing happens to the call', async () => {
  const { at, ann, transfer, people } = await house();
  await transfer();
  await at.settled();
  const { call } = at.telephony.dialled.at(-1)!;
  const refusal = { code: 'dial_busy', words: 'busy', status: 486 };
  await at.execute('call.ended', { conference: lobbyOf(call.id), call: call.id, reason: 'hung-up', refusal }, anActor);
  await at.settled();
  assert.deepEqual([await people(), at.telephony.hungUp], [[], []]);
  assert.equal(at.lobbies.phoneCalls.find(anAccount, ann.id)?.status, 'progressing');
});

test('the call goes while the other rings: it rings no longer', async () => {
  const { at, ann, transfer } = await house();
  await transfer();
  await at.settled();
  await at.ends(ann.id);
  await at.settled();
  assert.deepEqual(
    at.telephony.hungUp.map(({ call }) => call),
    [at.telephony.dialled.at(-1)!.call.id],
  );
});

test('what nobody can be called at is refused, and so is a call that is gone', async () => {
  const { at, ann, transfer } = await house();
  await assert.rejects(transfer('nobody'), { code: 'number_not_found' });
  await at.ends(ann.id);
  await at.settled();
  await assert.rejects(transfer(), { code: 'call_not_up' });
});
