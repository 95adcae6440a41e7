import type { Entry, Journal, JournalOf, Signal } from '../conference/index.ts';
import type { Member, Members } from './members.ts';
import type { Tail } from './tail.ts';

/** What a reader needs. */
export interface ReaderOptions {
  readonly journal: Journal;
  readonly tail: Tail;
  readonly members: Members;
  readonly of: JournalOf;
  /** Begin after this position. */
  readonly after: number;
  /** Entries per page. */
  readonly page: number;
  /** Live entries that may wait to be fetched. */
  readonly bound: number;
  /** Something waits to be fetched. */
  readonly arrived?: () => void;
  readonly heard?: (signal: Signal, pair: number) => void;
}

/** What lies between. `forgotten`: entries at or before this position may be missing from it. */
export interface Page {
  readonly entries: readonly Entry[];
  readonly forgotten: number;
}

/**
 * Where a reader stands. `behind`: far from the live entries, reads pages. `meeting`: collects live entries while it reads the last stretch up to where they
 * began. `live`: only live entries follow.
 */
type Standing = 'behind' | 'meeting' | 'live';

/** Entries after a position, from the journal page by page and then as they come, without gap and without double. Whoever fetches too slowly reads pages again. */
export class Reader implements Member {
  readonly account;
  readonly conference;
  /** Everything up to here has been fetched. */
  position: number;
  #standing: Standing = 'behind';
  /** Where the live entries began. */
  #until = 0;
  #queue: Entry[] = [];
  #closed = false;
  #direct: ((entry: Entry) => void) | undefined;
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.position = options.after;
    this.account = options.of.account;
    this.conference = options.of.conference;
    if (this.position >= options.tail.position) this.#meet();
  }

  get live(): boolean {
    return this.#standing === 'live';
  }

  entry(entry: Entry): void {
    if (entry.position <= this.position) return;
    if (this.#direct !== undefined) {
      this.position = entry.position;
      this.#direct(entry);
      return;
    }
    if (this.#queue.length >= this.#options.bound) this.#fallBehind();
    else this.#queue.push(entry);
    this.#options.arrived?.();
  }

  signal(signal: Signal, pair: number): void {
    this.#options.heard?.(signal, pair);
  }

  /** One page of what lies between; may be empty without being the end: ask until `live`. */
  async page(): Promise<Page> {
    const { journal, page, of, tail } = this.#options;
    const known = tail.position;
    const entries = await journal.read(this.position, page, of);
    // Asked after the read, as what was forgotten before it may be missing from it; and before anything here moves, as this may fail too.
    const forgotten = await journal.forgottenTo(of.account);
    return { entries: this.#accept(entries, known), forgotten };
  }

  #accept(entries: readonly Entry[], known: number): readonly Entry[] {
    const { page } = this.#options;
    const full = entries.length >= page;
    const last = entries.at(-1)?.position ?? this.position;
    if (this.#standing === 'meeting') return this.#meetingPage(entries, full && last < this.#until);
    // What was known before the read and is not in a short page is not asked for.
    this.position = full ? last : Math.max(last, known);
    if (!full) this.#meet();
    return entries;
  }

  /** Takes out at most this many of the live entries that wait. */
  fetch(limit: number): readonly Entry[] {
    const entries = this.#queue.splice(0, limit);
    this.position = entries.at(-1)?.position ?? this.position;
    return entries;
  }

  /** From now on live entries go there, those that wait first. */
  flow(direct: (entry: Entry) => void): void {
    this.#direct = direct;
    const waiting = this.#queue;
    this.#queue = [];
    for (const each of waiting) this.entry(each);
  }

  close(): void {
    this.#closed = true;
    this.#direct = () => {};
    this.#queue = [];
    this.#options.members.remove(this);
  }

  #meet(): void {
    this.#until = this.#options.tail.position;
    this.#standing = this.position >= this.#until ? 'live' : 'meeting';
    if (!this.#closed) this.#options.members.add(this);
  }

  #meetingPage(entries: readonly Entry[], more: boolean): readonly Entry[] {
    // What is newer has been collected.
    const between = entries.filter((each) => each.position <= this.#until);
    this.position = more ? (between.at(-1)?.position ?? this.position) : this.#until;
    if (!more) this.#standing = 'live';
    return between;
  }

  #fallBehind(): void {
    this.#options.members.remove(this);
    this.#queue = [];
    this.#standing = 'behind';
  }
}
