import type { Chance, Clock, Log } from '../base/index.ts';
import type { Bus } from '../bus/index.ts';
import type { Execute } from '../conference/index.ts';
import type { Engine } from '../media/index.ts';
import { openStreams, type Streams } from '../streams/index.ts';
import type { Config } from './config.ts';

/** What programs that listen and speak are let in with. */
export interface ProgramNeeds {
  readonly config: Pick<Config, 'streams'>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly engine: Engine;
  readonly bus: Bus;
  /** Lobbies and conferences. */
  readonly execute: Execute;
}

/** Programs that listen and speak, over websockets that the API upgrades. */
export const openPrograms = ({ config, engine, bus, ...needs }: ProgramNeeds): Streams =>
  openStreams({ ...needs, ...config.streams, engine, follow: (options) => bus.follow(options) });
