import type { Leg } from './leg.ts';
import type { Order } from './messages.ts';
import type { PortPair } from './port-pair.ts';
import type { RoomTable } from './room-table.ts';

/** What movers need of their thread. */
export interface MoversNeeds {
  readonly rooms: RoomTable;
  readonly pairOf: (leg: Leg) => PortPair | undefined;
  readonly answer: (ask: number, value: unknown) => void;
  /** The leg goes to another thread; it answers. */
  readonly handOver: (leg: Leg, ask: number) => void;
}

/** A leg that is wanted elsewhere. */
interface Mover {
  readonly ask: number;
  readonly leg: Leg;
  /** Null: another thread. */
  readonly room: string | null;
}

/**
 * Legs that leave their room. Each fades out of it in the next tick and goes when that is sent, so that the packets of its two rooms follow each other
 * within 20 ms, whatever their quarters are.
 */
export class Movers {
  readonly #needs: MoversNeeds;
  #movers: Mover[] = [];

  constructor(needs: MoversNeeds) {
    this.#needs = needs;
  }

  leave(leg: Leg | undefined, order: Extract<Order, { do: 'move' | 'release' }>): void {
    if (leg === undefined) {
      this.#needs.answer(order.ask, false);
      return;
    }
    leg.voice.leave();
    this.#movers.push({ ask: order.ask, leg, room: order.do === 'move' ? order.room : null });
  }

  /** The leg ends before it has gone. */
  forget(leg: Leg): void {
    for (const mover of this.#movers) if (mover.leg === leg) this.#needs.answer(mover.ask, false);
    this.#movers = this.#movers.filter((mover) => mover.leg !== leg);
  }

  /** Between two ticks: those whose room was just served go to where they are wanted. */
  carry(phase: number): void {
    if (this.#movers.length === 0) return;
    const { rooms, answer, handOver } = this.#needs;
    const due = this.#movers.filter(({ leg }) => rooms.find(leg.room)?.phase === phase);
    this.#movers = this.#movers.filter((each) => !due.includes(each));
    for (const { ask, leg, room } of due) {
      if (room === null) handOver(leg, ask);
      else {
        this.#bring(leg, room);
        answer(ask, true);
      }
    }
  }

  #bring(leg: Leg, room: string): void {
    const { rooms, pairOf } = this.#needs;
    const from = rooms.find(leg.room)!;
    const to = rooms.in(room, from.phase);
    from.release(leg);
    if (from.isEmpty) rooms.drop(from);
    leg.room = to.name;
    if (to.phase !== from.phase) {
      pairOf(leg)?.shift(leg, to.phase);
      leg.pause();
    }
    leg.voice.enter();
    to.add(leg);
  }
}
