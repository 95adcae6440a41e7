import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../base/index.ts';
import { callflowModules, fromCallflow } from './from-callflow.ts';

const read = (flow: JsonObject, call = { dialled: '5000' }) =>
  fromCallflow({ flow }, call).actions.map(({ type, option }) => [type, option]);
const ID = 'c'.repeat(32);

test('rulings: these modules there are', () => {
  const named = 'conference conference_feature device user ring_group offnet play tts sleep hangup';
  assert.deepEqual(callflowModules, named.split(' '));
});

/** kazoo-facts §3.7, §7.1. */
const single: readonly [string, JsonObject, string, JsonObject][] = [
  ['no id: its number is asked for', { module: 'conference', data: {} }, 'conference_enter', {}],
  [
    'an id; where there is no such document nobody is muted (§7.1, §7.9)',
    { module: 'conference', data: { id: ID } },
    'conference_enter',
    { conference: ID, ad_hoc: { member: { join_muted: false } } },
  ],
  [
    'a moderator',
    { module: 'conference', data: { id: ID, moderator: true } },
    'conference_enter',
    { conference: ID, ad_hoc: { member: { join_muted: false } }, forced: 'moderator' },
  ],
  ['moderator false has no effect', { module: 'conference', data: { moderator: false } }, 'conference_enter', {}],
  ['no welcome', { module: 'conference', data: { welcome_prompt: { play: false } } }, 'conference_enter', { welcome: false }],
  [
    'another welcome',
    { module: 'conference', data: { welcome_prompt: { play: true, media_id: 'M' } } },
    'conference_enter',
    { welcome: 'M' },
  ],
  [
    'config: the document where there is none, and its name where there is no id',
    { module: 'conference', data: { config: { name: 'adhoc', max_participants: 3 }, play_entry_tone: false } },
    'conference_enter',
    { conference: 'adhoc', ad_hoc: { name: 'adhoc', max_participants: 3, member: { join_muted: false } }, play_entry_tone: false },
  ],
  ['play', { module: 'play', data: { id: 'M' } }, 'play', { sources: ['M'] }],
  ['tts', { module: 'tts', data: { text: 'hi', language: 'de-de' } }, 'talk', { text: 'hi', language: 'de-de', voice_id: '' }],
  ['sleep in seconds', { module: 'sleep', data: { duration: 3 } }, 'sleep', { duration: 3000 }],
  ['sleep in minutes', { module: 'sleep', data: { duration: 1, unit: 'm' } }, 'sleep', { duration: 60_000 }],
  ['hangup', { module: 'hangup' }, 'hangup', {}],
  ['a module that there is not', { module: 'voicemail', data: {} }, 'hangup', {}],
  [
    'a device',
    { module: 'device', data: { id: ID, timeout: 15 } },
    'connect',
    { destinations: [{ type: 'device', target: ID }], timeout: 15_000, ends_when_answered: true },
  ],
  [
    'offnet dials on what was dialled',
    { module: 'offnet', data: {} },
    'connect',
    { destinations: [{ type: 'tel', target: '5000' }], ends_when_answered: true },
  ],
];

for (const [what, flow, type, option] of single) {
  test(`module: ${what}`, () =>
    assert.deepEqual(read(flow), [
      [type, option],
      ['stop', {}],
    ]));
}

test('children: `_` follows, others where somebody was called and why he did not come; a module can be skipped', () => {
  const leaf = (text: string): JsonObject => ({ module: 'tts', data: { text } });
  const flow = {
    module: 'play',
    data: { id: 'M', skip_module: true },
    children: {
      _: {
        module: 'user',
        data: { id: ID },
        children: { _: { ...leaf('nobody'), children: { _: leaf('bye') } }, USER_BUSY: leaf('busy'), 480: leaf('away') },
      },
    },
  };
  const { actions } = fromCallflow({ flow }, { dialled: '1' });
  const says = (id: unknown) => actions.find((each) => each.id === id)?.option['text'];
  assert.deepEqual(
    actions.map(({ type, option }) => (type === 'talk' ? option['text'] : type)),
    ['connect', 'nobody', 'bye', 'stop', 'away', 'stop', 'busy', 'stop'],
  );
  const failures = actions[0]?.option['failures'] as JsonObject;
  assert.deepEqual([says(failures['USER_BUSY']), says(failures['480'])], ['busy', 'away']);
  assert.equal(new Set(actions.map(({ id }) => id)).size, actions.length);
});

test('an endless tree ends, and what is no tree does nothing', () => {
  let flow: JsonObject = { module: 'hangup' };
  for (let depth = 0; depth < 5000; depth += 1) flow = { module: 'sleep', children: { _: flow } };
  assert.ok(fromCallflow({ flow }, { dialled: '1' }).actions.length < 600);
  for (const none of [{}, { flow: 'x' }, { flow: [] }]) {
    assert.deepEqual(fromCallflow(none as JsonObject, { dialled: '1' }).actions, [{ id: 'callflow-0', type: 'stop', option: {} }]);
  }
});
