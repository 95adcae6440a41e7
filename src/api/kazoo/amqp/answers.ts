import type { JsonObject } from '../../../base/index.ts';
import { type ConferenceView, keypadOf, settingsOf } from '../../../conference/index.ts';
import { gregorian } from '../../stamp.ts';
import { type Place, participants } from '../encode.ts';
import { headerStyle } from '../events.ts';

/** Who answers, as every message says it (kazoo-facts §8.1). */
export const common = (name: string, node: string): JsonObject => ({
  'App-Name': 'ecallmgr',
  'App-Version': '4.0.0',
  'Event-Category': 'conference',
  'Event-Name': name,
  Node: node,
});

const people = (view: ConferenceView, place: Place): readonly JsonObject[] => participants(view, place).map(headerStyle);

/** Who is in. */
export const participantsResp = (view: ConferenceView, place: Place): JsonObject => ({
  ...common('participants_resp', place.node),
  'Conference-ID': view.conference.id,
  Participants: people(view, place),
});

/** Where telephones reach this server; absent keys where that is not known. */
export interface Switch {
  /** `host:port` of SIP. */
  readonly sip?: string | undefined;
}

const switchOf = ({ node }: Place, { sip }: Switch): JsonObject => ({
  'Switch-Hostname': node,
  ...(sip === undefined ? {} : { 'Switch-URL': `sip:${sip}`, 'Switch-External-IP': sip.replace(/:\d+$/, '') }),
});

function running({ conference: { room }, at }: ConferenceView): JsonObject {
  if (room === undefined) return {};
  return {
    UUID: room.instance,
    'Run-Time': Math.max(0, Math.floor((at - room.startedAt) / 1000)),
    'Start-Time': gregorian(room.startedAt),
    'Participant-Count': room.participants.length,
  };
}

/** One running conference (kazoo-facts §8.5). */
export const searchResp = (view: ConferenceView, place: Place, at: Switch): JsonObject => ({
  ...common('search_resp', place.node),
  'Conference-ID': view.conference.id,
  ...running(view),
  Locked: view.conference.locked,
  ...switchOf(place, at),
  Participants: people(view, place),
});

/** Every running conference of an account, by name. */
export function searchAllResp(views: readonly ConferenceView[], place: Place, at: Switch): JsonObject {
  const rows = views.map((view): readonly [string, JsonObject] => {
    const counted = (view.conference.room?.participants ?? []).filter((each) => !each.ghost);
    const moderators = counted.filter((each) => each.role === 'moderator').length;
    return [
      view.conference.id,
      {
        ...running(view),
        'Is-Locked': view.conference.locked,
        ...switchOf(place, at),
        Moderators: moderators,
        Members: counted.length - moderators,
      },
    ];
  });
  return { ...common('search_resp', place.node), 'Account-ID': place.account.id, Conferences: Object.fromEntries(rows) };
}

/** What a media server asks of a conference: the profile that holds in it, whoever configured what, under the name that was asked for. */
export const configResp = (view: ConferenceView, profile: string, { node }: Place): JsonObject => ({
  ...common('config_resp', node),
  'Conference-ID': view.conference.id,
  Profiles: { [profile]: settingsOf(view.conference).profile },
});

/** What the keys of a group do in a conference, in the form of mod_conference; a group that nobody has has none. */
export function controlsResp({ conference }: ConferenceView, group: string, { node }: Place): JsonObject {
  const named = { ...conference, room: undefined, document: { ...conference.document, caller_controls: group } };
  const controls = keypadOf(named, 'member').controls.map(({ digits, action, data }) => ({
    digits,
    action,
    ...(data === undefined ? {} : { data }),
  }));
  return { ...common('config_resp', node), 'Conference-ID': conference.id, 'Caller-Controls': { [group]: controls } };
}

/** It was not done, and why. `request` is what was asked. */
export const errorResp = (message: string, request: JsonObject, node: string): JsonObject => ({
  ...common('error', node),
  'Error-Message': clipped(message),
  ...(JSON.stringify(request).length > ECHOED ? {} : { Request: request }),
  ...(typeof request['Conference-ID'] === 'string' ? { 'Conference-ID': clipped(request['Conference-ID']) } : {}),
});

/** Characters of a request that an answer repeats, and of what it says: who sends ten megabytes does not get them back. */
const ECHOED = 65_536;
const SAID = 1000;

const clipped = (text: string): string => (text.length > SAID ? `${text.slice(0, SAID)}…` : text);
