import type { AccountId } from '../accounts/index.ts';
import { type Closable, Failure } from '../base/index.ts';
import type { Entry } from '../conference/index.ts';
import { Courier } from './courier.ts';
import { isTaken, outcomeOf } from './delivery.machine.ts';
import { changed, made } from './draft.ts';
import { hearsOf, wants } from './fact-types.ts';
import { Hooks } from './hooks.ts';
import { foreignMessages, messagesOf, testMessage } from './message.ts';
import { Outcomes } from './outcomes.ts';
import type { DeliveryQuery } from './ports.ts';
import { again, replayDead, replayTime } from './replay.ts';
import { Sender } from './sender.ts';
import { newSecret, rotated } from './signing.ts';
import type { Delivery, DeliveryId, Webhook, WebhookId } from './webhook.ts';
import { WebhookBook } from './webhook-book.ts';
import type {
  Replay,
  Replayed,
  Telling,
  Verdict,
  WebhookChange,
  WebhookCounts,
  WebhookDraft,
  WebhookLimits,
  Webhooks,
  WebhooksOptions,
} from './webhooks-types.ts';

const PRESET: WebhookLimits = { sending: 32, perHost: 4, perAccount: 100 };
/** Test messages under way at once. */
const TESTS = 8;
/** Messages that are queued in one transaction. */
const STEP = 200;
/** How long an old secret signs beside the new one, ms. */
const OVERLAP = 24 * 3_600_000;

/** Opens webhooks: follows the journal from where it was left, and goes on with what was under way. */
export async function openWebhooks(options: WebhooksOptions): Promise<Webhooks> {
  const house = new WebhookHouse(options);
  await house.open();
  return house;
}

class WebhookHouse implements Webhooks {
  readonly #options: WebhooksOptions;
  readonly #limits: WebhookLimits;
  readonly #book: WebhookBook;
  readonly #courier: Courier;
  readonly #sender: Sender;
  readonly #hooks: Hooks;
  #consumer: Closable | undefined;
  /** What is being kept, by account and run: one behind the other. */
  readonly #tellings = new Map<string, Promise<void>>();
  #tests = 0;
  #closing: Promise<void> | undefined;

  constructor(options: WebhooksOptions) {
    const { clock, chance, log, store, post } = options;
    this.#options = options;
    this.#limits = { ...PRESET, ...options.limits };
    this.#book = new WebhookBook(store);
    const switchOff = ({ id }: Webhook, reason: string) => this.#book.switchOff(id, reason);
    const outcomes = new Outcomes(clock, store);
    this.#courier = new Courier({ clock, chance, log, outcomes, post, switchOff, book: this.#book });
    const { journal, ofRun, ended } = options;
    this.#hooks = new Hooks({
      clock,
      chance,
      log,
      store,
      journal,
      ofRun,
      ended,
      book: this.#book,
      settled: (...of) => this.settled(...of),
    });
    this.#sender = new Sender({ clock, log, store, book: this.#book, courier: this.#courier, outcomes, limits: this.#limits });
  }

  async open(): Promise<void> {
    await this.#hooks.open();
    this.#consumer = await this.#options.consume({ name: 'webhooks', from: 'now', take: (entries) => this.#take(entries) });
    this.#sender.kick();
  }

  async create(account: AccountId, draft: WebhookDraft): Promise<Webhook> {
    this.#guard();
    const { chance, clock, refuses } = this.#options;
    return this.#book.add(made(draft, { account, chance, now: clock.epoch(), refuses }), this.#limits.perAccount);
  }

  async list(account: AccountId): Promise<readonly Webhook[]> {
    this.#guard();
    return this.#book.of(account);
  }

  async webhook(account: AccountId, id: WebhookId): Promise<Webhook> {
    this.#guard();
    return this.#book.one(account, id);
  }

  async change(account: AccountId, id: WebhookId, change: WebhookChange): Promise<Webhook> {
    this.#guard();
    const next = await this.#book.change(account, id, (webhook) => changed(webhook, change, this.#options.refuses));
    this.#sender.forget(id);
    this.#sender.kick();
    return next;
  }

  async remove(account: AccountId, id: WebhookId): Promise<void> {
    this.#guard();
    await this.#book.remove(account, id);
    this.#sender.forget(id);
  }

  async rotate(account: AccountId, id: WebhookId, overlapMs = OVERLAP): Promise<Webhook> {
    this.#guard();
    const { chance, clock } = this.#options;
    const now = clock.epoch();
    const fresh = newSecret(chance);
    return this.#book.change(account, id, (webhook) => ({
      ...webhook,
      secrets: rotated(webhook.secrets, { fresh, until: now + overlapMs, now }),
    }));
  }

  async verify(account: AccountId, id: WebhookId): Promise<Verdict> {
    const webhook = await this.webhook(account, id);
    if (this.#tests >= TESTS)
      throw new Failure('limit', 'too_many_tests', 'too many test messages are under way; try again in some seconds');
    const { chance, clock } = this.#options;
    const message = testMessage(webhook, { chance, now: clock.epoch() });
    const begun = clock.now();
    this.#tests += 1;
    try {
      const posted = await this.#courier.send(webhook, message);
      return { id: message.id, isTaken: isTaken(posted), outcome: outcomeOf(posted), tookMs: Math.round(clock.now() - begun) };
    } finally {
      this.#tests -= 1;
    }
  }

  async deliveries(query: DeliveryQuery): Promise<readonly Delivery[]> {
    this.#guard();
    if (query.webhook !== undefined) await this.#book.one(query.account, query.webhook);
    return this.#options.store.list(query);
  }

  async replay(account: AccountId, webhook: WebhookId, id: DeliveryId): Promise<Delivery> {
    await this.webhook(account, webhook);
    const { store, clock } = this.#options;
    const message = await store.delivery(account, id);
    if (message?.webhook !== webhook)
      throw new Failure('not-found', 'delivery_not_found', 'this webhook has no such message', { details: { id } });
    const next = await again(store, message, clock.epoch());
    this.#sender.kick();
    return next;
  }

  async replayAll(account: AccountId, id: WebhookId, which: Replay): Promise<Replayed> {
    const webhook = await this.webhook(account, id);
    const { store, journal, tell, events, clock } = this.#options;
    const all = { store, journal, tell, events, webhook, now: clock.epoch() };
    const replayed =
      'state' in which ? await replayDead(all) : await replayTime(all, { from: which.from, to: which.to ?? Number.POSITIVE_INFINITY });
    this.#sender.kick();
    return replayed;
  }

  tell(account: AccountId, telling: Telling): Promise<void> {
    const name = `${account} ${telling.run ?? ''}`;
    const told = (this.#tellings.get(name) ?? Promise.resolve()).then(() => this.#tell(account, telling));
    const settled = told.then(
      () => {},
      () => {},
    );
    this.#tellings.set(name, settled);
    void settled.then(() => this.#tellings.get(name) === settled && this.#tellings.delete(name));
    return told;
  }

  settled(account: AccountId, run: string): Promise<void> {
    return this.#tellings.get(`${account} ${run}`) ?? Promise.resolve();
  }

  hook(...of: Parameters<Webhooks['hook']>): Promise<void> {
    this.#guard();
    return this.#hooks.hook(...of);
  }

  unhook(account: AccountId, run: string): Promise<void> {
    return this.#hooks.unhook(account, run);
  }

  refuses(url: string): string | undefined {
    return this.#options.refuses(url);
  }

  counts(): WebhookCounts {
    return { sending: this.#sender.sending, ...this.#courier.sums };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#hooks.close();
    await this.#consumer?.close();
    await Promise.all(this.#tellings.values());
    await this.#sender.close();
  }

  async #tell(account: AccountId, { key, events, run, isOver }: Telling): Promise<void> {
    if (events.length === 0) return;
    const meant = (await this.#book.of(account)).filter(
      (each) => each.enabled && each.format !== undefined && each.conference === undefined && hearsOf(each, 'call.recorded'),
    );
    const { store, journal, clock } = this.#options;
    if (meant.length > 0) {
      const at = { position: await journal.last(), now: clock.epoch() };
      await store.enqueue(meant.flatMap((webhook) => foreignMessages(webhook, { key, events, ...at })));
    }
    const isHooked = run !== undefined && (await this.#hooks.tell({ account, run, events }, isOver));
    if (isHooked || meant.length > 0) this.#sender.kick();
  }

  /** Queues what each webhook wants to be told. What comes twice is queued once: its id is the same. */
  async #take(entries: readonly Entry[]): Promise<void> {
    const { store, tell, events, clock } = this.#options;
    const webhooks = (await this.#book.all()).filter(({ enabled }) => enabled);
    const writing = { tell, events, now: clock.epoch() };
    const messages: Delivery[] = [];
    for (const entry of entries) {
      for (const each of webhooks) if (wants(each, entry.fact)) messages.push(...(await messagesOf(each, entry, writing)));
      messages.push(...(await this.#hooks.messages(entry)));
    }
    // In steps, so that nobody waits long for one transaction; what fails half way comes again.
    for (let n = 0; n < messages.length; n += STEP) {
      await store.enqueue(messages.slice(n, n + STEP));
      this.#sender.kick();
    }
  }

  #guard(): void {
    if (this.#closing !== undefined) throw new Failure('unavailable', 'closed', 'the server is stopping');
  }
}
