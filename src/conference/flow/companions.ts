import type { AccountId } from '../../accounts/index.ts';
import { type Chance, type Clock, Failure, type Log, newId } from '../../base/index.ts';
import type { RecordingEnd } from '../archive.ts';
import type { Input } from '../commands.ts';
import type { Call, ConferenceId } from '../conference.ts';
import type { Happening } from '../facts.ts';
import type { CallId, ParticipantId } from '../ids.ts';
import type { Diary, Events, Recorder, RoomOf, Scribe } from '../ports.ts';
import type { Recording, RecordingId } from '../recording.ts';
import { noRecorder, noTranscriber } from '../refusals.ts';
import type { Transcription, TranscriptionEnd, TranscriptionId } from '../transcription.ts';
import { lobbyOf } from './lobby.ts';

/** How a call is to be recorded. */
export interface CallRecordingWish {
  readonly format?: 'wav' | 'ogg';
  /** Seconds. */
  readonly maxSeconds?: number;
  /** Seconds in which nobody talks. */
  readonly maxSilence?: number;
  /** Keys of which one ends it. */
  readonly endKeys?: string;
  /** As of `Recording`. */
  readonly onEnd?: string;
}

/** How a call is to be written down. */
export interface CallTranscribingWish {
  readonly language?: string;
  readonly direction?: 'in' | 'out' | 'both';
  readonly onEnd?: string;
}

/** What is known of a call by whoever wants to go with it. */
export interface Accompanied {
  readonly account: AccountId;
  readonly call: Call;
  /** A conference, or its lobby. */
  readonly place: ConferenceId;
}

/** What companions need. */
export interface CompanionsNeeds {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Absent: no call is recorded. */
  readonly recorder?: Recorder;
  /** Absent: none is written down. */
  readonly scribe?: Scribe;
  readonly diary?: Diary;
  readonly events?: Pick<Events, 'publish'>;
}

/** Whom companions tell of what they do. */
export interface CompanionsEars {
  /** What is recorded of a call, now and ever, has changed. */
  recorded(call: CallId, what: { readonly recording: RecordingId | undefined; readonly recordings: readonly RecordingId[] }): void;
  /** What the call says is to be heard by whoever listens to its lobby, or not any more. */
  listened(call: CallId, on: boolean): void;
  /** A transcription has ended that wished for a flow then. */
  written(account: AccountId, transcription: Transcription): void;
}

interface Kept {
  readonly account: AccountId;
  readonly call: Call;
  place: ConferenceId;
  recording: Recording | undefined;
  endKeys: string;
  recordings: readonly RecordingId[];
  transcription: Transcription | undefined;
}

/** What goes with a call wherever it is: it is recorded, and written down, by itself. Its diary is kept under the id of its lobby. */
export class Companions {
  readonly #needs: CompanionsNeeds;
  readonly #ears: CompanionsEars;
  readonly #kept = new Map<CallId, Kept>();
  /** What is noted of a call goes into its diary in order. */
  readonly #notes = new Map<CallId, Promise<void>>();

  constructor(needs: CompanionsNeeds, ears: CompanionsEars) {
    this.#needs = needs;
    this.#ears = ears;
  }

  /** What is recorded of it right now. */
  recordingOf(call: CallId): RecordingId | undefined {
    return this.#kept.get(call)?.recording?.id;
  }

  /** Refuses with conflict/recording_active, unavailable/no_recorder, unavailable/no_diary. */
  async record(whose: Accompanied, { endKeys = '', ...wish }: CallRecordingWish): Promise<RecordingId> {
    const { recorder, clock } = this.#needs;
    if (recorder === undefined) throw noRecorder();
    const kept = this.#keep(whose);
    if (kept.recording !== undefined) throw new Failure('conflict', 'recording_active', 'this call is recorded already');
    const { call } = whose;
    const id = this.#fresh() as RecordingId;
    const recording: Recording = {
      id,
      startedAt: clock.epoch(),
      state: 'running',
      stems: true,
      format: wish.format ?? 'wav',
      // On its way from place to place it is nowhere: that is silence, and no cut.
      silence: true,
      call: call.id,
      ...(wish.maxSeconds === undefined ? {} : { maxSeconds: wish.maxSeconds }),
      ...(wish.maxSilence === undefined ? {} : { maxSilence: wish.maxSilence }),
      ...(wish.onEnd === undefined ? {} : { onEnd: wish.onEnd }),
    };
    kept.recording = recording;
    kept.endKeys = endKeys;
    kept.recordings = [...kept.recordings, id];
    await this.#note(kept, [{ type: 'recording.started', recording }]);
    // Ended before it began.
    if (kept.recording !== recording) return id;
    this.#ears.listened(call.id, true);
    recorder.start(roomOf(kept), recording);
    this.#tellRecorded(kept);
    return id;
  }

  /** Ends what is recorded; nothing happens where that is nothing. */
  stopRecording(call: CallId): void {
    this.#endRecording(call, 'asked');
  }

  /** Refuses with conflict/transcription_active, unavailable/no_transcriber, and what `Scribe.check` says. */
  async transcribe(whose: Accompanied, { language: wished, direction = 'both', onEnd }: CallTranscribingWish): Promise<Transcription> {
    const { scribe, clock } = this.#needs;
    if (scribe === undefined) throw noTranscriber();
    const language = await scribe.check(whose.account, wished);
    const kept = this.#keep(whose);
    if (kept.transcription !== undefined) throw new Failure('conflict', 'transcription_active', 'this call is written down already');
    const transcription: Transcription = {
      id: this.#fresh() as TranscriptionId,
      language,
      startedAt: clock.epoch(),
      call: whose.call.id,
      direction,
      ...(onEnd === undefined ? {} : { onEnd }),
    };
    kept.transcription = transcription;
    await this.#note(kept, [{ type: 'transcription.started', transcription }]);
    if (kept.transcription !== transcription) return transcription;
    this.#ears.listened(whose.call.id, true);
    scribe.start(roomOf(kept), transcription);
    return transcription;
  }

  stopTranscribing(call: CallId, wanted?: TranscriptionId): Promise<void> {
    const kept = this.#kept.get(call);
    if (kept?.transcription === undefined || (wanted !== undefined && kept.transcription.id !== wanted)) return Promise.resolve();
    return this.#endTranscription(kept, 'asked');
  }

  /** The call is at another place now. */
  moved(call: CallId, place: ConferenceId): void {
    const kept = this.#kept.get(call);
    if (kept === undefined || kept.place === place) return;
    kept.place = place;
    const { recorder, scribe } = this.#needs;
    if (kept.recording !== undefined) recorder?.moved?.(roomOf(kept), kept.recording.id);
    if (kept.transcription !== undefined) scribe?.moved?.(roomOf(kept), kept.transcription.id);
  }

  digit(call: CallId, digit: string): void {
    if (this.#kept.get(call)?.endKeys.includes(digit) === true) this.#endRecording(call, 'asked');
  }

  /** The call is gone. */
  over(call: CallId): void {
    const kept = this.#kept.get(call);
    if (kept === undefined) return;
    this.#endRecording(call, 'room-closed');
    if (kept.transcription !== undefined) void this.#endTranscription(kept, 'room-closed');
    this.#kept.delete(call);
  }

  /** From the recorder, of a call that may be gone. */
  async recordingEnded(
    account: AccountId,
    { call, recording, reason, outcome, words }: Input<'recording.ended'> & { readonly call: CallId },
  ) {
    const told = words === undefined ? {} : { words };
    const kept = this.#kept.get(call);
    const happenings: Happening[] = [];
    if (kept?.recording?.id === recording) {
      happenings.push({ type: 'recording.stopped', recording, reason, ...told });
      this.#forgetRecording(kept);
    }
    if (outcome !== undefined) happenings.push({ type: 'recording.finished', recording, ...outcome });
    if (happenings.length > 0) await this.#write(account, call, happenings);
  }

  async gapped(account: AccountId, { conference, conference: _, ...gap }: Input<'recording.gapped'>): Promise<void> {
    await this.#write(account, conference as string as CallId, [{ type: 'recording.gapped', ...gap }]);
  }

  /** From the scribe: it has given up. */
  async transcriptionEnded(call: CallId, { transcription, words }: Input<'transcription.ended'>): Promise<void> {
    const kept = this.#kept.get(call);
    if (kept?.transcription?.id === transcription) await this.#endTranscription(kept, 'failed', words);
  }

  /** From the scribe: somebody said something. */
  async said(account: AccountId, { conference, ...utterance }: Input<'transcript.add'>): Promise<void> {
    const call = conference as string as CallId;
    await this.#write(account, call, [{ type: 'transcript.created', ...utterance, participant: call as string as ParticipantId }]);
  }

  /** Resolves when everything that was noted is kept. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#notes.values()]);
  }

  #keep({ account, call, place }: Accompanied): Kept {
    const kept = this.#kept.get(call.id) ?? {
      ...{ account, call, place, recording: undefined, endKeys: '', recordings: [], transcription: undefined },
    };
    this.#kept.set(call.id, kept);
    return kept;
  }

  #endRecording(call: CallId, reason: RecordingEnd): void {
    const kept = this.#kept.get(call);
    const recording = kept?.recording;
    if (kept === undefined || recording === undefined) return;
    this.#needs.recorder?.stop(roomOf(kept), recording.id, reason);
    this.#forgetRecording(kept);
    void this.#note(kept, [{ type: 'recording.stopped', recording: recording.id, reason }]).catch(() => {});
  }

  #forgetRecording(kept: Kept): void {
    kept.recording = undefined;
    kept.endKeys = '';
    if (kept.transcription === undefined) this.#ears.listened(kept.call.id, false);
    this.#tellRecorded(kept);
  }

  async #endTranscription(kept: Kept, reason: TranscriptionEnd, words?: string): Promise<void> {
    const { transcription, account } = kept;
    if (transcription === undefined) return;
    kept.transcription = undefined;
    if (reason !== 'failed') this.#needs.scribe?.stop(roomOf(kept), transcription.id);
    if (kept.recording === undefined) this.#ears.listened(kept.call.id, false);
    const told = words === undefined ? {} : { words };
    await this.#note(kept, [{ type: 'transcription.stopped', transcription: transcription.id, reason, ...told }]).catch(() => {});
    if (transcription.onEnd !== undefined) this.#ears.written(account, transcription);
  }

  #tellRecorded({ call, recording, recordings }: Kept): void {
    this.#ears.recorded(call.id, { recording: recording?.id, recordings });
  }

  #note({ account, call }: Kept, what: readonly Happening[]): Promise<void> {
    return this.#write(account, call.id, what);
  }

  /** In order; a diary that cannot be written is told once per line, and nothing waits for it. */
  #write(account: AccountId, call: CallId, what: readonly Happening[]): Promise<void> {
    const { diary, events, clock, log } = this.#needs;
    if (diary === undefined) return Promise.resolve();
    const at = clock.epoch();
    const before = this.#notes.get(call) ?? Promise.resolve();
    const written = before.then(async () => {
      const facts = await diary.note({ account, place: lobbyOf(call), at }, what);
      events?.publish(facts);
    });
    const settled = written.catch((error: unknown) => log.error('what happened to a call could not be noted', { account, call, error }));
    this.#notes.set(call, settled);
    void settled.then(() => {
      if (this.#notes.get(call) === settled) this.#notes.delete(call);
    });
    return written;
  }

  #fresh(): string {
    return newId(this.#needs.chance, this.#needs.clock.epoch());
  }
}

const roomOf = ({ account, call, place }: Accompanied): RoomOf => ({
  account,
  conference: lobbyOf(call.id),
  instance: lobbyOf(call.id),
  followed: { call, place },
});
