import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountId } from '../accounts/index.ts';
import type { Alarm, Log } from '../base/index.ts';
import type { AwaitedRecording, ConferenceId, Recording, RecordingEnd, RecordingId, RecordingRecord, RoomOf } from '../conference/index.ts';
import type { Tap } from '../media/index.ts';
import { factsSince } from './facts-since.ts';
import { awaitedRecord, headOf, leftBehind, recordOf, writeManifest } from './folders.ts';
import { type Head, JOURNAL } from './journal.ts';
import { alone, manifestOf, presentOf } from './manifest.ts';
import type { RecorderReport } from './messages.ts';
import type { OpenRecorder, RecorderOptions } from './recorder-options.ts';
import { type RecorderThread, workerRecorder } from './recorder-thread.ts';
import type { Finished } from './writing/finish.ts';

/** One recording from its start until its record says `storing`. */
interface Going {
  room: RoomOf;
  readonly folder: string;
  readonly head: Head | undefined;
  tap: Tap | undefined;
  /** It was told to end. */
  isStopping: boolean;
  end: { readonly at: number; readonly reason: RecordingEnd; readonly words?: string } | undefined;
  retry: Alarm | undefined;
  readonly onDone: (() => void) | undefined;
}

const PATIENCE = 10_000;
const RING = { stems: 1024 * 1024, mix: 512 * 1024 };
/** After files could not be finished, for example on a full disk, ms. */
const AGAIN = 60_000;
/** How long the worker may take to close, ms. */
const CLOSING = 3000;

/** Opens the recorder. Its worker starts with the first recording. */
export function openRecorder(options: RecorderOptions): OpenRecorder {
  return new RoomRecorder(options);
}

class RoomRecorder implements OpenRecorder {
  readonly #options: RecorderOptions;
  readonly #log: Log;
  readonly #going = new Map<string, Going>();
  /** Saves of one record go one after the other. */
  #saves: Promise<unknown> = Promise.resolve();
  #thread: RecorderThread | undefined;
  #isReady = false;
  #onReady: (() => void)[] = [];
  #onExit: (() => void) | undefined;
  #onSettled: (() => void) | undefined;
  #isClosing = false;
  #isClosed = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  get running(): number {
    return [...this.#going.values()].filter(({ end }) => end === undefined).length;
  }

  warm(): Promise<void> {
    if (this.#isReady || this.#isClosing) return Promise.resolve();
    this.#running();
    return new Promise((resolve) => this.#onReady.push(resolve));
  }

  start(room: RoomOf, recording: Recording): void {
    if (this.#isClosing || this.#going.has(recording.id)) return;
    const { id, stems } = recording;
    const folder = join(this.#options.folder, room.account, id);
    const head = headOf(room, recording);
    const going: Going = { room, folder, head, tap: undefined, isStopping: false, end: undefined, retry: undefined, onDone: undefined };
    this.#going.set(id, going);
    const thread = this.#running();
    thread.post({ do: 'start', folder, head });
    this.#listen(going, id, stems);
    void this.#save(recordOf(head, { state: 'running', seconds: 0, rate: 0, files: [], repaired: false, gaps: 0 }));
    void this.#present(id, room);
  }

  awaits(room: RoomOf, awaited: AwaitedRecording, on: boolean): void {
    void this.#save(awaitedRecord(room, awaited, { at: this.#options.clock.epoch(), on }));
  }

  moved(room: RoomOf, recording: RecordingId): void {
    const going = this.#going.get(recording);
    if (going?.head === undefined || going.isStopping || going.end !== undefined) return;
    going.room = room;
    going.tap?.close();
    this.#listen(going, recording, going.head.stems);
  }

  pause(_room: RoomOf, recording: RecordingId): void {
    this.#thread?.post({ do: 'pause', id: recording, at: this.#options.clock.epoch() });
  }

  resume(_room: RoomOf, recording: RecordingId): void {
    this.#thread?.post({ do: 'resume', id: recording, at: this.#options.clock.epoch() });
  }

  stop(_room: RoomOf, recording: RecordingId, reason: RecordingEnd): void {
    const going = this.#going.get(recording);
    if (going === undefined || going.isStopping) return;
    going.isStopping = true;
    this.#thread?.post({ do: 'stop', id: recording, at: this.#options.clock.epoch(), reason });
  }

  async repair(): Promise<void> {
    const unfinished = await this.#options.archive.unfinished();
    const { left, isUsed } = await leftBehind(this.#options.folder);
    // Who has recorded here will again: the first recording does not wait for its worker then.
    if (isUsed) void this.warm();
    const running = new Map(unfinished.filter(({ state }) => state === 'running').map((record) => [record.id, record]));
    const done = left.map(({ account, id, folder }) => {
      const record = running.get(id);
      running.delete(id);
      // Begun since the server started.
      if (this.#going.has(id)) return Promise.resolve();
      const room = { account, conference: record?.conference ?? ('' as ConferenceId), instance: record?.instance ?? '' };
      return new Promise<void>((onDone) => {
        this.#going.set(id, { room, folder, head: undefined, tap: undefined, isStopping: true, end: undefined, retry: undefined, onDone });
        this.#running().post({ do: 'finish', id, folder });
      });
    });
    for (const record of running.values()) if (!this.#going.has(record.id)) await this.#lost(record);
    await Promise.all(done);
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    await this.#settled();
    this.#isClosed = true;
    const thread = this.#thread;
    if (thread !== undefined) {
      await new Promise<void>((resolve) => {
        const alarm = this.#options.clock.wake(this.#options.clock.now() + CLOSING, () => thread.kill());
        this.#onExit = () => {
          alarm.cancel();
          resolve();
        };
        thread.post({ do: 'close' });
      });
    }
    for (const { tap, retry } of this.#going.values()) {
      tap?.close();
      retry?.cancel();
    }
    this.#going.clear();
    await this.#saves;
  }

  /** What was told to end is finished and told, or has had its time: then the next start finishes it. */
  #settled(): Promise<void> {
    return new Promise((resolve) => {
      const alarm = this.#options.clock.wake(this.#options.clock.now() + CLOSING, resolve);
      this.#onSettled = () => {
        if ([...this.#going.values()].some(({ isStopping, end }) => isStopping || end !== undefined)) return;
        alarm.cancel();
        resolve();
      };
      this.#onSettled();
    });
  }

  /** To the room, or to the call where it is. */
  #listen(going: Going, id: string, stems: boolean): void {
    const { engine, ringBytes } = this.#options;
    const { account, conference, followed } = going.room;
    const what = followed !== undefined ? { call: followed.call.leg } : stems ? 'legs' : 'mix';
    going.tap = engine.tap(account, followed?.place ?? conference, {
      what,
      bytes: ringBytes ?? (stems ? RING.stems : RING.mix),
      onMemory: (memory) => this.#thread?.post({ do: 'listen', id, memory }),
    });
  }

  #running(): RecorderThread {
    const { startThread = workerRecorder, patienceMs = PATIENCE } = this.#options;
    this.#thread ??= startThread(
      { patience: patienceMs },
      { onReport: (report) => this.#hear(report), onExit: (reason) => this.#died(reason) },
    );
    return this.#thread;
  }

  /** Whoever waits for the worker waits no more. */
  #released(): void {
    for (const done of this.#onReady.splice(0)) done();
  }

  /** The worker is gone; what it had written is finished by the next one. */
  #died(reason: string): void {
    this.#thread = undefined;
    this.#isReady = false;
    this.#released();
    if (this.#isClosed) {
      this.#onExit?.();
      return;
    }
    this.#log.error('the recorder died', { reason });
    for (const [id, going] of this.#going) {
      if (going.end === undefined && going.head !== undefined) {
        this.#ended(id, going, { at: this.#options.clock.epoch(), reason: 'failed', words: `the recorder died: ${reason}` });
      } else if (going.retry === undefined) this.#again(id, going);
    }
  }

  #hear(report: RecorderReport): void {
    if (report.say === 'ready') {
      this.#isReady = true;
      this.#released();
      return;
    }
    const going = this.#going.get(report.id);
    if (going === undefined) return;
    const { account, conference } = going.room;
    const id = report.id as RecordingId;
    switch (report.say) {
      case 'gapped': {
        const { from, lostMs, words } = report;
        this.#log.warn('sound is missing in a recording', { account, conference, recording: id, lostMs, words });
        void this.#command('recording.gapped', account, () =>
          this.#options.execute('recording.gapped', { conference, recording: id, from, lostMs, words }, { account, kind: 'system' }),
        );
        return;
      }
      case 'ended': {
        const { at, reason, words } = report;
        this.#ended(id, going, { at, reason, ...(words === undefined ? {} : { words }) });
        return;
      }
      case 'finished':
        void this.#finished(id, going, report.finished);
        return;
      case 'unfinished': {
        this.#log.error('a recording cannot be finished yet', { account, recording: id, words: report.words });
        going.onDone?.();
        going.retry = this.#options.clock.wake(this.#options.clock.now() + AGAIN, () => this.#again(id, going));
      }
    }
  }

  #again(id: string, going: Going): void {
    going.retry = undefined;
    if (!this.#isClosed) this.#running().post({ do: 'finish', id, folder: going.folder });
  }

  #ended(id: string, going: Going, end: NonNullable<Going['end']>): void {
    going.end = end;
    going.tap?.close();
    const { account, conference } = going.room;
    const { reason, words } = end;
    if (reason === 'limit' || reason === 'silence' || reason === 'failed') {
      if (reason === 'failed') this.#log.error('a recording failed', { account, conference, recording: id, words });
      const whose = going.room.followed === undefined ? {} : { call: going.room.followed.call.id };
      const input = { conference, recording: id as RecordingId, reason, ...(words === undefined ? {} : { words }), ...whose };
      void this.#command('recording.ended', account, () => this.#options.execute('recording.ended', input, { account, kind: 'system' }));
    }
    this.#running().post({ do: 'finish', id, folder: going.folder });
  }

  /** The files are whole: manifest, record, and the domain is told what has become of it. */
  async #finished(id: string, going: Going, finished: Finished | undefined): Promise<void> {
    const { account } = going.room;
    try {
      if (finished === undefined) await this.#nothing(id, going);
      else {
        const { head, lines } = finished;
        const room = { account, conference: head.conference as ConferenceId, instance: head.instance };
        const end = going.end ?? lines.find((line) => line.do === 'end') ?? (await this.#brokeOff(account, id, finished));
        const record = await this.#conclude(room, finished, end);
        await rm(join(going.folder, JOURNAL), { force: true });
        this.#options.onStoring?.(record);
        await this.#tell(room, id as RecordingId, record);
      }
    } catch (error) {
      this.#log.error('a recording cannot be finished yet', { account, recording: id, words: String(error) });
      if (!this.#isClosed) going.retry = this.#options.clock.wake(this.#options.clock.now() + AGAIN, () => this.#again(id, going));
      going.onDone?.();
      return;
    }
    this.#going.delete(id);
    going.onDone?.();
    this.#onSettled?.();
  }

  /** It has no end in its journal: the server died. When, is known from how far the sound reaches. */
  async #brokeOff(account: AccountId, id: string, { lines, frames, head }: Finished): Promise<NonNullable<Going['end']>> {
    const last = lines.filter((line) => line.do === 'run').at(-1);
    const at = last === undefined ? head.startedAt : last.at + 20 * (frames - last.frame);
    const known = await this.#options.archive.recording(account, id);
    return { at, reason: known?.reason ?? 'restart', words: 'the server stopped before the recording did; its files were repaired' };
  }

  async #conclude(room: RoomOf, finished: Finished, end: NonNullable<Going['end']>): Promise<RecordingRecord> {
    const { head, frames, rate, isRepaired, lines } = finished;
    const facts = head.call === undefined ? await factsSince(this.#options.execute, room, finished) : [];
    const { reason, words } = end;
    const manifest = manifestOf({ finished, facts, reason, endedAt: end.at, ...(words === undefined ? {} : { words }) });
    const folder = join(this.#options.folder, head.account, head.id);
    const listed = await writeManifest(folder, manifest);
    const people = manifest.participants.map(({ participant, direction, callerName, callerNumber }) => ({
      participant,
      direction,
      callerName,
      callerNumber,
    }));
    const files = manifest.files.map(({ samples: _samples, chain: _chain, ...file }) => file);
    const record = recordOf(head, {
      state: 'storing',
      endedAt: end.at,
      seconds: frames / 50,
      rate,
      files: [...files, listed],
      reason,
      ...(words === undefined ? {} : { words }),
      people,
      repaired: isRepaired,
      gaps: lines.filter((line) => line.do === 'gap').length,
    });
    await this.#options.archive.save(record);
    return record;
  }

  /** Who is there at the start: later ones are among the facts. */
  async #present(id: string, { account, conference, followed }: RoomOf): Promise<void> {
    if (followed !== undefined) {
      this.#thread?.post({ do: 'present', id, people: [alone(followed.call)], sequence: 0, notice: false });
      return;
    }
    try {
      const view = await this.#options.execute('conference.read', { conference }, { account, kind: 'system' });
      const people = (view.conference.room?.participants ?? []).map((each) => presentOf(each, id));
      const notice = view.conference.document.recording_notice !== false;
      this.#thread?.post({ do: 'present', id, people, sequence: view.conference.sequence, notice });
    } catch (error) {
      this.#log.warn('a recording does not know who is there', { account, recording: id, words: String(error) });
    }
  }

  /** Its folder has not even a first line. */
  async #nothing(id: string, going: Going): Promise<void> {
    const { account } = going.room;
    const record = await this.#options.archive.recording(account, id);
    await rm(going.folder, { recursive: true, force: true });
    if (record !== undefined) await this.#lost(record, going.end?.words);
  }

  /** It was running, and nothing of it is there. */
  async #lost(record: RecordingRecord, words = 'nothing of it was found'): Promise<void> {
    const { account, id, conference, instance } = record;
    const failed: RecordingRecord = { ...record, state: 'failed', endedAt: record.startedAt, reason: 'failed', words };
    await this.#save(failed);
    await this.#tell({ account, conference, instance }, id as RecordingId, failed);
  }

  #tell({ account, conference }: RoomOf, recording: RecordingId, record: RecordingRecord): Promise<void> {
    const { state, seconds, files, words, reason = 'failed', onEnd, call } = record;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const told = words === undefined ? {} : { words };
    const outcome = { state: state === 'failed' ? 'failed' : 'finished', seconds, bytes, ...told } as const;
    const flow = onEnd === undefined ? {} : { onEnd };
    const input = { conference, recording, reason, outcome, ...told, ...flow, ...(call === undefined ? {} : { call }) };
    return this.#command('recording.ended', account, () => this.#options.execute('recording.ended', input, { account, kind: 'system' }));
  }

  /** The conference may be gone meanwhile; nothing here may throw. */
  async #command(name: string, account: AccountId, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#isClosed) this.#log.warn('the domain did not take what the recorder says', { account, name, words: String(error) });
    }
  }

  async #save(record: RecordingRecord): Promise<void> {
    const saving = this.#saves.then(() => this.#options.archive.save(record));
    this.#saves = saving.catch((error: unknown) => {
      this.#log.error('a recording is not in the archive', { account: record.account, recording: record.id, words: String(error) });
    });
    await this.#saves;
  }
}
