/** The suites of SDES: RFC 4568 §6.2 and RFC 7714 §14.2. */
export type CryptoSuite = 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32' | 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM';

/** A master key followed by its master salt. */
export type KeyParameters = Uint8Array;

/** An a=crypto line that we understand and can do. */
export interface OfferedCrypto {
  readonly tag: number;
  readonly suite: CryptoSuite;
  readonly key: KeyParameters;
  /** Packets, at most 2^48; null: not said. */
  readonly lifetime: number | null;
  readonly mki: Uint8Array | null;
}
