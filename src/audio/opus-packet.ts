/** The outside of an Opus packet, RFC 6716 §3: which mode, how many frames of what length. Nothing is decoded. */

/** How many frames last 600 ms, by the upper five bits of the TOC byte (table 2): a whole number for 2.5 as for 60 ms. */
const FRAMES_PER_600_MS = Int32Array.from([
  60, 30, 15, 10, 60, 30, 15, 10, 60, 30, 15, 10, 60, 30, 60, 30, 240, 120, 60, 30, 240, 120, 60, 30, 240, 120, 60, 30, 240, 120, 60, 30,
]);

/** No frame is longer, §3.2.1. */
const LONGEST_FRAME = 1275;
/** Configurations 16 … 31 are CELT alone. */
const FIRST_CELT = 16;

/** Reads one packet after another; the fields tell of the last one. One object for many packets, so that nothing is allocated. */
export class OpusPacket {
  /** Frames in the packet; 0: no valid packet. */
  frames = 0;
  /** CELT alone: no linear prediction, no in-band FEC. */
  celt = false;
  /** Two channels. */
  stereo = false;
  /** Where the first frame is, from the beginning of the array. */
  first = 0;
  /** Bytes of the first frame. */
  firstLength = 0;
  #config = 0;
  #at = 0;
  #end = 0;
  /** Length read by `#length`. */
  #size = 0;

  /** Reads bytes[at, at + length); false when it is no valid packet, §3.4. */
  read(bytes: Uint8Array, at: number, length: number): boolean {
    this.frames = 0;
    if (length < 1) return false;
    const toc = bytes[at]!;
    this.#config = toc >> 3;
    this.celt = this.#config >= FIRST_CELT;
    this.stereo = (toc & 4) !== 0;
    this.#at = at + 1;
    this.#end = at + length;
    this.frames = this.#frames(bytes, toc & 3);
    return this.frames > 0;
  }

  /** Samples of the whole packet at `rate`. */
  samples(rate: number): number {
    return this.frames * this.frameSamples(rate);
  }

  /** Samples of each frame at `rate`. */
  frameSamples(rate: number): number {
    return (rate * 3) / (5 * FRAMES_PER_600_MS[this.#config]!);
  }

  /** Its one frame says that it holds no voice (§4.2.3). Unknown, and therefore false, for CELT and for packets of several frames. */
  isPause(bytes: Uint8Array): boolean {
    if (this.frames !== 1 || this.celt || this.firstLength === 0) return false;
    const perFrame = Math.max(1, 30 / FRAMES_PER_600_MS[this.#config]!);
    const flags = bytes[this.first]!;
    const side = this.stereo ? (flags >> (7 - 2 * perFrame)) & ((1 << perFrame) - 1) : 0;
    return flags >> (8 - perFrame) === 0 && side === 0;
  }

  /** The packet holds the frame before it once more, at lower quality (LBRR): the bit after the first frame's speech flags, §4.2.3. */
  hasFec(bytes: Uint8Array): boolean {
    if (this.frames === 0 || this.celt || this.firstLength === 0) return false;
    const perFrame = Math.max(1, 30 / FRAMES_PER_600_MS[this.#config]!);
    const flags = bytes[this.first]!;
    const mono = (flags >> (7 - perFrame)) & 1;
    const side = this.stereo ? (flags >> (6 - 2 * perFrame)) & 1 : 0;
    return (mono | side) === 1;
  }

  /** Frames of the packet by the code in its first byte, §3.2; 0: not valid. */
  #frames(bytes: Uint8Array, code: number): number {
    if (code === 0) return this.#equal(1);
    if (code === 1) return this.#equal(2);
    if (code === 2) return this.#two(bytes);
    return this.#many(bytes);
  }

  /** The rest is `count` frames of one length. */
  #equal(count: number): number {
    const size = (this.#end - this.#at) / count;
    if (size > LONGEST_FRAME || !Number.isInteger(size)) return 0;
    this.first = this.#at;
    this.firstLength = size;
    return count;
  }

  /** Code 2: two frames, the first with its length. */
  #two(bytes: Uint8Array): number {
    if (!this.#length(bytes)) return 0;
    this.first = this.#at;
    this.firstLength = this.#size;
    const rest = this.#end - this.#at - this.#size;
    return rest < 0 || rest > LONGEST_FRAME ? 0 : 2;
  }

  /** Code 3: any number of frames up to 120 ms, perhaps with padding. */
  #many(bytes: Uint8Array): number {
    if (this.#at >= this.#end) return 0;
    const head = bytes[this.#at++]!;
    const count = head & 63;
    if (count === 0 || count * 5 > FRAMES_PER_600_MS[this.#config]!) return 0;
    if (head & 64 && !this.#padding(bytes)) return 0;
    return head & 128 ? this.#variable(bytes, count) : this.#equal(count);
  }

  /** Takes the padding off the end: 254 bytes and one more length for each 255. */
  #padding(bytes: Uint8Array): boolean {
    let byte = 255;
    while (byte === 255) {
      if (this.#at >= this.#end) return false;
      byte = bytes[this.#at++]!;
      this.#end -= byte === 255 ? 254 : byte;
    }
    return this.#end >= this.#at;
  }

  /** Each frame but the last with its length. */
  #variable(bytes: Uint8Array, count: number): number {
    let sum = 0;
    let first = -1;
    for (let frame = 1; frame < count; frame++) {
      if (!this.#length(bytes)) return 0;
      if (first < 0) first = this.#size;
      sum += this.#size;
    }
    const last = this.#end - this.#at - sum;
    if (last < 0 || last > LONGEST_FRAME) return 0;
    this.first = this.#at;
    this.firstLength = first < 0 ? last : first;
    return count;
  }

  /** A length of one or two bytes, §3.2.1. */
  #length(bytes: Uint8Array): boolean {
    if (this.#at >= this.#end) return false;
    this.#size = bytes[this.#at++]!;
    if (this.#size < 252) return true;
    if (this.#at >= this.#end) return false;
    this.#size += 4 * bytes[this.#at++]!;
    return true;
  }
}
