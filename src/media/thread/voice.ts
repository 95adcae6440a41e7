import { alawSamples, Concealer, TalkDetector, ulawSamples } from '../../audio/index.ts';
import { EMPTY, JitterBuffer, LOST, SOLID } from '../../rtp/index.ts';
import type { ThreadCodec } from './messages.ts';

/** Samples of one 20 ms frame at 8 000 Hz. */
export const SAMPLES = 160;
/** 120 ms, the longest packet that is accepted or sent. */
export const LONGEST = 960;
/** Frames that the concealer looks back on. */
const HISTORY = 3;

/**
 * What one far end says, as frames of 20 ms. Silence costs a look at its codes and nothing else: a frame is decoded when somebody talks in it,
 * and the past is recalled from the jitter buffer only when something is lost.
 */
export class Voice {
  /** What was said in the current tick; valid while `take` says so. */
  readonly frame = new Int16Array(SAMPLES);
  readonly detector: TalkDetector;
  #jitter: JitterBuffer;
  /** What buffers of earlier codecs counted. */
  #late = 0;
  #concealed = 0;
  #concealer: Concealer | undefined;
  /** Frames for which the concealer still has to be told everything, because it made up some of what was heard. */
  #remembers = 0;

  constructor(energyLevel: number | undefined) {
    this.detector = new TalkDetector(energyLevel === undefined ? {} : { energyLevel });
    this.#jitter = bufferFor('PCMU');
  }

  /** Packets that came after their time. */
  get late(): number {
    return this.#late + this.#jitter.late;
  }

  /** Frames that were made up. */
  get concealed(): number {
    return this.#concealed + this.#jitter.concealed;
  }

  /** Another codec was agreed on. */
  speak(codec: ThreadCodec): void {
    this.#late = this.late;
    this.#concealed = this.concealed;
    this.#jitter = bufferFor(codec.name);
    this.#concealer?.reset();
    this.#remembers = 0;
  }

  /** The payload of one packet. Positional, because it runs for every packet. */
  hear(timestamp: number, bytes: Uint8Array, at: number, length: number, arrival: number, marker: boolean): void {
    this.#jitter.put(timestamp, bytes, at, length < LONGEST ? length : LONGEST, arrival, marker);
  }

  /** Takes this tick's 20 ms; true when somebody talks in it, and then it is in `frame`. */
  take(now: number): boolean {
    const { frame, detector } = this;
    const jitter = this.#jitter;
    const got = jitter.step(frame, SAMPLES, now);
    if (got === SOLID && this.#remembers === 0) {
      detector.heard(jitter.level(SAMPLES), SAMPLES);
      if (detector.talking) jitter.read(frame, SAMPLES);
      return detector.talking;
    }
    if (got === SOLID) jitter.read(frame, SAMPLES);
    if (got === LOST) this.#conceal();
    else if (this.#remembers > 0) this.#remember(got !== EMPTY);
    detector.push(frame, SAMPLES);
    return detector.talking;
  }

  /** Nothing is wanted from the far end in this tick. */
  skip(): boolean {
    this.detector.heard(0, SAMPLES);
    if (this.detector.talking) this.frame.fill(0);
    return this.detector.talking;
  }

  /** Another sender speaks now. */
  forget(): void {
    this.#jitter.reset();
    this.#concealer?.reset();
    this.#remembers = 0;
  }

  #conceal(): void {
    const { frame } = this;
    const jitter = this.#jitter;
    this.#concealer ??= new Concealer({ rate: 8000 });
    if (this.#remembers === 0) this.#recall(this.#concealer);
    this.#concealer.lost(frame, jitter.gapFrom, jitter.gapTo);
    this.#remembers = HISTORY;
  }

  /** The concealer is shown what was heard before the loss. */
  #recall(concealer: Concealer): void {
    concealer.reset();
    for (let back = HISTORY; back >= 1; back--) {
      this.#jitter.recall(past, SAMPLES, back * SAMPLES);
      concealer.good(past);
    }
  }

  #remember(isSound: boolean): void {
    this.#remembers = isSound ? this.#remembers - 1 : 0;
    if (isSound) this.#concealer?.good(this.frame);
    else this.#concealer?.reset();
  }
}

const past = new Int16Array(SAMPLES);

const bufferFor = (name: ThreadCodec['name']): JitterBuffer =>
  new JitterBuffer({ rate: 8000, samples: SAMPLES, table: name === 'PCMA' ? alawSamples : ulawSamples });
