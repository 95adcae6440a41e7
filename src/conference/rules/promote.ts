import { remute, withoutReasons, withReason } from './mute.ts';
import { type Rule, unchanged } from './rule.ts';
import { chosen, withPeople } from './which.ts';

/** Gives people another role. What mutes all members holds for who becomes one, and for nobody who is a moderator. */
export const promote: Rule<'participants.promote'> = (conference, { which, role }) => {
  const changed = chosen(conference, which)
    .filter((each) => each.role !== role)
    .map((each) => ({ ...each, role }));
  if (changed.length === 0) return unchanged(conference);
  const next = withPeople(conference, changed);
  const isMuted = role === 'member' && conference.room?.muted === true;
  const muted = remute(next, changed, (reasons) => (isMuted ? withReason(reasons, 'room') : withoutReasons(reasons, ['room'])));
  return {
    next: muted.next,
    facts: [
      ...changed.map(
        ({ id }) => ({ type: role === 'moderator' ? 'participant.promoted' : 'participant.demoted', participant: id }) as const,
      ),
      ...muted.facts,
    ],
    effects: [{ do: 'rehear' }],
  };
};
