import type { Call, CallId, Conference, Participant, Room } from '../conference.ts';
import type { Effect } from '../effects.ts';
import type { Happening } from '../facts.ts';
import { lobbyOf } from '../flow/lobby.ts';
import type { LeaveReason } from '../reasons.ts';
import { withoutFloor } from './floor.ts';
import { endings, playings, silencing, withPlaying } from './play.ts';
import { type Change, unchanged } from './rule.ts';
import { waiters } from './which.ts';

/** Ends a call that was taken out: a telephone hears BYE, a program is let go; one whose flow goes on is brought back to its lobby. */
export function hangUp({ id, stream, flow }: Call, reason: LeaveReason): Effect {
  if (stream !== undefined) return { do: 'close-stream', call: id, reason };
  return flow === true ? { do: 'bring', call: id, to: lobbyOf(id), reason } : { do: 'hang-up', call: id, reason };
}

/**
 * Takes these calls out, whether they are in, on their way in, or wait to be admitted. With the last one the room closes: what plays, is written down or recorded ends, and its lock.
 * Nobody is hung up here: whoever causes the leaving adds that.
 */
export function leave(conference: Conference, gone: readonly CallId[], reason: LeaveReason): Change {
  const { room } = conference;
  if (room === undefined) return unchanged(conference);
  const leavers = room.participants.filter((each) => gone.includes(each.call.id));
  const left = new Set(leavers.map((each) => each.id));
  const participants = room.participants.filter((each) => !left.has(each.id));
  const arrivals = room.arrivals.filter((each) => !gone.includes(each.call.id));
  const waiting = waiters(conference).filter((each) => !gone.includes(each.call.id));
  const isSame = leavers.length === 0 && arrivals.length === room.arrivals.length;
  if (isSame && waiting.length === waiters(conference).length) return unchanged(conference);

  const quiet = withoutPrompts(room, leavers, reason);
  const facts: Happening[] = [
    ...quiet.facts,
    ...leavers.map(({ id }): Happening => ({ type: 'participant.left', participant: id, reason })),
    ...waiters(conference)
      .filter((each) => !waiting.includes(each))
      .map(({ call }): Happening => ({ type: 'waiting.left', call: call.id, reason })),
  ];
  // Who waits begins no run of the room and keeps none going: of the last participant's leaving `waitingFollows` knows.
  if (participants.length > 0 || arrivals.length > 0 || (isSame && waiting.length > 0)) {
    const relationships = room.relationships.filter((each) => !left.has(each.participant) && !left.has(each.other));
    const { waiting: _, ...quieter } = withoutFloor(quiet.room, left);
    const remains: Room = {
      ...quieter,
      participants,
      arrivals,
      relationships,
      ...(waiting.length === 0 ? {} : { waiting }),
    };
    const next = { ...conference, room: remains };
    return { next, facts, effects: [...quiet.effects, ...(leavers.length > 0 ? [{ do: 'rehear' } as const] : [])] };
  }
  const closed = ended(quiet.room, reason);
  facts.push(...closed.facts);
  if (conference.locked) facts.push({ type: 'conference.unlocked' });
  facts.push({ type: 'room.closed', instance: room.instance });
  // Nobody configured it: nothing stays but its facts.
  if (room.adHoc === true) facts.push({ type: 'conference.deleted' });
  const effects: readonly Effect[] = [...quiet.effects, ...closed.effects, { do: 'rehear' }];
  return { next: { ...conference, locked: false, room: undefined }, facts, effects, ...(room.adHoc === true ? { forget: true } : {}) };
}

interface Ended {
  readonly facts: readonly Happening[];
  readonly effects: readonly Effect[];
}

/** What is played to somebody, or waits to be, ends before he leaves. */
function withoutPrompts(room: Room, leavers: readonly Participant[], reason: LeaveReason): Ended & { readonly room: Room } {
  const gone = playings(room).filter(({ to }) => leavers.some((each) => each.id === to));
  if (gone.length === 0) return { room, facts: [], effects: [] };
  const left = playings(room).filter((each) => !gone.includes(each));
  return {
    room: withPlaying(room, left),
    facts: endings(gone, reason === 'restart' ? 'restart' : 'gone'),
    effects: silencing(gone, room.instance),
  };
}

/** What goes on in a room ends before the room does. */
function ended({ instance, playing = [], transcription, recording }: Room, leaving: LeaveReason): Ended {
  const reason = leaving === 'restart' ? 'restart' : 'room-closed';
  const facts: Happening[] = [...endings(playing, reason)];
  const effects: Effect[] = [...silencing(playing, instance)];
  if (transcription !== undefined) {
    facts.push({ type: 'transcription.stopped', transcription: transcription.id, reason });
    effects.push({ do: 'end-transcription', instance, transcription: transcription.id });
  }
  if (recording !== undefined) {
    facts.push({ type: 'recording.stopped', recording: recording.id, reason });
    effects.push({ do: 'end-recording', instance, recording: recording.id, reason });
  }
  return { facts, effects };
}
