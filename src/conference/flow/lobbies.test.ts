import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anAccount, anActor } from '../../../test/kit/conference-fakes.ts';
import { LobbyHouse } from '../../../test/kit/lobby-house.ts';
import type { AccountId } from '../../accounts/index.ts';
import { Failure, type Json, type JsonObject } from '../../base/index.ts';
import type { ConferenceId } from '../ids.ts';
import { lobbyOf } from './lobby.ts';
import type { Action } from './plan.ts';
import { readActions } from './read-actions.ts';

const actions = (...list: Json[]): readonly Action[] => readActions(list, 'a');
const talk = (text: string): JsonObject => ({ type: 'talk', option: { text } });
const joins: JsonObject = { type: 'confbridge_join', option: { confbridge_id: aConferenceId } };
const enters = (option: JsonObject = {}): JsonObject => ({ type: 'conference_enter', option });
const open = { member: { join_muted: false }, play_welcome: false };
const hungUp = (house: LobbyHouse) => house.telephony.hungUp.map(({ reason }) => reason);

test('a call in its lobby hears what its flow says, one thing behind the other, and is hung up in the end', async () => {
  const house = new LobbyHouse();
  const { id, leg } = await house.comes(1, actions(talk('one'), talk('two')));
  assert.deepEqual(house.telephony.answered, [id]);
  assert.deepEqual(house.playing(id), ['one']);
  const plan = house.media.last(lobbyOf(id));
  assert.deepEqual(
    plan?.listeners.map((each) => each.leg),
    [leg],
  );
  assert.equal(plan?.sources[0]?.source.kind, 'prompt');
  await house.played(id);
  assert.deepEqual(house.playing(id), ['two']);
  await house.played(id);
  assert.deepEqual(hungUp(house), ['flow-ended']);
  await house.ends(id);
  assert.deepEqual(house.media.last(lobbyOf(id))?.listeners, []);
  assert.deepEqual([house.lobbies.count, house.clock.armed], [0, 0]);
});

test('what cannot be played is left out, and the rest is heard', async () => {
  const house = new LobbyHouse();
  const { id } = await house.comes(1, actions({ type: 'play', option: { sources: ['unknown', 'known'] } }, talk('next')));
  assert.deepEqual(house.playing(id), ['known']);
  const other = await house.comes(2, actions({ type: 'play', option: { sources: ['unknown'] } }, talk('next')));
  assert.deepEqual(house.playing(other.id), ['next']);
});

test('who enters a conference is moved there and is a participant; kicked without more to do he is hung up', async () => {
  const house = new LobbyHouse();
  await house.create(open);
  const { id } = await house.comes(1, actions(joins));
  const { room } = await house.read();
  assert.deepEqual(
    room?.participants.map((each) => each.call.id),
    [id],
  );
  const [brought] = house.telephony.brought;
  assert.deepEqual([brought?.call, brought?.place.conference, brought?.place.participant?.number], [id, aConferenceId, 1]);
  assert.deepEqual(house.media.last(lobbyOf(id))?.listeners, [], 'nobody is left in the lobby');
  await house.execute('participants.kick', { conference: aConferenceId, which: 'all' }, anActor);
  assert.deepEqual(hungUp(house), ['kicked']);
  await house.ends(id);
  assert.equal(house.lobbies.count, 0);
});

test('who has more to do behind the conference is brought back when he is kicked, and when the conference ends', async () => {
  for (const command of ['participants.kick', 'conference.delete'] as const) {
    const house = new LobbyHouse();
    await house.create(open);
    const { id } = await house.comes(1, actions(joins, talk('behind')));
    if (command === 'participants.kick') await house.execute(command, { conference: aConferenceId, which: 'all' }, anActor);
    else await house.execute(command, { conference: aConferenceId, keep: true }, anActor);
    await house.settled();
    assert.deepEqual(hungUp(house), []);
    assert.equal(house.placeOf(id), lobbyOf(id));
    assert.deepEqual(house.playing(id), ['behind'], command);
    await house.played(id);
    assert.deepEqual(hungUp(house), ['flow-ended']);
    await house.ends(id);
    assert.deepEqual([house.lobbies.count, house.clock.armed], [0, 0]);
  }
});

test('who hangs up in a conference is out of it, and nothing of his flow is done any more', async () => {
  const house = new LobbyHouse();
  await house.create(open);
  const { id } = await house.comes(1, actions(joins, talk('behind')));
  await house.ends(id);
  await house.settled();
  assert.equal((await house.read()).room, undefined);
  assert.deepEqual([house.playing(id), hungUp(house), house.lobbies.count], [[], [], 0]);
});

test('who hangs up on the way in is in no conference afterwards, wherever he was', async () => {
  // So many turns of the queue after the digits: in every one of them the call may end.
  for (let turns = 0; turns < 60; turns += 1) {
    const house = new LobbyHouse();
    await house.create({ ...open, member: { join_muted: false, pins: ['12'] } });
    const call = await house.comes(1, actions(enters({ conference: aConferenceId })));
    for (const digit of '12#') void house.execute('call.digit', { conference: lobbyOf(call.id), call: call.id, digit }, anActor);
    await house.settled();
    house.clock.advance(turns < 30 ? 499 : 5_000);
    for (let turn = 0; turn < turns % 30; turn += 1) await undefined;
    // The signalling sends it to the lobby: it may not know of the move yet.
    await house.execute('call.ended', { conference: lobbyOf(call.id), call: call.id, reason: 'hung-up' }, anActor);
    await house.settled();
    house.clock.advance(60_000);
    await house.settled();
    assert.equal((await house.read()).room, undefined, `after ${turns} turns`);
    assert.deepEqual([house.lobbies.count, house.clock.armed, house.sounds.playings.size], [0, 0, 0]);
  }
});

test('an end that the store refuses is told again, and then the call is gone everywhere', async () => {
  const house = new LobbyHouse();
  await house.create(open);
  const { id } = await house.comes(1, actions(joins));
  house.store.failure = new Error('the disk is full');
  await assert.rejects(house.ends(id), /disk/);
  house.store.failure = undefined;
  await house.ends(id);
  assert.equal((await house.read()).room, undefined);
  assert.equal(house.lobbies.count, 0);
  await house.ends(id);
});

test('PIN, number and name are asked for in the lobby; three wrong entries end the call', async () => {
  const house = new LobbyHouse();
  await house.create({ ...open, conference_numbers: ['77'], member: { join_muted: false, pins: ['4711'] } });
  const right = await house.comes(1, actions(enters()));
  await house.press(right.id, '77#');
  house.clock.advance(5_000);
  await house.settled();
  await house.press(right.id, '4711#');
  house.clock.advance(5_000);
  await house.settled();
  assert.deepEqual(
    (await house.read()).room?.participants.map((each) => [each.call.id, each.role]),
    [[right.id, 'member']],
  );
  const wrong = await house.comes(2, actions(enters({ conference: aConferenceId })));
  for (let n = 0; n < 3; n += 1) {
    await house.press(wrong.id, '0000#');
    house.clock.advance(10_000);
    await house.settled();
    await house.played(wrong.id);
  }
  house.clock.advance(600_000);
  await house.settled();
  assert.deepEqual(hungUp(house), ['refused']);
  assert.equal((await house.read()).room?.participants.length, 1);
});

test('who must be admitted hears music in his lobby and is brought in, or told that he is not', async () => {
  for (const outcome of ['waiting.admit', 'waiting.deny'] as const) {
    const house = new LobbyHouse();
    await house.create({ ...open, waiting_room: true, profile: { 'moh-sound': 'tone_stream://music' } });
    const { id } = await house.comes(1, actions(enters({ conference: aConferenceId })));
    assert.match(house.playing(id)[0] ?? '', /waiting_admission/);
    await house.played(id);
    assert.deepEqual(house.playing(id), ['tone_stream://music']);
    assert.deepEqual((await house.read()).room?.participants ?? [], []);
    await house.execute(outcome, { conference: aConferenceId, which: 'next' }, anActor);
    await house.settled();
    if (outcome === 'waiting.admit') {
      assert.deepEqual(
        (await house.read()).room?.participants.map((each) => each.call.id),
        [id],
      );
      assert.deepEqual(house.playing(id), []);
    } else {
      assert.match(house.playing(id)[0] ?? '', /admission_denied/);
      await house.played(id);
      assert.deepEqual(hungUp(house), ['denied']);
    }
    await house.ends(id);
    await house.settled();
    assert.deepEqual([house.lobbies.count, house.clock.armed, (await house.read()).room], [0, 0, undefined]);
  }
});

test('who holds in his lobby comes in held, and what comes late for the lobby reaches the conference', async () => {
  const house = new LobbyHouse();
  await house.create(open);
  const call = await house.comes(1, actions({ type: 'sleep', option: { duration: 100 } }, joins));
  const hold = (held: boolean) => house.execute('call.held', { conference: lobbyOf(call.id), call: call.id, held }, anActor);
  await hold(true);
  house.clock.advance(100);
  await house.settled();
  const muted = async () => (await house.read()).room?.participants[0]?.muted;
  assert.deepEqual(await muted(), ['hold']);
  await hold(false);
  assert.deepEqual(await muted(), []);
});

test('another account reaches no lobby', async () => {
  const house = new LobbyHouse();
  const { id } = await house.comes(1, actions({ type: 'digits_receive', option: { length: 1 } }, talk('got')));
  const stranger = { account: 'f'.repeat(32) as AccountId, kind: 'call' } as const;
  const conference = lobbyOf(id);
  await house.execute('call.digit', { conference, call: id, digit: '1' }, stranger);
  await house.execute('call.ended', { conference, call: id, reason: 'hung-up' }, stranger);
  await house.settled();
  assert.deepEqual([house.playing(id), house.lobbies.count], [[], 1]);
  await assert.rejects(house.execute('call.answered', { conference, call: id }, stranger), { code: 'call_not_found' });
});

test('a flow runs in the lobby of its call, once', async () => {
  const house = new LobbyHouse();
  const call = aCall(1);
  const arrive = (conference: ConferenceId) =>
    house.execute('call.arrived', { conference, call, role: undefined, flow: { actions: actions(talk('x')) } }, anActor);
  await assert.rejects(arrive(aConferenceId), { code: 'bad_lobby' });
  await arrive(lobbyOf(call.id));
  await assert.rejects(arrive(lobbyOf(call.id)), { code: 'call_exists' });
});

test('a dialled user part is asked for in order: what the account has put on it, access numbers, conferences', async () => {
  const asked: string[] = [];
  const flow = { actions: actions(talk('flow')) };
  const house = new LobbyHouse({
    numbers: {
      find: async (account, { dialled, domain }) => {
        asked.push(`${account === anAccount} ${dialled} ${domain}`);
        return dialled === '200' ? flow : undefined;
      },
      isAccessNumber: async (_, { dialled }) => dialled === '300',
      flow: async () => undefined,
    },
  });
  await house.create({ ...open, conference_numbers: ['200', '300', '400'] });
  const route = (dialled: string) => house.execute('call.route', { dialled, domain: 'acme.test' }, anActor);
  assert.deepEqual(await route('200'), { flow });
  const access = await route('300');
  assert.deepEqual(
    access.flow?.actions.map(({ type, option }) => [type, option]),
    [['conference_enter', {}]],
  );
  assert.deepEqual(await route('400'), { conference: aConferenceId, role: undefined });
  await assert.rejects(route('500'), { code: 'number_not_found' });
  assert.equal(asked[0], 'true 200 acme.test');
});

test('a conference that asks and says nothing is entered at once; any word or question makes a lobby', async () => {
  const cases: readonly (readonly [string, JsonObject, boolean])[] = [
    ['nothing', open, false],
    ['a welcome', { member: { join_muted: false } }, true],
    ['a PIN', { ...open, member: { pins: ['1'] } }, true],
    ['a prompt for members', { ...open, member: { play_entry_prompt: true } }, true],
    ['a waiting room', { ...open, waiting_room: true }, true],
  ];
  for (const [name, document, lobby] of cases) {
    const house = new LobbyHouse();
    await house.create({ ...document, conference_numbers: ['400'] });
    const way = await house.execute('call.route', { dialled: '400' }, anActor);
    assert.equal(way.flow !== undefined, lobby, name);
    assert.equal(way.conference, aConferenceId, 'the records know where it goes');
  }
});

test('who is kept out by lock or limit hears why, unless there is nothing to be heard', async () => {
  for (const [sound, lobby] of [
    ['tone_stream://no', true],
    ['', false],
  ] as const) {
    const house = new LobbyHouse();
    const profile = { 'locked-sound': sound, 'max-members-sound': sound };
    await house.create({ ...open, conference_numbers: ['400'], max_participants: 1, profile });
    const way = () => house.execute('call.route', { dialled: '400' }, anActor).then(({ flow }) => flow !== undefined);
    assert.equal(await way(), false, 'there is room');
    await house.comes(1, actions(joins));
    assert.equal(await way(), lobby, 'full');
    await house.ends(aCall(1).id);
    await house.execute('conference.lock', { conference: aConferenceId, locked: true }, anActor);
    assert.equal(await way(), lobby, 'locked');
    if (!lobby) continue;
    const kept = await house.comes(2, actions(enters({ conference: aConferenceId })));
    assert.deepEqual(house.playing(kept.id), ['tone_stream://no']);
    await house.played(kept.id);
    assert.deepEqual(hungUp(house), ['refused']);
  }
});

test('what a flow asks servers, and which flows it fetches, is found for its account alone', async () => {
  const asked: unknown[] = [];
  const house = new LobbyHouse({
    numbers: {
      find: async () => undefined,
      isAccessNumber: async () => false,
      flow: async (account, id) => (account === anAccount && id === 'f' ? { actions: actions(talk('fetched')) } : undefined),
    },
    web: {
      request: async (account, request) => {
        asked.push([account, request.method, request.uri]);
        if (request.uri.endsWith('bad')) throw new Failure('unavailable', 'fetch_failed', 'no');
        return JSON.stringify([talk('told')]);
      },
    },
  });
  const one = await house.comes(1, actions({ type: 'fetch_flow', option: { flow_id: 'f' } }));
  assert.deepEqual(house.playing(one.id), ['fetched']);
  const two = await house.comes(2, actions({ type: 'fetch', option: { event_url: 'http://x/ok' } }));
  assert.deepEqual(house.playing(two.id), ['told']);
  const three = await house.comes(
    3,
    actions({ type: 'fetch', option: { event_url: 'http://x/bad' } }, { type: 'fetch_flow', option: { flow_id: 'no' } }, talk('next')),
  );
  assert.deepEqual(house.playing(three.id), ['next']);
  assert.deepEqual(asked[0], [anAccount, 'POST', 'http://x/ok']);
});

/** A directory in which every number but `lost` is a telephone. */
const dialling = {
  resolve: async (_: AccountId, endpoint: string | JsonObject) =>
    endpoint === 'lost'
      ? { endpoint: 'lost', refusal: { code: 'dial_unknown', words: 'nobody', status: 404 } }
      : { endpoint: String(endpoint), name: String(endpoint), target: { dialled: String(endpoint), ways: [] }, vars: {} },
};
const connects = (destinations: readonly string[], more: JsonObject = {}): JsonObject => ({
  type: 'connect',
  option: { destinations, ...more },
});

test('those who are called ring together; who answers talks to the caller, the others are cancelled, and all ends with either', async () => {
  for (const first of ['caller', 'peer'] as const) {
    const house = new LobbyHouse({ dialling });
    const { id, leg } = await house.comes(1, actions({ type: 'answer' }, connects(['lost', '1001', '1002']), talk('behind')));
    const [one, two] = house.telephony.dialled.map(({ call }) => call);
    assert.deepEqual(
      house.telephony.dialled.map(({ place, target }) => [place, target.dialled]),
      [
        [lobbyOf(id), '1001'],
        [lobbyOf(id), '1002'],
      ],
    );
    assert.equal(house.media.last(lobbyOf(id))?.sources[0]?.source.kind, 'prompt', 'it rings');
    await house.execute('call.answered', { conference: lobbyOf(id), call: one!.id }, anActor);
    await house.settled();
    assert.deepEqual(
      house.telephony.hungUp.map(({ call }) => call),
      [two!.id],
    );
    const plan = house.media.last(lobbyOf(id));
    assert.deepEqual(
      [plan?.sources.map(({ source }) => source.id), plan?.listeners.map((each) => each.leg)],
      [
        [leg, one!.leg],
        [leg, one!.leg],
      ],
    );
    await assert.rejects(house.execute('call.answered', { conference: lobbyOf(id), call: two!.id }, anActor), { code: 'call_not_found' });
    if (first === 'caller') {
      await house.ends(id);
      assert.deepEqual(house.telephony.hungUp.at(-1)?.call, one!.id);
      assert.deepEqual([house.lobbies.count, house.clock.armed], [0, 0]);
    } else {
      await house.execute('call.ended', { conference: lobbyOf(id), call: one!.id, reason: 'hung-up' }, anActor);
      await house.settled();
      assert.deepEqual(house.playing(id), ['behind']);
      assert.deepEqual(
        house.media.last(lobbyOf(id))?.listeners.map((each) => each.leg),
        [leg],
      );
    }
    await house.execute('call.ended', { conference: lobbyOf(id), call: two!.id, reason: 'flow-ended' }, anActor);
  }
});

test('one behind the other they are called until one answers; nobody is left to ring when the caller hangs up', async () => {
  const house = new LobbyHouse({ dialling });
  const { id } = await house.comes(1, actions(connects(['1001', 'lost', '1002'], { strategy: 'single' }), talk('nobody')));
  assert.deepEqual(house.telephony.rung, [id], 'he is not answered for nothing');
  const dialled = () => house.telephony.dialled.map(({ target }) => target.dialled);
  assert.deepEqual(dialled(), ['1001']);
  const busy = { code: 'dial_busy', words: 'busy', status: 486 };
  const fail = (n: number) =>
    house.execute(
      'call.ended',
      { conference: lobbyOf(id), call: house.telephony.dialled[n]!.call.id, reason: 'refused', refusal: busy },
      anActor,
    );
  await fail(0);
  await house.settled();
  assert.deepEqual(dialled(), ['1001', '1002']);
  await fail(1);
  await house.settled();
  assert.deepEqual(house.playing(id), ['nobody']);
  const second = await house.comes(2, actions(connects(['1001'])));
  await house.ends(second.id);
  assert.equal(house.telephony.hungUp.at(-1)?.call, house.telephony.dialled.at(-1)?.call.id);
  await house.ends(id);
  assert.equal(house.clock.armed, 0);
});
