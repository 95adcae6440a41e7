import type { Effort } from './effort.ts';
import { Room } from './room.ts';

/** The 20 ms are cut into four, and each room has its quarter: shorter ticks, shorter waits. */
export const PHASES = 4;
/**
 * So many legs are served in one of the four phases, twice as many in two, and the others are slept through: a short tick finds cold caches, and
 * waking costs as much as several legs. With more legs all four are used, to keep ticks short.
 */
const FEW = 256;

/** The rooms of a thread, by name and by the quarter in which they are served. */
export class RoomTable {
  readonly #effort: Effort;
  readonly #rooms = new Map<string, Room>();
  readonly #phases: Room[][] = Array.from({ length: PHASES }, () => []);

  constructor(effort: Effort) {
    this.#effort = effort;
  }

  find(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  all(): IterableIterator<Room> {
    return this.#rooms.values();
  }

  servedIn(phase: number): readonly Room[] {
    return this.#phases[phase]!;
  }

  /** The room of this name, a new one if need be. `legs`: how many the thread has. */
  of(name: string, legs: number): Room {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    const sizes = this.#phases.map((rooms) => rooms.reduce((sum, { size }) => sum + size + 1, 0));
    const apart = legs < FEW ? PHASES : legs < 2 * FEW ? PHASES / 2 : 1;
    const open = sizes.map((size, phase) => (phase % apart === 0 ? size : Number.POSITIVE_INFINITY));
    return this.in(name, open.indexOf(Math.min(...open)));
  }

  /** The same, with the phase of a new one. */
  in(name: string, phase: number): Room {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    const room = new Room(name, phase, this.#effort);
    this.#rooms.set(name, room);
    this.#phases[phase]!.push(room);
    return room;
  }

  drop(room: Room): void {
    this.#rooms.delete(room.name);
    const rooms = this.#phases[room.phase]!;
    rooms.splice(rooms.indexOf(room), 1);
  }
}
