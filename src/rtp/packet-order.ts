/** What `push` gives: `next` has something now. */
export const READY = 1;
/** What `push` gives: kept until the missing one comes or its place is due. */
export const HELD = 0;
/** What `push` gives: this packet is held already or was given out. */
export const REPEATED = -1;
/** What `push` gives: what came later was given out already. */
export const LATE = -2;
/** What `push` gives: longer than 1500 bytes. */
export const TOO_LONG = -3;
/** What `push` gives: its number is far off; it counts only if the next one follows it. */
export const ASTRAY = -4;

/** Puts the packets of one sender in order for a decoder with a memory, and holds back what came too early. */
export class PacketOrder {
  /** After `next`: the packet to decode. Valid until the next `push`. */
  bytes = new Uint8Array(0);
  at = 0;
  length = 0;
  sequence = 0;
  timestamp = 0;
  arrivalMs = 0;
  /** After `next`: how many packets are missing before this one. */
  missing = 0;
  /** After `next`: how many samples (timestamp units) were in them. */
  gap = 0;
  /** To be set after decoding: samples (timestamp units) of the packet. */
  samples = 0;

  /** One packet. After READY call `next` until it gives false. Positional, because it runs for every packet. */
  push(_sequence: number, _timestamp: number, _bytes: Uint8Array, _at: number, _length: number, _arrivalMs: number): number {
    throw new Error('not built yet');
  }

  /** The player needs everything before `timestamp` now: true when something is held for which nothing more is awaited; then call `next`. */
  due(_timestamp: number): boolean {
    throw new Error('not built yet');
  }

  /** The next packet in order. False: none now. */
  next(): boolean {
    throw new Error('not built yet');
  }

  /** Another SSRC speaks now. */
  reset(): void {
    throw new Error('not built yet');
  }
}
