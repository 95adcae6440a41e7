import { Failure } from '../../base/index.ts';
import { announcementEnded } from '../announcing/announce.ts';
import type { Which } from '../commands.ts';
import type { Conference, Room } from '../conference.ts';
import type { Effect } from '../effects.ts';
import type { Happening } from '../facts.ts';
import { LEAST_GAIN } from '../gains.ts';
import type { PlayEnd, Playing, PlayingId, PlaySource } from '../playing.ts';
import { nobodyThere, noPlayer, participantNotFound } from '../refusals.ts';
import { settingsOf } from '../settings.ts';
import { musicEnded } from './music.ts';
import { type Change, type Rule, unchanged } from './rule.ts';
import { find, people } from './which.ts';

/** What may play and wait in one room. */
const MOST = 100;
/** Parts of one thing that is played. */
const MOST_SOURCES = 100;

/** What plays or waits, in the order in which it was asked for. */
export const playings = (room: Room | undefined): readonly Playing[] => room?.playing ?? [];

/** The same room with other things that play; a room where nothing does has no word about it. */
export function withPlaying(room: Room, playing: readonly Playing[]): Room {
  const { playing: _, ...rest } = room;
  return playing.length === 0 ? rest : { ...rest, playing };
}

/** Whether two are heard by the same people, so that one waits for the other. */
const queueTogether = (one: Playing, other: Playing): boolean => one.to === other.to;

/** What is asked for, as far as it makes sense by itself. */
function refuseNonsense({ sources, loops, duck }: Pick<Playing, 'sources' | 'loops' | 'duck'>): void {
  const isNothing = (each: PlaySource): boolean => (typeof each === 'string' ? each : each.say).trim() === '';
  if (sources.length === 0 || sources.length > MOST_SOURCES || sources.some(isNothing)) {
    throw new Failure('invalid', 'nothing_to_play', `name 1 to ${MOST_SOURCES} sounds or texts, none of them empty`);
  }
  if (!(Number.isInteger(loops) && loops >= 0)) {
    throw new Failure('invalid', 'bad_loops', 'it is played a whole number of times, or 0: until it is stopped');
  }
  // Written so that NaN is refused too.
  if (!(duck >= LEAST_GAIN && duck <= 1)) {
    const details = { least: LEAST_GAIN, most: 1 };
    throw new Failure('invalid', 'gain_out_of_range', `voices are lowered to ${LEAST_GAIN} … 1`, { details });
  }
}

/** For whom it is. Refuses who is not there. */
function target(conference: Conference, to: Which): Playing['to'] {
  if (to === 'all') return to;
  const one = find(conference, to);
  if (one === undefined) throw participantNotFound(to);
  return one.id;
}

/** Plays to all or to one, behind what was asked for before. */
export const startPlay: Rule<'play.start'> = (conference, { sources, to = 'all', loops = 1, duck }, { epoch, lacks, newId }) => {
  const sound = { sources, loops, duck: duck ?? settingsOf(conference).duck };
  refuseNonsense(sound);
  if (lacks.has('player')) throw noPlayer();
  const ears = target(conference, to);
  const { room } = conference;
  if (room === undefined || people(conference).length === 0) throw nobodyThere();
  const queue = playings(room);
  const asked: Playing = { id: newId() as PlayingId, ...sound, to: ears };
  if (queue.length >= MOST) {
    throw new Failure('limit', 'play_queue_full', 'too much is waiting to be played here', { details: { limit: MOST } });
  }
  if (queue.some((each) => queueTogether(each, asked))) {
    const next = { ...conference, room: withPlaying(room, [...queue, asked]) };
    return { next, facts: [{ type: 'play.queued', playing: asked }], effects: [] };
  }
  const playing = { ...asked, startedAt: epoch };
  return {
    next: { ...conference, room: withPlaying(room, [...queue, playing]) },
    facts: [{ type: 'play.started', playing }],
    // Those who are not to hear it know before it is there.
    effects: [{ do: 'rehear' }, { do: 'play', instance: room.instance, playing }],
  };
};

/** How some of what plays or waits comes to its end. */
interface Ending {
  readonly reason: PlayEnd;
  readonly words?: string;
  readonly epoch: number;
  /** The player knows already. */
  readonly byItself?: boolean;
}

/** Ends these; whatever waited for them is started. */
function end(conference: Conference, gone: readonly Playing[], { reason, words, epoch, byItself = false }: Ending): Change {
  const { room } = conference;
  if (room === undefined || gone.length === 0) return unchanged(conference);
  const left = playings(room).filter((each) => !gone.includes(each));
  const isNext = (each: Playing): boolean =>
    each.startedAt === undefined &&
    each === left.find((other) => queueTogether(other, each)) &&
    gone.some((was) => queueTogether(was, each));
  const playing = left.map((each) => (isNext(each) ? { ...each, startedAt: epoch } : each));
  const started = playing.filter((each) => !left.includes(each));
  const { instance } = room;
  return {
    next: { ...conference, room: withPlaying(room, playing) },
    facts: [...endings(gone, reason, words), ...started.map((each): Happening => ({ type: 'play.started', playing: each }))],
    effects: [
      ...(byItself ? [] : silencing(gone, instance)),
      // Who waited and is stopped was never heard.
      ...(gone.some((each) => each.startedAt !== undefined) ? [{ do: 'rehear' } as const] : []),
      ...started.map((each): Effect => ({ do: 'play', instance, playing: each })),
    ],
  };
}

/** The facts of what plays or waits no longer. */
export const endings = (gone: readonly Playing[], reason: PlayEnd, words?: string): readonly Happening[] =>
  gone.map(({ id }) => ({ type: 'play.ended', playing: id, reason, ...(words === undefined ? {} : { words }) }));

/** Stops the player where it plays. */
export const silencing = (gone: readonly Playing[], instance: string): readonly Effect[] =>
  gone.filter((each) => each.startedAt !== undefined).map(({ id }) => ({ do: 'end-play', instance, playing: id }));

/** Stops what plays, or what waits too. */
export const stopPlay: Rule<'play.stop'> = (conference, { which, to }, { epoch }) => {
  const all = playings(conference.room);
  const isNamed = which !== 'current' && which !== 'all';
  if (isNamed && !all.some((each) => each.id === which)) {
    throw new Failure('not-found', 'playing_not_found', 'this neither plays nor waits here', { details: { id: which } });
  }
  const whom = to === undefined ? undefined : target(conference, to);
  const gone = all.filter((each) => {
    if (whom !== undefined && each.to !== whom) return false;
    return isNamed ? each.id === which : which === 'all' || each.startedAt !== undefined;
  });
  return end(conference, gone, { reason: 'stopped', epoch });
};

/** The player has come to the end, or could not go on. */
export const playEnded: Rule<'play.ended'> = (conference, { playing, reason, words }, { epoch }) => {
  const said = announcementEnded(conference, playing, { epoch, isHeard: reason === 'finished' });
  if (said !== undefined) return said;
  const music = musicEnded(conference, playing);
  if (music !== undefined) return music;
  const gone = playings(conference.room).filter((each) => each.id === playing);
  return end(conference, gone, { reason, epoch, byItself: true, ...(words === undefined ? {} : { words }) });
};
