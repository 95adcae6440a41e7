import { isObject, type Json, type JsonObject } from '../base/index.ts';
import type { Conference, Role } from './conference.ts';
import { type Defaults, noDefaults } from './defaults.ts';
import { LEAST_GAIN } from './gains.ts';
import type { PlaySource } from './playing.ts';
import { effectiveProfile } from './profile.ts';
import { type SoundSettings, soundSettings } from './sound-settings.ts';
import { termsOf } from './terms.ts';

/** What one role meets when it comes in. */
export interface RoleSettings {
  readonly joinMuted: boolean;
  readonly joinDeaf: boolean;
  readonly numbers: readonly string[];
  readonly pins: readonly string[];
}

/** A document read with its defaults (kazoo-facts §3.3, §7.9). */
export interface Settings {
  readonly name: string;
  /** Numbers that let the PIN decide the role. */
  readonly numbers: readonly string[];
  readonly member: RoleSettings;
  readonly moderator: RoleSettings;
  /** 0 = unlimited. */
  readonly maxParticipants: number;
  /** ms per packet that is sent to the room's legs, as far as their maxptime allows; undefined: what each likes. */
  readonly interval: number | undefined;
  /** What the engine is to do with the sound of all. */
  readonly sound: SoundSettings;
  /** What voices are multiplied by while something is played to those who hear them; 1: they are as loud as ever. */
  readonly duck: number;
  readonly recording: RecordingSettings;
  /** People are asked whether they agree to be recorded; undefined: they are told, or not even that. */
  readonly consent: ConsentSettings | undefined;
  /** Members hear nobody but music, and are heard by nobody, until a moderator comes. */
  readonly waitForModerator: boolean;
  /** ms after the last moderator has left until members are sent away; undefined: they stay. */
  readonly moderatorGrace: number | undefined;
  /** Who comes by himself and is no moderator waits until one admits him. */
  readonly waitingRoom: boolean;
  /** ms after which who waits to be admitted is sent away; undefined: he may wait for ever. */
  readonly longestWait: number | undefined;
  /** By his keys somebody lifts also what a moderator or the room muted him for. */
  readonly selfUnmute: boolean;
  /** What those hear who are alone or wait; undefined: silence. */
  readonly music: PlaySource | undefined;
  /** ms after its creation at which the conference ends; undefined: never. VoIPBIN's `timeout`. */
  readonly timeout: number | undefined;
  /** ms that one run of its room lasts; undefined: as long as anybody is in. */
  readonly longestRun: number | undefined;
  /** All parameters of the profile that holds (kazoo-facts §7.7), merged and with the document's own keys; what is switched off is not in it. */
  readonly profile: JsonObject;
}

/** How people are asked whether they agree to be recorded: `recording_consent`. */
export interface ConsentSettings {
  /** Who does not agree is heard but in no file, or has to leave. */
  readonly without: 'exclude' | 'leave';
  /** ms after which who has not agreed does not agree. */
  readonly time: number;
}

/** How a conference is recorded when nobody says otherwise. */
export interface RecordingSettings {
  /** As soon as somebody is in. */
  readonly automatic: boolean;
  readonly stems: boolean;
  readonly format: 'wav' | 'ogg';
  readonly silence: boolean;
  /** Seconds. */
  readonly maxSeconds: number | undefined;
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const texts = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
const flag = (value: Json | undefined, otherwise: boolean): boolean => (typeof value === 'boolean' ? value : otherwise);

function roleSettings(value: Json | undefined, joinMuted: boolean): RoleSettings {
  const role = isObject(value) ? value : {};
  return {
    joinMuted: flag(role.join_muted, joinMuted),
    joinDeaf: flag(role.join_deaf, false),
    numbers: texts(role.numbers),
    pins: texts(role.pins),
  };
}

/** Most that voices are lowered by, dB; the same as the least gain of a participant. */
const MOST_DUCKING = 40;

/** `announcement-duck`: dB by which voices are lowered while something is played. */
const duckOf = (value: Json | undefined): number =>
  typeof value === 'number' && value > 0 ? Math.max(LEAST_GAIN, 10 ** (-Math.min(value, MOST_DUCKING) / 20)) : 1;

/** `recording`: true, or how (docs/profile.md). */
function recordingSettings(value: Json | undefined): RecordingSettings {
  const wish = isObject(value) ? value : {};
  const { max_seconds: longest, format } = wish;
  return {
    automatic: value === true || wish['automatic'] === true,
    stems: flag(wish['stems'], false),
    format: format === 'ogg' ? 'ogg' : 'wav',
    silence: flag(wish['silence'], false),
    maxSeconds: typeof longest === 'number' && Number.isInteger(longest) && longest > 0 ? longest : undefined,
  };
}

/** ms in which somebody can agree where nobody says otherwise: time enough to hear the question twice. */
const CONSENT_TIME = 45_000;

/** `recording_consent` and `recording_consent_seconds` of the document, the account, the server. */
function consentSettings(document: JsonObject, { account, system }: Defaults): ConsentSettings | undefined {
  const places = [document, account, system];
  const without = places.map((each) => each['recording_consent']).find((each) => each !== undefined && each !== null);
  if (without !== 'exclude' && without !== 'leave') return undefined;
  const time = places.map((each) => span(each['recording_consent_seconds'])).find((each) => each !== undefined);
  return { without, time: time ?? CONSENT_TIME };
}

/** The nearest multiple of 10 (`rulings.md` "interval, rate"). */
const intervalOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && value >= 10 && value <= 120 ? Math.round(value / 10) * 10 : undefined;

/** Seconds in a document as ms; what is not a positive number means nothing. */
const span = (value: Json | undefined): number | undefined => (typeof value === 'number' && value > 0 ? value * 1000 : undefined);

/** ms after the last moderator has left (`rulings.md` "require_moderator"). */
const GRACE = 60_000;

/** `moderator_grace` in seconds; 0: at once. */
const graceOf = ({ require_moderator: required, moderator_grace: grace }: JsonObject): number | undefined =>
  required === true ? (typeof grace === 'number' && grace >= 0 ? grace * 1000 : GRACE) : undefined;

/** What those hear who are alone or wait; silence needs no player. */
const musicOf = ({ disable_moh: disabled }: JsonObject, profile: JsonObject): PlaySource | undefined => {
  const sound = profile['moh-sound'];
  return typeof sound === 'string' && disabled !== true && !sound.startsWith('silence_stream:') ? sound : undefined;
};

const read = new WeakMap<JsonObject, { readonly defaults: Defaults; readonly settings: Settings }>();

/** What holds in a conference: its document, its account's and the server's configuration in one. Read once per document. */
export function settingsOf({ document, defaults = noDefaults }: Pick<Conference, 'document' | 'defaults'>): Settings {
  const known = read.get(document);
  if (known?.defaults === defaults) return known.settings;
  const fresh = settings(document, defaults);
  read.set(document, { defaults, settings: fresh });
  return fresh;
}

/** Reads a document over what is configured for all. Never throws: what has the wrong shape counts as absent. */
export function settings(document: JsonObject, defaults: Defaults = noDefaults): Settings {
  const profile = effectiveProfile(document, defaults);
  const limit = profile['max-members'];
  return {
    name: text(document.name),
    numbers: texts(document.conference_numbers),
    member: roleSettings(document.member, true),
    moderator: roleSettings(document.moderator, false),
    maxParticipants: typeof limit === 'number' && limit > 0 ? limit : 0,
    interval: intervalOf(profile.interval),
    sound: soundSettings(profile),
    duck: duckOf(profile['announcement-duck']),
    recording: recordingSettings(document.recording),
    consent: consentSettings(document, defaults),
    waitForModerator: flag(document.wait_for_moderator, false),
    moderatorGrace: graceOf(document),
    waitingRoom: flag(document.waiting_room, false),
    longestWait: span(document.waiting_room_timeout),
    selfUnmute: flag(document.self_unmute, true),
    music: musicOf(document, profile),
    timeout: span(termsOf(document).timeout) ?? span(document.timeout),
    longestRun: span(document.max_duration),
    profile,
  };
}

/** Every number under which the document can be dialled, each once. */
export function allNumbers(document: JsonObject): readonly string[] {
  const { numbers, member, moderator } = settings(document);
  const { directHash } = termsOf(document);
  return [...new Set([...numbers, ...member.numbers, ...moderator.numbers, ...(directHash === '' ? [] : [directHash])])];
}

/** The further SIP domain under which the document's numbers and id answer, in lower case; undefined: there is none. */
export const domainOf = ({ domain }: JsonObject): string | undefined => text(domain).toLowerCase() || undefined;

/** The role a dialled number gives; undefined when it is shared or the PIN decides. */
export function roleOfNumber(document: JsonObject, number: string): Role | undefined {
  const { numbers, member, moderator } = settings(document);
  const asMember = member.numbers.includes(number);
  const asModerator = moderator.numbers.includes(number);
  if (numbers.includes(number) || asMember === asModerator) return undefined;
  return asMember ? 'member' : 'moderator';
}
