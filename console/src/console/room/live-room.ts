import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { address } from '../../kit/api.ts';
import { Line, type LineState } from '../../kit/line.ts';
import type { Conference, Document, Event, Person, RoomState } from '../model.ts';
import { request, session } from '../session.ts';
import { Batch } from './batch.ts';
import { emptyRoom, fold } from './fold.ts';

/** Something that is being said, or was. */
export interface Caption {
  readonly who: string;
  readonly text: string;
  readonly at: string;
  readonly isFinal: boolean;
}

/** Most captions and events that are kept in the page. */
const MOST = 300;

/** One conference as it happens: a snapshot, then everything that follows, batched into frames. */
export class LiveRoom {
  readonly id: string;
  /** Ids in the order of the numbers. */
  readonly order = signal<readonly string[]>([]);
  readonly room: Signal<Omit<RoomState, 'participants'>>;
  readonly document = signal<Document | undefined>(undefined);
  readonly name = signal('');
  readonly isGone = signal(false);
  /** The newest last. */
  readonly captions = signal<readonly Caption[]>([]);
  /** What has happened since the page was opened, the newest first. */
  readonly events = signal<readonly Event[]>([]);
  readonly #live = emptyRoom();
  readonly #people = new Map<string, Signal<Person>>();
  readonly #line: Line<Event, never>;
  readonly #batch: Batch<Event>;
  #position: number | undefined;
  #heard: Event[] = [];

  constructor(id: string) {
    this.id = id;
    this.room = signal(this.#live.room);
    this.#batch = new Batch(
      (event) => this.#take(event),
      () => this.#show(),
    );
    this.#line = new Line<Event, never>({
      url: () =>
        address('/api/events', {
          conference: id,
          ...(this.#position === undefined ? {} : { after: this.#position, snapshot: true }),
        }),
      opened: () => undefined,
      heard: (event) => this.#batch.add(event),
      lost: (code) => {
        if (code === 4410) this.#position = undefined;
        if (code === 4401 || code === 4403) session.value = code === 4401 ? null : session.value;
        return code === 4401 || code === 4403 || code === 4404;
      },
    });
    void this.#readDocument();
  }

  get line(): ReadonlySignal<LineState> {
    return this.#line.state;
  }

  /** Somebody who is in. */
  person(id: string): ReadonlySignal<Person> | undefined {
    return this.#people.get(id);
  }

  /** Everybody, for who must see all at once. */
  everybody(): readonly Person[] {
    return this.order.value.flatMap((id) => this.#live.people.get(id) ?? []);
  }

  close(): void {
    this.#line.close();
    this.#batch.close();
  }

  async #readDocument(): Promise<void> {
    try {
      const { document, name } = await request<Conference>('GET', `/api/conferences/${this.id}`);
      batch(() => {
        this.document.value = document;
        this.name.value = name;
      });
    } catch {
      this.isGone.value = this.document.value === undefined;
    }
  }

  #take(event: Event): void {
    const { type, position } = event;
    if (position !== undefined) this.#position = position;
    if (type === 'snapshot' && event.state !== undefined) {
      this.document.value = event.state.document;
      this.name.value = event.state.name;
    }
    if (type === 'conference.changed') void this.#readDocument();
    if (type === 'conference.deleted') this.isGone.value = true;
    if (type === 'transcript.created' || type === 'transcript.interim') this.#caption(event);
    fold(this.#live, event);
    if (event.sequence !== undefined && type !== 'snapshot') this.#heard.push(event);
  }

  #caption({ type, participant, text = '', at }: Event): void {
    const who = participant?.id === undefined ? '' : participant.caller_name || participant.caller_number || `#${participant.number ?? ''}`;
    const isFinal = type === 'transcript.created';
    const before = this.captions.value.filter((each) => each.isFinal || each.who !== who);
    this.captions.value = [...before, { who, text, at, isFinal }].slice(-MOST);
  }

  /** Everything that changed becomes visible at once. */
  #show(): void {
    const live = this.#live;
    batch(() => {
      for (const id of live.changed) {
        const person = live.people.get(id);
        const known = this.#people.get(id);
        if (person === undefined) this.#people.delete(id);
        else if (known === undefined) this.#people.set(id, signal(person));
        else known.value = person;
      }
      live.changed.clear();
      if (live.isOther) this.order.value = [...live.people.values()].sort((a, b) => a.number - b.number).map(({ id }) => id);
      if (live.isRoom || this.#heard.length > 0) this.room.value = live.room;
      live.isOther = false;
      live.isRoom = false;
      if (this.#heard.length === 0) return;
      this.events.value = [...this.#heard.reverse(), ...this.events.value].slice(0, MOST);
      this.#heard = [];
    });
  }
}
