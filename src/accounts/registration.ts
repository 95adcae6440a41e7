import type { AccountId, DeviceId } from './account.ts';

/** Where a telephone can be reached for a while (RFC 3261 §10.3). One per (account, aor, contact). */
export interface Registration {
  readonly account: AccountId;
  readonly device: DeviceId;
  /** The address of record, such as `sip:desk@a1b2c3d4.parley.local`. */
  readonly aor: string;
  /** The contact's URI as the telephone gave it. */
  readonly contact: string;
  /** Call-ID and CSeq of the REGISTER that set it; an older one of the same Call-ID must not change it. */
  readonly callId: string;
  readonly cseq: number;
  /** Epoch ms. */
  readonly expiresAt: number;
  /** Where the REGISTER came from; `calls` knows its spelling. */
  readonly source: string;
  /** `+sip.instance` (RFC 5626 §4.1). */
  readonly instance?: string;
  /** The Path header's value (RFC 3327). */
  readonly path?: string;
}

/** Keeps registrations over a restart. Whoever reads looks at `expiresAt`. */
export interface Registrations {
  /** Replaces the one with the same account, aor and contact. */
  put(registration: Registration): Promise<void>;
  remove(registration: Pick<Registration, 'account' | 'aor' | 'contact'>): Promise<void>;
  all(): Promise<readonly Registration[]>;
}
