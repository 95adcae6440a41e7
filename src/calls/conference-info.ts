import { isoTime } from '../base/index.ts';
import { type ConferenceView, limitOf, type Participant, settings } from '../conference/index.ts';

/** What a subscriber may know of a conference (RFC 4575 §5), in pieces of XML that are told as a whole when they change. */
export interface Roster {
  /** The URI of the conference. */
  readonly entity: string;
  readonly description: string;
  readonly state: string;
  /** By the URI of the user, in the order in which they came. */
  readonly users: ReadonlyMap<string, string>;
}

/** The next document for somebody, and what he knows when he has it. */
export interface NextDocument {
  readonly xml: string;
  readonly knows: Roster;
  /** Not everything fitted: another document must follow. */
  readonly more: boolean;
}

/** What a document is made of. */
export interface DocumentNeeds {
  /** Undefined: nothing, so that the document is a full one. */
  readonly knows: Roster | undefined;
  readonly now: Roster;
  readonly version: number;
  /** Bytes that its users may take; one user always fits. */
  readonly room: number;
}

const NAMESPACE = 'urn:ietf:params:xml:ns:conference-info';

/** Everything but what XML 1.0 §2.2 allows; callers choose their names. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not get through.
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text as it may stand in XML, between tags and between quotes. */
export const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(NO_XML, '\ufffd')
    .replace(/[&<>"']/g, (each) => ENTITIES[each] ?? '')
    .replace(/[\t\n\r]/g, (each) => `&#${each.charCodeAt(0)};`);

/** A SIP URI whose user part may be anything. */
export const uriFor = (user: string, host: string): string => `sip:${encodeURIComponent(user.toWellFormed())}@${host}`;

/** Who somebody is: the device that has proved itself, or a number that anybody can say and that is therefore never two people's. */
function entityOf({ number, call }: Participant, host: string): string {
  const { username, realm } = call.channelVars;
  if (username !== undefined && realm !== undefined) return uriFor(username, realm);
  return `${uriFor(call.callerNumber === '' ? 'anonymous' : call.callerNumber, host)};participant=${number}`;
}

/** From the telephone's side: what it sends is not heard, or it is sent silence. */
function directionOf({ muted, deaf }: Participant): string {
  if (muted.length === 0) return deaf ? 'sendonly' : 'sendrecv';
  return deaf ? 'inactive' : 'recvonly';
}

function endpointOf(each: Participant, host: string): string {
  const status = each.muted.includes('hold') ? 'on-hold' : 'connected';
  const method = each.call.direction === 'inbound' ? 'dialed-in' : 'dialed-out';
  return [
    `<endpoint entity="${escaped(uriFor(each.id, host))}" state="full">`,
    `<status>${status}</status>`,
    `<joining-method>${method}</joining-method>`,
    `<joining-info><when>${isoTime(each.joinedAt)}</when></joining-info>`,
    `<media id="1"><type>audio</type><status>${directionOf(each)}</status></media>`,
    '</endpoint>',
  ].join('');
}

/** One user with all that he called with. */
function userOf(entity: string, all: readonly Participant[], host: string): string {
  const [first] = all as readonly [Participant, ...Participant[]];
  const role = all.some((each) => each.role === 'moderator') ? 'moderator' : 'participant';
  const name = first.call.callerName === '' ? first.call.callerNumber : first.call.callerName;
  return [
    `<user entity="${escaped(entity)}" state="full">`,
    ...(name === '' ? [] : [`<display-text>${escaped(name)}</display-text>`]),
    `<roles><entry>${role}</entry></roles>`,
    ...all.map((each) => endpointOf(each, host)),
    '</user>',
  ].join('');
}

/** What can be told of a conference; `host` is ours, as others see it. */
export function rosterOf({ conference }: ConferenceView, host: string): Roster {
  const { id, document, locked, room } = conference;
  const people = room?.participants ?? [];
  const { name } = settings(document);
  const limit = limitOf(conference);
  const byEntity = Map.groupBy(people, (each) => entityOf(each, host));
  const title = name === '' ? '' : `<display-text>${escaped(name)}</display-text>`;
  const most = limit > 0 ? `<maximum-user-count>${limit}</maximum-user-count>` : '';
  const counted = people.filter((each) => !each.ghost).length;
  return {
    entity: uriFor(id, host),
    description: `<conference-description>${title}${most}</conference-description>`,
    state: `<conference-state><user-count>${counted}</user-count><active>${room !== undefined}</active><locked>${locked}</locked></conference-state>`,
    users: new Map([...byEntity].map(([entity, all]) => [entity, userOf(entity, all, host)])),
  };
}

/** What must be said of users so that somebody who knows the one roster knows the other; as many as fit. */
function userChanges(
  known: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  room: number,
): { readonly said: readonly string[]; readonly users: ReadonlyMap<string, string>; readonly more: boolean } {
  const users = new Map(known);
  const said: string[] = [];
  let left = room;
  const fits = (xml: string): boolean => {
    const bytes = Buffer.byteLength(xml);
    if (said.length > 0 && bytes > left) return false;
    left -= bytes;
    said.push(xml);
    return true;
  };
  for (const entity of known.keys()) {
    if (now.has(entity)) continue;
    if (!fits(`<user entity="${escaped(entity)}" state="deleted"/>`)) return { said, users, more: true };
    users.delete(entity);
  }
  for (const [entity, xml] of now) {
    if (known.get(entity) === xml) continue;
    if (!fits(xml)) return { said, users, more: true };
    users.set(entity, xml);
  }
  return { said, users, more: false };
}

/** The document that brings somebody who knows the one roster towards the other (RFC 4575 §4); undefined: he knows everything. */
export function nextDocument({ knows, now, version, room }: DocumentNeeds): NextDocument | undefined {
  const isFull = knows === undefined;
  const { said, users, more } = userChanges(knows?.users ?? new Map(), now.users, room);
  const description = isFull || knows.description !== now.description ? now.description : '';
  const state = isFull || knows.state !== now.state ? now.state : '';
  if (!isFull && said.length === 0 && description === '' && state === '') return undefined;
  const list = said.length > 0 || isFull ? `<users state="${isFull ? 'full' : 'partial'}">${said.join('')}</users>` : '';
  const xml = documentOf({ entity: now.entity, state: isFull ? 'full' : 'partial', version }, `${description}${state}${list}`);
  return { xml, knows: { ...now, users }, more };
}

/** The last document of a conference that is over. */
export const deletedDocument = (entity: string, version: number): string => documentOf({ entity, state: 'deleted', version }, '');

const documentOf = (
  { entity, state, version }: { readonly entity: string; readonly state: 'full' | 'partial' | 'deleted'; readonly version: number },
  content: string,
): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<conference-info xmlns="${NAMESPACE}" entity="${escaped(entity)}" state="${state}" version="${version}">${content}</conference-info>\n`;
