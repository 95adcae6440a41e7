import { Failure, type FailureKind, type Json, type JsonObject } from '../../base/index.ts';
import type { Fault } from '../document/check.ts';

/** A request that is refused, as RFC 9457 says it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  /** snake_case; the last part of the problem's `type`. */
  readonly code: string;
  /** Further members, as `errors`. */
  readonly more: JsonObject;

  constructor(status: number, code: string, detail: string, more: JsonObject = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.more = more;
  }
}

const statuses: Readonly<Record<FailureKind, number>> = {
  invalid: 400,
  denied: 403,
  'not-found': 404,
  conflict: 409,
  limit: 429,
  unavailable: 503,
};

/** Where a code says more than its kind. A position of another history helps as little as one that is forgotten. */
const statusOfCode: Readonly<Record<string, number>> = { facts_forgotten: 410, position_forgotten: 410, position_unknown: 410 };

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** 400 with everything that is wrong with a document; `path` is a JSON pointer. */
export const invalid = (faults: readonly Fault[]): Problem =>
  new Problem(400, 'invalid', 'the document is not valid', {
    errors: faults.map(({ path, rule, message }): Json => ({ path: `/document${path.map((part) => `/${part}`).join('')}`, rule, message })),
  });

/** Says why the domain refused. */
export const refuse = ({ kind, code, message, details }: Failure): Problem =>
  new Problem(statusOfCode[code] ?? statuses[kind], code, message, details === undefined ? {} : { details });

interface FromFastify {
  readonly statusCode?: number;
  readonly message?: string;
  readonly validation?: readonly { readonly instancePath: string; readonly message?: string }[];
}

/** Any error as a problem; undefined for one that nobody expected. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof Failure) return refuse(error);
  const { statusCode, message = 'the request cannot be read', validation } = error as FromFastify;
  if (validation !== undefined) {
    const errors = validation.map((each): Json => ({ path: each.instancePath, message: each.message ?? '' }));
    return new Problem(400, 'invalid', message, { errors });
  }
  if (statusCode === undefined || statusCode >= 500) return undefined;
  return new Problem(statusCode, 'malformed', message);
}

/** The body of `application/problem+json`. */
export const problemBody = ({ status, code, message, more }: Problem): JsonObject => ({
  type: `urn:parley:problem:${code}`,
  title: titles[status] ?? 'Error',
  status,
  detail: message,
  code,
  ...more,
});
