/**
 * libopus, wherever it runs. Encoders and decoders are numbers that it knows, 0 is none; all codecs of a thread share one place for a frame and one for a
 * packet, for none keeps anything there between two calls. Nothing is allocated between `open…` and `close…`.
 */
export interface OpusLibrary {
  /** What it calls itself. */
  readonly name: string;
  /** The frame lies here from `pcmAt` on, `LONGEST` samples. Asked for anew each time: it is another when the library's memory has grown. */
  readonly pcm: Int16Array;
  readonly pcmAt: number;
  /** The packet lies here from `packetAt` on, `LARGEST` bytes. */
  readonly packet: Uint8Array;
  readonly packetAt: number;
  /** Mono, at this rate in Hz; 0: there is no memory. */
  openEncoder(rate: number, application: number): number;
  closeEncoder(encoder: number): void;
  /** So many samples of the frame into at most `room` bytes of the packet. Gives how many; negative: an error of opus_defines.h. */
  encode(encoder: number, count: number, room: number): number;
  /** `opus_encoder_ctl`; negative: an error. */
  set(encoder: number, request: number, value: number): number;
  /** The whole state of the one becomes that of the other, of the same rate. */
  copy(from: number, to: number): void;
  openDecoder(rate: number): number;
  closeDecoder(decoder: number): void;
  /** The packet, of so many bytes, into a frame of at most `room` samples; 0 bytes: it is lost. `fec` 1: what it tells of the one before. Positional, because it runs for every packet. */
  decode(decoder: number, length: number, room: number, fec: number): number;
}

/** 120 ms at 48 kHz. */
export const LONGEST = 5760;
/** Bytes of the longest packet that we read or write: six frames of 20 ms with their lengths fit easily. */
export const LARGEST = 8192;

let opened: OpusLibrary | undefined;

/** From now on this thread's codecs are of this library, if they are not of another one already. */
export function takeOpus(library: OpusLibrary): void {
  opened ??= library;
}

/** A library was taken. */
export const hasOpus = (): boolean => opened !== undefined;

/** What the loaded library calls itself. */
export const opusName = (): string => opusLibrary().name;

/** The loaded library. */
export function opusLibrary(): OpusLibrary {
  if (opened === undefined) throw new Error('libopus is not loaded: await loadCodecs() first');
  return opened;
}
