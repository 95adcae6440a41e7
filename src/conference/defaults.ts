import type { JsonObject } from '../base/index.ts';

/** What is configured for all conferences of an account, and for all of the server (kazoo-facts §3.8, keys as there). Read it through `settings`. */
export interface Defaults {
  /** `conferences` of the account's configuration. */
  readonly account: JsonObject;
  /** `conferences` of the server's. */
  readonly system: JsonObject;
}

/** Nobody has configured anything. */
export const noDefaults: Defaults = { account: {}, system: {} };
