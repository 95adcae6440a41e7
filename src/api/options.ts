import type { Accounts } from '../accounts/index.ts';
import type { Chance, Clock, Closable, Log } from '../base/index.ts';
import type { Execute } from '../conference/index.ts';

/** Where the key that signs tokens is kept, so that tokens outlive a restart. */
export interface TokenKey {
  load(): Promise<string | undefined>;
  /** `jwk` is a private key as JSON text: seal it at rest. */
  save(jwk: string): Promise<void>;
}

/** What the HTTP server needs. */
export interface ApiOptions {
  readonly execute: Execute;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Address to listen on. */
  readonly address: string;
  /** 0 means any free one. */
  readonly port: number;
  /** This node's name, as envelopes and participants show it. */
  readonly node: string;
  /** Parley's version, as envelopes and `/api/openapi.json` show it. */
  readonly version: string;
  /** What `/metrics` answers: Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** What `/readyz` answers. */
  readonly ready: () => boolean;
  readonly tokenKey: TokenKey;
  /** Longest request body in bytes. Default 8 000 000. */
  readonly maxBodyBytes?: number;
}

/** The running HTTP server. */
export interface Api extends Closable {
  /** `http://address:port` as it really listens, without a slash at the end. */
  readonly url: string;
}
