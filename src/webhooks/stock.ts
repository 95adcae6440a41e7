import type { Delivery, DeliveryId, WebhookId } from './webhook.ts';

/** ms for which a message that was read ahead may lie here: what it says may be erased meanwhile. */
const FRESH = 500;

/** Due messages that were read ahead, so that a lane that is free again is taken without asking the store. Each lies here once at most. */
export class Stock {
  readonly #of = new Map<WebhookId, Delivery[]>();
  #readAt = Number.NEGATIVE_INFINITY;

  /** What the store gave now; it takes the place of what was there of the same webhooks. */
  put(deliveries: readonly Delivery[], now: number): void {
    this.#expire(now);
    this.#readAt = now;
    for (const [webhook, its] of Map.groupBy(deliveries, (each) => each.webhook)) this.#of.set(webhook, its.reverse());
  }

  /** Takes out the next one. */
  take(webhook: WebhookId, now: number): Delivery | undefined {
    this.#expire(now);
    const its = this.#of.get(webhook);
    const next = its?.pop();
    if (its?.length === 0) this.#of.delete(webhook);
    return next;
  }

  /** Everybody of whom there is something. */
  get webhooks(): readonly WebhookId[] {
    return [...this.#of.keys()];
  }

  has(webhook: WebhookId): boolean {
    return this.#of.has(webhook);
  }

  forget(webhook: WebhookId): void {
    this.#of.delete(webhook);
  }

  #expire(now: number): void {
    if (now - this.#readAt > FRESH) this.#of.clear();
  }
}

/** Which of them lie nowhere else. */
export const without = (deliveries: readonly Delivery[], ...known: readonly ReadonlySet<DeliveryId>[]): readonly Delivery[] =>
  deliveries.filter(({ id }) => !known.some((each) => each.has(id)));
