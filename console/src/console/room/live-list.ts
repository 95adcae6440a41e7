import { batch, signal } from '@preact/signals';
import { Line } from '../../kit/line.ts';
import type { Conference, Event, Page } from '../model.ts';
import { request, session } from '../session.ts';
import { Batch } from './batch.ts';

/** A conference as the list shows it. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly numbers: readonly string[];
  readonly people: number;
  readonly waiting: number;
  readonly locked: boolean;
  readonly recording: boolean;
  readonly since: string | null;
  readonly sequence: number;
}

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

export const listed = ({ id, name, document, participants, waiting, locked, recording, running_since, sequence }: Conference): Listed => ({
  id,
  name,
  numbers: [...new Set([...texts(document.conference_numbers), ...texts(document.member?.numbers), ...texts(document.moderator?.numbers)])],
  people: participants.filter(({ ghost }) => !ghost).length,
  waiting: waiting.length,
  locked,
  recording: recording !== null,
  since: running_since,
  sequence,
});

const STEPS: Readonly<Record<string, (before: Listed, event: Event) => Partial<Listed>>> = {
  'participant.joined': ({ people }, { participant }) => ({ people: people + (participant?.ghost === true ? 0 : 1) }),
  'participant.left': ({ people }, { participant }) => ({ people: Math.max(0, people - (participant?.ghost === true ? 0 : 1)) }),
  'waiting.joined': ({ waiting }) => ({ waiting: waiting + 1 }),
  'waiting.admitted': ({ waiting }) => ({ waiting: Math.max(0, waiting - 1) }),
  'waiting.left': ({ waiting }) => ({ waiting: Math.max(0, waiting - 1) }),
  'conference.locked': () => ({ locked: true }),
  'conference.unlocked': () => ({ locked: false }),
  'room.opened': (_, { at }) => ({ since: at }),
  'room.closed': () => ({ since: null, people: 0, waiting: 0, recording: false, locked: false }),
  'recording.started': () => ({ recording: true }),
  'recording.stopped': () => ({ recording: false }),
};

/** What an event makes of a line of the list; what was told already is left out. */
export function step(before: Listed, event: Event): Listed {
  const { sequence = 0, type } = event;
  if (sequence <= before.sequence) return before;
  return { ...before, ...STEPS[type]?.(before, event), sequence };
}

const PAGE = 200;

/** All conferences that somebody may see, as they are now. */
export class LiveList {
  readonly items = signal<readonly Listed[]>([]);
  readonly isLoading = signal(true);
  readonly failed = signal<unknown>(undefined);
  readonly #known = new Map<string, Listed>();
  readonly #batch: Batch<Event>;
  readonly #line: Line<Event, never>;
  #isOver = false;

  constructor() {
    this.#batch = new Batch(
      (event) => this.#take(event),
      () => this.#show(),
    );
    this.#line = new Line<Event, never>({
      url: () => '/api/events?signals=false',
      opened: (again) => again && void this.#load(),
      heard: (event) => this.#batch.add(event),
      lost: (code) => {
        if (code === 4401) session.value = null;
        return code === 4401 || code === 4403;
      },
    });
    void this.#load();
  }

  get line() {
    return this.#line.state;
  }

  close(): void {
    this.#isOver = true;
    this.#line.close();
    this.#batch.close();
  }

  async #load(): Promise<void> {
    try {
      for (let cursor: string | undefined; !this.#isOver; ) {
        const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
        const { items, next_cursor: next } = await request<Page<Conference>>('GET', '/api/conferences', { query });
        for (const each of items) this.#put(listed(each));
        this.#show();
        if (next === null) break;
        cursor = next;
      }
      this.failed.value = undefined;
    } catch (error) {
      this.failed.value = error;
    }
    this.isLoading.value = false;
  }

  #put(each: Listed): void {
    const known = this.#known.get(each.id);
    if (known === undefined || each.sequence >= known.sequence) this.#known.set(each.id, each);
  }

  #take(event: Event): void {
    const { type, conference: id, state } = event;
    if (id === undefined) return;
    if (state !== undefined) {
      this.#put(listed(state));
      return;
    }
    const known = this.#known.get(id);
    if (type === 'conference.deleted') this.#known.delete(id);
    else if (known === undefined || type === 'conference.changed') void this.#read(id);
    else this.#known.set(id, step(known, event));
  }

  async #read(id: string): Promise<void> {
    const found = await request<Conference>('GET', `/api/conferences/${id}`).catch(() => undefined);
    if (found === undefined) return;
    this.#put(listed(found));
    this.#show();
  }

  /** Live ones first, the fullest on top; then by name. */
  #show(): void {
    batch(() => {
      this.items.value = [...this.#known.values()].sort(
        (a, b) =>
          Number(b.since !== null) - Number(a.since !== null) ||
          Number(b.waiting > 0) - Number(a.waiting > 0) ||
          b.people - a.people ||
          a.name.localeCompare(b.name) ||
          (a.id < b.id ? -1 : 1),
      );
    });
  }
}
