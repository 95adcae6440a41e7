import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountId } from '../../src/accounts/index.ts';
import { noLog, SystemClock } from '../../src/base/index.ts';
import type { Execute, MediaDocument, MediaDocuments, Playing, PlayingId, PlaySource, RoomOf } from '../../src/conference/index.ts';
import { openFetch } from '../../src/fetch/index.ts';
import type { Feed, FeedRequest } from '../../src/media/index.ts';
import { FeedWriter } from '../../src/media/index.ts';
import { RingReader, ringMemory } from '../../src/media/thread/shared-ring.ts';
import { type OpenPlayer, openPlayer, type PlayerOptions } from '../../src/playing/index.ts';
import { FakeClock } from './fake-clock.ts';

/** A player whose engine writes down what it would have played, frame by frame. */

const account = 'a'.repeat(32) as AccountId;
const room = { account, conference: 'room', instance: 'one' } as RoomOf;

/** 20 ms that were played. */
export interface PlayedFrame {
  readonly rate: number;
  readonly samples: Int16Array;
}

/** What a playing ended with. */
export interface End {
  readonly reason: string;
  readonly words?: string;
}

class Documents implements MediaDocuments {
  readonly all = new Map<string, MediaDocument>();
  async find(of: AccountId, id: string): Promise<MediaDocument | undefined> {
    const found = this.all.get(id);
    return found?.account === of ? found : undefined;
  }
  async list(of: AccountId): Promise<readonly MediaDocument[]> {
    return [...this.all.values()].filter((each) => each.account === of);
  }
  async save(document: MediaDocument): Promise<void> {
    this.all.set(document.id, document);
  }
  async remove(_of: AccountId, id: string): Promise<void> {
    this.all.delete(id);
  }
}

/** A feed that is read by the test. */
class RecordedFeed implements Feed {
  readonly memory: SharedArrayBuffer;
  readonly frames: PlayedFrame[] = [];
  isClosed = false;
  #hasEnded = false;
  readonly starved = 0;
  readonly #writer: FeedWriter;
  readonly #reader: RingReader;

  constructor({ bytes = 131_072 }: FeedRequest) {
    this.memory = ringMemory(bytes);
    this.#writer = new FeedWriter(this.memory);
    this.#reader = new RingReader(this.memory);
  }

  get waiting(): number {
    return this.#writer.waiting;
  }
  /** The room's rate, as its thread says. */
  set roomRate(rate: 8000 | 16_000 | 48_000) {
    this.#reader.want(rate);
  }
  get roomRate(): 8000 | 16_000 | 48_000 | undefined {
    return this.#writer.roomRate;
  }
  space(rate: 8000 | 16_000 | 48_000): number {
    return this.#writer.space(rate);
  }
  write(samples: Int16Array, rate: 8000 | 16_000 | 48_000): number {
    return this.#writer.write(samples, rate);
  }
  /** It would have nothing to play. */
  get isHungry(): boolean {
    return !this.isClosed && !this.#hasEnded && this.waiting < 20;
  }
  end(): void {
    this.#hasEnded = true;
    this.#writer.end();
  }
  close(): void {
    this.isClosed = true;
    this.#reader.close();
  }
  /** One tick. */
  take(): void {
    const reader = this.#reader;
    if (this.isClosed || !reader.next()) return;
    const from = reader.at / 2;
    this.frames.push({ rate: reader.rate, samples: reader.samples.slice(from, from + reader.length / 2) });
  }
}

/** The house of the test; `close` removes everything. */
export class PlayingHouse {
  readonly clock = new FakeClock();
  readonly account = account;
  readonly room = room;
  readonly documents = new Documents();
  readonly ends = new Map<string, End>();
  readonly feeds = new Map<string, RecordedFeed>();
  /** The rate of the room, where its thread has said. */
  roomRate: 8000 | 16_000 | 48_000 | undefined;
  readonly folder: string;
  readonly player: OpenPlayer;
  readonly #fetch;
  readonly #servers: Server[] = [];
  #count = 0;

  static async open(options: Partial<PlayerOptions> = {}): Promise<PlayingHouse> {
    return new PlayingHouse(await mkdtemp(join(tmpdir(), 'parley-playing-')), options);
  }

  private constructor(folder: string, options: Partial<PlayerOptions>) {
    this.folder = folder;
    this.#fetch = openFetch({ clock: new SystemClock(), log: noLog, allow: ['loopback'] });
    const execute = (async (_name: string, input: { playing: string; reason: string; words?: string }) => {
      this.ends.set(input.playing, { reason: input.reason, ...(input.words === undefined ? {} : { words: input.words }) });
    }) as unknown as Execute;
    this.player = openPlayer({
      engine: {
        feed: (_account, _conference, request) => {
          const feed = new RecordedFeed(request);
          if (this.roomRate !== undefined) feed.roomRate = this.roomRate;
          this.feeds.set(request.source.id, feed);
          return feed;
        },
      },
      execute,
      clock: this.clock,
      log: noLog,
      documents: this.documents,
      folder: join(folder, 'media'),
      prompts: join(folder, 'prompts'),
      shipped: join(folder, 'shipped'),
      fetch: this.#fetch,
      ...options,
    });
  }

  /** A web server on loopback; gives its URL. */
  async serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  start(sources: readonly PlaySource[], loops = 1): PlayingId {
    this.#count += 1;
    const id = `play-${this.#count}` as PlayingId;
    const playing: Playing = { id, sources, to: 'all', loops, duck: 1 };
    this.player.start(this.room, playing);
    return id;
  }

  /** Lets time pass, 20 ms at a time, each as soon as the player has done what it wanted to do meanwhile. */
  async run(ms: number): Promise<void> {
    for (let tick = 0; tick < ms / 20; tick++) {
      await new Promise((wake) => setImmediate(wake));
      for (let turn = 0; turn < 100 && [...this.feeds.values()].some((each) => each.isHungry); turn++) {
        await new Promise((wake) => setTimeout(wake, 1));
        if (turn > 50) this.clock.advance(20);
      }
      for (const feed of this.feeds.values()) feed.take();
      this.clock.advance(20);
    }
  }

  /** Plays to the end, and gives all of it as one sound for each rate it had. */
  async play(sources: readonly PlaySource[], loops = 1): Promise<{ end: End; frames: readonly PlayedFrame[] }> {
    const id = this.start(sources, loops);
    for (let tick = 0; tick < 100_000 && !this.ends.has(id); tick++) await this.run(20);
    return { end: this.ends.get(id) ?? { reason: 'never' }, frames: this.feeds.get(id)?.frames ?? [] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.player.close();
    await this.#fetch.close();
    for (const each of this.#servers) {
      each.closeAllConnections();
      each.close();
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Frames of one rate as one sound. */
export function soundOf(frames: readonly PlayedFrame[], rate = frames[0]?.rate): Int16Array {
  return Int16Array.from(frames.filter((each) => each.rate === rate).flatMap(({ samples }) => [...samples]));
}
