import { createHash } from 'node:crypto';
import { type Chance, dashed, isoMillis, type JsonObject, randomHex } from '../base/index.ts';
import type { Entry } from '../conference/index.ts';
import type { Delivery, DeliveryId, Webhook, WebhookId } from './webhook.ts';
import type { ForeignEvent } from './webhooks-types.ts';

/** Writes an entry as our own API tells it everywhere. */
export type Tell = (entry: Entry) => JsonObject;

/** The same for the same fact and webhook, so that nothing is queued twice; tells neither. */
export const deliveryId = (webhook: WebhookId, position: number, part = 0): DeliveryId =>
  `msg_${createHash('sha256')
    .update(`${webhook} ${position}${part === 0 ? '' : ` ${part}`}`)
    .digest('hex')
    .slice(0, 32)}` as DeliveryId;

/** What Standard Webhooks advises: what happened, when, and all that belongs to it. `data.id` repeats the header, for whoever queues bodies. */
const bodyOf = (type: string, at: number, data: JsonObject): string => JSON.stringify({ type, timestamp: isoMillis(at), data });

/** How messages are written. */
export interface Writing {
  readonly tell: Tell;
  readonly events?: ((entry: Entry) => Promise<readonly ForeignEvent[]>) | undefined;
  readonly now: number;
}

/** All messages to one webhook about one fact, due at once. VoIPBIN tells several things of one fact, and nothing of others. */
export async function messagesOf(webhook: Webhook, entry: Entry, writing: Writing): Promise<readonly Delivery[]> {
  const own = messageOf(webhook, entry, writing);
  if (webhook.format === undefined) return [own];
  const events = (await writing.events?.(entry)) ?? [];
  return events.map(({ type, data }, part) => ({
    ...own,
    id: deliveryId(webhook.id, entry.position, part),
    type,
    body: JSON.stringify({ type, data }),
  }));
}

/** The message to one webhook about one fact, due at once. */
function messageOf(webhook: Webhook, entry: Entry, { tell, now }: Writing): Delivery {
  const { position, fact } = entry;
  const id = deliveryId(webhook.id, position);
  const conference = fact.type === 'call.recorded' ? fact.cdr.conference : fact.conference;
  return {
    id,
    webhook: webhook.id,
    account: webhook.account,
    ...(conference === undefined ? {} : { conference }),
    position,
    type: fact.type,
    body: bodyOf(fact.type, fact.at, { id, ...tell(entry) }),
    state: 'pending',
    attempts: 0,
    dueAt: now,
  };
}

/** Messages to one webhook about something that no fact tells, due at once; they stand behind everything that was a fact before. */
export const foreignMessages = (
  { id: webhook, account }: Webhook,
  {
    key,
    events,
    position,
    now,
  }: { readonly key: string; readonly events: readonly ForeignEvent[]; readonly position: number; readonly now: number },
): readonly Delivery[] =>
  events.map(({ type, data }, part) => ({
    id: `msg_${createHash('sha256').update(`${webhook} ${key} ${part}`).digest('hex').slice(0, 32)}` as DeliveryId,
    webhook,
    account,
    position,
    type,
    body: JSON.stringify({ type, data }),
    state: 'pending',
    attempts: 0,
    dueAt: now,
  }));

/** A message about nothing, to try a target with. */
export function testMessage(
  { id: webhook, account }: Webhook,
  { chance, now }: { readonly chance: Chance; readonly now: number },
): {
  readonly id: DeliveryId;
  readonly body: string;
} {
  const id = `msg_${randomHex(chance, 16)}` as DeliveryId;
  return { id, body: bodyOf('webhook.test', now, { id, webhook: dashed(webhook), account }) };
}
