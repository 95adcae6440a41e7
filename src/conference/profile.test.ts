import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../base/index.ts';
import { type Defaults, noDefaults } from './defaults.ts';
import { effectiveProfile } from './profile.ts';
import { settings } from './settings.ts';

const profiles = (of: Readonly<Record<string, JsonObject>>): JsonObject => ({ profiles: of });
const having = (parts: Partial<Defaults>): Defaults => ({ ...noDefaults, ...parts });

/** kazoo-facts §7.7, as far as our rooms do not sound otherwise on purpose (docs/profile.md). */
const documented: JsonObject = {
  'alone-sound': 'conf-alone',
  'caller-controls': 'default',
  'moderator-controls': 'default',
  'enter-sound': 'tone_stream://v=-7;>=2;+=.1;%(300,0,523,659);v=-7;>=3;+=.1;%(800,0,659,783)',
  'exit-sound': 'tone_stream://v=-7;>=2;+=.1;%(300,0,523,440);v=-7;>=3;+=.1;%(800,0,349,440)',
  'locked-sound': 'conf-max_participants',
  'max-members-sound': 'conf-max_participants',
  'member-enter-sound': 'conf-joining_conference',
  'muted-sound': 'conf-muted',
  'unmuted-sound': 'conf-unmuted',
  'deaf-sound': 'conf-deaf',
  'undeaf-sound': 'conf-undeaf',
};

test('where nobody configured anything the documented profile holds', () => {
  const { 'moh-sound': music, ...profile } = effectiveProfile({}, noDefaults);
  assert.deepEqual(profile, documented);
  assert.equal(music, 'local_stream://moh', 'music comes from the prompts');
});

/** One value that each documented parameter could have, and another. */
const VALUES: Readonly<Record<string, readonly [JsonObject[string], JsonObject[string]]>> = {
  'alone-sound': ['conf-welcome', 'http://a.test/alone.wav'],
  'announce-count': [2, 5],
  'caller-controls': ['few', 'none'],
  'comfort-noise': [100, 1000],
  'energy-level': [300, 0],
  'enter-sound': ['tone_stream://%(100,0,400)', 'a'.repeat(32)],
  'exit-sound': ['tone_stream://%(100,0,500)', 'b'.repeat(32)],
  interval: [40, 60],
  'locked-sound': ['conf-locked', 'c'.repeat(32)],
  'max-members': [5, 9],
  'max-members-sound': ['conf-goodbye', 'd'.repeat(32)],
  'moderator-controls': ['many', 'all'],
  'moh-sound': ['local_stream://jazz', 'e'.repeat(32)],
  'muted-sound': ['conf-done', 'f'.repeat(32)],
  rate: [8000, 16_000],
  'unmuted-sound': ['conf-done', '1'.repeat(32)],
};

for (const [key, [one, other]] of Object.entries(VALUES)) {
  test(`${key}: the document's profile over the account's over the server's over the built-in one`, () => {
    const system = profiles({ default: { [key]: one } });
    const account = profiles({ default: { [key]: other } });
    assert.equal(effectiveProfile({}, having({ system }))[key], one);
    assert.equal(effectiveProfile({}, having({ system, account }))[key], other);
    assert.equal(effectiveProfile({ profile: { [key]: one } }, having({ account }))[key], one);
    const others = { ...effectiveProfile({}, noDefaults), [key]: one };
    assert.deepEqual(effectiveProfile({ profile: { [key]: one } }, noDefaults), others, 'a profile is merged, it replaces nothing else');
  });
}

test('an empty word switches a sound off, wherever it stands', () => {
  for (const key of Object.keys(documented)) {
    assert.equal(key in effectiveProfile({ profile: { [key]: '' } }, noDefaults), false, key);
    assert.equal(key in effectiveProfile({}, having({ account: profiles({ default: { [key]: '' } }) })), false, key);
    assert.equal(effectiveProfile({ profile: { [key]: 'on' } }, having({ account: profiles({ default: { [key]: '' } }) }))[key], 'on');
  }
});

test('profile_name chooses; a name that nobody configured is as the default one', () => {
  const account = profiles({ quiet: { 'enter-sound': '', 'muted-sound': 'psst' }, default: { 'alone-sound': 'other' } });
  const quiet = effectiveProfile({ profile_name: 'quiet' }, having({ account }));
  assert.deepEqual([quiet['enter-sound'], quiet['muted-sound'], quiet['alone-sound']], [undefined, 'psst', 'conf-alone']);
  assert.deepEqual(effectiveProfile({ profile_name: 'constructor' }, noDefaults), effectiveProfile({}, noDefaults));
  const page = effectiveProfile({ profile_name: 'page' }, noDefaults);
  assert.deepEqual(
    [page['caller-controls'], page['rate'], page['enter-sound'], page['alone-sound']],
    ['paging', 8000, 'silence_stream://1', undefined],
  );
});

test('a profile may be of one language', () => {
  const account = profiles({ default: { 'alone-sound': 'a', 'muted-sound': 'm' }, 'de-de': { default: { 'alone-sound': 'b' } } });
  const in_ = (language: string): JsonObject => effectiveProfile({ language }, having({ account }));
  assert.deepEqual([in_('de-de')['alone-sound'], in_('de-de')['muted-sound'], in_('en-us')['alone-sound']], ['b', 'm', 'a']);
});

test('keys of the document beat those of any profile; a missing or empty one says nothing', () => {
  const profile = { 'max-members': 5, 'max-members-sound': 'p', 'caller-controls': 'p', 'moderator-controls': 'p' };
  const own = { max_participants: 7, max_members_media: 'd', caller_controls: 'd', moderator_controls: 'd' };
  const keys = Object.keys(profile);
  const of = (document: JsonObject): unknown[] => keys.map((key) => effectiveProfile(document, noDefaults)[key]);
  assert.deepEqual(of({ profile, ...own }), [7, 'd', 'd', 'd']);
  assert.deepEqual(of({ profile, max_members_media: '', caller_controls: '' }), [5, 'p', 'p', 'p']);
  assert.equal(settings({ profile, max_participants: 0 }).maxParticipants, 0, 'no limit is a word of the document too');
});

test('what has the wrong shape counts as absent', () => {
  for (const wrong of [null, [], 'x', 7, true] as const) {
    assert.deepEqual(
      effectiveProfile({ profile: wrong, profile_name: 7 }, having({ account: { profiles: wrong } })),
      effectiveProfile({}, noDefaults),
    );
  }
});

test('music: the documented names of hold music, another one, none', () => {
  const music = (sound: string): unknown => settings({ profile: { 'moh-sound': sound } }).music;
  assert.equal(music('$${hold_music}'), 'local_stream://moh');
  assert.equal(music('local_stream://jazz'), 'local_stream://jazz');
  assert.equal(music(''), undefined);
  assert.equal(music('silence_stream://1'), undefined, 'silence needs no player');
  assert.equal(settings({ disable_moh: true }).music, undefined);
});
