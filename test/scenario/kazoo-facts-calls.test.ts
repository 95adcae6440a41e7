/**
 * What KAZOO's documents and sources say of how calls come into a conference, and of what is then told of them, with telephones. Paragraphs are those of the
 * fact sheet; every expected value is its own, or that of the ruling that is named.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/index.ts';
import { type Answer, eventually, participants } from '../kit/house.ts';
import { KazooServer } from '../kit/kazoo-facts.ts';
import { aRoom, emptied, party } from '../kit/party.ts';
import { QUIET } from '../kit/quiet.ts';
import { TONES } from '../kit/sound.ts';

let server: KazooServer;
before(async () => {
  server = await KazooServer.start();
});
after(() => server.close());

let numbers = 7100;

/** A callflow whose one module is `conference` with this data. */
async function callflow(data: JsonObject): Promise<{ readonly id: string; readonly number: string }> {
  numbers += 1;
  const flow = { module: 'conference', data: { welcome_prompt: { play: false }, ...data }, children: {} };
  const { body } = await server.house.kazoo('PUT', '/callflows', { numbers: [String(numbers)], flow });
  return { id: body.data.id, number: String(numbers) };
}

const only = async (conference: string): Promise<Answer['body']> => {
  const people = await eventually(async () => {
    const all = [...(await participants(server.house, conference)).values()];
    return all.length === 1 ? all : undefined;
  }, 'nobody is in, or more than one');
  return people[0];
};

test('§6.2, ruling "custom_channel_vars": what is known of a device that came through a callflow', async () => {
  const { house } = server;
  const { realm, account_id, account_name, user_id } = house.first;
  const { body } = await house.kazoo('PUT', '/devices', {
    name: 'Desk',
    owner_id: user_id,
    sip: { username: 'desk62', password: 'desk-secret' },
  });
  const room = await aRoom(house);
  const { id, number } = await callflow({ id: room.id });
  const desk = await house.phone({ user: 'desk62', domain: realm, auth: { user: 'desk62', password: 'desk-secret' } });
  assert.equal(await desk.register(), 200);
  await desk.call(number);
  const one = await only(room.id);
  const { call_interaction_id: interaction, application_node, ecallmgr_node, ...vars } = one.custom_channel_vars;
  // Of [S2] and [S1] what has a true value here; absent: fetch_id, precedence, caller_screen_bit, caller_privacy_*.
  assert.deepEqual(vars, {
    account_id,
    account_name,
    account_realm: realm,
    application_name: 'callflow',
    authorizing_id: body.data.id,
    authorizing_type: 'device',
    bridge_id: desk.callId,
    callflow_id: id,
    channel_authorized: 'true',
    is_conference: 'true',
    owner_id: user_id,
    presence_id: `desk62@${realm}`,
    realm,
    username: 'desk62',
  });
  assert.deepEqual([application_node, ecallmgr_node], [one.switch_hostname, one.switch_hostname]);
  const { body: channels } = await house.kazoo('GET', '/channels');
  const channel = channels.data.find((each: Answer['body']) => each.call_id === desk.callId);
  assert.ok(typeof interaction === 'string' && interaction !== '');
  assert.deepEqual([channel.interaction_id, channel.custom_channel_vars.callflow_id], [interaction, id]);
  const call = desk.callId;
  await desk.hangUp();
  await emptied(house, room.id);
  const cdr = await eventually(async () => {
    const { body: list } = await house.kazoo('GET', '/cdrs');
    return list.data.find((each: Answer['body']) => each.call_id === call);
  }, 'no record');
  assert.equal(cdr.interaction_id, interaction);
});

test('§7.1, §7.9 a callflow’s id without a document: a room under that id, in which nobody comes in muted, and which ends with the last', async () => {
  const { house } = server;
  const id = 'ad'.repeat(16);
  const { number } = await callflow({ id });
  const [ann, ben] = await party(house, number, { names: ['Ann', 'Ben'] });
  const look = async (): Promise<Answer['body']> => (await server.ask('GET', `${server.base}/${id}`)).body.data;
  await eventually(async () => (await look())._read_only?.members === 2, 'they are not in');
  const shown = await look();
  assert.deepEqual([shown.id, shown.play_name, shown._read_only.members], [id, false, 2]);
  const flags = [...(await participants(house, id)).values()].map((each) => [each.is_moderator, each.speak, each.hear]);
  assert.deepEqual(flags, [
    [false, true, true],
    [false, true, true],
  ]);
  const list = await server.ask('GET', `${server.base}?paginate=false`);
  assert.equal(
    list.body.data.some((each: Answer['body']) => each.id === id),
    false,
    '§5.4 ad-hoc rooms are not listed',
  );
  await Promise.all([ann!.hangUp(), ben!.hangUp()]);
  await eventually(async () => (await server.ask('GET', `${server.base}/${id}`)).status === 404, 'the room outlives its people');
});

test('§7.1 an inline config without id: its name is the id, and what it says holds', async () => {
  const { house } = server;
  const config = { name: 'inline', max_participants: 1, member: { join_muted: true }, pvt_secret: 'x', _private: 'y' };
  const { number } = await callflow({ config });
  const [ann] = await party(house, number, { names: ['Ann'] });
  const look = async (): Promise<Answer['body']> => (await server.ask('GET', `${server.base}/inline`)).body.data;
  await eventually(async () => (await look())._read_only?.members === 1, 'Ann is not in');
  const shown = await look();
  assert.deepEqual([shown.id, shown.max_participants, shown._read_only.participants[0].speak], ['inline', 1, false]);
  assert.equal(/pvt_secret|_private/.test(JSON.stringify(shown)), false, '§7.1 private keys are stripped');
  const late = await house.phone({ user: 'Late' });
  const status = await late.tries(number);
  if (status === 200) await late.ended();
  assert.equal((await participants(house, 'inline')).size, 1, '§7.4 the room is full');
  await ann!.hangUp();
});

test('§3.7, §7.6 tones of a callflow come before those of the document', async () => {
  const { house } = server;
  const [entry, exit] = [TONES[5]!, TONES[6]!];
  const tone = (hz: number): string => `tone_stream://v=-15;%(1500,0,${hz})`;
  const room = await aRoom(house, { play_entry_tone: false, play_exit_tone: false });
  const { number } = await callflow({ id: room.id, play_entry_tone: tone(entry), play_exit_tone: tone(exit) });
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  const [ben] = await party(house, number, { names: ['Ben'] });
  await eventually(() => ann!.hears().includes(entry), 'the callflow’s entry tone is not heard');
  await ben!.hangUp();
  await eventually(() => ann!.hears().includes(exit), 'the callflow’s exit tone is not heard');
  await ann!.hangUp();
  await emptied(house, room.id);
});

test('§7.6 the usual tones: 523+659 then 659+783 Hz when somebody comes, 523+440 then 349+440 when he goes', async () => {
  const { house } = server;
  const { 'enter-sound': _enter, 'exit-sound': _exit, ...quiet } = QUIET;
  numbers += 1;
  const { body } = await house.kazoo('PUT', '/conferences', {
    conference_numbers: [String(numbers)],
    member: { join_muted: true },
    play_welcome: false,
    profile: quiet,
  });
  const [ann] = await party(house, String(numbers), { names: ['Ann'] });
  await only(body.data.id);
  // Two that sound together for at least 300 ms, in this order; nobody speaks.
  const hears = (...pair: number[]): Promise<boolean> =>
    eventually(
      () => JSON.stringify(ann!.ear.hears([349, 440, 523, 659, 783])) === JSON.stringify(pair),
      `${pair.join(' and ')} Hz are not heard`,
      10_000,
    );
  const [coming] = [party(house, String(numbers), { names: ['Ben'] })];
  await hears(523, 659);
  await hears(659, 783);
  const [ben] = await coming;
  await ben!.hangUp();
  await hears(440, 523);
  await hears(349, 440);
  await ann!.hangUp();
  await emptied(house, body.data.id);
});

test('§7.4 a full and a locked conference keep moderators out as well; who is dialled comes through the lock, and not into what is full', async () => {
  const { house } = server;
  const room = await aRoom(house, { max_participants: 1 });
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  const outside = async (number: string): Promise<void> => {
    const boss = await house.phone({ user: 'Boss' });
    if ((await boss.tries(number)) === 200) await boss.ended();
    assert.equal((await participants(house, room.id)).has('Boss'), false);
  };
  await outside(room.moderators);
  const dialled = async (): Promise<string> => {
    const bob = await house.phone({ user: 'bob' });
    const { body } = await house.act(room.id, 'dial', { endpoints: [`sip:bob@${bob.address}`], timeout: 5 });
    return body.data.endpoint_responses[0].status;
  };
  assert.equal(await dialled(), 'error', 'the mixer’s limit is for both directions');
  await house.kazoo('PATCH', `/conferences/${room.id}`, { max_participants: 9 });
  await house.act(room.id, 'lock');
  await outside(room.moderators);
  assert.equal(await dialled(), 'success');
  await house.act(`${room.id}/participants`, 'kick');
  await ann!.ended();
  await emptied(house, room.id);
});
