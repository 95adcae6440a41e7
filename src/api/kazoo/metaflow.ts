import { Failure, isObject, type Json, type JsonObject } from '../../base/index.ts';
import {
  type Call,
  type CommandName,
  type ConferenceId,
  fromCallflow,
  type Input,
  type PhoneCalls,
  type PlaySource,
  transferAttended,
} from '../../conference/index.ts';
import { check } from '../document/check.ts';
import { readDocument } from './account-documents.ts';
import { type Asked, command, type Plan, type Scene } from './answer.ts';
import { isInLobby, type Live, type Step } from './chain.ts';
import { broken, invalid, refusals } from './refuse.ts';

/** What a module does to a call. */
type Module = (data: JsonObject, scene: Scene) => ((live: Live) => Plan) | { readonly sources: readonly PlaySource[] };

const DONE = { status: 200, data: {} } as const;

const doing = <Name extends CommandName>(name: Name, input: Input<Name>): Plan => command(name, input, () => DONE);

const textOf = (data: JsonObject, ...keys: readonly string[]): string => {
  const value = keys.map((key) => data[key]).find((each) => typeof each === 'string');
  return typeof value === 'string' ? value : '';
};

/** Who it is in which conference; a call that still rings, or is in its lobby, is in none. */
function inside({ participant, conference, call }: Live): { readonly which: number; readonly conference: ConferenceId } {
  if (participant === undefined || conference === undefined) throw refusals.badId(call.sipCallId);
  return { which: participant.number, conference };
}

/** Steers a call wherever it is. */
const steering =
  (scene: Scene, steer: (phones: PhoneCalls, call: Call) => unknown): ((live: Live) => Plan) =>
  ({ call }) =>
  async () => {
    if (scene.phones === undefined) throw refusals.badId(call.sipCallId);
    await steer(scene.phones, call);
    return DONE;
  };

function required(data: JsonObject, key: string, ...others: readonly string[]): string {
  const value = textOf(data, key, ...others);
  if (value === '') throw broken(`data.${key}`, 'required', { message: 'Field is required but missing', value: key });
  return value;
}

const spoken: Module = (data) => {
  const [say, language, voice] = [required(data, 'text'), textOf(data, 'language'), textOf(data, 'voice')];
  return { sources: [{ say, ...(language === '' ? {} : { language }), ...(voice === '' ? {} : { voice }) }] };
};

/** In its lobby a call is held there, and stays so when it comes into a conference. */
const held =
  (isHeld: boolean): Module =>
  (_, scene) =>
  (live) =>
    isInLobby(live)
      ? steering(scene, (phones, { id }) => phones.hold(scene.account.id, id, isHeld))(live)
      : doing('call.held', { conference: inside(live).conference, call: live.call.id, held: isHeld });

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
  return (live) => doing('participants.adjust', { ...inside(live), ...gains });
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
  return (live) => doing(`recording.${action}`, { conference: inside(live).conference });
};

/** The conference is the one that the call is in; who is left out is the call itself. */
const relate: Module = (data) => (live) => {
  const { conference, which } = inside(live);
  const result = check('relate', { participant_id: which, ...data });
  if (!result.ok) throw invalid(result.faults);
  const { participant_id, other_participant, relationship } = result.document;
  return doing('participants.relate', {
    conference,
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

/** Whoever is in no conference is hung up as well: while it rings, and in its lobby. */
const hangup: Module = (_, scene) => (live) =>
  live.participant === undefined
    ? steering(scene, (phones, { id }) => phones.hangUp(scene.account.id, id))(live)
    : doing('participants.kick', inside(live));

/** How a call is sent on: at once, or once whoever is called has answered. */
const KINDS = ['blind', 'attended'];

/** Sends the call on; who is nobody's target is told in the words of this dialect. */
const transfer: Module = (data, scene) => {
  const target = required(data, 'target');
  const kind = data['Transfer-Type'] ?? data['transfer-type'] ?? data['transfer_type'] ?? 'blind';
  if (typeof kind !== 'string' || !KINDS.includes(kind)) {
    throw broken('data.transfer_type', 'enum', { message: 'Value not found in enumerated list of values', target: KINDS, value: kind });
  }
  const { account, log } = scene;
  return steering(scene, async (phones, { id, callerName: name, callerNumber: number }) => {
    const wish = { account: account.id, call: id, target, source: { name, number }, log };
    const done = kind === 'blind' ? phones.transfer(account.id, id, target) : transferAttended(phones, wish);
    await done.catch((error: unknown) => {
      throw error instanceof Failure && error.code === 'number_not_found' ? refusals.badId(target) : error;
    });
  });
};

/** The call goes through a callflow of the account as if it had dialled its first number. */
const callflow: Module = (data, scene) => {
  const id = required(data, 'id', 'callflow_id');
  return steering(scene, async (phones, call) => {
    const { document, id: callflow } = await readDocument(scene, 'callflow', id);
    const [number] = Array.isArray(document['numbers']) ? document['numbers'] : [];
    const dialled = typeof number === 'string' ? number : '';
    const captured = textOf(data, 'captures', 'capture');
    await phones.divert(scene.account.id, call.id, fromCallflow(document, { dialled, callflow, ...(captured === '' ? {} : { captured }) }));
  });
};

/** What can be done to a call (rulings "channels"). */
const modules: Readonly<Record<string, Module>> = {
  relate,
  hangup,
  play: (data) => ({ sources: [required(data, 'id', 'media_id', 'media')] }),
  say: spoken,
  tts: spoken,
  hold: held(true),
  resume: held(false),
  break: () => (live) => doing('play.stop', { conference: inside(live).conference, which: 'all', to: inside(live).which }),
  callflow,
  transfer,
  record_call: recordCall,
  audio_level: audioLevel,
};

const names = Object.keys(modules);

function stepOf(name: Json | undefined, data: JsonObject, scene: Scene): Step {
  const module = typeof name === 'string' && Object.hasOwn(modules, name) ? modules[name] : undefined;
  if (name === undefined) throw broken('module', 'required', { message: 'Field is required but missing', value: 'module' });
  if (module === undefined)
    throw broken('module', 'enum', { message: 'Value not found in enumerated list of values', target: names, value: name });
  const what = module(data, scene);
  const known = { name: String(name) };
  return typeof what === 'function' ? { is: 'act', ...known, run: what } : { is: 'sound', ...known, ...what };
}

/** Longer chains are none that anybody wrote. */
const MOST = 50;

/** The module and those behind it, along the children `_`: all are read before the first is done. */
function stepsOf(first: JsonObject, scene: Scene): readonly Step[] {
  const steps: Step[] = [];
  for (
    let at: Json | undefined = first;
    isObject(at) && steps.length < MOST;
    at = isObject(at['children']) ? at['children']['_'] : undefined
  ) {
    steps.push(stepOf(at['module'], isObject(at['data']) ? at['data'] : {}, scene));
  }
  const waits = steps.findIndex(({ is }, index) => is === 'act' && steps[index - 1]?.is === 'sound');
  if (waits >= 0 && scene.follow === undefined) throw refusals.notBuilt(`${steps[waits]?.name} behind ${steps[waits - 1]?.name}`);
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
export function byMetaflow(scene: Scene): readonly Step[] {
  const { asked } = scene;
  const { data, envelope } = asked;
  const action = envelope['action'] ?? (isObject(data) ? data['action'] : undefined) ?? 'metaflow';
  if (action !== 'metaflow') throw refusals.faulty();
  return stepsOf(moduleIn(asked), scene);
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
export function byAction(scene: Scene): readonly Step[] {
  const { data, envelope } = scene.asked;
  const given = isObject(data) ? data : {};
  const action = given['action'] ?? envelope['action'];
  if (action === 'metaflow') return byMetaflow(scene);
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
  return [stepOf(module, isObject(inner) ? inner : beside, scene)];
}
