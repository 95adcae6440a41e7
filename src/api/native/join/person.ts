import { dashed, isoTime } from '../../../base/index.ts';
import type { Participant, Waiting } from '../../../conference/index.ts';
import type { JoinCaller, JoinPerson } from '../join-shapes.ts';

/** Somebody who is in, and whether he talks. */
export interface Seen {
  readonly participant: Participant;
  readonly talking: boolean;
}

/** How many digits of a telephone number members see. */
const SEEN_DIGITS = 2;

/** Whoever only has a number is not given away by it. */
const veiled = (name: string): string => (/^\+?[\d\s()./-]{4,}$/.test(name) ? `…${name.trim().slice(-SEEN_DIGITS)}` : name);

const kindOf = ({ call }: Participant): JoinPerson['kind'] => {
  if (call.stream !== undefined || call.chat !== undefined) return 'program';
  return call.channelVars['authorizing_type'] === 'invitation' ? 'browser' : 'phone';
};

/** How he is called: as his telephone says, else by his number. */
const nameOf = ({ call }: Pick<Participant, 'call'>): string => call.callerName || call.callerNumber;

/** Whether members know of him: a ghost without a chat only listens in. */
export const isSeenByMembers = ({ ghost, call }: Participant): boolean => !ghost || call.chat !== undefined;

/** Somebody as a guest sees him; moderators see numbers too. */
export function joinPerson({ participant, talking }: Seen, isModerator: boolean): JoinPerson {
  const { id, number, role, muted, deaf, handRaisedAt } = participant;
  const name = nameOf(participant);
  return {
    id: dashed(id),
    number,
    name: isModerator ? name : veiled(name),
    role,
    kind: kindOf(participant),
    talking: talking && muted.length === 0,
    muted: muted.length > 0,
    deaf,
    hand: handRaisedAt !== undefined,
    ...(handRaisedAt === undefined ? {} : { hand_raised_at: isoTime(handRaisedAt) }),
  };
}

/** Somebody who waits to be let in. */
export const joinCaller = (waiting: Waiting): JoinCaller => ({
  id: dashed(waiting.call.id),
  name: nameOf(waiting),
  since: isoTime(waiting.at),
});

/** The name in a caption. */
export const speakerName = (participant: Participant, isModerator: boolean): string =>
  isModerator ? nameOf(participant) : veiled(nameOf(participant));
