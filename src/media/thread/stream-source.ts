import { meanLevel, type Rate, TalkDetector } from '../../audio/index.ts';
import { FeedSource } from './feed-source.ts';
import { LevelReport } from './level-report.ts';
import type { Signal, ThreadStream } from './messages.ts';

/** A leg without a socket: what a program says, with its levels. Only what is not silence is heard, whatever the program sends between its words. */
export class StreamSource extends FeedSource {
  override readonly detector = new TalkDetector({ rate: 48_000 });
  override readonly wants: Rate;
  override readonly leg: string;
  readonly #level: LevelReport;
  #isToldTalking = false;

  constructor({ number, name, memory, stream }: { number: number; name: string; memory: SharedArrayBuffer; stream: ThreadStream }) {
    super({ number, name, memory });
    this.leg = stream.leg;
    this.#level = new LevelReport(stream.leg);
    this.wants = stream.rate;
  }

  override take(now: number, signals: Signal[]): boolean {
    const energy = super.take(now, signals) ? meanLevel(this.frame, this.frame.length) : 0;
    const { detector } = this;
    // Frames are of 20 ms at any rate; the detector only counts time by their samples.
    detector.heard(energy, 960);
    if (detector.talking || this.#isToldTalking) this.#isToldTalking = this.#level.tell(detector, now, signals);
    return energy > 0;
  }
}
