import type { Asking } from './fetch-types.ts';

/** What is sent, to whatever target. */
export type Wish = Required<Pick<Asking, 'method' | 'headers' | 'timeoutMs'>> & Pick<Asking, 'body'>;

/** Where a redirect leads and what is sent there. */
export type Redirected = { readonly url: string; readonly wish: Wish } | { readonly refused: string };

/** What is meant for one origin only. */
const SECRET = /^(authorization|cookie|proxy-authorization|x-auth-token)$/i;
const OF_BODY = /^content-/i;

const without = (headers: Wish['headers'], pattern: RegExp): Wish['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !pattern.test(name)));

/** Follows RFC 9110 §15.4; undefined when the answer is no redirect. Credentials do not go to another origin, and nothing goes from https to http. */
export function redirected(options: {
  readonly from: URL;
  readonly wish: Wish;
  readonly status: number;
  readonly location: string | undefined;
}): Redirected | undefined {
  const { from, wish, status, location } = options;
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  const to = URL.parse(location, from.href);
  if (to === null) return { refused: 'a redirect to no URL' };
  if (from.protocol === 'https:' && to.protocol === 'http:') return { refused: 'a redirect from https to http' };
  const headers = to.origin === from.origin ? wish.headers : without(wish.headers, SECRET);
  const asGet = (status === 303 && wish.method !== 'HEAD') || (status <= 302 && wish.method === 'POST');
  if (!asGet) return { url: to.href, wish: { ...wish, headers } };
  return { url: to.href, wish: { method: 'GET', headers: without(headers, OF_BODY), timeoutMs: wish.timeoutMs } };
}
