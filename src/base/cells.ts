/** Doubles and bytes of one chunk. A chunk lives as long as anybody who has a place in it, so it is small. */
const DOUBLES = 1024;
const BYTES = 16_384;

/** A place for doubles that are changed all the time: cells[from … from + count). */
export interface Doubles {
  readonly cells: Float64Array;
  readonly from: number;
}

/** A place for bytes, seen as bytes and as words of four: bytes[from … from + count), words[from / 4 …). */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly from: number;
}

let doubles = new Float64Array(DOUBLES);
let doublesTaken = 0;
let chunk = bytesOf(BYTES);
let bytesTaken = 0;

/**
 * Takes a place for so many doubles, all 0, beside those that were taken before it. A number in a field of its own lies somewhere in the heap behind a
 * pointer; thousands of legs, each with dozens of those, are waited for one by one every 20 ms (decision 0011). Here they lie side by side, and the
 * array that leads to them is the same for many.
 */
export function takeDoubles(count: number): Doubles {
  if (doublesTaken + count > doubles.length) {
    doubles = new Float64Array(Math.max(DOUBLES, count));
    doublesTaken = 0;
  }
  const from = doublesTaken;
  doublesTaken += count;
  return { cells: doubles, from };
}

/** Takes a place for so many bytes, all 0; `from` is a multiple of 64. */
export function takeBytes(count: number): Bytes {
  const rounded = (count + 63) & ~63;
  if (bytesTaken + rounded > chunk.bytes.length) {
    chunk = bytesOf(Math.max(BYTES, rounded));
    bytesTaken = 0;
  }
  const from = bytesTaken;
  bytesTaken += rounded;
  return { ...chunk, from };
}

function bytesOf(count: number): Omit<Bytes, 'from'> {
  const bytes = new Uint8Array(count);
  return { bytes, words: new Int32Array(bytes.buffer) };
}
