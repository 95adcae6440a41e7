import type { Conference, Music, Room } from '../conference.ts';
import type { Effect } from '../effects.ts';
import type { Playing, PlayingId } from '../playing.ts';
import { settingsOf } from '../settings.ts';
import { musicEars } from './presence.ts';
import type { Change, Context } from './rule.ts';

const withMusic = (room: Room, music: Music | undefined): Room => {
  const { music: _, ...rest } = room;
  return music === undefined ? rest : { ...rest, music };
};

/** The music as the player knows it: until it is stopped. */
const playingOf = ({ id, source }: Music, startedAt: number): Playing => ({
  id,
  sources: [source],
  to: 'all',
  loops: 0,
  duck: 1,
  startedAt,
});

const silenced = (instance: string, music: Music | undefined): readonly Effect[] =>
  music === undefined || music.failed === true ? [] : [{ do: 'end-play', instance, playing: music.id }];

/** What is to sound: what the settings say, if anybody is in need of it. */
function wanted(conference: Conference, context: Context): Music['source'] | undefined {
  if (conference.room?.mohOff === true || context.lacks.has('player') || musicEars(conference).length === 0) return undefined;
  return settingsOf(conference).music;
}

/** Lets the music of a room begin with the first who is in need of it, and end with the last. It is no fact: nobody has asked for it. */
export function musicFollows(before: Conference | undefined, change: Change, context: Context): Change {
  const { room } = change.next;
  const former = before?.room;
  const kept = former !== undefined && former.instance === room?.instance ? former : undefined;
  const ended = former !== undefined && kept === undefined ? silenced(former.instance, former.music) : [];
  if (room === undefined) return ended.length === 0 ? change : { ...change, effects: [...change.effects, ...ended] };
  const source = wanted(change.next, context);
  // Who has come or gone hears otherwise by the plan that follows anyway.
  if (source === room.music?.source) return ended.length === 0 ? change : { ...change, effects: [...change.effects, ...ended] };
  const music = source === undefined ? undefined : { id: context.newId() as PlayingId, source };
  const next = { ...change.next, room: withMusic(room, music) };
  const begins: readonly Effect[] =
    music === undefined ? [] : [{ do: 'play', instance: room.instance, playing: playingOf(music, context.epoch) }];
  return { ...change, next, effects: [...change.effects, ...ended, ...silenced(room.instance, room.music), { do: 'rehear' }, ...begins] };
}

/** The player could not go on; undefined: it was no music. */
export function musicEnded(conference: Conference, id: PlayingId): Change | undefined {
  const { room } = conference;
  if (room?.music?.id !== id) return undefined;
  return { next: { ...conference, room: { ...room, music: { ...room.music, failed: true } } }, facts: [], effects: [{ do: 'rehear' }] };
}
