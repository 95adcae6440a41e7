import { Failure } from '../base/index.ts';
import type { LegId } from '../conference/index.ts';
import type { Place, Rooms } from './rooms.ts';
import type { LegState } from './thread/messages.ts';
import { overloaded, type Seat, type Threads } from './threads.ts';

/** What moves need of their engine. */
export interface MovesOptions {
  readonly legs: Map<LegId, Place>;
  readonly rooms: Rooms;
  readonly threads: Threads;
  readonly rowOf: (address: string) => number;
  /** It was on its way, and nothing is left of it. */
  readonly onLost: (leg: LegId, state: LegState) => void;
}

/** A leg between two threads, and what was wanted of it meanwhile. */
interface Crossing {
  readonly over: Promise<void>;
  readonly later: (() => void)[];
}

/**
 * Legs that go from room to room. Within a thread that is one order. To another thread a leg goes with its state and its port, which the one thread
 * closes and the other opens; what comes for it meanwhile waits.
 */
export class Moves {
  readonly #options: MovesOptions;
  readonly #crossings = new Map<LegId, Crossing>();

  constructor(options: MovesOptions) {
    this.#options = options;
  }

  /** Resolves at once unless the leg is between two threads. */
  async settled(leg: LegId): Promise<void> {
    for (let on = this.#crossings.get(leg); on !== undefined; on = this.#crossings.get(leg)) await on.over;
  }

  /** The leg is between two threads. */
  isCrossing(leg: LegId): boolean {
    return this.#crossings.has(leg);
  }

  /** Does it when the leg has arrived; false: it is not on its way. */
  defer(leg: LegId, order: () => void): boolean {
    return (this.#crossings.get(leg)?.later.push(order) ?? 0) > 0;
  }

  async move(leg: LegId, room: string): Promise<void> {
    if (this.isCrossing(leg)) await this.settled(leg);
    const { legs, rooms } = this.#options;
    const from = legs.get(leg);
    if (from === undefined) throw noSuchLeg();
    if (from.room === room) return;
    const there = rooms.find(room)?.seat;
    if (there !== undefined && there !== from.seat) await this.#cross(leg, from, { room, there });
    else await this.#within(leg, from, room);
  }

  /** The room that it leaves is kept until it has gone. */
  async #within(leg: LegId, from: Place, room: string): Promise<void> {
    const { legs, rooms } = this.#options;
    const place = rooms.enter(room, from.seat);
    legs.set(leg, place);
    try {
      if ((await place.seat.link.ask({ do: 'move', leg, room })) !== true) throw noSuchLeg();
    } finally {
      rooms.leave(from);
    }
  }

  async #cross(leg: LegId, from: Place, { room, there }: { readonly room: string; readonly there: Seat }): Promise<void> {
    if (!there.gauge.admits) throw overloaded(there);
    const over = Promise.withResolvers<void>();
    const later: (() => void)[] = [];
    this.#crossings.set(leg, { over: over.promise, later });
    try {
      await this.#carry(leg, from, room);
    } finally {
      this.#crossings.delete(leg);
      for (const order of later) order();
      over.resolve();
    }
  }

  async #carry(leg: LegId, from: Place, room: string): Promise<void> {
    const { legs, rooms, threads, rowOf, onLost } = this.#options;
    const state = (await from.seat.link.ask({ do: 'release', leg })) as LegState | false | 'stays';
    if (state === false) throw noSuchLeg();
    if (state === 'stays') throw new Failure('conflict', 'leg_stays', 'the leg shares its port and cannot go to another media thread');
    // Its old thread has died since it left, and everybody was told that the leg is gone.
    if (legs.get(leg) !== from) throw new Failure('unavailable', 'thread_died', 'the media thread has ended');
    const place = rooms.enter(room, rooms.find(room)?.seat ?? from.seat);
    legs.set(leg, place);
    threads.leave(from.seat);
    threads.arrive(place.seat);
    rooms.leave(from);
    const { address, port, ssrc, sequence, timestamp, cname } = state;
    try {
      await place.seat.link.ask({
        do: 'open',
        leg: { leg, room, address, row: rowOf(address), port, ssrc, sequence, timestamp, cname, state },
      });
    } catch (error) {
      onLost(leg, state);
      throw error;
    }
  }
}

export const noSuchLeg = (): Failure => new Failure('not-found', 'no_such_leg', 'this leg is not open');
