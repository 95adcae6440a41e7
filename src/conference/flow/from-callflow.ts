import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import type { Call } from '../conference.ts';
import type { Action, FlowPlan } from './plan.ts';

/** What was dialled, as far as a callflow needs it. */
export interface CallflowCall {
  /** The number that led here, which `offnet` dials on. */
  readonly dialled: string;
  /** The conference that a feature code names: what its pattern caught. */
  readonly captured?: string;
  /** The callflow's own id. */
  readonly callflow?: string;
}

type Build = (data: JsonObject, call: CallflowCall) => readonly Draft[];

/** An action whose id and successor are not known yet. */
interface Draft {
  readonly type: string;
  readonly option: JsonObject;
}

const textOf = (data: JsonObject, key: string): string => {
  const value = data[key];
  return typeof value === 'string' ? value : '';
};

const numberOf = (data: JsonObject, key: string): number | undefined => {
  const value = data[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

/** kazoo-facts §3.7, §7.1: `id` absent: its number is asked for; where there is no such document, `config` is, and without that one in which nobody is muted. */
function conference(data: JsonObject, id: string): readonly Draft[] {
  const { welcome_prompt: welcome, moderator, play_entry_tone: entry, play_exit_tone: exit } = data;
  const config = isObject(data['config']) ? data['config'] : {};
  const named = id || textOf(config, 'id') || textOf(config, 'name');
  const heard = isObject(welcome) ? (welcome['play'] === false ? false : textOf(welcome, 'media_id')) : '';
  const tones = { ...(entry === undefined ? {} : { play_entry_tone: entry }), ...(exit === undefined ? {} : { play_exit_tone: exit }) };
  const member = { join_muted: false, ...(isObject(config['member']) ? config['member'] : {}) };
  const option = {
    ...(named === '' ? {} : { conference: named, ad_hoc: { ...config, member } }),
    ...(moderator === true ? { forced: 'moderator' } : {}),
    ...(heard === '' ? {} : { welcome: heard }),
    ...tones,
  };
  return [{ type: 'conference_enter', option }];
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Calls somebody; the flow goes on only where nobody answers. */
function connect(destinations: readonly JsonObject[], data: JsonObject, more: JsonObject = {}): readonly Draft[] {
  const seconds = numberOf(data, 'timeout');
  const option = { destinations, ...(seconds === undefined ? {} : { timeout: seconds * 1000 }), ends_when_answered: true, ...more };
  return [{ type: 'connect', option }];
}

/** Members of a ring group, each rung after its delay, for as long as its timeout says. */
function members(data: JsonObject): readonly JsonObject[] {
  const { endpoints } = data;
  return (Array.isArray(endpoints) ? endpoints : []).filter(isObject).map((each) => ({
    type: textOf(each, 'endpoint_type') || 'device',
    target: textOf(each, 'id'),
    ...(numberOf(each, 'delay') === undefined ? {} : { delay: numberOf(each, 'delay')! * 1000 }),
    ...(numberOf(each, 'timeout') === undefined ? {} : { timeout: numberOf(each, 'timeout')! * 1000 }),
  }));
}

/** Every module there is, and the actions that it becomes. */
const modules: Readonly<Record<string, Build>> = {
  conference: (data) => conference(data, textOf(data, 'id')),
  conference_feature: (data, { captured = '' }) => conference(data, textOf(data, 'id') || captured),
  device: (data) => connect([{ type: 'device', target: textOf(data, 'id') }], data),
  user: (data) => connect([{ type: 'user', target: textOf(data, 'id') }], data),
  ring_group: (data) => connect(members(data), data, { strategy: data['strategy'] === 'single' ? 'single' : 'simultaneous' }),
  offnet: (data, { dialled }) => connect([{ type: 'tel', target: textOf(data, 'to_did') || dialled }], data),
  play: (data) => [{ type: 'play', option: { sources: [textOf(data, 'id') || textOf(data, 'media')].filter((each) => each !== '') } }],
  tts: (data) => [
    {
      type: 'talk',
      option: { text: textOf(data, 'text'), language: textOf(data, 'language'), voice_id: textOf(data, 'voice') },
    },
  ],
  sleep: (data) => [
    { type: 'sleep', option: { duration: Math.round((numberOf(data, 'duration') ?? 0) * (UNITS[textOf(data, 'unit')] ?? 1000)) } },
  ],
  hangup: () => [{ type: 'hangup', option: {} }],
};

/** The modules that callflows may have (rulings "callflows"). */
export const callflowModules: readonly string[] = Object.keys(modules);

/** Larger trees are none that anybody wrote. */
const MOST = 500;

/** A module of the tree, and where what is made of it goes on. */
class Flattened {
  readonly actions: Action[] = [];
  readonly #call: CallflowCall;
  #modules = 0;

  constructor(call: CallflowCall) {
    this.#call = call;
  }

  /** A chain along the children `_`, then the chains of the other children behind it. Gives the id of its first action. */
  chain(first: Json | undefined): string {
    const begins = `callflow-${this.actions.length}`;
    const branches: (() => void)[] = [];
    for (let step = first; isObject(step) && this.#modules < MOST; step = isObject(step['children']) ? step['children']['_'] : undefined) {
      this.#modules += 1;
      branches.push(this.#module(step));
    }
    this.#add({ type: 'stop', option: {} });
    for (const each of branches) each();
    return begins;
  }

  /** Gives what writes the branches of a module once its chain is written. */
  #module(step: JsonObject): () => void {
    const data = isObject(step['data']) ? step['data'] : {};
    const build = modules[textOf(step, 'module')];
    const drafts = data['skip_module'] === true ? [] : (build?.(data, this.#call) ?? [{ type: 'hangup', option: {} }]);
    const places = drafts.map((each) => this.#add(each));
    const named = Object.entries(isObject(step['children']) ? step['children'] : {}).filter(([name]) => name !== '_');
    return () => {
      const chooser = places.find((place) => this.actions[place]?.type === 'connect');
      if (chooser === undefined || named.length === 0) return;
      const failures = Object.fromEntries(named.map(([name, child]) => [name, this.chain(child)]));
      const action = this.actions[chooser];
      if (action !== undefined) this.actions[chooser] = { ...action, option: { ...action.option, failures } };
    };
  }

  #add(draft: Draft): number {
    return this.actions.push({ id: `callflow-${this.actions.length}`, ...draft }) - 1;
  }
}

/**
 * What a KAZOO callflow does, as actions. A module is followed by its child `_`. Children of modules that call somebody may be named by why nobody answered
 * (`USER_BUSY`, or the SIP status): they are followed then. A module that there is not ends the call: where callflows are made it is refused by name.
 */
export function fromCallflow(document: JsonObject, call: CallflowCall): FlowPlan {
  const flat = new Flattened(call);
  flat.chain(document['flow']);
  return { actions: flat.actions, ...(call.callflow === undefined ? {} : { callflow: call.callflow }) };
}

/** A call as it is known once it goes through a plan: KAZOO tells which callflow that was. */
export const throughCallflow = (call: Call, { callflow }: FlowPlan): Call =>
  callflow === undefined ? call : { ...call, channelVars: { ...call.channelVars, callflow_id: callflow } };
