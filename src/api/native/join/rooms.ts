import type { AccountId } from '../../../accounts/index.ts';
import type { Closable, Log } from '../../../base/index.ts';
import type { Bus, Following, Item } from '../../../bus/index.ts';
import { type ConferenceId, type Execute, isSpeech, type ParticipantId } from '../../../conference/index.ts';
import { JoinRoom, type RoomGuest } from './room.ts';

/** What the rooms of guests need. */
export interface JoinRoomsNeeds {
  readonly follow: Bus['follow'];
  readonly execute: Execute;
  readonly log: Log;
}

/** Every conference that a page shows: all of them are followed once, whoever looks. */
export class JoinRooms implements Closable {
  readonly #needs: JoinRoomsNeeds;
  readonly #rooms = new Map<string, JoinRoom>();
  readonly #talking = new Set<ParticipantId>();
  #begun: Promise<Following> | undefined;
  #isClosed = false;

  constructor(needs: JoinRoomsNeeds) {
    this.#needs = needs;
    // Who talks must be known before the first one looks, because the bus tells nobody of a stop whose start he did not get.
    void this.#begin();
  }

  /** Shows a room to a guest from now on, until what it gives is called. */
  enter(account: AccountId, conference: ConferenceId, guest: RoomGuest): () => void {
    const key = `${account}/${conference}`;
    const { execute, log } = this.#needs;
    const known = this.#rooms.get(key);
    const room = known ?? new JoinRoom({ account, conference, execute, log, talking: this.#talking });
    if (known === undefined) this.#rooms.set(key, room);
    void this.#begin();
    room.enter(guest);
    return () => {
      room.leave(guest);
      if (room.isEmpty && this.#rooms.get(key) === room) this.#rooms.delete(key);
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    (await this.#begun?.catch(() => undefined))?.close();
  }

  #begin(): Promise<unknown> {
    if (this.#isClosed) return Promise.resolve();
    this.#begun ??= this.#needs.follow({
      take: (item) => this.#take(item),
      ended: () => {
        this.#begun = undefined;
        this.#talking.clear();
        void this.#begin().then(() => this.#showAnew());
      },
    });
    return this.#begun.catch((error: unknown) => {
      this.#begun = undefined;
      this.#needs.log.warn('guests cannot follow their conferences yet', { error });
    });
  }

  #showAnew(): void {
    for (const room of this.#rooms.values()) room.begin();
  }

  #take(item: Item): void {
    if (item.kind === 'fact') {
      const { fact } = item.entry;
      if (fact.type !== 'call.recorded') this.#rooms.get(`${fact.account}/${fact.conference}`)?.fact(fact);
      return;
    }
    const { signal } = item;
    if (isSpeech(signal)) return;
    if (signal.type === 'participant.started-talking') this.#talking.add(signal.about.id);
    else if (signal.type === 'participant.stopped-talking') this.#talking.delete(signal.about.id);
    this.#rooms.get(`${signal.account}/${signal.conference}`)?.signal(signal);
  }
}
