/** Spelled addresses as bytes, and bytes as comparable keys. */

/** 4 or 16 bytes of an IPv4 or IPv6 address; throws a TypeError for anything else. */
export function addressBytes(address: string): Uint8Array {
  return address.includes(':') ? v6Bytes(address) : v4Bytes(address);
}

function v4Bytes(address: string): Uint8Array {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) {
    throw new TypeError('not an IP address');
  }
  return Uint8Array.from(parts);
}

function v6Bytes(spelled: string): Uint8Array {
  const address = spelled.replace(/%.*$/, '');
  const dotted = address.match(/^(.*:)(\d+\.\d+\.\d+\.\d+)$/);
  if (dotted) {
    const [a = 0, b = 0, c = 0, d = 0] = v4Bytes(dotted[2] ?? '');
    return v6Bytes(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const [head = '', tail, more] = address.split('::');
  const words = (text: string): number[] => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)));
  const front = words(head);
  const back = tail === undefined ? [] : words(tail);
  const gap = 8 - front.length - back.length;
  const all = [...front, ...new Array<number>(Math.max(0, gap)).fill(0), ...back];
  const torn = more !== undefined || (tail === undefined ? gap !== 0 : gap < 1);
  if (torn || all.some((word) => !(word >= 0 && word <= 0xffff))) throw new TypeError('not an IP address');
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}

/** Spells 4 or 16 address bytes. */
export function spell(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const words = Array.from({ length: 8 }, (_, i) => (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16));
  return words.join(':');
}

/** Of an IPv4 source: exact, below 2^48. */
export function keyOfV4(bytes: Uint8Array, at: number, port: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const low = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return (high * 65_536 + low) * 65_536 + port;
}

/** Of an IPv6 source: 52 hashed bits above 2^52. A number is cheap to compare; a forger could forge the address itself as well. */
export function keyOfV6(bytes: Uint8Array, at: number, port: number): number {
  let low = 0x811c9dc5 ^ port;
  let high = 0x9747b28c ^ (port << 7);
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + i] ?? 0;
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x5bd1e995) ^ (high >>> 15);
  }
  return 2 ** 52 + ((high >>> 0) % 2 ** 20) * 2 ** 32 + (low >>> 0);
}

/** The key of address bytes and a port. */
export const keyOf = (bytes: Uint8Array, port: number): number => (bytes.length === 4 ? keyOfV4(bytes, 0, port) : keyOfV6(bytes, 0, port));
