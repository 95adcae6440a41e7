import type { AccountId } from '../accounts/index.ts';
import { type Chance, type Clock, type Closable, Failure, type Log, newId } from '../base/index.ts';
import type {
  CallTranscribingWish,
  ConferenceId,
  Diary,
  Events,
  FileOf,
  Happening,
  ParticipantId,
  RecordedPerson,
  RecordingFile,
  RecordingId,
  RecordingRecord,
  RecordingScribe,
  Recordings,
  Transcription,
  TranscriptionEnd,
  TranscriptionEntry,
  TranscriptionId,
  UtteranceSpeaker,
} from '../conference/index.ts';
import { closed, Gate } from './gate.ts';
import { heardLanguage } from './language.ts';
import { Reading, type Said } from './reading.ts';
import type { EarProvider, Sound } from './speech-types.ts';

/** What is needed to write down recordings. */
export interface RecordingScribeOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly provider: EarProvider;
  /** Where nobody says a language. Default `en-us`. */
  readonly language?: string;
  readonly recordings: Pick<Recordings, 'get'>;
  /** The sound of one of their files, as it comes. */
  readonly sound: (of: FileOf) => AsyncIterable<Sound>;
  readonly diary: Diary;
  readonly events: Pick<Events, 'publish'>;
}

/** How often it is looked whether the files of a recording are whole, ms. */
const LOOK = 1000;
const TICK = 20;

/** Opens who writes down recordings: one stretch of speech at a time, so that those who talk now are heard first. */
export const openRecordingScribe = (options: RecordingScribeOptions): RecordingScribe & Closable => new RecordingScribes(options);

interface Job {
  readonly account: AccountId;
  readonly transcription: Transcription;
  readonly recording: RecordingId;
  /** Its end was noted; what is still being recognised is not. */
  isOver: boolean;
}

class RecordingScribes implements RecordingScribe, Closable {
  readonly #options: RecordingScribeOptions;
  readonly #gate = new Gate({ atOnce: 1, mayWait: Number.POSITIVE_INFINITY });
  readonly #jobs = new Map<string, Job>();
  readonly #wakers = new Set<() => void>();
  readonly #working = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(options: RecordingScribeOptions) {
    this.#options = options;
  }

  async transcribe(account: AccountId, recording: RecordingId, { language: wished, direction = 'both', onEnd }: CallTranscribingWish) {
    const { provider, language: usual, recordings, clock, chance } = this.#options;
    const language = heardLanguage(provider, wished, usual);
    const { startedAt } = await recordings.get(account, recording);
    if (this.#closing !== undefined) throw closed();
    const key = keyOf(account, recording, language);
    if (this.#jobs.has(key))
      throw new Failure('conflict', 'transcription_active', 'this recording is written down in this language already');
    const transcription: Transcription = {
      id: newId(chance, clock.epoch()) as TranscriptionId,
      language,
      startedAt: clock.epoch(),
      direction,
      recording: { id: recording, startedAt },
      ...(onEnd === undefined ? {} : { onEnd }),
    };
    const job: Job = { account, transcription, recording, isOver: false };
    this.#jobs.set(key, job);
    try {
      await this.#note(job, [{ type: 'transcription.started', transcription }]);
    } catch (error) {
      this.#jobs.delete(key);
      throw error;
    }
    this.#follow(this.#work(job));
    return transcription;
  }

  async stop(account: AccountId, { id, recording, endedAt, language }: TranscriptionEntry): Promise<void> {
    if (recording === undefined || endedAt !== undefined) return;
    const job = this.#jobs.get(keyOf(account, recording.id, language));
    if (job?.transcription.id === id) return this.#end(job, 'asked');
    // It was under way when a server died.
    const stopped = { type: 'transcription.stopped', transcription: id as TranscriptionId, reason: 'restart' } as const;
    await this.#note({ account, recording: recording.id }, [stopped]);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    this.#gate.close();
    await Promise.all([...this.#jobs.values()].map((job) => this.#end(job, 'restart')));
    await Promise.all(this.#working);
  }

  /** Never rejects. */
  async #work(job: Job): Promise<void> {
    try {
      await this.#read(job);
      await this.#end(job, 'asked');
    } catch (error) {
      if (job.isOver) return;
      const { log } = this.#options;
      const { account, recording } = job;
      log.warn('a recording could not be written down', { account, recording, error });
      await this.#end(job, 'failed', error instanceof Failure ? error.message : 'an unexpected error');
    }
  }

  /** Never rejects. */
  async #end(job: Job, reason: TranscriptionEnd, words?: string): Promise<void> {
    if (job.isOver) return;
    job.isOver = true;
    const { account, recording, transcription } = job;
    this.#jobs.delete(keyOf(account, recording, transcription.language));
    for (const wake of this.#wakers) wake();
    const stopped = { type: 'transcription.stopped', transcription: transcription.id, reason } as const;
    await this.#note(job, [{ ...stopped, ...(words === undefined ? {} : { words }) }]).catch((error: unknown) =>
      this.#options.log.error('the end of a transcription could not be noted', { account, recording, error }),
    );
  }

  #follow(work: Promise<void>): void {
    this.#working.add(work);
    void work.finally(() => this.#working.delete(work));
  }

  async #read(job: Job): Promise<void> {
    const { sound, clock, provider } = this.#options;
    const { account, transcription } = job;
    const record = await this.#whole(job);
    if (record === undefined) return;
    const { language } = transcription;
    const isOver = (): boolean => job.isOver;
    const reading = new Reading({ clock, provider, gate: this.#gate, language, isOver });
    for (const file of tracksOf(record, transcription)) {
      if (isOver()) return;
      const first = Math.round((file.offsetSamples * 50) / Math.max(1, record.rate));
      const whose = speakerOf(record, file);
      for await (const said of reading.read(sound({ account, recording: record.id, file: file.name }), first))
        if (!isOver()) await this.#note(job, [created(record, transcription, { said, ...whose })]);
    }
  }

  /** As soon as its files are; undefined: nobody wants it any more. */
  async #whole(job: Job): Promise<RecordingRecord | undefined> {
    for (;;) {
      if (job.isOver) return undefined;
      const record = await this.#options.recordings.get(job.account, job.recording);
      if (record.state === 'failed') throw new Failure('not-found', 'recording_file_not_found', record.words ?? 'nothing was recorded');
      if (record.state === 'storing' || record.state === 'stored') return record;
      await this.#rest();
    }
  }

  #rest(): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const wake = (): void => {
        alarm.cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      const alarm = clock.wake(clock.now() + LOOK, wake);
      this.#wakers.add(wake);
    });
  }

  async #note({ account, recording }: Pick<Job, 'account' | 'recording'>, what: readonly Happening[]): Promise<void> {
    const { diary, events, clock } = this.#options;
    const facts = await diary.note({ account, place: recording as string as ConferenceId, at: clock.epoch() }, what);
    events.publish(facts);
  }
}

const keyOf = (...of: readonly string[]): string => of.join(' ');

/**
 * What is read of it: of a call the ways that are wanted, of a conference the voice of each who took part; prompts are nobody's words. Without stems the mix.
 */
function tracksOf({ files, call }: RecordingRecord, { direction = 'both' }: Transcription): readonly RecordingFile[] {
  const stems = files.filter(({ kind }) => kind === 'stem');
  const tracks = stems.length === 0 ? files.filter(({ kind }) => kind === 'mix') : stems;
  const isWanted = ({ kind, participant }: RecordingFile): boolean => {
    if (kind === 'mix') return true;
    if (call === undefined) return participant !== undefined;
    return direction === 'both' || direction === (participant === undefined ? 'out' : 'in');
  };
  return tracks.filter(isWanted).sort((a, b) => a.offsetSamples - b.offsetSamples);
}

interface Whose {
  readonly participant: ParticipantId;
  readonly way?: 'in' | 'out';
  readonly speaker?: UtteranceSpeaker;
}

/** Whose voice a file is. Nobody's in particular: the recording's. */
function speakerOf({ id, call, people = [] }: RecordingRecord, { kind, participant }: RecordingFile): Whose {
  const person = people.find((each) => each.participant === participant);
  const speaker = person === undefined ? {} : { speaker: spoken(person) };
  if (kind === 'mix' || participant === undefined)
    return { participant: (call ?? id) as string as ParticipantId, way: kind === 'mix' ? 'in' : 'out' };
  return { participant, ...speaker, ...(call === undefined ? {} : { way: 'in' }) };
}

const spoken = ({ direction, callerNumber, callerName }: RecordedPerson): UtteranceSpeaker => ({ direction, callerNumber, callerName });

function created(
  { startedAt }: RecordingRecord,
  { id, language }: Transcription,
  { said, ...whose }: Whose & { readonly said: Said },
): Happening {
  const { from, to, text, gap } = said;
  return {
    type: 'transcript.created',
    transcription: id,
    text,
    language,
    from: startedAt + from * TICK,
    to: startedAt + to * TICK,
    tick: from,
    ...whose,
    ...(gap ? { gap } : {}),
  };
}
