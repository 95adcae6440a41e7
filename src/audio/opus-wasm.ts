import { LARGEST, LONGEST, type OpusLibrary } from './opus-library.ts';

/**
 * libopus as WebAssembly. The package's own door returns a fresh array for every packet, opens codecs by promise, and cannot copy an
 * encoder's state; the tick may not allocate, and `follow` needs that copy. So we go one step further in, to the functions that its door
 * is made of, with one memory for all codecs of a thread. `opus.long.test.ts` pins all we rely on,
 * and docs/decisions/0008 tells why.
 */
export interface OpusModule {
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
] as const satisfies readonly (keyof OpusModule)[];

/** Mono; at most 60 kB are plausible for an encoder's block (31.6 kB in libopus 1.6). */
const PLAUSIBLE = 60_000;

/**
 * Bytes of an encoder's state. libopus keeps it in one block without pointers into itself, which may be copied (opus.h, `OpusEncoder`);
 * the allocator's word before the block tells its length.
 */
export function encoderBytes(module: OpusModule, encoder: number): number {
  const bytes = (module.HEAP32[(encoder - 4) >> 2]! & ~7) - 4;
  if (bytes <= 0 || bytes > PLAUSIBLE) throw new Error(`libopus-wasm has changed: an encoder of ${bytes} bytes is not plausible`);
  return bytes;
}

/** Codecs are addresses in the module's memory. */
export class WasmOpus implements OpusLibrary {
  readonly name = 'libopus-wasm';
  readonly pcmAt: number;
  readonly packetAt: number;
  readonly module: OpusModule;
  readonly #pcm: number;

  constructor(module: OpusModule) {
    this.module = module;
    this.#pcm = module._malloc(2 * LONGEST);
    this.packetAt = module._malloc(LARGEST);
    if (this.#pcm === 0 || this.packetAt === 0) throw new Error('libopus has no memory');
    this.pcmAt = this.#pcm >> 1;
  }

  get pcm(): Int16Array {
    return this.module.HEAP16;
  }

  get packet(): Uint8Array {
    return this.module.HEAPU8;
  }

  openEncoder(rate: number, application: number): number {
    const encoder = this.module._oc_create_encoder(rate, 1, application, this.#pcm);
    if (encoder !== 0) encoderBytes(this.module, encoder);
    return encoder;
  }

  closeEncoder(encoder: number): void {
    this.module._oc_destroy_encoder(encoder);
  }

  encode(encoder: number, count: number, room: number): number {
    return this.module._oc_encode(encoder, this.#pcm, count, this.packetAt, room);
  }

  set(encoder: number, request: number, value: number): number {
    return this.module._oc_encoder_ctl(encoder, request, value);
  }

  copy(from: number, to: number): void {
    this.module.HEAPU8.copyWithin(to, from, from + encoderBytes(this.module, from));
  }

  openDecoder(rate: number): number {
    return this.module._oc_create_decoder(rate, 1, this.#pcm);
  }

  closeDecoder(decoder: number): void {
    this.module._oc_destroy_decoder(decoder);
  }

  // Positional, because it runs for every packet.
  decode(decoder: number, length: number, room: number, fec: number): number {
    return this.module._oc_decode(decoder, length === 0 ? 0 : this.packetAt, length, this.#pcm, room, fec);
  }
}

/** Loads the package's inner module, which lies beside its door. */
export async function openWasmOpus(): Promise<WasmOpus> {
  const url = new URL('./generated/libopus.generated.mjs', import.meta.resolve('libopus-wasm'));
  const { default: create } = (await import(url.href)) as { default: () => Promise<OpusModule> };
  const module = await create();
  for (const name of FUNCTIONS) {
    if (typeof module[name] !== 'function') throw new Error(`libopus-wasm has changed: ${name} is missing`);
  }
  return new WasmOpus(module);
}
