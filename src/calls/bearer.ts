import type { Clock, Log } from '../base/index.ts';
import type { Malformed, SipMessage } from '../sip/index.ts';
import type { Flow } from './flow.ts';

/** What carries messages one way: UDP, TCP, TLS or websockets. */
export interface Bearer {
  /** Sends; `failed` is called once when it is known that this cannot arrive. */
  send(flow: Flow, bytes: Uint8Array, failed: () => void): void;
  /** Is there a way to that far end without opening one? */
  reaches(flow: Flow): boolean;
  /** Lets what was said last go out, then closes. */
  close(): Promise<void>;
}

/** What every bearer needs. */
export interface BearerNeeds {
  readonly clock: Clock;
  readonly log: Log;
  /** One message, whole or malformed. */
  readonly take: (bytes: Uint8Array, flow: Flow) => void;
}

/** What the transport hands on. */
export type Take = (message: SipMessage | Malformed, flow: Flow) => void;

/** A peer that does not read what we send is dropped, in bytes. */
export const MOST_UNSENT = 1_048_576;
