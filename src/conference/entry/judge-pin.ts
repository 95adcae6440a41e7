import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../conference.ts';
import type { Settings } from '../settings.ts';
import type { PinQuestion } from './entry-plan.ts';

const hashed = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a text is one of these; all of them are looked at, and how much of one is right takes no other time. */
export function isOneOf(text: string, all: readonly string[]): boolean {
  const given = hashed(text);
  let found = false;
  for (const each of all) found = timingSafeEqual(hashed(each), given) || found;
  return found;
}

/** The role that a PIN gives (kazoo-facts §7.3); undefined: it is wrong. One that both lists have is a member's. */
export function roleOfPin(
  { member, moderator }: Pick<Settings, 'member' | 'moderator'>,
  { role, forced }: PinQuestion,
  pin: string,
): Role | undefined {
  const members = isOneOf(pin, member.pins);
  const moderators = isOneOf(pin, moderator.pins);
  const asMember = role !== 'moderator' && members;
  const asModerator = role !== 'member' && moderators;
  if (forced !== undefined) return asMember || asModerator ? forced : undefined;
  if (asMember) return 'member';
  if (asModerator) return 'moderator';
  // Without a PIN of their own, members need not give one where moderators do.
  return pin === '' && role === undefined && member.pins.length === 0 ? 'member' : undefined;
}
