import { isObject, type Json, type JsonObject } from '../base/index.ts';
import type { Role } from './conference.ts';
import { type SoundSettings, soundSettings } from './sound-settings.ts';

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

/** The nearest multiple of 10 (`rulings.md` "interval, rate"). */
const intervalOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && value >= 10 && value <= 120 ? Math.round(value / 10) * 10 : undefined;

/** Reads a document. Never throws: what has the wrong shape counts as absent. */
export function settings(document: JsonObject): Settings {
  const profile = isObject(document.profile) ? document.profile : {};
  const limit = document.max_participants ?? profile['max-members'];
  return {
    name: text(document.name),
    numbers: texts(document.conference_numbers),
    member: roleSettings(document.member, true),
    moderator: roleSettings(document.moderator, false),
    maxParticipants: typeof limit === 'number' && limit > 0 ? limit : 0,
    interval: intervalOf(profile.interval),
    sound: soundSettings(profile),
  };
}

/** Every number under which the document can be dialled, each once. */
export function allNumbers(document: JsonObject): readonly string[] {
  const { numbers, member, moderator } = settings(document);
  return [...new Set([...numbers, ...member.numbers, ...moderator.numbers])];
}

/** The role a dialled number gives; undefined when it is shared or the PIN decides. */
export function roleOfNumber(document: JsonObject, number: string): Role | undefined {
  const { numbers, member, moderator } = settings(document);
  const asMember = member.numbers.includes(number);
  const asModerator = moderator.numbers.includes(number);
  if (numbers.includes(number) || asMember === asModerator) return undefined;
  return asMember ? 'member' : 'moderator';
}
