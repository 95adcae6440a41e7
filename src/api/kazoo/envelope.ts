import type { JsonObject } from '../../base/index.ts';
import type { Charge } from '../rate.ts';
import { isoTime } from '../stamp.ts';
import { inFull, type Written } from '../written.ts';
import type { Answer } from './answer.ts';
import type { Refusal } from './refuse.ts';

/** What is known of a request while it is served; every envelope shows it. */
export interface Trace {
  readonly requestId: string;
  readonly node: string;
  readonly version: string;
  /** Epoch ms. */
  readonly at: number;
  charge: Charge;
  token: string | undefined;
  isAuthenticated: boolean;
}

const common = (trace: Trace): JsonObject => ({
  request_id: trace.requestId,
  node: trace.node,
  timestamp: isoTime(trace.at),
  tokens: { consumed: trace.charge.consumed, remaining: trace.charge.remaining },
  ...(trace.token === undefined ? {} : { auth_token: trace.token }),
  ...(trace.isAuthenticated ? { version: trace.version } : {}),
});

/** The envelope of a success (kazoo-facts §2.1). */
export const success = (answer: Answer, trace: Trace): JsonObject => ({ data: inFull(answer.data), ...around(answer, trace) });

/** The same in pieces, where its data is text already. */
export const writtenSuccess = (answer: Answer, { opening }: Written, trace: Trace): Pieces => ({
  opening,
  ending: JSON.stringify(around(answer, trace)).slice(1),
});

/** An envelope that is JSON already. */
export interface Pieces {
  readonly opening: Uint8Array;
  readonly ending: string;
}

const around = ({ revision, more }: Answer, trace: Trace): JsonObject => ({
  status: 'success',
  ...(revision === undefined ? {} : { revision }),
  ...more,
  ...common(trace),
});

/** The envelope of a refusal: the status is told as text. */
export const failure = ({ status, code, data }: Refusal, trace: Trace): JsonObject => ({
  data,
  error: String(status),
  message: code,
  status: 'error',
  ...common(trace),
});

/** Cross-origin headers (kazoo-facts §2.6). */
export const cors = (methods: readonly string[]): Readonly<Record<string, string>> => ({
  'access-control-allow-origin': '*',
  'access-control-allow-methods': methods.join(', '),
  'access-control-allow-headers':
    'content-type, depth, user-agent, x-http-method-override, x-file-size, x-requested-with, if-modified-since, x-file-name, cache-control, x-auth-token, x-kazoo-cluster-id, if-match',
  'access-control-expose-headers': 'content-type, x-auth-token, x-request-id, location, etag',
  'access-control-max-age': '86400',
});
