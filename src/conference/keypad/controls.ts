import { isObject, type Json, nearest } from '../../base/index.ts';
import type { Conference, Participant, Role } from '../conference.ts';
import { noDefaults } from '../defaults.ts';
import { consentTo } from '../rules/presence.ts';
import { settingsOf } from '../settings.ts';
import { ACTIONS, type Control, type KeypadAction, type KeypadMap } from './actions.ts';

/** ms between two keys that belong together, where a group does not say otherwise. */
const TIMEOUT = 2000;
const SHORTEST_TIMEOUT = 200;
const LONGEST_TIMEOUT = 30_000;
/** Keys of one group. */
const MOST = 200;
const DIGITS = /^[0-9A-D*#]{1,16}$/;
const LONGEST_DATA = 256;

const keys = (table: Readonly<Record<string, KeypadAction>>): readonly Control[] =>
  Object.entries(table).map(([digits, action]) => ({ digits, action }));

/** kazoo-facts §7.8, and what is said of oneself and of the others. */
const CALLERS = keys({
  '*1': 'mute',
  '*2': 'mute on',
  '*3': 'mute off',
  '*4': 'deaf',
  '*5': 'deaf on',
  '*6': 'deaf off',
  '#': 'hangup',
  '*7': 'hand',
  '*8': 'count',
  '*9': 'roll call',
  '*04': 'vol listen dn',
  '*05': 'vol listen zero',
  '*06': 'vol listen up',
  '*07': 'vol talk dn',
  '*08': 'vol talk zero',
  '*09': 'vol talk up',
});

/** What nobody but a moderator can do, unless a map of callers says so. */
const MODERATORS = keys({
  '**1': 'mute all',
  '**2': 'lock',
  '**3': 'admit next',
  '**4': 'deny next',
  '**5': 'record',
  '**6': 'record pause',
  '**7': 'kick last',
  '**8': 'extend',
});

/** What somebody says of being recorded, wherever that is asked. */
const CONSENT = keys({ '*01': 'agree', '*02': 'decline' });

/** What the question says; only while it waits for an answer. */
const ASKED = keys({ '1': 'agree', '2': 'decline' });

/** What the prompt of who waits says; only while somebody does. */
const WAITING: readonly Control[] = keys({ '1': 'admit next', '2': 'deny next' });

/** The keys that somebody of this role has in a conference right now; `one`: who it is. What he is asked himself comes before what he is asked as a moderator. */
export function keypadOf(conference: Conference, role: Role, one?: Participant): KeypadMap {
  const map = configured(conference, role);
  const questions = [
    ...(one !== undefined && consentTo(conference.room?.recording, one)?.state === 'asked' ? [ASKED] : []),
    ...(role === 'moderator' && (conference.room?.waiting ?? []).length > 0 ? [WAITING] : []),
  ];
  const [asked] = questions;
  if (asked === undefined) return map;
  const free = map.controls.filter(({ digits }) => !asked.some((each) => each.digits === digits));
  return { ...map, controls: [...free, ...asked] };
}

/** The group that is named, as the document, the account, the server or we ourselves have it (kazoo-facts §7.8). */
function configured(conference: Conference, role: Role): KeypadMap {
  const name = groupName(conference, role);
  const { document, defaults = noDefaults } = conference;
  for (const where of [document, defaults.account, defaults.system]) {
    const groups = where['controls'];
    const group = isObject(groups) && Object.hasOwn(groups, name) ? groups[name] : undefined;
    if (group !== undefined) return readGroup(group);
  }
  if (name !== 'default') return { controls: [], timeout: TIMEOUT };
  const consent = settingsOf(conference).consent === undefined ? [] : CONSENT;
  return { controls: [...CALLERS, ...consent, ...(role === 'moderator' ? MODERATORS : [])], timeout: TIMEOUT };
}

/** `caller_controls` and `moderator_controls` beat the profile's (`rulings.md` "profile"); a moderator without any has those of callers. */
function groupName(conference: Conference, role: Role): string {
  const { document } = conference;
  const { profile } = settingsOf(conference);
  const key = role === 'moderator' ? 'moderator' : 'caller';
  const named = [document[`${key}_controls`], profile[`${key}-controls`]];
  return named.find((each): each is string => typeof each === 'string' && each !== '') ?? 'default';
}

/** A group as documents have it: a list of `{digits, action, data?}`, or that as `controls` beside a `timeout` in ms. What is wrong in it is not in the map. */
function readGroup(group: Json): KeypadMap {
  const { list, timeout } = parts(group);
  const controls = list.flatMap((each) => {
    const control = readControl(each);
    return control === undefined ? [] : [control];
  });
  // Of two with the same digits the later one holds.
  const last = new Map(controls.map((each) => [each.digits, each]));
  return { controls: [...last.values()], timeout };
}

function parts(group: Json): { readonly list: readonly Json[]; readonly timeout: number } {
  if (Array.isArray(group)) return { list: group, timeout: TIMEOUT };
  if (!isObject(group)) return { list: [], timeout: TIMEOUT };
  const { controls, timeout } = group;
  return { list: Array.isArray(controls) ? controls : [], timeout: isTimeout(timeout) ? timeout : TIMEOUT };
}

const isTimeout = (value: Json | undefined): value is number =>
  typeof value === 'number' && value >= SHORTEST_TIMEOUT && value <= LONGEST_TIMEOUT;

const isAction = (text: string): text is KeypadAction => (ACTIONS as readonly string[]).includes(text);

function readControl(value: Json): Control | undefined {
  if (!isObject(value) || typeof value['digits'] !== 'string' || typeof value['action'] !== 'string') return undefined;
  const digits = value['digits'].toUpperCase();
  const { action, data } = split(value['action'], value['data']);
  if (!DIGITS.test(digits) || !isAction(action)) return undefined;
  return { digits, action, ...(data === '' ? {} : { data }) };
}

/** Applications of FreeSWITCH that mod_conference's `execute_application` may name, by what a key does here. */
const APPLICATIONS: Readonly<Record<string, KeypadAction>> = { playback: 'play', transfer: 'transfer', hangup: 'hangup' };

/** The application that `execute_application` names, in the action or as its data, and what stands behind it; undefined: it is another action. */
function application(text: string, given: string): { readonly name: string; readonly rest: string } | undefined {
  const behind = /^\s*execute_application\b(.*)$/is.exec(text)?.[1];
  if (behind === undefined) return undefined;
  const [name = '', ...rest] = `${behind} ${given}`.trim().split(/\s+/);
  return { name: name.toLowerCase(), rest: rest.join(' ') };
}

/** `event`, `extend`, `transfer`, `dial` and `play` may have their data behind them, as mod_conference writes it; of a transfer's dialplan and context there is one. */
function split(text: string, given: Json | undefined): { readonly action: string; readonly data: string } {
  const action = text.trim().toLowerCase().replace(/\s+/g, ' ');
  const data = typeof given === 'string' || typeof given === 'number' ? String(given) : '';
  const executed = application(text, data);
  if (executed !== undefined) {
    const known = Object.hasOwn(APPLICATIONS, executed.name) ? APPLICATIONS[executed.name] : undefined;
    if (known === undefined) return { action: 'execute_application', data: executed.name };
    return known === 'hangup' ? { action: known, data: '' } : split(`${known} ${executed.rest}`, undefined);
  }
  const [, name, rest] = /^\s*(event|extend|transfer|dial|play)\s+(\S.*)$/is.exec(text) ?? [];
  if (name === undefined || rest === undefined) return { action, data };
  const own = /^transfer$/i.test(name) ? rest.trim().split(/\s+/, 1)[0] : rest.trim();
  return { action: name.toLowerCase(), data: data || (own ?? '') };
}

/** What is wrong with the groups of a document or a configuration. */
export interface ControlsFault {
  readonly path: readonly string[];
  readonly message: string;
  /** What is known instead. */
  readonly known?: readonly string[];
  readonly nearest?: string;
}

/** Everything that is wrong with `controls`: what is no map, digits that no phone has, actions that do not exist here. */
export function controlsFaults(controls: Json): readonly ControlsFault[] {
  if (!isObject(controls)) return [{ path: [], message: 'controls are groups by their names' }];
  return Object.entries(controls).flatMap(([name, group]) => groupFaults(group).map((each) => ({ ...each, path: [name, ...each.path] })));
}

function groupFaults(group: Json): readonly ControlsFault[] {
  const isPlain = Array.isArray(group);
  if (!isPlain && !(isObject(group) && Array.isArray(group['controls']))) {
    return [{ path: [], message: 'a group is a list of {digits, action}' }];
  }
  const { list } = parts(group);
  const at = isPlain ? [] : ['controls'];
  const timeout = isObject(group) ? group['timeout'] : undefined;
  return [
    ...(timeout === undefined || isTimeout(timeout)
      ? []
      : [{ path: ['timeout'], message: `a timeout is ${SHORTEST_TIMEOUT} to ${LONGEST_TIMEOUT} ms` }]),
    ...(list.length > MOST ? [{ path: at, message: `a group has at most ${MOST} keys` }] : []),
    ...list.flatMap((each, index) => controlFaults(each).map((fault) => ({ ...fault, path: [...at, String(index), ...fault.path] }))),
    ...doubles(list).map((index) => ({ path: [...at, String(index), 'digits'], message: 'these digits mean something already' })),
  ];
}

const digitsOf = (value: Json): string | undefined =>
  isObject(value) && typeof value['digits'] === 'string' ? value['digits'].toUpperCase() : undefined;

const doubles = (list: readonly Json[]): readonly number[] =>
  list.flatMap((each, index) => {
    const digits = digitsOf(each);
    return digits !== undefined && list.findIndex((other) => digitsOf(other) === digits) < index ? [index] : [];
  });

function controlFaults(value: Json): readonly ControlsFault[] {
  if (!isObject(value)) return [{ path: [], message: 'a key is {digits, action}' }];
  const faults: ControlsFault[] = [];
  if (!DIGITS.test(digitsOf(value) ?? '')) faults.push({ path: ['digits'], message: 'digits are 1 to 16 of 0-9, A-D, * and #' });
  if (typeof value['action'] !== 'string') return [...faults, { path: ['action'], message: 'an action is text', known: ACTIONS }];
  const { action, data } = split(value['action'], value['data']);
  if (action === 'execute_application') {
    const known = Object.keys(APPLICATIONS);
    faults.push({ path: ['action'], message: `execute_application executes ${known.join(', ')} here`, known });
  } else if (!isAction(action)) {
    faults.push({
      path: ['action'],
      message: `no key does "${action.slice(0, 40)}" here`,
      known: ACTIONS,
      nearest: nearest(action, ACTIONS),
    });
  } else faults.push(...dataFaults(action, data));
  return faults;
}

function dataFaults(action: KeypadAction, data: string): readonly ControlsFault[] {
  if (action === 'event' && data === '') return [{ path: ['data'], message: 'an event needs data, by which it is known' }];
  if (action === 'play' && !/^\S+$/.test(data))
    return [{ path: ['data'], message: 'play needs data: a prompt, a media id, a URL or tones' }];
  if ((action === 'transfer' || action === 'dial') && !/^\S+$/.test(data))
    return [{ path: ['data'], message: `a ${action} needs data: a number, an id or a SIP URI` }];
  if (data.length > LONGEST_DATA) return [{ path: ['data'], message: `data has at most ${LONGEST_DATA} characters` }];
  const isMinutes = /^\d{1,4}$/.test(data) && Number(data) > 0;
  return action === 'extend' && data !== '' && !isMinutes ? [{ path: ['data'], message: 'extend takes whole minutes' }] : [];
}
