import type { AccountId } from '../../../accounts/index.ts';
import { dashed } from '../../../base/index.ts';
import type { CallId, ConferenceId, Execute, ParticipantId, Room } from '../../../conference/index.ts';
import type { FromBrowser } from '../join-shapes.ts';
import { Problem } from '../problem.ts';

/** What a moderator asks for by his page. */
export type Moderate = Extract<FromBrowser, { type: 'moderate' }>;

/** Who asks, and where: what is meant is always in the room that he is in. */
export interface Moderating {
  readonly execute: Execute;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  readonly participant: ParticipantId;
}

/** The one who is meant of those who are in. */
function participantOf(room: Room, who: string | undefined): ParticipantId {
  const found = room.participants.find(({ id }) => dashed(id) === who);
  if (found === undefined) throw new Problem(404, 'participant_not_found', 'nobody with this id is in this conference');
  return found.id;
}

/** The one who is meant of those who wait to be let in; nobody named: all of them. */
function callerOf(room: Room, who: string | undefined): CallId | 'all' {
  if (who === undefined) return 'all';
  const found = room.waiting?.find(({ call }) => dashed(call.id) === who);
  if (found === undefined) throw new Problem(404, 'nobody_waits_so', 'nobody with this id waits to be let in');
  return found.call.id;
}

/** Does what a moderator asks for. Whether he is one is looked up each time: he may have been made a member meanwhile. */
export async function moderate({ act, who }: Moderate, { execute, account, conference, participant }: Moderating): Promise<void> {
  const actor = { account, kind: 'call' } as const;
  const { room } = (await execute('conference.read', { conference }, actor)).conference;
  if (room?.participants.find(({ id }) => id === participant)?.role !== 'moderator')
    throw new Problem(403, 'not_moderator', 'only moderators of this conference may do this');
  switch (act) {
    case 'lock':
    case 'unlock':
      await execute('conference.lock', { conference, locked: act === 'lock' }, actor);
      return;
    case 'mute_all':
    case 'unmute_all':
      await execute('conference.mute', { conference, muted: act === 'mute_all' }, actor);
      return;
    case 'admit':
    case 'deny':
      await execute(`waiting.${act}`, { conference, which: callerOf(room, who) }, actor);
      return;
    case 'mute':
    case 'unmute':
      await execute('participants.mute', { conference, which: participantOf(room, who), muted: act === 'mute' }, actor);
      return;
    case 'lower_hand':
      await execute('participants.hand', { conference, which: participantOf(room, who), raised: false }, actor);
      return;
    case 'remove':
      await execute('participants.kick', { conference, which: participantOf(room, who) }, actor);
  }
}
