import { printHostPort } from '../../base/index.ts';
import type { CallId, LegId } from '../../conference/index.ts';
import type { EngineEvent } from '../../media/index.ts';
import { parseMessage, type SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import type { CallsOptions } from '../options.ts';
import type { Transport } from '../transport.ts';
import type { Traces } from './traces.ts';

/** Where a websocket ends that somebody else upgraded. */
const WEB_PORTS: Readonly<Partial<Record<Flow['transport'], number>>> = { WS: 80, WSS: 443 };

/** Notes each message that comes or goes; undefined where nobody does. */
export function tracing(
  { traces, address }: Pick<CallsOptions, 'traces' | 'address'>,
  { port, tlsPort }: Pick<Transport, 'port' | 'tlsPort'>,
): ((message: SipMessage, flow: Flow, sent: boolean) => void) | undefined {
  if (traces === undefined) return undefined;
  return (message, flow, sent) => {
    const own = WEB_PORTS[flow.transport] ?? (flow.transport === 'TLS' ? (tlsPort ?? port) : port);
    traces.note({ message, flow, sent, ours: { address, port: own } });
  };
}

/** Sends, and notes what is sent. */
export function sending(options: Pick<CallsOptions, 'traces' | 'address'>, transport: Transport): Transport['send'] {
  const note = tracing(options, transport);
  if (note === undefined) return (flow, bytes, failed) => transport.send(flow, bytes, failed);
  return (flow, bytes, failed) => {
    const message = parseMessage(bytes);
    if (message.type !== 'malformed') note(message, flow, true);
    transport.send(flow, bytes, failed);
  };
}

/** What the engine tells of a leg, as far as it belongs to the story of its call. */
export function noteEvent(traces: Traces | undefined, event: EngineEvent): EngineEvent {
  if (traces !== undefined && 'leg' in event) note(traces, event);
  return event;
}

function note(traces: Traces, event: Extract<EngineEvent, { readonly leg: LegId }>): void {
  const call = event.leg as string as CallId;
  switch (event.type) {
    case 'media-silent':
      traces.happened(call, { type: 'silent', text: event.reason, values: { why: event.why } });
      break;
    case 'media-lost': {
      const seconds = Math.round(event.silentMs / 1000);
      traces.happened(call, { type: 'silent', text: `nothing has come for ${seconds} s`, values: { seconds } });
      break;
    }
    case 'media-losses': {
      const { sinceMs, lost, all } = event;
      const percent = Math.round((100 * lost) / all);
      const text = `${lost} of ${all} packets were lost or late (${percent} %)`;
      traces.lost(call, sinceMs, { text, values: { lost, all, percent } });
      break;
    }
    case 'connected': {
      const [address, { suite }] = [addressOf(event), event];
      traces.happened(call, { type: 'ice-connected', text: `found at ${address}, ${suite}`, values: { address, suite } });
      break;
    }
    case 'pair-moved': {
      const address = addressOf(event);
      traces.happened(call, { type: 'ice-moved', text: `its network has changed: now at ${address}`, values: { address } });
      break;
    }
    case 'dtls-failed':
      traces.happened(call, { type: 'dtls-failed', text: event.reason, values: { why: event.why } });
      break;
    default:
  }
}

const addressOf = ({ from }: { readonly from: { readonly address: string; readonly port: number } }): string =>
  printHostPort(from.address, from.port);
