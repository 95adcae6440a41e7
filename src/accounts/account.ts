import type { Brand, JsonObject } from '../base/index.ts';
import type { DialPolicy } from './dial-policy.ts';

/** 32 hex digits. */
export type AccountId = Brand<'AccountId'>;
/** 32 hex digits. */
export type UserId = Brand<'UserId'>;
/** 32 hex digits. */
export type DeviceId = Brand<'DeviceId'>;

/** What an account may use at most; what is absent is not limited. */
export interface AccountLimits {
  /** Legs at once. */
  readonly legs?: number;
  /** Minutes of answered legs that end in one calendar month (UTC). */
  readonly minutesPerMonth?: number;
  /** Where its calls may go. */
  readonly dial?: DialPolicy;
}

/** How many days something of an account is kept; what is absent is kept as long as the server's settings say. */
export interface AccountRetention {
  readonly factsDays?: number;
  readonly cdrsDays?: number;
  readonly deliveriesDays?: number;
  readonly recordingsDays?: number;
  readonly transcriptsDays?: number;
}

/**
 * What the KAZOO document of an account, user or device says beyond the fields it has here, and how often and when it was changed. What has a field is in the
 * field alone; the dialect makes one document of both.
 */
export interface Sheet {
  readonly document: JsonObject;
  /** Counts from 1. */
  readonly revision: number;
  /** Epoch ms. */
  readonly modifiedAt: number;
}

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
  readonly limits?: AccountLimits;
  readonly retention?: AccountRetention;
  readonly sheet?: Sheet;
}

/** A person who may steer. */
export interface User {
  readonly id: UserId;
  readonly account: AccountId;
  /** Lower case; unique in the account. One who cannot log in has `~` and his id, which nobody can type. */
  readonly username: string;
  readonly privilege: 'admin' | 'user';
  readonly enabled: boolean;
  /** Slow hashes of the MD5 and of the SHA-1 of `username:password`, as clients send them (kazoo-facts §4.1). */
  readonly md5: string;
  readonly sha1: string;
  /** Epoch ms; absent for those who were made before it was kept. */
  readonly createdAt?: number;
  readonly sheet?: Sheet;
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
  /** Epoch ms; absent for those that were made before it was kept. */
  readonly createdAt?: number;
  readonly sheet?: Sheet;
}

/** A long-lived key with its user's power. The key itself is stored nowhere. */
export interface AccessKey {
  /** SHA-256 of the key, 64 hex digits. */
  readonly hash: string;
  readonly account: AccountId;
  readonly user: UserId;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly name?: string;
  readonly detail?: string;
  /** Its first characters, by which people know it again. */
  readonly prefix?: string;
  /** Epoch ms; absent: never. */
  readonly expiresAt?: number;
  /** Epoch ms of the last change. */
  readonly modifiedAt?: number;
}
