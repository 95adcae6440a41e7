import type { TalkDetector } from '../../audio/index.ts';
import type { Signal } from './messages.ts';

/** At most five levels a second while somebody goes on talking. */
const LEVEL_EVERY = 200;
/** Who talks as loud as before is told again so often, ms: who has just come into a conference, or may be heard again, was told of elsewhere or in vain. */
const AGAIN_EVERY = 1000;

/** What has changed by less than this share, 1 dB, looks and sounds alike. */
const HEARD_CHANGE = 0.12;

/** How loud one leg is, for those who show it. */
export class LevelReport {
  readonly #leg: string;
  #at = 0;
  #isTalking = false;
  #energy = 0;

  constructor(leg: string) {
    this.#leg = leg;
  }

  /** Tells it when it is time. True: the last that was told is that he talks, so that he stops must be told too. */
  tell({ talking, energy }: TalkDetector, now: number, signals: Signal[]): boolean {
    // That somebody begins or ends does not wait: it cannot come often.
    if (talking === this.#isTalking && now - this.#at < LEVEL_EVERY) return talking;
    const rounded = Math.round(energy);
    const isNews = talking !== this.#isTalking || Math.abs(rounded - this.#energy) > this.#energy * HEARD_CHANGE;
    if (!isNews && (!talking || now - this.#at < AGAIN_EVERY)) return talking;
    this.#at = now;
    this.#isTalking = talking;
    this.#energy = rounded;
    signals.push({ type: 'level', leg: this.#leg, talking, energy: rounded });
    return talking;
  }
}
