import { Failure, nearest } from '../base/index.ts';
import type { AccountFact, Fact } from '../conference/index.ts';
import type { Webhook } from './webhook.ts';

type FactType = Fact['type'] | AccountFact['type'];

/** A table, so that a new type of fact that is missing here does not compile. */
const ALL: Readonly<Record<FactType, true>> = {
  'conference.created': true,
  'conference.changed': true,
  'conference.deleted': true,
  'conference.locked': true,
  'conference.unlocked': true,
  'room.opened': true,
  'room.closed': true,
  'room.started': true,
  'room.muted': true,
  'room.unmuted': true,
  'room.moh_off': true,
  'room.moh_on': true,
  'room.set': true,
  'room.unattended': true,
  'room.attended': true,
  'room.ending': true,
  'room.extended': true,
  'waiting.joined': true,
  'waiting.admitted': true,
  'waiting.left': true,
  'participant.joined': true,
  'participant.left': true,
  'participant.muted': true,
  'participant.unmuted': true,
  'participant.silent': true,
  'participant.deafened': true,
  'participant.undeafened': true,
  'participant.hand_raised': true,
  'participant.hand_lowered': true,
  'participant.floor_taken': true,
  'participant.floor_released': true,
  'participant.coaching': true,
  'participant.coaching_ended': true,
  'participant.keyed': true,
  'participant.adjusted': true,
  'participant.promoted': true,
  'participant.demoted': true,
  'participants.related': true,
  'call.refused': true,
  'joining.started': true,
  'joining.ended': true,
  'caller.locked_out': true,
  'caller.released': true,
  'invitation.created': true,
  'invitation.used': true,
  'invitation.revoked': true,
  'pins.rotated': true,
  'recording.started': true,
  'recording.paused': true,
  'recording.resumed': true,
  'recording.gapped': true,
  'recording.stopped': true,
  'recording.finished': true,
  'notice.heard': true,
  'consent.asked': true,
  'consent.given': true,
  'consent.refused': true,
  'play.queued': true,
  'play.started': true,
  'play.ended': true,
  'transcription.started': true,
  'transcription.stopped': true,
  'transcript.created': true,
  'call.recorded': true,
};

/** Every type of fact that a webhook can be told of, in the order of the documentation. */
export const factTypes = Object.keys(ALL) as readonly FactType[];

/** Other names of types, which people know them by. */
const ALIASES: Readonly<Record<string, FactType>> = { cdr: 'call.recorded' };

/** Longest list of types. */
const LONGEST = 64;

const fits = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));

/** Reads a wish such as `participant.*`, `cdr`, `*`; refuses one that no fact will ever fit, and names the nearest. */
function readType(text: string): string {
  const pattern = (Object.hasOwn(ALIASES, text) ? ALIASES[text] : undefined) ?? text;
  if (factTypes.some((type) => fits(pattern, type))) return pattern;
  const groups = factTypes.map((type) => type.replace(/\..*$/, '.*'));
  const known = [...new Set(['*', ...groups, ...factTypes, ...Object.keys(ALIASES)])];
  const near = nearest(text.toLowerCase(), known.slice(1));
  throw new Failure('invalid', 'unknown_fact_type', `there is no type of fact "${text.slice(0, 80)}"; did you mean "${near}"?`, {
    details: { type: text.slice(0, 80), nearest: near, known },
  });
}

/** Reads a list of types, each once; refuses an empty or endless one. */
export function readTypes(list: readonly string[]): readonly string[] {
  if (list.length === 0 || list.length > LONGEST)
    throw new Failure('invalid', 'unknown_fact_type', `name 1 to ${LONGEST} types of facts, or "*" for all`, {
      details: { known: ['*', ...factTypes] },
    });
  return [...new Set(list.map(readType))];
}

/** Whether a webhook is to be told of a fact. */
export function wants({ account, conference, types }: Webhook, fact: Fact | AccountFact): boolean {
  if (fact.account !== account) return false;
  const where = fact.type === 'call.recorded' ? fact.cdr.conference : fact.conference;
  if (conference !== undefined && where !== conference) return false;
  return types.some((pattern) => fits(pattern, fact.type));
}

/** Whether a webhook wishes for facts of this type. */
export const hearsOf = ({ types }: Webhook, type: FactType): boolean => types.some((pattern) => fits(pattern, type));
