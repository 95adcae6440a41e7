import { Failure } from '../../base/index.ts';
import type { Call, CallId, Conference, LegId, Role } from '../conference.ts';
import { callNotFound, noStreams } from '../refusals.ts';
import { admitted, openedFor, refuseKnown, refuseMore } from './call.ts';
import { leave } from './leaving.ts';
import { mustWait } from './presence.ts';
import type { Rule } from './rule.ts';
import { people } from './which.ts';

const ID = /^[0-9a-f]{32}$/;

/** Makes a program a participant at once: there is nothing to be answered. Neither lock nor PIN keeps it out, for whoever opens it may steer the room. */
export const openStream: Rule<'stream.open'> = (conference, { call: wished, name, role, direction, muted, deaf, only, chat }, context) => {
  if (context.lacks.has('streams') && chat === undefined) throw noStreams();
  if (wished !== undefined && !ID.test(wished))
    throw new Failure('invalid', 'bad_id', 'an id is 32 hexadecimal digits', { details: { id: wished } });
  if (only !== undefined && !people(conference).some((each) => each.call.id === only)) throw callNotFound(only);
  const id = wished ?? context.newId();
  const call: Call = {
    id: id as CallId,
    leg: id as LegId,
    sipCallId: id,
    direction: 'inbound',
    callerName: name,
    callerNumber: chat?.number ?? '',
    channelVars: {},
    stream: direction,
    ...(only === undefined ? {} : { only }),
    ...(chat === undefined ? {} : { chat: chat.service }),
  };
  refuseKnown(conference, call);
  if (chat === undefined) refuseMore(conference, call);
  else refuseChat(conference, call, role);
  const { room, facts } = openedFor(conference, context);
  const change = admitted(
    { ...conference, room },
    { call, role, at: context.epoch, ...(chat === undefined ? {} : { flags: { ghost: true } }) },
    context,
    {
      ...(muted === undefined ? {} : { muted }),
      ...(deaf === undefined ? {} : { deaf }),
    },
  );
  return { ...change, facts: [...facts, ...change.facts] };
};

/** Who writes comes by himself. */
function refuseChat(conference: Conference, call: Call, role: Role): void {
  if (conference.locked) throw new Failure('denied', 'conference_locked', 'the conference is locked');
  if (mustWait(conference, { ...call, direction: 'inbound' }, role)) {
    throw new Failure('denied', 'admission_required', 'callers come in through its waiting room');
  }
}

/** The program is gone. One that nobody knows (any more) was removed before: nothing happens. */
export const streamClosed: Rule<'stream.closed'> = (conference, { call, reason }) => leave(conference, [call], reason);
