import { createHmac } from 'node:crypto';
import type { Chance } from '../base/index.ts';
import type { WebhookSecret } from './webhook.ts';

/** How many old secrets may sign beside the current one. */
const OLD_ONES = 3;

/** A new secret: `whsec_` and base64 of 32 bytes. */
export const newSecret = (chance: Chance): WebhookSecret => ({ value: `whsec_${Buffer.from(chance.bytes(32)).toString('base64')}` });

/** Those that sign now; `now` is epoch ms. */
export const inForce = (secrets: readonly WebhookSecret[], now: number): readonly WebhookSecret[] =>
  secrets.filter(({ until }) => until === undefined || until > now);

/** A new secret in front; the one so far signs until `until`, older ones no longer than they did. */
export function rotated(
  secrets: readonly WebhookSecret[],
  { fresh, until, now }: { readonly fresh: WebhookSecret; readonly until: number; readonly now: number },
): readonly WebhookSecret[] {
  const old = secrets.map(({ value, until: before = until }) => ({ value, until: Math.min(before, until) }));
  return [fresh, ...inForce(old, now).slice(0, OLD_ONES)];
}

/** What is signed. */
export interface Signed {
  readonly id: string;
  readonly body: string;
  readonly secrets: readonly WebhookSecret[];
  /** Epoch ms. */
  readonly now: number;
}

/**
 * The headers of a message: Standard Webhooks' (one `v1` signature per secret in force, the newest first; the key is what base64 holds after `whsec_`), and
 * VoIPBIN's over the body alone, whose key is the text of the newest secret as it was shown, `whsec_` and all, because its receivers know keys as texts. Without a secret nothing is signed.
 */
export function signedHeaders({ id, body, secrets, now }: Signed): Readonly<Record<string, string>> {
  const valid = inForce(secrets, now);
  if (valid.length === 0) return { 'content-type': 'application/json', 'webhook-id': id };
  const timestamp = String(Math.floor(now / 1000));
  const signatures = valid.map(({ value }) => `v1,${hmac(keyOf(value), `${id}.${timestamp}.${body}`).digest('base64')}`);
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
    'x-voipbin-signature': `sha256=${hmac(valid[0]?.value ?? '', body).digest('hex')}`,
  };
}

const hmac = (key: string | Uint8Array, text: string) => createHmac('sha256', key).update(text);
const keyOf = (secret: string): Uint8Array => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
