import { Failure } from '../../base/index.ts';
import type { CallId, Conference, Room, Waiting } from '../conference.ts';
import type { Effect } from '../effects.ts';
import type { Happening } from '../facts.ts';
import type { LeaveReason } from '../reasons.ts';
import { settingsOf } from '../settings.ts';
import { admitted, openedFor, refuseMore } from './call.ts';
import { leave } from './leaving.ts';
import { type Change, type Context, type Rule, unchanged } from './rule.ts';
import { waiters } from './which.ts';

/** The room with others who wait; one in which nobody does has no word about it. */
export function withWaiting(room: Room, waiting: readonly Waiting[]): Room {
  const { waiting: _, ...rest } = room;
  return waiting.length === 0 ? rest : { ...rest, waiting };
}

/** One more who waits in his lobby until a moderator admits him. */
export function stayInLobby(conference: Conference & { readonly room: Room }, waiting: Waiting): Change {
  const room = withWaiting(conference.room, [...waiters(conference), waiting]);
  return { next: { ...conference, room }, facts: [{ type: 'waiting.joined', waiting }], effects: [] };
}

/** Whom a moderator means. One who is not there is refused; nobody at all is nobody. */
function meant(conference: Conference, which: CallId | 'next' | 'all'): readonly Waiting[] {
  const all = waiters(conference);
  if (which === 'all') return all;
  if (which === 'next') return all.slice(0, 1);
  const one = all.find(({ call }) => call.id === which);
  if (one === undefined) {
    throw new Failure('not-found', 'nobody_waits_so', 'nobody waits so to be admitted', { details: { id: which } });
  }
  return [one];
}

/** Out of the waiting room into the conference. Neither lock nor PIN matters any more, but the limit of people does. */
function letIn(conference: Conference, one: Waiting, context: Context): Change {
  refuseMore(conference, one.call);
  const { room } = conference;
  if (room === undefined) return unchanged(conference);
  const left = withWaiting(
    room,
    waiters(conference).filter((each) => each !== one),
  );
  const change = admitted({ ...conference, room: left }, one, context, one.held === true ? { held: true } : {});
  const participant = change.next.room?.participants.at(-1);
  if (participant === undefined) return change;
  return {
    ...change,
    facts: [{ type: 'waiting.admitted', call: one.call.id }, ...change.facts],
    effects: [{ do: 'bring', call: one.call.id, to: conference.id, participant }, ...change.effects],
  };
}

/** Lets in who waits. Of many as many as there is room for; that none is, is refused. */
export const admit: Rule<'waiting.admit'> = (conference, { which }, context) => {
  let change = unchanged(conference);
  const facts: Happening[] = [];
  const effects: Effect[] = [];
  for (const one of meant(conference, which)) {
    try {
      change = letIn(change.next, one, context);
    } catch (error) {
      if (facts.length > 0 && error instanceof Failure) break;
      throw error;
    }
    facts.push(...change.facts);
    effects.push(...change.effects);
  }
  return { ...change, facts, effects };
};

/** Who waited is told in his lobby that he does not get in. */
export const turnAway = ({ call }: Pick<Waiting, 'call'>, reason: LeaveReason): Effect => ({ do: 'turn-away', call: call.id, reason });

/** Turns these away. */
export function turnedAway(conference: Conference, gone: readonly Waiting[], reason: LeaveReason): Change {
  if (gone.length === 0) return unchanged(conference);
  const change = leave(
    conference,
    gone.map(({ call }) => call.id),
    reason,
  );
  return { ...change, effects: [...change.effects, ...gone.map((each) => turnAway(each, reason))] };
}

/** Turns away who waits. */
export const deny: Rule<'waiting.deny'> = (conference, { which }) => turnedAway(conference, meant(conference, which), 'denied');

/** Those who waited and of whom no fact tells that they do not any more. */
function stillWaiting(before: Conference | undefined, { facts }: Change): readonly Waiting[] {
  const gone = new Set(facts.flatMap((each) => (each.type === 'waiting.left' || each.type === 'waiting.admitted' ? [each.call] : [])));
  return before === undefined ? [] : waiters(before).filter(({ call }) => !gone.has(call.id));
}

/**
 * Who waits does not keep a run of the room going: it ends with the last participant, and those who wait begin the next one. With the conference they go. When
 * nobody has to wait any more, they come in as far as there is room.
 */
export function waitingFollows(before: Conference | undefined, change: Change, context: Context): Change {
  const { next } = change;
  const left = next.room === undefined ? stillWaiting(before, change) : [];
  if (left.length > 0) {
    if (next.deletedAt !== undefined || change.forget === true) return withoutThose(change, left);
  }
  const so = left.length > 0 ? withRoomFor(change, left, context) : change;
  return waiters(so.next).length > 0 && !settingsOf(so.next).waitingRoom ? lettingIn(so, context) : so;
}

function withoutThose(change: Change, gone: readonly Waiting[]): Change {
  const reason = 'conference-deleted';
  return {
    ...change,
    facts: [...gone.map(({ call }): Happening => ({ type: 'waiting.left', call: call.id, reason })), ...change.facts],
    effects: [...change.effects, ...gone.map((each) => turnAway(each, reason))],
  };
}

function withRoomFor(change: Change, left: readonly Waiting[], context: Context): Change {
  const { room, facts } = openedFor(change.next, context);
  return { ...change, next: { ...change.next, room: withWaiting(room, left) }, facts: [...change.facts, ...facts] };
}

function lettingIn(change: Change, context: Context): Change {
  try {
    const more = admit(change.next, { conference: change.next.id, which: 'all' }, context);
    return { ...change, next: more.next, facts: [...change.facts, ...more.facts], effects: [...change.effects, ...more.effects] };
  } catch (error) {
    // It is full: they wait on.
    if (error instanceof Failure) return change;
    throw error;
  }
}
