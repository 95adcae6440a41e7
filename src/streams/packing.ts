/** What a program's binary frame turned out to be: sound as bytes of s16le, or that it hangs up. */
export interface Unpacked {
  readonly sound: readonly Uint8Array[];
  readonly hangsUp: boolean;
}

/** Puts 20 ms of sound into binary frames, and takes sound out of those of the program. One per stream, because RTP counts. */
export interface Packing {
  pack(samples: Int16Array): Uint8Array;
  unpack(frame: Uint8Array): Unpacked;
}
