import type {
  Archive,
  AwaitedRecording,
  Execute,
  Recorder,
  Recording,
  RecordingEnd,
  RecordingId,
  RecordingRecord,
  RoomOf,
} from '../../src/conference/index.ts';
import { awaitedRecord } from '../../src/recording/folders.ts';
import type { FakeClock } from './fake-clock.ts';

/** A recorder without sound: it keeps what is known of its recordings, and has their files when it is told that they are whole. */
export class MemoryRecorder implements Recorder {
  execute!: Execute;
  readonly #archive: Archive;
  readonly #clock: FakeClock;
  readonly #running = new Map<string, { readonly room: RoomOf; readonly record: RecordingRecord }>();
  readonly #storing = new Map<string, { readonly room: RoomOf; readonly record: RecordingRecord }>();

  constructor(archive: Archive, clock: FakeClock) {
    this.#archive = archive;
    this.#clock = clock;
  }

  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  get storing(): readonly string[] {
    return [...this.#storing.keys()];
  }

  awaits(room: RoomOf, awaited: AwaitedRecording, on: boolean): void {
    void this.#archive.save(awaitedRecord(room, awaited, { at: this.#clock.epoch(), on }));
  }

  start(room: RoomOf, { id, startedAt, format, onEnd }: Recording): void {
    const { account, conference, instance, followed } = room;
    const record: RecordingRecord = {
      id,
      account,
      conference,
      instance,
      startedAt,
      state: 'running',
      seconds: 0,
      rate: 8000,
      format,
      files: [],
      repaired: false,
      gaps: 0,
      ...(onEnd === undefined ? {} : { onEnd }),
      ...(followed === undefined ? {} : { call: followed.call.id }),
    };
    this.#running.set(id, { room, record });
    void this.#archive.save(record);
  }

  pause(): void {}
  resume(): void {}

  stop(_room: RoomOf, id: RecordingId, reason: RecordingEnd): void {
    this.#close(id, reason);
  }

  /** One has ended by itself. */
  async ends(id: string, reason: RecordingEnd): Promise<void> {
    const found = this.#running.get(id);
    if (found === undefined) return;
    this.#close(id as RecordingId, reason);
    const { account, conference } = found.room;
    await this.execute('recording.ended', { conference, recording: id as RecordingId, reason }, { account, kind: 'system' });
  }

  /** The files of one are whole. */
  async stored(id: string): Promise<void> {
    const found = this.#storing.get(id);
    if (found === undefined) return;
    this.#storing.delete(id);
    const { room, record } = found;
    const files = [{ name: 'mix.wav', kind: 'mix', offsetSamples: 0, bytes: 4, sha256: '0'.repeat(64) }] as const;
    await this.#archive.save({ ...record, state: 'stored', place: 'folder', files });
    const { account, conference } = room;
    const outcome = { state: 'finished', seconds: 1, bytes: 2 } as const;
    const input = { conference, recording: id as RecordingId, reason: record.reason ?? 'asked', outcome };
    await this.execute('recording.ended', input, { account, kind: 'system' });
  }

  #close(id: RecordingId, reason: RecordingEnd): void {
    const found = this.#running.get(id);
    if (found === undefined) return;
    this.#running.delete(id);
    const record: RecordingRecord = { ...found.record, state: 'storing', endedAt: this.#clock.epoch(), reason };
    this.#storing.set(id, { room: found.room, record });
    void this.#archive.save(record);
  }
}
