import { printHostPort } from '../base/index.ts';
import { type SipRequest, type Via, via } from '../sip/index.ts';

/** The transports as Via spells them (RFC 3261 §20.42, RFC 7118 §5.2.1). */
export type TransportName = 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';

/** Where a message came from, or goes: enough to answer. For all but UDP it names a connection by its far end. */
export interface Flow {
  readonly transport: TransportName;
  readonly address: string;
  readonly port: number;
  /** The domain that led here: over TLS the far end must show a certificate for it (RFC 5922 §4). */
  readonly domain?: string;
}

/** Nobody on the way reads along. */
export const isSecure = ({ transport }: Pick<Flow, 'transport'>): boolean => transport === 'TLS' || transport === 'WSS';

/** Over it comes a browser (RFC 7118): it speaks of media as browsers do (RFC 8834). */
export const isWebSocket = ({ transport }: Pick<Flow, 'transport'>): boolean => transport === 'WS' || transport === 'WSS';

/** The spelling of a flow in logs and in the store: `udp:192.0.2.1:5060`. */
export const printFlow = ({ transport, address, port }: Flow): string => `${transport.toLowerCase()}:${printHostPort(address, port)}`;

/** Reads what `printFlow` wrote. */
export function parseFlow(text: string): Flow | undefined {
  const [, transport, address, port] = /^(udp|tcp|tls|ws|wss):\[?([^\]]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (address === undefined || Number(port) > 65_535) return undefined;
  return { transport: transport?.toUpperCase() as TransportName, address, port: Number(port) };
}

/** Notes in the topmost Via where the request really came from (RFC 3261 §18.2.1, RFC 3581 §4). */
export function stampVia(request: SipRequest, { address, port }: Flow): SipRequest {
  const top = via(request);
  const at = request.headers.findIndex(([name]) => name === 'Via');
  const line = request.headers[at]?.[1];
  if (top === undefined || line === undefined) return request;
  const asked = top.params.has('rport');
  if (!asked && top.host === address) return request;
  const comma = line.indexOf(',');
  const first = (comma < 0 ? line : line.slice(0, comma)).replace(/;\s*(received|rport)(\s*=[^;,]*)?(?=;|\s*$)/gi, '');
  const stamped = `${first.trimEnd()};received=${address}${asked ? `;rport=${port}` : ''}${comma < 0 ? '' : line.slice(comma)}`;
  return { ...request, headers: request.headers.map((each, index) => (index === at ? ['Via', stamped] : each)) };
}

/** Where answers to a request go (RFC 3261 §18.2.2, RFC 3581 §4): back over its connection, UDP to the source, at the port asked for. */
export function answerFlow(request: SipRequest, flow: Flow): Flow {
  const top: Via | undefined = via(request);
  if (flow.transport !== 'UDP' || top === undefined || top.params.has('rport')) return flow;
  return { ...flow, port: top.port ?? 5060 };
}

/** True when a phone sits behind an address translator: what it says of itself is not where it is. */
export function isTranslated(request: SipRequest, flow: Flow): boolean {
  const top = via(request);
  return top !== undefined && (top.host !== flow.address || (top.port ?? 5060) !== flow.port);
}
