/** One record of DTLS 1.2 within a datagram, RFC 6347 §4.1. */
export interface DtlsRecord {
  readonly type: number;
  readonly epoch: number;
  /** Epoch and number together, as they are sealed in. */
  readonly version: { readonly major: number; readonly minor: number };
  readonly sequence: number;
  /** Header and all. */
  readonly bytes: Uint8Array;
  readonly fragment: Uint8Array;
}

/** Content types, RFC 5246 §6.2.1. */
export const [CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE] = [20, 21, 22];
const HEADER = 13;
const HANDSHAKE_HEADER = 12;
const CLIENT_HELLO = 1;
/** The longest handshake message that is taken, bytes: a chain of certificates of some length. */
const LONGEST = 16_384;

const half = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const third = (bytes: Uint8Array, at: number): number => (bytes[at]! << 16) | half(bytes, at + 1);

/** The records of a datagram; those behind a torn one are lost, as RFC 6347 §4.1.2.7 wants it. */
export function recordsOf(datagram: Uint8Array): readonly DtlsRecord[] {
  const records: DtlsRecord[] = [];
  for (let at = 0; at + HEADER <= datagram.length; ) {
    const end = at + HEADER + half(datagram, at + 11);
    if (end > datagram.length || datagram[at + 1] !== 0xfe) break;
    records.push({
      type: datagram[at]!,
      version: { major: datagram[at + 1]!, minor: datagram[at + 2]! },
      epoch: half(datagram, at + 3),
      sequence: half(datagram, at + 5) * 2 ** 32 + half(datagram, at + 7) * 2 ** 16 + half(datagram, at + 9),
      bytes: datagram.subarray(at, end),
      fragment: datagram.subarray(at + HEADER, end),
    });
    at = end;
  }
  return records;
}

/**
 * Whether a record may be shown to the library: of a handshake, with messages of a sane length, and once the keys are there no new hello. What is in the
 * clear can be by anybody who can forge an address, and the library would begin anew for it, or end.
 */
export function isAdmitted({ type, epoch, fragment }: DtlsRecord, isUp: boolean): boolean {
  if (type === CHANGE_CIPHER_SPEC) return true;
  if (type !== HANDSHAKE) return false;
  if (epoch > 0) return true;
  for (let at = 0; at < fragment.length; ) {
    if (at + HANDSHAKE_HEADER > fragment.length) return false;
    const [length, offset, size] = [third(fragment, at + 1), third(fragment, at + 6), third(fragment, at + 9)];
    if (length > LONGEST || offset + size > length || at + HANDSHAKE_HEADER + size > fragment.length) return false;
    if (isUp && fragment[at] === CLIENT_HELLO) return false;
    at += HANDSHAKE_HEADER + size;
  }
  return fragment.length > 0;
}
