import { addressBits } from '../base/index.ts';
import type { Judge } from './addresses.ts';

/** A URL that may be tried, or why it will never be. */
export type Target = { readonly url: URL } | { readonly refused: string };

/** The host of a URL without the brackets of IPv6 (RFC 3986 §3.2.2). */
export const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** Why a host that is an address, or a name that can only mean this machine (RFC 6761 §6.3), is not called. Other names are judged once their addresses are known. */
export function judgeHost(host: string, judge: Judge): string | undefined {
  const name = bare(host).toLowerCase();
  if (addressBits(name) !== undefined) return judge(name);
  return /^(.+\.)?localhost\.?$/.test(name) ? judge('127.0.0.1') && judge('::1') : undefined;
}

/** Reads a URL as browsers do (WHATWG), which also turns 0x7f.1 and 2130706433 into the addresses that they are. */
export function readTarget(text: string, judge: Judge): Target {
  const url = URL.parse(text);
  if (url === null) return { refused: 'not a URL' };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { refused: 'only http and https are spoken' };
  if (url.username !== '' || url.password !== '') return { refused: 'a user or password in a URL is not sent' };
  const reason = judgeHost(url.hostname, judge);
  return reason === undefined ? { url } : { refused: reason };
}
