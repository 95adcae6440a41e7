import { type Alarm, printHostPort } from '../../base/index.ts';
import type { CallId, LegId } from '../../conference/index.ts';
import type { EngineEvent, LegMetrics } from '../../media/index.ts';
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

/** How often it is looked whether packets are missing, ms. */
const LOOK = 10_000;
/** A share of lost packets that people hear, and a number below which it says nothing. */
const HEARD = 0.01;
const FEW = 5;

/** What a leg had counted at a moment. */
interface Counted {
  readonly at: number;
  readonly came: number;
  readonly lost: number;
}

/** Notes the times in which packets of calls were lost. */
export class LossWatch {
  readonly #needs: Pick<CallsOptions, 'traces' | 'engine' | 'clock'>;
  /** When it was last looked at, and when what is lost since then began to be. */
  readonly #before = new Map<CallId, { readonly last: Counted; readonly begun: Counted | undefined }>();
  #alarm: Alarm | undefined;
  #isOver = false;

  constructor(needs: Pick<CallsOptions, 'traces' | 'engine' | 'clock'>) {
    this.#needs = needs;
    if (needs.traces !== undefined) this.#again(needs.traces);
  }

  close(): void {
    this.#isOver = true;
    this.#alarm?.cancel();
  }

  #again(traces: Traces): void {
    const { clock } = this.#needs;
    if (this.#isOver) return;
    this.#alarm = clock.wake(clock.now() + LOOK, () => void this.#look(traces).finally(() => this.#again(traces)));
  }

  async #look(traces: Traces): Promise<void> {
    const live = new Set(traces.live);
    for (const id of this.#before.keys()) if (!live.has(id)) this.#before.delete(id);
    for (const id of live) {
      const metrics = await this.#needs.engine.legMetrics(id as string as LegId).catch(() => undefined);
      if (this.#isOver) return;
      if (metrics !== undefined) this.#compare(traces, id, metrics);
    }
  }

  #compare(traces: Traces, id: CallId, metrics: LegMetrics): void {
    const now = { at: this.#needs.clock.epoch(), came: metrics.packetsIn, lost: metrics.lost + metrics.late };
    const before = this.#before.get(id);
    const isBad = before !== undefined && isHeard(before.last, now);
    const begun = isBad ? (before.begun ?? before.last) : undefined;
    this.#before.set(id, { last: now, begun });
    if (begun === undefined) return;
    const { lost, all } = between(begun, now);
    const percent = Math.round((100 * lost) / all);
    traces.lost(id, begun.at, { text: `${lost} of ${all} packets were lost or late (${percent} %)`, values: { lost, all, percent } });
  }
}

const between = (one: Counted, other: Counted): { readonly lost: number; readonly all: number } => {
  const lost = other.lost - one.lost;
  return { lost, all: other.came - one.came + lost };
};

function isHeard(one: Counted, other: Counted): boolean {
  const { lost, all } = between(one, other);
  return lost >= FEW && lost / all >= HEARD;
}
