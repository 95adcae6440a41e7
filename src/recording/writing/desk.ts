import type { Alarm, Clock } from '../../base/index.ts';
import type { RecorderOrder, RecorderReport } from '../messages.ts';
import { type Disk, inWords } from './disk.ts';
import { finish } from './finish.ts';
import { Syncs } from './syncs.ts';
import { Writing } from './writing.ts';

/** How often the rings are read, ms. */
const LOOK_EVERY = 100;

/** What the desk needs. */
export interface DeskOptions {
  readonly clock: Clock;
  readonly disk: Disk;
  /** How long the disk may refuse before a recording ends, ms. */
  readonly patience: number;
  readonly post: (report: RecorderReport) => void;
}

/** All recordings of one worker. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #syncs: Syncs;
  readonly #writings = new Map<string, Writing>();
  /** Folders are finished one after the other. */
  #finishing: Promise<void> = Promise.resolve();
  #alarm: Alarm | undefined;
  #isClosed = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#syncs = new Syncs(options.disk);
  }

  obey(order: Exclude<RecorderOrder, { do: 'close' }>): void {
    if (order.do === 'start') this.#start(order);
    else if (order.do === 'finish') this.#finishing = this.#finishing.then(() => this.#finish(order.id, order.folder));
    else this.#tell(order);
  }

  /** Reads and writes what came. */
  turn(): void {
    for (const [id, writing] of this.#writings) {
      writing.turn();
      if (writing.hasEnded) this.#writings.delete(id);
    }
    this.#syncs.turn(this.#options.clock.now());
  }

  /** Writes what there is; nothing is ended, so that the next start finishes it as what a restart has cut off. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm?.cancel();
    this.turn();
    for (const writing of this.#writings.values()) writing.flush();
    this.#writings.clear();
    await this.#finishing;
  }

  #tell(order: Exclude<RecorderOrder, { do: 'start' | 'finish' | 'close' }>): void {
    const writing = this.#writings.get(order.id);
    if (writing === undefined) return;
    if (order.do === 'listen') writing.listen(order.memory);
    else if (order.do === 'stop') writing.switch({ do: 'end', at: order.at, reason: order.reason });
    else if (order.do === 'present') {
      const { people, sequence, notice } = order;
      writing.note({ do: 'present', people, sequence, notice });
    } else writing.switch({ do: order.do, at: order.at });
  }

  #start({ folder, head }: Extract<RecorderOrder, { do: 'start' }>): void {
    const { clock, disk, patience, post } = this.#options;
    const { id } = head;
    const writing = new Writing({
      head,
      folder,
      disk,
      syncs: this.#syncs,
      now: () => clock.now(),
      epoch: () => clock.epoch(),
      patience,
      onGap: (gap) => post({ say: 'gapped', id, ...gap }),
      onEnd: (end) => post({ say: 'ended', id, ...end }),
    });
    this.#writings.set(id, writing);
    if (this.#alarm === undefined) this.#wake();
  }

  /** Looks again and again while there is anything to look for. */
  #wake(): void {
    const { clock } = this.#options;
    this.#alarm = clock.wake(clock.now() + LOOK_EVERY, () => {
      this.#alarm = undefined;
      if (this.#isClosed) return;
      this.turn();
      if (this.#writings.size > 0 || this.#syncs.waits) this.#wake();
    });
  }

  async #finish(id: string, folder: string): Promise<void> {
    const { post } = this.#options;
    try {
      const finished = await finish(folder);
      if (!this.#isClosed) post({ say: 'finished', id, finished });
    } catch (error) {
      if (!this.#isClosed) post({ say: 'unfinished', id, words: inWords(error) });
    }
  }
}
