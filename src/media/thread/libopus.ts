import { createRequire } from 'node:module';
import { LARGEST_OPUS, LONGEST_OPUS, type OpusLibrary, takeOpus } from '../../audio/index.ts';

/** Mono: libopus may be asked for one channel or two. */
const MONO = 1;
/** Older ones lack what we set. */
const OLDEST = [1, 2] as const;

/** Functions of opus.h; codecs are addresses, which are below 2^53. */
interface Functions {
  opus_get_version_string(): string;
  opus_encoder_get_size(channels: number): number;
  opus_encoder_create(rate: number, channels: number, application: number, error: bigint): number;
  opus_encoder_destroy(encoder: number): void;
  opus_encode(encoder: number, pcm: bigint, count: number, packet: bigint, room: number): number;
  opus_encoder_ctl(encoder: number, request: number, type: 'int', value: number): number;
  opus_decoder_create(rate: number, channels: number, error: bigint): number;
  opus_decoder_destroy(decoder: number): void;
  opus_decode(decoder: number, packet: bigint, length: number, pcm: bigint, room: number, fec: number): number;
  memcpy(to: number, from: number, bytes: number): number;
}

interface Koffi {
  load(path: string): { func(prototype: string): unknown };
  address(value: ArrayBufferView): bigint;
}

const PROTOTYPES: Readonly<Record<Exclude<keyof Functions, 'memcpy'>, string>> = {
  opus_get_version_string: 'const char *opus_get_version_string()',
  opus_encoder_get_size: 'int opus_encoder_get_size(int channels)',
  opus_encoder_create: 'uintptr_t opus_encoder_create(int rate, int channels, int application, void *error)',
  opus_encoder_destroy: 'void opus_encoder_destroy(uintptr_t encoder)',
  opus_encode: 'int opus_encode(uintptr_t encoder, const void *pcm, int count, void *packet, int room)',
  opus_encoder_ctl: 'int opus_encoder_ctl(uintptr_t encoder, int request, ...)',
  opus_decoder_create: 'uintptr_t opus_decoder_create(int rate, int channels, void *error)',
  opus_decoder_destroy: 'void opus_decoder_destroy(uintptr_t decoder)',
  opus_decode: 'int opus_decode(uintptr_t decoder, const void *packet, int length, void *pcm, int room, int fec)',
};

/**
 * The libopus of this machine: the same code as the one that comes along as WebAssembly, built for this processor and a third faster. One memory for frame and
 * packet, whose addresses are asked for once; a call allocates nothing.
 */
class MachineOpus implements OpusLibrary {
  readonly name: string;
  readonly pcm = new Int16Array(LONGEST_OPUS);
  readonly pcmAt = 0;
  readonly packet = new Uint8Array(LARGEST_OPUS);
  readonly packetAt = 0;
  readonly #functions: Functions;
  readonly #pcm: bigint;
  readonly #packet: bigint;
  readonly #encoderBytes: number;

  constructor(koffi: Koffi, functions: Functions) {
    this.#functions = functions;
    this.name = functions.opus_get_version_string();
    this.#pcm = koffi.address(this.pcm);
    this.#packet = koffi.address(this.packet);
    this.#encoderBytes = functions.opus_encoder_get_size(MONO);
  }

  openEncoder(rate: number, application: number): number {
    return this.#functions.opus_encoder_create(rate, MONO, application, this.#packet);
  }

  closeEncoder(encoder: number): void {
    this.#functions.opus_encoder_destroy(encoder);
  }

  encode(encoder: number, count: number, room: number): number {
    return this.#functions.opus_encode(encoder, this.#pcm, count, this.#packet, room);
  }

  set(encoder: number, request: number, value: number): number {
    return this.#functions.opus_encoder_ctl(encoder, request, 'int', value);
  }

  copy(from: number, to: number): void {
    this.#functions.memcpy(to, from, this.#encoderBytes);
  }

  openDecoder(rate: number): number {
    return this.#functions.opus_decoder_create(rate, MONO, this.#packet);
  }

  closeDecoder(decoder: number): void {
    this.#functions.opus_decoder_destroy(decoder);
  }

  // Positional, because it runs for every packet.
  decode(decoder: number, length: number, room: number, fec: number): number {
    return this.#functions.opus_decode(decoder, length === 0 ? 0n : this.#packet, length, this.#pcm, room, fec);
  }
}

/** "libopus 1.3.1", "libopus 1.5.2-fixed" and the like. */
function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = (/^libopus (\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** Finds libopus on this machine; undefined, with the reason, where it is not to be had. */
export function openLibopus(name = 'libopus.so.0'): { readonly opus: OpusLibrary } | { readonly opus: undefined; readonly reason: string } {
  try {
    // Loaded by hand, as in libc.ts: where there is none, there is the one that comes along.
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    const [library, libc] = [koffi.load(name), koffi.load('libc.so.6')];
    const own = Object.entries(PROTOTYPES).map(([key, prototype]) => [key, library.func(prototype)]);
    const memcpy = libc.func('uintptr_t memcpy(uintptr_t to, uintptr_t from, size_t bytes)');
    const functions = { ...Object.fromEntries(own), memcpy } as Functions;
    const opus = new MachineOpus(koffi, functions);
    if (isNewEnough(opus.name)) return { opus };
    return { opus: undefined, reason: `${opus.name} is older than ${OLDEST.join('.')}` };
  } catch (error) {
    return { opus: undefined, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** This thread's codecs are of the machine's own libopus from now on, where there is one. */
export function takeLibopus(): void {
  const { opus } = openLibopus();
  if (opus !== undefined) takeOpus(opus);
}
