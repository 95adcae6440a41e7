import type { Trunk } from '../../accounts/index.ts';

/** A server of a trunk as a URI: `host`, `host:port` or a SIP URI. */
export function serverUri(server: string, transport: Trunk['transport']): string {
  const uri = /^sips?:/i.test(server) ? server : `sip:${server}`;
  return transport === undefined || /;transport=/i.test(uri) ? uri : `${uri};transport=${transport}`;
}
