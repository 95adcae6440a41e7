import type { AccountId } from '../accounts/index.ts';
import type { CallId, ConferenceId } from './ids.ts';

/** Where a message came from or went to. */
export interface TraceEnd {
  readonly address: string;
  readonly port: number;
}

/** One SIP message of a call, with what is secret in it masked. */
export interface TracedMessage {
  /** Epoch ms. */
  readonly at: number;
  readonly sent: boolean;
  /** UDP, TCP, TLS, WS, WSS. */
  readonly transport: string;
  readonly ours: TraceEnd;
  readonly far: TraceEnd;
  readonly text: string;
}

/** What happened to the sound of a call. */
export interface TracedHappening {
  /** Epoch ms. */
  readonly at: number;
  readonly until?: number;
  readonly type:
    | 'answered'
    | 'joined'
    | 'moved'
    | 'codec'
    | 'remote'
    | 'encrypted'
    | 'held'
    | 'resumed'
    | 'silent'
    | 'loss'
    | 'ice-connected'
    | 'ice-moved'
    | 'dtls-failed'
    | 'ended';
  /** For people. */
  readonly text: string;
  /** Names, addresses, codes and counts that `text` is made of, for who says it in another language. */
  readonly values?: Readonly<Record<string, string | number>>;
}

/** What happened, without when. */
export type CallHappening = Omit<TracedHappening, 'at' | 'until'>;

/** How a call was signalled, and what happened to its sound. */
export interface CallTrace {
  readonly id: CallId;
  readonly account: AccountId;
  readonly sipCallId: string;
  readonly conference?: ConferenceId;
  readonly direction: 'inbound' | 'outbound';
  readonly callerName: string;
  readonly callerNumber: string;
  readonly calledNumber: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Absent: it lives. */
  readonly endedAt?: number;
  readonly messages: readonly TracedMessage[];
  readonly happenings: readonly TracedHappening[];
  /** Messages in the middle that there was no room for. */
  readonly dropped: number;
  /** Epoch ms; absent: it lives. */
  readonly keptUntil?: number;
}

/** Tells how calls were signalled. */
export interface CallTraces {
  /** By its id or its SIP Call-ID; what lives, and what is kept. */
  find(account: AccountId, call: string): Promise<CallTrace | undefined>;
  /** What is known of the sound of a call that lives; asks no store. */
  happenings(call: CallId): readonly TracedHappening[];
  /** Forgets what is kept of everybody of this number; how many calls. */
  erase(account: AccountId, number: string): Promise<number>;
}
