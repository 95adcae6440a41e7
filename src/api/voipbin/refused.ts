import { Failure, type FailureKind, type JsonObject } from '../../base/index.ts';

/** VoIPBIN's word for a sort of error, and the HTTP status that goes with it (voipbin-facts §1.6). */
const STATUSES = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  FAILED_PRECONDITION: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const;

export type Status = keyof typeof STATUSES;

/** A refusal in VoIPBIN's words. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly kind: Status;
  readonly reason: string;
  readonly details: readonly JsonObject[];
  /** Seconds after which it is worth trying again. */
  readonly retryAfter: number | undefined;

  constructor(
    kind: Status,
    reason: string,
    message: string,
    { details = [], retryAfter }: { readonly details?: readonly JsonObject[]; readonly retryAfter?: number } = {},
  ) {
    super(message);
    this.kind = kind;
    this.reason = reason;
    this.details = details;
    this.retryAfter = retryAfter;
  }

  get status(): number {
    return STATUSES[this.kind];
  }
}

/** The refusals that every route knows. */
export const refusals = {
  unauthenticated: () =>
    new Refused('UNAUTHENTICATED', 'AUTHENTICATION_REQUIRED', 'Authentication is required: send a token or an accesskey.'),
  badCredentials: () => new Refused('UNAUTHENTICATED', 'INVALID_CREDENTIALS', 'The provided credentials are not valid.'),
  denied: () => new Refused('PERMISSION_DENIED', 'PERMISSION_DENIED', 'You do not have permission to access this resource.'),
  badId: () => new Refused('INVALID_ARGUMENT', 'INVALID_ID', 'The provided id is not a valid UUID.'),
  badJson: () => new Refused('INVALID_ARGUMENT', 'INVALID_JSON_BODY', 'The request body is not valid JSON.'),
  badJsonOf: (key: string, type: string) => new Refused('INVALID_ARGUMENT', 'INVALID_JSON_BODY', `The field ${key} must be ${type}.`),
  badArgument: (message: string) => new Refused('INVALID_ARGUMENT', 'INVALID_ARGUMENT', message),
  badParameter: (message: string) => new Refused('INVALID_ARGUMENT', 'INVALID_REQUEST_PARAMETER', message),
  missingParameter: (name: string) => new Refused('INVALID_ARGUMENT', 'MISSING_REQUEST_PARAMETER', `The parameter ${name} is required.`),
  noRoute: () => new Refused('NOT_FOUND', 'ROUTE_NOT_FOUND', 'There is no such route.'),
  wrongState: (message: string) => new Refused('FAILED_PRECONDITION', 'STATE_INVALID', message),
  tooMany: (limitedBy: 'ip' | 'customer', retryAfter: number) =>
    new Refused('RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED', 'Too many requests.', { details: [{ limited_by: limitedBy }], retryAfter }),
  internal: () => new Refused('INTERNAL', 'INTERNAL', 'Something went wrong.'),
  /** `what` as in `CONFERENCE_NOT_FOUND`. */
  notFound: (what: string) =>
    new Refused('NOT_FOUND', `${what.toUpperCase()}_NOT_FOUND`, `The ${what.toLowerCase().replaceAll('_', ' ')} was not found.`),
} as const;

const kinds: Readonly<Record<FailureKind, Status>> = {
  invalid: 'INVALID_ARGUMENT',
  denied: 'PERMISSION_DENIED',
  'not-found': 'NOT_FOUND',
  conflict: 'FAILED_PRECONDITION',
  limit: 'RESOURCE_EXHAUSTED',
  unavailable: 'UNAVAILABLE',
};

const generic: Readonly<Record<FailureKind, string>> = {
  invalid: 'INVALID_ARGUMENT',
  denied: 'PERMISSION_DENIED',
  'not-found': 'RESOURCE_NOT_FOUND',
  conflict: 'STATE_INVALID',
  limit: 'RESOURCE_EXHAUSTED',
  unavailable: 'SERVICE_UNAVAILABLE',
};

/** Reasons that a code of the domain has here. */
const reasons: Readonly<Record<string, string>> = {
  conference_not_found: 'CONFERENCE_NOT_FOUND',
  participant_not_found: 'CONFERENCECALL_NOT_FOUND',
  call_not_found: 'CALL_NOT_FOUND',
  recording_not_found: 'RECORDING_NOT_FOUND',
  account_not_found: 'CUSTOMER_NOT_FOUND',
  invalid_action_type: 'INVALID_ACTION_TYPE',
  recording_active: 'RECORDING_ALREADY_ACTIVE',
  transcription_active: 'TRANSCRIBE_ALREADY_PROGRESSING',
  call_not_up: 'CALL_STATE_INVALID',
  flow_not_found: 'FLOW_NOT_FOUND',
  user_not_found: 'AGENT_NOT_FOUND',
  line_account_not_found: 'CONVERSATION_ACCOUNT_NOT_FOUND',
};

/** What the domain refused. */
export function refuse({ kind, code, message }: Failure): Refused {
  const known = reasons[code];
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  const text = known?.endsWith('_NOT_FOUND') ? refusals.notFound(known.replace('_NOT_FOUND', '')).message : sentence;
  return new Refused(kinds[kind], known ?? generic[kind], text);
}

/** Any error as a refusal; undefined for one that nobody expected. */
export function refusedAs(error: unknown): Refused | undefined {
  if (error instanceof Refused) return error;
  if (error instanceof Failure) return refuse(error);
  const { statusCode } = error as { readonly statusCode?: number };
  if (statusCode === 413) return new Refused('INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'The request body is too large.');
  return statusCode !== undefined && statusCode < 500 ? refusals.badArgument('The request cannot be read.') : undefined;
}

/** A body that readers of the present documents (`error`) and of older ones (`message`) understand. */
export const refusedBody = ({ kind, reason, message, details }: Refused, requestId: string): JsonObject => ({
  error: { status: kind, reason, message, request_id: requestId, ...(details.length === 0 ? {} : { details }) },
  message,
});
