import { type Clock, Failure } from '../base/index.ts';
import { OpenFeed } from './feed.ts';
import { type Place, sourceName } from './rooms.ts';
import { OpenTap } from './tap.ts';
import type { Feed, FeedRequest, Tap, TapRequest } from './tap-types.ts';
import type { ThreadStream } from './thread/messages.ts';
import { ringMemory } from './thread/shared-ring.ts';

const FEED_BYTES = 128 * 1024;

interface Listening {
  readonly taps: Map<number, OpenTap>;
  /** With the names by which they are known in the thread. */
  readonly feeds: Map<number, Speaking>;
}

interface Speaking {
  readonly name: string;
  readonly feed: OpenFeed;
  /** It is a leg without a socket. */
  readonly stream?: ThreadStream | undefined;
}

/** Who listens to rooms, or speaks in them, without being in them. A tap waits for its room and outlives it; a feed waits and ends with it. */
export class Outsiders {
  readonly #clock: Clock;
  readonly #placeOf: (room: string) => Place | undefined;
  readonly #rooms = new Map<string, Listening>();
  #numbers = 0;

  constructor({ clock, placeOf }: { clock: Clock; placeOf: (room: string) => Place | undefined }) {
    this.#clock = clock;
    this.#placeOf = placeOf;
  }

  tap(room: string, request: TapRequest): Tap {
    const number = ++this.#numbers;
    const onClose = (): void => {
      this.#rooms.get(room)?.taps.delete(number);
      this.#placeOf(room)?.seat.link.tell({ do: 'untap', tap: number, room });
      this.#tidy(room);
    };
    const tap = new OpenTap({ clock: this.#clock, request, onClose });
    this.#listening(room).taps.set(number, tap);
    const place = this.#placeOf(room);
    if (place !== undefined) tellTap(place, number, tap);
    return tap;
  }

  feed(room: string, { source, bytes = FEED_BYTES }: FeedRequest, stream?: ThreadStream): Feed {
    const name = sourceName(source);
    const { feeds } = this.#listening(room);
    if ([...feeds.values()].some((each) => each.name === name)) {
      throw new Failure('conflict', 'feed_open', 'this source is fed already');
    }
    const number = ++this.#numbers;
    const feed = new OpenFeed(ringMemory(bytes), () => {
      this.#rooms.get(room)?.feeds.delete(number);
      this.#placeOf(room)?.seat.link.tell({ do: 'unfeed', feed: number, room });
      this.#tidy(room);
    });
    const speaking = { name, feed, stream };
    feeds.set(number, speaking);
    const place = this.#placeOf(room);
    if (place !== undefined) tellFeed(place, number, speaking);
    return feed;
  }

  /** The room lives, in this thread. */
  began(place: Place): void {
    const listening = this.#rooms.get(place.room);
    if (listening === undefined) return;
    for (const [number, tap] of listening.taps) tellTap(place, number, tap);
    for (const [number, speaking] of listening.feeds) tellFeed(place, number, speaking);
  }

  /** The room has no leg any more, or its thread has died. */
  ended({ room, seat }: Place): void {
    const listening = this.#rooms.get(room);
    if (listening === undefined) return;
    for (const [number, tap] of listening.taps) {
      seat.link.tell({ do: 'untap', tap: number, room });
      tap.finish();
    }
    for (const [number, { feed }] of listening.feeds) {
      seat.link.tell({ do: 'unfeed', feed: number, room });
      feed.finish();
    }
    listening.feeds.clear();
    this.#tidy(room);
  }

  close(): void {
    for (const { taps, feeds } of [...this.#rooms.values()]) {
      for (const tap of [...taps.values()]) tap.close();
      for (const { feed } of [...feeds.values()]) feed.close();
    }
    this.#rooms.clear();
  }

  #listening(room: string): Listening {
    const listening = this.#rooms.get(room) ?? { taps: new Map(), feeds: new Map() };
    this.#rooms.set(room, listening);
    return listening;
  }

  #tidy(room: string): void {
    const listening = this.#rooms.get(room);
    if (listening !== undefined && listening.taps.size + listening.feeds.size === 0) this.#rooms.delete(room);
  }
}

function tellFeed({ room, seat }: Place, number: number, { name, feed: { memory }, stream }: Speaking): void {
  seat.link.tell({ do: 'feed', feed: number, room, name, memory, ...(stream === undefined ? {} : { stream }) });
}

function tellTap({ room, seat }: Place, tap: number, open: OpenTap): void {
  seat.link.tell({ do: 'tap', tap, room, what: open.request.what, memory: open.begin() });
}
