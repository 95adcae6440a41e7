import type { Conference, Participant, Room } from '../conference.ts';
import type { Effect } from '../effects.ts';
import type { Happening } from '../facts.ts';
import type { PlayingId } from '../playing.ts';
import type { Change, Context } from '../rules/rule.ts';
import { settingsOf } from '../settings.ts';
import type { Announcement, Asked } from './announcement.ts';

/** What the room says or is about to say, in the order in which it was asked for. */
export const announcements = (room: Room | undefined): readonly Announcement[] => room?.announcing ?? [];

/** What may sound and wait in one room; what is asked for beyond that is not said. */
const MOST = 200;
/** Of these the next one to the same person ends the one before. */
const ANSWERS: ReadonlySet<Announcement['kind']> = new Set(['key', 'consent']);
/** Parts of one announcement: who comes when so many have come already is not named. */
const MOST_SOURCES = 12;

/** The same room that says other things; one that says nothing has no word about it. */
export function withAnnouncing(room: Room, announcing: readonly Announcement[]): Room {
  const { announcing: _, ...rest } = room;
  return announcing.length === 0 ? rest : { ...rest, announcing };
}

/** Adds announcements to a change, behind what is said to the same people. No facts: nobody has asked for them to be played. */
export function announce(change: Change, asked: readonly Asked[], context: Context): Change {
  const { room } = change.next;
  const wanted = asked.filter(({ sources }) => sources.length > 0);
  if (room === undefined || wanted.length === 0 || context.lacks.has('player')) return change;
  const { duck } = settingsOf(change.next);
  let queue = announcements(room);
  const silenced: Effect[] = [];
  for (const each of wanted) {
    // Who has pressed the next key has heard enough of the answer to the last one.
    const isOver = (other: Announcement): boolean => ANSWERS.has(each.kind) && other.kind === each.kind && other.to === each.to;
    silenced.push(...endings(queue.filter(isOver), room.instance));
    queue = placed(
      queue.filter((other) => !isOver(other)),
      { loops: 1, duck, id: context.newId() as PlayingId, ...each },
    );
  }
  return started(
    { ...change, effects: [...silenced, ...change.effects], next: { ...change.next, room: withAnnouncing(room, queue) } },
    context.epoch,
  );
}

/** Stops the player where it says them. */
const endings = (gone: readonly Announcement[], instance: string): readonly Effect[] =>
  gone.filter((each) => each.startedAt !== undefined).map(({ id }) => ({ do: 'end-play', instance, playing: id }));

/** One more announcement; what comes while another of its kind waits becomes part of that one, so that ten who come at once do not sound ten tones. */
function placed(queue: readonly Announcement[], one: Announcement): readonly Announcement[] {
  const waits = queue.findIndex((each) => each.startedAt === undefined && each.kind === one.kind && each.to === one.to && isCrowd(one));
  const waiting = queue[waits];
  if (waiting === undefined) return queue.length >= MOST ? queue : [...queue, one];
  const more = one.sources.filter((each) => each !== waiting.sources[0]);
  if (waiting.sources.length + more.length > MOST_SOURCES) return queue;
  return queue.with(waits, { ...waiting, sources: [...waiting.sources, ...more] });
}

const isCrowd = ({ kind }: Announcement): boolean => kind === 'entered' || kind === 'left' || kind === 'waiting';

/** Begins what nothing stands before. */
function started(change: Change, epoch: number): Change {
  const { room } = change.next;
  if (room === undefined) return change;
  const queue = announcements(room);
  const isFirst = (each: Announcement): boolean => queue.find(({ to }) => to === each.to) === each;
  const begun = queue.filter((each) => each.startedAt === undefined && isFirst(each)).map((each) => begin(room, each, epoch));
  if (begun.length === 0) return change;
  const announcing = queue.map((each) => begun.find(({ id }) => id === each.id) ?? each);
  const effects = begun.map((playing): Effect => ({ do: 'play', instance: room.instance, playing }));
  return {
    ...change,
    next: { ...change.next, room: withAnnouncing(room, announcing) },
    // Those who are not to hear it know before it is there; one plan does for all of the change.
    effects: [...change.effects, ...(change.effects.some((each) => each.do === 'rehear') ? [] : [{ do: 'rehear' } as const]), ...effects],
  };
}

function begin({ participants }: Room, one: Announcement, startedAt: number): Announcement {
  const isListening = ({ id, deaf, muted }: Participant): boolean => (one.to === 'all' ? !deaf : id === one.to) && !muted.includes('hold');
  const ears = participants.filter(isListening).map(({ id }) => id);
  return { ...one, startedAt, ears };
}

/** The player has come to the end of an announcement, or could not say it; undefined: it is none of ours. */
export function announcementEnded(
  conference: Conference,
  id: PlayingId,
  { epoch, isHeard }: { epoch: number; isHeard: boolean },
): Change | undefined {
  const { room } = conference;
  const gone = announcements(room).find((each) => each.id === id);
  if (room === undefined || gone === undefined) return undefined;
  const left = announcements(room).filter((each) => each !== gone);
  const next = { ...conference, room: withAnnouncing(room, left) };
  return started({ next, facts: isHeard ? heard(room, gone) : [], effects: [{ do: 'rehear' }] }, epoch);
}

/** Who has heard all of a notice: those who heard it begin and are still there. */
function heard({ participants }: Room, { notice, ears = [] }: Announcement): readonly Happening[] {
  if (notice === undefined) return [];
  return participants
    .filter(({ id }) => ears.includes(id))
    .map(({ id }): Happening => ({ type: 'notice.heard', participant: id, recording: notice }));
}

/** What is said to people who are no longer there ends; so does all of it with the room. `before`: as it was before the change. */
export function hushed(before: Conference, change: Change): Change {
  const said = announcements(before.room);
  if (said.length === 0 || before.room === undefined) return change;
  const { room } = change.next;
  const isLeft = ({ to }: Announcement): boolean => room !== undefined && (to === 'all' || room.participants.some(({ id }) => id === to));
  const ends = said.filter((each) => !isLeft(each));
  if (ends.length === 0) return change;
  const { instance } = before.room;
  const silenced = endings(ends, instance);
  const next =
    room === undefined
      ? change.next
      : {
          ...change.next,
          room: withAnnouncing(
            room,
            announcements(room).filter((each) => !ends.some(({ id }) => id === each.id)),
          ),
        };
  return { ...change, next, effects: [...silenced, ...change.effects] };
}
