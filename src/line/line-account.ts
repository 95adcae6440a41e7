import type { AccountDocument, AccountId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';

/** A channel of the LINE Messaging API. VoIPBIN's conversation account of the type `line`. */
export interface LineAccount {
  /** 32 hex digits. */
  readonly id: string;
  readonly account: AccountId;
  readonly name: string;
  readonly detail: string;
  /** The channel's secret, by which LINE signs; empty: not given yet. Sealed at rest. */
  readonly secret: string;
  /** The channel's access token, by which we speak; empty: not given yet. Sealed at rest. */
  readonly token: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly revision: number;
}

const text = (document: JsonObject, key: string): string => {
  const value = document[key];
  return typeof value === 'string' ? value : '';
};

/** Reads what is kept. */
export const lineAccountOf = ({ account, id, document, createdAt, modifiedAt, revision }: AccountDocument): LineAccount => ({
  id,
  account,
  name: text(document, 'name'),
  detail: text(document, 'detail'),
  secret: text(document, 'secret'),
  token: text(document, 'token'),
  createdAt,
  modifiedAt,
  revision,
});
