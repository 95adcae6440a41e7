import type { MuteReason, Participant } from '../conference.ts';
import type { Happening } from '../facts.ts';
import type { PlaySource } from '../playing.ts';
import type { PromptName } from '../prompts.ts';
import { people } from '../rules/which.ts';
import { settingsOf } from '../settings.ts';
import type { Asked } from './announcement.ts';
import { profileSound, type SoundKey, spoken } from './caller-sounds.ts';
import { personIn, type Scene, toAll, toOne } from './scene.ts';

/** From so many on who are muted at once, all are told at once. */
export const MANY = 5;

/** What people are told of what has become of them, whoever did it. */
export function told(scene: Scene): readonly Asked[] {
  const isBulk = (type: 'participant.muted' | 'participant.unmuted'): boolean =>
    scene.facts.filter((each) => each.type === type && personIn(scene.before, each.participant) !== undefined).length >= MANY;
  const bulk = (['participant.muted', 'participant.unmuted'] as const).filter(isBulk);
  return [
    ...bulk.map((type) => toAll('notice', voiceSound(scene, type === 'participant.muted' ? 'conf-all_muted' : 'conf-all_unmuted'))),
    ...scene.facts.flatMap((fact) => (bulk.some((type) => type === fact.type) ? [] : tell(scene, fact))),
  ];
}

/** A word to all where words to one are not switched off. */
const voiceSound = ({ after }: Scene, name: 'conf-all_muted' | 'conf-all_unmuted'): PlaySource | undefined =>
  profileSound(after, name === 'conf-all_muted' ? 'muted-sound' : 'unmuted-sound') && spoken(after, name);

function tell(scene: Scene, fact: Happening): readonly Asked[] {
  const { before, after } = scene;
  // Who has just come in is told with everything else, who has left hears nothing.
  const one = 'participant' in fact && typeof fact.participant === 'string' ? personIn(after, fact.participant) : undefined;
  const was = one && personIn(before, one.id);
  if (one === undefined || was === undefined || one.call.stream !== undefined) return [];
  const kind = scene.by === one.id ? 'key' : 'told';
  switch (fact.type) {
    case 'participant.muted':
    case 'participant.unmuted':
      return [toOne(one.id, kind, voiceWords(scene, was, one))];
    case 'participant.deafened':
      return [toOne(one.id, kind, profileSound(after, 'deaf-sound'))];
    case 'participant.undeafened':
      return [toOne(one.id, kind, profileSound(after, 'undeaf-sound'))];
    case 'consent.given':
      return [toOne(one.id, 'consent', spoken(after, 'conf-consent_given'))];
    case 'consent.refused':
      return [toOne(one.id, 'consent', spoken(after, 'conf-consent_refused'))];
    case 'participant.promoted':
      return [toOne(one.id, 'told', spoken(after, 'conf-promoted'))];
    case 'participant.demoted':
      return [toOne(one.id, 'told', spoken(after, 'conf-demoted'))];
    case 'participant.hand_raised':
      return [toOne(one.id, kind, spoken(after, 'conf-hand_raised')), ...handTold(scene, one)];
    case 'participant.hand_lowered':
      return [toOne(one.id, kind, spoken(after, 'conf-hand_lowered'))];
    default:
      return [];
  }
}

/** What somebody hears of his own voice: nothing of a hold. */
function voiceWords({ after, by }: Scene, was: Participant, one: Participant): PlaySource | undefined {
  const more = one.muted.filter((each) => !was.muted.includes(each));
  const less = was.muted.filter((each) => !one.muted.includes(each));
  if (more.some((each) => each !== 'hold')) return worded(after, 'muted-sound', by === one.id || more.includes('self'));
  if (!less.some((each) => each !== 'hold')) return undefined;
  if (one.muted.some(isOthers)) return spoken(after, 'conf-still_muted');
  return one.muted.includes('self') ? undefined : worded(after, 'unmuted-sound', by === one.id || !less.some(isOthers));
}

const isOthers = (reason: MuteReason): boolean => reason === 'moderator' || reason === 'room';

/** The words of the profile; where those are the usual ones, others say that it was somebody else. */
function worded(after: Scene['after'], key: SoundKey & ('muted-sound' | 'unmuted-sound'), isOwn: boolean): PlaySource | undefined {
  const usual: PromptName = key === 'muted-sound' ? 'conf-muted' : 'conf-unmuted';
  const isUsual = settingsOf(after).profile[key] === usual;
  return isUsual && !isOwn ? spoken(after, `${usual}_by_moderator`) : profileSound(after, key);
}

/** Moderators are told who wants to speak. */
const handTold = ({ after }: Scene, one: Participant): readonly Asked[] =>
  people(after)
    .filter((each) => each.role === 'moderator' && each.id !== one.id && each.call.stream === undefined)
    .map(({ id }) => toOne(id, 'told', one.announcedAs ?? spoken(after, 'conf-a_caller'), spoken(after, 'conf-has_raised_hand')));
