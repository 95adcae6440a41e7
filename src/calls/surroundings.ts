import type { Chance, Clock } from '../base/index.ts';
import { printHostPort } from '../base/index.ts';
import type { CallRecords, Execute } from '../conference/index.ts';
import type { Engine } from '../media/index.ts';
import { type Dialog, type Headers, newBranch, nextHop, parseUri, type SipRequest, type Uri } from '../sip/index.ts';
import type { CdrKeeping } from './cdr.ts';
import { ALLOW, EVENT, SUPPORTED } from './check-request.ts';
import type { Flow, TransportName } from './flow.ts';
import type { FinalAnswer, Listening, ServerTransaction } from './server-transaction.ts';

/** What a call finds around itself. */
export interface Surroundings {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly engine: Engine;
  readonly execute: Execute;
  readonly records: CallRecords;
  readonly userAgent: string;
  /** The IP address that we listen on. */
  readonly address: string;
  /** What descriptions say instead of the address that a leg listens on. */
  readonly mediaAddress: (bound: string) => string;
  /** host:port of our UDP and TCP sockets as others should see it. */
  readonly sentBy: string;
  /** host:port of our TLS socket; that of the others when there is none. */
  readonly sentByTls: string;
  /** Sends a request of ours; `done` gets the final answer, a 2xx of an INVITE each time that it comes. */
  readonly ask: (request: SipRequest, flow: Flow, done: ((answer: FinalAnswer) => void) | Listening) => void;
  /** Nobody waits for the answers to a request of ours any more. */
  readonly drop: (request: SipRequest) => void;
  /** Sends without a transaction: the ACK of a 2xx. */
  readonly send: (request: SipRequest, flow: Flow) => void;
  /** False where there was a connection and it is gone. */
  readonly reaches: (flow: Flow) => boolean;
  /** Keeps an eye on work that nobody waits for; a failure is logged once. */
  readonly follow: (work: Promise<unknown>) => void;
  /** Does until it succeeds what must not stay undone. */
  readonly insist: (work: () => Promise<unknown>) => Promise<void>;
  /** Who takes the far end's requests while a call of ours rings, by the key of the dialog. */
  readonly early: Map<string, (transaction: ServerTransaction) => void>;
  /** Where CDRs go. */
  readonly cdrs: CdrKeeping;
  /** Counts a call that ended otherwise than it should. */
  readonly failed: (cause: string) => void;
}

/** Who we are, in Via and Contact. */
type OurNames = Pick<Surroundings, 'sentBy' | 'sentByTls'>;

const sentByFor = ({ sentBy, sentByTls }: OurNames, { transport }: Flow): string => (transport === 'TLS' ? sentByTls : sentBy);

/** The transport parameter of a Contact; websockets have one name, secure or not (RFC 7118 §5.2.2). */
const PARAMETER: Readonly<Record<TransportName, string>> = {
  UDP: '',
  TCP: ';transport=tcp',
  TLS: ';transport=tls',
  WS: ';transport=ws',
  WSS: ';transport=ws',
};

/** What a Contact of ours says besides where we are. */
export interface ContactKind {
  /** Every hop must be secure (RFC 3261 §8.1.1.8). */
  readonly secure: boolean;
  /** The conference that we speak for: whoever calls this Contact is in it, and whoever subscribes to it hears of it (RFC 4579 §4). */
  readonly focus?: string | undefined;
}

/** Our Contact, for a transport. */
export function contactOf(names: OurNames, flow: Flow, { secure, focus }: ContactKind): string {
  const user = focus === undefined ? '' : `${encodeURIComponent(focus)}@`;
  const feature = focus === undefined ? '' : ';isfocus';
  if (secure && flow.transport === 'TLS') return `<sips:${user}${names.sentByTls}>${feature}`;
  return `<${secure ? 'sips' : 'sip'}:${user}${sentByFor(names, flow)}${PARAMETER[flow.transport]}>${feature}`;
}

/** What every answer and request that makes or moves a dialog says of us. */
export const dialogHeaders = (names: OurNames, flow: Flow, kind: ContactKind): Headers => [
  ['Contact', contactOf(names, flow, kind)],
  ['Allow', ALLOW],
  ['Allow-Events', EVENT],
  ['Supported', SUPPORTED],
];

/** A Via value of ours with a fresh branch. */
export const viaOf = (around: OurNames & Pick<Surroundings, 'chance'>, flow: Flow): string =>
  `SIP/2.0/${flow.transport} ${sentByFor(around, flow)};branch=${newBranch(around.chance)};rport`;

/** The way to a URI (RFC 3263, as far as no DNS records but addresses are asked for). */
export function flowOfUri(uri: string): Flow | undefined {
  const parsed = parseUri(uri);
  if (parsed === undefined || parsed.host === '') return undefined;
  const transport = transportOf(parsed);
  return { transport, address: parsed.host, port: parsed.port ?? (transport === 'TLS' ? 5061 : 5060) };
}

/** RFC 3261 §19.1.1, RFC 7118 §5.2.2: with `sips` every transport is the secure one of its kind. */
function transportOf({ scheme, params }: Uri): TransportName {
  const secure = scheme === 'sips';
  switch (params.get('transport')?.toLowerCase()) {
    case 'ws':
      return secure ? 'WSS' : 'WS';
    case 'wss':
      return 'WSS';
    case 'tls':
      return 'TLS';
    case 'tcp':
      return secure ? 'TLS' : 'TCP';
    default:
      return secure ? 'TLS' : 'UDP';
  }
}

/** Where a request of a dialog goes: its routes; else back where the far end really is, over its connection while that is open, or through its translator; else its Contact. */
export function wayOf(
  dialog: Dialog,
  { flow, translated, reaches }: { readonly flow: Flow; readonly translated: boolean; readonly reaches: Surroundings['reaches'] },
): Flow {
  // Nobody listens at the port that a connection came from: without the connection it leads nowhere.
  const direct = dialog.routeSet.length === 0 && (flow.transport === 'UDP' ? translated : reaches(flow));
  const bare: SipRequest = {
    type: 'request',
    method: 'BYE',
    uri: dialog.remoteTarget,
    headers: dialog.routeSet.map((route) => ['Route', route] as const),
    body: new Uint8Array(0),
  };
  const hop = dialog.routeSet.length === 0 ? dialog.remoteTarget : nextHop(bare);
  return direct ? flow : (flowOfUri(hop) ?? flow);
}

/** host:port. */
export const sentByOf = (address: string, port: number): string => printHostPort(address, port);
