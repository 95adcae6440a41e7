import type { Clock } from '../base/index.ts';
import type { LegId, Participant } from './conference.ts';
import type { RoomOf } from './ports.ts';
import type { Signal, SpeechSignal } from './signals.ts';

/** A stretch of speech that is being written down. */
export interface Speech extends Pick<SpeechSignal, 'leg' | 'transcription' | 'way' | 'from'> {
  readonly room: RoomOf;
}

/** What speech is followed with. */
export interface LiveSpeechOptions {
  readonly clock: Clock;
  /** Who is heard through this leg right now. */
  readonly heard: (leg: LegId) => Participant | undefined;
  readonly signal: (signal: Signal) => void;
}

/** Who is in the middle of saying something that is written down: whoever was told its start is told its end, once. */
export class LiveSpeech {
  readonly #options: LiveSpeechOptions;
  /** By transcription and leg: what was told to have started. */
  readonly #open = new Map<string, SpeechSignal>();

  constructor(options: LiveSpeechOptions) {
    this.#options = options;
  }

  /** He is saying something; may be told as often as one likes. Of a room only who is heard in it says anything. */
  on({ room, ...speech }: Speech): void {
    const key = keyOf(speech);
    if (this.#open.has(key)) return;
    const about = room.followed === undefined ? this.#options.heard(speech.leg) : undefined;
    if (room.followed === undefined && about === undefined) return;
    const { account, conference, instance } = room;
    const at = this.#options.clock.epoch();
    const started: SpeechSignal = { type: 'speech.started', at, account, conference, instance, ...speech, ...(about && { about }) };
    this.#open.set(key, started);
    this.#options.signal(started);
  }

  /** He has said it. What was never told to have started has no end. */
  off(speech: Pick<Speech, 'leg' | 'transcription'>): void {
    const key = keyOf(speech);
    const started = this.#open.get(key);
    if (started === undefined) return;
    this.#open.delete(key);
    this.#options.signal({ ...started, type: 'speech.ended', at: this.#options.clock.epoch() });
  }

  /** He will not be heard any more where he was; calls that are written down by themselves are wherever they are. */
  hush(leg: LegId): void {
    for (const each of this.#open.values()) if (each.leg === leg && each.about !== undefined) this.off(each);
  }

  close(): void {
    for (const each of this.#open.values()) this.off(each);
  }
}

const keyOf = ({ transcription, leg }: Pick<Speech, 'leg' | 'transcription'>): string => `${transcription} ${leg}`;
