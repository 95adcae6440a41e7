import type { JsonObject } from '../../../base/index.ts';
import type { Problem } from '../problem.ts';

/** Why a stream ends: in words for the reader, and as a websocket's close code (RFC 6455 §7.4). */
export interface Goodbye {
  readonly body: JsonObject & { readonly reason: string; readonly detail: string };
  readonly code: number;
}

/** Ends that are no refusals. */
export const goodbyes = {
  shutdown: { body: { reason: 'shutdown', detail: 'the server is stopping; come back after this position' }, code: 1001 },
  expired: {
    body: { reason: 'token_expired', detail: 'the token has expired; come back with another one, after this position' },
    code: 4401,
  },
  disabled: { body: { reason: 'not_recognised', detail: 'what was shown is not good any more' }, code: 4401 },
  tooSlow: { body: { reason: 'too_slow', detail: 'too much was not read for too long; come back after this position' }, code: 4408 },
  failed: { body: { reason: 'unspecified', detail: 'something went wrong; come back after this position' }, code: 1011 },
} as const satisfies Readonly<Record<string, Goodbye>>;

/** A refusal, as a websocket hears it: with the members of the problem, its code 4000 more than the status. */
export function goodbyeOf(problem: Problem | undefined): Goodbye {
  if (problem === undefined) return goodbyes.failed;
  const { status, code, message, more } = problem;
  return { body: { ...more, reason: code, detail: message, status }, code: status >= 500 ? 1011 : 4000 + status };
}
