import assert from 'node:assert/strict';
import { openDecoder } from '../../src/audio/index.ts';

/** Reads a file of Ogg Opus with one stream (RFC 7845), strictly: order, sums and granules of its pages are looked at. */
export function readOggOpus(bytes: Uint8Array): { samples: Int16Array; pages: number; isEnded: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const packets: Uint8Array[] = [];
  let [at, pages, granule] = [0, 0, 0];
  let isEnded = false;
  while (at < bytes.length) {
    assert.equal(view.getUint32(at), 0x4f676753, `a page at ${at}`);
    assert.equal(view.getUint32(at + 18, true), pages, 'pages are numbered');
    const flags = view.getUint8(at + 5);
    assert.equal((flags & 2) !== 0, pages === 0);
    assert.equal(isEnded, false, 'nothing comes behind the end');
    isEnded = (flags & 4) !== 0;
    granule = Number(view.getBigInt64(at + 6, true));
    const laces = bytes.subarray(at + 27, at + 27 + bytes[at + 26]!);
    const length = laces.reduce((sum, lace) => sum + lace, 27 + laces.length);
    assert.equal(view.getUint32(at + 22, true), sum(bytes.subarray(at, at + length)));
    let place = at + 27 + laces.length;
    let size = 0;
    for (const lace of laces) {
      size += lace;
      if (lace === 255) continue;
      packets.push(bytes.subarray(place, place + size));
      place += size;
      size = 0;
    }
    pages += 1;
    at += length;
  }
  assert.equal(new TextDecoder().decode(packets[0]!.subarray(0, 8)), 'OpusHead');
  assert.equal(new TextDecoder().decode(packets[1]!.subarray(0, 8)), 'OpusTags');
  const skip = new DataView(packets[0]!.buffer, packets[0]!.byteOffset).getUint16(10, true);
  const decoder = openDecoder({ name: 'opus', rate: 48_000, clockRate: 48_000 });
  const sound = new Int16Array(960 * packets.length);
  let count = 0;
  for (const packet of packets.slice(2)) count += decoder.decode(packet, 0, packet.length, sound.subarray(count, count + 960));
  decoder.close();
  assert.ok(granule <= count, 'no granule is beyond what was decoded');
  return { samples: sound.subarray(skip, granule), pages, isEnded };
}

/** RFC 3533 §6, bit by bit. */
function sum(page: Uint8Array): number {
  let crc = 0;
  for (const [i, byte] of page.entries()) {
    crc ^= (i >= 22 && i < 26 ? 0 : byte) << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}
