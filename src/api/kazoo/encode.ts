import { createHash } from 'node:crypto';
import type { Account } from '../../accounts/index.ts';
import type { JsonObject } from '../../base/index.ts';
import {
  type Call,
  type Conference,
  type ConferenceView,
  type Level,
  type Participant,
  type Room,
  settingsOf,
} from '../../conference/index.ts';
import { withDefaults } from '../document/check.ts';
import { Remembered } from '../remembered.ts';
import { gregorian } from '../stamp.ts';
import { Written, withKey } from '../written.ts';
import { interactionOf } from './cdr-fields.ts';

/** What the encoding of live things needs to know besides the view. */
export interface Place {
  readonly node: string;
  readonly account: Account;
}

/** Keys that are live or somebody's secret; a body that carries them back does not store them (rulings `_read_only`). */
const DROPPED = new Set(['focus', 'members', 'admins', 'moderators', 'duration', 'is_locked', 'id', 'auth_token']);

const isPrivate = (key: string): boolean => key.startsWith('_') || key.startsWith('pvt_');

/** What of a body is stored: no private keys, nothing live, no id, no empty owner (the documents' examples carry `owner_id: ""`). */
export const storable = (data: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(data).filter(([key, value]) => !isPrivate(key) && !DROPPED.has(key) && !(key === 'owner_id' && value === '')),
  );

/** `N-32hex`; absent for a room without a document. The digits are made from the content. */
export function revisionOf({ conference: { revision, id, document } }: ConferenceView): string | undefined {
  if (revision < 1) return undefined;
  return revisions.of(document, [id, revision], () => {
    const digest = createHash('sha256').update(`${id} ${revision} ${JSON.stringify(document)}`);
    return `${revision}-${digest.digest('hex').slice(0, 32)}`;
  });
}

const revisions = new Remembered<JsonObject, string>();

/** The document as clients see it, with its defaults; `focus` names the node while the room runs. */
export function publicDocument({ conference }: ConferenceView, node: string): JsonObject {
  return {
    ...storable(withDefaults(conference.document)),
    id: conference.id,
    ...(conference.room === undefined ? {} : { focus: node }),
  };
}

const seconds = (from: number, to: number): number => Math.max(0, Math.floor((to - from) / 1000));

/** How many and how long: the part of `_read_only` that lists and entities share. Ghosts are not counted. */
export function counts({ conference, at: now }: ConferenceView): JsonObject {
  const counted = (conference.room?.participants ?? []).filter((each) => !each.ghost);
  const moderators = counted.filter((each) => each.role === 'moderator').length;
  return {
    members: counted.length - moderators,
    moderators,
    admins: moderators,
    duration: conference.room === undefined ? 0 : seconds(conference.room.startedAt, now),
    is_locked: conference.locked,
  };
}

const documents = new Remembered<JsonObject, string>();
const entities = new Remembered<JsonObject, Written>();

/** An entity: its public document, and how many, how long and who under `_read_only`. The same as long as nothing of it changes. */
export function entity(view: ConferenceView, place: Place): Written {
  const { document, id, room } = view.conference;
  const known = documents.of(document, [id, room === undefined, place.node], () => JSON.stringify(publicDocument(view, place.node)));
  const [count, who] = [counts(view), people(view, place)];
  return entities.of(
    document,
    [known, who, ...Object.values(count)],
    () => new Written(withKey(known, '_read_only', withKey(JSON.stringify(count), 'participants', who.json))),
  );
}

const LISTED = ['name', 'owner_id', 'member', 'moderator', 'ui_flags', 'conference_numbers', 'flags'];

/** One element of the list of conferences (kazoo-facts §5.4, rulings `_read_only`). */
export function listItem(view: ConferenceView, { node }: Place): JsonObject {
  const document: JsonObject = { flags: [], ...publicDocument(view, node) };
  const live = counts(view);
  const { room, id } = view.conference;
  return {
    id,
    ...Object.fromEntries(LISTED.flatMap((key) => (document[key] === undefined ? [] : [[key, document[key]]]))),
    members: live['members'] ?? 0,
    admins: live['admins'] ?? 0,
    duration: live['duration'] ?? 0,
    is_locked: live['is_locked'] ?? false,
    _read_only: room === undefined ? live : { ...live, ...running(view, node) },
  };
}

function running({ conference: { room }, at: now }: ConferenceView, node: string): JsonObject {
  if (room === undefined) return {};
  return {
    run_time: seconds(room.startedAt, now),
    start_time: gregorian(room.startedAt),
    uuid: room.instance,
    participant_count: room.participants.length,
    switch_hostname: node,
  };
}

const inOrder = ({ conference: { room } }: ConferenceView): readonly Participant[] =>
  [...(room?.participants ?? [])].sort((a, b) => a.number - b.number);

/** Everybody in the room, in order of number (kazoo-facts §6.2). */
export const participants = (view: ConferenceView, place: Place): readonly JsonObject[] => {
  const energyLevel = energyLevelOf(view.conference);
  return inOrder(view).map((each) => participant(each, view, { ...place, energyLevel }));
};

const written = new Remembered<Participant, string>();
const rooms = new Remembered<Room, Written>();
const nobody = new Written('[]');

/** What of somebody changes by itself. */
const livelyOf = ({ call, joinedAt }: Participant, { levels, floor, at: now }: ConferenceView): readonly unknown[] => {
  const level = levels.get(call.leg);
  return [seconds(joinedAt, now), level?.talking, Math.round(level?.energy ?? 0), call.leg === floor];
};

/** The same as text. What was written of a room, and of somebody, holds until anything of it changes: who asks often asks for much that is as it was. */
export function people(view: ConferenceView, place: Place): Written {
  const { id, room } = view.conference;
  if (room === undefined) return nobody;
  const { id: account, name, realm } = place.account;
  const energyLevel = energyLevelOf(view.conference);
  const common = [id, room.instance, energyLevel, place.node, account, name, realm];
  const textOf = (each: Participant): string =>
    written.of(each, [...livelyOf(each, view), ...common], () => JSON.stringify(participant(each, view, { ...place, energyLevel })));
  const lively = room.participants.flatMap((each) => livelyOf(each, view));
  return rooms.of(room, [...common, ...lively], () => new Written(`[${inOrder(view).map(textOf).join(',')}]`));
}

/** The loudness that counts as talk in this conference, whichever profile says so, as `energy_level` shows it. */
export const energyLevelOf = (conference: Pick<Conference, 'document' | 'defaults'>): number => settingsOf(conference).sound.energyLevel;

/** What is live of somebody at one moment. */
export interface Sound {
  readonly level: Level | undefined;
  readonly hasFloor: boolean;
  /** As `energyLevelOf` gives it. */
  readonly energyLevel: number;
}

/** The talk-dependent flags, flat and nested alike. */
function flags({ role, muted, deaf, energyLevel: own }: Participant, { level, hasFloor, energyLevel }: Sound): JsonObject {
  return {
    is_moderator: role === 'moderator',
    floor: hasFloor,
    hear: !deaf,
    speak: muted.length === 0,
    talking: level?.talking === true && muted.length === 0,
    video: false,
    mute_detect: false,
    energy_level: own ?? energyLevel,
    current_energy: Math.round(level?.energy ?? 0),
  };
}

function participant(person: Participant, view: ConferenceView, { energyLevel, ...place }: Place & { energyLevel: number }): JsonObject {
  const { call, number, joinedAt } = person;
  const sound = { level: view.levels.get(call.leg), hasFloor: call.leg === view.floor, energyLevel };
  return {
    participant_id: number,
    call_id: call.sipCallId,
    conference_name: view.conference.id,
    conference_uuid: view.conference.room?.instance ?? '',
    switch_hostname: place.node,
    join_time: gregorian(joinedAt),
    duration: seconds(joinedAt, view.at),
    // Beyond KAZOO: whether he agrees to be recorded.
    ...(person.consent === undefined ? {} : { recording_consent: person.consent.state }),
    ...personal(person, sound, place),
  };
}

/** What is truly known of a call (rulings "custom_channel_vars"): what its signalling says, and what follows from that. */
export function channelVarsOf(call: Call, node: string): JsonObject {
  const { authorizing_id: who, username, realm, callflow_id: callflow } = call.channelVars;
  return {
    bridge_id: call.sipCallId,
    call_interaction_id: interactionOf(call),
    ecallmgr_node: node,
    ...(who === undefined ? {} : { channel_authorized: 'true' }),
    ...(username === undefined || realm === undefined ? {} : { presence_id: `${username}@${realm}` }),
    ...(callflow === undefined ? {} : { application_name: 'callflow', application_node: node }),
    ...call.channelVars,
  };
}

/** Who somebody is and what he may and does: what lists, entities and events say alike. */
export function personal(person: Participant, sound: Sound, { node, account }: Place): JsonObject {
  const { call, number } = person;
  const flat = flags(person, sound);
  return {
    caller_id_name: call.callerName,
    caller_id_number: call.callerNumber,
    ...flat,
    conference_channel_vars: {
      ...flat,
      see: true,
      member_id: number,
      member_type: person.role,
      member_ghost: person.ghost,
    },
    custom_channel_vars: {
      account_id: account.id,
      account_name: account.name,
      account_realm: account.realm,
      is_conference: 'true',
      ...channelVarsOf(call, node),
    },
    ...(call.applicationVars === undefined ? {} : { custom_application_vars: { ...call.applicationVars } }),
  };
}
