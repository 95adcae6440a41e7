/** RFC 3264 direction, always seen from the side that wrote the description. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The codecs of this house, with their static payload types (RFC 3551 §6). */
export type CodecName = 'PCMU' | 'PCMA';

/** A codec as a description names it. */
export interface NamedCodec {
  readonly name: CodecName;
  readonly payloadType: number;
}

/** One m= line of somebody else, reduced to what an answer needs. */
export interface MediaLine {
  readonly type: string;
  readonly port: number;
  readonly protocol: string;
  /** The formats as they stood, for a refusal in kind. */
  readonly formats: string;
  /** In the writer's order of preference. Empty unless this is audio over plain RTP. */
  readonly codecs: readonly NamedCodec[];
  /** Payload type of telephone-event/8000. */
  readonly telephoneEvent: number | undefined;
  /** Undefined when there is no c= or it is the old hold address (RFC 2543 §B.5). */
  readonly address: string | undefined;
  /** The address was 0.0.0.0 or ::. */
  readonly blackhole: boolean;
  readonly rtcpPort: number;
  readonly direction: Direction;
  /** ms. */
  readonly ptime: number | undefined;
  /** ms. */
  readonly maxptime: number | undefined;
}

/** Somebody else's session description (RFC 8866). */
export interface SessionDescription {
  readonly media: readonly MediaLine[];
}

/** No session description. */
export interface MalformedSdp {
  readonly malformed: string;
}

/** What both sides will do, in our own words. */
export interface Agreed {
  /** Undefined when the far end gave no address to send to. */
  readonly remote: { readonly address: string; readonly port: number; readonly rtcpPort: number } | undefined;
  readonly codec: NamedCodec & { readonly ptime: number };
  readonly telephoneEvent: number | null;
  /** Our direction. */
  readonly direction: Direction;
  /** The far end has put us on hold: it does not listen. */
  readonly held: boolean;
}

/** Our end of the media. */
export interface LocalMedia {
  /** Never a wildcard. */
  readonly address: string;
  readonly port: number;
  /** Decimal digits; the same for the life of the dialog. */
  readonly sessionId: string;
  /** ms per packet that we like to send. */
  readonly ptime: number;
}
