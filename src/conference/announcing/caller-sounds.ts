import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import type { Conference, Participant } from '../conference.ts';
import { noDefaults } from '../defaults.ts';
import type { PlaySource } from '../playing.ts';
import { type FormPrompt, PROMPT_NAMES, type PromptName, prompt } from '../prompts.ts';
import { settingsOf } from '../settings.ts';

/** Of a profile, sounds that the room itself plays. */
export type SoundKey =
  | 'alone-sound'
  | 'deaf-sound'
  | 'enter-sound'
  | 'exit-sound'
  | 'is-locked-sound'
  | 'is-unlocked-sound'
  | 'locked-sound'
  | 'max-members-sound'
  | 'member-enter-sound'
  | 'muted-sound'
  | 'undeaf-sound'
  | 'unmuted-sound';

/** What decides how a conference sounds. */
type Spoken = Pick<Conference, 'document' | 'defaults'>;

/** Where nobody says otherwise (kazoo-facts §7.9). */
const USUAL_LANGUAGE = 'en-us';
/** Most people among whom tones and names are heard, where nobody says otherwise. */
const USUAL_CROWD = 30;

const known: ReadonlySet<string> = new Set(PROMPT_NAMES);

/** Which language callers of a conference are spoken to in: the document's, the account's, the server's. */
export function languageOf({ document, defaults = noDefaults }: Spoken): string {
  const named = [document.language, defaults.account['language'], defaults.system['language']];
  return named.find((each): each is string => typeof each === 'string' && each !== '')?.toLowerCase() ?? USUAL_LANGUAGE;
}

/** A prompt in the language of a conference. */
export const spoken = (conference: Spoken, name: PromptName | FormPrompt): PlaySource => prompt(name, languageOf(conference));

/** A sound as documents name it: the bare name of a prompt is that prompt in the conference's language (kazoo-facts §7.7). */
export const soundOf = (conference: Spoken, sound: string): PlaySource =>
  known.has(sound) ? spoken(conference, sound as PromptName) : sound;

/** What a profile plays; undefined: that was switched off. */
export function profileSound(conference: Spoken, key: SoundKey): PlaySource | undefined {
  const sound = settingsOf(conference).profile[key];
  return typeof sound === 'string' && sound !== '' ? soundOf(conference, sound) : undefined;
}

/** The tone when somebody comes or goes; undefined: none. */
export function toneOf(conference: Spoken, { role, tones }: Participant, which: 'entry' | 'exit'): PlaySource | undefined {
  const { document } = conference;
  const key = `play_${which}_tone`;
  const ofRole = document[role];
  const wish = [tones?.[which], isObject(ofRole) ? ofRole[key] : undefined, document[key]].find(isTone) ?? true;
  if (wish === false) return undefined;
  return wish === true ? usualTone(conference, role, which) : soundOf(conference, wish);
}

/** The profile's sound; where the document's own profile says nothing of it, the tone that account or server configured (kazoo-facts §3.8). */
function usualTone(conference: Spoken, role: Participant['role'], which: 'entry' | 'exit'): PlaySource | undefined {
  const key = which === 'entry' ? 'enter-sound' : 'exit-sound';
  const sound = profileSound(conference, key);
  const { document, defaults = noDefaults } = conference;
  if (sound === undefined || (isObject(document.profile) && Object.hasOwn(document.profile, key))) return sound;
  const name = role === 'moderator' ? `moderator_${which}_tone` : `${which}_tone`;
  const tone = [defaults.account[name], defaults.system[name]].find((each): each is string => typeof each === 'string' && each !== '');
  return tone === undefined ? sound : soundOf(conference, tone);
}

const isTone = (value: Json | undefined): value is boolean | string =>
  typeof value === 'boolean' || (typeof value === 'string' && value !== '');

/** Up to how many people coming and going is heard: `tones_up_to` of the document, the account, the server. */
export function crowd({ document, defaults = noDefaults }: Spoken): number {
  const isCount = (value: Json | undefined): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
  const named = [document['tones_up_to'], defaults.account['tones_up_to'], defaults.system['tones_up_to']];
  return named.find(isCount) ?? USUAL_CROWD;
}

/** From how many others on a newcomer is told how many there are (`announce-count`); undefined: he is never told. */
export function countsFrom(conference: Spoken): number | undefined {
  const count = settingsOf(conference).profile['announce-count'];
  return typeof count === 'number' && count > 0 ? count : undefined;
}

/** Whether people are told that they are recorded (`rulings.md` "recording notice"). */
export const noticesRecording = ({ document }: { readonly document: JsonObject }): boolean => document['recording_notice'] !== false;
