import { Failure } from '../../base/index.ts';
import { openedFor, refuseKnown, refuseMore } from './call.ts';
import type { Rule } from './rule.ts';

/** Somebody is called into the conference: he holds his place from now on, whatever the lock and the PINs say (kazoo-facts §7.4, §10). */
export const dial: Rule<'call.dial'> = (conference, { call, role = 'member', flags = {}, target }, context) => {
  refuseKnown(conference, call);
  if (flags.joinExisting === true && conference.room === undefined) {
    throw new Failure('conflict', 'nobody_there', 'nobody is in the conference');
  }
  if (flags.ghost !== true) refuseMore(conference, call);
  const { room, facts } = openedFor(conference, context);
  const arrivals = [...room.arrivals, { call, role, at: context.epoch, flags }];
  return { next: { ...conference, room: { ...room, arrivals } }, facts, effects: [{ do: 'dial', call, target }] };
};
