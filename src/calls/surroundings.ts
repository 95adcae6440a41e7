import type { Chance, Clock } from '../base/index.ts';
import type { CallRecords, Execute } from '../conference/index.ts';
import type { Engine } from '../media/index.ts';
import { type Dialog, type Headers, newBranch, nextHop, parseUri, printHostPort, type SipRequest } from '../sip/index.ts';
import { ALLOW, SUPPORTED } from './check-request.ts';
import type { Flow } from './flow.ts';
import type { FinalAnswer } from './server-transaction.ts';

/** What a call finds around itself. */
export interface Surroundings {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly engine: Engine;
  readonly execute: Execute;
  readonly records: CallRecords;
  readonly userAgent: string;
  /** Our IP address, for media and for Via. */
  readonly address: string;
  /** host:port of our SIP sockets. */
  readonly sentBy: string;
  /** Sends a request of ours; `done` gets the final answer, a 2xx of an INVITE each time that it comes. */
  readonly ask: (request: SipRequest, flow: Flow, done: (answer: FinalAnswer) => void) => void;
  /** Sends without a transaction: the ACK of a 2xx. */
  readonly send: (request: SipRequest, flow: Flow) => void;
  /** False for TCP when the connection is gone. */
  readonly reaches: (flow: Flow) => boolean;
  /** Keeps an eye on work that nobody waits for; a failure is logged once. */
  readonly follow: (work: Promise<unknown>) => void;
  /** Does until it succeeds what must not stay undone. */
  readonly insist: (work: () => Promise<unknown>) => Promise<void>;
  /** Counts a call that ended otherwise than it should. */
  readonly failed: (cause: string) => void;
}

/** Our Contact, for a transport. */
export const contactOf = ({ sentBy }: Pick<Surroundings, 'sentBy'>, { transport }: Flow): string =>
  `<sip:${sentBy}${transport === 'TCP' ? ';transport=tcp' : ''}>`;

/** What every answer and request that makes or moves a dialog says of us. */
export const dialogHeaders = (around: Pick<Surroundings, 'sentBy'>, flow: Flow): Headers => [
  ['Contact', contactOf(around, flow)],
  ['Allow', ALLOW],
  ['Supported', SUPPORTED],
];

/** A Via value of ours with a fresh branch. */
export const viaOf = ({ sentBy, chance }: Pick<Surroundings, 'sentBy' | 'chance'>, { transport }: Flow): string =>
  `SIP/2.0/${transport} ${sentBy};branch=${newBranch(chance)};rport`;

/** The way to a URI (RFC 3263, as far as no DNS records but addresses are asked for). */
export function flowOfUri(uri: string): Flow | undefined {
  const parsed = parseUri(uri);
  if (parsed === undefined || parsed.host === '') return undefined;
  const transport = parsed.params.get('transport')?.toLowerCase() === 'tcp' ? 'TCP' : 'UDP';
  return { transport, address: parsed.host, port: parsed.port ?? 5060 };
}

/** Where a request of a dialog goes: its routes; else back where the far end really is, over its connection while that is open, or through its translator; else its Contact. */
export function wayOf(
  dialog: Dialog,
  { flow, translated, reaches }: { readonly flow: Flow; readonly translated: boolean; readonly reaches: Surroundings['reaches'] },
): Flow {
  // Nobody listens at the port that a connection came from: without the connection it leads nowhere.
  const direct = dialog.routeSet.length === 0 && (flow.transport === 'TCP' ? reaches(flow) : translated);
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
