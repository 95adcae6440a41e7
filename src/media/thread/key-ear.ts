import { DTMF_HOP, DtmfDetector, type Rate, Resampler } from '../../audio/index.ts';
import { FRAMES, MOST_SAMPLES } from './codec.ts';
import type { ThreadCodec } from './messages.ts';

/** Mean absolute sample value below which no key is looked for, about -47 dBm0: silence costs nothing. */
const FLOOR = 60;
/** Halves of a frame, 10 ms each: a look at each. */
const HALVES = 2;
/** How long a cut takes, of a frame: 2.5 ms. */
const RAMP = 8;
const narrow = new Int16Array(8000 / FRAMES);
const spare = new Int16Array(MOST_SAMPLES);

/** How keys that come as tones are to be listened for: `ahead` holds the sound back a little, so that nobody hears them; see `KeyEar`. */
export type ToneWatch = 'ahead' | 'at-once' | 'no';

/** Who knows no events sends tones. Who agreed on events might all the same, until one came; not beside Opus, whose phones and gateways use them. */
export function mightSendTones(codec: ThreadCodec | null, telephoneEvent: number | null): ToneWatch {
  if (telephoneEvent === null) return 'ahead';
  return codec?.name === 'opus' ? 'no' : 'at-once';
}

/**
 * Keys that come as tones: hears them, and takes them out of the sound before anybody else hears it. `ahead`: the sound is held back by a frame, so that
 * nothing of a tone is left; without, what came before the tone was known for one has been heard: up to 30 ms.
 */
export class KeyEar {
  /** A key that was let go in the last frame, and how long it was pressed, ms. */
  key: string | undefined;
  ms = 0;
  readonly #isAhead: boolean;
  readonly #detector = new DtmfDetector();
  readonly #resampler: Resampler | null;
  readonly #held: Int16Array;
  #isHeldHeard = false;
  /** Of the last looks, which saw a key: one bit each, the newest lowest. */
  #looks = 0;
  #hasMatched = false;
  #wasCut = false;
  #isAtRest = true;

  constructor({ rate, ahead }: { readonly rate: Rate; readonly ahead: boolean }) {
    this.#isAhead = ahead;
    this.#resampler = rate === 8000 ? null : new Resampler({ from: rate, to: 8000 });
    this.#held = new Int16Array(ahead ? rate / FRAMES : 0);
  }

  /** Whether a frame of this mean level must be shown, although nobody is heard in it. */
  wants(level: number): boolean {
    return level >= FLOOR;
  }

  /** A frame with sound. Afterwards `own` is what the others may hear; true: there is something in it. */
  push(own: Int16Array, count: number, isHeard: boolean): boolean {
    this.#isAtRest = false;
    let sound = own;
    if (this.#resampler !== null) {
      this.#resampler.process(own, count, narrow);
      sound = narrow;
    }
    this.key = undefined;
    for (let half = 0; half < HALVES; half++) this.#look(sound, half * DTMF_HOP);
    return this.#give(own, count, isHeard);
  }

  /** A frame in which nothing is. */
  rest(own: Int16Array, count: number): boolean {
    this.key = undefined;
    if (this.#isAtRest) return false;
    narrow.fill(0);
    for (let half = 0; half < HALVES; half++) this.#look(narrow, half * DTMF_HOP);
    own.fill(0, 0, count);
    const isHeard = this.#give(own, count, false);
    this.#isAtRest = !isHeard && this.#looks === 0 && !this.#isHeldHeard && !this.#detector.isPressed;
    if (this.#isAtRest) this.#detector.reset();
    return isHeard;
  }

  // Positional, because it runs for every frame.
  #look(sound: Int16Array, at: number): void {
    const detector = this.#detector;
    detector.push(sound, at);
    // One look alone is now and then a voice, and a hole in it would be heard; two in a row hardly ever are. Who must hear nothing of a key cannot wait.
    const { matched } = detector;
    const mark = this.#isAhead ? 0b1 : 0b11;
    const isKey = matched && (this.#isAhead || this.#hasMatched);
    this.#looks = ((this.#looks << 1) | (isKey ? mark : 0)) & 0x3f;
    this.#hasMatched = matched;
    if (detector.key === undefined) return;
    this.key = detector.key;
    this.ms = detector.ms;
  }

  /** What is heard now: this frame, or the one before. */
  #give(own: Int16Array, count: number, isHeard: boolean): boolean {
    let was = isHeard;
    if (this.#isAhead) {
      spare.set(own);
      own.set(this.#held);
      for (let n = 0; n < count; n++) this.#held[n] = spare[n]!;
      was = this.#isHeldHeard;
      this.#isHeldHeard = isHeard;
    }
    const behind = this.#isAhead ? HALVES : 0;
    // A look sees the half that it is at and the one before; a tone begins up to two halves before a look that sees nothing else, and ends up to one behind.
    const first = this.#isCut(behind + 1);
    const second = this.#isCut(behind);
    if (first || second || this.#wasCut) this.#cut(own, count, first, second);
    this.#wasCut = second;
    return was;
  }

  /** Whether the half so many looks ago is to be silent. */
  #isCut(ago: number): boolean {
    const from = Math.max(0, ago - 2);
    const to = ago + 1;
    return ((this.#looks >> from) & ((1 << (to - from + 1)) - 1)) !== 0;
  }

  /** Silences one half or both, with short ramps. Positional, because it runs for every frame. */
  #cut(own: Int16Array, count: number, first: boolean, second: boolean): void {
    const half = count / HALVES;
    fade(own, 0, half, this.#wasCut, first);
    fade(own, half, half, first, second);
  }
}

/** own[from … from + count): silent or not, from one state to the other by a ramp at its beginning. */
function fade(own: Int16Array, from: number, count: number, was: boolean, is: boolean): void {
  if (!was && !is) return;
  const ramp = count / (RAMP / HALVES);
  for (let n = 0; n < count; n++) {
    const at = n < ramp ? (n + 1) / ramp : 1;
    const gain = was && is ? 0 : is ? 1 - at : at;
    own[from + n] = own[from + n]! * gain;
  }
}
