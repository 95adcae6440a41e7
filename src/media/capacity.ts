import { isObject, type Json } from '../base/index.ts';

/** What one thread needed for legs of one codec. */
export interface CapacityMeasurement {
  readonly codec: string;
  /** Legs at the same time while it was measured. */
  readonly legs: number;
  /** µs of CPU, user and system together, per leg and second. */
  readonly cpuMicrosPerLegSecond: number;
}

/** What a machine can carry, as it is kept in `capacity.json`. */
export interface Capacity {
  /** Threads that it was worked out for. */
  readonly threads: number;
  /** Which machine it is true of, for instance processor and cores; on another one it must be measured anew. */
  readonly machine: string;
  readonly measured: readonly CapacityMeasurement[];
  /** Legs of each codec, if all were of that one. */
  readonly legs: Readonly<Record<string, number>>;
  /** Legs in all that the engine should take: `limits.legs`. */
  readonly limit: number;
}

/** What a limit is worked out from. */
export interface CapacityOptions {
  readonly threads: number;
  readonly machine: string;
  /** Share of a thread's time that legs may use, 0 … 1; the rest is for the moments that are worse than the mean. Default 0.7. */
  readonly share?: number;
  /** The codec that most legs are expected to have; the limit is its figure. Default: the dearest one, so that any mixture fits. */
  readonly codec?: string;
}

/** More legs than measured cost more each, because caches stay as small as they are; beyond so many times as many nothing is promised. */
const STRETCH = 4;

/** Works out from measurements how many legs a machine can carry; undefined: nothing usable was measured. */
export function capacityOf(measured: readonly CapacityMeasurement[], options: CapacityOptions): Capacity | undefined {
  const { threads, machine, share = 0.7, codec } = options;
  const legs: Record<string, number> = {};
  for (const each of measured) {
    if (!(each.legs > 0 && each.cpuMicrosPerLegSecond > 0)) continue;
    const perThread = Math.min(Math.floor((share * 1_000_000) / each.cpuMicrosPerLegSecond), STRETCH * each.legs);
    // Of one codec measured more than once, the worst is believed.
    legs[each.codec] = Math.min(legs[each.codec] ?? Number.POSITIVE_INFINITY, perThread * threads);
  }
  const figures = Object.values(legs);
  if (figures.length === 0) return undefined;
  const limit = (codec === undefined ? undefined : legs[codec]) ?? Math.min(...figures);
  return { threads, machine, measured, legs, limit: Math.max(1, limit) };
}

/** The admission limit that a kept capacity means here; undefined when it is none, or of another machine or number of threads. */
export function limitOf(
  kept: Json | undefined,
  { threads, machine }: { readonly threads: number; readonly machine: string },
): number | undefined {
  if (!isObject(kept) || kept['threads'] !== threads || kept['machine'] !== machine) return undefined;
  const { limit } = kept;
  return typeof limit === 'number' && Number.isInteger(limit) && limit > 0 ? limit : undefined;
}
