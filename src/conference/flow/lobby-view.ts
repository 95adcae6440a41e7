import type { AccountId } from '../../accounts/index.ts';
import type { ConferenceView, Input } from '../commands.ts';
import type { Call, LegId, Participant } from '../conference.ts';
import type { CallId, ConferenceId, ParticipantId } from '../ids.ts';

/** Whose lobby, and who is told of. */
interface Seen {
  readonly account: AccountId;
  readonly id: ConferenceId;
  readonly calls: readonly Call[];
  /** Epoch ms. */
  readonly at: number;
}

/** A lobby as whoever asks for a conference sees it: nobody is in it but those who are told of. */
export function lobbyView({ account, id, calls, at }: Seen): ConferenceView {
  const participants = calls.map((call, n) => personOf(call, n + 1, at));
  const room = { instance: id as string, startedAt: at, arrivals: [], participants, relationships: [] };
  const conference = {
    id,
    account,
    document: {},
    revision: 0,
    createdAt: at,
    modifiedAt: at,
    deletedAt: undefined,
    locked: false,
    room: calls.length === 0 ? undefined : room,
    nextNumber: calls.length + 1,
    sequence: 0,
  };
  return { conference, at, levels: new Map(), floor: undefined };
}

const personOf = (call: Call, number: number, joinedAt: number): Participant => ({
  id: call.id as string as ParticipantId,
  number,
  call,
  role: 'member',
  ghost: false,
  muted: [],
  deaf: false,
  gainIn: 1,
  gainOut: 1,
  joinedAt,
});

/** A program as a call. */
export const programOf = (id: CallId, { name, direction, only }: Input<'stream.open'>): Call => ({
  id,
  leg: id as string as LegId,
  sipCallId: id,
  direction: 'inbound',
  callerName: name,
  callerNumber: '',
  channelVars: {},
  stream: direction,
  ...(only === undefined ? {} : { only }),
});
