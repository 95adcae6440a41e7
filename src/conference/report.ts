import type { JsonObject } from '../base/index.ts';
import type { Cdr } from './cdr.ts';
import type { Participant, ParticipantId } from './conference.ts';
import type { Fact } from './facts.ts';
import type { LeaveReason } from './reasons.ts';
import type { RecordingId } from './recording.ts';
import type { RoomTalk, TalkShare } from './talk-time.ts';
import type { TranscriptionId } from './transcription.ts';

/** Whoever comes later than this after the first one is late, ms. */
const LATE = 60_000;

/** One run of a room as it was, told by its facts and the records of its calls. */
export interface Report {
  /** `Room.instance`. */
  readonly instance: string;
  /** Epoch ms. Absent: the facts of its beginning are kept no longer. */
  readonly startedAt?: number;
  /** Epoch ms; absent: it goes on. */
  readonly endedAt?: number;
  /** Not every fact of the run is kept. */
  readonly isPartial: boolean;
  /** The most people at the same time, programs not counted. */
  readonly most: number;
  /** Absent: it goes on, or the server went down under it. */
  readonly talk?: RoomTalk;
  /** In order of coming. */
  readonly people: readonly ReportPerson[];
  readonly recordings: readonly ReportRecording[];
  readonly transcriptions: readonly ReportTranscription[];
  /** Calls that were not taken, by code. */
  readonly refused: readonly { readonly code: string; readonly count: number }[];
}

/** Somebody of a run: one who dials in twice is there twice. */
export interface ReportPerson {
  /** As he was last. */
  readonly participant: Participant;
  readonly joinedAt: number;
  /** Absent: he is still in. */
  readonly leftAt?: number;
  readonly reason?: LeaveReason;
  /** ms after the first one; absent: not late, or not known. */
  readonly lateMs?: number;
  /** ms for which he could not be heard, because somebody muted him or he held the line. */
  readonly mutedMs: number;
  readonly talk?: TalkShare;
  /** Absent: his call has no record (yet), or he is a program. */
  readonly codec?: string;
  readonly quality?: JsonObject;
  /** Nothing was ever heard of him; why, for people. */
  readonly silent?: string;
}

/** A recording of the run; what has become of it is the archive's. */
export interface ReportRecording {
  readonly id: RecordingId;
  readonly name?: string;
  readonly startedAt: number;
  readonly stoppedAt?: number;
  readonly seconds?: number;
}

/** A transcription of the run. */
export interface ReportTranscription {
  readonly id: TranscriptionId;
  readonly language: string;
  readonly startedAt: number;
  readonly stoppedAt?: number;
  readonly utterances: number;
}

interface Person {
  participant: Participant;
  joinedAt: number;
  leftAt: number | undefined;
  reason: LeaveReason | undefined;
  mutedMs: number;
  mutedSince: number | undefined;
  talk: TalkShare | undefined;
  silent: string | undefined;
}

/** What a report is made of beside facts. */
export interface ReportNeeds {
  readonly cdrs: readonly Cdr[];
  /** Epoch ms: how far somebody has been muted who still is. */
  readonly now: number;
}

/** The runs that facts tell of, given page by page, newest first. */
export async function runsOf(
  pages: AsyncIterable<readonly Fact[]>,
): Promise<readonly { readonly instance: string; readonly startedAt: number }[]> {
  const runs = new Map<string, number>();
  for await (const facts of pages)
    for (const { instance, at } of facts) if (instance !== undefined && !runs.has(instance)) runs.set(instance, at);
  return [...runs].map(([instance, startedAt]) => ({ instance, startedAt })).reverse();
}

/** The report of one run while it is folded from the facts of its conference, which come in order; those of other runs are passed over. */
export class RunReport {
  readonly #instance: string;
  readonly #people = new Map<ParticipantId, Person>();
  readonly #recordings = new Map<RecordingId, { -readonly [Key in keyof ReportRecording]: ReportRecording[Key] }>();
  readonly #transcriptions = new Map<TranscriptionId, { -readonly [Key in keyof ReportTranscription]: ReportTranscription[Key] }>();
  readonly #refused = new Map<string, number>();
  #startedAt: number | undefined;
  #endedAt: number | undefined;
  #talk: RoomTalk | undefined;
  #here = 0;
  #most = 0;

  #span: { readonly from: number; readonly to: number } | undefined;

  constructor(instance: string) {
    this.#instance = instance;
  }

  /** Epoch ms of the first and the last fact of the run; undefined: nothing tells of such a run. */
  get span(): { readonly from: number; readonly to: number } | undefined {
    return this.#span;
  }

  take(fact: Fact): void {
    if (fact.instance !== this.#instance) {
      this.#takeLater(fact);
      return;
    }
    this.#span = { from: this.#span?.from ?? fact.at, to: fact.at };
    this.#takeOwn(fact);
  }

  #takeOwn(fact: Fact): void {
    switch (fact.type) {
      case 'room.opened':
        this.#startedAt = fact.at;
        break;
      case 'room.closed':
        this.#endedAt = fact.at;
        this.#talk = fact.talk;
        break;
      case 'call.refused':
        this.#refused.set(fact.refusal.code, (this.#refused.get(fact.refusal.code) ?? 0) + 1);
        break;
      default:
        this.#hear(fact);
        this.#note(fact);
    }
  }

  /** Recordings and transcripts may be finished when the room is closed already: those facts belong to no run, but name whose they are. */
  #takeLater(fact: Fact): void {
    if (fact.type === 'recording.finished' || fact.type === 'transcript.created') this.#note(fact);
  }

  told({ cdrs, now }: ReportNeeds): Report {
    const records = new Map(cdrs.flatMap((each) => (each.participant === undefined ? [] : [[each.participant, each] as const])));
    const people = [...this.#people.values()].sort((a, b) => a.participant.number - b.participant.number);
    const first = people.find(({ participant }) => participant.call.stream === undefined)?.joinedAt;
    return {
      instance: this.#instance,
      isPartial: this.#startedAt === undefined,
      most: this.#most,
      people: people.map((each) => this.#person(each, { cdr: records.get(each.participant.id), first, now })),
      recordings: [...this.#recordings.values()],
      transcriptions: [...this.#transcriptions.values()],
      refused: [...this.#refused].map(([code, count]) => ({ code, count })),
      ...(this.#startedAt === undefined ? {} : { startedAt: this.#startedAt }),
      ...(this.#endedAt === undefined ? {} : { endedAt: this.#endedAt }),
      ...(this.#talk === undefined ? {} : { talk: this.#talk }),
    };
  }

  #person(each: Person, { cdr, first, now }: { cdr: Cdr | undefined; first: number | undefined; now: number }): ReportPerson {
    const { participant, joinedAt, leftAt, reason, talk, silent, mutedSince } = each;
    const lateMs = first === undefined || participant.call.stream !== undefined ? 0 : joinedAt - first;
    const mutedMs = each.mutedMs + (mutedSince === undefined ? 0 : Math.max(0, (leftAt ?? this.#endedAt ?? now) - mutedSince));
    return {
      participant,
      joinedAt,
      mutedMs,
      ...(leftAt === undefined ? {} : { leftAt }),
      ...(reason === undefined ? {} : { reason }),
      // Who was here before the facts that are kept makes nobody late.
      ...(lateMs < LATE || this.#startedAt === undefined ? {} : { lateMs }),
      ...(talk === undefined ? {} : { talk }),
      ...(silent === undefined ? {} : { silent }),
      ...(cdr?.codec === undefined ? {} : { codec: cdr.codec }),
      ...(cdr?.quality === undefined ? {} : { quality: cdr.quality }),
    };
  }

  /** Whom it is about, as he is from then on. */
  #hear(fact: Fact): void {
    const { about, at } = fact;
    if (about === undefined) return;
    const person = this.#people.get(about.id) ?? this.#come(about);
    person.participant = about;
    const isMuted = about.muted.length > 0 && fact.type !== 'participant.left';
    if (isMuted) person.mutedSince ??= at;
    else if (person.mutedSince !== undefined) {
      person.mutedMs += at - person.mutedSince;
      person.mutedSince = undefined;
    }
    if (fact.type === 'participant.silent') person.silent = fact.reason;
    if (fact.type !== 'participant.left') return;
    person.leftAt = at;
    person.reason = fact.reason;
    person.talk = fact.talk;
    if (about.call.stream === undefined) this.#here -= 1;
  }

  #come(about: Participant): Person {
    const { joinedAt } = about;
    const person: Person = {
      participant: about,
      joinedAt,
      leftAt: undefined,
      reason: undefined,
      mutedMs: 0,
      mutedSince: undefined,
      talk: undefined,
      silent: undefined,
    };
    this.#people.set(about.id, person);
    if (about.call.stream === undefined) this.#here += 1;
    this.#most = Math.max(this.#most, this.#here);
    return person;
  }

  #note(fact: Fact): void {
    switch (fact.type) {
      case 'recording.started': {
        const { id, name, startedAt } = fact.recording;
        this.#recordings.set(id, { id, startedAt, ...(name === undefined ? {} : { name }) });
        break;
      }
      case 'recording.stopped':
        update(this.#recordings.get(fact.recording), { stoppedAt: fact.at });
        break;
      case 'recording.finished':
        update(this.#recordings.get(fact.recording), { seconds: fact.seconds });
        break;
      case 'transcription.started': {
        const { id, language, startedAt } = fact.transcription;
        this.#transcriptions.set(id, { id, language, startedAt, utterances: 0 });
        break;
      }
      case 'transcription.stopped':
        update(this.#transcriptions.get(fact.transcription), { stoppedAt: fact.at });
        break;
      case 'transcript.created': {
        const known = this.#transcriptions.get(fact.transcription);
        update(known, { utterances: (known?.utterances ?? 0) + 1 });
        break;
      }
    }
  }
}

/** What is not of this run is passed over. */
function update<Known extends object>(known: Known | undefined, change: Partial<Known>): void {
  if (known !== undefined) Object.assign(known, change);
}
