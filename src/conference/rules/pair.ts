import { Failure } from '../../base/index.ts';
import type { Call, Conference, Participant } from '../conference.ts';
import { termsOf } from '../terms.ts';

/** A conference of the type `connect` is for so many. */
export const PAIR = 2;

/** Whether it is one. */
export const isConnect = ({ document }: Pick<Conference, 'document'>): boolean => termsOf(document).type === 'connect';

/** Those who are connected: programs, chats and ghosts beside them are not. */
export const connected = ({ room }: Conference): readonly Participant[] =>
  (room?.participants ?? []).filter(({ call, ghost }) => call.stream === undefined && !ghost);

/** A `connect` takes exactly two, those who are on their way in among them (`rulings.md` "connect"). */
export function refuseThird(conference: Conference, { stream }: Call): void {
  if (stream !== undefined || !isConnect(conference)) return;
  const coming = (conference.room?.arrivals ?? []).filter(({ flags }) => flags?.ghost !== true);
  if (connected(conference).length + coming.length < PAIR) return;
  throw new Failure('limit', 'conference_full', 'the conference is full', { details: { limit: PAIR } });
}
