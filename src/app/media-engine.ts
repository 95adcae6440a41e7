import { type Chance, type Clock, isObject, type Log } from '../base/index.ts';
import type { CallRecord } from '../conference/index.ts';
import { type Engine, type EngineEvent, memoryTrim, openEngine, takeLibopus } from '../media/index.ts';
import type { AllStores } from '../store/index.ts';
import type { Config } from './config.ts';

/** What the media engine is opened with. */
export interface MediaEngineNeeds {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly chance: Chance;
  readonly store: Pick<AllStores, 'calls'>;
}

/** The media engine. */
export async function openMedia(
  { config, clock, log, chance, store }: MediaEngineNeeds,
  { onEvent, limit }: { readonly onEvent: (event: EngineEvent) => void; readonly limit: number | undefined },
): Promise<Engine> {
  // Prompts are decoded here.
  takeLibopus();
  const giveBack = memoryTrim();
  return openEngine({
    clock,
    log,
    chance,
    ports: config.rtpPorts,
    preferredPorts: portsOf(await store.calls.all()),
    mediaTimeoutMs: config.mediaTimeoutMs,
    ...(config.mediaCheckMs === 0 ? {} : { quietAfterMs: config.mediaCheckMs }),
    onEvent,
    ...(giveBack === undefined ? {} : { giveBack }),
    ...(config.sockets === 'auto' ? {} : { sockets: config.sockets }),
    ...(config.mediaThreads === undefined ? {} : { threads: config.mediaThreads }),
    limits: { ...config.mediaLimits, ...(limit === undefined ? {} : { legs: limit }) },
  });
}

/** The RTP ports of the calls that were up when the last run ended without a goodbye: the engine takes these before others. */
export function portsOf(records: readonly CallRecord[]): readonly number[] {
  const ports = records.map(({ leg }) => (isObject(leg) ? leg['port'] : undefined));
  return [...new Set(ports)].filter((port) => typeof port === 'number');
}
