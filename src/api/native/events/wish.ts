import { Problem } from '../problem.ts';
import { readTypes } from './event-types.ts';

/** What somebody wants to follow, as he asked. */
export interface Wish {
  /** Begin after this position of the journal; undefined: from now on. */
  readonly after: number | undefined;
  /** As it was written. */
  readonly conference: string | undefined;
  /** Undefined: all. */
  readonly types: ReadonlySet<string> | undefined;
  readonly signals: boolean;
  /** The state of what runs comes first. */
  readonly snapshot: boolean;
}

/** A query as Fastify reads it: what is repeated is a list. */
export type Query = Readonly<Record<string, unknown>>;

/** `account`, `accesskey` and `token` say who asks. */
const KNOWN = ['after', 'conference', 'types', 'signals', 'snapshot', 'account', 'accesskey', 'token', 'lastEventId'];

const invalid = (parameter: string, detail: string): Problem => new Problem(400, 'invalid', detail, { parameter });

function text(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(name, `${name} was given twice`);
}

function flag(query: Query, name: string, preset: boolean): boolean {
  const value = text(query, name);
  if (value === undefined) return preset;
  if (value !== 'true' && value !== 'false') throw invalid(name, `${name} must be true or false`);
  return value === 'true';
}

function position(name: string, value: string | undefined): number | undefined {
  if (value === undefined || value === '') return undefined;
  if (!/^\d{1,15}$/.test(value)) throw invalid(name, `${name} must be the position of an event`);
  return Number(value);
}

/**
 * Reads what is wanted. What the reader saw last (`Last-Event-ID`, or `lastEventId` of those who cannot set it) is newer than the `after` of an address
 * that never changes. Who comes back wants what he missed and no snapshot, unless he says so. A parameter that nobody knows is refused: a misspelt `after`
 * would lose events.
 */
export function readWish(query: Query, lastEventId: string | undefined): Wish {
  const stranger = Object.keys(query).find((name) => !KNOWN.includes(name));
  if (stranger !== undefined) throw invalid(stranger, `there is no parameter ${stranger}`);
  const seen = position('Last-Event-ID', lastEventId) ?? position('lastEventId', text(query, 'lastEventId'));
  const after = seen ?? position('after', text(query, 'after'));
  const types = query['types'];
  return {
    after,
    conference: text(query, 'conference') || undefined,
    types: types === undefined ? undefined : readTypes([types].flat().join(',')),
    signals: flag(query, 'signals', true),
    snapshot: flag(query, 'snapshot', after === undefined),
  };
}
