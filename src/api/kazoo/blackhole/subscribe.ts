import type { AccountId } from '../../../accounts/index.ts';
import { type Json, type JsonObject, undashed } from '../../../base/index.ts';
import { type Binding, readBinding } from './binding.ts';

/** What is to be subscribed or unsubscribed. */
export interface Wish {
  /** `*` too. */
  readonly account: AccountId;
  readonly bindings: readonly Binding[];
}

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** `binding`, `bindings`, or both (rulings "blackhole"). */
function named({ binding, bindings }: JsonObject): readonly string[] {
  const list = Array.isArray(bindings) ? bindings : [bindings];
  const texts = [binding, ...list].map(textOf).filter((each) => each !== undefined);
  return [...new Set(texts)];
}

/** Reads `data` of a subscription, or says everything that is wrong with it (kazoo-facts §9.3). */
export function readWish(data: JsonObject): Wish | { readonly refused: readonly string[] } {
  if (Object.keys(data).length === 0) return { refused: ['missing required keys in data object'] };
  const account = textOf(data['account_id']);
  const texts = named(data);
  const missing = [account === undefined ? 'account_id' : undefined, texts.length === 0 ? 'binding' : undefined].filter(Boolean);
  if (account === undefined || missing.length > 0) return { refused: [`missing required keys : ${missing.join(', ')}`] };
  const read = texts.map(readBinding);
  const refused = read.flatMap((each) => ('refused' in each ? [each.refused] : []));
  if (refused.length > 0) return { refused };
  return { account: undashed(account) as AccountId, bindings: read.flatMap((each) => ('refused' in each ? [] : [each])) };
}
