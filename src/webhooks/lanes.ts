import { isTaken } from './delivery.machine.ts';
import type { Posted } from './ports.ts';
import type { DeliveryId, Webhook, WebhookId } from './webhook.ts';

/** Bounds of what is under way. */
export interface LaneLimits {
  readonly sending: number;
  /** Twice as many for webhooks whose target answers quickly. */
  readonly perHost: number;
}

/** ms: who answers within so many may have more at once. */
const QUICK = 100;

interface Ride {
  readonly host: string;
  readonly isSlow: boolean;
}

/** Where a target is, so that two webhooks to one server share its lanes. */
function hostOf(webhook: Webhook): string {
  const known = hosts.get(webhook);
  if (known !== undefined) return known;
  const host = URL.parse(webhook.url)?.host ?? '';
  hosts.set(webhook, host);
  return host;
}

/** Reading a URL takes a microsecond, and all of them are looked at for each message. */
const hosts = new WeakMap<Webhook, string>();

/**
 * Who may send now. One host gets a few lanes only; and targets that did not answer the last time share one half of all lanes, so that however many hosts hang, the
 * other half serves those who answer.
 */
export class Lanes {
  readonly #limits: LaneLimits;
  readonly #rides = new Map<DeliveryId, Ride>();
  readonly #perHost = new Map<string, number>();
  readonly #slow = new Set<WebhookId>();
  /** Took the last message quickly. */
  readonly #quick = new Set<WebhookId>();
  /** Addresses of runs that something is on its way to. */
  readonly #running = new Set<WebhookId>();
  #slowRides = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#rides.size;
  }

  get free(): number {
    return this.#limits.sending - this.#rides.size;
  }

  has(id: DeliveryId): boolean {
    return this.#rides.has(id);
  }

  /** Whether a webhook must wait until another message is through. */
  isFull(webhook: Webhook): boolean {
    // The address of a run hears one thing after the other.
    if (webhook.run !== undefined && this.#running.has(webhook.id)) return true;
    const host = hostOf(webhook);
    const most = this.#quick.has(webhook.id) ? 2 * this.#limits.perHost : this.#limits.perHost;
    if (this.free <= 0 || (this.#perHost.get(host) ?? 0) >= most) return true;
    return this.#slow.has(webhook.id) && this.#slowRides >= Math.max(1, Math.floor(this.#limits.sending / 2));
  }

  enter(webhook: Webhook, id: DeliveryId): void {
    const ride = { host: hostOf(webhook), isSlow: this.#slow.has(webhook.id) };
    this.#rides.set(id, ride);
    this.#perHost.set(ride.host, (this.#perHost.get(ride.host) ?? 0) + 1);
    if (ride.isSlow) this.#slowRides += 1;
    if (webhook.run !== undefined) this.#running.add(webhook.id);
  }

  /** After so many ms. `posted` undefined: nothing is known of the target. */
  leave(webhook: Webhook, id: DeliveryId, { posted, ms }: { readonly posted: Posted | undefined; readonly ms: number }): void {
    const ride = this.#rides.get(id);
    if (ride === undefined) return;
    this.#rides.delete(id);
    this.#running.delete(webhook.id);
    if (posted !== undefined && isTaken(posted) && ms <= QUICK) this.#quick.add(webhook.id);
    else this.#quick.delete(webhook.id);
    const left = (this.#perHost.get(ride.host) ?? 1) - 1;
    if (left > 0) this.#perHost.set(ride.host, left);
    else this.#perHost.delete(ride.host);
    if (ride.isSlow) this.#slowRides -= 1;
    if (posted !== undefined && 'failed' in posted) this.#slow.add(webhook.id);
    else if (posted !== undefined) this.#slow.delete(webhook.id);
  }

  /** Nothing is remembered of a webhook that there is no longer. */
  forget(webhook: WebhookId): void {
    this.#slow.delete(webhook);
    this.#quick.delete(webhook);
  }
}
