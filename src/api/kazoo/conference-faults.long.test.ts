import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type House, openHouse } from '../../../test/kit/api-house.ts';
import type { Json, JsonObject } from '../../base/index.ts';

/** One wrong value at one place of a document, and what is said of it: `data` must be exactly this. */
interface Wrong {
  /** Keys from the root; a digit is an index. */
  readonly path: readonly string[];
  readonly value: Json;
  /** Where it is told; default: at `path`. */
  readonly told?: string;
  readonly fault: JsonObject;
}

/** kazoo-facts §3.1. */
const ofType = (types: string, value: Json): JsonObject => ({
  type: { message: `Value did not match type(s): ${types}`, target: types, value },
});
const tooLow = (target: number, value: Json): JsonObject => ({ minimum: { message: `Value must be at least ${target}`, target, value } });
const tooHigh = (target: number, value: Json): JsonObject => ({ maximum: { message: `Value must be at most ${target}`, target, value } });
const tooShort = (target: number, value: Json): JsonObject => ({
  minLength: { message: `String must be at least ${target} characters`, target, cause: value, value },
});
const tooLong = (target: number, value: Json): JsonObject => ({
  maxLength: { message: `String must not be more than ${target} characters`, target, cause: value, value },
});
const noDigits = (value: Json): JsonObject => ({
  pattern: { message: "Failed to match pattern '^[0-9]+$'", target: '^[0-9]+$', value },
});
const twice = (value: Json): JsonObject => ({ uniqueItems: { message: 'List of items is not unique', value } });
const neither = (value: Json): JsonObject => ({ not_one_schema_valid: { message: 'failed to validate', value } });
const notOneOf = (target: Json, value: Json): JsonObject => ({
  enum: { message: 'Value not found in enumerated list of values', target, value },
});

const EVERY: readonly Json[] = [null, true, 7, 1.5, 'text', [], {}];
/** What each type of JSON Schema takes of them; text that a repair turns into the type is none of them. */
const TAKES: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: (value) => Array.isArray(value),
};

/** Every value of another type at this place. */
const misfits = (type: string, ...path: string[]): readonly Wrong[] =>
  EVERY.filter((value) => !TAKES[type]?.(value)).map((value) => ({ path, value, fault: ofType(type, value) }));

const lists = ['conference_numbers', 'member.numbers', 'moderator.numbers', 'member.pins', 'moderator.pins'];
const texts = [
  'max_members_media',
  'language',
  'domain',
  'profile_name',
  'caller_controls',
  'moderator_controls',
  'bridge_username',
  'bridge_password',
];
const flags = ['play_name', 'play_welcome', 'require_moderator', 'wait_for_moderator', 'member.play_entry_prompt'];
const sounds = ['alone', 'enter', 'exit', 'locked', 'max-members', 'moh', 'muted', 'unmuted'].map((each) => `${each}-sound`);
const between = (key: string, least: number, most: number | undefined): readonly Wrong[] => [
  // 1.5 is told to be too little besides where it is.
  ...misfits('integer', 'profile', key).filter(({ value }) => value !== 1.5 || least <= 1),
  { path: ['profile', key], value: least - 1, fault: tooLow(least, least - 1) },
  ...(most === undefined ? [] : [{ path: ['profile', key], value: most + 1, fault: tooHigh(most, most + 1) }]),
];
const RATES = [8000, 12000, 16000, 24000, 32000, 44100, 48000];

/** kazoo-facts §3.3 and §3.4, row by row. */
const table: readonly Wrong[] = [
  ...misfits('string', 'name'),
  { path: ['name'], value: '', fault: tooShort(1, '') },
  { path: ['name'], value: 'ü'.repeat(129), fault: tooLong(128, 'ü'.repeat(129)) },
  ...misfits('string', 'owner_id').filter(({ value }) => value !== ''),
  { path: ['owner_id'], value: 'a'.repeat(31), fault: tooShort(32, 'a'.repeat(31)) },
  { path: ['owner_id'], value: 'a'.repeat(33), fault: tooLong(32, 'a'.repeat(33)) },
  ...lists.flatMap((key): readonly Wrong[] => {
    const path = key.split('.');
    const wrong = ['12', 'x'];
    return [
      ...misfits('array', ...path),
      ...misfits('string', ...path, '0').map((each) => ({ ...each, path, value: [each.value], told: `${key}.0` })),
      { path, value: wrong, told: `${key}.1`, fault: noDigits('x') },
      { path, value: [''], told: `${key}.0`, fault: noDigits('') },
      ...(key.endsWith('pins') ? [] : [{ path, value: ['12', '12'], fault: twice(['12', '12']) }]),
    ];
  }),
  ...['member', 'moderator'].flatMap((role) => [
    ...misfits('object', role),
    ...misfits('boolean', role, 'join_deaf'),
    ...misfits('boolean', role, 'join_muted'),
  ]),
  ...flags.flatMap((key) => misfits('boolean', ...key.split('.'))),
  ...['play_entry_tone', 'play_exit_tone'].flatMap((key) =>
    [null, 7, [], {}].map((value): Wrong => ({ path: [key], value, fault: neither(value) })),
  ),
  ...misfits('integer', 'max_participants'),
  ...texts.flatMap((key) => misfits('string', key)),
  ...misfits('object', 'controls'),
  ...misfits('array', 'flags'),
  { path: ['flags'], value: ['a', 1], told: 'flags.1', fault: ofType('string', 1) },
  ...misfits('object', 'profile'),
  ...[...sounds, 'caller-controls', 'moderator-controls'].flatMap((key) => misfits('string', 'profile', key)),
  ...misfits('integer', 'profile', 'announce-count'),
  ...between('comfort-noise', 0, 10_000),
  ...between('energy-level', 0, 1800),
  ...between('interval', 10, 120),
  ...between('max-members', 2, undefined),
  { path: ['profile', 'rate'], value: 11_025, fault: notOneOf(RATES, 11_025) },
];

const within = ([key, ...rest]: readonly string[], value: Json): Json => (key === undefined ? value : { [key]: within(rest, value) });

const ask = (house: House, method: 'PUT' | 'POST' | 'PATCH', path: string, data: Json) =>
  house.server.inject({
    method,
    url: `/v2/accounts/${house.account}/conferences${path}`,
    headers: { 'x-auth-token': house.token },
    payload: JSON.stringify({ data }),
  });

test('every key of a conference, with every wrong value: message, place and target, and nothing else is told', async (t) => {
  const house = await openHouse();
  const { id } = (await ask(house, 'PUT', '', { name: 'Right' })).json().data;
  assert.ok(table.length > 250, `${table.length} rows`);
  for (const each of table) {
    const { path, value, told = path.join('.'), fault } = each;
    const document = within(path, value);
    const ways = [['PUT', ''], ['POST', `/${id}`], ...(value === null ? [] : [['PATCH', `/${id}`]])] as [
      'PUT' | 'POST' | 'PATCH',
      string,
    ][];
    for (const [method, where] of ways) {
      const answer = await ask(house, method, where, document);
      const { data, message, error } = answer.json();
      assert.deepEqual(
        [answer.statusCode, message, error],
        [400, 'validation error', '400'],
        `${method} ${JSON.stringify(document)} ${answer.body}`,
      );
      assert.deepEqual(data, { [told]: fault }, `${method} ${JSON.stringify(document)}`);
    }
  }
  const { data } = (
    await house.server.inject({
      method: 'GET',
      url: `/v2/accounts/${house.account}/conferences/${id}`,
      headers: { 'x-auth-token': house.token },
    })
  ).json();
  assert.equal(data.name, 'Right', 'nothing of all this was kept');
  const listed = await house.server.inject({
    method: 'GET',
    url: `/v2/accounts/${house.account}/conferences`,
    headers: { 'x-auth-token': house.token },
  });
  assert.equal(listed.json().data.length, 1);
  assert.deepEqual(house.errors, []);
  t.diagnostic(`${table.length} rows`);
});

test('all faults of a body are told together', async () => {
  const house = await openHouse();
  const document = { name: '', play_name: 'perhaps', profile: { interval: 5, 'a.b': 1, 'moh-sound': 1 }, member: { pins: ['x'] } };
  const { data } = (await ask(house, 'PUT', '', document)).json();
  assert.deepEqual(data, {
    name: tooShort(1, ''),
    play_name: ofType('boolean', 'perhaps'),
    'profile.interval': tooLow(10, 5),
    'profile.moh-sound': ofType('string', 1),
    'member.pins.0': noDigits('x'),
  });
});
