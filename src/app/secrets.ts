import type { AccountStore } from '../accounts/index.ts';
import type { TokenKey } from '../api/index.ts';
import { type Chance, randomHex } from '../base/index.ts';

/** The key that signs tokens, kept sealed in the store. */
export const tokenKey = (store: AccountStore): TokenKey => ({
  load: () => store.secret('token-key'),
  save: (key) => store.saveSecret('token-key', key),
});

/** The key that signs digest nonces: kept, so that phones need not be challenged anew after a restart. */
export const nonceSecret = (store: AccountStore, chance: Chance): Promise<Uint8Array> => keptKey('nonce-key', store, chance);

/** The key that PINs of guests are hashed with: whoever has the tables alone cannot try PINs out. */
export const invitationKey = (store: AccountStore, chance: Chance): Promise<Uint8Array> => keptKey('invitation-key', store, chance);

/** A random key of 32 bytes, made once. */
async function keptKey(name: string, store: AccountStore, chance: Chance): Promise<Uint8Array> {
  const kept = await store.secret(name);
  if (kept !== undefined) return Buffer.from(kept, 'hex');
  const made = randomHex(chance, 32);
  await store.saveSecret(name, made);
  return Buffer.from(made, 'hex');
}
