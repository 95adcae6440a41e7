const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 1 ? (sum >>> 1) ^ 0xedb8_8320 : sum >>> 1;
  return sum;
});

/** The CRC-32 of ITU-T V.42, with which STUN tells itself from other traffic (RFC 8489 §14.7), as a signed word. Positional, because it runs on the tick. */
export function crc32(bytes: Uint8Array, at: number, length: number): number {
  let sum = -1;
  for (let n = at; n < at + length; n++) sum = TABLE[(sum ^ bytes[n]!) & 255]! ^ (sum >>> 8);
  return ~sum;
}
