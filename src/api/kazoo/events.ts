import { createHash } from 'node:crypto';
import type { AccountId } from '../../accounts/index.ts';
import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import type { ConferenceId, Fact, LiveSound, Participant, Signal, TalkSignal } from '../../conference/index.ts';
import { gregorian } from '../stamp.ts';
import { type Place, personal, type Sound } from './encode.ts';

/** KAZOO's name of what we call so (kazoo-facts §8.2, rulings "events"); undefined: KAZOO has no event for it. A new type without a row does not compile. */
const NAMES: Readonly<Record<Fact['type'] | Signal['type'], string | undefined>> = {
  // KAZOO's conference begins and ends with its room, not with its document.
  'room.opened': 'conference-create',
  'room.closed': 'conference-destroy',
  'conference.created': undefined,
  'conference.changed': undefined,
  'conference.deleted': undefined,
  'conference.locked': 'lock',
  'conference.unlocked': 'unlock',
  'participant.joined': 'add-member',
  'participant.left': 'del-member',
  'participant.started-talking': 'start-talking',
  'participant.stopped-talking': 'stop-talking',
  'participant.muted': 'mute-member',
  'participant.unmuted': 'unmute-member',
  'participant.deafened': 'deaf-member',
  'participant.undeafened': 'undeaf-member',
  'participant.hand_raised': undefined,
  'participant.hand_lowered': undefined,
  // Who has it is in every event about a participant, as `floor`.
  'participant.floor_taken': undefined,
  'participant.floor_released': undefined,
  'participant.coaching': undefined,
  'participant.coaching_ended': undefined,
  'participant.keyed': undefined,
  'participant.adjusted': undefined,
  // KAZOO's events end with the documented ones; who reads participants sees the role.
  'participant.promoted': undefined,
  'participant.demoted': undefined,
  'room.started': undefined,
  'room.muted': undefined,
  'room.unmuted': undefined,
  'room.moh_off': undefined,
  'room.moh_on': undefined,
  'room.set': undefined,
  'room.unattended': undefined,
  'room.attended': undefined,
  'room.ending': undefined,
  'room.extended': undefined,
  'waiting.joined': undefined,
  'waiting.admitted': undefined,
  'waiting.left': undefined,
  'participant.silent': undefined,
  'participants.related': undefined,
  'call.refused': undefined,
  'joining.started': undefined,
  'joining.ended': undefined,
  'caller.locked_out': undefined,
  'caller.released': undefined,
  'invitation.created': undefined,
  'invitation.used': undefined,
  'invitation.revoked': undefined,
  'pins.rotated': undefined,
  'recording.started': undefined,
  'recording.paused': undefined,
  'recording.resumed': undefined,
  'recording.gapped': undefined,
  'recording.stopped': undefined,
  'recording.finished': undefined,
  'notice.heard': undefined,
  'consent.asked': undefined,
  'consent.given': undefined,
  'consent.refused': undefined,
  'play.queued': undefined,
  'play.started': undefined,
  'play.ended': undefined,
  'transcription.started': undefined,
  'transcription.stopped': undefined,
  'transcript.created': undefined,
  'transcript.interim': undefined,
  'speech.started': undefined,
  'speech.ended': undefined,
};

/** Every event that KAZOO knows of a conference, in the order of the documents. */
export const eventNames: readonly string[] = Object.values(NAMES).filter((each) => each !== undefined);

/** KAZOO's name of a fact or a signal. */
export const eventName = ({ type }: Fact | Signal): string | undefined => NAMES[type];

/** Something that happened, in KAZOO's words, before it is written for one kind of reader. */
export interface KazooEvent {
  /** `add-member` … */
  readonly name: string;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** KAZOO's call id; undefined where the event concerns no call. */
  readonly call: string | undefined;
  /** Every key, in snake_case, flags flat and nested. */
  readonly body: JsonObject;
}

/** What an event says beside what happened. */
export interface Background extends Place {
  /** As `energyLevelOf` gives it. */
  readonly energyLevel: number;
}

/** Nobody talks: what is said of sound when a fact is told long after it happened. */
export const silence: LiveSound = { floor: undefined, levelOf: () => ({ talking: false, energy: 0 }) };

/** Whether it says that somebody talks, or does so no longer. */
export const isTalk = (each: Fact | Signal): each is TalkSignal =>
  each.type === 'participant.started-talking' || each.type === 'participant.stopped-talking';

/** The same for the same thing at every telling, so that consumers can drop doubles. */
function idOf(happened: Fact | Signal): string {
  const { type, at, account, conference, instance = '' } = happened;
  const which = 'sequence' in happened ? happened.sequence : `${type}/${happened.about?.id}`;
  return createHash('sha256').update(`${account}/${conference}/${instance}/${which}/${at}`).digest('hex').slice(0, 32);
}

function soundOf(happened: Fact | Signal, live: LiveSound, energyLevel: number): Sound {
  const leg = happened.about?.call.leg;
  const hasFloor = leg !== undefined && live.floor === leg;
  if (isTalk(happened)) {
    const talking = happened.type === 'participant.started-talking';
    return { level: { talking, energy: happened.energy }, hasFloor, energyLevel };
  }
  return { level: leg === undefined ? undefined : live.levelOf(leg), hasFloor, energyLevel };
}

/** Where presence of a call is told: the device's own address, else the caller's number at the account. */
const presenceOf = ({ call }: Participant, { account }: Place): string =>
  call.channelVars['presence_id'] ?? `${call.channelVars['username'] ?? call.callerNumber}@${call.channelVars['realm'] ?? account.realm}`;

function about(person: Participant, sound: Sound, place: Place): JsonObject {
  return {
    call_id: person.call.sipCallId,
    participant_id: person.number,
    channel_presence_id: presenceOf(person, place),
    ...personal(person, sound, place),
  };
}

/** Writes what happened as KAZOO says it (rulings "events"); undefined for what KAZOO has no event for. `live` is the sound of the room at that moment. */
export function eventOf(happened: Fact | Signal, background: Background, live: LiveSound): KazooEvent | undefined {
  const name = eventName(happened);
  if (name === undefined) return undefined;
  const { account, conference, instance, about: person, at } = happened;
  const { node, energyLevel } = background;
  const body: JsonObject = {
    event: name,
    conference_id: conference,
    ...(instance === undefined ? {} : { instance_id: instance }),
    account_id: account,
    ...(person === undefined ? {} : about(person, soundOf(happened, live, energyLevel), background)),
    // Not KAZOO's key: the reason why somebody left, for who wants to know.
    ...(happened.type === 'participant.left' ? { leave_reason: happened.reason } : {}),
    timestamp: gregorian(at),
    ...common(node, idOf(happened)),
  };
  return { name, account, conference, call: person?.call.sipCallId, body };
}

const common = (node: string, id: string): JsonObject => ({
  event_category: 'conference',
  event_name: 'participant_event',
  app_name: 'ecallmgr',
  app_version: '4.0.0',
  focus: node,
  node,
  msg_id: id,
  routing_key: 'participant_event',
});

/** The stop that whoever was told a start must get before this fact, although no signal came: at a restart, or when signals and facts take different ways. */
export const stopBefore = (fact: Fact, person: Participant): TalkSignal => ({
  type: 'participant.stopped-talking',
  at: fact.at,
  account: fact.account,
  conference: fact.conference,
  instance: fact.instance ?? '',
  about: person,
  energy: 0,
});

/** Words that KAZOO writes in capitals in its headers. */
const CAPITALS = new Set(['id', 'uuid', 'url', 'uri', 'ip', 'dtmf', 'sip']);

const header = (key: string): string =>
  key === 'routing_key'
    ? key
    : key
        .split('_')
        .map((word) => (CAPITALS.has(word) ? word.toUpperCase() : word.slice(0, 1).toUpperCase() + word.slice(1)))
        .join('-');

/** The same with KAZOO's header-style keys, at every depth: `conference_id` becomes `Conference-ID` ([S0]). */
export const headerStyle = (body: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(body).map(([key, value]) => [header(key), isObject(value) ? headerStyle(value) : value]));

const snake = (key: string): string => key.toLowerCase().replaceAll('-', '_');

/** The other way: header-style keys in snake_case, at every depth, as websocket clients see messages (kazoo-facts §6). */
export function snakeStyle(message: JsonObject): JsonObject {
  const within = (value: Json): Json => (Array.isArray(value) ? value.map(within) : isObject(value) ? snakeStyle(value) : value);
  return Object.fromEntries(Object.entries(message).map(([key, value]) => [snake(key), within(value)]));
}

/** A token of a routing key (kazoo-facts §8.1): `.` becomes `%2E`, a space `+`, whatever else is reserved `%XX`. */
export const keyToken = (text: string): string => encodeURIComponent(text).replaceAll('.', '%2E').replaceAll('%20', '+');

/** The routing key of today's KAZOO, as websocket frames show it (kazoo-facts §9.5). */
export const routingKey = ({ name, account, conference, call }: KazooEvent): string =>
  `conference.event.${name}.${account}.${keyToken(conference)}.${keyToken(call ?? conference)}`;

/** The routing key of the documents, as AMQP messages have it (rulings "events"). A key has at most 255 bytes (AMQP 0-9-1 §4.2.5.3); everything in it is ASCII. */
export const documentedKey = ({ conference, call }: KazooEvent): string =>
  `conference.event.${keyToken(conference)}.${keyToken(call ?? conference)}`.slice(0, 255);
