/** The suites of SDES (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.1) that are understood. */
export type SrtpSuite =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32'
  | 'AEAD_AES_128_GCM'
  | 'AEAD_AES_256_GCM';

/** The sizes of a suite, bytes. */
export interface SuiteSizes {
  readonly isAead: boolean;
  readonly key: number;
  readonly salt: number;
  /** The tag of an RTP packet. */
  readonly tag: number;
  /** The tag of an RTCP packet: `_32` shortens that of RTP only (RFC 4568 §6.2.2). */
  readonly controlTag: number;
}

const sizes: { readonly [suite in SrtpSuite]: SuiteSizes } = {
  AES_CM_128_HMAC_SHA1_80: { isAead: false, key: 16, salt: 14, tag: 10, controlTag: 10 },
  AES_CM_128_HMAC_SHA1_32: { isAead: false, key: 16, salt: 14, tag: 4, controlTag: 10 },
  AES_256_CM_HMAC_SHA1_80: { isAead: false, key: 32, salt: 14, tag: 10, controlTag: 10 },
  AES_256_CM_HMAC_SHA1_32: { isAead: false, key: 32, salt: 14, tag: 4, controlTag: 10 },
  AEAD_AES_128_GCM: { isAead: true, key: 16, salt: 12, tag: 16, controlTag: 16 },
  AEAD_AES_256_GCM: { isAead: true, key: 32, salt: 12, tag: 16, controlTag: 16 },
};

export const sizesOf = (suite: SrtpSuite): SuiteSizes => sizes[suite];

/** Bytes of the master key and the master salt together: what stands behind `inline:` (RFC 4568 §6.1), decoded. */
export const srtpKeyLength = (suite: SrtpSuite): number => sizes[suite].key + sizes[suite].salt;

/** The suites, the ones we like best first. */
export const srtpSuites: readonly SrtpSuite[] = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AES_CM_128_HMAC_SHA1_32',
];

/** Bytes that a protected packet may be longer than the plain one: the tag, and for RTCP the index of four bytes. */
export const SRTP_ROOM = 20;

/** Refused: the tag is wrong, so this is not what the sender sent. */
export const BAD_TAG = -1;
/** Refused: the same index was seen before. */
export const REPLAYED = -2;
/** Refused: older than the window of 128 packets. */
export const TOO_OLD = -3;
/** Refused: too short or torn, or no room for the tag. */
export const SHORT = -4;
/** Refused: an SRTCP packet that says that it is not encrypted, which was not agreed (UNENCRYPTED_SRTCP, RFC 4568 §6.3.2). */
export const UNENCRYPTED = -6;
/** Refused: more SSRCs than one key may serve, or the lifetime of the key is over (RFC 3711 §9.2). */
export const EXHAUSTED = -5;

/** What is remembered of one SSRC, as plain values. */
export interface SrtpStreamState {
  readonly ssrc: number;
  /** The highest index of RTP: 65536 times the rollover counter, plus the sequence number; -1: none. */
  readonly index: number;
  /** Which of the 128 indexes up to the highest were seen: four words, one bit for each remainder of 128. */
  readonly seen: readonly number[];
  /** The highest index of SRTCP; -1: none. */
  readonly controlIndex: number;
  readonly controlSeen: readonly number[];
}

/** What must outlive a restart besides suite and key. */
export interface SrtpState {
  readonly streams: readonly SrtpStreamState[];
}

export interface SrtpOptions {
  readonly suite: SrtpSuite;
  /** Master key and master salt one after the other, `srtpKeyLength` bytes. */
  readonly key: Uint8Array;
  /** What `state()` gave before a restart. */
  readonly state?: SrtpState;
}

/** What a receiver is told besides. */
export interface SrtpReceiverOptions extends SrtpOptions {
  /** The master key identifier that every packet must have (RFC 3711 §3.1). Default: none. */
  readonly mki?: Uint8Array;
}
