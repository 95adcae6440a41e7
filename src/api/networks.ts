import type { IncomingHttpHeaders } from 'node:http';
import { addressBits, type IsIn } from '../base/index.ts';

export { readNetworks } from '../base/index.ts';

/** Whether an address is one of those that are trusted. */
export type Trusts = IsIn;

/** Who really asks: the last hop that is no trusted proxy, read from the right of X-Forwarded-For. */
export function clientAddress({ headers, remote, trusts }: { headers: IncomingHttpHeaders; remote: string; trusts: Trusts }): string {
  const forwarded = headers['x-forwarded-for'];
  const hops = [forwarded ?? []].flat().join(',').split(',');
  let client = remote;
  while (hops.length > 0 && trusts(client)) {
    const next = hops.pop()?.trim() ?? '';
    if (addressBits(next) === undefined) break;
    client = next;
  }
  return client;
}

/** Whether the client came by TLS; X-Forwarded-Proto of a trusted proxy decides over the socket. */
export function isSecure(
  { headers, remote, trusts }: { headers: IncomingHttpHeaders; remote: string; trusts: Trusts },
  byTls: boolean,
): boolean {
  const forwarded = [headers['x-forwarded-proto'] ?? []].flat().at(-1)?.split(',').at(-1)?.trim().toLowerCase();
  return forwarded !== undefined && trusts(remote) ? forwarded === 'https' || forwarded === 'wss' : byTls;
}
