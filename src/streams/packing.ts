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

/** Samples as s16le, behind so many bytes. */
export function packed(samples: Int16Array, header: number): { readonly bytes: Uint8Array; readonly view: DataView } {
  const bytes = new Uint8Array(header + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < samples.length; index++) view.setInt16(header + 2 * index, samples[index]!, true);
  return { bytes, view };
}
