import type { AccountStore } from '../accounts/index.ts';
import type { TokenKey } from '../api/index.ts';
import { type Chance, randomHex } from '../base/index.ts';

/** The key that signs tokens, kept sealed in the store. */
export const tokenKey = (store: AccountStore): TokenKey => ({
  load: () => store.secret('token-key'),
  save: (key) => store.saveSecret('token-key', key),
});

/** The key that signs digest nonces: kept, so that phones need not be challenged anew after a restart. */
export async function nonceSecret(store: AccountStore, chance: Chance): Promise<Uint8Array> {
  const kept = await store.secret('nonce-key');
  if (kept !== undefined) return Buffer.from(kept, 'hex');
  const made = randomHex(chance, 32);
  await store.saveSecret('nonce-key', made);
  return Buffer.from(made, 'hex');
}
