import type { Alarm, Clock, Closable, Log } from '../base/index.ts';
import type { Courier } from './courier.ts';
import { type LaneLimits, Lanes } from './lanes.ts';
import type { Outcomes } from './outcomes.ts';
import type { WebhookStore } from './ports.ts';
import { Stock, without } from './stock.ts';
import type { Delivery, DeliveryId, Webhook, WebhookId } from './webhook.ts';
import type { WebhookBook } from './webhook-book.ts';

/** What working off needs. */
export interface SenderOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: WebhookStore;
  readonly book: WebhookBook;
  readonly courier: Courier;
  readonly outcomes: Pick<Outcomes, 'flush' | 'settle'>;
  readonly limits: LaneLimits;
}

/** ms: the longest sleep, because the clock on the wall may jump; the shortest, while what is under way hides what comes next. */
const SLEEP = { most: 60_000, least: 1000 };
/** ms: how long a store that fails is left alone; twice as long each time, up to a minute. */
const REST = { first: 1000, most: 60_000 };
/** ms for which a close waits for what is under way; the rest is sent again after the next start. */
const GRACE = 2000;
/** Messages that are read ahead. */
const AHEAD = 256;
/** Sent messages whose outcome is not durable yet, at most: so many would be sent twice after a crash. */
const UNKEPT = 256;

/** Works off what is due: many at once, a few to each host, of an ordered conference one. */
export class Sender implements Closable {
  readonly #options: SenderOptions;
  readonly #lanes: Lanes;
  readonly #rides = new Set<Promise<void>>();
  /** Begun, and what came of it is not kept yet: the store shows it as due. */
  readonly #begun = new Set<DeliveryId>();
  readonly #stock = new Stock();
  /** What got through since the store was asked last: its answer may still show it as due. */
  readonly #throughSince = new Set<DeliveryId>();
  #alarm: Alarm | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #restUntil = 0;
  #rest = REST.first;
  #closing: Promise<void> | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.limits);
  }

  get sending(): number {
    return this.#lanes.taken;
  }

  get #isResting(): boolean {
    return this.#options.clock.now() < this.#restUntil;
  }

  /** Something may be due, or a lane free. */
  kick(): void {
    if (this.#closing !== undefined) return;
    this.#lookAgain = true;
    // A timer may ring a moment early.
    if (this.#isResting) this.#wake(this.#restUntil);
    else this.#startLooking();
  }

  #startLooking(): void {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      if (this.#lookAgain) this.kick();
    });
  }

  forget(webhook: WebhookId): void {
    this.#lanes.forget(webhook);
    this.#stock.forget(webhook);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { clock, courier } = this.#options;
    this.#alarm?.cancel();
    await this.#looking;
    this.#alarm?.cancel();
    this.#options.outcomes.flush();
    if (this.#rides.size > 0) {
      let alarm: Alarm | undefined;
      const late = new Promise<void>((resolve) => {
        alarm = clock.wake(clock.now() + GRACE, resolve);
      });
      await Promise.race([late, Promise.all(this.#rides)]);
      alarm?.cancel();
    }
    courier.abandon();
  }

  async #look(): Promise<void> {
    try {
      while (this.#lookAgain && !this.#isResting && this.#closing === undefined) {
        this.#lookAgain = false;
        await this.#startDue();
      }
      if (!this.#isResting) this.#rest = REST.first;
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Starts what is due as long as there is something that may start; then sleeps until the next is due. */
  async #startDue(): Promise<void> {
    const { clock, store, outcomes } = this.#options;
    await this.#startStock();
    for (let started = 1; started > 0 && !this.#isResting && this.#closing === undefined; ) {
      if (this.#isFull) return;
      // The store would show what got through as due; and so it does with those under way, so that more are asked for.
      await outcomes.settle();
      this.#throughSince.clear();
      const limit = this.#begun.size + this.#lanes.free + AHEAD;
      const due = await store.due(clock.epoch(), limit, await this.#waiting());
      this.#stock.put(without(due, this.#begun, this.#throughSince), clock.now());
      started = await this.#startStock();
    }
    if (!this.#isResting) this.#sleep(await store.nextDue(await this.#waiting()));
  }

  /** Starts what was read ahead: one of each webhook in turn, so that none takes all lanes. */
  async #startStock(): Promise<number> {
    let started = 0;
    for (let before = -1; before < started; ) {
      before = started;
      for (const webhook of this.#stock.webhooks) if (await this.#startOne(webhook)) started += 1;
    }
    return started;
  }

  get #isFull(): boolean {
    return this.#lanes.free <= 0 || this.#begun.size >= UNKEPT;
  }

  /** Starts the next of what was read ahead of a webhook, if one may be under way. */
  async #startOne(id: WebhookId): Promise<boolean> {
    const { clock, book } = this.#options;
    const webhook = await book.byId(id);
    if (webhook?.enabled !== true) this.#stock.forget(id);
    else if (this.#closing === undefined && !this.#isResting && !this.#isFull && !this.#lanes.isFull(webhook)) {
      const message = this.#stock.take(id, clock.now());
      if (message !== undefined) this.#start(webhook, message);
      return message !== undefined;
    }
    return false;
  }

  /** Webhooks that are off, or whose lanes are full. */
  async #waiting(): Promise<readonly WebhookId[]> {
    const all = await this.#options.book.whole();
    return all.filter((each) => !each.enabled || this.#lanes.isFull(each)).map(({ id }) => id);
  }

  #start(webhook: Webhook, message: Delivery): void {
    this.#lanes.enter(webhook, message.id);
    this.#begun.add(message.id);
    const ride = this.#ride(webhook, message).finally(() => this.#rides.delete(ride));
    this.#rides.add(ride);
  }

  async #ride(webhook: Webhook, message: Delivery): Promise<void> {
    const { clock, courier } = this.#options;
    const { id } = message;
    const began = clock.now();
    try {
      const { posted, kept } = await courier.carry(webhook, message);
      // Its lane is free as soon as there is an answer; the outcome takes its own time.
      this.#lanes.leave(webhook, id, { posted, ms: clock.now() - began });
      this.#goOn(webhook);
      await kept;
    } catch (error) {
      this.#lanes.leave(webhook, id, { posted: undefined, ms: 0 });
      this.#failed(error);
    }
    this.#begun.delete(id);
    this.#throughSince.add(id);
    this.#goOn(webhook);
  }

  /** Somebody may start: who was read ahead, while there is one, else whoever the store knows. */
  #goOn(webhook: Webhook): void {
    // The next of an ordered conference waits until this one is kept; and where nothing waits to be sent, no outcome waits for others.
    if (webhook.order === 'conference' || !this.#stock.has(webhook.id)) {
      this.#options.outcomes.flush();
      this.kick();
    } else void this.#refill(webhook.id).catch((error: unknown) => this.#failed(error));
  }

  async #refill(webhook: WebhookId): Promise<void> {
    while (await this.#startOne(webhook));
    if (!this.#stock.has(webhook)) this.kick();
  }

  /** The store cannot be read or written: nothing is lost, but to go on at once would send the same again and again. */
  #failed(error: unknown): void {
    const { clock, log } = this.#options;
    if (this.#closing !== undefined || this.#isResting) return;
    log.error('webhooks cannot be worked off', { error, again_in_ms: this.#rest });
    this.#restUntil = clock.now() + this.#rest;
    this.#rest = Math.min(2 * this.#rest, REST.most);
    this.#wake(this.#restUntil);
  }

  #sleep(nextDue: number | undefined): void {
    this.#alarm?.cancel();
    if (nextDue === undefined || this.#closing !== undefined) return;
    const { clock } = this.#options;
    const wait = Math.min(nextDue - clock.epoch(), SLEEP.most);
    this.#wake(clock.now() + (wait > 0 ? wait : SLEEP.least));
  }

  #wake(at: number): void {
    this.#alarm?.cancel();
    this.#alarm = this.#options.clock.wake(at, () => this.kick());
  }
}
