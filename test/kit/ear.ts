import { TONES, tonesIn } from './sound.ts';

/** How much of the past one look takes: long enough to tell tones 130 Hz apart, short enough to follow a change. */
export const WINDOW = 240;
/** How much is remembered. */
const KEPT = 6000;

/** Remembers the last seconds of what arrived, and tells which tones are in it. Times are ms of `performance.now()`. */
export class Ear {
  readonly #frames: { readonly at: number; readonly samples: Int16Array }[] = [];
  #heard = 0;

  /** Frames since the beginning. */
  get frames(): number {
    return this.#heard;
  }

  take(samples: Int16Array, at = performance.now()): void {
    this.#heard += 1;
    this.#frames.push({ at, samples });
    while (this.#frames.length > 0 && this.#frames[0]!.at < at - KEPT) this.#frames.shift();
  }

  /** What arrived from `from` until now, silence not filled in. */
  since(from: number): Int16Array {
    const frames = this.#frames.filter(({ at }) => at >= from);
    const all = new Int16Array(frames.reduce((sum, { samples }) => sum + samples.length, 0));
    let place = 0;
    for (const { samples } of frames) {
      all.set(samples, place);
      place += samples.length;
    }
    return all;
  }

  /** The tones of the last moment. Nothing arriving is silence, so a gap weakens a tone. */
  hears(candidates: readonly number[] = TONES, now = performance.now()): number[] {
    const arrived = this.since(now - WINDOW);
    const whole = new Int16Array(Math.max(arrived.length, WINDOW * 8));
    whole.set(arrived);
    return tonesIn(whole, candidates);
  }
}

/**
 * Waits until `look` gives exactly `expected`, twice 120 ms apart, and only trusting audio that came after the call.
 * @returns what was seen last: equal to `expected` unless `within` ms went by.
 */
export async function settles(
  looks: () => readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  within = 12_000,
): Promise<readonly (readonly number[])[]> {
  const same = (seen: readonly (readonly number[])[]): boolean =>
    expected.every((tones, n) => tones.length === seen[n]?.length && tones.every((each) => seen[n]?.includes(each)));
  const start = performance.now();
  let agreed = 0;
  for (;;) {
    await new Promise((wake) => setTimeout(wake, 40));
    const now = performance.now();
    if (now - start < WINDOW + 20) continue;
    const seen = looks();
    agreed = same(seen) ? agreed + 1 : 0;
    if (agreed >= 4 || now - start > within) return seen;
  }
}
