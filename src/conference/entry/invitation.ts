import type { AccountId } from '../../accounts/index.ts';
import type { JsonObject } from '../../base/index.ts';
import type { Role } from '../conference.ts';
import type { ConferenceId } from '../ids.ts';

/** Which PIN a guest gives: one that is his alone and is shown once, the conference's, or none because it has none. */
export type InvitationPin = 'one-time' | 'shared' | 'none';

/** A guest who was invited to a conference. Times are epoch ms. */
export interface Invitation {
  /** 32 hex digits. */
  readonly id: string;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** Of the guest. */
  readonly name: string;
  readonly role: Role;
  /** In which he is written and spoken to; absent: the conference's. */
  readonly language?: string;
  readonly pin: InvitationPin;
  /** Digits of a PIN of his own. */
  readonly pinLength?: number;
  /** The last part of his link: whoever has it sees the invitation. */
  readonly code: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly startsAt?: number;
  readonly endsAt?: number;
  /** In which these times are written: a name of the IANA database. Absent: UTC. */
  readonly timeZone?: string;
  /** When he came in with a PIN of his own for the first time, and from where. */
  readonly usedAt?: number;
  readonly usedBy?: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const time = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** As it is kept, sealed; of a PIN of his own only the length. */
export function documentOf({ id: _, account: __, ...rest }: Invitation): JsonObject {
  return { ...rest };
}

/** Reads what was kept; never throws. */
export function invitationOf(account: AccountId, id: string, kept: JsonObject): Invitation {
  const { pin, pinLength, expiresAt, createdAt, startsAt, endsAt, usedAt, language, usedBy, timeZone } = kept;
  const known = { startsAt: time(startsAt), endsAt: time(endsAt), usedAt: time(usedAt), pinLength: time(pinLength) };
  return {
    id,
    account,
    conference: text(kept['conference']) as ConferenceId,
    name: text(kept['name']),
    role: kept['role'] === 'moderator' ? 'moderator' : 'member',
    pin: pin === 'one-time' || pin === 'none' ? pin : 'shared',
    code: text(kept['code']),
    createdAt: time(createdAt) ?? 0,
    expiresAt: time(expiresAt) ?? 0,
    ...(typeof language === 'string' ? { language } : {}),
    ...(typeof usedBy === 'string' ? { usedBy } : {}),
    ...(typeof timeZone === 'string' ? { timeZone } : {}),
    ...(Object.fromEntries(Object.entries(known).filter(([, each]) => each !== undefined)) as Partial<Invitation>),
  };
}
