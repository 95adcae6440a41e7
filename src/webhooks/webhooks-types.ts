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
  /** Which run an entry is about, and what the address of that is told of it; `isOver`: with it the run is over. Absent: addresses of runs hear of no facts. */
  readonly ofRun?: (entry: Entry) => AboutRun | undefined;
  /** What was to be told of a run that a restart has ended, at this time (epoch ms). Absent: as it is. */
  readonly ended?: (event: ForeignEvent, at: number) => ForeignEvent;
  /** Why a URL can never be a target, in words (`Fetch.refuses`). */
  readonly refuses: (url: string) => string | undefined;
  readonly limits?: Partial<WebhookLimits>;
}

/** An event of another dialect. */
export interface ForeignEvent {
  readonly type: string;
  readonly data: JsonObject;
}

/** What an entry says of a run. */
export interface AboutRun {
  /** 32 hex digits. */
  readonly run: string;
  readonly events: () => Promise<readonly ForeignEvent[]>;
  readonly isOver: boolean;
}

/** Something that no fact tells. */
export interface Telling {
  /** Names it: what is told twice is queued once. */
  readonly key: string;
  readonly events: readonly ForeignEvent[];
  /** The run that it is about, whose address is told too; `isOver`: with it the run is over. */
  readonly run?: string;
  readonly isOver?: boolean;
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
  /** Tells those of VoIPBIN's format that want to hear of calls (`call.recorded`), and the address of a run, of something that no fact tells. */
  tell(account: AccountId, telling: Telling): Promise<void>;
  /**
   * From now on this address, which is nobody's webhook, is told of a run (voipbin-facts §6.2): on VoIPBIN's schedule, one thing after the other, signed by the
   * account's webhook of VoIPBIN's format, where there is one. `ending`: what is told where a restart ends the run, because nobody else will say so.
   */
  hook(of: { readonly account: AccountId; readonly run: string; readonly to: HookTarget }, ending?: ForeignEvent): Promise<void>;
  /** The run was never begun. */
  unhook(account: AccountId, run: string): Promise<void>;
  /** Resolves when everything that was told of this run so far is kept, or could not be. */
  settled(account: AccountId, run: string): Promise<void>;
  /** Why this URL can never be a target, in words. */
  refuses(url: string): string | undefined;
  counts(): WebhookCounts;
}
