import { isObject, type Json, type JsonObject } from '../base/index.ts';
import type { AccountDocument } from './documents.ts';
import type { NumberRule, Trunk, TrunkId } from './trunk.ts';

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && each !== '') : [];
const numberOf = (value: Json | undefined): number | undefined => (typeof value === 'number' && value >= 0 ? value : undefined);

function rulesOf(value: Json | undefined): readonly NumberRule[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((each): each is JsonObject => isObject(each))
    .map((each) => {
      const length = numberOf(each['length']);
      return {
        prefix: textOf(each['prefix']) ?? '',
        put: textOf(each['put']) ?? '',
        ...(length === undefined ? {} : { length }),
        ...(each['deny'] === true ? { deny: true } : {}),
      };
    });
}

/** A trunk as its document says it; what has the wrong shape is as absent. */
export function trunkOf({ id, account, document }: Pick<AccountDocument, 'id' | 'account' | 'document'>): Trunk {
  const transport = textOf(document['transport']);
  const optional: Partial<Record<'username' | 'password' | 'realm', string>> = {};
  for (const key of ['username', 'password', 'realm'] as const) {
    const value = textOf(document[key]);
    if (value !== undefined) optional[key] = value;
  }
  const counts: Partial<Record<'probeSeconds' | 'maxCalls' | 'weight', number>> = {};
  for (const [key, written] of [
    ['probeSeconds', 'probe_seconds'],
    ['maxCalls', 'max_calls'],
    ['weight', 'weight'],
  ] as const) {
    const value = numberOf(document[written]);
    if (value !== undefined) counts[key] = value;
  }
  return {
    id: id as string as TrunkId,
    account,
    name: textOf(document['name']) ?? id,
    enabled: document['enabled'] !== false,
    servers: textsOf(document['servers']),
    ...(transport === 'udp' || transport === 'tcp' || transport === 'tls' ? { transport } : {}),
    register: document['register'] === true,
    ...optional,
    addresses: textsOf(document['addresses']),
    numbers: textsOf(document['numbers']),
    outbound: rulesOf(document['outbound']),
    inbound: rulesOf(document['inbound']),
    trusted: document['trusted'] === true,
    ...callerOf(document['caller_id']),
    ...counts,
  };
}

function callerOf(value: Json | undefined): Pick<Trunk, 'callerId'> {
  if (value === undefined || !isObject(value)) return {};
  const [name, number] = [textOf(value['name']), textOf(value['number'])];
  return { callerId: { ...(name === undefined ? {} : { name }), ...(number === undefined ? {} : { number }) } };
}
