import type { AccountId } from '../accounts/index.ts';
import type { Delivery, DeliveryId, DeliveryQuery, Webhook, WebhookId, WebhookStore } from '../webhooks/index.ts';

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const oldestFirst = (a: Webhook, b: Webhook): number => a.createdAt - b.createdAt || byText(a.id, b.id);
const newestFirst = (a: Delivery, b: Delivery): number => b.position - a.position || byText(b.id, a.id);
const inOrder = (a: Delivery, b: Delivery): number => a.position - b.position || byText(a.id, b.id);
const soonestFirst = (a: Delivery, b: Delivery): number => a.dueAt - b.dueAt || inOrder(a, b);

const isMeant = (delivery: Delivery, { account, webhook, state, before, beforeId }: DeliveryQuery): boolean =>
  delivery.account === account &&
  (webhook === undefined || delivery.webhook === webhook) &&
  (state === undefined || delivery.state === state) &&
  (before === undefined || delivery.position < before || (delivery.position === before && delivery.id < (beforeId ?? '')));

/** Webhooks and their deliveries in memory. `guard` throws once the store is closed. */
export class MemoryWebhooks implements WebhookStore {
  readonly #webhooks = new Map<WebhookId, Webhook>();
  readonly #deliveries = new Map<DeliveryId, Delivery>();
  readonly #guard: () => void;

  constructor(guard: () => void) {
    this.#guard = guard;
  }

  async webhooks(account?: AccountId): Promise<readonly Webhook[]> {
    this.#guard();
    const meant = [...this.#webhooks.values()].filter((each) => account === undefined || each.account === account);
    return structuredClone(meant.sort(oldestFirst));
  }

  async webhook(account: AccountId, id: WebhookId): Promise<Webhook | undefined> {
    this.#guard();
    const found = this.#webhooks.get(id);
    return found?.account === account ? structuredClone(found) : undefined;
  }

  async save(webhook: Webhook): Promise<void> {
    this.#guard();
    this.#webhooks.set(webhook.id, structuredClone(webhook));
  }

  async remove(account: AccountId, id: WebhookId): Promise<void> {
    this.#guard();
    if (this.#webhooks.get(id)?.account !== account) return;
    this.#webhooks.delete(id);
    for (const each of [...this.#deliveries.values()]) if (each.webhook === id) this.#deliveries.delete(each.id);
  }

  async enqueue(deliveries: readonly Delivery[]): Promise<void> {
    this.#guard();
    for (const each of deliveries) {
      if (this.#webhooks.has(each.webhook) && !this.#deliveries.has(each.id)) this.#deliveries.set(each.id, structuredClone(each));
    }
  }

  async due(at: number, limit: number, without: readonly WebhookId[]): Promise<readonly Delivery[]> {
    this.#guard();
    const due = this.#ready(without).filter(({ dueAt }) => dueAt <= at);
    return structuredClone(due.sort(soonestFirst).slice(0, limit));
  }

  async nextDue(without: readonly WebhookId[]): Promise<number | undefined> {
    this.#guard();
    return this.#ready(without).sort(soonestFirst)[0]?.dueAt;
  }

  async update({ id, state, attempts, dueAt, outcome }: Delivery): Promise<void> {
    this.#guard();
    const kept = this.#deliveries.get(id);
    if (kept === undefined) return;
    const { outcome: _outcome, ...rest } = kept;
    this.#deliveries.set(id, { ...rest, state, attempts, dueAt, ...(outcome === undefined ? {} : { outcome }) });
  }

  async list(query: DeliveryQuery): Promise<readonly Delivery[]> {
    this.#guard();
    const meant = [...this.#deliveries.values()].filter((each) => isMeant(each, query));
    return structuredClone(meant.sort(newestFirst).slice(0, query.limit));
  }

  async delivery(account: AccountId, id: DeliveryId): Promise<Delivery | undefined> {
    this.#guard();
    const found = this.#deliveries.get(id);
    return found?.account === account ? structuredClone(found) : undefined;
  }

  /** The deliveries themselves; whoever has them may change and forget them. */
  get rows(): Map<DeliveryId, Delivery> {
    return this.#deliveries;
  }

  /** Pending ones that need not wait for another. */
  #ready(without: readonly WebhookId[]): Delivery[] {
    const pending = [...this.#deliveries.values()].filter((each) => each.state === 'pending' && !without.includes(each.webhook));
    const first = new Map<string, Delivery>();
    for (const each of pending.sort(inOrder)) {
      const key = `${each.webhook}/${each.conference}`;
      if (!first.has(key)) first.set(key, each);
    }
    const waits = (each: Delivery): boolean =>
      each.conference !== undefined &&
      this.#webhooks.get(each.webhook)?.order === 'conference' &&
      first.get(`${each.webhook}/${each.conference}`) !== each;
    return pending.filter((each) => !waits(each));
  }
}
