import type { Conference, MuteReason, Participant } from '../conference.ts';
import type { Happening } from '../facts.ts';
import { nobodyThere } from '../refusals.ts';
import { settingsOf } from '../settings.ts';
import type { Change, Rule } from './rule.ts';
import { unchanged } from './rule.ts';
import { chosen, withPeople } from './which.ts';

/** Lists are kept in this order, so equal reasons are equal lists. */
const order: readonly MuteReason[] = ['self', 'moderator', 'room', 'hold'];
/** Nobody but the far end ends a hold. */
const clearable: readonly MuteReason[] = ['self', 'moderator', 'room'];

/** The reasons with one more. */
export const withReason = (reasons: readonly MuteReason[], reason: MuteReason): readonly MuteReason[] =>
  order.filter((each) => each === reason || reasons.includes(each));

/** The reasons without these. */
export const withoutReasons = (reasons: readonly MuteReason[], gone: readonly MuteReason[]): readonly MuteReason[] =>
  reasons.filter((each) => !gone.includes(each));

/** Gives everybody named his new reasons; only those whose list changes give a fact. */
export function remute(
  conference: Conference,
  who: readonly Participant[],
  reasonsOf: (reasons: readonly MuteReason[]) => readonly MuteReason[],
): Change {
  const changed = who
    .map((each) => ({ ...each, muted: reasonsOf(each.muted) }))
    .filter((each, index) => each.muted.join() !== who[index]?.muted.join());
  if (changed.length === 0) return unchanged(conference);
  const facts = changed.map(
    ({ id, muted }): Happening =>
      muted.length > 0 ? { type: 'participant.muted', participant: id, reasons: muted } : { type: 'participant.unmuted', participant: id },
  );
  return { next: withPeople(conference, changed), facts, effects: [{ do: 'rehear' }] };
}

/**
 * A program mutes as a moderator does, and lifts every reason except hold; one's own keys lift what others have done as far as the room lets them
 * (`rulings.md` "who is muted").
 */
export const mute: Rule<'participants.mute'> = (conference, { which, muted, by = 'moderator' }) => {
  const lifts = by === 'moderator' || settingsOf(conference).selfUnmute ? clearable : (['self'] as const);
  return remute(conference, chosen(conference, which), (reasons) => (muted ? withReason(reasons, by) : withoutReasons(reasons, lifts)));
};

/** All members at once, and whoever comes after them. Moderators are spared, as by every bulk act. */
export const muteRoom: Rule<'conference.mute'> = (conference, { muted }) => {
  const { room } = conference;
  if (room === undefined) {
    if (muted) throw nobodyThere();
    return unchanged(conference);
  }
  const change = remute(conference, chosen(conference, 'all-but-moderators'), (reasons) =>
    muted ? withReason(reasons, 'room') : withoutReasons(reasons, ['room']),
  );
  const after = change.next.room ?? room;
  if (muted === (room.muted === true)) return change;
  const { muted: _, ...rest } = after;
  return {
    ...change,
    next: { ...change.next, room: muted ? { ...after, muted } : rest },
    facts: [{ type: muted ? 'room.muted' : 'room.unmuted' }, ...change.facts],
  };
};
