import type { CodecSpec, SoundDecoder, SoundEncoder } from './codec.ts';
import { LARGEST, LONGEST, type OpusLibrary, opusLibrary } from './opus-library.ts';
import { OpusPacket } from './opus-packet.ts';

/** Rates at which libopus takes and gives sound, Hz. */
const RATES: readonly number[] = [8000, 12000, 16000, 24000, 48000];

/** Numbers of opus_defines.h. */
const VOIP = 2048;
const RESTRICTED_LOWDELAY = 2051;
const VOICE = 3001;
const SET_BITRATE = 4002;
const SET_MAX_BANDWIDTH = 4004;
const SET_VBR = 4006;
const SET_COMPLEXITY = 4010;
const SET_INBAND_FEC = 4012;
const SET_PACKET_LOSS = 4014;
const SET_DTX = 4016;
const SET_SIGNAL = 4024;

/** Bandwidth by the highest rate that makes use of it, RFC 7587 §3.1: narrow, medium, wide, super-wide, full. */
const BANDWIDTHS: readonly (readonly [rate: number, bandwidth: number])[] = [
  [8000, 1101],
  [12000, 1102],
  [16000, 1103],
  [24000, 1104],
  [48000, 1105],
];

/** Effort where nobody asks for another. */
const USUAL_COMPLEXITY = 5;

/** bit/s for speech by rate: above the sweet spots of RFC 7587 §3.1.1, so that libopus has room for FEC; it leaves FEC out when there is too little. */
const bitrateFor = (rate: number): number => (rate <= 8000 ? 20_000 : rate <= 16000 ? 24_000 : 32_000);
/** CELT alone needs half as many more for the same voice. */
const CELT_SHARE = 1.5;

/** Reads Opus, RFC 6716: mono, at the rate asked for; two channels are mixed into one. */
export class OpusDecoder implements SoundDecoder {
  readonly rate: number;
  readonly #library: OpusLibrary = opusLibrary();
  readonly #packet = new OpusPacket();
  #decoder: number;
  /** The last packet was CELT alone: libopus then has nothing that in-band FEC could go on from. */
  #celt = true;

  constructor(rate: number) {
    checkRate(rate);
    this.rate = rate;
    this.#decoder = this.#create();
  }

  decode(bytes: Uint8Array, at: number, length: number, out: Int16Array): number {
    const packet = this.#packet;
    if (this.#decoder === 0 || length > LARGEST || !packet.read(bytes, at, length)) return 0;
    const count = packet.samples(this.rate);
    if (count > out.length) return 0;
    const decoded = this.#run(bytes, at, length, count);
    if (decoded <= 0) return 0;
    this.#celt = packet.celt;
    this.#take(out, decoded);
    return decoded;
  }

  conceal(out: Int16Array, count: number): boolean {
    const room = this.#whole(count);
    if (this.#decoder === 0 || room === 0 || count > out.length) return false;
    if (this.#library.decode(this.#decoder, 0, room, 0) < count) return false;
    this.#take(out, count);
    return true;
  }

  // Positional, as the interface is: it runs per packet.
  recover(bytes: Uint8Array, at: number, length: number, count: number, out: Int16Array): number {
    const packet = this.#packet;
    if (this.#decoder === 0 || this.#celt || length > LARGEST || !packet.read(bytes, at, length)) return 0;
    const room = this.#whole(count);
    if (!packet.hasFec(bytes) || room < packet.frameSamples(this.rate) || count > out.length) return 0;
    this.#put(bytes, at, length);
    if (this.#library.decode(this.#decoder, length, room, 1) < count) return 0;
    this.#take(out, count);
    return count;
  }

  isPause(bytes: Uint8Array, at: number, length: number): boolean {
    return this.#packet.read(bytes, at, length) && this.#packet.isPause(bytes);
  }

  samples(bytes: Uint8Array, at: number, length: number): number {
    return this.#packet.read(bytes, at, length) ? this.#packet.samples(this.rate) : 0;
  }

  reset(): void {
    if (this.#decoder === 0) return;
    this.close();
    this.#decoder = this.#create();
    this.#celt = true;
  }

  close(): void {
    if (this.#decoder !== 0) this.#library.closeDecoder(this.#decoder);
    this.#decoder = 0;
  }

  #create(): number {
    const decoder = this.#library.openDecoder(this.rate);
    if (decoder === 0) throw new Error('libopus has no memory for a decoder');
    return decoder;
  }

  /** libopus conceals in steps of 2.5 ms, at most 120 ms; 0: too long. */
  #whole(count: number): number {
    const step = this.rate / 400;
    const whole = Math.ceil(count / step) * step;
    return whole <= 48 * step ? whole : 0;
  }

  #run(bytes: Uint8Array, at: number, length: number, room: number): number {
    this.#put(bytes, at, length);
    return this.#library.decode(this.#decoder, length, room, 0);
  }

  /** The views are asked for anew each time: they change when the memory grows. */
  #put(bytes: Uint8Array, at: number, length: number): void {
    const { packet, packetAt } = this.#library;
    for (let index = 0; index < length; index++) packet[packetAt + index] = bytes[at + index]!;
  }

  #take(out: Int16Array, count: number): void {
    const { pcm, pcmAt } = this.#library;
    for (let index = 0; index < count; index++) out[index] = pcm[pcmAt + index]!;
  }
}

/** Writes Opus, RFC 6716 and RFC 7587: mono, tuned for voice. */
export class OpusEncoder implements SoundEncoder {
  readonly rate: number;
  readonly #library: OpusLibrary = opusLibrary();
  readonly #settings: readonly (readonly [request: number, value: number])[];
  readonly #application: number;
  readonly #dtx: boolean;
  #complexity: number;
  #encoder: number;

  constructor(spec: CodecSpec) {
    checkRate(spec.rate);
    this.rate = spec.rate;
    this.#application = spec.lowDelay === true ? RESTRICTED_LOWDELAY : VOIP;
    this.#dtx = spec.dtx === true;
    this.#settings = settingsOf(spec);
    this.#complexity = spec.complexity ?? USUAL_COMPLEXITY;
    this.#encoder = this.#create();
    this.#configure();
  }

  encode(samples: Int16Array, count: number, out: Uint8Array, at: number): number {
    if (this.#encoder === 0 || count > LONGEST) throw new RangeError('The encoder is closed, or the frame is longer than 120 ms');
    const library = this.#library;
    const { pcm, pcmAt } = library;
    for (let index = 0; index < count; index++) pcm[pcmAt + index] = samples[index]!;
    const bytes = library.encode(this.#encoder, count, Math.min(LARGEST, out.length - at));
    if (bytes < 0) throw new RangeError(`libopus cannot encode ${count} samples at ${this.rate} Hz (${bytes})`);
    // opus.h: two bytes or less need not be sent, when DTX is on.
    if (this.#dtx && bytes <= 2) return 0;
    const { packet, packetAt } = library;
    for (let index = 0; index < bytes; index++) out[at + index] = packet[packetAt + index]!;
    return bytes;
  }

  follow(other: SoundEncoder): void {
    if (!(other instanceof OpusEncoder) || other.rate !== this.rate || other.#application !== this.#application) {
      throw new TypeError('Opus can only follow Opus of the same rate and the same sort');
    }
    if (other === this || this.#encoder === 0 || other.#encoder === 0) return;
    this.#library.copy(other.#encoder, this.#encoder);
    this.#configure();
  }

  strive(complexity: number): void {
    if (complexity === this.#complexity || this.#encoder === 0) return;
    this.#complexity = complexity;
    this.#library.set(this.#encoder, SET_COMPLEXITY, complexity);
  }

  reset(): void {
    if (this.#encoder === 0) return;
    this.close();
    this.#encoder = this.#create();
    this.#configure();
  }

  close(): void {
    if (this.#encoder !== 0) this.#library.closeEncoder(this.#encoder);
    this.#encoder = 0;
  }

  #create(): number {
    const encoder = this.#library.openEncoder(this.rate, this.#application);
    if (encoder === 0) throw new Error('libopus has no memory for an encoder');
    return encoder;
  }

  #configure(): void {
    for (const [request, value] of [...this.#settings, [SET_COMPLEXITY, this.#complexity] as const]) {
      const result = this.#library.set(this.#encoder, request, value);
      if (result < 0) throw new RangeError(`libopus does not take ${value} for ${request}`);
    }
  }
}

function settingsOf(spec: CodecSpec): readonly (readonly [request: number, value: number])[] {
  const heard = Math.min(spec.rate, spec.maxPlaybackRate ?? 48000);
  const bandwidth = BANDWIDTHS.find(([rate]) => heard <= rate)![1];
  const fec = spec.fec === true;
  const bitrate = spec.maxAverageBitrate ?? bitrateFor(heard) * (spec.lowDelay === true ? CELT_SHARE : 1);
  return [
    [SET_SIGNAL, VOICE],
    [SET_BITRATE, Math.max(6000, Math.min(510_000, bitrate))],
    [SET_MAX_BANDWIDTH, bandwidth],
    [SET_VBR, spec.cbr === true ? 0 : 1],
    [SET_INBAND_FEC, fec ? 1 : 0],
    [SET_PACKET_LOSS, spec.expectedLoss ?? (fec ? 10 : 0)],
    [SET_DTX, spec.dtx === true ? 1 : 0],
  ];
}

function checkRate(rate: number): void {
  if (!RATES.includes(rate)) throw new RangeError(`Opus has no rate of ${rate} Hz`);
}
