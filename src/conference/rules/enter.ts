import { Failure } from '../../base/index.ts';
import { admitted, openedFor, refuseKnown, refuseMore } from './call.ts';
import { mustWait } from './presence.ts';
import type { Change, Rule } from './rule.ts';
import { stayInLobby } from './waiting.ts';

/** Lets a call in that comes out of its lobby: number, PIN and name were asked for there. It is up, so it takes part at once. */
export const enter: Rule<'call.enter'> = (conference, { call, role = 'member', held = false }, context): Change => {
  refuseKnown(conference, call);
  if (call.direction === 'inbound' && conference.locked) {
    throw new Failure('denied', 'conference_locked', 'the conference is locked');
  }
  const { room, facts } = openedFor(conference, context);
  if (mustWait(conference, call, role)) {
    const change = stayInLobby({ ...conference, room }, { call, role, at: context.epoch, ...(held ? { held } : {}) });
    return { ...change, facts: [...facts, ...change.facts] };
  }
  refuseMore(conference);
  const change = admitted({ ...conference, room }, { call, role, at: context.epoch }, context, held ? { held } : {});
  const participant = change.next.room?.participants.at(-1);
  if (participant === undefined) return change;
  return {
    ...change,
    facts: [...facts, ...change.facts],
    effects: [{ do: 'bring', call: call.id, to: conference.id, participant }, ...change.effects],
  };
};
