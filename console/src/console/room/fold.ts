import type { Event, Person, Playing, Recording, Relationship, RoomState, Waiter } from '../model.ts';

/** A room that changes in place: what a thousand people do is not copied again and again. */
export interface Live {
  readonly people: Map<string, Person>;
  /** Whom the last events changed, and whether anybody came or went. */
  readonly changed: Set<string>;
  isOther: boolean;
  isRoom: boolean;
  room: Omit<RoomState, 'participants'>;
}

const EMPTY: Live['room'] = {
  sequence: 0,
  locked: false,
  running_since: null,
  instance: null,
  started: false,
  members_muted: false,
  moh: true,
  floor_taken: null,
  ends_at: null,
  unattended_until: null,
  waiting: [],
  relationships: [],
  recording: null,
  playing: [],
  transcription: null,
};

export const emptyRoom = (): Live => ({ people: new Map(), changed: new Set(), isOther: true, isRoom: true, room: EMPTY });

/** Takes a whole state as it is. */
export function reset(live: Live, { participants, ...room }: RoomState): void {
  for (const id of live.people.keys()) live.changed.add(id);
  live.people.clear();
  for (const each of participants) {
    live.people.set(each.id, each);
    live.changed.add(each.id);
  }
  live.room = room;
  live.isOther = true;
  live.isRoom = true;
}

const change = (live: Live, part: Partial<Live['room']>): void => {
  live.room = { ...live.room, ...part };
  live.isRoom = true;
};

/** What holds between people after somebody was related. */
export function related(before: readonly Relationship[], { participant, other, relationship }: Event): readonly Relationship[] {
  const one = participant?.id ?? '';
  if (other === undefined || relationship === undefined) return before;
  if (relationship === 'clear') return before.filter((each) => each.participant !== one || each.other !== other);
  const known = before.some((each) => each.participant === one && each.other === other && each.relationship === relationship);
  return known ? before : [...before, { participant: one, other, relationship }];
}

function leave(live: Live, id: string): void {
  live.people.delete(id);
  live.changed.add(id);
  live.isOther = true;
  if (live.room.floor_taken === id) change(live, { floor_taken: null });
  const rest = live.room.relationships.filter((each) => each.participant !== id && each.other !== id);
  if (rest.length < live.room.relationships.length) change(live, { relationships: rest });
}

function person(live: Live, type: string, told: Partial<Person> & { readonly id: string }): void {
  const before = live.people.get(told.id);
  if (before === undefined && type !== 'participant.joined') return;
  const talking = type === 'participant.started-talking' || (type !== 'participant.stopped-talking' && before?.talking === true);
  // Signals tell who it is, facts all that holds: what is not said any more (a hand, a coach) is over.
  const all = told.mute_reasons === undefined ? { ...(before as Person), talking } : { ...(told as Person), talking };
  live.people.set(told.id, all);
  live.changed.add(told.id);
  if (before === undefined) live.isOther = true;
}

const ROOM: Readonly<Record<string, (event: Event, room: Live['room']) => Partial<Live['room']>>> = {
  'conference.locked': () => ({ locked: true }),
  'conference.unlocked': () => ({ locked: false }),
  'room.opened': ({ instance = null, at, ends_at = null }) => ({ instance, running_since: at, ends_at, started: false }),
  'room.closed': () => ({ ...EMPTY }),
  'room.started': () => ({ started: true }),
  'room.muted': () => ({ members_muted: true }),
  'room.unmuted': () => ({ members_muted: false }),
  'room.moh_off': () => ({ moh: false }),
  'room.moh_on': () => ({ moh: true }),
  'participant.floor_taken': ({ participant }) => ({ floor_taken: participant?.id ?? null }),
  'participant.floor_released': () => ({ floor_taken: null }),
  'room.unattended': ({ until = null }) => ({ unattended_until: until }),
  'room.attended': () => ({ unattended_until: null }),
  'room.extended': ({ ends_at = null }) => ({ ends_at }),
  'participants.related': (event, { relationships }) => ({ relationships: related(relationships, event) }),
  'waiting.joined': ({ waiting }, room) => ({ waiting: [...room.waiting, waiting as Waiter] }),
  'waiting.admitted': ({ waiting }, room) => ({ waiting: room.waiting.filter(({ id }) => id !== waiting?.id) }),
  'waiting.left': ({ waiting }, room) => ({ waiting: room.waiting.filter(({ id }) => id !== waiting?.id) }),
  'recording.started': ({ recording }) => ({ recording: recording as Recording }),
  'recording.paused': (_, { recording }) => ({ recording: recording && { ...recording, state: 'paused' } }),
  'recording.resumed': (_, { recording }) => ({ recording: recording && { ...recording, state: 'running' } }),
  'recording.stopped': () => ({ recording: null }),
  'play.queued': ({ playing }, room) => ({ playing: [...room.playing, playing as Playing] }),
  'play.started': ({ playing }, room) => ({ playing: [...room.playing.filter(({ id }) => id !== playing?.id), playing as Playing] }),
  'play.ended': ({ playing }, room) => ({ playing: room.playing.filter(({ id }) => id !== playing?.id) }),
  'transcription.started': ({ transcription }) => ({
    transcription: transcription === undefined ? null : { id: transcription.id, language: transcription.language ?? '' },
  }),
  'transcription.stopped': () => ({ transcription: null }),
};

/** What an event makes of a room. What was told already is left out. */
export function fold(live: Live, event: Event): void {
  const { type, sequence, participant } = event;
  if (type === 'snapshot') {
    if (event.state !== undefined) reset(live, event.state);
    return;
  }
  if (sequence !== undefined) {
    if (sequence <= live.room.sequence) return;
    live.room = { ...live.room, sequence };
  }
  const rule = ROOM[type];
  if (rule !== undefined) change(live, { ...rule(event, live.room), sequence: live.room.sequence });
  if (type === 'room.closed') for (const id of [...live.people.keys()]) leave(live, id);
  if (participant === undefined) return;
  if (type === 'participant.left') leave(live, participant.id);
  else if (type.startsWith('participant.') || type === 'notice.heard' || type.startsWith('consent.')) person(live, type, participant);
}
