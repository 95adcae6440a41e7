import type { Failure, FailureKind } from '../base/index.ts';
import type { Headers } from '../sip/index.ts';

/** What a refusal of the domain is on the wire. The only table of it. */
const STATUS: Readonly<Record<FailureKind, number>> = {
  invalid: 400,
  denied: 403,
  'not-found': 404,
  conflict: 486,
  limit: 486,
  unavailable: 503,
};

/** Refusals whose code says more than their kind. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  conference_locked: 403,
  no_free_port: 503,
  overloaded: 503,
  account_minutes_used: 403,
};

/** The SIP status of a refusal. */
export const statusOf = (failure: Failure): number => STATUS_OF_CODE[failure.code] ?? STATUS[failure.kind];

/** What a 503 says in Retry-After, in seconds. */
const RETRY_AFTER_SECONDS = 5;

/** What goes with a status: who is refused for now is told when to try again (RFC 3261 §21.5.4). */
export const headersOf = (status: number): Headers => (status === 503 ? [['Retry-After', String(RETRY_AFTER_SECONDS)]] : []);
