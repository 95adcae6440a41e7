import type { Brand, JsonObject } from '../base/index.ts';

/** 32 hex digits. */
export type AccountId = Brand<'AccountId'>;
/** 32 hex digits. */
export type UserId = Brand<'UserId'>;
/** 32 hex digits. */
export type DeviceId = Brand<'DeviceId'>;

/** Who owns conferences, users and devices. */
export interface Account {
  readonly id: AccountId;
  readonly name: string;
  /** The SIP domain of its devices, lower case. */
  readonly realm: string;
  /** Whose sub-account it is. */
  readonly parent: AccountId | undefined;
  /** 64 hex digits; sealed at rest, looked up by its hash. */
  readonly apiKey: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** `media` of its KAZOO document: codecs and encryption of its calls; `calls` reads it. */
  readonly media?: JsonObject;
}

/** A person who may steer. */
export interface User {
  readonly id: UserId;
  readonly account: AccountId;
  /** Lower case; unique in the account. */
  readonly username: string;
  readonly privilege: 'admin' | 'user';
  readonly enabled: boolean;
  /** Slow hashes of the MD5 and of the SHA-1 of `username:password`, as clients send them (kazoo-facts §4.1). */
  readonly md5: string;
  readonly sha1: string;
}

/** A telephone. */
export interface Device {
  readonly id: DeviceId;
  readonly account: AccountId;
  readonly owner: UserId | undefined;
  readonly name: string;
  /** Its SIP user, unique in the account. */
  readonly username: string;
  /** Its SIP password in clear, because digest needs it; sealed at rest. */
  readonly password: string;
  readonly enabled: boolean;
  /** As the account's; its own word counts more. */
  readonly media?: JsonObject;
}

/** A long-lived key with its user's power. The key itself is stored nowhere. */
export interface AccessKey {
  /** SHA-256 of the key, 64 hex digits. */
  readonly hash: string;
  readonly account: AccountId;
  readonly user: UserId;
  /** Epoch ms. */
  readonly createdAt: number;
}
