/**
 * What KAZOO's documents and sources say of the documents of conferences, asked of the running server line by line.
 * Paragraphs are those of the fact sheet, "ruling" is the row that overrides it; every expected value is theirs, none was recorded.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Json } from '../../src/base/index.ts';
import type { Answer } from '../kit/house.ts';
import { DEFAULTS, INVALID, KazooServer, type Line, type, unknown, wrong } from '../kit/kazoo-facts.ts';

type Body = Answer['body'];

let server: KazooServer;
before(async () => {
  server = await KazooServer.start();
});
after(() => server.close());

/** Values that break a rule, with what the sheet says of each. */
const broken: readonly (readonly [facts: string, document: Json, data: Json])[] = [
  [
    '§3.3 name',
    { name: '' },
    wrong('name', 'minLength', { message: 'String must be at least 1 characters', target: 1, cause: '', value: '' }),
  ],
  [
    '§3.3 name',
    { name: 'ä'.repeat(129) },
    wrong('name', 'maxLength', {
      message: 'String must not be more than 128 characters',
      target: 128,
      cause: 'ä'.repeat(129),
      value: 'ä'.repeat(129),
    }),
  ],
  ['§3.2 nothing is cast to string', { name: 5 }, type('name', 'string', 5)],
  ['§3.2 null on PUT', { name: null }, type('name', 'string', null)],
  [
    '§3.3 owner_id',
    { owner_id: 'short' },
    wrong('owner_id', 'minLength', { message: 'String must be at least 32 characters', target: 32, cause: 'short', value: 'short' }),
  ],
  [
    '§3.3 conference_numbers',
    { conference_numbers: ['12', '+49'] },
    wrong('conference_numbers.1', 'pattern', { message: "Failed to match pattern '^[0-9]+$'", target: '^[0-9]+$', value: '+49' }),
  ],
  [
    '§3.1 uniqueItems',
    { conference_numbers: ['7', '7'] },
    wrong('conference_numbers', 'uniqueItems', { message: 'List of items is not unique', value: ['7', '7'] }),
  ],
  ['§3.3 conference_numbers', { conference_numbers: '7' }, type('conference_numbers', 'array', '7')],
  ['§3.3 member', { member: [] }, type('member', 'object', [])],
  ['§3.3 member.join_deaf', { member: { join_deaf: 1 } }, type('member.join_deaf', 'boolean', 1)],
  ['§3.3 moderator.join_muted', { moderator: { join_muted: 'no' } }, type('moderator.join_muted', 'boolean', 'no')],
  [
    '§3.3 member.pins',
    { member: { pins: ['12a4'] } },
    wrong('member.pins.0', 'pattern', { message: "Failed to match pattern '^[0-9]+$'", target: '^[0-9]+$', value: '12a4' }),
  ],
  [
    '§3.3 moderator.numbers',
    { moderator: { numbers: ['1', '1'] } },
    wrong('moderator.numbers', 'uniqueItems', { message: 'List of items is not unique', value: ['1', '1'] }),
  ],
  ['§3.3 play_name', { play_name: 'perhaps' }, type('play_name', 'boolean', 'perhaps')],
  [
    '§3.3 play_entry_tone',
    { play_entry_tone: 5 },
    wrong('play_entry_tone', 'not_one_schema_valid', { message: 'failed to validate', value: 5 }),
  ],
  ['§3.3 max_participants', { max_participants: 2.5 }, type('max_participants', 'integer', 2.5)],
  ['§3.3 max_participants', { max_participants: 'many' }, type('max_participants', 'integer', 'many')],
  ['§3.3 language', { language: 7 }, type('language', 'string', 7)],
  ['§3.3 controls', { controls: 'x' }, type('controls', 'object', 'x')],
  ['§3.3 flags', { flags: [1] }, type('flags.0', 'string', 1)],
  ['§3.3 profile', { profile: 'x' }, type('profile', 'object', 'x')],
  ['§3.4 alone-sound', { profile: { 'alone-sound': 1 } }, type('profile.alone-sound', 'string', 1)],
  ['§3.4 announce-count', { profile: { 'announce-count': 'x' } }, type('profile.announce-count', 'integer', 'x')],
  ...(
    [
      ['comfort-noise', -1, 'minimum', 0],
      ['comfort-noise', 10_001, 'maximum', 10_000],
      ['energy-level', -1, 'minimum', 0],
      ['energy-level', 1801, 'maximum', 1800],
      ['interval', 9, 'minimum', 10],
      ['interval', 121, 'maximum', 120],
      ['max-members', 1, 'minimum', 2],
    ] as const
  ).map(
    ([key, value, rule, target]) =>
      [
        `§3.4 ${key}`,
        { profile: { [key]: value } },
        wrong(`profile.${key}`, rule, { message: `Value must be at ${rule === 'minimum' ? 'least' : 'most'} ${target}`, target, value }),
      ] as const,
  ),
  [
    '§3.4 rate',
    { profile: { rate: 11_025 } },
    wrong('profile.rate', 'enum', {
      message: 'Value not found in enumerated list of values',
      target: [8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000],
      value: 11_025,
    }),
  ],
  [
    '§2.4 everything wrong is told at once',
    { name: '', play_name: 3, max_participants: '5' },
    {
      ...(wrong('name', 'minLength', { message: 'String must be at least 1 characters', target: 1, cause: '', value: '' }) as object),
      ...(type('play_name', 'boolean', 3) as object),
      ...(type('max_participants', 'integer', '5') as object),
    },
  ],
];

test('§3 what is wrong with a document is told, by PUT and by POST', async () =>
  server.holds(
    broken.flatMap(([facts, document, data]) => [
      { facts, says: 'PUT', ask: ['PUT', server.base, { data: document }], ...INVALID, data },
      {
        facts,
        says: 'POST validates before it looks (§1.8)',
        ask: ['POST', `${server.base}/nobody`, { data: document }],
        ...INVALID,
        data,
      },
    ]),
  ));

test('§3.3 the document made of {} is exactly this', async () => {
  const { status, body } = await server.ask('PUT', server.base, { data: {} });
  assert.equal(status, 201);
  assert.match(body.data.id, /^[0-9a-f]{32}$/, '§5.1');
  assert.deepEqual(body.data, { id: body.data.id, ...DEFAULTS });
  assert.deepEqual((await server.ask('GET', `${server.base}/${body.data.id}`)).body.data, {
    id: body.data.id,
    ...DEFAULTS,
    _read_only: { members: 0, moderators: 0, admins: 0, duration: 0, is_locked: false, participants: [] },
  });
});

test('§3.2, §3.3 what is right is kept, repaired and filled in', async () => {
  const kept = {
    name: '😀'.repeat(128),
    owner_id: 'o'.repeat(32),
    play_welcome: true,
    play_entry_tone: false,
    play_exit_tone: 'tone_stream://v=-7;%(500,0,500)',
    require_moderator: true,
    wait_for_moderator: false,
    max_members_media: 'm',
    language: 'de-de',
    profile_name: 'p',
    caller_controls: 'c',
    moderator_controls: 'mc',
    bridge_username: 'u',
    bridge_password: 'w',
    controls: { a: [{ digits: '1', action: 'mute' }] },
    flags: ['f', 'f'],
    ui_metadata: { ui: 'kazoo-ui' },
    play_name_on_join: true,
    video: false,
    profile: { rate: 48_000, interval: 10, 'max-members': 2, 'energy-level': 1800, 'comfort-noise': 0, 'moh-sound': 's' },
  };
  const dropped = { _read_only: { members: 3 }, pvt_created: 1, _rev: '1-x' };
  const cast = { max_participants: '5', play_name: 'true', member: { join_muted: 'false', pins: ['1', '1'] } };
  const { status, body } = await server.ask('PUT', server.base, { data: { ...kept, ...dropped, ...cast } });
  assert.equal(status, 201, JSON.stringify(body));
  assert.deepEqual(body.data, {
    ...DEFAULTS,
    ...kept,
    id: body.data.id,
    max_participants: 5,
    play_name: true,
    member: { join_deaf: false, join_muted: false, numbers: [], pins: ['1', '1'] },
  });
});

test('§5.1, §5.2 create with an id, replace, merge, delete', async () => {
  const at = `${server.base}/facts-room`;
  const made = await server.ask('PUT', server.base, { data: { id: 'facts-room', name: 'one', flags: ['x'], ui: { a: 1, b: { c: 2 } } } });
  assert.deepEqual([made.status, made.body.data.id], [201, 'facts-room']);
  const lines: Line[] = [
    {
      facts: '§5.1',
      says: 'an id twice',
      ask: ['PUT', server.base, { data: { id: 'facts-room' } }],
      status: 409,
      message: 'datastore_conflict',
      data: { message: 'conflicting documents' },
    },
    {
      facts: '§5.2',
      says: 'PATCH merges',
      ask: ['PATCH', at, { data: { ui: { b: { d: 3 } } } }],
      status: 200,
      some: { name: 'one', flags: ['x'], ui: { a: 1, b: { c: 2, d: 3 } } },
    },
    { facts: '§5.2', says: 'lists replace', ask: ['PATCH', at, { data: { flags: ['y'] } }], status: 200, some: { flags: ['y'] } },
    {
      facts: '§5.2',
      says: 'null deletes',
      ask: ['PATCH', at, { data: { ui: { b: { c: null } } } }],
      status: 200,
      some: { ui: { a: 1, b: { d: 3 } } },
    },
    {
      facts: '§5.2',
      says: '{} replaces',
      ask: ['PATCH', at, { data: { ui: {}, member: {} } }],
      status: 200,
      some: { ui: {}, member: DEFAULTS.member },
    },
    {
      facts: '§3.2',
      says: 'null on PATCH: the key goes',
      ask: ['PATCH', at, { data: { name: null } }],
      status: 200,
      data: { id: 'facts-room', ...DEFAULTS, flags: ['y'], ui: {} },
    },
    {
      facts: '§5.2',
      says: 'the result is validated',
      ask: ['PATCH', at, { data: { play_name: 7 } }],
      ...INVALID,
      data: type('play_name', 'boolean', 7),
    },
    {
      facts: '§5.2',
      says: 'POST replaces',
      ask: ['POST', at, { data: { name: 'two' } }],
      status: 200,
      data: { id: 'facts-room', ...DEFAULTS, name: 'two' },
    },
    {
      facts: '§2.6',
      says: 'verb tunnelling',
      ask: ['POST', `${at}?verb=PATCH`, { data: { flags: ['t'] } }],
      status: 200,
      some: { name: 'two', flags: ['t'] },
    },
    {
      facts: '§5.2',
      says: 'DELETE',
      ask: ['DELETE', at, { data: {} }],
      status: 200,
      data: { id: 'facts-room', ...DEFAULTS, name: 'two', flags: ['t'], _read_only: { deleted: true } },
    },
    ...(['POST', 'PATCH', 'DELETE'] as const).map((method) => ({
      facts: '§1.8, §5.2',
      says: 'after delete',
      ask: [method, at, { data: {} }] as const,
      ...unknown('facts-room'),
    })),
    { facts: '§1.8, ruling "GET of an id"', says: 'deleted', ask: ['GET', at], ...unknown('facts-room') },
  ];
  await server.holds(lines);
  const listed = (await server.ask('GET', `${server.base}?paginate=false`)).body.data.map(({ id }: Body) => id);
  assert.ok(!listed.includes('facts-room'), '§5.2 the list no longer shows it');
});

test('§3.9 numbers are unique across documents, and are looked at before the document is', async () => {
  const taken = await server.ask('PUT', server.base, {
    data: { name: 'numbers', conference_numbers: ['81000'], member: { numbers: ['81001'] } },
  });
  const clash = (numbers: string) => ({
    ...INVALID,
    data: wrong('numbers', 'unique', { message: 'Numbers already in use', cause: numbers }),
  });
  const other = await server.ask('PUT', server.base, { data: { moderator: { numbers: ['81002'] } } });
  await server.holds([
    { facts: '§3.9', says: 'create', ask: ['PUT', server.base, { data: { moderator: { numbers: ['81001'] } } }], ...clash('81001') },
    {
      facts: '§3.9',
      says: 'POST',
      ask: ['POST', `${server.base}/${other.body.data.id}`, { data: { conference_numbers: ['81000'] } }],
      ...clash('81000'),
    },
    {
      facts: '§3.9',
      says: 'PATCH',
      ask: ['PATCH', `${server.base}/${other.body.data.id}`, { data: { conference_numbers: ['81000'] } }],
      ...clash('81000'),
    },
    {
      facts: '§3.9',
      says: 'its own are fine',
      ask: ['POST', `${server.base}/${taken.body.data.id}`, { data: { conference_numbers: ['81000'] } }],
      status: 200,
    },
    {
      facts: '§3.9',
      says: 'twice in one document is fine',
      ask: [
        'PUT',
        server.base,
        { data: { conference_numbers: ['81009'], member: { numbers: ['81009'] }, moderator: { numbers: ['81009'] } } },
      ],
      status: 201,
    },
    {
      facts: '§3.9',
      says: 'checked after the schema',
      ask: ['PUT', server.base, { data: { name: '', conference_numbers: ['81000'] } }],
      ...INVALID,
      data: wrong('name', 'minLength', { message: 'String must be at least 1 characters', target: 1, cause: '', value: '' }),
    },
  ]);
  const both = await server.ask('PUT', server.base, { data: { conference_numbers: ['81000', '81002'] } });
  assert.deepEqual(both.body.data.numbers.unique.cause.split(', ').sort(), ['81000', '81002']);
});

test('§1.8 of an id that nobody has, nothing is changed', async () =>
  server.holds([
    ...(['POST', 'PATCH', 'DELETE'] as const).map((method) => ({
      facts: '§1.8',
      says: 'the strict load',
      ask: [method, `${server.base}/never-made`, { data: {} }] as const,
      ...unknown('never-made'),
    })),
    {
      facts: 'ruling "GET of an id"',
      says: 'neither document nor room',
      ask: ['GET', `${server.base}/never-made`],
      ...unknown('never-made'),
    },
  ]));
