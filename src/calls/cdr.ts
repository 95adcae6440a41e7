import type { AccountId } from '../accounts/index.ts';
import { type Clock, isObject, type Json, type JsonObject } from '../base/index.ts';
import type { Call, CallHistory, Cdr, ConferenceId, LeaveReason, Participant } from '../conference/index.ts';
import type { LegMetrics } from '../media/index.ts';
import type { Agreed } from '../sdp/index.ts';
import type { SipMessage } from '../sip/index.ts';
import { causeOf, causeSaid } from './cdr-cause.ts';
import type { RefusedFloods } from './refused-floods.ts';
import { Agreements } from './trace/agreements.ts';
import type { Traces } from './trace/traces.ts';

/** What is known of a leg when its first message comes. */
export interface CdrStart extends Omit<Call, 'leg'> {
  readonly account: AccountId;
  /** The user part that was dialled. */
  readonly calledNumber: string;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** Where finished records go. */
export interface CdrKeeping {
  readonly clock: Pick<Clock, 'epoch'>;
  readonly history: CallHistory | undefined;
  /** Does until it succeeds what must not stay undone. */
  readonly insist: (work: () => Promise<unknown>) => Promise<void>;
  /** A record is kept. */
  readonly kept: (cdr: Cdr) => void;
  /** Absent: it is not told how calls are signalled. */
  readonly traces?: Traces | undefined;
  /** Counts refused calls together where there are too many. */
  readonly floods: Pick<RefusedFloods, 'hasRoom' | 'takes' | 'close'>;
}

/** A leg that somebody else began, and from which address. */
export type CdrKeepingOf = CdrKeeping & { readonly source?: string };

/** What is added while the leg lives. */
interface Known {
  conference?: ConferenceId;
  participant?: Participant['id'];
  role?: Participant['role'];
  codec?: string;
  answeredAt?: number;
}

interface End {
  readonly endedAt: number;
  readonly reason: LeaveReason;
  readonly sipStatus: number;
  readonly cause: number;
}

/** One leg's record while it is being written: what comes later than the end changes nothing, and it is kept once. */
export class CdrDraft {
  readonly #start: CdrStart;
  readonly #keeping: CdrKeepingOf;
  readonly #known: Known;
  readonly #agreements = new Agreements();
  #said: number | undefined;
  #end: End | undefined;
  #written: Promise<void> | undefined;

  constructor(start: CdrStart, keeping: CdrKeepingOf, known: Known = {}) {
    this.#start = start;
    this.#keeping = keeping;
    this.#known = { ...known };
  }

  /** What `json` gave; undefined for anything else. */
  static restored(stored: Json | undefined, keeping: CdrKeeping): CdrDraft | undefined {
    if (stored === undefined || !isObject(stored)) return undefined;
    const { known, ...start } = stored;
    const whole = typeof start['id'] === 'string' && typeof start['account'] === 'string' && typeof start['startedAt'] === 'number';
    return whole ? new CdrDraft(start as unknown as CdrStart, keeping, (known ?? {}) as Known) : undefined;
  }

  /** Seconds since it was answered, rounded up; 0 once it has ended, or where it never was. */
  secondsAt(now: number): number {
    const { answeredAt } = this.#known;
    return answeredAt === undefined || this.#end !== undefined ? 0 : Math.ceil(Math.max(0, now - answeredAt) / 1000);
  }

  /** The far end has our 200: its ACK came. */
  answered(): void {
    if (this.#end !== undefined) return;
    if (this.#known.answeredAt === undefined) this.#keeping.traces?.happened(this.#start.id, { type: 'answered', text: 'answered' });
    this.#known.answeredAt ??= this.#keeping.clock.epoch();
  }

  /** What it speaks from now on. */
  speaks(codec: string): void {
    if (this.#end === undefined) this.#known.codec = codec;
  }

  /** What both ends agreed on. */
  agreed(agreed: Agreed): void {
    this.speaks(agreed.codec.name);
    for (const change of this.#agreements.changes(agreed)) this.#keeping.traces?.happened(this.#start.id, change);
  }

  /** Where it goes. */
  toward(conference: ConferenceId): void {
    this.#known.conference = conference;
  }

  /** Who it became. */
  joined({ id, role }: Pick<Participant, 'id' | 'role'>): void {
    this.#known.participant = id;
    this.#known.role = role;
    this.#keeping.traces?.happened(this.#start.id, { type: 'joined', text: `joined as ${role}`, values: { role } });
  }

  /** The far end's BYE or CANCEL: its Reason, if it gives one, counts more than our guess. */
  said(farewell: SipMessage): void {
    if (this.#end === undefined) this.#said ??= causeSaid(farewell);
  }

  /** It is over. The first end counts. `at` is epoch ms, default now; `sipStatus` is the INVITE's final one. */
  ended(reason: LeaveReason, sipStatus: number, at = this.#keeping.clock.epoch()): void {
    const { answeredAt = this.#start.startedAt } = this.#known;
    const cause = this.#said ?? causeOf(reason, sipStatus);
    if (this.#end === undefined)
      this.#keeping.traces?.happened(this.#start.id, { type: 'ended', text: `ended: ${reason}`, values: { reason } });
    this.#end ??= { endedAt: Math.max(at, answeredAt), reason, sipStatus, cause };
  }

  /** As the store keeps it for the next start. */
  json(): JsonObject {
    const { applicationVars, channelVars, ...start } = this.#start;
    const given = applicationVars === undefined ? {} : { applicationVars: { ...applicationVars } };
    return { ...start, channelVars: { ...channelVars }, ...given, known: { ...this.#known } };
  }

  /** Keeps the record; again and again until it is kept. Later calls wait for the first. */
  write(heard?: LegMetrics): Promise<void> {
    if (this.#end === undefined) return Promise.resolve();
    this.#written ??= this.#write(heard);
    return this.#written;
  }

  async #write(heard: LegMetrics | undefined): Promise<void> {
    const { history, insist, kept, source, floods, traces } = this.#keeping;
    if (history === undefined || this.#end === undefined) return;
    const quality = heard === undefined || heard.packetsIn + heard.packetsOut === 0 ? {} : { quality: roundedQuality(heard) };
    const cdr: Cdr = { ...this.#start, ...this.#known, ...this.#end, ...quality };
    if (source !== undefined && isRefusal(cdr) && floods.takes(cdr, source)) {
      traces?.forget(cdr.id);
      return;
    }
    await insist(() => history.add(cdr));
    kept(cdr);
    traces?.ended(cdr);
  }
}

/** It was never answered and nobody came in by it: whoever can reach us can make as many of these as he likes. */
const isRefusal = ({ answeredAt, participant, direction }: Cdr): boolean =>
  direction === 'inbound' && answeredAt === undefined && participant === undefined;

/** Numbers of a leg's sound with two digits behind the point. */
export const roundedQuality = (heard: LegMetrics): JsonObject =>
  Object.fromEntries(
    Object.entries(heard).map(([name, value]: [string, Json]) => [name, typeof value === 'number' ? Math.round(value * 100) / 100 : value]),
  );
