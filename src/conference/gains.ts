/** Levels -4 … 4 of KAZOO and FreeSWITCH (`volume_in`, `volume_out`), as what the sound is multiplied by. */
const GAINS = [0.2, 0.4, 0.6, 0.8, 1, 1.3, 2.3, 3.3, 4.3] as const;

/** Gains that a participant may have: -40 dB … +20 dB. */
export const LEAST_GAIN = 0.01;
export const MOST_GAIN = 10;

/** The gain that a level of KAZOO's `Volume-In-Level` and `Volume-Out-Level` means; whatever is beyond -4 … 4 counts as the nearest. */
export const gainOfLevel = (level: number): number => GAINS[Math.min(8, Math.max(0, Math.round(level) + 4))] ?? 1;

/** So many levels louder or quieter than the level nearest to a gain, on the scale of our ears. */
export function stepped(gain: number, steps: number): number {
  const far = (of: number): number => Math.abs(Math.log(of / gain));
  const nearest = GAINS.reduce((best, each, index) => (far(each) < far(GAINS[best] ?? 1) ? index : best), 0);
  return gainOfLevel(nearest - 4 + steps);
}
