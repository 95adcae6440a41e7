import assert from 'node:assert/strict';

// biome-ignore lint/suspicious/noExplicitAny: events of every shape.
type Event = any;

/** What somebody is, of what our own events and our own API say of him. */
const somebody = ({ id, number, muted, mute_reasons, deaf, gain_in, gain_out }: Event) => ({
  id,
  number,
  muted,
  mute_reasons,
  deaf,
  gain_in,
  gain_out,
});

const byNumber = (a: { number: number }, b: { number: number }): number => a.number - b.number;

interface Room {
  instance: string | null;
  locked: boolean;
  people: Map<string, ReturnType<typeof somebody>>;
  relationships: { participant: string; other: string; relationship: string }[];
}

/** What a program knows of rooms that has nothing but our events (`/api/events`, webhooks), in order. */
export class KnownRooms {
  /** The newest number of each conference. */
  readonly sequences = new Map<string, number>();
  readonly #rooms = new Map<string, Room>();

  /** A fact. Fails when one is missing before it, or when it came already. */
  take(event: Event): void {
    const { conference, sequence, type, participant } = event;
    assert.equal(sequence, (this.sequences.get(conference) ?? 0) + 1, `${type} of ${conference} has the next number`);
    this.sequences.set(conference, sequence);
    const room = this.#of(conference);
    if (type === 'room.opened') room.instance = event.instance;
    else if (type === 'room.closed') Object.assign(room, { instance: null, relationships: [] });
    else if (type === 'conference.locked' || type === 'conference.unlocked') room.locked = type === 'conference.locked';
    else if (type === 'participants.related') this.#relate(room, event);
    if (participant === undefined) return;
    if (type !== 'participant.left') room.people.set(participant.id, somebody(participant));
    else {
      assert.ok(room.people.delete(participant.id), 'only who was in leaves');
      room.relationships = room.relationships.filter((each) => each.participant !== participant.id && each.other !== participant.id);
    }
  }

  /** A conference, to be compared with `liveRoom`. */
  room(conference: string): unknown {
    const { people, relationships, ...rest } = this.#of(conference);
    return { ...rest, people: [...people.values()].toSorted(byNumber), relationships: relationships.map(words).toSorted() };
  }

  #of(conference: string): Room {
    let room = this.#rooms.get(conference);
    if (room === undefined) {
      room = { instance: null, locked: false, people: new Map(), relationships: [] };
      this.#rooms.set(conference, room);
    }
    return room;
  }

  #relate(room: Room, { participant, other, relationship }: Event): void {
    const one = { participant: participant.id as string, other: other as string, relationship: relationship as string };
    const isOther = (each: typeof one): boolean =>
      each.participant !== one.participant ||
      each.other !== one.other ||
      (relationship !== 'clear' && each.relationship !== one.relationship);
    room.relationships = room.relationships.filter(isOther);
    if (relationship !== 'clear') room.relationships.push(one);
  }
}

const words = ({ participant, other, relationship }: Room['relationships'][number]): string => `${participant} ${relationship} ${other}`;

/** The same out of what `GET /api/conferences/{id}` answers; undefined: there is none. */
export function liveRoom(view: Event): unknown {
  if (view === undefined) return { instance: null, locked: false, people: [], relationships: [] };
  return {
    instance: view.instance,
    locked: view.locked,
    people: view.participants.map(somebody).toSorted(byNumber),
    relationships: view.relationships.map(words).toSorted(),
  };
}

/** What a program knows of rooms that follows KAZOO's events, `data` of Blackhole: who is in, heard, hearing; locked or not. */
export class KazooRooms {
  readonly #rooms = new Map<string, { locked: boolean; people: Map<number, { speak: boolean; hear: boolean }> }>();

  take(data: Event): void {
    const room = this.#of(data.conference_id);
    const { event, participant_id: number } = data;
    if (event === 'lock' || event === 'unlock') room.locked = event === 'lock';
    else if (event === 'del-member') room.people.delete(number);
    else if (number !== undefined) room.people.set(number, { speak: data.speak, hear: data.hear });
  }

  /** Begins anew with what `GET …/conferences/{id}` and its participants answer. */
  show(conference: string, locked: boolean, people: readonly Event[]): void {
    this.#rooms.set(conference, {
      locked,
      people: new Map(people.map((each) => [each.participant_id, { speak: each.speak, hear: each.hear }])),
    });
  }

  room(conference: string): unknown {
    const { locked, people } = this.#of(conference);
    return { locked, people: Object.fromEntries(people) };
  }

  #of(conference: string) {
    let room = this.#rooms.get(conference);
    if (room === undefined) {
      room = { locked: false, people: new Map() };
      this.#rooms.set(conference, room);
    }
    return room;
  }
}

/** The same out of `GET /api/conferences/{id}`. */
export const kazooLive = (view: Event): unknown => ({
  locked: view?.locked ?? false,
  people: Object.fromEntries((view?.participants ?? []).map((each: Event) => [each.number, { speak: !each.muted, hear: !each.deaf }])),
});

/** Talk as one reader hears it: in pairs, and a stop before the mute and the leaving. */
export class TalkPairs {
  readonly #talking = new Set<string>();
  readonly #mayStopMore: boolean;
  starts = 0;

  /** `mayStopMore`: whoever looked at the room first may hear the stop of a start that was before him, and a stop may be told once more to be safe. */
  constructor({ mayStopMore = false } = {}) {
    this.#mayStopMore = mayStopMore;
  }

  take(event: 'start' | 'stop' | 'silenced', who: string): void {
    if (event === 'start') {
      assert.ok(!this.#talking.has(who), `${who} starts twice`);
      this.#talking.add(who);
      this.starts += 1;
    } else if (event === 'stop') assert.ok(this.#talking.delete(who) || this.#mayStopMore, `${who} stops without a start`);
    else assert.ok(!this.#talking.has(who), `${who} is silenced while talking`);
  }

  /** The connection ended: everything open ended with it. */
  forget(): void {
    this.#talking.clear();
  }
}
