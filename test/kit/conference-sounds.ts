import assert from 'node:assert/strict';
import type { AccountId } from '../../src/accounts/index.ts';
import { Failure } from '../../src/base/index.ts';
import type {
  CallId,
  CommandName,
  Commands,
  Conference,
  ConferenceId,
  HearingPlan,
  LeaveReason,
  Participant,
  Player,
  Playing,
  PlayingId,
  PlaySource,
  Recorder,
  Recording,
  RecordingId,
  RoomOf,
  Scribe,
  Streams,
  Transcription,
  TranscriptionId,
} from '../../src/conference/index.ts';

/** What records, plays and writes down, and only remembers what goes on; what is done twice, or to nothing, fails. */
export class FakeSounds implements Pick<Streams, 'letGo'> {
  /** Of every room, as `account/conference/instance`. */
  readonly recordings = new Map<string, { readonly id: RecordingId; state: Recording['state'] }>();
  readonly playings = new Map<PlayingId, { readonly room: string; readonly playing: Playing }>();
  readonly transcriptions = new Map<string, TranscriptionId>();
  /** In the order in which it was asked for. */
  readonly asked: string[] = [];
  readonly letGone: { readonly stream: CallId; readonly reason: LeaveReason }[] = [];

  readonly recorder: Recorder = {
    start: (room, recording) => {
      this.asked.push('record');
      assert.ok(!this.recordings.has(key(room)), 'one recording at a time');
      this.recordings.set(key(room), { id: recording.id, state: recording.state });
    },
    pause: (room, recording) => this.#recordingIs(room, recording, 'running', 'paused'),
    resume: (room, recording) => this.#recordingIs(room, recording, 'paused', 'running'),
    stop: (room, recording, reason) => {
      this.asked.push(`end-recording ${reason}`);
      assert.equal(this.recordings.get(key(room))?.id, recording, 'what is stopped was started');
      this.recordings.delete(key(room));
    },
  };

  readonly player: Player = {
    check: async (_: AccountId, sources: readonly PlaySource[]) => {
      const unknown = sources.find((each) => each === 'unknown');
      if (unknown !== undefined)
        throw new Failure('not-found', 'media_not_found', 'there is no such media', { details: { id: 'unknown' } });
    },
    start: (room, playing) => {
      this.asked.push('play');
      assert.ok(!this.playings.has(playing.id), 'nothing plays twice');
      assert.notEqual(playing.startedAt, undefined, 'what plays has begun');
      this.playings.set(playing.id, { room: key(room), playing });
    },
    stop: (room, playing) => {
      this.asked.push('end-play');
      assert.equal(this.playings.get(playing)?.room, key(room), 'what is stopped was started');
      this.playings.delete(playing);
    },
  };

  readonly scribe: Scribe = {
    check: async (_, language = 'en-US') => {
      if (language === 'tlh') throw new Failure('invalid', 'language_unknown', 'nobody here knows Klingon');
      return language;
    },
    start: (room: RoomOf, transcription: Transcription) => {
      this.asked.push('transcribe');
      assert.ok(!this.transcriptions.has(key(room)), 'one transcription at a time');
      this.transcriptions.set(key(room), transcription.id);
    },
    stop: (room, transcription) => {
      this.asked.push('end-transcription');
      assert.equal(this.transcriptions.get(key(room)), transcription, 'what is stopped was started');
      this.transcriptions.delete(key(room));
    },
  };

  letGo(stream: CallId, reason: LeaveReason): void {
    this.letGone.push({ stream, reason });
  }

  /** The recorder, player or scribe has come to its end by itself. */
  forget(id: string): void {
    this.playings.delete(id as PlayingId);
    for (const [room, each] of this.recordings) if (each.id === id) this.recordings.delete(room);
    for (const [room, each] of this.transcriptions) if (each === id) this.transcriptions.delete(room);
  }

  /** What goes on in a room is what the room says. */
  checkRoom({ account, id, room }: Pick<Conference, 'account' | 'id' | 'room'>): void {
    const inside = `${account}/${id}/`;
    const now = room === undefined ? undefined : `${inside}${room.instance}`;
    const of = <T>(all: ReadonlyMap<string, T>): readonly [string, T][] => [...all].filter(([each]) => each.startsWith(inside));
    const one = <T>(value: T | undefined): readonly [string, T][] => (now === undefined || value === undefined ? [] : [[now, value]]);
    const recording = room?.recording && { id: room.recording.id, state: room.recording.state };
    assert.deepEqual(of(this.recordings), one(recording), 'what is recorded is what the room says');
    assert.deepEqual(of(this.transcriptions), one(room?.transcription?.id), 'what is written down is what the room says');
    const playing = [...this.playings.values()].filter((each) => each.room.startsWith(inside)).map((each) => each.playing);
    const byId = (a: Playing, b: Playing): number => a.id.localeCompare(b.id);
    // What the room itself says gets its ears when it begins; music is no play of anybody.
    const plays = playing.filter((each) => !('kind' in each) && each.id !== room?.music?.id);
    const started = (room?.playing ?? []).filter((each) => each.startedAt !== undefined);
    assert.deepEqual(plays.sort(byId), [...started].sort(byId), 'what plays is what the room says');
    const said = playing.filter((each) => 'kind' in each).map((each) => each.id);
    const saying = (room?.announcing ?? []).filter((each) => each.startedAt !== undefined).map((each) => each.id);
    assert.deepEqual(said.sort(), saying.sort(), 'what the room says itself is what it says that it says');
    const music = playing.filter((each) => each.id === room?.music?.id).map((each) => each.sources);
    const wanted = room?.music === undefined || room.music.failed === true ? [] : [[room.music.source]];
    assert.deepEqual(music, wanted, 'music plays while the room says so');
  }

  #recordingIs(room: RoomOf, id: RecordingId, was: Recording['state'], is: Recording['state']): void {
    this.asked.push(is);
    const recording = this.recordings.get(key(room));
    assert.deepEqual(recording, { id, state: was });
    if (recording !== undefined) recording.state = is;
  }
}

const key = ({ account, conference, instance }: RoomOf): string => `${account}/${conference}/${instance}`;

/** Commands about recordings, prompts, transcripts and programs. */
export type SoundCommand = Extract<CommandName, `${'recording' | 'play' | 'transcription' | 'transcript' | 'stream'}.${string}`>;

/** What a random step of such a command is made of. */
export interface SoundStep {
  readonly conference: ConferenceId;
  readonly stored: Conference | undefined;
  readonly who: number;
  readonly other: number;
  readonly flag: boolean;
  readonly stream: CallId;
}

type Maker<Name extends SoundCommand> = (step: SoundStep, people: readonly Participant[]) => Commands[Name]['input'];

const none = '0'.repeat(32);
const directions = ['in', 'out', 'both'] as const;
const pick = <T>(list: readonly T[] | undefined, n: number): T | undefined => list?.[n % Math.max(list.length, 1)];

/** For every command an input that mostly, but not always, means something. */
export const soundInputs: { readonly [Name in SoundCommand]: Maker<Name> } = {
  'recording.start': ({ conference, flag, other }) => ({ conference, stems: flag, ...(other === 7 ? { maxSeconds: 60 } : {}) }),
  'recording.pause': (step) => ({ conference: step.conference, ...recordingOf(step) }),
  'recording.resume': (step) => ({ conference: step.conference, ...recordingOf(step) }),
  'recording.stop': (step) => ({ conference: step.conference, ...recordingOf(step) }),
  'recording.gapped': ({ conference, stored }) => ({
    conference,
    recording: stored?.room?.recording?.id ?? (none as RecordingId),
    from: 1,
    lostMs: 20,
    words: 'the disk is slow',
  }),
  'recording.ended': ({ conference, stored, flag, other }) => ({
    conference,
    recording: (other < 5 ? stored?.room?.recording?.id : undefined) ?? (none as RecordingId),
    reason: flag ? 'limit' : 'failed',
    ...(other % 2 === 0 ? { outcome: { state: 'finished', seconds: 1, bytes: 2 } } : {}),
  }),
  'play.start': ({ conference, who, other, flag }, people) => {
    const one = pick(people, who);
    // Mostly for all, or nothing would ever wait for long.
    const to = flag && other > 3 && one !== undefined ? { to: one.number } : {};
    return { conference, sources: other === 7 ? [] : [{ say: 'hello' }], ...to, ...(other === 1 ? { duck: 0.25 } : {}) };
  },
  'play.stop': ({ conference, stored, who, other, flag }) => ({
    conference,
    which: other === 1 ? 'all' : other < 4 ? 'current' : (pick(stored?.room?.playing, who)?.id ?? (none as PlayingId)),
    ...(flag ? { to: 'all' } : {}),
  }),
  'play.ended': ({ conference, stored, who, flag }) => ({
    conference,
    playing:
      pick(
        stored?.room?.playing?.filter((each) => each.startedAt !== undefined),
        who,
      )?.id ?? (none as PlayingId),
    reason: flag ? 'finished' : 'failed',
  }),
  'transcription.start': ({ conference, other }) => ({ conference, ...(other < 3 ? {} : { language: other === 7 ? 'tlh' : 'de' }) }),
  'transcription.stop': ({ conference }) => ({ conference }),
  'transcription.ended': ({ conference, stored }) => ({
    conference,
    transcription: stored?.room?.transcription?.id ?? (none as TranscriptionId),
    reason: 'failed',
  }),
  'transcript.add': ({ conference, who, flag }, people) => ({
    conference,
    transcription: none as TranscriptionId,
    participant: pick(people, who)?.id ?? (none as Participant['id']),
    text: flag ? 'one two' : ' ',
    language: 'en',
    from: 1,
    to: 2,
  }),
  'stream.open': ({ conference, stream, who, other, flag }) => ({
    conference,
    call: stream,
    name: 'Agent',
    role: flag ? 'moderator' : 'member',
    direction: directions[who % 3]!,
    ...(other < 4 ? { muted: flag } : {}),
  }),
  'stream.closed': ({ conference, stream }) => ({ conference, call: stream, reason: 'hung-up' }),
};

const recordingOf = ({ stored, other }: SoundStep): { readonly recording?: RecordingId } =>
  other < 4 ? {} : { recording: stored?.room?.recording?.id ?? (none as RecordingId) };

/** How loud somebody or something is to a listener by the plan; 0: not at all. */
export function loudness(plan: HearingPlan, listener: string, source: string): number {
  const place = plan.listeners.find((each) => each.leg === listener);
  const known = plan.sources.find((each) => each.source.id === source);
  if (place === undefined || known === undefined || listener === source) return 0;
  const own = place.gains.find((each) => each.source.id === source)?.gain;
  return known.aside === true ? (own ?? 0) : (own ?? 1) * known.gain;
}
