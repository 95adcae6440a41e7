import type { HearingPlan, Source } from '../conference/index.ts';
import type { ThreadPlan } from './thread/messages.ts';
import type { Seat } from './threads.ts';

/** Says to a thread that nobody is to be mixed in a room; no plan of a conference has this version. */
const NOBODY: ThreadPlan = { version: -1, sources: [], listeners: [] };

/** What a source is called in the thread: a leg by its id, any other by its kind too. */
export const sourceName = ({ kind, id }: Source): string => (kind === 'leg' ? id : `${kind} ${id}`);

const legGains = (list: readonly { readonly source: Source; readonly gain: number }[]): { leg: string; gain: number }[] =>
  list.map(({ source, gain }) => ({ leg: sourceName(source), gain }));

const threadPlan = ({ sources, listeners, ...plan }: HearingPlan): ThreadPlan => ({
  ...plan,
  sources: sources.map(({ source, ...rest }) => ({ leg: sourceName(source), ...rest })),
  listeners: listeners.map(({ gains, ...rest }) => ({ ...rest, gains: legGains(gains) })),
});

const isNobody = (plan: HearingPlan): boolean => plan.sources.length === 0 && plan.listeners.length === 0;

/** Where a room lives while it has legs. */
export interface Place {
  readonly room: string;
  readonly seat: Seat;
  legs: number;
  /** The newest version that the thread mixes by. */
  applied: number;
  /** A plan is on its way to the thread. */
  isTelling: boolean;
  /** The newest plan that the thread has not been told; older ones that it was not told either are skipped. */
  next: HearingPlan | undefined;
  awaiting: readonly { readonly version: number; readonly done: () => void }[];
}

/** Hears when a room begins to live in a thread, and when it does not any more. */
export interface Lives {
  began(place: Place): void;
  ended(place: Place): void;
}

/** Which room lives in which thread, and by which plan it is mixed. A room without legs lives nowhere and costs only its plan. */
export class Rooms {
  readonly #lives: Lives;
  readonly #places = new Map<string, Place>();
  readonly #plans = new Map<string, HearingPlan>();

  constructor(lives: Lives) {
    this.#lives = lives;
  }

  find(room: string): Place | undefined {
    return this.#places.get(room);
  }

  /** One leg more; the first one decides where the room lives, so that all that come while it has legs meet there. */
  enter(room: string, seat: Seat): Place {
    const known = this.#places.get(room);
    const place: Place = known ?? { room, seat, legs: 0, applied: -1, isTelling: false, next: this.#plans.get(room), awaiting: [] };
    place.legs += 1;
    if (known === undefined) {
      this.#places.set(room, place);
      this.#lives.began(place);
      this.#tell(place);
    }
    return place;
  }

  /** One leg less; with the last one the room leaves its thread. */
  leave(place: Place): void {
    if (this.#places.get(place.room) !== place) return;
    place.legs -= 1;
    if (place.legs > 0) return;
    const wasTold = place.isTelling || place.applied >= 0;
    this.#forget(place);
    if (wasTold) place.seat.link.tell({ do: 'hear', room: place.room, plan: NOBODY });
  }

  hear(room: string, plan: HearingPlan): void {
    if (isNobody(plan)) this.#plans.delete(room);
    else this.#plans.set(room, plan);
    const place = this.#places.get(room);
    if (place === undefined) return;
    place.next = plan;
    this.#tell(place);
  }

  /** The thread mixes by this version. */
  applied(seat: Seat, room: string, version: number): void {
    const place = this.#places.get(room);
    // What another thread, or this one in an earlier life of the room, says is of no interest any more.
    if (place?.seat !== seat || version === NOBODY.version) return;
    place.isTelling = false;
    place.applied = version;
    this.#tell(place);
    const isGone = !place.isTelling && !this.#plans.has(room);
    this.#settle(place, isGone ? Number.POSITIVE_INFINITY : version);
  }

  /** Resolves when the room is mixed by this version or a later one, or is not mixed. */
  whenApplied(room: string, version: number): Promise<void> {
    const place = this.#places.get(room);
    const isGone = place !== undefined && !place.isTelling && !this.#plans.has(room) && place.applied >= 0;
    if (place === undefined || isGone || place.applied >= version) return Promise.resolve();
    return new Promise((done) => {
      place.awaiting = [...place.awaiting, { version, done }];
    });
  }

  /** The thread is gone, and the places in it. */
  bury(seat: Seat): void {
    for (const place of [...this.#places.values()]) if (place.seat === seat) this.#forget(place);
  }

  close(): void {
    for (const place of [...this.#places.values()]) this.#forget(place);
    this.#plans.clear();
  }

  #tell(place: Place): void {
    if (place.isTelling || place.next === undefined) return;
    place.seat.link.tell({ do: 'hear', room: place.room, plan: threadPlan(place.next) });
    place.isTelling = true;
    place.next = undefined;
  }

  #forget(place: Place): void {
    this.#places.delete(place.room);
    this.#lives.ended(place);
    this.#settle(place, Number.POSITIVE_INFINITY);
  }

  #settle(place: Place, version: number): void {
    const due = place.awaiting.filter((each) => each.version <= version);
    place.awaiting = place.awaiting.filter((each) => each.version > version);
    for (const { done } of due) done();
  }
}
