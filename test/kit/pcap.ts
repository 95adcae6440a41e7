import { writeFileSync } from 'node:fs';

/** Writes UDP datagrams as a capture file (libpcap, Ethernet, IPv4), one every `ms`, for programs that play such files. */
export function writePcap(path: string, payloads: readonly Uint8Array[], ms: number): void {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4); // version 2.4
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(1, 20); // Ethernet
  writeFileSync(path, Buffer.concat([head, ...payloads.map((payload, n) => frame(payload, n * ms))]));
}

function frame(payload: Uint8Array, ms: number): Buffer {
  const length = 14 + 20 + 8 + payload.length;
  const bytes = Buffer.alloc(16 + length);
  bytes.writeUInt32LE(1 + Math.floor(ms / 1000), 0);
  bytes.writeUInt32LE((ms % 1000) * 1000, 4);
  bytes.writeUInt32LE(length, 8);
  bytes.writeUInt32LE(length, 12);
  const ip = bytes.subarray(16 + 14);
  bytes.writeUInt16BE(0x0800, 16 + 12); // IPv4
  ip[0] = 0x45;
  ip.writeUInt16BE(28 + payload.length, 2);
  ip[8] = 64;
  ip[9] = 17; // UDP
  ip.set([127, 0, 0, 1], 12);
  ip.set([127, 0, 0, 1], 16);
  ip.writeUInt16BE(4000, 20);
  ip.writeUInt16BE(4000, 22);
  ip.writeUInt16BE(8 + payload.length, 24);
  ip.set(payload, 28);
  return bytes;
}
