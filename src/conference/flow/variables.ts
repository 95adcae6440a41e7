import { dashed, isObject, type Json, type JsonObject } from '../../base/index.ts';
import type { Call } from '../conference.ts';
import type { Variables } from './act.ts';

/** Limits of voipbin-facts §4.3, in characters. */
const MOST_KEYS = 100;
const LONGEST_VALUE = 32_768;
const LONGEST_ALL = 65_536;

/** What a run knows from the beginning (voipbin-facts §4.3). */
export function firstVariables(
  call: Call,
  { run, flow, dialled }: { run: string; flow: string; dialled: string },
): Readonly<Record<string, string>> {
  const far = addressOf('source', call.callerNumber, call.callerName);
  return {
    'voipbin.activeflow.id': run,
    'voipbin.activeflow.flow_id': flow,
    'voipbin.activeflow.reference_id': dashed(call.id),
    'voipbin.activeflow.reference_type': 'call',
    'voipbin.activeflow.complete_count': '0',
    'voipbin.call.id': dashed(call.id),
    'voipbin.call.direction': call.direction === 'inbound' ? 'incoming' : 'outgoing',
    'voipbin.call.digits': '',
    ...far,
    ...addressOf('destination', dialled, ''),
  };
}

/** What the flow of a call of ours knows instead: it is we who call, perhaps for somebody. */
export const callerVariables = (
  { number = '', name = '' }: { readonly number?: string; readonly name?: string },
  master: string | undefined,
): Readonly<Record<string, string>> => ({
  ...addressOf('source', number, name),
  'voipbin.call.master_call_id': master === undefined ? '00000000-0000-0000-0000-000000000000' : dashed(master),
});

function addressOf(which: 'source' | 'destination', target: string, name: string): Readonly<Record<string, string>> {
  const type = /^\+[0-9]+$/.test(target) ? 'tel' : /@|^sips?:/.test(target) ? 'sip' : 'extension';
  const parts = { type, target, target_name: name, name, detail: '' };
  return Object.fromEntries(Object.entries(parts).map(([key, value]) => [`voipbin.call.${which}.${key}`, value]));
}

/** The variables after a change. What would be too much, or too long, stays as it was. */
export function changed(variables: Readonly<Record<string, string>>, changes: Variables): Readonly<Record<string, string>> {
  const next: Record<string, string> = { ...variables };
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete next[key];
    else if (fits(next, key, value)) next[key] = value;
  }
  return next;
}

function fits(variables: Readonly<Record<string, string>>, key: string, value: string): boolean {
  const others = Object.entries(variables).filter(([each]) => each !== key);
  const length = others.reduce((sum, [name, text]) => sum + name.length + text.length, key.length + value.length);
  return others.length < MOST_KEYS && value.length <= LONGEST_VALUE && length <= LONGEST_ALL;
}

/** An option with the values of variables where `${name}` stands; an unknown one is empty. */
export function substituted(option: JsonObject, variables: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(option).map(([key, value]) => [key, within(value, variables)]));
}

function within(value: Json | undefined, variables: Readonly<Record<string, string>>): Json {
  if (typeof value === 'string') {
    return value.replace(/\$\{([^{}]{1,256})\}/g, (_, name: string) =>
      Object.hasOwn(variables, name.trim()) ? (variables[name.trim()] ?? '') : '',
    );
  }
  if (Array.isArray(value)) return value.map((each) => within(each, variables));
  return isObject(value) ? substituted(value, variables) : (value ?? null);
}
