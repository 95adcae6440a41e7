import type { AccountId } from '../accounts/index.ts';
import { type Chance, Failure, newId } from '../base/index.ts';
import { readTypes } from './fact-types.ts';
import { newSecret } from './signing.ts';
import type { Webhook, WebhookId } from './webhook.ts';
import type { WebhookChange, WebhookDraft } from './webhooks-types.ts';

/** Why a URL can never be a target, in words. */
export type Refuses = (url: string) => string | undefined;

/** What making a webhook needs. */
export interface Making {
  readonly account: AccountId;
  readonly chance: Chance;
  /** Epoch ms. */
  readonly now: number;
  readonly refuses: Refuses;
}

/** Longest URL, in characters. */
const LONGEST = 2048;

function target(url: string, refuses: Refuses): string {
  if (url.length > LONGEST) throw new Failure('invalid', 'target_refused', `a URL has at most ${LONGEST} characters`);
  const reason = refuses(url);
  if (reason !== undefined)
    throw new Failure(
      'invalid',
      'target_refused',
      `this URL is never called: ${reason}; who runs this server can allow networks by PARLEY_FETCH_ALLOW`,
      {
        details: { reason },
      },
    );
  return url;
}

/** A new webhook with its first secret. */
export function made(draft: WebhookDraft, { account, chance, now, refuses }: Making): Webhook {
  const { url, types = ['*'], conference, order = 'none', enabled = true, format } = draft;
  return {
    id: newId(chance, now) as WebhookId,
    account,
    ...(conference === undefined ? {} : { conference }),
    url: target(url, refuses),
    types: readTypes(types),
    order,
    ...(format === undefined ? {} : { format }),
    secrets: [newSecret(chance)],
    enabled,
    createdAt: now,
  };
}

/** A webhook as somebody wants it from now on. */
export function changed(webhook: Webhook, change: WebhookChange, refuses: Refuses): Webhook {
  const { conference: before, disabledReason, ...kept } = webhook;
  const conference = change.conference === undefined ? before : (change.conference ?? undefined);
  const enabled = change.enabled ?? webhook.enabled;
  // Why it went off by itself is told until somebody says anew whether it is on.
  const reason = change.enabled === undefined ? disabledReason : undefined;
  return {
    ...kept,
    ...(conference === undefined ? {} : { conference }),
    url: change.url === undefined ? webhook.url : target(change.url, refuses),
    types: change.types === undefined ? webhook.types : readTypes(change.types),
    order: change.order ?? webhook.order,
    enabled,
    ...(reason === undefined ? {} : { disabledReason: reason }),
  };
}
