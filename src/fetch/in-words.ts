import type { Unanswered } from './fetch-types.ts';

/** A target that is not called, found out while connecting. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed',
  EPIPE: 'connection closed',
  UND_ERR_SOCKET: 'connection closed',
  UND_ERR_CLOSED: 'this server is stopping',
  UND_ERR_DESTROYED: 'this server is stopping',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'name not found',
  EAI_AGAIN: 'name not found',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the host',
  UND_ERR_HEADERS_OVERFLOW: 'the answer is not HTTP as we take it',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is of another name',
};

/** What went wrong, without addresses, paths or anything else that a target could have put in. */
export function inWords(error: unknown): Unanswered {
  const refused = chain(error).find((each) => each instanceof Refused);
  if (refused !== undefined) return { refused: refused.message };
  const codes = chain(error).map((each) => (each as NodeJS.ErrnoException).code ?? '');
  const known = codes.find((code) => WORDS[code] !== undefined);
  if (known !== undefined) return { failed: WORDS[known] ?? '' };
  if (chain(error).some(({ name }) => name === 'HTTPParserError')) return { failed: 'the answer is not HTTP as we take it' };
  if (codes.some((code) => /SSL|TLS|CERT/.test(code))) return { failed: 'no TLS connection' };
  return { failed: 'no answer' };
}

/** An error, what it holds, and what caused it. */
function chain(error: unknown): readonly Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors.flatMap(chain) : [];
  return [error, ...inner, ...chain(error.cause)];
}
