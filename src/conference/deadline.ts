import type { Conference, Room } from './conference.ts';
import { settingsOf } from './settings.ts';

/** Minutes before its end at which people are told. */
export const WARNINGS = [10, 5, 1] as const;

const MINUTE = 60_000;

/** Epoch ms at which the conference ends by itself: its document's `timeout` after it was made; undefined: never. */
export function conferenceEnd(conference: Conference): number | undefined {
  const { timeout } = settingsOf(conference);
  return timeout === undefined || conference.deletedAt !== undefined ? undefined : conference.createdAt + timeout;
}

/** Epoch ms at which those who are in are sent away, because the conference or this run of its room ends; undefined: never. */
export function roomEnd(conference: Conference): number | undefined {
  return earliest([conferenceEnd(conference), conference.room?.endsAt]);
}

/** The next warning of an end: the most minutes that were not told yet. */
export function nextWarning({ warnedMinutes = Number.POSITIVE_INFINITY }: Room): (typeof WARNINGS)[number] | undefined {
  return WARNINGS.find((each) => each < warnedMinutes);
}

/** The warning that is or was due last at a moment; undefined: none yet. */
export const warningAt = (end: number, epoch: number): (typeof WARNINGS)[number] | undefined =>
  WARNINGS.findLast((each) => end - each * MINUTE <= epoch);

/** When something is to happen by itself, epoch ms: `conference.time` is then given to it. Undefined: nothing waits for time. */
export function deadline(conference: Conference): number | undefined {
  const { room } = conference;
  if (room === undefined) return conferenceEnd(conference);
  const end = roomEnd(conference);
  const warning = end === undefined ? undefined : nextWarning(room);
  const { longestWait } = settingsOf(conference);
  const first = room.waiting?.[0];
  return earliest([
    end,
    end !== undefined && warning !== undefined ? end - warning * MINUTE : undefined,
    room.unattendedUntil,
    first === undefined || longestWait === undefined ? undefined : first.at + longestWait,
    consentsEnd(room),
  ]);
}

/** When the first of those who are asked whether they may be recorded has not agreed. Asked about one that is over, nobody is waited for. */
function consentsEnd({ recording, participants }: Room): number | undefined {
  if (recording === undefined) return undefined;
  return earliest(participants.map(({ consent }) => (consent?.recording === recording.id ? consent.until : undefined)));
}

const earliest = (times: readonly (number | undefined)[]): number | undefined =>
  times.reduce<number | undefined>(
    (least, each) => (each === undefined || (least !== undefined && least <= each) ? least : each),
    undefined,
  );
