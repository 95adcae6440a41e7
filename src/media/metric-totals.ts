import type { EngineMetrics } from './engine-types.ts';
import { LatenessSum } from './lateness-sum.ts';
import { type LatenessCounts, noCounts } from './thread/counters.ts';
import { noRatings } from './thread/leg-quality.ts';

/** The counters of a thread. */
export type Counts = Omit<EngineMetrics, 'tickLateness'>;
/** What a thread answers when it is asked for its metrics: counters since it began, lateness since it was last asked. */
export type ThreadMetrics = Counts & { readonly tickLateness: LatenessCounts };

/** What is there now; everything else has been counted since the beginning and only grows. */
const PRESENT = { legs: 0, mixes: 0, ports: 0, ...noRatings() };

/** Nothing yet. */
export const noTotals = (): Counts => ({ ...noCounts(), ...PRESENT });

/** Adds every number of the one to the other. */
function added(to: Counts, each: Counts): Counts {
  const sum: Record<string, number> = { ...to };
  for (const [name, value] of Object.entries(each)) if (typeof value === 'number') sum[name] = (sum[name] ?? 0) + value;
  return sum as unknown as Counts;
}

/** The figures of all threads together, those that have died included. */
export class Totals {
  #buried = noTotals();
  #late = new LatenessSum();

  late(counts: LatenessCounts): void {
    this.#late.add(counts);
  }

  /** What a thread had counted when it was last asked stays counted. */
  bury(last: Counts): void {
    this.#buried = added(this.#buried, { ...last, ...PRESENT });
  }

  /** Lateness begins anew with each read. */
  read(threads: readonly Counts[]): EngineMetrics {
    const late = this.#late;
    this.#late = new LatenessSum();
    const tickLateness = { p50: late.quantile(0.5), p99: late.quantile(0.99), max: late.max };
    return { ...threads.reduce(added, this.#buried), tickLateness };
  }
}
