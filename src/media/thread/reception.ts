import { alawSamples, type CodecSpec, openDecoder, type SoundDecoder, ulawSamples } from '../../audio/index.ts';
import { JitterBuffer, LATE, PacketOrder, READY, type RtpView } from '../../rtp/index.ts';
import { FRAMES, LONGEST } from './codec.ts';

/** Packets that are bridged with the help of the one behind them; a longer hole is concealed as it is played. */
const BRIDGED = 4;
/** How long a decoder's own concealment is worth hearing, frames. */
const MADE_UP = 5;
/** Sound this far below full scale is silence, -dBov, and after so many such packets none is decoded. */
const SILENT = 70;
const QUIET_PACKETS = 25;
const LOOK_EVERY = 25;
/** Instead of a level: its sender does not say it. */
export const UNKNOWN = -1;
/** Instead of a level: somebody is heard, so it must be decoded whatever it is. */
export const HEARD = -2;
const decoded = new Int16Array(LONGEST);

/** How the packets of one codec become frames of 20 ms. Knows nothing of loudness. */
export interface Reception {
  /** Hz of the samples. */
  readonly rate: number;
  readonly jitter: JitterBuffer;
  /** Lost packets that were found in the one behind them (in-band FEC). */
  readonly recovered: number;
  /** One packet. `level`: how loud it is by its sender's word, -dBov, or UNKNOWN or HEARD. Positional, because it runs for every packet. */
  hear(packet: RtpView, bytes: Uint8Array, arrival: number, level: number): void;
  /** The next 20 ms, as `JitterBuffer.step`. */
  step(out: Int16Array, now: number): number;
  /** The codec goes on by itself where the frame that was just stepped to is missing. False: somebody else must conceal it. */
  conceal(out: Int16Array): boolean;
  /** Another sender speaks now. */
  forget(): void;
  close(): void;
}

/** A reception for what was agreed on. */
export function openReception(spec: CodecSpec): Reception {
  if (spec.name === 'PCMU') return new CodeReception(ulawSamples);
  if (spec.name === 'PCMA') return new CodeReception(alawSamples);
  return new SoundReception(spec);
}

/** G.711: packets know nothing of each other, and codes are kept as they came. */
class CodeReception implements Reception {
  readonly rate = 8000;
  readonly recovered = 0;
  readonly jitter: JitterBuffer;

  constructor(table: Int16Array) {
    this.jitter = new JitterBuffer({ rate: 8000, table });
  }

  hear({ timestamp, payloadAt, payloadLength, marker }: RtpView, bytes: Uint8Array, arrival: number): void {
    this.jitter.put(timestamp, bytes, payloadAt, payloadLength, arrival, marker);
  }

  step(out: Int16Array, now: number): number {
    return this.jitter.step(out, 160, now);
  }

  conceal(): boolean {
    return false;
  }

  forget(): void {
    this.jitter.reset();
  }

  close(): void {}
}

/**
 * Codecs with a memory: packets are decoded in their order as soon as they come, so that the jitter buffer holds sound. A packet after a gap
 * waits until the gap is filled or its sound is due; then the gap is recovered from it (in-band FEC) or left to be concealed.
 */
class SoundReception implements Reception {
  recovered = 0;
  readonly rate: number;
  readonly jitter: JitterBuffer;
  readonly #decoder: SoundDecoder;
  readonly #order = new PacketOrder();
  /** Samples for one unit of the RTP timestamp. */
  readonly #scale: number;
  readonly #count: number;
  /** The last timestamp, as it came and as a place in our samples. */
  #lastTimestamp = 0;
  #lastSample = 0;
  #marker = false;
  #madeUp = 0;
  #quiet = 0;

  constructor(spec: CodecSpec) {
    this.rate = spec.rate;
    this.#scale = spec.rate / spec.clockRate;
    this.#count = spec.rate / FRAMES;
    this.#decoder = openDecoder(spec);
    this.jitter = new JitterBuffer({ rate: spec.rate });
  }

  hear({ sequence, timestamp, payloadAt, payloadLength, marker }: RtpView, bytes: Uint8Array, arrival: number, level: number): void {
    const isQuiet = level >= SILENT || (level === UNKNOWN && this.#decoder.isPause(bytes, payloadAt, payloadLength));
    this.#quiet = isQuiet ? this.#quiet + 1 : 0;
    const got = this.#order.push(sequence, timestamp, bytes, payloadAt, payloadLength, arrival);
    this.#marker ||= marker;
    if (got === READY) this.#decodeAll();
    else if (got === LATE) this.jitter.missed(this.#sampleAt(timestamp), this.#order.samples * this.#scale, arrival);
  }

  step(out: Int16Array, now: number): number {
    if (this.#order.held > 0 && this.#order.due(this.#timestampAt(this.jitter.next + this.#count))) this.#decodeAll();
    return this.jitter.step(out, this.#count, now);
  }

  conceal(out: Int16Array): boolean {
    // Behind the hole there is sound that was decoded already: the decoder is no longer where the hole is.
    if (this.jitter.gapFrom > 0 || !this.jitter.isAtEnd || this.#madeUp >= MADE_UP) return false;
    this.#madeUp += 1;
    return this.#decoder.conceal(out, this.#count);
  }

  forget(): void {
    this.#order.reset();
    this.#decoder.reset();
    this.jitter.reset();
  }

  close(): void {
    this.#decoder.close();
  }

  #decodeAll(): void {
    const order = this.#order;
    while (order.next()) {
      const at = this.#sampleAt(order.timestamp);
      if (order.gap > 0 && order.missing <= BRIDGED) this.#bridge(at, Math.round((order.gap * this.#scale) / order.missing));
      const count = this.#decode();
      if (count > 0) this.jitter.put(at, decoded, 0, count, order.arrivalMs, this.#marker);
      this.#madeUp = 0;
      this.#marker = false;
    }
  }

  /** What its sender calls silent for long is taken for silence without a look. */
  #decode(): number {
    const { bytes, at, length } = this.#order;
    // Now and then it is looked at after all: what a codec takes for no voice may be music.
    if (this.#quiet < QUIET_PACKETS || this.#quiet % LOOK_EVERY === 0 || this.#order.held > 0)
      return this.#decoder.decode(bytes, at, length, decoded);
    const count = Math.min(LONGEST, this.#decoder.samples(bytes, at, length));
    decoded.fill(0, 0, count);
    return count;
  }

  /** The last missing packet may be inside this one. It counts as having come when this one came, so the delay grows until it comes in time. */
  #bridge(at: number, count: number): void {
    const { bytes, at: begin, length, arrivalMs } = this.#order;
    if (count <= 0 || count > LONGEST) return;
    const recovered = this.#decoder.recover(bytes, begin, length, count, decoded);
    if (recovered === 0) return;
    if (this.jitter.isAwaited(at - count, count)) {
      this.recovered += 1;
      this.jitter.put(at - recovered, decoded, 0, recovered, arrivalMs);
    } else this.jitter.missed(at - count, count, arrivalMs);
  }

  /** A timestamp in samples; only differences mean anything. */
  #sampleAt(timestamp: number): number {
    this.#lastSample += ((timestamp - this.#lastTimestamp) | 0) * this.#scale;
    this.#lastTimestamp = timestamp;
    return Math.round(this.#lastSample);
  }

  #timestampAt(sample: number): number {
    return (this.#lastTimestamp + Math.round(((sample - Math.round(this.#lastSample)) | 0) / this.#scale)) >>> 0;
  }
}
