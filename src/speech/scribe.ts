import type { Alarm, Clock, Closable, Log } from '../base/index.ts';
import type { Execute, Interim, LegId, LiveSpeech, RoomOf, Scribe, Transcription, TranscriptionId } from '../conference/index.ts';
import type { Engine } from '../media/index.ts';
import { Gate } from './gate.ts';
import { heardLanguage } from './language.ts';
import type { EarProvider } from './speech-types.ts';
import { Writing } from './writing.ts';

/** What the scribe needs. */
export interface ScribeOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly tap: Engine['tap'];
  readonly execute: Execute;
  /** `Conferences.interim`. */
  readonly interim: (leg: LegId, words: Interim) => void;
  /** `Conferences.speech`. */
  readonly speech: () => Pick<LiveSpeech, 'on' | 'off'>;
  readonly provider: EarProvider;
  /** Where nobody says a language. Default `en-us`. */
  readonly language?: string;
  /** Stretches that are recognised at once. Default 2. */
  readonly atOnce?: number;
  /** Seconds of one room's speech that may wait; what is more is not recognised, and a gap is marked. Default 120. */
  readonly waitingSeconds?: number;
  /** ms that `close` waits for what is under way. Default 3000. */
  readonly patienceMs?: number;
}

/** Opens the scribe: writes down who says what, room by room. */
export const openScribe = (options: ScribeOptions): Scribe & Closable => new Scribes(options);

class Scribes implements Scribe, Closable {
  readonly #options: ScribeOptions;
  readonly #gate: Gate;
  readonly #writings = new Map<TranscriptionId, Writing>();
  /** Those that were stopped and have stretches under way. */
  readonly #ending = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(options: ScribeOptions) {
    this.#options = options;
    this.#gate = new Gate({ atOnce: options.atOnce ?? 2, mayWait: Number.POSITIVE_INFINITY });
  }

  async check(_account: string, wished: string | undefined): Promise<string> {
    return heardLanguage(this.#options.provider, wished, this.#options.language);
  }

  start(room: RoomOf, transcription: Transcription): void {
    if (this.#closing !== undefined || this.#writings.has(transcription.id)) return;
    const { waitingSeconds = 120 } = this.#options;
    const writing = new Writing({
      ...this.#options,
      gate: this.#gate,
      room,
      transcription,
      waitingSeconds,
      onFailed: (words) => this.#failed(room, transcription.id, words),
    });
    this.#writings.set(transcription.id, writing);
  }

  stop(_room: RoomOf, id: TranscriptionId): void {
    const writing = this.#writings.get(id);
    if (writing === undefined) return;
    this.#writings.delete(id);
    const end = writing.end();
    this.#ending.add(end);
    void end.then(() => this.#ending.delete(end));
  }

  moved(room: RoomOf, id: TranscriptionId): void {
    this.#writings.get(id)?.moved(room);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const { clock, patienceMs = 3000 } = this.#options;
    const all = [...this.#writings.values()].map((each) => each.end());
    this.#writings.clear();
    let alarm: Alarm | undefined;
    const late = new Promise<void>((resolve) => (alarm = clock.wake(clock.now() + patienceMs, resolve)));
    await Promise.race([Promise.all([...all, ...this.#ending]), late]);
    alarm?.cancel();
    this.#gate.close();
  }

  /** It has ended by itself. */
  #failed({ account, conference }: RoomOf, transcription: TranscriptionId, words: string): void {
    const { execute, log } = this.#options;
    const writing = this.#writings.get(transcription);
    if (writing === undefined) return;
    this.#writings.delete(transcription);
    void writing.end();
    log.error('a transcription was given up', { account, conference, transcription, words });
    execute('transcription.ended', { conference, transcription, reason: 'failed', words }, { account, kind: 'system' }).catch(
      (error: unknown) => log.warn('the end of a transcription could not be noted', { account, conference, error }),
    );
  }
}
