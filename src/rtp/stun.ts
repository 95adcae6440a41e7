const COOKIE = 0x2112_a442;

/** STUN among RTP on one port (RFC 7983 §7, RFC 8489 §5): telephones send it to keep a way through NAT open, also to who never asked for it. */
export function isStun(bytes: Uint8Array, at: number, length: number): boolean {
  if (length < 20 || bytes[at]! > 3) return false;
  return ((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) === COOKIE;
}
