/** How long a session is good, in seconds: a working day. */
export const SESSION_SECONDS = 12 * 3600;

const NAME = 'parley_session';
/** Only a secure answer of this very host can set it (RFC 6265bis §4.1.3.2). */
const SECURE_NAME = `__Host-${NAME}`;

const nameOf = (isSecure: boolean): string => (isSecure ? SECURE_NAME : NAME);

/** The `Set-Cookie` of a session; an empty token ends it. */
export function sessionCookie(token: string, isSecure: boolean): string {
  const age = token === '' ? 0 : SESSION_SECONDS;
  return `${nameOf(isSecure)}=${token}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

/** The token of the session that a request's cookie has (RFC 6265 §4.2.1). */
export function sessionIn(header: unknown, isSecure: boolean): string | undefined {
  if (typeof header !== 'string') return undefined;
  for (const part of header.split(';')) {
    const [name, ...value] = part.split('=');
    if (name?.trim() === nameOf(isSecure) && value.length > 0) return value.join('=').trim() || undefined;
  }
  return undefined;
}

/** From where a request that shows a cookie must come. */
export interface Place {
  readonly method: string;
  /** It wants to become a websocket, for which browsers ask nobody. */
  readonly isSocket: boolean;
  readonly isSecure: boolean;
  /** host[:port] of this server, as the request or the configuration says. */
  readonly hosts: readonly string[];
}

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD';

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

/**
 * Whether a request comes from a page of ours, so that its cookie speaks for whoever sits before it (Fetch Metadata, RFC 6454 §7). What changes something must
 * say where it comes from; what reads need not, as old browsers do not say so.
 */
export function isOwnPage(
  { headers }: { readonly headers: Readonly<Record<string, unknown>> },
  { method, isSocket, hosts }: Place,
): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined && !(typeof origin === 'string' && hosts.includes(hostOf(origin) ?? ''))) return false;
  if (site !== undefined && site !== 'same-origin' && !(site === 'none' && isSafe(method) && !isSocket)) return false;
  if (isSocket) return origin !== undefined;
  return isSafe(method) || origin !== undefined || site !== undefined;
}
