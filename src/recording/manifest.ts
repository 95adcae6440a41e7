import { createHash } from 'node:crypto';
import type { Call, Fact, RecordedPerson, RecordingEnd, RecordingFile } from '../conference/index.ts';
import type { GapReason, Line, Present } from './journal.ts';
import type { Finished, FinishedTrack } from './writing/finish.ts';

/** A stretch of the recording: samples of it, and the wall's time, epoch ms. */
export interface Span {
  readonly fromSample: number;
  readonly toSample: number;
  readonly from: number;
  readonly to: number;
}

/** A file as the manifest lists it. */
export interface ListedFile extends RecordingFile {
  readonly samples: number;
  /** SHA-256 of the chain before it, its name and its own hash. */
  readonly chain: string;
}

/** Somebody who was in the room while it was recorded. */
export interface Attendee extends RecordedPerson {
  readonly number: number;
  readonly role: string;
  /** The file of his voice. */
  readonly stem?: string;
  /** Epoch ms; he may have come before the recording, and stayed after it. */
  readonly joinedAt: number;
  readonly leftAt?: number;
  readonly joinedSample: number;
  readonly leftSample: number;
  /** When he had heard to its end that this is recorded, epoch ms; absent: he did not. */
  readonly noticeHeardAt?: number;
  readonly muted: readonly (Span & { readonly reasons: readonly string[] })[];
  /** Whether he agreed to be recorded; absent: he was not asked. */
  readonly consent?: Agreement & {
    /** Where he is in no file, because he had not agreed. */
    readonly unrecorded: readonly Span[];
  };
}

/** What somebody said when he was asked whether he agrees to be recorded. Times are epoch ms. */
export interface Agreement {
  readonly state: 'asked' | 'given' | 'refused';
  readonly askedAt: number;
  /** When he said what he said last; absent: he said nothing. */
  readonly at?: number;
  /** His keys, a program for him, or the time in which he said nothing. */
  readonly by?: 'keys' | 'api' | 'time';
}

/** What `manifest.json` says: samples count from the beginning of the mix, at `rate`; times are epoch ms. */
export interface Manifest {
  readonly version: 1;
  readonly recording: string;
  readonly name?: string;
  readonly account: string;
  readonly conference: string;
  readonly instance: string;
  readonly format: 'wav' | 'ogg';
  readonly rate: number;
  readonly channels: 1;
  readonly samples: number;
  readonly seconds: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly reason: RecordingEnd;
  readonly words?: string;
  /** The files were half made when the server started, and were repaired. */
  readonly repaired: boolean;
  readonly files: readonly ListedFile[];
  readonly participants: readonly Attendee[];
  /** Where time was cut out on request: nothing stands for it in any file. */
  readonly pauses: readonly { readonly atSample: number; readonly from: number; readonly to: number }[];
  /** Where sound is missing; silence stands for it in all files. */
  readonly gaps: readonly (Span & { readonly reason: GapReason; readonly words: string })[];
  /** The room's own rate from there on. */
  readonly rates: readonly { readonly atSample: number; readonly rate: number }[];
  /** From that sample on, time ran on from then. */
  readonly runs: readonly { readonly atSample: number; readonly at: number }[];
  /** Whether the conference asks for its people to be told; who was is said of each. */
  readonly notice: boolean;
  readonly chain: { readonly algorithm: 'sha256'; readonly start: string; readonly end: string };
}

/** What a manifest is made of. */
export interface ManifestSources {
  readonly finished: Finished;
  /** Facts of the conference since the recording began. */
  readonly facts: readonly Fact[];
  readonly reason: RecordingEnd;
  readonly endedAt: number;
  readonly words?: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The beginning of a recording's chain of hashes. */
export const chainStart = (recording: string): string => sha256(`parley recording ${recording}\n`);

/** The next link of the chain: a file that was changed, left out, renamed or moved breaks all links from there on. */
export const chainLink = (before: string, { name, sha256: own }: { name: string; sha256: string }): string =>
  sha256(`${before}\n${name}\n${own}\n`);

/** Which sample of the recording is a moment of the wall's clock: time that was not recorded is the sample at its end. */
export function sampleAt(lines: readonly Line[], { rate, frames }: { rate: number; frames: number }, at: number): number {
  let sample = 0;
  const runs = lines.filter((line) => line.do === 'run');
  for (const [n, run] of runs.entries()) {
    if (run.at > at) break;
    const end = runs[n + 1]?.frame ?? frames;
    sample = Math.round((rate * Math.min(run.frame + (at - run.at) / 20, end)) / 50);
  }
  return sample;
}

interface Person {
  readonly present: Present;
  leftAt: number | undefined;
  noticeHeardAt: number | undefined;
  readonly muted: { from: number; to: number | undefined; reasons: readonly string[] }[];
  agreement: Agreement | undefined;
  readonly unrecorded: { from: number; to: number | undefined }[];
}

/** From then on he says so; who has agreed is recorded. */
function agree(person: Person, agreement: Agreement, at: number): void {
  person.agreement = agreement;
  const last = person.unrecorded.at(-1);
  const isOpen = last !== undefined && last.to === undefined;
  if (agreement.state === 'given') {
    if (isOpen) last.to = at;
  } else if (!isOpen) person.unrecorded.push({ from: at, to: undefined });
}

/** Who is there, and at which times nobody heard him. */
class Attendance {
  readonly people = new Map<string, Person>();
  readonly #recording: string;

  constructor(recording: string) {
    this.#recording = recording;
  }

  come(present: Present, from: number): void {
    const muted = present.muted.length > 0 ? [{ from, to: undefined, reasons: present.muted }] : [];
    const person: Person = { present, leftAt: undefined, noticeHeardAt: undefined, muted, agreement: undefined, unrecorded: [] };
    this.people.set(present.participant, person);
    if (present.consent !== undefined) agree(person, { state: present.consent, askedAt: from }, from);
  }

  /** He is asked whether he may be recorded, or says. */
  say(fact: Extract<Fact, { type: 'consent.asked' | 'consent.given' | 'consent.refused' }>): void {
    const person = fact.recording === this.#recording ? this.people.get(fact.participant) : undefined;
    if (person === undefined) return;
    const { at } = fact;
    const askedAt = person.agreement?.askedAt ?? at;
    if (fact.type === 'consent.asked') agree(person, { state: 'asked', askedAt }, at);
    else agree(person, { state: fact.type === 'consent.given' ? 'given' : 'refused', askedAt, at, by: fact.by }, at);
  }

  /** From now on he is muted for these reasons; none: he is heard. */
  hush(id: string, at: number, reasons: readonly string[]): void {
    const muted = this.people.get(id)?.muted;
    const last = muted?.at(-1);
    if (last !== undefined && last.to === undefined) last.to = at;
    if (reasons.length > 0) muted?.push({ from: at, to: undefined, reasons });
  }

  take(fact: Fact): void {
    if (fact.type === 'participant.joined') this.come(presentOf(fact.participant), fact.at);
    else if (fact.type === 'participant.muted') this.hush(fact.participant, fact.at, fact.reasons);
    else if (fact.type === 'participant.unmuted') this.hush(fact.participant, fact.at, []);
    else if (fact.type === 'consent.asked' || fact.type === 'consent.given' || fact.type === 'consent.refused') this.say(fact);
    else if (fact.type === 'notice.heard') {
      const person = this.people.get(fact.participant);
      if (person !== undefined && fact.recording === this.#recording) person.noticeHeardAt ??= fact.at;
    } else if (fact.type === 'participant.left') {
      this.hush(fact.participant, fact.at, []);
      const person = this.people.get(fact.participant);
      if (person !== undefined) person.leftAt = fact.at;
    }
  }
}

/** Everybody who was there at the start or came later, until the recording ended. */
function peopleOf(
  lines: readonly Line[],
  facts: readonly Fact[],
  time: { readonly from: number; readonly to: number; readonly recording: string },
): Person[] {
  const attendance = new Attendance(time.recording);
  const there = lines.find((line) => line.do === 'present');
  for (const present of there?.people ?? []) attendance.come(present, Math.max(time.from, present.joinedAt));
  for (const fact of facts) if (fact.sequence > (there?.sequence ?? 0) && fact.at <= time.to) attendance.take(fact);
  return [...attendance.people.values()];
}

/** A participant as the journal has him; `recording`: of which one what he has said. */
export function presentOf(participant: Extract<Fact, { type: 'participant.joined' }>['participant'], recording?: string): Present {
  const { id, number, role, call, joinedAt, muted, consent } = participant;
  const { leg, direction, callerName, callerNumber } = call;
  const said = consent !== undefined && consent.recording === recording ? { consent: consent.state } : {};
  return { leg, participant: id, number, role, direction, callerName, callerNumber, joinedAt, muted, ...said };
}

/** A call that is recorded by itself, as the journal has it. */
export const alone = ({ id, leg, direction, callerName, callerNumber }: Call): Present => ({
  ...{ leg, participant: id, number: 1, role: 'member', direction, callerName, callerNumber, joinedAt: 0, muted: [] },
});

/** What the files are: who, when, what is missing, and hashes by which a change shows. Pure. */
export function manifestOf({ finished, facts, reason, endedAt, words }: ManifestSources): Manifest {
  const { head, lines, rate, frames, isRepaired } = finished;
  const samples = (frame: number): number => (frame * rate) / 50;
  const at = (time: number): number => sampleAt(lines, { rate, frames }, time);
  const people = peopleOf(lines, facts, { recording: head.id, from: head.startedAt, to: endedAt });
  const legs = new Map(people.map(({ present }) => [present.leg, present]));
  const start = chainStart(head.id);
  let chain = start;
  const files = finished.tracks.map((track): ListedFile => {
    chain = chainLink(chain, track);
    const whose = isVoice(track) ? legs.get(track.source.id)?.participant : undefined;
    const { name, bytes, sha256: own } = track;
    return {
      name,
      kind: track.track === 0 ? 'mix' : 'stem',
      ...(whose === undefined ? {} : { participant: whose as RecordedPerson['participant'] }),
      offsetSamples: samples(track.frame),
      samples: samples(track.frames),
      bytes,
      sha256: own,
      chain,
    };
  });
  const span = (from: number, to: number): Span => ({ fromSample: at(from), toSample: at(to), from, to });
  return {
    version: 1,
    recording: head.id,
    ...(head.name === undefined ? {} : { name: head.name }),
    account: head.account,
    conference: head.conference,
    instance: head.instance,
    format: head.format,
    rate,
    channels: 1,
    samples: samples(frames),
    seconds: frames / 50,
    startedAt: head.startedAt,
    endedAt,
    reason,
    ...(words === undefined ? {} : { words }),
    repaired: isRepaired,
    files,
    participants: people.map((person) => attendeeOf(person, finished.tracks, { at, span, endedAt })),
    pauses: pausesOf(lines, endedAt).map(({ frame, from, to }) => ({ atSample: samples(frame), from, to })),
    gaps: lines.flatMap((line) => {
      if (line.do !== 'gap') return [];
      const { frame, frames: long, at: from, reason: why, words: told } = line;
      return [{ fromSample: samples(frame), toSample: samples(frame + long), from, to: from + 20 * long, reason: why, words: told }];
    }),
    rates: lines.flatMap((line) => (line.do === 'rate' ? [{ atSample: samples(line.frame), rate: line.rate }] : [])),
    runs: lines.flatMap((line) => (line.do === 'run' ? [{ atSample: samples(line.frame), at: line.at }] : [])),
    notice: lines.find((line) => line.do === 'present')?.notice ?? false,
    chain: { algorithm: 'sha256', start, end: chain },
  };
}

/** A track of somebody who takes part, by telephone or as a program; the others are of what was played. */
const isVoice = (track: FinishedTrack): track is FinishedTrack & { readonly source: { readonly id: string } } =>
  track.source?.kind === 'leg' || track.source?.kind === 'stream';

interface Times {
  readonly at: (time: number) => number;
  readonly span: (from: number, to: number) => Span;
  readonly endedAt: number;
}

function attendeeOf(
  { present, leftAt, noticeHeardAt, muted, agreement, unrecorded }: Person,
  tracks: readonly FinishedTrack[],
  { at, span, endedAt }: Times,
): Attendee {
  const { leg, participant, number, role, direction, callerName, callerNumber, joinedAt } = present;
  const stem = tracks.find((each) => isVoice(each) && each.source.id === leg)?.name;
  return {
    participant: participant as RecordedPerson['participant'],
    direction,
    callerName,
    callerNumber,
    number,
    role,
    ...(stem === undefined ? {} : { stem }),
    joinedAt,
    ...(leftAt === undefined ? {} : { leftAt }),
    joinedSample: at(joinedAt),
    leftSample: at(leftAt ?? endedAt),
    ...(noticeHeardAt === undefined ? {} : { noticeHeardAt }),
    muted: muted.map(({ from, to, reasons }) => ({ ...span(from, to ?? endedAt), reasons })),
    ...(agreement === undefined
      ? {}
      : { consent: { ...agreement, unrecorded: unrecorded.map(({ from, to }) => span(from, to ?? leftAt ?? endedAt)) } }),
  };
}

/** A pause that nobody ended ends with the recording. */
function pausesOf(lines: readonly Line[], endedAt: number): { frame: number; from: number; to: number }[] {
  const pauses: { frame: number; from: number; to: number }[] = [];
  for (const line of lines) {
    if (line.do === 'pause') pauses.push({ frame: line.frame, from: line.at, to: endedAt });
    else if (line.do === 'resume') {
      const last = pauses.at(-1);
      if (last !== undefined) last.to = line.at;
    }
  }
  return pauses;
}
