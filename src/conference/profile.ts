import { isObject, type Json, type JsonObject } from '../base/index.ts';
import type { Defaults } from './defaults.ts';

/** The music that comes with Parley, where nobody configured another: the files of that name among the prompts. */
const HOLD_MUSIC = 'local_stream://moh';

/**
 * Profiles that are there without being configured (kazoo-facts §7.7, tones §7.6). Of the sound of a room (`rate`, `interval`, `comfort-noise`) nothing is said:
 * what is missing is as docs/profile.md says.
 */
const BUILT_IN: Readonly<Record<string, JsonObject>> = {
  default: {
    'alone-sound': 'conf-alone',
    'caller-controls': 'default',
    'deaf-sound': 'conf-deaf',
    'enter-sound': 'tone_stream://v=-7;>=2;+=.1;%(300,0,523,659);v=-7;>=3;+=.1;%(800,0,659,783)',
    'exit-sound': 'tone_stream://v=-7;>=2;+=.1;%(300,0,523,440);v=-7;>=3;+=.1;%(800,0,349,440)',
    'locked-sound': 'conf-max_participants',
    'max-members-sound': 'conf-max_participants',
    'member-enter-sound': 'conf-joining_conference',
    'moderator-controls': 'default',
    'moh-sound': HOLD_MUSIC,
    'muted-sound': 'conf-muted',
    'undeaf-sound': 'conf-undeaf',
    'unmuted-sound': 'conf-unmuted',
  },
  page: {
    'caller-controls': 'paging',
    'enter-sound': 'silence_stream://1',
    'exit-sound': 'silence_stream://1',
    'moh-sound': 'silence_stream://1',
    rate: 8000,
  },
};

/** Of this one everything is made that nobody configured. */
const DEFAULT = BUILT_IN['default'] as JsonObject;

const objectAt = (where: JsonObject, key: string): JsonObject => {
  const value = Object.hasOwn(where, key) ? where[key] : undefined;
  return isObject(value) ? value : {};
};

/** `profiles.NAME`, and over it `profiles.LANGUAGE.NAME`. */
function profileIn(configuration: JsonObject, name: string, language: string | undefined): JsonObject {
  const profiles = objectAt(configuration, 'profiles');
  const spoken = language === undefined ? {} : objectAt(objectAt(profiles, language), name);
  return { ...objectAt(profiles, name), ...spoken };
}

/** A profile's name in our own table, without what an object has by itself. */
const builtIn = (name: string): JsonObject => (Object.hasOwn(BUILT_IN, name) ? (BUILT_IN[name] as JsonObject) : DEFAULT);

/** FreeSWITCH's variable for the server's own music, as KAZOO's profiles write it. */
const isHoldMusic = (value: Json | undefined): boolean => typeof value === 'string' && /^\${1,2}\{hold_music\}$/.test(value);

/** Keys of a document that beat those of its profile (`rulings.md` "profile"). */
const OWN_KEYS = [
  ['max_participants', 'max-members'],
  ['max_members_media', 'max-members-sound'],
  ['caller_controls', 'caller-controls'],
  ['moderator_controls', 'moderator-controls'],
] as const;

/** What a document itself says. A word that is empty says nothing, as KAZOO's own console sends them. */
function ownKeys(document: JsonObject): JsonObject {
  const said = OWN_KEYS.flatMap(([key, name]): [string, Json][] => {
    const value = document[key];
    return value === undefined || value === null || value === '' ? [] : [[name, value]];
  });
  return Object.fromEntries(said);
}

/**
 * The profile that holds for a conference (`rulings.md` "profile"): its own over the account's over the server's over the built-in one of the name in
 * `profile_name`, keys of the document over all. `""` switches off, wherever it stands: such a key is not in it.
 */
export function effectiveProfile(document: JsonObject, { account, system }: Defaults): JsonObject {
  const named = document.profile_name;
  const name = typeof named === 'string' && named !== '' ? named : 'default';
  const language = typeof document.language === 'string' ? document.language : undefined;
  const own = isObject(document.profile) ? document.profile : {};
  const merged = {
    ...builtIn(name),
    ...profileIn(system, name, language),
    ...profileIn(account, name, language),
    ...own,
    ...ownKeys(document),
  };
  const kept = Object.entries(merged).filter(([, value]) => value !== '' && value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, isHoldMusic(value) ? HOLD_MUSIC : value]));
}
