/** From a level in dBFS to a share of the bar: −60 is nothing, −6 is all. */
export const shareOf = (decibels: number): number => Math.min(1, Math.max(0, (decibels + 60) / 54));

/** The effective value of samples −1…1 in dBFS; silence is −100. */
export function decibelsOf(samples: Float32Array): number {
  let sum = 0;
  for (const each of samples) sum += each * each;
  return sum === 0 ? -100 : Math.max(-100, 10 * Math.log10(sum / samples.length));
}

/** Whether somebody talks, heard from levels: louder than his own surroundings by 12 dB for a while. */
export class TalkEar {
  #floor = -55;
  #loud = 0;

  /** One level, about every 50 ms; true when somebody has talked for about half a second. */
  hear(decibels: number): boolean {
    // The floor falls at once and rises slowly, so that talking does not become the floor.
    this.#floor = decibels < this.#floor ? decibels * 0.3 + this.#floor * 0.7 : Math.min(-35, this.#floor + 0.05);
    this.#loud = decibels > Math.max(-50, this.#floor + 12) ? this.#loud + 1 : Math.max(0, this.#loud - 0.5);
    return this.#loud >= 8;
  }

  forget(): void {
    this.#loud = 0;
  }
}
