import type { Bus } from '../bus/index.ts';
import type { Calls } from '../calls/index.ts';
import type { Conferences, Lobbies } from '../conference/index.ts';
import type { Engine } from '../media/index.ts';
import type { Storage } from '../recording/index.ts';
import type { Streams } from '../streams/index.ts';
import type { Certificates } from './certificates.ts';
import type { Followers } from './followers.ts';
import { metricsText } from './metrics.ts';
import { readings } from './readings.ts';
import { soundReadings } from './sound-readings.ts';

/** Everything that is counted. */
export interface ScrapeNeeds {
  readonly engine: Engine;
  readonly calls: Calls;
  readonly bus: Bus;
  readonly followers: Followers;
  readonly conferences: Conferences;
  readonly lobbies: Pick<Lobbies, 'count'>;
  readonly certificates: Pick<Certificates, 'expiresAt'> | undefined;
  readonly programs: Streams;
  readonly storage: Pick<Storage, 'counts'>;
}

/** What `/metrics` answers. */
export async function scrape({
  engine,
  calls,
  bus,
  followers,
  conferences,
  lobbies,
  certificates,
  programs,
  storage,
}: ScrapeNeeds): Promise<string> {
  return metricsText([
    ...readings({
      engine: await engine.metrics(),
      load: engine.load(),
      calls: calls.counts(),
      bus: bus.counts(),
      followers: followers.counts(),
      queueDepth: conferences.queueDepth,
      lobbies: lobbies.count,
      certificateExpiresAt: certificates?.expiresAt,
    }),
    ...soundReadings({ streams: programs.counts(), uploads: storage.counts() }),
  ]);
}
