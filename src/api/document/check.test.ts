import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../base/index.ts';
import { KEYPAD_ACTIONS } from '../../conference/index.ts';
import { check, type SchemaName } from './check.ts';
import { merged } from './paths.ts';
import { toneFault } from './tone.ts';

const type = (target: string, value: Json): JsonObject => ({
  rule: 'type',
  message: `Value did not match type(s): ${target}`,
  target,
  value,
});
const long = 'é'.repeat(129);

/** kazoo-facts §3.1: one document per rule, and the one fault it must give. */
const faults: readonly [string, SchemaName, JsonObject, JsonObject][] = [
  [
    'name',
    'conference',
    { name: '' },
    { rule: 'minLength', message: 'String must be at least 1 characters', target: 1, cause: '', value: '' },
  ],
  [
    'name',
    'conference',
    { name: long },
    { rule: 'maxLength', message: 'String must not be more than 128 characters', target: 128, cause: long, value: long },
  ],
  ['name', 'conference', { name: null }, type('string', null)],
  ['name', 'conference', { name: 5 }, type('string', 5)],
  [
    'owner_id',
    'conference',
    { owner_id: 'x' },
    { rule: 'minLength', message: 'String must be at least 32 characters', target: 32, cause: 'x', value: 'x' },
  ],
  ['conference_numbers', 'conference', { conference_numbers: '1' }, type('array', '1')],
  [
    'conference_numbers.1',
    'conference',
    { conference_numbers: ['1', '1a'] },
    { rule: 'pattern', message: "Failed to match pattern '^[0-9]+$'", target: '^[0-9]+$', value: '1a' },
  ],
  [
    'conference_numbers',
    'conference',
    { conference_numbers: ['1', '1'] },
    { rule: 'uniqueItems', message: 'List of items is not unique', value: ['1', '1'] },
  ],
  ['member', 'conference', { member: [] }, type('object', [])],
  ['member.join_muted', 'conference', { member: { join_muted: 'yes' } }, type('boolean', 'yes')],
  ['moderator.pins.0', 'conference', { moderator: { pins: [12] } }, type('string', 12)],
  [
    'moderator.numbers',
    'conference',
    { moderator: { numbers: ['7', '7'] } },
    { rule: 'uniqueItems', message: 'List of items is not unique', value: ['7', '7'] },
  ],
  ['max_participants', 'conference', { max_participants: 1.5 }, type('integer', 1.5)],
  ['play_entry_tone', 'conference', { play_entry_tone: 5 }, { rule: 'not_one_schema_valid', message: 'failed to validate', value: 5 }],
  [
    'play_exit_tone',
    'conference',
    { play_exit_tone: '' },
    { rule: 'minLength', message: 'String must be at least 1 characters', target: 1, value: '' },
  ],
  ['flags.0', 'conference', { flags: [1] }, type('string', 1)],
  ['controls', 'conference', { controls: 'x' }, type('object', 'x')],
  ['tones_up_to', 'conference', { tones_up_to: -1 }, { rule: 'minimum', message: 'Value must be at least 0', target: 0, value: -1 }],
  [
    'moderator.play_exit_tone',
    'conference',
    { moderator: { play_exit_tone: 'tone_stream://beep' } },
    { rule: 'wrong_format', message: 'Field is not in the correct format', value: 'tone_stream://beep' },
  ],
  [
    'controls.default.0.action',
    'conference',
    { controls: { default: [{ digits: '1', action: 'mut' }] } },
    { rule: 'enum', message: 'no key does "mut" here; did you mean "mute"?', target: KEYPAD_ACTIONS },
  ],
  [
    'controls.default.0.digits',
    'conference',
    { controls: { default: [{ digits: '1x', action: 'mute' }] } },
    { rule: 'wrong_format', message: 'digits are 1 to 16 of 0-9, A-D, * and #' },
  ],
  [
    'profile.comfort-noise',
    'conference',
    { profile: { 'comfort-noise': -1 } },
    { rule: 'minimum', message: 'Value must be at least 0', target: 0, value: -1 },
  ],
  [
    'profile.energy-level',
    'conference',
    { profile: { 'energy-level': 1801 } },
    { rule: 'maximum', message: 'Value must be at most 1800', target: 1800, value: 1801 },
  ],
  [
    'profile.interval',
    'conference',
    { profile: { interval: 9 } },
    { rule: 'minimum', message: 'Value must be at least 10', target: 10, value: 9 },
  ],
  [
    'profile.max-members',
    'conference',
    { profile: { 'max-members': 1 } },
    { rule: 'minimum', message: 'Value must be at least 2', target: 2, value: 1 },
  ],
  ['profile.alone-sound', 'conference', { profile: { 'alone-sound': true } }, type('string', true)],
  [
    'profile.rate',
    'conference',
    { profile: { rate: 11025 } },
    {
      rule: 'enum',
      message: 'Value not found in enumerated list of values',
      target: [8000, 12000, 16000, 24000, 32000, 44100, 48000],
      value: 11025,
    },
  ],
  ['recording', 'conference', { recording: 'yes' }, { rule: 'not_one_schema_valid', message: 'failed to validate', value: 'yes' }],
  [
    'profile.announcement-duck',
    'conference',
    { profile: { 'announcement-duck': 41 } },
    { rule: 'maximum', message: 'Value must be at most 40', target: 40, value: 41 },
  ],
  ['api_key', 'api_auth', {}, { rule: 'required', message: 'Field is required but missing', value: 'api_key' }],
];

for (const [place, schema, document, fault] of faults) {
  test(`${place} ${String(fault['rule'])}`, () => {
    const result = check(schema, document);
    assert.equal(result.ok, false);
    if (!result.ok) assert.deepEqual(result.faults, [{ path: place.split('.'), ...fault }]);
  });
}

test('text is repaired where a number or a boolean is due, and only when nothing else is wrong', () => {
  const good = check('conference', { max_participants: '5', member: { join_deaf: 'true' } });
  assert.ok(good.ok);
  assert.equal(good.document['max_participants'], 5);
  const bad = check('conference', { max_participants: '5', name: '' });
  assert.ok(!bad.ok);
  assert.deepEqual(bad.faults.map((each) => each.path.join('.')).sort(), ['max_participants', 'name']);
});

test('a repaired value is checked again', () => {
  const result = check('conference', { profile: { interval: '5' } });
  assert.ok(!result.ok);
  assert.deepEqual(result.faults, [
    { path: ['profile', 'interval'], rule: 'minimum', message: 'Value must be at least 10', target: 10, value: 5 },
  ]);
});

test('unknown keys are kept, what was given is not touched', () => {
  const given = { ui_metadata: { a: [1] }, member: {} };
  const result = check('conference', given);
  assert.ok(result.ok);
  assert.deepEqual(result.document['ui_metadata'], { a: [1] });
  assert.deepEqual(given, { ui_metadata: { a: [1] }, member: {} });
});

test('tones: a media id, a URL, or a tone stream', () => {
  const entry = 'tone_stream://v=-7;>=2;+=.1;%(300,0,523,659);v=-7;>=3;+=.1;%(800,0,659,783)';
  for (const good of [entry, 'tone_stream://%(300,0,440);loops=2', 'abc123', 'https://x.test/a.wav'])
    assert.equal(toneFault(good), undefined, good);
  for (const bad of ['', 'tone_stream://', 'tone_stream://%(300)', 'tone_stream://x=1', 'two words']) assert.ok(toneFault(bad), bad);
});

test('merge: null deletes, empty objects replace, prototypes stay as they are', () => {
  const document = { a: { b: 1, c: 2 }, d: [1], e: { f: 1 } };
  assert.deepEqual(merged(document, { a: { b: null }, d: [2], e: {}, g: { h: null, i: 1 } }), { a: { c: 2 }, d: [2], e: {}, g: { i: 1 } });
  merged({}, JSON.parse('{"x":{"__proto__":{"polluted":true}}}'));
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});
