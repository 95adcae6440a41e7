/**
 * Header fields in the order of the wire, names in their canonical long form ('Call-ID').
 * Values are byte strings, one character per byte, unfolded and trimmed; `text` in uri.ts makes UTF-8 readable.
 */
export type Headers = readonly (readonly [name: string, value: string])[];

/** A SIP request, RFC 3261 §7.1. */
export interface SipRequest {
  readonly type: 'request';
  readonly method: string;
  /** The Request-URI as it stands on the wire. */
  readonly uri: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** A SIP response, RFC 3261 §7.2. */
export interface SipResponse {
  readonly type: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** What a SIP datagram carries. */
export type SipMessage = SipRequest | SipResponse;

/** Bytes that are no SIP message that one may act on. */
export interface Malformed {
  readonly type: 'malformed';
  /** What is wrong, lower case, without the sender's bytes. */
  readonly reason: string;
  /** Where in the datagram it was noticed, in bytes. */
  readonly offset: number;
  /** The answer that is due where `answerable` is there. */
  readonly status: 400 | 505;
  /** What `respond` needs; absent for responses, for ACK, and where no Via says the way back. */
  readonly answerable?: SipRequest;
}

/** No body. */
export const noBody: Uint8Array = new Uint8Array(0);
