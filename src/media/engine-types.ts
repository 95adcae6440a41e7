import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, LegId, Media } from '../conference/index.ts';

/** RFC 3264 direction from OUR side: `recvonly` = we only receive. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface Codec {
  readonly name: 'PCMU' | 'PCMA';
  readonly payloadType: number;
  /** ms per packet that we send, a multiple of 10 from 10 to 120. */
  readonly ptime: number;
}

export interface LegRequest {
  readonly leg: LegId;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** The local address to receive on; IPv4 or IPv6, never a wildcard. */
  readonly address: string;
  /** Where the far end is expected, when known: legs with the same remote address and port never share a local port. */
  readonly remote?: { readonly address: string; readonly port: number };
  /** A port to try first (a leg that lived before a restart). */
  readonly port?: number;
}

export interface LegAddress {
  readonly address: string;
  readonly port: number;
  readonly ssrc: number;
}

/** What the signalling agreed on. Given at answer and at every renegotiation; parts left out stay. */
export interface LegChange {
  readonly remote?: { readonly address: string; readonly port: number; readonly rtcpPort: number };
  readonly codec?: Codec;
  /** Payload type of telephone-event/8000 that the far end sends; null: none. */
  readonly telephoneEvent?: number | null;
  readonly direction?: Direction;
}

/** A leg as a plain value, for the store. */
export interface LegRecord {
  readonly leg: LegId;
  readonly address: string;
  readonly port: number;
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly remote: { readonly address: string; readonly port: number; readonly rtcpPort: number } | null;
  readonly codec: Codec | null;
  readonly telephoneEvent: number | null;
  readonly direction: Direction;
}

/** What the engine tells by itself. */
export type EngineEvent =
  | { readonly type: 'digit'; readonly leg: LegId; readonly digit: string }
  /** Nothing came for the configured time while something was due. */
  | { readonly type: 'media-lost'; readonly leg: LegId; readonly silentMs: number }
  | { readonly type: 'level'; readonly leg: LegId; readonly talking: boolean; readonly energy: number }
  /** A media thread died; these legs are gone. */
  | { readonly type: 'thread-died'; readonly legs: readonly LegId[]; readonly reason: string };

/** The media engine as the signalling sees it. */
export interface Engine extends Media {
  /** Reserves a port and an SSRC. Refuses with limit/no_free_port. Nothing is sent until `change` gave remote and codec. */
  open(request: LegRequest): Promise<LegAddress>;
  /** Takes effect with the next tick. */
  change(leg: LegId, change: LegChange): void;
  record(leg: LegId): Promise<LegRecord | undefined>;
  /** Sends RTCP BYE, frees the place. Idempotent; resolves when the thread has let go. */
  end(leg: LegId): Promise<void>;
  close(): Promise<void>;
}
