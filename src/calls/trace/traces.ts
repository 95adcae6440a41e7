import type { AccountId, DocumentId, Documents } from '../../accounts/index.ts';
import { type Alarm, type Clock, type Closable, Failure, type JsonObject, type Log } from '../../base/index.ts';
import type {
  CallHappening,
  CallId,
  CallTrace,
  CallTraces,
  Cdr,
  ConferenceId,
  TracedHappening,
  TracedMessage,
} from '../../conference/index.ts';
import { callId, from, type SipMessage, to } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import { maskedText } from './mask.ts';

/** The first and the last messages of a call that are kept; what is between is counted. */
const FIRST = 40;
const LAST = 160;
/** Characters of a message; the rest is cut. */
const LONGEST = 8192;
const MOST_HAPPENINGS = 200;
/** Dialogs that no account has claimed yet: scanners, and who is being asked for his password. */
const MOST_UNCLAIMED = 2000;
/** Characters of all of them together. */
const MOST_TEXT = 64_000_000;
/** ms after the end until a trace is kept: the answer to a BYE still belongs to it. */
const AFTER = 2000;
/** How often what is old is forgotten, ms. */
const SWEEP = 600_000;
const PER_SWEEP = 200;

/** One dialog as it went over the wire. */
interface Wire {
  readonly key: string;
  readonly first: TracedMessage[];
  readonly last: TracedMessage[];
  dropped: number;
  text: number;
  owner: CallId | undefined;
}

/** What is known of a call. */
interface Traced {
  readonly start: Omit<CallTrace, 'messages' | 'happenings' | 'dropped'>;
  readonly wires: Wire[];
  readonly happenings: TracedHappening[];
  end?: Cdr;
}

/** Of what a trace is begun. */
export interface TraceStart
  extends Pick<CallTrace, 'id' | 'account' | 'sipCallId' | 'direction' | 'callerName' | 'callerNumber' | 'calledNumber' | 'startedAt'> {
  /** The tag of who called; absent: we did. */
  readonly tag?: string;
}

/** A message on its way between us and somebody. */
export interface Carried {
  readonly message: SipMessage;
  readonly flow: Flow;
  readonly sent: boolean;
  readonly ours: { readonly address: string; readonly port: number };
}

/** What traces need. */
export interface TraceOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Where what is over is kept. */
  readonly documents: Documents;
  /** ms for which it is. */
  readonly keptFor: number;
  /** Whose traces are forgotten when their time is over. */
  readonly accounts: () => Promise<readonly AccountId[]>;
  /** Copies go here. */
  readonly copy?: (message: TracedMessage, callId: string) => void;
}

const keyOf = (sipCallId: string, tag: string): string => `${sipCallId}\n${tag}`;

/** How calls are signalled: every message of a dialog that an INVITE began, masked as it comes, kept for a while when the call is over. */
export class Traces implements CallTraces, Closable {
  readonly #options: TraceOptions;
  readonly #wires = new Map<string, Wire>();
  readonly #unclaimed = new Set<Wire>();
  readonly #calls = new Map<CallId, Traced>();
  /** Of calls of ours, by their Call-ID: they may ring at several places, which have ones of their own. */
  readonly #outbound = new Map<string, Traced>();
  readonly #alarms = new Map<CallId, Alarm>();
  readonly #keeping = new Set<Promise<void>>();
  #text = 0;
  #sweeper: Alarm | undefined;
  #swept: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: TraceOptions) {
    this.#options = options;
    this.#sweeper = this.#nextSweep();
  }

  /** A message came, or is about to go. Never throws. */
  note(carried: Carried): void {
    try {
      this.#note(carried);
    } catch (error) {
      this.#options.log.debug('a message was not traced', { error });
    }
  }

  /** A call is known: whose it is, and by which dialog it came. */
  claim({ tag, ...start }: TraceStart): void {
    if (this.#calls.has(start.id)) return;
    const call: Traced = { start, wires: [], happenings: [] };
    this.#calls.set(start.id, call);
    if (tag === undefined) this.#outbound.set(start.sipCallId, call);
    const wire = tag === undefined ? undefined : this.#wires.get(keyOf(start.sipCallId, tag));
    if (wire !== undefined) this.#own(call, wire);
  }

  /** Something happened to the sound of a call. */
  happened(id: CallId, happening: CallHappening): void {
    const call = this.#calls.get(id);
    if (call === undefined || call.happenings.length >= MOST_HAPPENINGS) return;
    call.happenings.push({ at: this.#options.clock.epoch(), ...happening });
  }

  /** Sound was missing from so long ago until now; told again while that goes on, it is one time. */
  lost(id: CallId, sinceMs: number, loss: Omit<CallHappening, 'type'>): void {
    const call = this.#calls.get(id);
    const last = call?.happenings.at(-1);
    const until = this.#options.clock.epoch();
    const at = until - sinceMs;
    if (call === undefined) return;
    if (last?.type === 'loss' && at < last.until!) call.happenings[call.happenings.length - 1] = { ...last, until, ...loss };
    else if (call.happenings.length < MOST_HAPPENINGS) call.happenings.push({ at, until, type: 'loss', ...loss });
  }

  /** A call is over; what is said in its dialog for a moment still belongs to it. */
  ended(cdr: Cdr): void {
    const call = this.#calls.get(cdr.id);
    if (call === undefined || call.end !== undefined) return;
    call.end = cdr;
    const { clock } = this.#options;
    if (this.#isClosed) this.#keep(call);
    else
      this.#alarms.set(
        cdr.id,
        clock.wake(clock.now() + AFTER, () => this.#keep(call)),
      );
  }

  /** Nothing of this call is to be kept. */
  forget(id: CallId): void {
    const call = this.#calls.get(id);
    if (call === undefined || call.end !== undefined) return;
    this.#calls.delete(id);
    for (const wire of call.wires) this.#drop(wire);
  }

  happenings(id: CallId): readonly TracedHappening[] {
    return this.#calls.get(id)?.happenings ?? [];
  }

  async find(account: AccountId, name: string): Promise<CallTrace | undefined> {
    const live = [...this.#calls.values()].findLast(
      ({ start }) => start.account === account && (start.id === name || start.sipCallId === name),
    );
    if (live !== undefined) return traceOf(live);
    const { documents, clock } = this.#options;
    const id = { account, kind: 'call-trace' as const };
    const found = (await documents.find({ ...id, id: name as DocumentId })) ?? (await documents.holder(id, name));
    const trace = found && (found.document as unknown as CallTrace);
    return trace !== undefined && (trace.keptUntil ?? 0) > clock.epoch() ? trace : undefined;
  }

  async erase(account: AccountId, number: string): Promise<number> {
    const { documents } = this.#options;
    let count = 0;
    for (const each of await documents.list({ account, kind: 'call-trace' })) {
      const { callerNumber, calledNumber } = each.document;
      if (callerNumber !== number && calledNumber !== number) continue;
      await documents.remove(each, false);
      count += 1;
    }
    return count;
  }

  /** Keeps at once what is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sweeper?.cancel();
    for (const [id, alarm] of [...this.#alarms]) {
      alarm.cancel();
      const call = this.#calls.get(id);
      if (call !== undefined) this.#keep(call);
    }
    await Promise.all([...this.#keeping, this.#swept]);
  }

  #note({ message, flow, sent, ours }: Carried): void {
    const sipCallId = callId(message);
    if (sipCallId === undefined) return;
    const [one, other] = [from(message)?.params.get('tag') ?? '', to(message)?.params.get('tag') ?? ''];
    const begins = message.type === 'request' && message.method === 'INVITE' && other === '';
    const known = this.#wires.get(keyOf(sipCallId, one)) ?? this.#wires.get(keyOf(sipCallId, other));
    const wire = known ?? (begins ? this.#begin(sipCallId, one, sent) : undefined);
    if (wire === undefined) return;
    const { clock, copy } = this.#options;
    const traced: TracedMessage = {
      at: clock.epoch(),
      sent,
      transport: flow.transport,
      ours,
      far: { address: flow.address, port: flow.port },
      text: maskedText(message).slice(0, LONGEST),
    };
    copy?.(traced, sipCallId);
    this.#add(wire, traced);
  }

  #begin(sipCallId: string, tag: string, sent: boolean): Wire {
    const wire: Wire = { key: keyOf(sipCallId, tag), first: [], last: [], dropped: 0, text: 0, owner: undefined };
    this.#wires.set(wire.key, wire);
    this.#unclaimed.add(wire);
    const call = sent ? (this.#outbound.get(sipCallId) ?? this.#outbound.get(sipCallId.replace(/-\d+$/, ''))) : undefined;
    if (call !== undefined) this.#own(call, wire);
    for (const oldest of this.#unclaimed) {
      if (this.#unclaimed.size <= MOST_UNCLAIMED) break;
      this.#drop(oldest);
    }
    return wire;
  }

  #add(wire: Wire, message: TracedMessage): void {
    if (this.#text + message.text.length > MOST_TEXT) {
      wire.dropped += 1;
      return;
    }
    const list = wire.first.length < FIRST ? wire.first : wire.last;
    list.push(message);
    this.#weigh(wire, message.text.length);
    if (wire.last.length <= LAST) return;
    const gone = wire.last.shift();
    wire.dropped += 1;
    this.#weigh(wire, -(gone?.text.length ?? 0));
  }

  #weigh(wire: Wire, more: number): void {
    wire.text += more;
    this.#text += more;
  }

  #own(call: Traced, wire: Wire): void {
    if (wire.owner !== undefined) return;
    wire.owner = call.start.id;
    call.wires.push(wire);
    this.#unclaimed.delete(wire);
  }

  #drop(wire: Wire): void {
    this.#wires.delete(wire.key);
    this.#unclaimed.delete(wire);
    this.#weigh(wire, -wire.text);
  }

  #keep(call: Traced): void {
    const { id } = call.start;
    this.#alarms.delete(id);
    const work = this.#store(call)
      .catch((error: unknown) => this.#options.log.warn('a trace was not kept', { call: id, error }))
      .finally(() => {
        this.#calls.delete(id);
        if (this.#outbound.get(call.start.sipCallId) === call) this.#outbound.delete(call.start.sipCallId);
        for (const wire of call.wires) this.#drop(wire);
        this.#keeping.delete(work);
      });
    this.#keeping.add(work);
  }

  async #store(call: Traced): Promise<void> {
    const { documents, clock, keptFor } = this.#options;
    if (keptFor <= 0 || call.wires.length + call.happenings.length === 0) return;
    const trace = { ...traceOf(call), keptUntil: clock.epoch() + keptFor };
    const { account, id, sipCallId } = trace;
    const document = JSON.parse(JSON.stringify(trace)) as JsonObject;
    const wish = { account, kind: 'call-trace', id: id as string as DocumentId, document } as const;
    try {
      await documents.create({ ...wish, keys: [sipCallId] });
    } catch (error) {
      // Somebody else's call had this Call-ID before: this one is found by its id.
      if (!(error instanceof Failure) || error.code !== 'document_key_taken') throw error;
      await documents.create(wish);
    }
  }

  #nextSweep(): Alarm {
    const { clock } = this.#options;
    return clock.wake(clock.now() + SWEEP, () => {
      if (this.#isClosed) return;
      this.#sweeper = this.#nextSweep();
      this.#swept = this.#sweep().catch((error: unknown) => this.#options.log.warn('old traces were not forgotten', { error }));
    });
  }

  /** Forgets what is old, some at a time. */
  async #sweep(): Promise<void> {
    const { documents, clock, accounts } = this.#options;
    const now = clock.epoch();
    for (const account of await accounts()) {
      // Ids of calls are in order of time: behind the first that is young enough, all are.
      for (const each of await documents.list({ account, kind: 'call-trace', limit: PER_SWEEP })) {
        if (Number(each.document['keptUntil'] ?? 0) > now || this.#isClosed) break;
        await documents.remove(each, false).catch(() => undefined);
      }
    }
  }
}

/** A call with all its dialogs, in the order in which things happened. */
function traceOf({ start, wires, happenings, end }: Traced): CallTrace {
  const conference: ConferenceId | undefined = end?.conference;
  return {
    ...start,
    ...(conference === undefined ? {} : { conference }),
    ...(end === undefined ? {} : { endedAt: end.endedAt }),
    messages: wires.flatMap(({ first, last }) => [...first, ...last]).sort((a, b) => a.at - b.at),
    happenings: [...happenings].sort((a, b) => a.at - b.at),
    dropped: wires.reduce((sum, { dropped }) => sum + dropped, 0),
  };
}
