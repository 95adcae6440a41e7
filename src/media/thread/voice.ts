import { BandLimit, ComfortNoise, Concealer, Leveller, type Rate, Resampler, TalkDetector } from '../../audio/index.ts';
import { BurstCounter, EMPTY, FRAME, LOST, type RtpView, SOLID } from '../../rtp/index.ts';
import { FRAMES, MOST_SAMPLES, specOf } from './codec.ts';
import { KeyEar, type ToneWatch } from './key-ear.ts';
import type { LegCounts, ThreadCodec } from './messages.ts';
import { HEARD, openReception, type Reception } from './reception.ts';

/** KAZOO's `energy-level` where nobody says another. */
const ENERGY_LEVEL = 20;
/** Frames that the concealer looks back on. */
const HISTORY = 3;
/** After a packet of an event the sound is silent for so long, ms: the next one comes sooner, or the key was let go. */
const HUSH = 60;
/** One frame of the past at a time. */
const past = new Int16Array(MOST_SAMPLES);
const pasts = new Map<number, Int16Array>();

/** How voices are to be treated. */
export interface VoiceOptions {
  readonly energyLevel: number | undefined;
}

/**
 * What one far end says, as frames of 20 ms at the room's rate. Silence costs a look at its codes and nothing else: a frame is decoded, levelled and
 * brought to the room's rate when somebody is heard in it, and the past is recalled from the jitter buffer only when something is lost.
 */
export class Voice {
  /** What is heard in the current tick; valid while `take` says so. */
  frame: Int16Array;
  /** While the room's rate has just changed: the same at the rate before, so that the room can fade from one to the other. */
  former: Int16Array | null = null;
  detector: TalkDetector;
  /** Hears keys that come as tones; null: nobody wants to know. */
  keys: KeyEar | null = null;
  /** Until then a key is pressed that is told beside the sound (RFC 4733), ms of the ticks' clock. */
  #hushedUntil = Number.NEGATIVE_INFINITY;
  readonly #options: VoiceOptions;
  /** Mean absolute sample value above which somebody is heard. */
  #energyLevel: number;
  #reception: Reception;
  #rate: Rate = 8000;
  #count = 160;
  /** A frame at the codec's own rate; `frame` itself when the room has the same. */
  #own: Int16Array;
  #resampler: Resampler | null = null;
  #formerResampler: Resampler | null = null;
  /** Only where the room is to sound like a rate below that of the codec and of the mix. */
  #band: BandLimit | null = null;
  #most = 48_000;
  #leveller: Leveller | null = null;
  #levels = false;
  #wasHeard = false;
  /** What receptions of earlier codecs counted. */
  #late = 0;
  #concealed = 0;
  #recovered = 0;
  /** Frames that were played since a missing one; they are told only then, lest every tick touches the counter. */
  #played = 0;
  /** What the present reception called lost when it was last looked at. */
  #lost = 0;
  /** A frame is missing, and it is not known yet whether it was lost. */
  #doubts = false;
  readonly #bursts = new BurstCounter();
  #concealer: Concealer | null = null;
  /** Frames for which the concealer still has to be told everything, because it made up some of what was heard. */
  #remembers = 0;
  #noise: ComfortNoise | null = null;
  #isResting = false;
  #listens: ToneWatch = 'no';
  #wasHushed = false;
  /** The next frame is the last in this room, or the first in another. */
  #leaves = false;
  #enters = false;

  constructor(options: VoiceOptions) {
    this.#options = options;
    this.#energyLevel = options.energyLevel ?? ENERGY_LEVEL;
    this.#reception = openReception({ name: 'PCMU', rate: 8000, clockRate: 8000 });
    this.detector = this.#newDetector();
    this.frame = new Int16Array(160);
    this.#own = this.frame;
  }

  /** Packets that came after their time. */
  get late(): number {
    return this.#late + this.#reception.jitter.late;
  }

  /** Frames that were made up. */
  get concealed(): number {
    return this.#concealed + this.#reception.jitter.concealed;
  }

  /** Packets that were lost and brought back by their successor. */
  get recovered(): number {
    return this.#recovered + this.#reception.recovered;
  }

  /** Runs of frames that were not there when they were due. */
  get bursts(): BurstCounter {
    this.#bursts.played(this.#played);
    this.#played = 0;
    return this.#bursts;
  }

  /** How long packets wait before they are played, ms, smoothed. */
  get delayMs(): number {
    return this.#reception.jitter.delayMs;
  }

  /** Another codec was agreed on. */
  speak(codec: ThreadCodec): void {
    this.#late = this.late;
    this.#concealed = this.concealed;
    this.#recovered = this.recovered;
    this.#lost = 0;
    this.#doubts = false;
    this.#reception.close();
    this.#reception = openReception(specOf(codec));
    this.#count = this.#reception.rate / FRAMES;
    this.#concealer = null;
    this.#remembers = 0;
    this.#leveller = null;
    this.former = null;
    this.detector = this.#newDetector();
    this.#fit();
    this.#fitKeys();
  }

  #fitKeys(): void {
    const { rate } = this.#reception;
    this.keys = this.#listens === 'no' ? null : new KeyEar({ rate: rate as Rate, ahead: this.#listens === 'ahead' });
  }

  /** It was heard by another thread, which counted so many. */
  resume({ late, concealed, recovered }: Pick<LegCounts, 'late' | 'concealed' | 'recovered'>): void {
    this.#late += late;
    this.#concealed += concealed;
    this.#recovered += recovered;
  }

  /** The room has another rate now. */
  fit(rate: Rate): void {
    if (rate === this.#rate) return;
    if (this.former === null) {
      this.former = this.frame;
      this.#formerResampler = this.#resampler;
    }
    this.#rate = rate;
    this.#fit();
  }

  /** The room has faded to its new rate. */
  settle(): void {
    this.former = null;
    this.#formerResampler = null;
  }

  /** Samples in a second that the room is to sound like at most. */
  limit(most: number): void {
    if (most === this.#most) return;
    this.#most = most;
    this.#fitBand();
  }

  /** Whether loud and quiet voices are brought to one loudness. */
  level(levels: boolean): void {
    this.#levels = levels;
  }

  /** The energy level of this room. A new one begins with a new detector, which has yet to learn the leg's noise. */
  threshold(energyLevel = this.#options.energyLevel ?? ENERGY_LEVEL): void {
    if (energyLevel === this.#energyLevel) return;
    this.#energyLevel = energyLevel;
    this.detector = this.#newDetector();
  }

  /** One packet. `level`: how loud its sender says it is, -dBov (RFC 6464); -1: he does not say. Positional, because it runs for every packet. */
  hear(packet: RtpView, bytes: Uint8Array, arrival: number, level: number): void {
    this.#isResting = false;
    this.#reception.hear(packet, bytes, arrival, this.detector.audible ? HEARD : level);
  }

  /** The far end pauses, and says with what noise its pause is to be filled (RFC 3389). */
  rest(bytes: Uint8Array, at: number, length: number): void {
    this.#noise ??= new ComfortNoise();
    this.#isResting = this.#noise.learn(bytes, at, length);
  }

  /** Takes this tick's 20 ms; true when somebody is heard in it, and then it is in `frame`. */
  take(now: number): boolean {
    const { detector } = this;
    const own = this.#own;
    const got = this.#reception.step(own, now);
    if (got === SOLID && !this.#doubts) this.#played += 1;
    else this.#note(got);
    if (got === SOLID && this.#remembers === 0) {
      detector.heard(this.#reception.jitter.level(this.#count, detector.every), this.#count);
      if (!this.#isWanted) return this.#rest();
      this.#reception.jitter.read(own, this.#count);
      return this.#give(now);
    }
    if (got === SOLID) this.#reception.jitter.read(own, this.#count);
    if (this.#isResting && got !== SOLID && got !== FRAME) this.#noise?.fill(own, this.#count);
    else if (got === LOST && now < this.#hushedUntil) own.fill(0);
    else if (got === LOST) this.#conceal();
    else if (this.#remembers > 0) this.#remember(got !== EMPTY);
    detector.push(own, this.#count);
    return this.#isWanted ? this.#give(now) : this.#rest();
  }

  /** Somebody is heard in this frame, or it may have a key in it. */
  get #isWanted(): boolean {
    return this.detector.audible || this.keys?.wants(this.detector.energy) === true;
  }

  /** A frame in which nobody is heard. */
  #rest(): boolean {
    return this.keys?.rest(this.#own, this.#count) === true ? this.#heard() : this.#silent();
  }

  #give(now: number): boolean {
    const isAudible = this.keys === null || this.keys.push(this.#own, this.#count, this.detector.audible);
    if (now < this.#hushedUntil) {
      this.#wasHushed ? this.#own.fill(0, 0, this.#count) : this.#hush();
      this.#wasHushed = true;
    } else this.#wasHushed = false;
    return isAudible ? this.#heard() : this.#silent();
  }

  /** Some of them send the tone beside the event: from here on nothing is heard of it. */
  #hush(): void {
    const ramp = this.#count >> 3;
    for (let n = 0; n < ramp; n++) this.#own[n] = (this.#own[n]! * (ramp - n)) / ramp;
    this.#own.fill(0, ramp, this.#count);
  }

  /** A packet of an event came: what is said meanwhile is the key's sound, and what is missing is no loss. */
  press(at: number): void {
    this.#hushedUntil = at + HUSH + this.#reception.jitter.delayMs;
  }

  /** Keys that come as tones are listened for, or not any more; `ahead`: see `KeyEar`. */
  listen(how: ToneWatch): void {
    this.#listens = how;
    this.#fitKeys();
  }

  /** Nothing is wanted from the far end in this tick. */
  skip(): boolean {
    this.detector.heard(0, this.#count);
    if (!this.detector.audible) return this.#silent();
    this.#own.fill(0);
    return this.#heard();
  }

  /** The next frame is its last in this room: it ends in silence. */
  leave(): void {
    this.#leaves = true;
  }

  /** The next frame is its first in another room: it begins in silence. */
  enter(): void {
    this.#leaves = false;
    this.#enters = true;
  }

  /** Another sender speaks now. */
  forget(): void {
    this.#reception.forget();
    this.#concealer?.reset();
    this.#leveller?.reset();
    this.#remembers = 0;
    this.#isResting = false;
  }

  /** Touches what is needed next; see `warm` in media-thread.ts. */
  warm(): number {
    return this.detector.energy + this.#reception.rate;
  }

  /** The same, one step further. */
  warmSound(): number {
    return this.#reception.jitter.warm();
  }

  close(): void {
    this.#reception.close();
  }

  /** Something is missing, or was until now. */
  #note(got: number): void {
    const { lost } = this.#reception.jitter;
    if (lost > this.#lost) {
      this.bursts.missed(lost - this.#lost);
      this.#lost = lost;
    }
    const isThere = got === SOLID || got === FRAME;
    if (isThere) this.#played += 1;
    // After a pause it may still turn out that its first frames were lost.
    this.#doubts = got === LOST || (this.#doubts && !isThere);
  }

  #silent(): false {
    this.#wasHeard = false;
    this.#enters = false;
    return false;
  }

  /** Finishes the frame: loudness, then the room's rate. */
  #heard(): true {
    const own = this.#own;
    if (this.#levels) {
      this.#leveller ??= new Leveller({ rate: this.#reception.rate });
      this.#leveller.push(own, this.#count, this.detector.talking);
    }
    if (this.former !== null) {
      if (this.#formerResampler === null) this.former.set(own);
      else this.#formerResampler.process(own, this.#count, this.former);
    }
    if (this.#resampler !== null) {
      // The filter goes on from what was said before, although nobody wanted to hear it.
      if (!this.#wasHeard) {
        this.#reception.jitter.recall(past, this.#count, this.#count);
        this.#resampler.prime(past, this.#count);
      }
      this.#resampler.process(own, this.#count, this.frame);
    }
    if (this.#band !== null) {
      if (!this.#wasHeard) this.#band.reset();
      this.#band.process(this.frame, this.frame.length);
    }
    if (this.#enters || this.#leaves) this.#fade();
    this.#wasHeard = true;
    return true;
  }

  /** A voice that begins or ends within a frame must not click. */
  #fade(): void {
    const { frame } = this;
    const { length } = frame;
    for (let index = 0; index < length; index++) {
      const rising = (index + 1) / length;
      frame[index] = frame[index]! * (this.#enters ? rising : 1 - rising);
    }
    this.#enters = false;
  }

  #conceal(): void {
    if (this.#reception.conceal(this.#own)) return;
    this.#concealer ??= new Concealer({ rate: this.#reception.rate });
    if (this.#remembers === 0) this.#recall(this.#concealer);
    const { gapFrom, gapTo } = this.#reception.jitter;
    this.#concealer.lost(this.#own, gapFrom, gapTo);
    this.#remembers = HISTORY;
  }

  /** The concealer is shown what was heard before the loss. */
  #recall(concealer: Concealer): void {
    concealer.reset();
    const frame = pastOf(this.#count);
    for (let back = HISTORY; back >= 1; back--) {
      this.#reception.jitter.recall(frame, this.#count, back * this.#count);
      concealer.good(frame);
    }
  }

  #remember(isSound: boolean): void {
    this.#remembers = isSound ? this.#remembers - 1 : 0;
    if (isSound) this.#concealer?.good(this.#own);
    else this.#concealer?.reset();
  }

  #fit(): void {
    const rate = this.#reception.rate as Rate;
    this.frame = new Int16Array(this.#rate / FRAMES);
    this.#own = rate === this.#rate ? this.frame : new Int16Array(this.#count);
    this.#resampler = rate === this.#rate ? null : new Resampler({ from: rate, to: this.#rate });
    this.#wasHeard = false;
    this.#fitBand();
  }

  #fitBand(): void {
    const isNeeded = this.#most < Math.min(this.#rate, this.#reception.rate);
    this.#band = isNeeded ? new BandLimit({ rate: this.#rate, hertz: this.#most / 2 }) : null;
  }

  #newDetector(): TalkDetector {
    return new TalkDetector({ rate: this.#reception.rate, energyLevel: this.#energyLevel });
  }
}

/** A frame of exactly so many samples, for those who go by its length; one for each rate. */
function pastOf(count: number): Int16Array {
  const known = pasts.get(count) ?? past.subarray(0, count);
  pasts.set(count, known);
  return known;
}
