import type { AccountId } from '../accounts/index.ts';
import type { Delivery, DeliveryId, Webhook, WebhookId } from './webhook.ts';

/** Which deliveries; newest position first. */
export interface DeliveryQuery {
  readonly account: AccountId;
  readonly webhook?: WebhookId;
  readonly state?: Delivery['state'];
  /** Only below this position. */
  readonly before?: number;
  /** And of those at this very position only ids below this one: several webhooks may have been told of one fact. Newest position first, then id descending. */
  readonly beforeId?: DeliveryId;
  readonly limit: number;
}

/** Keeps webhooks and their deliveries. */
export interface WebhookStore {
  /** Of one account, or of all; oldest first. */
  webhooks(account?: AccountId): Promise<readonly Webhook[]>;
  webhook(account: AccountId, id: WebhookId): Promise<Webhook | undefined>;
  /** Adds or replaces. */
  save(webhook: Webhook): Promise<void>;
  /** Its deliveries go with it. */
  remove(account: AccountId, id: WebhookId): Promise<void>;
  /** All or none, durably; those whose id is known already stay as they are, those of a webhook that was removed meanwhile are dropped. */
  enqueue(deliveries: readonly Delivery[]): Promise<void>;
  /**
   * Pending ones that are due at this time (epoch ms), earliest first, none of the webhooks `without` (those that are switched off, or whose target has its hands
   * full: they must not stand in the way of others). Of a webhook with order `conference` only the one of each conference with the lowest position.
   */
  due(at: number, limit: number, without: readonly WebhookId[]): Promise<readonly Delivery[]>;
  /** When the next one is due that `due` would give some day; undefined: none is pending but of the webhooks `without`. */
  nextDue(without: readonly WebhookId[]): Promise<number | undefined>;
  /** Notes how it stands: state, attempts, time and outcome; the rest never changes. One that was removed meanwhile stays removed. */
  update(delivery: Delivery): Promise<void>;
  list(query: DeliveryQuery): Promise<readonly Delivery[]>;
  delivery(account: AccountId, id: DeliveryId): Promise<Delivery | undefined>;
}

/** What is sent. */
export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Default POST. */
  readonly method?: 'POST' | 'PUT';
  /** ms until it is given up. */
  readonly timeoutMs: number;
}

/** What came of it. `refused`: the target is not one we send to. `failed`: no answer; `reason` says in words why. */
export type Posted =
  | { readonly status: number; readonly retryAfterMs?: number }
  | { readonly refused: string }
  | { readonly failed: string };

/** Sends over HTTP, follows no redirect, never rejects. */
export type Post = (posting: Posting) => Promise<Posted>;
