import type { Json, JsonObject } from '../base/index.ts';

/** What a profile says of the sound of a room. */
export interface SoundSettings {
  /** Samples in a second that the room has at most: what is heard ends at half of it. */
  readonly rate: number;
  /** Voices are brought to one loudness. */
  readonly levels: boolean;
  /** Mean absolute sample value above which somebody is heard, 0 … 1800; 0: always. */
  readonly energyLevel: number;
  /** dBov of the noise while nobody talks; missing: silence. */
  readonly comfortNoise?: number;
}

/** What a profile's `rate` may be. */
const RATES: readonly number[] = [8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000];

/** Effective value of FreeSWITCH's noise before it is divided by its level: six even spreads of 16 bits, added and clipped. */
const FULL_NOISE = 26_400;

/** Reads a profile's keys `rate energy-level comfort-noise` (kazoo-facts §3.4) and FreeSWITCH's `auto-gain-level`; see docs/profile.md. */
export function soundSettings(profile: JsonObject): SoundSettings {
  const { rate } = profile;
  const noise = comfortNoise(profile['comfort-noise']);
  return {
    rate: typeof rate === 'number' && RATES.includes(rate) ? rate : 48_000,
    levels: !isOff(profile['auto-gain-level']),
    energyLevel: within(profile['energy-level'], 1800) ?? 20,
    ...(noise === undefined ? {} : { comfortNoise: noise }),
  };
}

const within = (value: Json | undefined, most: number): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= most ? value : undefined;

/** Programs that speak of FreeSWITCH's profiles write numbers and truths also as text. */
const isOff = (value: Json | undefined): boolean => value === false || value === 'false' || Number(value ?? 1) === 0;

/** FreeSWITCH divides full noise by the level: a greater one is quieter, and 0 is none. */
function comfortNoise(value: Json | undefined): number | undefined {
  const level = within(value, 10_000);
  if (level === undefined || level === 0) return undefined;
  return Math.max(-127, Math.round(20 * Math.log10(FULL_NOISE / level / 32_768)));
}
