/** Turns payloads of one sender into sound. Stateful; one per sender. */
export interface SoundDecoder {
  /** Hz of the samples. */
  readonly rate: number;
  /** Decodes payload bytes[at, at + length) into `out`, returns the number of samples (0: undecodable). Allocates nothing of its own. */
  decode(bytes: Uint8Array, at: number, length: number, out: Int16Array): number;
  /** The codec's own concealment for `count` samples; false when it has none (the Concealer then does it). */
  conceal(out: Int16Array, count: number): boolean;
  /** Reads the frame BEFORE this packet from its in-band FEC; returns samples, 0 when there is none. */
  recover(bytes: Uint8Array, at: number, length: number, count: number, out: Int16Array): number;
  /** Samples in a payload without decoding (Opus TOC; else from the length); 0: not a valid payload. */
  samples(bytes: Uint8Array, at: number, length: number): number;
  /** The packet itself says that there is no voice in it; false when the codec cannot say so. */
  isPause(bytes: Uint8Array, at: number, length: number): boolean;
  reset(): void;
  close(): void;
}

/** Sound into payloads. Stateful for G.722 and Opus. */
export interface SoundEncoder {
  readonly rate: number;
  /** Encodes `count` samples to out[at…], returns bytes written (0: DTX, send nothing). */
  encode(samples: Int16Array, count: number, out: Uint8Array, at: number): number;
  /** Takes over the state of another encoder of the same kind, so that a listener can change streams without a click. */
  follow(other: SoundEncoder): void;
  /** How much work a frame is worth, 0 … 10; only Opus has the choice. */
  strive(complexity: number): void;
  reset(): void;
  close(): void;
}

/** The encoding names of RFC 3551 and RFC 7587. */
export type CodecName = 'PCMU' | 'PCMA' | 'G722' | 'opus' | 'L16';

/** What sort of codec is wanted. Everything below `clockRate` is for Opus alone. */
export interface CodecSpec {
  readonly name: CodecName;
  /** Hz of the samples: 8 000 for G.711, 16 000 for G.722, 8 000, 12 000, 16 000, 24 000 or 48 000 for Opus, any for L16. */
  readonly rate: number;
  /** Hz of the RTP timestamp: 8 000 for G.722 (RFC 3551 §4.5.2), 48 000 for Opus (RFC 7587 §4.1). */
  readonly clockRate: number;
  /** bit/s at most; RFC 7587 §6.1 `maxaveragebitrate`. Default by `rate`. */
  readonly maxAverageBitrate?: number;
  /** Hz; the listener renders no more than this; RFC 7587 §6.1 `maxplaybackrate`. */
  readonly maxPlaybackRate?: number;
  /** In-band FEC is sent; RFC 7587 `useinbandfec`. Default false. */
  readonly fec?: boolean;
  /** The loss that FEC and the encoder prepare for, per cent. Default 10 with FEC, else 0. */
  readonly expectedLoss?: number;
  /** Silence is not sent; RFC 7587 `usedtx`. Default false. */
  readonly dtx?: boolean;
  /** Constant bit rate; RFC 7587 `cbr`. Default false. */
  readonly cbr?: boolean;
  /** Effort of the encoder, 0 … 10. Default 5. */
  readonly complexity?: number;
  /** CELT alone: a third of the work of encoding and 4 ms less delay, but no FEC, and good from 40 kbit/s on. Default false. */
  readonly lowDelay?: boolean;
}
