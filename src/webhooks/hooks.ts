import { createHash } from 'node:crypto';
import type { AccountId } from '../accounts/index.ts';
import { type Alarm, type Chance, type Clock, Failure, type Log, newId, randomHex } from '../base/index.ts';
import type { Entry, Journal } from '../conference/index.ts';
import type { WebhookStore } from './ports.ts';
import type { Delivery, DeliveryId, Webhook, WebhookId } from './webhook.ts';
import type { WebhookBook } from './webhook-book.ts';
import type { ForeignEvent, HookTarget, WebhooksOptions } from './webhooks-types.ts';

/** How long the address of a run that is over is kept, ms: what was recorded of it is told when it is written. With what waits to be told it is kept longer. */
const LINGER = 600_000;

/** What addresses of runs need. */
export interface HooksNeeds {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly store: WebhookStore;
  readonly journal: Pick<Journal, 'last'>;
  readonly book: WebhookBook;
  readonly ofRun: WebhooksOptions['ofRun'];
  readonly ended: WebhooksOptions['ended'];
  /** Resolves when everything that was told of a run so far is kept. */
  readonly settled: (account: AccountId, run: string) => Promise<void>;
}

/** What is told of a run. */
export interface OfRun {
  readonly account: AccountId;
  /** 32 hex digits. */
  readonly run: string;
  readonly events: readonly ForeignEvent[];
}

/** The addresses of single runs of flows: kept durably while the run lasts, and while something waits to be told there. */
export class Hooks {
  readonly #needs: HooksNeeds;
  /** Of runs that are over: since when, monotonic ms. */
  readonly #over = new Map<WebhookId, number>();
  readonly #lastDue = new Map<WebhookId, number>();
  #alarm: Alarm | undefined;
  #isClosed = false;

  constructor(needs: HooksNeeds) {
    this.#needs = needs;
  }

  /** No run has outlived the server: those that say nothing of their own end are told to be over. */
  async open(): Promise<void> {
    for (const hook of await this.#needs.book.hooks()) {
      const { account, run } = hook;
      if (run?.ending !== undefined) await this.tell({ account, run: run.id, events: [this.#ended(run.ending)] });
      await this.#ends(hook);
    }
  }

  /** Keeps the address. Refuses with conflict/errand_exists. `ending`: what is told of the run where a restart ends it. */
  async hook(
    { account, run: id, to }: { readonly account: AccountId; readonly run: string; readonly to: HookTarget },
    ending?: ForeignEvent,
  ) {
    const { clock, chance, book } = this.#needs;
    const now = clock.epoch();
    const known = await book.hookOf(account, id);
    if (known !== undefined && !this.#over.has(known.id))
      throw new Failure('conflict', 'errand_exists', 'there is a run with this id already');
    await book.keep({
      id: newId(chance, now) as WebhookId,
      account,
      url: to.uri,
      types: [],
      order: 'none',
      format: 'voipbin',
      secrets: [],
      enabled: true,
      createdAt: now,
      run: { id, method: to.method, ...(ending === undefined ? {} : { ending }) },
    });
  }

  /** There is no such run after all. */
  async unhook(account: AccountId, run: string): Promise<void> {
    const hook = await this.#needs.book.hookOf(account, run);
    if (hook !== undefined) await this.#needs.book.forget(hook);
  }

  /** What is to be sent to the address of the run that a fact is about, if it has one. */
  async messages(entry: Entry): Promise<readonly Delivery[]> {
    const about = this.#needs.ofRun?.(entry);
    if (about === undefined) return [];
    const hook = await this.#needs.book.hookOf(entry.fact.account, about.run);
    if (hook === undefined) return [];
    // What was told before the fact comes before it.
    await this.#needs.settled(hook.account, about.run);
    if (about.isOver) await this.#ends(hook);
    const { position } = entry;
    // What comes twice is queued once.
    const idOf = (part: number): string => `0${hex(part, 4)}${digest(`${hook.id} ${position} ${part}`).slice(0, 27)}`;
    const events = hook.enabled ? await about.events() : [];
    return events.map((event, part) => message(hook, event, { id: idOf(part), position, dueAt: this.#dueAt(hook) }));
  }

  /** Queues what no fact tells, behind everything that was told before. Gives whether there is anybody to tell. */
  async tell({ account, run, events }: OfRun, isOver = false): Promise<boolean> {
    const { chance, store, journal, book } = this.#needs;
    const hook = await book.hookOf(account, run);
    if (hook === undefined) return false;
    const position = await journal.last();
    const own = randomHex(chance, 14).slice(1);
    const idOf = (part: number): string => `1${hex(part, 4)}${own}`;
    const messages = events.map((event, part) => message(hook, event, { id: idOf(part), position, dueAt: this.#dueAt(hook) }));
    if (hook.enabled) await store.enqueue(messages);
    if (isOver) await this.#ends(hook);
    return hook.enabled && events.length > 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#alarm?.cancel();
  }

  #ended(event: ForeignEvent): ForeignEvent {
    const { ended, clock } = this.#needs;
    return ended === undefined ? event : ended(event, clock.epoch());
  }

  /** Epoch ms: now, or right behind what was told there last, so that all of it has an order. */
  #dueAt({ id }: Webhook): number {
    const dueAt = Math.max(this.#needs.clock.epoch(), (this.#lastDue.get(id) ?? 0) + 1);
    this.#lastDue.set(id, dueAt);
    return dueAt;
  }

  async #ends(hook: Webhook): Promise<void> {
    const { book, clock } = this.#needs;
    if (hook.run?.ending !== undefined) {
      const { ending: _, ...run } = hook.run;
      await book.keep({ ...hook, run });
    }
    if (!this.#over.has(hook.id)) this.#over.set(hook.id, clock.now());
    this.#sleep();
  }

  #sleep(): void {
    if (this.#isClosed || this.#alarm !== undefined || this.#over.size === 0) return;
    const { clock, log } = this.#needs;
    this.#alarm = clock.wake(clock.now() + LINGER, () => {
      this.#sweep()
        .catch((error: unknown) => log.error('addresses of runs that are over are kept for now', { error }))
        .finally(() => {
          this.#alarm = undefined;
          this.#sleep();
        });
    });
  }

  /** Forgets those that have nothing to be told any more. */
  async #sweep(): Promise<void> {
    const { book, store, clock } = this.#needs;
    for (const [id, since] of [...this.#over]) {
      if (clock.now() - since < LINGER || this.#isClosed) continue;
      const hook = await book.byId(id);
      if (hook !== undefined) {
        const waiting = await store.list({ account: hook.account, webhook: id, state: 'pending', limit: 1 });
        if (waiting.length > 0) continue;
        await book.forget(hook);
      }
      this.#over.delete(id);
      this.#lastDue.delete(id);
    }
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

const message = (
  { id: webhook, account }: Webhook,
  { type, data }: ForeignEvent,
  { id, position, dueAt }: { readonly id: string; readonly position: number; readonly dueAt: number },
): Delivery => ({
  id: `msg_${id}` as DeliveryId,
  ...{ webhook, account, position, type, state: 'pending', attempts: 0, dueAt },
  body: JSON.stringify({ type, data }),
});
