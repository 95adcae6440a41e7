import type { Conference, Participant, ParticipantId, Relationship, Room, RoomSet, Waiting } from './conference.ts';
import { roomEnd } from './deadline.ts';
import type { Happening } from './facts.ts';
import type { Playing } from './playing.ts';
import type { Recording } from './recording.ts';
import type { Transcription } from './transcription.ts';

/** What is live in a conference, as far as facts tell. */
export interface Live {
  /** The open room's name; undefined while it is closed. */
  readonly instance: string | undefined;
  readonly locked: boolean;
  /** In order of number. */
  readonly participants: readonly Participant[];
  readonly relationships: readonly Relationship[];
  /** What is recorded; undefined: nothing. */
  readonly recording: Recording | undefined;
  /** What plays and what waits, in the order in which it was asked for. */
  readonly playing: readonly Playing[];
  readonly transcription: Transcription | undefined;
  /** Who waits to be admitted, longest first. That somebody holds the line there is told by no fact. */
  readonly waiting: readonly Waiting[];
  readonly run: RunLive;
}

/** What holds as long as one run of the room lasts. Times are epoch ms. */
export interface RunLive {
  /** A moderator has come whom people waited for. */
  readonly started: boolean;
  /** All members are muted. */
  readonly muted: boolean;
  /** Nobody hears music. */
  readonly mohOff: boolean;
  /** What was set for it alone. */
  readonly set: RoomSet;
  /** Who has taken the floor; undefined: nobody, it is whose turn it is. */
  readonly floor: ParticipantId | undefined;
  /** When members are sent away because no moderator is there; undefined: they are not. */
  readonly unattendedUntil: number | undefined;
  /** When those who are in are sent away, because the conference or this run of it is over; undefined: never. */
  readonly endsAt: number | undefined;
}

/** A run of which nothing was told yet. */
export const freshRun: RunLive = {
  started: false,
  muted: false,
  mohOff: false,
  set: {},
  floor: undefined,
  unattendedUntil: undefined,
  endsAt: undefined,
};

/** Whom a fact is about, if it names somebody; of two people the one who acts on the other. */
export function personOf(fact: Happening): ParticipantId | undefined {
  if (fact.type === 'participant.joined') return fact.participant.id;
  return 'participant' in fact ? fact.participant : undefined;
}

/** What a fact makes of the one whom it names, given how he was; undefined: he is not in afterwards, or never was. */
export function personAfter(before: Participant | undefined, fact: Happening): Participant | undefined {
  if (fact.type === 'participant.joined') return fact.participant;
  if (before === undefined) return undefined;
  switch (fact.type) {
    case 'participant.left':
      return undefined;
    case 'participant.muted':
      return { ...before, muted: fact.reasons };
    case 'participant.unmuted':
      return { ...before, muted: [] };
    case 'participant.promoted':
    case 'participant.demoted':
      return { ...before, role: fact.type === 'participant.promoted' ? 'moderator' : 'member' };
    case 'participant.deafened':
      return { ...before, deaf: true };
    case 'participant.undeafened':
      return { ...before, deaf: false };
    case 'participant.hand_raised':
      return { ...before, handRaisedAt: fact.raisedAt };
    case 'participant.hand_lowered':
      return withoutHand(before);
    case 'participant.coaching':
      return { ...before, coaches: fact.whom };
    case 'participant.coaching_ended':
      return withoutCoaching(before);
    case 'notice.heard':
      return { ...before, noticed: fact.recording };
    case 'participant.adjusted':
      return adjusted(before, fact);
    case 'consent.asked':
      return { ...before, consent: { recording: fact.recording, state: 'asked', until: fact.until } };
    case 'consent.given':
    case 'consent.refused':
      return { ...before, consent: { recording: fact.recording, state: fact.type === 'consent.given' ? 'given' : 'refused' } };
    default:
      return before;
  }
}

/** The same one who is heard, and hears, so loud. */
export function adjusted(
  { energyLevel: _, ...rest }: Participant,
  { gainIn, gainOut, energyLevel }: Pick<Participant, 'gainIn' | 'gainOut' | 'energyLevel'>,
): Participant {
  return { ...rest, gainIn, gainOut, ...(energyLevel === undefined ? {} : { energyLevel }) };
}

/** The same one with his hand down. */
export function withoutHand({ handRaisedAt: _, ...rest }: Participant): Participant {
  return rest;
}

/** The same one, heard by all. */
export function withoutCoaching({ coaches: _, ...rest }: Participant): Participant {
  return rest;
}

/** What holds between people after a fact. */
export function relationsAfter<Known extends Relationship>(
  before: readonly Known[],
  fact: Happening,
  make: (relationship: Relationship) => Known,
): readonly Known[] {
  if (fact.type === 'participant.left') {
    const gone = fact.participant;
    return before.some((each) => each.participant === gone || each.other === gone)
      ? before.filter((each) => each.participant !== gone && each.other !== gone)
      : before;
  }
  if (fact.type !== 'participants.related') return before;
  const { participant, other, relationship } = fact;
  if (relationship === 'clear') return before.filter((each) => each.participant !== participant || each.other !== other);
  const known = before.some((each) => each.participant === participant && each.other === other && each.kind === relationship);
  return known ? before : [...before, make({ participant, other, kind: relationship })];
}

/** What is recorded after a fact. */
export function recordingAfter(before: Recording | undefined, fact: Happening): Recording | undefined {
  switch (fact.type) {
    case 'recording.started':
      return fact.recording;
    case 'recording.paused':
    case 'recording.resumed':
      return before && { ...before, state: fact.type === 'recording.paused' ? 'paused' : 'running' };
    case 'recording.stopped':
      return undefined;
    default:
      return before;
  }
}

/** What plays and waits after a fact. */
export function playingAfter(before: readonly Playing[], fact: Happening): readonly Playing[] {
  switch (fact.type) {
    case 'play.queued':
      return [...before, fact.playing];
    case 'play.started': {
      const { playing } = fact;
      const waited = before.some((each) => each.id === playing.id);
      return waited ? before.map((each) => (each.id === playing.id ? playing : each)) : [...before, playing];
    }
    case 'play.ended':
      return before.filter((each) => each.id !== fact.playing);
    default:
      return before;
  }
}

/** What is written down after a fact. */
export function transcriptionAfter(before: Transcription | undefined, fact: Happening): Transcription | undefined {
  if (fact.type === 'transcription.started') return fact.transcription;
  return fact.type === 'transcription.stopped' ? undefined : before;
}

/** Who waits after a fact. He waits on when the room closes and opens again. */
export function waitingAfter(before: readonly Waiting[], fact: Happening): readonly Waiting[] {
  if (fact.type === 'waiting.joined') return [...before, withoutHold(fact.waiting)];
  if (fact.type !== 'waiting.admitted' && fact.type !== 'waiting.left') return before;
  return before.filter((each) => each.call.id !== fact.call);
}

/** The same one, whatever his telephone does. */
const withoutHold = ({ held: _, ...rest }: Waiting): Waiting => rest;

/** How this run of the room is after a fact. */
export function runAfter(before: RunLive, fact: Happening): RunLive {
  switch (fact.type) {
    case 'room.opened':
      return { ...freshRun, endsAt: fact.endsAt };
    case 'room.closed':
      return freshRun;
    case 'room.started':
      return { ...before, started: true };
    case 'room.muted':
    case 'room.unmuted':
      return { ...before, muted: fact.type === 'room.muted' };
    case 'room.moh_off':
    case 'room.moh_on':
      return { ...before, mohOff: fact.type === 'room.moh_off' };
    case 'room.set':
      return { ...before, set: setBy(fact) };
    case 'participant.floor_taken':
      return { ...before, floor: fact.participant };
    case 'participant.floor_released':
    case 'participant.left':
      return before.floor === fact.participant ? { ...before, floor: undefined } : before;
    case 'room.unattended':
    case 'room.attended':
      return { ...before, unattendedUntil: fact.type === 'room.unattended' ? fact.until : undefined };
    case 'conference.changed':
    case 'room.ending':
    case 'room.extended':
      return { ...before, endsAt: fact.endsAt };
    default:
      return before;
  }
}

const setBy = ({ maxParticipants, callerName, callerNumber }: RoomSet): RoomSet => ({
  ...(maxParticipants === undefined ? {} : { maxParticipants }),
  ...(callerName === undefined ? {} : { callerName }),
  ...(callerNumber === undefined ? {} : { callerNumber }),
});

/** Tells from facts alone, given from the first on and in order, what is live after the last of them. */
export function fold(facts: readonly Happening[]): Live {
  let instance: string | undefined;
  let locked = false;
  let relationships: readonly Relationship[] = [];
  let recording: Recording | undefined;
  let playing: readonly Playing[] = [];
  let transcription: Transcription | undefined;
  let waiting: readonly Waiting[] = [];
  let run = freshRun;
  // A map keeps the order in which people came, which is that of their numbers.
  const people = new Map<ParticipantId, Participant>();
  for (const fact of facts) {
    if (fact.type === 'room.opened') instance = fact.instance;
    else if (fact.type === 'room.closed') instance = undefined;
    else if (fact.type === 'conference.locked' || fact.type === 'conference.unlocked') locked = fact.type === 'conference.locked';
    moved(people, fact);
    relationships = relationsAfter(relationships, fact, (each) => each);
    recording = recordingAfter(recording, fact);
    playing = playingAfter(playing, fact);
    transcription = transcriptionAfter(transcription, fact);
    waiting = waitingAfter(waiting, fact);
    run = runAfter(run, fact);
  }
  return { instance, locked, participants: [...people.values()], relationships, recording, playing, transcription, waiting, run };
}

/** Lets a fact change the one whom it names. */
function moved(people: Map<ParticipantId, Participant>, fact: Happening): void {
  const id = personOf(fact);
  if (id === undefined) return;
  const next = personAfter(people.get(id), fact);
  if (next === undefined) people.delete(id);
  else people.set(id, next);
}

/** The same part of a conference as it stands. */
export const live = (conference: Conference): Live => {
  const { room, locked } = conference;
  return {
    instance: room?.instance,
    locked,
    participants: room?.participants ?? [],
    relationships: room?.relationships ?? [],
    recording: room?.recording,
    playing: room?.playing ?? [],
    transcription: room?.transcription,
    waiting: (room?.waiting ?? []).map(withoutHold),
    run: room === undefined ? freshRun : runOf(room, roomEnd(conference)),
  };
};

const runOf = ({ started, muted, mohOff, set = {}, floor, unattendedUntil }: Room, endsAt: number | undefined): RunLive => ({
  started: started === true,
  muted: muted === true,
  mohOff: mohOff === true,
  set,
  floor,
  unattendedUntil,
  endsAt,
});
