import { meanLevel, type Rate, TalkDetector } from '../../audio/index.ts';
import { FeedSource } from './feed-source.ts';
import type { Signal, ThreadStream } from './messages.ts';

/** At most five levels a second while somebody goes on talking, as of a leg. */
const LEVEL_EVERY = 200;

/** A leg without a socket: what a program says, with its levels. Only what is not silence is heard, whatever the program sends between its words. */
export class StreamSource extends FeedSource {
  override readonly detector = new TalkDetector({ rate: 48_000 });
  override readonly wants: Rate;
  override readonly leg: string;
  #levelAt = 0;
  #talkingTold = false;
  #energyTold = 0;

  constructor({ number, name, memory, stream }: { number: number; name: string; memory: SharedArrayBuffer; stream: ThreadStream }) {
    super({ number, name, memory });
    this.leg = stream.leg;
    this.wants = stream.rate;
  }

  override take(now: number, signals: Signal[]): boolean {
    const energy = super.take(now, signals) ? meanLevel(this.frame, this.frame.length) : 0;
    const { detector } = this;
    // Frames are of 20 ms at any rate; the detector only counts time by their samples.
    detector.heard(energy, 960);
    if (detector.talking || this.#talkingTold) this.#level(now, signals);
    return energy > 0;
  }

  #level(now: number, signals: Signal[]): void {
    const { talking } = this.detector;
    if (talking === this.#talkingTold && now - this.#levelAt < LEVEL_EVERY) return;
    const energy = Math.round(this.detector.energy);
    if (talking === this.#talkingTold && energy === this.#energyTold) return;
    this.#levelAt = now;
    this.#talkingTold = talking;
    this.#energyTold = energy;
    signals.push({ type: 'level', leg: this.leg, talking, energy });
  }
}
