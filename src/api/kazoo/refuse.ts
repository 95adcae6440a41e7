import { type Failure, type FailureKind, isObject, type Json } from '../../base/index.ts';
import type { Fault } from '../document/check.ts';

/** A request that is refused in KAZOO's own words (kazoo-facts §2.3). */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** The envelope's `message`. */
  readonly code: string;
  /** The envelope's `data`. */
  readonly data: Json;

  constructor(status: number, code: string, data: Json) {
    super(code);
    this.status = status;
    this.code = code;
    this.data = data;
  }
}

/** The refusals that are always the same. */
export const refusals = {
  invalidCredentials: () => new Refusal(401, 'invalid_credentials', { message: 'invalid credentials' }),
  expired: () => new Refusal(401, 'invalid credentials', {}),
  forbidden: () => new Refusal(403, 'forbidden', { message: 'forbidden' }),
  noSuchRoute: () => new Refusal(404, 'not_found', { message: 'not found' }),
  faulty: (message = 'faulty request') => new Refusal(404, 'faulty_request', { message }),
  badId: (cause: string) => new Refusal(404, 'bad_identifier', { cause, message: 'bad identifier' }),
  badParticipant: (id: Json) => new Refusal(404, 'bad_identifier', { id, message: 'bad identifier' }),
  invalidMethod: () => new Refusal(405, 'invalid_method', { message: 'method not allowed' }),
  gone: () => new Refusal(410, 'gone', { message: 'API v1 was removed; use /v2' }),
  tooMany: () => new Refusal(429, 'too_many_requests', { message: 'too many requests' }),
  notBuilt: (action: string) =>
    new Refusal(501, 'not_implemented', { message: `not implemented: this server does not do '${action}' yet` }),
  unspecified: () => new Refusal(500, 'unspecified_fault', { message: 'unspecified fault' }),
};

/** 400 with one broken rule at one place. */
export const broken = (path: string, rule: string, why: Json): Refusal => new Refusal(400, 'validation error', { [path]: { [rule]: why } });

const spelt = (path: readonly string[]): string => path.map((part) => part.replaceAll('.', '%2E')).join('.');

/** 400 with everything that is wrong: `data.{path}.{rule}` (kazoo-facts §2.4). `prefix` names the body's place when it is no object. */
export function invalid(faults: readonly Fault[]): Refusal {
  const places = new Map<string, Record<string, Json>>();
  for (const { path, rule, ...why } of faults) {
    const place = path.length === 0 ? 'data' : spelt(path);
    const rules = places.get(place) ?? {};
    rules[rule] = why;
    places.set(place, rules);
  }
  return new Refusal(400, 'validation error', Object.fromEntries(places));
}

const statuses: Readonly<Record<FailureKind, number>> = {
  invalid: 400,
  denied: 403,
  'not-found': 404,
  conflict: 409,
  limit: 429,
  unavailable: 503,
};

const numbersTaken = (details: Json | undefined): Refusal => {
  const numbers = isObject(details) && Array.isArray(details['numbers']) ? details['numbers'] : [];
  return broken('numbers', 'unique', { message: 'Numbers already in use', cause: numbers.join(', ') });
};

/** Says in KAZOO's words why the domain refused. `cause` is the id in the URL. */
export function refuse({ kind, code, message, details }: Failure, cause: string): Refusal {
  if (code === 'numbers_taken') return numbersTaken(details);
  if (code === 'participant_not_found') return refusals.badParticipant(isObject(details) ? (details['id'] ?? null) : null);
  switch (kind) {
    case 'not-found':
      return refusals.badId(cause);
    case 'conflict':
      return new Refusal(statuses[kind], 'datastore_conflict', { message: 'conflicting documents' });
    case 'denied':
      return refusals.forbidden();
    case 'limit':
      return refusals.tooMany();
    case 'unavailable':
      return new Refusal(statuses[kind], 'datastore_unreachable', { message });
    case 'invalid':
      return new Refusal(statuses[kind], 'validation error', { data: { [code]: { message } } });
  }
}
