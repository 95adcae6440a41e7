import { Failure } from '../../base/index.ts';
import type { Input } from '../commands.ts';
import type { Arrival, Call } from '../conference.ts';
import { nobodyThere } from '../refusals.ts';
import { admitted, openedFor, refuseKnown, refuseMore } from './call.ts';
import { mustWait } from './presence.ts';
import type { Change, Rule } from './rule.ts';
import { stayInLobby } from './waiting.ts';

/** Lets a call in that comes out of its lobby: number, PIN and name were asked for there. It is up, so it takes part at once, or waits to be admitted. */
export const enter: Rule<'call.enter'> = (conference, input, context): Change => {
  const { held = false, joinExisting = false } = input;
  const arrival = arrivalOf(input, context.epoch);
  const { call, role } = arrival;
  refuseKnown(conference, call);
  if (joinExisting && conference.room === undefined) throw nobodyThere();
  if (call.direction === 'inbound' && conference.locked) {
    throw new Failure('denied', 'conference_locked', 'the conference is locked');
  }
  const { room, facts } = openedFor(conference, context);
  if (mustWait(conference, call, role)) {
    const change = stayInLobby({ ...conference, room }, { ...arrival, ...(held ? { held } : {}) });
    return { ...change, facts: [...facts, ...change.facts] };
  }
  refuseMore(conference, call);
  const change = admitted({ ...conference, room }, arrival, context, held ? { held } : {});
  const participant = change.next.room?.participants.at(-1);
  if (participant === undefined) return change;
  return {
    ...change,
    facts: [...facts, ...change.facts],
    effects: [{ do: 'bring', call: call.id, to: conference.id, participant }, ...change.effects],
  };
};

function arrivalOf({ call, role = 'member', announcedAs, tones, guest }: Input<'call.enter'>, at: number): Arrival {
  return {
    call: guest === undefined ? call : invited(call, guest),
    role,
    at,
    ...(announcedAs === undefined ? {} : { announcedAs }),
    ...(tones === undefined ? {} : { tones }),
  };
}

/** A guest has the name that he was invited by; telephones seldom know one. */
const invited = (call: Call, { invitation, name }: NonNullable<Input<'call.enter'>['guest']>): Call => ({
  ...call,
  ...(name === '' ? {} : { callerName: name }),
  channelVars: { ...call.channelVars, invitation_id: invitation },
});
