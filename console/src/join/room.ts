import type { Caller, Caption, Conference, FromServer, Person, Self, Waiting } from './protocol.ts';

/** Why it is over: a cause of the server's, or the code of a refusal. */
export interface Ending {
  readonly cause: string;
  /** Of a refusal: its HTTP status. */
  readonly status?: number;
  /** The server's own words, in the language of the conference. */
  readonly text?: string;
}

/** A caption with a place of its own in the list. */
export interface CaptionLine extends Caption {
  readonly id: number;
}

/** Everything that the server has said so far, folded. */
export interface Room {
  readonly at: 'connecting' | 'pin' | 'waiting' | 'in' | 'ended';
  /** The last PIN was wrong. */
  readonly wrong: boolean;
  readonly waiting: Waiting;
  /** The secret with which a lost connection goes on. */
  readonly resume: string | undefined;
  /** The own id. */
  readonly me: string | undefined;
  readonly conference: Conference | undefined;
  readonly self: Self;
  readonly people: ReadonlyMap<string, Person>;
  /** Who waits to be let in; of moderators. */
  readonly callers: readonly Caller[];
  readonly captions: readonly CaptionLine[];
  readonly ending: Ending | undefined;
}

const MOST_CAPTIONS = 60;

export const EMPTY: Room = {
  at: 'connecting',
  wrong: false,
  waiting: 'welcome',
  resume: undefined,
  me: undefined,
  conference: undefined,
  self: { role: 'member', muted: false, mute_reasons: [], can_unmute: true, deaf: false, hand: false },
  people: new Map(),
  callers: [],
  captions: [],
  ending: undefined,
};

/** What is left of a stay when the server was started anew: how it looked, and how one was; nobody there knows of it. */
export const forgotten = (room: Room): Room => ({ ...room, resume: undefined, me: undefined });

/** A caption takes the place of the same person's last one while that was not final. */
function captioned(lines: readonly CaptionLine[], caption: Caption): readonly CaptionLine[] {
  const last = lines.findLastIndex(({ who, final }) => who === caption.who && !final);
  const id = (lines.at(-1)?.id ?? 0) + 1;
  if (last < 0) return [...lines.slice(1 - MOST_CAPTIONS), { ...caption, id }];
  return lines.map((line, at) => (at === last ? { ...caption, id: line.id } : line));
}

function withPerson(people: ReadonlyMap<string, Person>, person: Person): ReadonlyMap<string, Person> {
  return new Map(people).set(person.id, person);
}

function withoutPerson(people: ReadonlyMap<string, Person>, id: string): ReadonlyMap<string, Person> {
  const left = new Map(people);
  left.delete(id);
  return left;
}

/** The room after the server has said something. An end is an end: nothing said later changes it. */
export function heard(room: Room, frame: FromServer): Room {
  if (room.at === 'ended') return room;
  switch (frame.type) {
    case 'answer':
      return { ...room, resume: frame.resume };
    case 'pin':
      return { ...room, at: 'pin', wrong: frame.wrong };
    case 'waiting':
      return { ...room, at: 'waiting', waiting: frame.why };
    case 'joined':
      return { ...room, at: 'in', me: frame.participant, conference: frame.conference, self: { ...room.self, role: frame.role } };
    case 'people':
      return { ...room, people: new Map(frame.people.map((each) => [each.id, each])) };
    case 'person':
      return { ...room, people: withPerson(room.people, frame.person) };
    case 'left':
      return { ...room, people: withoutPerson(room.people, frame.id) };
    case 'self': {
      const { type: _, ...self } = frame;
      return { ...room, self, callers: self.role === 'moderator' ? room.callers : [] };
    }
    case 'callers':
      return { ...room, callers: frame.callers };
    case 'conference':
      return { ...room, conference: frame.conference };
    case 'caption': {
      const { type: _, ...caption } = frame;
      return { ...room, captions: captioned(room.captions, caption) };
    }
    case 'ended':
      return { ...room, at: 'ended', ending: { cause: frame.cause, text: frame.text } };
    case 'problem':
      // Refused before there was an answer, the whole call is refused; later only what was asked.
      return room.resume === undefined
        ? { ...room, at: 'ended', ending: { cause: frame.code, status: frame.status, text: frame.detail } }
        : room;
    default:
      return room;
  }
}

/** In the order of the list: raised hands by their time, then moderators, then as they came; oneself first of all. */
export function inOrder(people: ReadonlyMap<string, Person>, me: string | undefined): readonly Person[] {
  const rank = ({ id, hand, role }: Person): number => (id === me ? 0 : hand ? 1 : role === 'moderator' ? 2 : 3);
  return [...people.values()].sort(
    (a, b) =>
      rank(a) - rank(b) || (a.hand && b.hand ? (a.hand_raised_at ?? '').localeCompare(b.hand_raised_at ?? '') : 0) || a.number - b.number,
  );
}

/** What is worth a word to those who do not see the list. */
export type News =
  | { readonly what: 'came' | 'went' | 'hand' | 'waits'; readonly name: string }
  | { readonly what: 'recording' | 'locked'; readonly on: boolean }
  | { readonly what: 'refused'; readonly code: string }
  | { readonly what: 'unmuted-by-moderator' | 'promoted' | 'reconnected' };

function newsOfPeople(before: Room, frame: FromServer): readonly News[] {
  if (frame.type === 'left') {
    const gone = before.people.get(frame.id);
    return gone === undefined || gone.id === before.me ? [] : [{ what: 'went', name: gone.name }];
  }
  if (frame.type !== 'person' || frame.person.id === before.me) return [];
  const known = before.people.get(frame.person.id);
  if (known === undefined) return [{ what: 'came', name: frame.person.name }];
  return frame.person.hand && !known.hand ? [{ what: 'hand', name: frame.person.name }] : [];
}

/** What `frame` tells that is new, seen from `before`. */
export function newsOf(before: Room, frame: FromServer): readonly News[] {
  if (before.at !== 'in') return [];
  switch (frame.type) {
    case 'person':
    case 'left':
      return newsOfPeople(before, frame);
    case 'problem':
      return [{ what: 'refused', code: frame.code }];
    case 'callers': {
      const known = new Set(before.callers.map(({ id }) => id));
      const fresh = frame.callers.filter(({ id }) => !known.has(id));
      // One is told of; all are seen in the list.
      return fresh.slice(0, 1).map(({ name }) => ({ what: 'waits', name }) as const);
    }
    case 'self':
      return frame.role === 'moderator' && before.self.role === 'member' ? [{ what: 'promoted' }] : [];
    case 'conference': {
      const [was, is] = [before.conference, frame.conference];
      if (was === undefined) return [];
      return [
        ...(was.recording === is.recording ? [] : [{ what: 'recording', on: is.recording } as const]),
        ...(was.locked === is.locked ? [] : [{ what: 'locked', on: is.locked } as const]),
      ];
    }
    default:
      return [];
  }
}
