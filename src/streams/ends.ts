import type { LeaveReason } from '../conference/index.ts';

/** Why a stream ends: the websocket's close code (RFC 6455 §7.4), the word for programs, and what the domain is told. */
export interface End {
  readonly code: number;
  readonly reason: string;
  /** For people. */
  readonly detail: string;
  readonly leaves: LeaveReason;
}

/** Ends that the room of streams causes itself. */
export const ends = {
  stopped: { code: 1000, reason: 'stopped', detail: 'the program left', leaves: 'hung-up' },
  alone: { code: 1000, reason: 'everybody_left', detail: 'only programs are left in the conference', leaves: 'hung-up' },
  callEnded: { code: 1000, reason: 'call_ended', detail: 'the call that it belongs to has ended', leaves: 'hung-up' },
  shutdown: { code: 1001, reason: 'shutdown', detail: 'the server is stopping', leaves: 'shutdown' },
  tooSlow: { code: 4408, reason: 'too_slow', detail: 'too much sound was not read for too long', leaves: 'failed' },
  flood: { code: 4429, reason: 'too_many_frames', detail: 'more frames came than anybody can speak', leaves: 'failed' },
  failed: { code: 1011, reason: 'media_failed', detail: 'the sound of the room broke off', leaves: 'failed' },
} as const satisfies Readonly<Record<string, End>>;

/** What the domain removes it for. */
export function endOf(leaves: LeaveReason): End {
  switch (leaves) {
    case 'kicked':
      return { code: 4403, reason: 'kicked', detail: 'somebody removed the program from the conference', leaves };
    case 'conference-deleted':
      return { code: 4410, reason: 'conference_deleted', detail: 'the conference was deleted', leaves };
    case 'shutdown':
      return ends.shutdown;
    default:
      return { code: 1000, reason: leaves.replaceAll('-', '_'), detail: 'the stream has ended', leaves };
  }
}
