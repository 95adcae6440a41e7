import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { type Json, type Log, noLog, SystemChance, SystemClock } from '../base/index.ts';
import {
  type Capacity,
  type CapacityOutcome,
  type CapacityTask,
  capacityOf,
  capacityTasks,
  limitOf,
  measureCapacity,
} from '../media/index.ts';
import type { Config } from './config.ts';

export type { Capacity, CapacityOutcome, CapacityTask };

/** How this machine's capacity is to be measured. */
export interface CapacityWishes {
  /** Each codec is measured for so long. Default 6. */
  readonly seconds?: number;
  readonly warmUp?: number;
  /** Legs at most while it is measured. */
  readonly legs?: number;
  /** Share of a thread's time that legs may use, 0 … 1. Default 0.7. */
  readonly share?: number;
  /** The codec whose figure becomes the limit. Default: the dearest. */
  readonly codec?: string;
  readonly onProgress?: (task: CapacityTask, outcome?: CapacityOutcome) => void;
}

const fileIn = (dataDir: string): string => join(dataDir, 'capacity.json');

/** What a capacity is true of: the media threads that the engine will run, and the processor they run on. */
export function machine(threads?: number): { readonly threads: number; readonly machine: string } {
  const cores = availableParallelism();
  return { threads: threads ?? Math.max(1, cores - 1), machine: `${arch()}, ${cores} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}` };
}

/** Measures this machine and keeps the result in the data directory, for the next start; undefined when nothing could be measured. */
export async function keepCapacity(
  { dataDir, sockets, mediaThreads }: Pick<Config, 'dataDir' | 'sockets' | 'mediaThreads'>,
  { seconds, warmUp, legs = Number.POSITIVE_INFINITY, share, codec, onProgress }: CapacityWishes,
): Promise<{ readonly capacity: Capacity | undefined; readonly path: string }> {
  const outcomes = await measureCapacity({
    clock: new SystemClock(),
    chance: new SystemChance(),
    log: noLog,
    cpu: otherThreads,
    tasks: capacityTasks.map((each) => ({ ...each, legs: Math.min(each.legs, legs) })),
    ...(seconds === undefined ? {} : { seconds }),
    ...(warmUp === undefined ? {} : { warmUp }),
    ...(sockets === 'auto' ? {} : { sockets }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const measured = outcomes.flatMap(({ measurement }) => measurement ?? []);
  const wishes = { ...(share === undefined ? {} : { share }), ...(codec === undefined ? {} : { codec }) };
  const capacity = capacityOf(measured, { ...machine(mediaThreads), ...wishes });
  const path = fileIn(dataDir);
  if (capacity !== undefined) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, `${JSON.stringify(capacity, undefined, 2)}\n`);
    renameSync(`${path}.new`, path);
  }
  return { capacity, path };
}

/** The limit of legs that was measured here, if it was; `foreign`: something is kept that says nothing about this machine. */
export function keptLimit(dataDir: string, threads?: number): { readonly legs?: number; readonly foreign: boolean } {
  let text: string;
  try {
    text = readFileSync(fileIn(dataDir), 'utf8');
  } catch {
    return { foreign: false };
  }
  try {
    const legs = limitOf(JSON.parse(text) as Json, machine(threads));
    return legs === undefined ? { foreign: true } : { legs, foreign: false };
  } catch {
    return { foreign: true };
  }
}

/** µs that the other threads of this process have used; the telephones of a measurement live on this one. */
function otherThreads(): number {
  const all = process.cpuUsage();
  const own = process.threadCpuUsage();
  return all.user + all.system - own.user - own.system;
}

/** How many legs the operator allows, else how many `parley capacity` found to fit this machine. */
export function capacityLimit({ dataDir, maxLegs, mediaThreads }: Config, log: Log): number | undefined {
  if (maxLegs !== undefined) return maxLegs;
  const { legs, foreign } = keptLimit(dataDir, mediaThreads);
  if (foreign) log.warn('capacity.json is not about this machine, so there is no limit of legs; run parley capacity');
  if (legs !== undefined) log.info('legs are limited to what was measured', { legs });
  return legs;
}
