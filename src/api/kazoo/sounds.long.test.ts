import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import type { ConferenceId } from '../../conference/index.ts';

/** Nobody is greeted. */
const SILENT = {
  play_entry_tone: false,
  play_exit_tone: false,
  recording_notice: false,
  profile: { 'alone-sound': '', 'member-enter-sound': '' },
};

const open = async ({ people = 2 } = {}) => {
  const house = await openHouse();
  const { conferences, server, token, account } = house;
  const actor = { account: account as never, kind: 'api' as const };
  await conferences.execute(
    'conference.create',
    { id: 'room' as ConferenceId, document: { member: { join_muted: false }, ...SILENT } },
    actor,
  );
  for (let n = 1; n <= people; n += 1) await house.join('room', { id: `call-${n}` });
  const put = async (path: string, body: object, query = '') => {
    const url = `/v2/accounts/${account}/conferences/room${path}${query}`;
    const answer = await server.inject({ method: 'PUT', url, headers: { 'x-auth-token': token }, payload: JSON.stringify(body) });
    return { ...answer.json(), status: answer.statusCode };
  };
  const types = async () => {
    const { facts } = await conferences.execute('conference.facts', { conference: 'room' as ConferenceId, limit: 100 }, actor);
    return facts.map((each) => each.type).filter((each) => /^(play|recording)/.test(each));
  };
  return { ...house, put, types };
};

test('play takes its arguments in every form of the documents, to all, through the participants, and to one', async () => {
  const { put, sounds } = await open();
  const forms: [string, object, string?][] = [
    ['', { action: 'play', data: { media_id: 'M' } }],
    ['', { action: 'play', data: { data: { media_id: 'M' } } }],
    ['', { data: { action: 'play', data: { media_id: 'M' } } }],
    ['', { data: { action: 'play', media_id: 'M' } }],
    ['/participants', { data: { action: 'play', data: { media_id: 'M' } } }],
    ['/participants/2', { data: { action: 'play', data: { media_id: 'M' } } }],
    ['/participants/2', { data: { media_id: 'M' } }, '?action=play'],
  ];
  for (const [path, body, query] of forms) {
    const { status, data } = await put(path, body, query);
    assert.deepEqual([status, data], [201, 'ok'], JSON.stringify(body));
  }
  const [first, second] = [...sounds.playings.values()].map((each) => each.playing);
  assert.deepEqual(
    [first?.sources, first?.to, sounds.playings.size],
    [['M'], 'all', 2],
    'the others wait behind the first for all, and for one',
  );
  assert.notEqual(second?.to, 'all');
});

test('what cannot be played is refused: no media, unknown media by its own id, an absent participant, no data object', async () => {
  const { put } = await open();
  const missing = await put('', { action: 'play', data: {} });
  assert.deepEqual(
    [missing.status, missing.data],
    [400, { 'data.media_id': { required: { message: "action 'play' requires a media ID or URL" } } }],
  );
  const list = await put('', { action: 'play', data: [] });
  assert.deepEqual([list.status, list.data], [400, { data: { required: { message: "action 'play' requires a data object" } } }]);
  assert.equal((await put('', { action: 'play', data: { media_id: 7 } })).status, 400);
  const unknown = await put('', { action: 'play', data: { media_id: 'unknown' } });
  assert.deepEqual([unknown.status, unknown.message, unknown.data.cause], [404, 'bad_identifier', 'unknown']);
  const absent = await put('/participants/9', { data: { action: 'play', media_id: 'M' } });
  assert.deepEqual([absent.status, absent.message, absent.data.id], [404, 'bad_identifier', 9]);
  assert.equal((await put('/participants/nobody', { data: { action: 'play', media_id: 'M' } })).status, 404);
});

test('record: start while recording and stop while not say the same and change nothing', async () => {
  const { put, types } = await open();
  const record = (action?: string) => put('', { action: 'record', data: action === undefined ? {} : { action } });
  for (const _ of [1, 2]) assert.deepEqual(Object.values(await record('start')).includes('starting recording'), true);
  for (const _ of [1, 2]) {
    const { status, data } = await record('stop');
    assert.deepEqual([status, data], [201, 'stopping recording']);
  }
  assert.deepEqual(await types(), ['recording.started', 'recording.stopped']);
  assert.deepEqual((await record()).data, { 'data.action': { required: { message: 'recording requires an action' } } });
  // The trap of kazoo-facts §1.3: the inner object is its own argument.
  const trap = await put('', { data: { action: 'record' } });
  assert.deepEqual(
    [trap.status, trap.data['data.action'].enum.value, trap.data['data.action'].enum.target],
    [400, 'record', ['start', 'stop']],
  );
});

test('where nobody is, playing and recording are answered as if sent, and nothing happens', async () => {
  const { put, types } = await open({ people: 0 });
  assert.deepEqual((await put('', { action: 'play', data: { media_id: 'M' } })).data, 'ok');
  assert.deepEqual((await put('', { action: 'record', data: { action: 'start' } })).data, 'starting recording');
  assert.deepEqual(await types(), []);
});
