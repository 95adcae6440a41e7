/** The rates of rooms and codecs, samples in a second. */
export type Rate = 8000 | 16000 | 48000;

/** Turns sound of one rate into another, frame by frame. */
export class Resampler {
  readonly from: Rate;
  readonly to: Rate;
  /** How much later the sound comes out, ms. */
  readonly delayMs: number;

  constructor({ from, to }: { readonly from: Rate; readonly to: Rate }) {
    this.from = from;
    this.to = to;
    this.delayMs = 0;
  }

  /** Takes `count` samples and writes count · to / from into `out`; gives how many. `count` is a multiple of from / to. */
  process(input: Int16Array, count: number, out: Int16Array): number {
    out.set(input.subarray(0, count));
    return count;
  }

  /** Silence came before: the next sound begins from nought. */
  reset(): void {}

  /** These samples came before, although nobody wanted their resampled sound: what follows goes on from them without a click. */
  prime(_input: Int16Array, _count: number): void {}
}
