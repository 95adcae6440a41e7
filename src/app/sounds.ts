import { join } from 'node:path';
import type { Chance, Clock, Log, Owner } from '../base/index.ts';
import type { Execute, MediaLibrary } from '../conference/index.ts';
import { openFetch } from '../fetch/index.ts';
import type { Engine } from '../media/index.ts';
import { type OpenPlayer, openMediaLibrary, openPlayer, type Say, type Sayings } from '../playing/index.ts';
import type { AllStores } from '../store/index.ts';
import type { Config } from './config.ts';

/** What is needed to play into rooms. */
export interface SoundNeeds {
  readonly config: Pick<Config, 'dataDir' | 'fetchAllow' | 'playing'>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly owner: Owner;
  readonly engine: Engine;
  readonly store: AllStores;
  readonly execute: Execute;
  /** Absent: no text can be spoken. */
  readonly say?: Say;
  readonly sayings?: Sayings;
}

/** The prompts that come with the server. */
const SHIPPED = join(import.meta.dirname, '../../prompts');

/** What plays, and what accounts can have played. The folder of uploads and that of prompts are in the data directory unless somebody says otherwise. */
export function openSounds({ config, owner, engine, store, execute, say, sayings, ...needs }: SoundNeeds): {
  player: OpenPlayer;
  library: MediaLibrary;
} {
  const { clock, chance, log } = needs;
  const { promptsDir, maxUrlBytes, keepBytes } = config.playing;
  const folder = join(config.dataDir, 'media');
  const fetch = owner.own(openFetch({ clock, log, allow: config.fetchAllow }));
  const shared = { clock, documents: store.media, folder };
  const player = owner.own(
    openPlayer({
      ...shared,
      log,
      engine,
      execute,
      fetch,
      prompts: promptsDir,
      shipped: SHIPPED,
      maxUrlBytes,
      keepBytes,
      ...(say === undefined ? {} : { say }),
      ...(sayings && { sayings }),
    }),
  );
  return { player, library: openMediaLibrary({ ...shared, chance }) };
}
