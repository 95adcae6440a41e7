export { factTypes } from './fact-types.ts';
export type { Tell } from './message.ts';
export { openWebhooks } from './open-webhooks.ts';
export type { DeliveryQuery, Post, Posted, Posting, WebhookStore } from './ports.ts';
export type { Delivery, DeliveryId, Webhook, WebhookId, WebhookSecret } from './webhook.ts';
export type {
  AboutRun,
  ForeignEvent,
  HookTarget,
  JournalConsumer,
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
