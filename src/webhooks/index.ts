export type { DeliveryQuery, Post, Posted, Posting, WebhookStore } from './ports.ts';
export type { Delivery, DeliveryId, Webhook, WebhookId, WebhookSecret } from './webhook.ts';
