import type { AccountId } from '../accounts/index.ts';
import { type Closable, Failure } from '../base/index.ts';
import type { Player, Playing, PlayingId, PlaySource, RoomOf } from '../conference/index.ts';
import { Play, type PlayOutcome } from './play.ts';
import type { PlayerCounts, PlayerOptions } from './player-options.ts';
import { Sounds } from './sounds.ts';
import { Sources } from './sources.ts';

/** The open player. */
export interface OpenPlayer extends Player, Closable {
  counts(): PlayerCounts;
}

/** Of the ring of a feed: 0.68 s at 48 kHz. */
const RING_BYTES = 65_536;

/** Plays into rooms through feeds of the engine; what it reads and decodes is read and decoded in small pieces, as it is needed. */
export function openPlayer(options: PlayerOptions): OpenPlayer {
  return new RoomPlayer(options);
}

class RoomPlayer implements OpenPlayer {
  readonly #options: PlayerOptions;
  readonly #sounds: Sounds;
  readonly #sources: Sources;
  readonly #plays = new Map<string, Play>();
  readonly #running = new Set<Promise<void>>();
  #finished = 0;
  #failed = 0;
  #isClosed = false;

  constructor(options: PlayerOptions) {
    const { clock, keepBytes } = options;
    this.#options = options;
    this.#sounds = new Sounds({ clock, ...(keepBytes === undefined ? {} : { keepBytes }) });
    this.#sources = new Sources(options, this.#sounds);
  }

  async check(account: AccountId, sources: readonly PlaySource[]): Promise<void> {
    if (this.#isClosed) throw new Failure('unavailable', 'closed', 'the player is closed');
    for (const source of sources) await this.#sources.find(account, source);
  }

  start(room: RoomOf, playing: Playing): void {
    const key = keyOf(room, playing.id);
    if (this.#isClosed || this.#plays.has(key)) return;
    try {
      const running = this.#run(room, playing, key).finally(() => this.#running.delete(running));
      this.#running.add(running);
    } catch (error) {
      this.#tell(room, playing.id, { reason: 'failed', words: 'the room cannot be played to', ms: 0 }, error);
    }
  }

  stop(room: RoomOf, playing: PlayingId): void {
    const key = keyOf(room, playing);
    this.#plays.get(key)?.stop();
    this.#plays.delete(key);
  }

  counts(): PlayerCounts {
    return { playing: this.#plays.size, keptBytes: this.#sounds.bytes, finished: this.#finished, failed: this.#failed };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const each of this.#plays.values()) each.stop();
    this.#plays.clear();
    await Promise.all(this.#running);
    this.#sounds.close();
  }

  /** Throws at once when the engine gives no feed. */
  #run(room: RoomOf, { id, sources, loops }: Playing, key: string): Promise<void> {
    const { engine, clock } = this.#options;
    const { account, conference } = room;
    const feed = engine.feed(account, conference, { source: { kind: 'prompt', id }, bytes: RING_BYTES });
    const find = this.#sources;
    const open = async function* (source: PlaySource) {
      yield* (await find.find(account, source))();
    };
    const play = new Play({ feed, clock, open, sources, loops });
    this.#plays.set(key, play);
    return play.run().then(
      (outcome) => this.#ended(room, id, { key, play, outcome }),
      (error: unknown) => {
        play.stop();
        this.#ended(room, id, { key, play, outcome: { reason: 'failed', words: 'an unexpected error', ms: 0 }, error });
      },
    );
  }

  #ended(room: RoomOf, id: PlayingId, { key, play, outcome, error }: Ended): void {
    if (this.#plays.get(key) === play) this.#plays.delete(key);
    if (outcome !== undefined) this.#tell(room, id, outcome, error);
  }

  /** Tells the domain, and the operator what failed. */
  #tell({ account, conference }: RoomOf, playing: PlayingId, { reason, words, ms }: PlayOutcome, error?: unknown): void {
    const { log, execute } = this.#options;
    const fields = { account, conference, playing, played_ms: Math.round(ms) };
    if (reason === 'finished') this.#finished += 1;
    else this.#failed += 1;
    if (error !== undefined) log.error('a playing broke', { ...fields, error });
    else if (reason === 'failed') log.warn('a playing failed', { ...fields, words });
    else log.debug('a playing finished', fields);
    const input = { conference, playing, reason, ...(words === undefined ? {} : { words }) };
    execute('play.ended', input, { account, kind: 'system' }).catch((failure: unknown) => {
      log.warn('the end of a playing could not be told', { ...fields, error: failure });
    });
  }
}

interface Ended {
  readonly key: string;
  readonly play: Play;
  readonly outcome: PlayOutcome | undefined;
  readonly error?: unknown;
}

const keyOf = ({ account, conference, instance }: RoomOf, id: PlayingId): string => [account, conference, instance, id].join(' ');
