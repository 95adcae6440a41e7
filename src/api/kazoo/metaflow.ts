import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import type { Call, CommandName, ConferenceId, Input, Participant, PlaySource } from '../../conference/index.ts';
import { check } from '../document/check.ts';
import { type Asked, command, type Plan } from './answer.ts';
import { broken, invalid, refusals } from './refuse.ts';

/** A call that lives, and where. */
export interface Live {
  readonly call: Call;
  readonly conference: ConferenceId;
  /** Absent while it rings. */
  readonly participant: Participant | undefined;
}

/** What a module does to a call. */
type Module = (data: JsonObject) => (live: Live) => Plan;

const DONE = { status: 200, data: {} } as const;

const doing = <Name extends CommandName>(name: Name, input: Input<Name>): Plan => command(name, input, () => DONE);

const textOf = (data: JsonObject, ...keys: readonly string[]): string => {
  const value = keys.map((key) => data[key]).find((each) => typeof each === 'string');
  return typeof value === 'string' ? value : '';
};

/** Its number in the conference; a call that still rings is in none. */
function numberOf({ participant, call }: Live): number {
  if (participant === undefined) throw refusals.badId(call.sipCallId);
  return participant.number;
}

function required(data: JsonObject, key: string, ...others: readonly string[]): string {
  const value = textOf(data, key, ...others);
  if (value === '') throw broken(`data.${key}`, 'required', { message: 'Field is required but missing', value: key });
  return value;
}

const playing =
  (sources: readonly PlaySource[]) =>
  (live: Live): Plan =>
    doing('play.start', { conference: live.conference, sources, to: numberOf(live) });

const spoken: Module = (data) => {
  const [say, language, voice] = [required(data, 'text'), textOf(data, 'language'), textOf(data, 'voice')];
  return playing([{ say, ...(language === '' ? {} : { language }), ...(voice === '' ? {} : { voice }) }]);
};

const held =
  (isHeld: boolean): Module =>
  () =>
  ({ conference, call }) =>
    doing('call.held', { conference, call: call.id, held: isHeld });

/** What FreeSWITCH multiplies by at its levels 1 … 4 and -1 … -4. */
const LOUDER = [1.3, 2.3, 3.3, 4.3];
const QUIETER = [0.8, 0.6, 0.4, 0.2];

function gainOf(data: JsonObject): number {
  if (data['action'] === 'stop') return 1;
  const level = Number(data['level'] ?? 0);
  if (!Number.isInteger(level) || level < -4 || level > 4) {
    throw broken('data.level', 'minimum', {
      message: 'Value must be at least -4 and at most 4',
      target: [-4, 4],
      value: data['level'] ?? null,
    });
  }
  return level === 0 ? 1 : ((level > 0 ? LOUDER[level - 1] : QUIETER[-level - 1]) ?? 1);
}

/** `read` is what is heard of the call, `write` what it hears. */
const audioLevel: Module = (data) => {
  const gain = gainOf(data);
  const gains = data['mode'] === 'write' ? { gainOut: gain } : { gainIn: gain };
  return (live) => doing('participants.adjust', { conference: live.conference, which: numberOf(live), ...gains });
};

const recordCall: Module = (data) => {
  const action = data['action'] ?? 'start';
  if (action !== 'start' && action !== 'stop') {
    throw broken('data.action', 'enum', {
      message: 'Value not found in enumerated list of values',
      target: ['start', 'stop'],
      value: action,
    });
  }
  return ({ conference }) => doing(`recording.${action}`, { conference });
};

/** The conference is the one that the call is in; who is left out is the call itself. */
const relate: Module = (data) => (live) => {
  const result = check('relate', { participant_id: numberOf(live), ...data });
  if (!result.ok) throw invalid(result.faults);
  const { participant_id, other_participant, relationship } = result.document;
  return doing('participants.relate', {
    conference: live.conference,
    participant: whichOf(participant_id),
    other: whichOf(other_participant),
    relationship: relationship as 'mute' | 'deaf' | 'clear',
  });
};

function whichOf(value: Json | undefined): number | string {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') throw refusals.badParticipant(value ?? null);
  return /^\d{1,15}$/.test(value) ? Number(value) : value;
}

const notBuilt =
  (name: string): Module =>
  () => {
    throw refusals.notBuilt(name);
  };

/** What can be done to a call (rulings "channels"). */
const modules: Readonly<Record<string, Module>> = {
  relate,
  hangup: () => (live) => doing('participants.kick', { conference: live.conference, which: numberOf(live) }),
  play: (data) => playing([required(data, 'id', 'media_id', 'media')]),
  say: spoken,
  tts: spoken,
  hold: held(true),
  resume: held(false),
  break: () => (live) => doing('play.stop', { conference: live.conference, which: 'all', to: numberOf(live) }),
  callflow: notBuilt('callflow'),
  transfer: notBuilt('transfer'),
  record_call: recordCall,
  audio_level: audioLevel,
};

const names = Object.keys(modules);

/** What goes on until its sound has ended: nothing but another sound may follow, as that waits for it. */
const SOUNDS = new Set(['play', 'say', 'tts']);

function stepOf(name: Json | undefined, data: JsonObject): (live: Live) => Plan {
  const module = typeof name === 'string' && Object.hasOwn(modules, name) ? modules[name] : undefined;
  if (module !== undefined) return module(data);
  if (name === undefined) throw broken('module', 'required', { message: 'Field is required but missing', value: 'module' });
  throw broken('module', 'enum', { message: 'Value not found in enumerated list of values', target: names, value: name });
}

/** The module and those behind it, along the children `_`. */
function stepsOf(first: JsonObject): readonly ((live: Live) => Plan)[] {
  const steps: ((live: Live) => Plan)[] = [];
  let sounding: string | undefined;
  for (
    let at: Json | undefined = first;
    isObject(at) && steps.length < 50;
    at = isObject(at['children']) ? at['children']['_'] : undefined
  ) {
    const name = at['module'];
    steps.push(stepOf(name, isObject(at['data']) ? at['data'] : {}));
    if (sounding !== undefined && !SOUNDS.has(String(name))) throw refusals.notBuilt(`${String(name)} behind ${sounding}`);
    if (SOUNDS.has(String(name))) sounding = String(name);
  }
  return steps;
}

/** The outermost object that names a module: `data.data`, `data`, or the body itself. */
function moduleIn({ data, envelope }: Asked): JsonObject {
  const inner = isObject(data) ? data['data'] : undefined;
  const places: readonly (Json | undefined)[] = [
    inner,
    isObject(inner) ? inner['data'] : undefined,
    isObject(data) ? data : undefined,
    envelope,
  ];
  return (
    places
      .filter((each) => each !== undefined)
      .filter(isObject)
      .find((each) => each['module'] !== undefined) ?? (isObject(data) ? data : {})
  );
}

/** `PUT`: `{"action":"metaflow","data":{"data":{"module":M,"data":{…},"children":{…}}}}` and looser forms. */
export function byMetaflow(asked: Asked): readonly ((live: Live) => Plan)[] {
  const { data, envelope } = asked;
  const action = envelope['action'] ?? (isObject(data) ? data['action'] : undefined) ?? 'metaflow';
  if (action !== 'metaflow') throw refusals.faulty();
  return stepsOf(moduleIn(asked));
}

const ACTIONS: Readonly<Record<string, string>> = {
  hangup: 'hangup',
  hold: 'hold',
  unhold: 'resume',
  transfer: 'transfer',
  break: 'break',
  callflow: 'callflow',
};

/** `POST`: `data.action` names what to do, its arguments stand beside it. */
export function byAction({ data, envelope }: Asked): readonly ((live: Live) => Plan)[] {
  const given = isObject(data) ? data : {};
  const action = given['action'] ?? envelope['action'];
  if (action === 'metaflow') return byMetaflow({ data, envelope } as Asked);
  const module = typeof action === 'string' && Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (action === undefined) throw broken('action', 'required', { message: 'Field is required but missing', value: 'action' });
  if (module === undefined) {
    throw broken('action', 'enum', {
      message: 'Value not found in enumerated list of values',
      target: Object.keys(ACTIONS),
      value: action,
    });
  }
  const { action: _action, data: inner, ...beside } = given;
  return [stepOf(module, isObject(inner) ? inner : beside)];
}
