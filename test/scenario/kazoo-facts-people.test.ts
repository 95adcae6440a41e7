/**
 * What KAZOO's documents and sources say of people in a conference, asked of the running server line by line.
 * Paragraphs are those of the fact sheet, "ruling" is the row that overrides it; every expected value is theirs, none was recorded.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Json } from '../../src/base/index.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { type Answer, eventually, participants } from '../kit/house.ts';
import { FAULTY, having, INVALID, KazooServer, type Line, wrong } from '../kit/kazoo-facts.ts';
import { aRoom, emptied, party } from '../kit/party.ts';

type Body = Answer['body'];

let server: KazooServer;
before(async () => {
  server = await KazooServer.start();
});
after(() => server.close());

test('§1.3 to §1.7, §6 what is done to people', async () => {
  const room = await aRoom(server.house, { name: 'Live' });
  const [ann, ben] = await party(server.house, room.number, { names: ['Ann', 'Ben'] });
  const boss = await server.house.phone({ user: 'Boss', tone: 1050 });
  await boss.call(room.moderators);
  await eventually(async () => (await participants(server.house, room.id)).size === 3, 'not all are in');
  const phones = [ann!, ben!, boss];
  const [one, everybody] = [`${server.base}/${room.id}`, `${server.base}/${room.id}/participants`];
  const flags = async (): Promise<Body[]> =>
    (await server.ask('GET', everybody)).body.data.map((each: Body) => [each.participant_id, each.speak, each.hear]);
  const document = (await server.ask('GET', one)).body.data;
  const { _read_only: live, focus: node, ...bare } = document;

  // §6.1, §6.2
  assert.deepEqual([live.members, live.moderators, live.admins, live.is_locked, live.participants.length], [2, 1, 1, false, 3]);
  assert.ok(Number.isInteger(live.duration) && live.duration >= 0);
  const list = await server.ask('GET', everybody);
  assert.deepEqual(
    list.body.data.map((each: Body) => [each.participant_id, each.caller_id_name]),
    [
      [1, 'Ann'],
      [2, 'Ben'],
      [3, 'Boss'],
    ],
  );
  const nested = {
    energy_level: 20,
    floor: false,
    hear: true,
    is_moderator: false,
    member_ghost: false,
    member_id: 1,
    member_type: 'member',
    mute_detect: false,
    see: true,
    speak: true,
    video: false,
  };
  const person = list.body.data[0];
  const { talking, current_energy, floor: _floor, ...steady } = person.conference_channel_vars;
  assert.deepEqual({ ...steady, floor: false }, nested, '§6.2, [S2]');
  assert.deepEqual([typeof talking, typeof current_energy], ['boolean', 'number']);
  assert.deepEqual(
    having(person, {
      call_id: 0,
      conference_name: 0,
      switch_hostname: 0,
      caller_id_number: 0,
      hear: 0,
      speak: 0,
      video: 0,
      is_moderator: 0,
      energy_level: 0,
      mute_detect: 0,
    }),
    {
      call_id: ann!.callId,
      conference_name: room.id,
      switch_hostname: node,
      caller_id_number: 'Ann',
      hear: true,
      speak: true,
      video: false,
      is_moderator: false,
      energy_level: 20,
      mute_detect: false,
    },
  );
  assert.ok(person.conference_uuid.length > 0 && person.join_time > 62_167_219_200 + 1_600_000_000);
  assert.equal(person.custom_channel_vars.account_id, server.house.first.account_id);
  assert.equal(person.custom_channel_vars.is_conference, 'true');
  assert.ok(
    Object.values(person.custom_channel_vars).every((each) => typeof each === 'string'),
    '§6.2 all strings',
  );
  const element = (await server.ask('GET', `${server.base}?filter_name=Live`)).body.data[0];
  assert.deepEqual(
    ['uuid', 'run_time', 'start_time', 'is_locked', 'switch_hostname', 'participant_count', 'moderators', 'members'].filter(
      (key) => !(key in element._read_only),
    ),
    [],
    '§5.4 while running',
  );

  // §1.3, §1.4
  const locked = async (): Promise<boolean> => (await server.ask('GET', one)).body.data._read_only.is_locked;
  for (const body of [
    { action: 'lock', data: {} },
    { action: 'lock', data: { data: {} } },
    { data: { action: 'lock', data: {} } },
    { data: { action: 'lock' } },
    { action: 'lock' },
  ]) {
    const lock = await server.ask('PUT', one, body);
    assert.deepEqual([lock.status, lock.body.data, await locked()], [201, 'ok', true], `§1.3 ${JSON.stringify(body)}`);
    const unlock = await server.ask('PUT', one, JSON.parse(JSON.stringify(body).replace('lock', 'unlock')));
    assert.deepEqual([unlock.status, unlock.body.data, await locked()], [201, 'ok', false], `§1.3 ${JSON.stringify(body)}`);
  }
  await server.holds([
    { facts: '§1.3', says: 'the query string is not consulted here', ask: ['PUT', `${one}?action=lock`], ...FAULTY },
    { facts: '§1.4', says: 'anything else', ask: ['PUT', one, { action: 'mute', data: {} }], ...FAULTY },
    { facts: '§1.4', says: 'missing', ask: ['PUT', one, { data: {} }], ...FAULTY },
    { facts: '§1.5', says: 'other', ask: ['PUT', everybody, { data: { action: 'lock' } }], ...FAULTY },
    { facts: '§1.5', says: 'missing', ask: ['PUT', everybody, { data: {} }], ...FAULTY },
    { facts: 'ruling "unknown action"', says: 'one', ask: ['PUT', `${everybody}/1`, { data: { action: 'relate' } }], ...FAULTY },
    { facts: 'ruling "unknown action"', says: 'none', ask: ['PUT', `${everybody}/1`, { data: {} }], ...FAULTY },
    {
      facts: 'ruling "non-integer participant"',
      says: 'mute',
      ask: ['PUT', `${everybody}/ann`, { data: { action: 'mute' } }],
      status: 404,
      message: 'bad_identifier',
      data: { id: 'ann', message: 'bad identifier' },
    },
    {
      facts: 'ruling "absent participant"',
      says: 'kick',
      ask: ['PUT', `${everybody}/99`, { data: { action: 'kick' } }],
      status: 404,
      message: 'bad_identifier',
      data: { id: 99, message: 'bad identifier' },
    },
    { facts: '§1.6', says: 'GET of nobody', ask: ['GET', `${everybody}/99`], status: 200, data: {} },
    { facts: '§1.6', says: 'compared as text', ask: ['GET', `${everybody}/01`], status: 200, data: {} },
    {
      facts: '§1.6',
      says: 'GET of somebody',
      ask: ['GET', `${everybody}/2`],
      status: 200,
      some: { participant_id: 2, caller_id_name: 'Ben' },
    },
  ]);

  // §1.5: everybody but moderators; the answer is the document.
  const bulk: [string, boolean, boolean][] = [
    ['mute', false, true],
    ['unmute', true, true],
    ['deaf', true, false],
    ['undeaf', true, true],
  ];
  for (const [action, speak, hear] of bulk) {
    const { status, body } = await server.ask('PUT', everybody, { data: { action } });
    const { focus: _focus, ...answered } = body.data;
    assert.deepEqual([status, answered], [201, bare], `§1.5 ${action}`);
    assert.deepEqual(
      await flags(),
      [
        [1, speak, hear],
        [2, speak, hear],
        [3, true, true],
      ],
      `§1.5 ${action} spares moderators`,
    );
  }
  // §1.6: one, moderators too; the action also in the query string, without a body (§1.3).
  for (const [action, speak, hear] of bulk) {
    const { status, body } = await server.ask('PUT', `${everybody}/3?action=${action}`);
    assert.deepEqual([status, body.data], [201, 'ok'], `§1.6 ${action}`);
    assert.deepEqual((await flags())[2], [3, speak, hear], `§1.6 ${action}: no exemption for moderators`);
  }
  assert.deepEqual((await server.ask('PUT', `${everybody}/1?action=mute`, { data: { action: 'deaf' } })).body.data, 'ok');
  assert.deepEqual((await flags())[0], [1, true, false], '§1.3 data.action comes before the query string');
  await server.ask('PUT', `${everybody}/1?action=undeaf`, { action: 'deaf', data: {} });
  assert.deepEqual((await flags())[0], [1, true, true], '§1.3 the query string comes before the top');

  // §1.7
  const relate = (data: Json) => ['PUT', everybody, { data: { action: 'relate', data } }] as const;
  const relating = { status: 201, data: 'relating participants' } as const;
  const absent = (id: Json) => ({ status: 404, message: 'bad_identifier', data: { id, message: 'bad identifier' } });
  const missing = (key: string): Json => wrong(key, 'required', { message: 'Field is required but missing', value: key });
  await server.holds([
    {
      facts: '§1.7',
      says: 'mute: Ann is not heard by Ben',
      ask: relate({ participant_id: 1, other_participant: 2, relationship: 'mute' }),
      ...relating,
    },
    { facts: '§1.7', says: 'no participant_id', ask: relate({ other_participant: 2 }), ...INVALID, data: missing('participant_id') },
    { facts: '§1.7', says: 'no other_participant', ask: relate({ participant_id: 1 }), ...INVALID, data: missing('other_participant') },
    {
      facts: '§1.7',
      says: 'bad relationship',
      ask: relate({ participant_id: 1, other_participant: 2, relationship: 'x' }),
      ...INVALID,
      data: wrong('relationship', 'enum', {
        message: 'Value not found in enumerated list of values',
        target: ['deaf', 'clear', 'mute'],
        value: 'x',
      }),
    },
    { facts: '§1.7', says: 'one not live', ask: relate({ participant_id: 9, other_participant: 2 }), ...absent(9) },
    { facts: '§1.7', says: 'other not live', ask: relate({ participant_id: 1, other_participant: 8 }), ...absent(8) },
    { facts: '§1.7', says: 'both not live: other', ask: relate({ participant_id: 9, other_participant: 8 }), ...absent(8) },
    { facts: '§1.7', says: 'same id twice: other', ask: relate({ participant_id: 2, other_participant: 2 }), ...absent(2) },
  ]);
  await hearingMatrix(phones, { Ann: ['Ben', 'Boss'], Ben: ['Boss'], Boss: ['Ann', 'Ben'] });
  const clear: Line[] = [
    { facts: '§1.7', says: 'numeric strings; omitted: clear', ask: relate({ participant_id: '1', other_participant: '2' }), ...relating },
  ];
  await server.holds(clear);
  await hearingMatrix(phones, all(phones));
  const deaf: Line[] = [
    {
      facts: '§1.7',
      says: 'deaf: Ann does not hear Ben',
      ask: relate({ participant_id: 1, other_participant: 2, relationship: 'deaf' }),
      ...relating,
    },
  ];
  await server.holds(deaf);
  await hearingMatrix(phones, { Ann: ['Boss'], Ben: ['Ann', 'Boss'], Boss: ['Ann', 'Ben'] });

  // kick: one, then everybody, moderators too
  assert.deepEqual((await server.ask('PUT', `${everybody}/1`, { data: { action: 'kick' } })).body.data, 'ok');
  await ann!.ended();
  const kicked = await server.ask('PUT', everybody, { data: { action: 'kick' } });
  assert.deepEqual([kicked.status, having(kicked.body.data, { id: 0 })], [201, { id: room.id }]);
  await Promise.all([ben!.ended(), boss.ended()]);
  await emptied(server.house, room.id);
  const idle = (await server.ask('GET', one)).body.data;
  assert.deepEqual(
    [idle._read_only, 'focus' in idle],
    [{ members: 0, moderators: 0, admins: 0, duration: 0, is_locked: false, participants: [] }, false],
  );
});
