import type { CodecName, CodecSpec, SoundDecoder, SoundEncoder } from './codec.ts';
import { G711Decoder, G711Encoder } from './g711-codec.ts';
import { G722Decoder, G722Encoder } from './g722.ts';
import { L16Decoder, L16Encoder } from './l16.ts';
import { OpusDecoder, OpusEncoder } from './opus.ts';
import { hasOpus, takeOpus } from './opus-library.ts';
import { openWasmOpus } from './opus-wasm.ts';

/**
 * Loads what the codecs need, once per thread; `openDecoder` and `openEncoder` are synchronous afterwards. Whoever knows a libopus that is faster than the
 * one that comes along takes it before.
 */
export async function loadCodecs(): Promise<void> {
  if (!hasOpus()) takeOpus(await openWasmOpus());
}

/** A decoder for one sender. Whoever opens it closes it. */
export function openDecoder(spec: CodecSpec): SoundDecoder {
  return checked(spec, decoderOf(spec));
}

/** An encoder for one stream. Whoever opens it closes it. */
export function openEncoder(spec: CodecSpec): SoundEncoder {
  return checked(spec, encoderOf(spec));
}

/** A frame of this codec depends on the frames before it: a listener who changes streams needs `follow`. */
export function isStateful(name: CodecName): boolean {
  return name === 'G722' || name === 'opus';
}

function decoderOf(spec: CodecSpec): SoundDecoder {
  switch (spec.name) {
    case 'PCMU':
    case 'PCMA':
      return new G711Decoder(spec.name);
    case 'G722':
      return new G722Decoder();
    case 'opus':
      return new OpusDecoder(spec.rate);
    case 'L16':
      return new L16Decoder(spec.rate);
  }
}

function encoderOf(spec: CodecSpec): SoundEncoder {
  switch (spec.name) {
    case 'PCMU':
    case 'PCMA':
      return new G711Encoder(spec.name);
    case 'G722':
      return new G722Encoder();
    case 'opus':
      return new OpusEncoder(spec);
    case 'L16':
      return new L16Encoder(spec.rate);
  }
}

/** The sound must have the rate that the caller reckons with. */
function checked<Codec extends { readonly rate: number }>(spec: CodecSpec, codec: Codec): Codec {
  if (codec.rate !== spec.rate) throw new RangeError(`${spec.name} has ${codec.rate} Hz, not ${spec.rate}`);
  return codec;
}
