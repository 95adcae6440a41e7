import { MPEGDecoder } from 'mpg123-decoder';
import { unplayable } from './sound-source.ts';

/** What the package's own decoder is made of (decision 14). */
interface Inner {
  readonly ready: Promise<void>;
  readonly _common: {
    readonly wasm: {
      mpeg_decoder_feed(decoder: number, bytes: number, length: number): number;
      // As the package has it: decoder, out, room in floats, place for the count, for the rate, for words.
      mpeg_decoder_read(decoder: number, out: number, room: number, count: number, rate: number, words: number): number;
    };
  };
  readonly _decoder: number;
  readonly _input: Place<Uint8Array>;
  readonly _output: Place<Float32Array>;
  readonly _samplesDecodedPtr: Place<Uint32Array>;
  readonly _sampleRatePtr: Place<Uint32Array>;
  readonly _errorStringPtr: Place<Uint32Array>;
  free(): void;
}

interface Place<Numbers> {
  readonly ptr: number;
  readonly len: number;
  readonly buf: Numbers;
}

/** Numbers of mpg123.h. */
const NEED_MORE = -10;
const NEW_FORMAT = -11;
/** Frames that cannot be read, one behind the other, until all of it counts as garbage. */
const PATIENCE = 200;

/** One piece of sound: left and right mixed, with its rate. */
export interface Mp3Piece {
  readonly rate: number;
  readonly samples: Int16Array;
}

/** libmpg123 in WebAssembly for one file. */
export class Mp3Decoder {
  readonly #inner: Inner;
  #failures = 0;
  #isClosed = false;

  static async open(): Promise<Mp3Decoder> {
    const inner = new MPEGDecoder() as unknown as Inner;
    await inner.ready;
    for (const name of ['mpeg_decoder_feed', 'mpeg_decoder_read'] as const) {
      if (typeof inner._common?.wasm?.[name] !== 'function') throw new Error(`mpg123-decoder has changed: ${name} is missing`);
    }
    return new Mp3Decoder(inner);
  }

  private constructor(inner: Inner) {
    this.#inner = inner;
  }

  /** Takes some bytes (at most 64 kB) and gives what they complete. Throws what `unplayable` makes. */
  decode(bytes: Uint8Array): Mp3Piece[] {
    const { _common, _decoder, _input } = this.#inner;
    _input.buf.set(bytes);
    const pieces: Mp3Piece[] = [];
    try {
      if (_common.wasm.mpeg_decoder_feed(_decoder, _input.ptr, bytes.length) === NEED_MORE) return pieces;
      while (this.#read(pieces));
    } catch (error) {
      // WebAssembly has stopped: what is in its memory is worth nothing.
      throw unplayable('the MP3 decoder gave up', { cause: error });
    }
    if (this.#failures > PATIENCE) throw unplayable('it is broken, or no MP3');
    return pieces;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#inner.free();
    } catch {
      // Its memory goes with the garbage.
    }
  }

  /** Reads some frames; false: more bytes are needed, or there is no sense in going on. */
  #read(pieces: Mp3Piece[]): boolean {
    const { _common, _decoder, _output, _samplesDecodedPtr, _sampleRatePtr, _errorStringPtr } = this.#inner;
    _samplesDecodedPtr.buf[0] = 0;
    const places = [_samplesDecodedPtr.ptr, _sampleRatePtr.ptr, _errorStringPtr.ptr] as const;
    const error = _common.wasm.mpeg_decoder_read(_decoder, _output.ptr, _output.len, ...places);
    const count = _samplesDecodedPtr.buf[0] ?? 0;
    if (count > 0) pieces.push({ rate: _sampleRatePtr.buf[0] ?? 0, samples: mixed(_output.buf, count) });
    if (error === NEED_MORE) return false;
    if (error === NEW_FORMAT || (error === 0 && count > 0)) return true;
    this.#failures = count > 0 ? 0 : this.#failures + 1;
    return this.#failures <= PATIENCE;
  }
}

/** Left stands before right. */
function mixed(samples: Float32Array, count: number): Int16Array {
  const out = new Int16Array(count);
  for (let index = 0; index < count; index++) {
    const sample = (samples[index]! + samples[count + index]!) * 16_384;
    out[index] = sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : Math.round(sample);
  }
  return out;
}
