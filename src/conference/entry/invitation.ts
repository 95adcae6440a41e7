import type { AccountId } from '../../accounts/index.ts';
import { isObject, type Json, type JsonObject } from '../../base/index.ts';
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
  /** How many guests may come in by it. Absent: no limit. */
  readonly maxUses?: number;
  /** How many have; without a limit, how often somebody has. */
  readonly uses: number;
  /** When somebody came in by it for the first time. */
  readonly usedAt?: number;
  /** Where there is a limit: who has used it, and when, so that he may come back. */
  readonly guests?: readonly InvitedGuest[];
}

/** Somebody who has used an invitation. */
export interface InvitedGuest {
  /** His telephone number, or what names his page; empty: he withholds it. */
  readonly by: string;
  /** Epoch ms. */
  readonly at: number;
}

/** ms after its first use for which an invitation brings a guest back whose line was cut. */
const COMING_BACK = 86_400_000;

const isHe =
  (by: string, now: number) =>
  (each: InvitedGuest): boolean =>
    by !== '' && each.by === by && now - each.at < COMING_BACK;

/** Whether somebody may come in by it: because there is room for one more, or because he was in before. Its end is not looked at. */
export const isUsable = ({ maxUses, uses, guests = [] }: Invitation, by: string, now: number): boolean =>
  maxUses === undefined || uses < maxUses || guests.some(isHe(by, now));

/** The invitation after somebody came in by it, for the first time or again; undefined: it is used up. */
export function usedOnce(invitation: Invitation, by: string, now: number): Invitation | undefined {
  const { maxUses, uses, guests = [], usedAt = now } = invitation;
  if (guests.some(isHe(by, now))) return invitation;
  if (maxUses === undefined) return { ...invitation, uses: uses + 1, usedAt };
  return uses < maxUses ? { ...invitation, uses: uses + 1, usedAt, guests: [...guests, { by, at: now }] } : undefined;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const time = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** As it is kept, sealed; of a PIN of his own only the length. */
export function documentOf({ id: _, account: __, guests, ...rest }: Invitation): JsonObject {
  return { ...rest, ...(guests === undefined ? {} : { guests: guests.map((each) => ({ ...each })) }) };
}

function guestsOf(kept: Json | undefined): readonly InvitedGuest[] {
  if (!Array.isArray(kept)) return [];
  return kept.filter(isObject).map((each) => ({ by: text(each['by']), at: time(each['at']) ?? 0 }));
}

/** How often it was used. Before there were limits a PIN of his own was good for one guest, whose number stood beside the time. */
function usesOf({ pin, uses, maxUses, guests, usedAt, usedBy }: JsonObject): Pick<Invitation, 'uses' | 'maxUses' | 'guests'> {
  const limit = time(maxUses) ?? (pin === 'one-time' ? 1 : undefined);
  const at = time(usedAt);
  const known = guests === undefined && at !== undefined ? [{ by: text(usedBy), at }] : guestsOf(guests);
  const counted = time(uses) ?? (at === undefined ? 0 : 1);
  return { uses: counted, ...(limit === undefined ? {} : { maxUses: limit, guests: known }) };
}

/** Reads what was kept; never throws. */
export function invitationOf(account: AccountId, id: string, kept: JsonObject): Invitation {
  const { pin, pinLength, expiresAt, createdAt, startsAt, endsAt, usedAt, language, timeZone } = kept;
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
    ...usesOf(kept),
    ...(typeof timeZone === 'string' ? { timeZone } : {}),
    ...(Object.fromEntries(Object.entries(known).filter(([, each]) => each !== undefined)) as Partial<Invitation>),
  };
}
