import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Quality } from '../model.ts';
import { request } from '../session.ts';

/** One look at somebody. */
export interface Sample {
  /** Epoch s. */
  readonly at: number;
  /** 0–100. */
  readonly level: number;
  /** Of the packets since the look before, %. */
  readonly loss: number;
}

/** How often it is looked, ms. */
const EVERY = 1000;
/** How soon after others can be seen, ms. */
const SOON = 150;
const MOST = 180;

/** 0–1 of what an ear makes of a mean absolute sample value: 60 dB. */
export const loudness = (energy: number): number => (energy <= 32 ? 0 : Math.min(1, Math.log10(energy / 32) / 2.4));

/** % of what was sent that never came. */
export const lossOf = ({ packets_in: came, lost }: Pick<Quality, 'packets_in' | 'lost'>): number =>
  came + lost <= 0 ? 0 : (100 * lost) / (came + lost);

/** How those sound who can be seen: looked at each second, and at nobody else. */
export class Qualities {
  readonly #conference: string;
  readonly #now = new Map<string, Signal<Quality | undefined>>();
  readonly #past = new Map<string, Sample[]>();
  readonly #timer: ReturnType<typeof setInterval>;
  #wanted: readonly string[] = [];
  #isAsking = false;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor(conference: string) {
    this.#conference = conference;
    this.#timer = setInterval(() => void this.#look(), EVERY);
  }

  /** From now on these are looked at. */
  want(ids: readonly string[]): void {
    this.#wanted = ids.slice(0, 100);
    // Who scrolls on is not asked for what he passes.
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.#look(), SOON);
  }

  of(id: string): ReadonlySignal<Quality | undefined> {
    const known = this.#now.get(id);
    if (known !== undefined) return known;
    const fresh = signal<Quality | undefined>(undefined);
    this.#now.set(id, fresh);
    return fresh;
  }

  /** What was seen of somebody, the oldest first. */
  past(id: string): readonly Sample[] {
    return this.#past.get(id) ?? [];
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
  }

  async #look(): Promise<void> {
    if (this.#isAsking || this.#wanted.length === 0 || document.hidden) return;
    this.#isAsking = true;
    const query = { participants: this.#wanted.join(',') };
    const answer = await request<{ items: readonly Quality[] }>('GET', `/api/conferences/${this.#conference}/quality`, { query }).catch(
      () => undefined,
    );
    this.#isAsking = false;
    for (const each of answer?.items ?? []) this.#keep(each);
  }

  #keep(each: Quality): void {
    const known = this.of(each.id) as Signal<Quality | undefined>;
    const before = known.value;
    const past = this.#past.get(each.id) ?? [];
    const [came, lost] = [each.packets_in - (before?.packets_in ?? 0), each.lost - (before?.lost ?? 0)];
    const loss = before === undefined ? 0 : lossOf({ packets_in: Math.max(0, came), lost: Math.max(0, lost) });
    past.push({ at: Date.now() / 1000, level: 100 * loudness(each.energy), loss });
    this.#past.set(each.id, past.slice(-MOST));
    known.value = each;
  }
}
