import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference } from '../../../test/kit/conference-fakes.ts';
import type { Json, JsonObject } from '../../base/index.ts';
import type { Role } from '../conference.ts';
import { ACTIONS } from './actions.ts';
import { keypadCard, keypadText } from './card.ts';
import { controlsFaults, keypadOf } from './controls.ts';
import { CARD_LANGUAGES, cardWords } from './labels.ts';

const mapOf = (document: JsonObject, role: Role = 'member', defaults = { account: {}, system: {} }): Record<string, string> =>
  Object.fromEntries(keypadOf(aConference({ document, defaults }), role).controls.map(({ digits, action }) => [digits, action]));

test('the documented default map is everybody’s', () => {
  const documented = { '*1': 'mute', '*2': 'mute on', '*3': 'mute off', '*4': 'deaf', '*5': 'deaf on', '*6': 'deaf off', '#': 'hangup' };
  for (const role of ['member', 'moderator'] as const) {
    const map = mapOf({}, role);
    assert.deepEqual(Object.fromEntries(Object.keys(documented).map((each) => [each, map[each]])), documented);
  }
});

test('nobody but a moderator reaches what is a moderator’s, unless a map of callers has it', () => {
  const theirs = ['mute all', 'lock', 'admit next', 'deny next', 'kick last', 'record', 'record pause', 'extend'];
  assert.deepEqual(
    Object.values(mapOf({})).filter((each) => theirs.includes(each)),
    [],
  );
  assert.deepEqual(
    [...new Set(theirs)].filter((each) => !Object.values(mapOf({}, 'moderator')).includes(each)),
    [],
  );
  assert.deepEqual(mapOf({ caller_controls: 'strong', controls: { strong: [{ digits: '1', action: 'lock' }] } }), { '1': 'lock' });
});

test('a group is the document’s, else the account’s, else the server’s, else ours; one that nobody has is empty', () => {
  const group = (action: string): JsonObject => ({ controls: { default: [{ digits: '1', action }] } });
  const defaults = { account: group('deaf'), system: group('lock') };
  assert.deepEqual(mapOf(group('mute'), 'member', defaults), { '1': 'mute' });
  assert.deepEqual(mapOf({}, 'member', defaults), { '1': 'deaf' });
  assert.deepEqual(mapOf({}, 'member', { account: {}, system: group('lock') }), { '1': 'lock' });
  assert.deepEqual(mapOf({ caller_controls: 'paging' }), {});
  assert.deepEqual(mapOf({ caller_controls: 'toString' }), {});
});

test('the document’s name of a group beats the profile’s; each role has its own', () => {
  const controls = { a: [{ digits: '1', action: 'mute' }], b: [{ digits: '2', action: 'deaf' }] };
  const profile = { 'caller-controls': 'a', 'moderator-controls': 'b' };
  assert.deepEqual(mapOf({ controls, profile }), { '1': 'mute' });
  assert.deepEqual(mapOf({ controls, profile }, 'moderator'), { '2': 'deaf' });
  assert.deepEqual(mapOf({ controls, profile, caller_controls: 'b' }), { '2': 'deaf' });
});

test('a group may say its time, an action its data; letters may be small, spaces many', () => {
  const controls = {
    default: {
      timeout: 700,
      controls: [
        { digits: 'a1', action: ' VOL  Talk up ' },
        { digits: '9', action: 'event coffee please' },
      ],
    },
  };
  const { controls: read, timeout } = keypadOf(aConference({ document: { controls } }), 'member');
  assert.equal(timeout, 700);
  assert.deepEqual(read, [
    { digits: 'A1', action: 'vol talk up' },
    { digits: '9', action: 'event', data: 'coffee please' },
  ]);
});

test('while somebody waits, a moderator’s 1 admits and his 2 turns away, whatever else they do; nobody else’s', () => {
  const base = aConference({ people: 1 });
  const room = { ...base.room!, waiting: [{ call: aCall(7), role: 'member' as const, at: 1 }] };
  const document = {
    controls: {
      default: [
        { digits: '1', action: 'mute' },
        { digits: '12', action: 'lock' },
      ],
    },
  };
  const map = (role: Role) =>
    Object.fromEntries(keypadOf({ ...base, room, document }, role).controls.map((each) => [each.digits, each.action]));
  assert.deepEqual(map('moderator'), { '1': 'admit next', '2': 'deny next', '12': 'lock' });
  assert.deepEqual(map('member'), { '1': 'mute', '12': 'lock' });
});

test('of execute_application there is what a key does here anyhow, however it is written', () => {
  const written: readonly [JsonObject, JsonObject][] = [
    [{ action: 'execute_application playback conf-welcome' }, { action: 'play', data: 'conf-welcome' }],
    [
      { action: ' Execute_Application', data: 'playback http://music.test/a.wav' },
      { action: 'play', data: 'http://music.test/a.wav' },
    ],
    [
      { action: 'execute_application playback', data: 'conf-welcome' },
      { action: 'play', data: 'conf-welcome' },
    ],
    [
      { action: 'execute_application', data: 'transfer 3000 XML default' },
      { action: 'transfer', data: '3000' },
    ],
    [{ action: 'execute_application hangup NORMAL_CLEARING' }, { action: 'hangup' }],
    [{ action: 'play conf-welcome' }, { action: 'play', data: 'conf-welcome' }],
  ];
  for (const [control, expected] of written) {
    const controls = { default: [{ digits: '1', ...control }] };
    assert.deepEqual(controlsFaults(controls), [], JSON.stringify(control));
    assert.deepEqual(keypadOf(aConference({ document: { controls } }), 'member').controls, [{ digits: '1', ...expected }]);
  }
  const [fault] = controlsFaults({ a: [{ digits: '1', action: 'execute_application socket 127.0.0.1:8084' }] });
  assert.deepEqual(fault, {
    path: ['a', '0', 'action'],
    message: 'execute_application executes playback, transfer, hangup here',
    known: ['playback', 'transfer', 'hangup'],
  });
});

test('what is wrong is named by its place; what exists instead too', () => {
  const table: readonly [Json, string[]][] = [
    ['x', ['']],
    [{ a: 'x' }, ['a']],
    [{ a: [] }, []],
    [{ a: [7] }, ['a.0']],
    [{ a: [{ digits: '', action: 'mute' }] }, ['a.0.digits']],
    [{ a: [{ digits: '1'.repeat(17), action: 'mute' }] }, ['a.0.digits']],
    [{ a: [{ digits: '1', action: 'vmute' }] }, ['a.0.action']],
    [{ a: [{ digits: '1' }] }, ['a.0.action']],
    [{ a: [{ digits: '1', action: 'event' }] }, ['a.0.data']],
    [{ a: [{ digits: '1', action: 'transfer' }] }, ['a.0.data']],
    [{ a: [{ digits: '1', action: 'transfer', data: 'two words' }] }, ['a.0.data']],
    [{ a: [{ digits: '1', action: 'event', data: 'x'.repeat(257) }] }, ['a.0.data']],
    [{ a: [{ digits: '1', action: 'extend ten' }] }, ['a.0.data']],
    [{ a: [{ digits: '1', action: 'play' }] }, ['a.0.data']],
    [{ a: [{ digits: '1', action: 'execute_application' }] }, ['a.0.action']],
    [{ a: [{ digits: '1', action: 'execute_application system', data: 'rm -rf /' }] }, ['a.0.action']],
    [{ a: [{ digits: '1', action: 'execute_application toString' }] }, ['a.0.action']],
    [{ a: [{ digits: '1', action: 'execute_application playback' }] }, ['a.0.data']],
    [{ a: [{ digits: '1', action: 'extend', data: 15 }] }, []],
    [
      {
        a: [
          { digits: '1', action: 'mute' },
          { digits: '1', action: 'deaf' },
        ],
      },
      ['a.1.digits'],
    ],
    [{ a: { timeout: 5, controls: [{ digits: '1', action: 'mute' }] } }, ['a.timeout']],
    [{ a: { controls: [{ digits: '?', action: 'mute' }] } }, ['a.controls.0.digits']],
    [{ a: Array.from({ length: 201 }, (_, n) => ({ digits: String(n), action: 'mute' })) }, ['a']],
  ];
  for (const [controls, paths] of table) {
    assert.deepEqual(
      controlsFaults(controls).map(({ path }) => path.join('.')),
      paths,
      JSON.stringify(controls).slice(0, 80),
    );
  }
  assert.deepEqual(controlsFaults({ a: [{ digits: '1', action: 'vol talk upp' }] })[0], {
    path: ['a', '0', 'action'],
    message: 'no key does "vol talk upp" here',
    known: ACTIONS,
    nearest: 'vol talk up',
  });
});

test('a wrong document is no map of surprises: what cannot be read is not in it', () => {
  assert.deepEqual(mapOf({ controls: { default: 'x' } }), {});
  assert.deepEqual(
    mapOf({ controls: { default: [null, { digits: 1 }, { digits: '1', action: 'fly' }, { digits: '2', action: 'mute' }] } }),
    { '2': 'mute' },
  );
});

test('a card has words for every action, in every language, and none is English by mistake', () => {
  assert.deepEqual(CARD_LANGUAGES, ['en', 'de', 'fr', 'es', 'pt', 'it', 'ru', 'zh', 'ja', 'ar']);
  const english = cardWords('en').actions;
  for (const language of CARD_LANGUAGES) {
    const { actions } = cardWords(language);
    for (const action of ACTIONS) {
      assert.notEqual(actions[action], action, `${language}: ${action}`);
      if (language !== 'en' && action !== 'event') assert.notEqual(actions[action], english[action], `${language}: ${action}`);
    }
    assert.equal(new Set(Object.values(actions)).size, ACTIONS.length, `${language}: nothing is said twice`);
  }
});

test('a card shows what members have, and what moderators have besides; as text, too', () => {
  const card = keypadCard(aConference({ document: { name: 'Weekly', language: 'de-DE' } }));
  assert.equal(card.language, 'de');
  assert.ok(card.member.some(({ digits, label }) => digits === '*1' && label.startsWith('Mikrofon')));
  assert.ok(card.moderator.every(({ digits }) => digits.startsWith('**')));
  const text = keypadText(card);
  assert.match(text, /^Tasten in der Konferenz: Weekly\n/);
  assert.match(text, /\n {2}\*1 +Mikrofon aus- oder einschalten\n/);
  assert.equal(keypadCard(aConference(), 'tlh').language, 'en');
  assert.equal(keypadCard(aConference(), 'pt-BR').language, 'pt');
});
