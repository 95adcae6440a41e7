import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import type { Which } from '../../conference/index.ts';
import { check } from '../document/check.ts';
import { type Answer, type Asked, command, type Decode, type Plan, type Scene } from './answer.ts';
import { bare, conferenceOf } from './conferences.ts';
import { participants, people, revisionOf } from './encode.ts';
import { invalid, refusals } from './refuse.ts';
import { play } from './sounds.ts';

type Encode = ReturnType<typeof bare>;

const bodyOf = ({ data }: Asked): JsonObject => (isObject(data) ? data : {});

/** kazoo-facts §1.3: in `data`, in the query string, at the top. */
const actionOf = (asked: Asked): Json | undefined => bodyOf(asked)['action'] ?? asked.query.get('action') ?? asked.envelope['action'];

const argumentsOf = (asked: Asked): JsonObject => {
  const data = bodyOf(asked);
  return isObject(data['data']) ? data['data'] : data;
};

/** The actions that steer one or all; undefined for others. */
function steer(scene: Scene, which: { spared: Which; everybody: Which }, encode: Encode): Plan | undefined {
  const conference = conferenceOf(scene);
  const action = actionOf(scene.asked);
  switch (action) {
    case 'mute':
    case 'unmute':
      return command('participants.mute', { conference, which: which.spared, muted: action === 'mute' }, encode);
    case 'deaf':
    case 'undeaf':
      return command('participants.deafen', { conference, which: which.spared, deaf: action === 'deaf' }, encode);
    case 'kick':
      return command('participants.kick', { conference, which: which.everybody }, encode);
    default:
      return undefined;
  }
}

/** A participant's number out of text; anything else names nobody. */
function numberOf(value: Json | undefined): number {
  if (Number.isSafeInteger(value)) return value as number;
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  throw refusals.badParticipant(value ?? null);
}

const relate: Decode = (scene) => {
  const result = check('relate', argumentsOf(scene.asked));
  if (!result.ok) throw invalid(result.faults);
  const { participant_id, other_participant, relationship } = result.document;
  const other = numberOf(other_participant);
  const participant = numberOf(participant_id);
  return command(
    'participants.relate',
    { conference: conferenceOf(scene), participant, other, relationship: relationship as 'mute' | 'deaf' | 'clear' },
    (view) => ({ status: 201, data: 'relating participants', revision: revisionOf(view) }),
  );
};

const actOnAll: Decode = (scene) => {
  const plan = steer(scene, { spared: 'all-but-moderators', everybody: 'all' }, bare(scene, 201));
  if (plan !== undefined) return plan;
  if (actionOf(scene.asked) === 'relate') return relate(scene);
  if (actionOf(scene.asked) === 'play') return play(scene.asked, conferenceOf(scene));
  throw refusals.faulty();
};

const actOnOne: Decode = (scene) => {
  const text = scene.params['participant'] ?? '';
  const isNumber = /^\d{1,15}$/.test(text);
  const which = isNumber ? Number(text) : text;
  if (isNumber && actionOf(scene.asked) === 'play') return play(scene.asked, conferenceOf(scene), Number(text));
  const encode = (view: Parameters<Encode>[0]): Answer => ({ status: 201, data: 'ok', revision: revisionOf(view) });
  const plan = steer(scene, { spared: which, everybody: which }, encode);
  if (plan === undefined) throw refusals.faulty();
  if (!isNumber) throw refusals.badParticipant(text);
  return plan;
};

const list: Decode = (scene) =>
  command('conference.read', { conference: conferenceOf(scene) }, (view) => ({
    status: 200,
    data: people(view, scene),
    revision: 'automatic',
  }));

/** Somebody who is not there is an empty object, not an error. */
const read: Decode = (scene) =>
  command('conference.read', { conference: conferenceOf(scene) }, (view) => ({
    status: 200,
    data: participants(view, scene).find((each) => String(each['participant_id']) === scene.params['participant']) ?? {},
    revision: 'automatic',
  }));

/** `/conferences/{C}/participants`. */
export const everybody: Readonly<Record<string, Decode>> = { GET: list, PUT: actOnAll };
/** `/conferences/{C}/participants/{P}`. */
export const one: Readonly<Record<string, Decode>> = { GET: read, PUT: actOnOne };
