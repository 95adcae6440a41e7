import type { Json } from './json.ts';

/** What a caller can do about a failure. Dialects map kinds to status codes; nothing else may. */
export type FailureKind = 'invalid' | 'denied' | 'not-found' | 'conflict' | 'limit' | 'unavailable';

/** An expected refusal. Anything else that is thrown is a bug. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  /** snake_case, listed in `docs/errors.md`. */
  readonly code: string;
  /** What a program needs to react, for example the clashing numbers. Never secrets. */
  readonly details: Json | undefined;

  constructor(kind: FailureKind, code: string, message: string, options: ErrorOptions & { details?: Json } = {}) {
    super(message, options);
    this.kind = kind;
    this.code = code;
    this.details = options.details;
  }
}
