/**
 * libopus as WebAssembly. The package's own door returns a fresh array for every packet, opens codecs by promise, and cannot copy an
 * encoder's state; the tick may not allocate, and `follow` needs that copy. So we go one step further in, to the functions that its door
 * is made of, with one memory for all codecs of a thread. `opus.test.ts` pins all we rely on,
 * and docs/decisions/0008 tells why.
 */
export interface OpusLibrary {
  readonly HEAPU8: Uint8Array;
  readonly HEAP16: Int16Array;
  readonly HEAP32: Int32Array;
  _malloc(bytes: number): number;
  _free(at: number): void;
  _oc_create_encoder(rate: number, channels: number, application: number, error: number): number;
  _oc_destroy_encoder(encoder: number): void;
  _oc_encode(encoder: number, pcm: number, count: number, packet: number, room: number): number;
  _oc_encoder_ctl(encoder: number, request: number, value: number): number;
  _oc_create_decoder(rate: number, channels: number, error: number): number;
  _oc_destroy_decoder(decoder: number): void;
  _oc_decode(decoder: number, packet: number, length: number, pcm: number, room: number, fec: number): number;
}

const FUNCTIONS = [
  '_malloc',
  '_free',
  '_oc_create_encoder',
  '_oc_destroy_encoder',
  '_oc_encode',
  '_oc_encoder_ctl',
  '_oc_create_decoder',
  '_oc_destroy_decoder',
  '_oc_decode',
] as const satisfies readonly (keyof OpusLibrary)[];

/** 120 ms at 48 kHz. */
export const LONGEST = 5760;
/** Bytes of the longest packet that we read or write: six frames of 20 ms with their lengths fit easily. */
export const LARGEST = 8192;
/** Mono; at most 60 kB are plausible for an encoder's block (31.6 kB in libopus 1.6). */
const PLAUSIBLE = 60_000;

let opened: OpusLibrary | undefined;
let opening: Promise<OpusLibrary> | undefined;

/** Room in the library's memory for one frame and one packet, shared by all codecs: none keeps anything there between two calls. */
export const scratch = { pcm: 0, packet: 0 };

/** Loads the library, once per thread. */
export async function loadOpus(): Promise<void> {
  opening ??= open();
  opened = await opening;
}

/** The loaded library. */
export function opusLibrary(): OpusLibrary {
  if (opened === undefined) throw new Error('libopus is not loaded: await loadCodecs() first');
  return opened;
}

/**
 * Bytes of an encoder's state. libopus keeps it in one block without pointers into itself, which may be copied (opus.h, `OpusEncoder`);
 * the allocator's word before the block tells its length.
 */
export function encoderBytes(library: OpusLibrary, encoder: number): number {
  const bytes = (library.HEAP32[(encoder - 4) >> 2]! & ~7) - 4;
  if (bytes <= 0 || bytes > PLAUSIBLE) throw new Error(`libopus-wasm has changed: an encoder of ${bytes} bytes is not plausible`);
  return bytes;
}

async function open(): Promise<OpusLibrary> {
  const url = new URL('./generated/libopus.generated.mjs', import.meta.resolve('libopus-wasm'));
  const { default: create } = (await import(url.href)) as { default: () => Promise<OpusLibrary> };
  const library = await create();
  for (const name of FUNCTIONS) {
    if (typeof library[name] !== 'function') throw new Error(`libopus-wasm has changed: ${name} is missing`);
  }
  scratch.pcm = library._malloc(2 * LONGEST);
  scratch.packet = library._malloc(LARGEST);
  if (scratch.pcm === 0 || scratch.packet === 0) throw new Error('libopus has no memory');
  return library;
}
