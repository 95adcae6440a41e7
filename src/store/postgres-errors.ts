import { DatabaseError } from 'pg';
import { Failure } from '../base/index.ts';

/** The row was somebody else's in the end: unique, foreign key; serialization, deadlock (PostgreSQL, appendix A). */
const CONTESTED = new Set(['23505', '23503', '40001', '40P01']);

/**
 * Classes of SQLSTATE that mean the machine refuses, not that we erred: 08 connection, 28 who we are, 3D which database, 40 rolled back, 53 resources,
 * 55 in use, 57 operator (shutdown, timeout), 58 input and output.
 */
const OUTAGES = new Set(['08', '28', '3D', '40', '53', '55', '57', '58']);
const READ_ONLY = '25006';

/** The server ended the session: class 08, shutdown, crash, starting up, idle too long. */
const ENDED = new Set(['57P01', '57P02', '57P03', '57P05', '25P03']);

/** The connection is good for nothing any more. What it was asked last may have been done or not. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

const stateOf = (error: unknown): string => (error instanceof DatabaseError ? (error.code ?? '') : '');

/** Names what a connection fails with: whatever did not come from the server came from the wire. */
export function ofTheWire(error: unknown): unknown {
  const state = stateOf(error);
  const isAnswer = error instanceof DatabaseError && !ENDED.has(state) && !state.startsWith('08');
  return isAnswer ? error : new ConnectionLost(reasonOf(error), { cause: error });
}

/** Tells whether the same work may succeed, or be refused by its own rules, when it sees what others have written meanwhile. */
export const isContested = (error: unknown): boolean => CONTESTED.has(stateOf(error));

/** Names outages; everything else stays what it is. */
export function asFailure(error: unknown): unknown {
  const state = stateOf(error);
  const isOutage = error instanceof ConnectionLost || OUTAGES.has(state.slice(0, 2)) || state === READ_ONLY;
  return isOutage ? new Failure('unavailable', 'store_unavailable', 'the database cannot be used', { cause: error }) : error;
}

/** Why something failed, in words. A host with several addresses fails with one reason for each. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
