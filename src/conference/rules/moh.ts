import type { Room } from '../conference.ts';
import { nobodyThere } from '../refusals.ts';
import { type Rule, unchanged } from './rule.ts';

/** Switches the music of this run off, or on; what the document says of it holds again in the next run. `musicFollows` ends it, or lets it begin. */
export const moh: Rule<'conference.moh'> = (conference, { on }) => {
  const { room } = conference;
  if (room === undefined) {
    if (!on) throw nobodyThere();
    return unchanged(conference);
  }
  if ((room.mohOff !== true) === on) return unchanged(conference);
  const { mohOff: _, ...rest } = room;
  const next: Room = on ? rest : { ...rest, mohOff: true };
  return { next: { ...conference, room: next }, facts: [{ type: on ? 'room.moh_on' : 'room.moh_off' }], effects: [] };
};
