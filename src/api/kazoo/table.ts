import { accountKey, childAccounts, descendantAccounts, oneAccount, ownAccounts } from './accounts.ts';
import type { Decode } from './answer.ts';
import { callflows } from './callflows.ts';
import { cdrList, interactionLegs, interactionList, oneCdr } from './cdrs.ts';
import { channelList, oneChannel } from './channels.ts';
import { collection, entity } from './conferences.ts';
import { oneConfig } from './configs.ts';
import { devices } from './devices.ts';
import { type Authenticate, apiAuth, loginAgain, noRecovery, tokenAuth, tokenGone, userAuth } from './login.ts';
import { mediaLanguages, mediaList, mediaPrompts, oneLanguage, oneMedia, onePrompt, rawMedia } from './media.ts';
import { activation, numberList, oneNumber } from './numbers.ts';
import { everybody, one } from './participants.ts';
import { oneRecording, rawRecording, recordingList } from './recordings.ts';
import { type Resource, rowsOf } from './resource.ts';
import { users } from './users.ts';
import { bindings, session, sessions } from './websockets.ts';

/** One row: a path below `/v2` and what may be done there. */
export interface Row {
  readonly path: readonly string[];
  readonly methods: Readonly<Record<string, Decode>>;
}

/** A row without an account in the URL. */
export interface OpenRow {
  readonly path: readonly string[];
  readonly methods: Readonly<Record<string, Authenticate>>;
}

const row = (path: string, methods: Row['methods']): Row => ({ path: path.split('/'), methods });

const ofResource = (resource: Resource, base: string): readonly Row[] =>
  rowsOf(resource, base).map(({ path, methods }) => row(path, methods));

const ofAccount = (base: string): readonly Row[] => [
  row(base, oneAccount),
  row(`${base}/children`, childAccounts),
  row(`${base}/descendants`, descendantAccounts),
  row(`${base}/api_key`, accountKey),
  row(`${base}/configs/:config`, oneConfig),
  ...ofResource(users, base),
  ...ofResource(callflows, base),
  row(`${base}/phone_numbers`, numberList),
  row(`${base}/phone_numbers/:number`, oneNumber),
  row(`${base}/phone_numbers/:number/activate`, activation),
  row(`${base}/recordings`, recordingList),
  row(`${base}/recordings/:recording`, oneRecording),
  row(`${base}/recordings/:recording/raw`, rawRecording),
];

/** Everything that is served for an account. */
export const rows: readonly Row[] = ['accounts/:account', 'accounts/:account/users/:user'].flatMap((base) => [
  row(`${base}/conferences`, collection),
  row(`${base}/conferences/:conference`, entity),
  row(`${base}/conferences/:conference/participants`, everybody),
  row(`${base}/conferences/:conference/participants/:participant`, one),
  ...ofResource(devices, base),
  row(`${base}/devices/:device_id/channels`, channelList),
  row(`${base}/channels`, channelList),
  row(`${base}/channels/:channel`, oneChannel),
  row(`${base}/cdrs`, cdrList),
  row(`${base}/cdrs/interaction`, interactionList),
  row(`${base}/cdrs/legs/:interaction`, interactionLegs),
  row(`${base}/cdrs/:cdr`, oneCdr),
  row(`${base}/media`, mediaList),
  row(`${base}/media/languages`, mediaLanguages),
  row(`${base}/media/languages/:language`, oneLanguage),
  row(`${base}/media/prompts`, mediaPrompts),
  row(`${base}/media/prompts/:prompt`, onePrompt),
  row(`${base}/media/:media`, oneMedia),
  row(`${base}/media/:media/raw`, rawMedia),
  row(`${base}/websockets`, sessions),
  row(`${base}/websockets/:session`, session),
  // Nobody owns what was said in a conference but the account.
  ...(base.endsWith(':user') ? [] : ofAccount(base)),
]);

/** The same by how many parts their paths have: everything else fits none of them. */
export const rowsOfLength: ReadonlyMap<number, readonly Row[]> = Map.groupBy(rows, ({ path }) => path.length);

/** Everything that stands outside of accounts. */
export const openRows: readonly OpenRow[] = [
  { path: ['user_auth'], methods: { PUT: userAuth } },
  { path: ['api_auth'], methods: { PUT: apiAuth } },
  { path: ['user_auth', 'recovery'], methods: { PUT: noRecovery, POST: noRecovery, GET: noRecovery } },
  { path: ['user_auth', ':token'], methods: { GET: loginAgain } },
  { path: ['token_auth'], methods: { GET: tokenAuth, DELETE: tokenGone } },
  { path: ['accounts'], methods: ownAccounts },
  { path: ['websockets'], methods: { GET: bindings } },
];

/** The parameters of a path that fits a pattern. */
export function match(pattern: readonly string[], path: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== path.length) return undefined;
  // Every request tries many of them: what does not fit makes nothing.
  for (let index = 0; index < path.length; index++) {
    if (pattern[index] !== path[index] && !pattern[index]!.startsWith(':')) return undefined;
  }
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) if (part.startsWith(':')) params[part.slice(1)] = path[index] ?? '';
  return params;
}

const RESOURCES = new Set([
  'channels',
  'callflows',
  'phone_numbers',
  'children',
  'descendants',
  'api_key',
  'configs',
  'users',
  'devices',
  'conferences',
  'cdrs',
  'media',
  'recordings',
  'websockets',
]);

/** Paths under a known resource that fit no row are unknown to everybody; other paths only to those who may ask. */
export const isKnownResource = (path: readonly string[]): boolean =>
  path[0] === 'accounts' ? RESOURCES.has(path[2] ?? '') || RESOURCES.has(path[4] ?? '') : openRows.some((each) => each.path[0] === path[0]);
