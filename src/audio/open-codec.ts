import type { CodecName, CodecSpec, SoundDecoder, SoundEncoder } from './codec.ts';

/** Loads what the codecs need, once per thread; `openDecoder` and `openEncoder` are synchronous afterwards. */
export async function loadCodecs(): Promise<void> {}

/** A decoder for one sender. Whoever opens it closes it. */
export function openDecoder(spec: CodecSpec): SoundDecoder {
  throw new RangeError(`No decoder for ${spec.name}`);
}

/** An encoder for one stream. Whoever opens it closes it. */
export function openEncoder(spec: CodecSpec): SoundEncoder {
  throw new RangeError(`No encoder for ${spec.name}`);
}

/** A frame of this codec depends on the frames before it: a listener who changes streams needs `follow`. */
export function isStateful(name: CodecName): boolean {
  return name === 'G722' || name === 'opus';
}
