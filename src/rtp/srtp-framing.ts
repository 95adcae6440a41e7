const HEADER = 12;
/** The longest UDP packet. */
const LONGEST = 0xffff;

/** The bytes before the payload: header, CSRCs and extension, which are authenticated but not encrypted. -1: torn, or not RTP. */
export function rtpHeaderLength(bytes: Uint8Array, at: number, length: number): number {
  if (length < HEADER || length > LONGEST || at < 0 || at + length > bytes.length) return -1;
  const first = bytes[at]!;
  if (first >> 6 !== 2) return -1;
  let header = HEADER + (first & 15) * 4;
  if ((first & 0x10) !== 0) {
    if (header + 4 > length) return -1;
    header += 4 + ((bytes[at + header + 2]! << 8) | bytes[at + header + 3]!) * 4;
  }
  return header > length ? -1 : header;
}

/** The first packet of a compound is not encrypted so far: its common header and the SSRC. */
export const RTCP_HEADER = 8;

/** Are these at least that many bytes of RTCP? */
export const isControl = (bytes: Uint8Array, at: number, length: number): boolean =>
  length >= RTCP_HEADER && length <= LONGEST && at >= 0 && at + length <= bytes.length && bytes[at]! >> 6 === 2;

/** Four bytes as a signed integer. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

export const sequenceOf = (bytes: Uint8Array, at: number): number => (bytes[at + 2]! << 8) | bytes[at + 3]!;
