import type { AccountId } from '../accounts/index.ts';
import type { Brand, JsonObject } from '../base/index.ts';
import type { ConferenceId } from '../conference/index.ts';

/** 32 hex digits. */
export type WebhookId = Brand<'WebhookId'>;
/** Names one message to one target, at every attempt; the header `webhook-id`. Made from webhook and position, so that a fact is never queued twice. */
export type DeliveryId = Brand<'DeliveryId'>;

/** A key that signs. */
export interface WebhookSecret {
  /** `whsec_` and base64 of 24 to 64 bytes (Standard Webhooks). Sealed at rest. */
  readonly value: string;
  /** Epoch ms after which it signs no longer; absent: the current one. */
  readonly until?: number;
}

/** A run of a flow that has an address of its own. */
export interface HookedRun {
  /** 32 hex digits. */
  readonly id: string;
  readonly method: 'POST' | 'PUT';
  /** What is told of it where a restart ends it. */
  readonly ending?: { readonly type: string; readonly data: JsonObject };
}

/** Whom to tell of which facts, over HTTP. */
export interface Webhook {
  readonly id: WebhookId;
  readonly account: AccountId;
  /** Only facts of this one; absent: of all. */
  readonly conference?: ConferenceId;
  readonly url: string;
  /** Types of facts: `participant.joined`, `participant.*`, `*`. */
  readonly types: readonly string[];
  /** `conference`: nothing of a conference is sent before what came before it was taken or is dead. */
  readonly order: 'none' | 'conference';
  /** `voipbin`: what VoIPBIN tells of the facts, as it tells it (`{type, data}`). Absent: our own, as Standard Webhooks has it. */
  readonly format?: 'voipbin';
  /** It is the address of one run, told of that alone and shown to nobody. */
  readonly run?: HookedRun;
  /** The newest first. Of the address of a run: those of the account's webhook of VoIPBIN's format count. */
  readonly secrets: readonly WebhookSecret[];
  readonly enabled: boolean;
  /** Why it was switched off by itself, in words. */
  readonly disabledReason?: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** One message on its way. */
export interface Delivery {
  readonly id: DeliveryId;
  readonly webhook: WebhookId;
  readonly account: AccountId;
  readonly conference?: ConferenceId;
  /** Of the fact in the journal. */
  readonly position: number;
  readonly type: string;
  /** The same at every attempt, byte by byte. */
  readonly body: string;
  readonly state: 'pending' | 'delivered' | 'dead';
  /** Attempts so far. */
  readonly attempts: number;
  /** Epoch ms of the next attempt; of the last one once it is delivered or dead. */
  readonly dueAt: number;
  /** What the last attempt gave: `503`, `timeout`, `refused: private address`. */
  readonly outcome?: string;
}
