import type { ConferenceId, Participant, ParticipantId, Relationship, Waiting } from './conference.ts';
import type { Fact } from './facts.ts';
import {
  freshRun,
  type Live,
  personAfter,
  personOf,
  playingAfter,
  type RunLive,
  recordingAfter,
  relationsAfter,
  runAfter,
  transcriptionAfter,
  waitingAfter,
} from './fold.ts';
import type { Playing } from './playing.ts';
import type { Recording } from './recording.ts';
import type { Transcription } from './transcription.ts';

/** A moment of the past: after the fact of this number, or at this time (epoch ms). */
export type Moment = { readonly sequence: number } | { readonly at: number };

/** Somebody as he was. Times are epoch ms. */
export interface PersonThen {
  readonly participant: Participant;
  /** Since when nobody heard him, whatever the reasons were; undefined: he was heard. */
  readonly mutedSince: number | undefined;
  /** Since when he heard nobody; undefined: he heard. */
  readonly deafSince: number | undefined;
}

/** A relationship as it was; `since` is epoch ms. */
export interface RelationshipThen extends Relationship {
  readonly since: number;
}

/** A conference as it was, as far as facts tell. Times are epoch ms. */
export interface StateThen {
  readonly conference: ConferenceId | undefined;
  /** The last fact that had happened; 0: none had. */
  readonly sequence: number;
  /** Of that fact. */
  readonly at: number | undefined;
  /** False: facts from before were missing, so people, locks and relations may be missing here too. */
  readonly complete: boolean;
  /** It had been created and was not deleted. */
  readonly exists: boolean;
  /** The open room's name; undefined while it was closed. */
  readonly instance: string | undefined;
  readonly openSince: number | undefined;
  readonly locked: boolean;
  readonly lockedSince: number | undefined;
  /** In order of number. */
  readonly people: readonly PersonThen[];
  readonly relationships: readonly RelationshipThen[];
  /** What was recorded; undefined: nothing. It says itself since when. */
  readonly recording: Recording | undefined;
  /** What played, and what waited. */
  readonly playing: readonly Playing[];
  readonly transcription: Transcription | undefined;
  /** Who waited to be admitted, longest first; each says since when. */
  readonly waiting: readonly Waiting[];
  readonly run: RunLive;
}

type Growing = { -readonly [Key in keyof Omit<StateThen, 'people'>]: StateThen[Key] };

/** A conference as it becomes, fact by fact: so much is kept of its past as is live in it, however long that was. */
export class Becoming {
  readonly #people = new Map<ParticipantId, PersonThen>();
  readonly #state: Growing = {
    conference: undefined,
    sequence: 0,
    at: undefined,
    complete: true,
    exists: false,
    instance: undefined,
    openSince: undefined,
    locked: false,
    lockedSince: undefined,
    relationships: [],
    recording: undefined,
    playing: [],
    transcription: undefined,
    waiting: [],
    run: freshRun,
  };

  /** The next fact, in order. */
  take(fact: Fact): void {
    if (this.#state.conference === undefined) {
      this.#state.conference = fact.conference;
      this.#state.complete = fact.sequence === 1;
    }
    happen(this.#state, fact);
    meet(this.#people, fact);
  }

  /** How it is after the last one. */
  get state(): StateThen {
    return { ...this.#state, people: [...this.#people.values()] };
  }
}

/**
 * Tells from facts in order, the first of the conference first, how it was at a moment. A number beyond the last fact means the newest state. Clocks may be
 * set back, so that a time comes twice: then the later one is meant.
 */
export function stateAt(facts: readonly Fact[], moment: Moment): StateThen {
  const becoming = new Becoming();
  const end = 'sequence' in moment ? untilNumber(facts, moment.sequence) : untilTime(facts, moment.at);
  for (let index = 0; index < end; index += 1) becoming.take(facts[index] as Fact);
  const { state } = becoming;
  const first = facts[0];
  return end > 0 || first === undefined ? state : { ...state, conference: first.conference, complete: first.sequence === 1 };
}

/** The part of a past state that `live` tells of the present one. */
export const liveThen = ({ people, relationships, ...then }: StateThen): Live => ({
  instance: then.instance,
  locked: then.locked,
  participants: people.map((each) => each.participant),
  relationships: relationships.map(({ participant, other, kind }) => ({ participant, other, kind })),
  recording: then.recording,
  playing: then.playing,
  transcription: then.transcription,
  waiting: then.waiting,
  run: then.run,
});

/** How many facts carry at most this number. */
function untilNumber(facts: readonly Fact[], sequence: number): number {
  const beyond = facts.findIndex((each) => each.sequence > sequence);
  return beyond < 0 ? facts.length : beyond;
}

/** How many facts there are up to the last one that is not later. */
const untilTime = (facts: readonly Fact[], at: number): number => facts.findLastIndex((each) => each.at <= at) + 1;

/** What a fact does to the conference as a whole. */
function happen(state: Growing, fact: Fact): void {
  const { at, sequence } = fact;
  state.sequence = sequence;
  state.at = at;
  if (fact.type !== 'conference.deleted') state.exists = true;
  state.relationships = relationsAfter(state.relationships, fact, (each) => ({ ...each, since: at }));
  state.recording = recordingAfter(state.recording, fact);
  state.playing = playingAfter(state.playing, fact);
  state.transcription = transcriptionAfter(state.transcription, fact);
  state.waiting = waitingAfter(state.waiting, fact);
  state.run = runAfter(state.run, fact);
  switch (fact.type) {
    case 'conference.created':
      // Under an id that is used again nothing is left of what was before.
      state.complete = true;
      break;
    case 'conference.deleted':
      state.exists = false;
      break;
    case 'conference.locked':
      [state.locked, state.lockedSince] = [true, at];
      break;
    case 'conference.unlocked':
      [state.locked, state.lockedSince] = [false, undefined];
      break;
    case 'room.opened':
      [state.instance, state.openSince] = [fact.instance, at];
      // Nobody was in before, and retention leaves a lock in force with the room that it holds in.
      state.complete = true;
      break;
    case 'room.closed':
      [state.instance, state.openSince] = [undefined, undefined];
      // Nobody is in and no lock holds, whatever was missing.
      state.complete = true;
      break;
    default:
  }
}

/** What a fact does to the one whom it names. Where facts are missing, what it says of him is believed. */
function meet(people: Map<ParticipantId, PersonThen>, fact: Fact): void {
  const id = personOf(fact);
  if (id === undefined) return;
  const known = people.get(id);
  const participant = personAfter(known?.participant ?? fact.about, fact);
  if (participant === undefined) {
    people.delete(id);
    return;
  }
  people.set(id, {
    participant,
    mutedSince: participant.muted.length === 0 ? undefined : (known?.mutedSince ?? fact.at),
    deafSince: participant.deaf ? (known?.deafSince ?? fact.at) : undefined,
  });
}
