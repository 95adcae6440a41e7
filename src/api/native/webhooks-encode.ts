import { dashed, isoMillis, type JsonObject, uuidOf } from '../../base/index.ts';
import type { Delivery, Replayed, Verdict, Webhook } from '../../webhooks/index.ts';

/** A webhook as clients see it; `now` is epoch ms. */
export function webhook(each: Webhook, now: number): JsonObject {
  const old = each.secrets.map(({ until }) => until ?? 0).filter((until) => until > now);
  return {
    id: dashed(each.id),
    url: each.url,
    types: each.types,
    conference: each.conference === undefined ? null : uuidOf(each.conference, each.account),
    order: each.order,
    enabled: each.enabled,
    disabled_reason: each.disabledReason ?? null,
    rotation_ends_at: old.length === 0 ? null : isoMillis(Math.max(...old)),
    created_at: isoMillis(each.createdAt),
  };
}

/** The same with its current secret: after it was made, and after a rotation, only. */
export const withSecret = (each: Webhook, now: number): JsonObject => ({ ...webhook(each, now), secret: each.secrets[0]?.value ?? '' });

/** A message as clients see it. */
export const delivery = ({ id, account, type, conference, state, attempts, outcome, dueAt, body }: Delivery): JsonObject => ({
  id,
  type,
  conference: conference === undefined ? null : uuidOf(conference, account),
  state,
  attempts,
  outcome: outcome ?? null,
  next_attempt_at: state === 'pending' ? isoMillis(dueAt) : null,
  last_attempt_at: state === 'pending' ? null : isoMillis(dueAt),
  payload: JSON.parse(body) as JsonObject,
});

/** What came of a test message. */
export const verdict = ({ id, isTaken, outcome, tookMs }: Verdict): JsonObject => ({ id, taken: isTaken, outcome, took_ms: tookMs });

/** What was wound back. */
export const replayed = ({ count, nextFrom }: Replayed): JsonObject => ({
  replayed: count,
  next_from: nextFrom === undefined ? null : isoMillis(nextFrom),
});
