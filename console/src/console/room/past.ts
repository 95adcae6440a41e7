import { signal } from '@preact/signals';
import { Problem } from '../../kit/api.ts';
import type { Event, RoomState } from '../model.ts';
import { request } from '../session.ts';

interface Facts {
  readonly items: readonly Event[];
  readonly next_after: number | null;
  readonly forgotten_to: number;
}

export type Then = RoomState & { readonly at: string | null };

const PAGE = 1000;
/** Facts that are looked at in one page of the timeline. */
const MOST = 10_000;

/** What happened to a conference, and how it was at a moment. */
export class Past {
  readonly facts = signal<readonly Event[]>([]);
  readonly isForgotten = signal(false);
  readonly isLoading = signal(true);
  readonly was = signal<Then | undefined>(undefined);
  readonly #conference: string;
  #asked = 0;

  constructor(conference: string) {
    this.#conference = conference;
    void this.#load();
  }

  /** The room as it was; only the answer to the last question counts. */
  async lookAt(moment: number | string): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const query = { at: typeof moment === 'number' ? new Date(moment).toISOString() : moment };
    const found = await request<Then>('GET', `/api/conferences/${this.#conference}/state`, { query }).catch(() => undefined);
    if (asked === this.#asked) this.was.value = found;
  }

  /** Back to now. */
  leave(): void {
    this.#asked += 1;
    this.was.value = undefined;
  }

  /** What happened meanwhile. */
  add(events: readonly Event[]): void {
    const last = this.facts.value.at(-1)?.sequence ?? 0;
    const fresh = events.filter(({ sequence = 0 }) => sequence > last);
    if (fresh.length > 0 && !this.isLoading.value) this.facts.value = [...this.facts.value, ...fresh];
  }

  async #load(): Promise<void> {
    let all: readonly Event[] = [];
    let after: number | null | undefined;
    do {
      const query: Record<string, number> = { limit: PAGE, ...(after == null ? {} : { after }) };
      const page: Facts | undefined = await request<Facts>('GET', `/api/conferences/${this.#conference}/facts`, { query }).catch(
        (error) => {
          if (error instanceof Problem && error.status === 410) this.isForgotten.value = true;
          return undefined;
        },
      );
      if (page === undefined) break;
      if (page.forgotten_to > 0) this.isForgotten.value = true;
      all = [...all, ...page.items].slice(-MOST);
      after = page.next_after;
    } while (after != null);
    this.facts.value = all;
    this.isLoading.value = false;
  }
}
