export type { DeliveryQuery, Post, Posted, Posting, WebhookStore } from './ports.ts';
export type { Delivery, DeliveryId, Webhook, WebhookId, WebhookSecret } from './webhook.ts';
export type {
  JournalConsumer,
  Replay,
  Verdict,
  WebhookChange,
  WebhookCounts,
  WebhookDraft,
  WebhookLimits,
  Webhooks,
  WebhooksOptions,
} from './webhooks-types.ts';
