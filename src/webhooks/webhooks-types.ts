import type { AccountId } from '../accounts/index.ts';
import type { Chance, Clock, Closable, JsonObject, Log } from '../base/index.ts';
import type { ConferenceId, Entry, Journal } from '../conference/index.ts';
import type { DeliveryQuery, Post, WebhookStore } from './ports.ts';
import type { Delivery, DeliveryId, Webhook, WebhookId } from './webhook.ts';

/** Somebody who must get every entry at least once; as `Consumer` of `bus`. */
export interface JournalConsumer {
  readonly name: string;
  readonly take: (entries: readonly Entry[]) => Promise<void>;
  readonly from?: 'start' | 'now';
}

/** What webhooks need. */
export interface WebhooksOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly store: WebhookStore;
  /** `Bus.consume`. */
  readonly consume: (consumer: JournalConsumer) => Promise<Closable>;
  /** For replays by time. */
  readonly journal: Pick<Journal, 'read' | 'last' | 'forgottenTo'>;
  readonly post: Post;
  /** Writes an entry as our own API tells it everywhere (`factBody` of `api`): it becomes the `data` of a message. */
  readonly tell: (entry: Entry) => JsonObject;
  /** What VoIPBIN tells of an entry (`voipbinEvents` of `api`). Absent: nothing. */
  readonly events?: (entry: Entry) => Promise<readonly ForeignEvent[]>;
  /** Why a URL can never be a target, in words (`Fetch.refuses`). */
  readonly refuses: (url: string) => string | undefined;
  readonly limits?: Partial<WebhookLimits>;
}

/** An event of another dialect. */
export interface ForeignEvent {
  readonly type: string;
  readonly data: JsonObject;
}

/** An address that is told of something of its own. */
export interface HookTarget {
  readonly uri: string;
  readonly method: 'POST' | 'PUT';
}

/** How much at once. */
export interface WebhookLimits {
  /** Messages under way. Default 32. */
  readonly sending: number;
  /** Of these to one host and port. Default 4. */
  readonly perHost: number;
  /** Webhooks of one account. Default 100. */
  readonly perAccount: number;
}

/** What somebody wants to be told, and where. */
export interface WebhookDraft {
  readonly url: string;
  /** Default `*`. */
  readonly types?: readonly string[];
  readonly conference?: ConferenceId;
  /** Default `none`. */
  readonly order?: Webhook['order'];
  /** Default true. */
  readonly enabled?: boolean;
  readonly format?: Webhook['format'];
}

/** What can be changed of a webhook; `conference: null` means all of them. */
export interface WebhookChange extends Partial<Omit<WebhookDraft, 'conference' | 'format'>> {
  readonly conference?: ConferenceId | null;
}

/** What came of a test message. */
export interface Verdict {
  /** Its `webhook-id`. */
  readonly id: DeliveryId;
  /** Whether it would count as delivered. */
  readonly isTaken: boolean;
  /** As `Delivery.outcome`. */
  readonly outcome: string;
  /** ms until it came. */
  readonly tookMs: number;
}

/** Which messages are sent once more: the dead ones, or all whose facts happened from `from` (epoch ms) until before `to`. */
export type Replay = { readonly state: 'dead' } | { readonly from: number; readonly to?: number };

/** How many will be sent once more; `nextFrom` (epoch ms): there are more, from here. */
export interface Replayed {
  readonly count: number;
  readonly nextFrom?: number;
}

/** Sums since the start, and what is under way. */
export interface WebhookCounts {
  readonly sending: number;
  readonly delivered: number;
  /** Attempts that will be repeated. */
  readonly failed: number;
  readonly dead: number;
}

/** Tells HTTP servers of facts. What is asked with another account's id is `webhook_not_found`. */
export interface Webhooks extends Closable {
  /** Its one secret is told here and by `rotate`; show it nowhere else. */
  create(account: AccountId, draft: WebhookDraft): Promise<Webhook>;
  /** Oldest first. */
  list(account: AccountId): Promise<readonly Webhook[]>;
  webhook(account: AccountId, id: WebhookId): Promise<Webhook>;
  /** Switching one on again forgets why it was off. */
  change(account: AccountId, id: WebhookId, change: WebhookChange): Promise<Webhook>;
  remove(account: AccountId, id: WebhookId): Promise<void>;
  /** A new secret; the old ones sign too for so long, ms. Default 24 h. */
  rotate(account: AccountId, id: WebhookId, overlapMs?: number): Promise<Webhook>;
  /** Sends a `webhook.test` at once, also where a webhook is switched off. */
  verify(account: AccountId, id: WebhookId): Promise<Verdict>;
  deliveries(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /** Sends one once more, with its id and its body. */
  replay(account: AccountId, webhook: WebhookId, delivery: DeliveryId): Promise<Delivery>;
  /** Sends many once more, at most 10 000 at a time. */
  replayAll(account: AccountId, webhook: WebhookId, which: Replay): Promise<Replayed>;
  /** Tells those of VoIPBIN's format that want to hear of calls (`call.recorded`) of something that no fact tells. `key` names it: what is told twice is queued once. */
  tell(account: AccountId, key: string, events: readonly ForeignEvent[]): Promise<void>;
  /**
   * Tells one address, which is nobody's webhook: at once, after 1 and after 2 s (voipbin-facts §6.2), in order. Signed by the account's webhook of VoIPBIN's
   * format, where there is one. What a stop of the server cuts off is not told.
   */
  post(account: AccountId, to: HookTarget, events: readonly ForeignEvent[]): void;
  /** Why this URL can never be a target, in words. */
  refuses(url: string): string | undefined;
  counts(): WebhookCounts;
}
