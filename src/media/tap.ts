import type { Alarm, Clock } from '../base/index.ts';
import { TapReader } from './tap-reader.ts';
import type { Tap, TapItem, TapRequest } from './tap-types.ts';
import { RingWriter, ringMemory } from './thread/shared-ring.ts';

/** How often somebody looks for what came, ms. */
const LOOK_EVERY = 20;
const BYTES = 512 * 1024;
/** Lives of a room that wait for a reader who does not come; the oldest of more is lost. */
const MOST_LIVES = 8;

/** A tap with the rings of its room's lives: usually one, and the ones before until they are read. */
export class OpenTap implements Tap {
  readonly request: TapRequest;
  readonly #clock: Clock;
  readonly #onClose: () => void;
  #lives: { readonly memory: SharedArrayBuffer; readonly reader: TapReader | undefined }[] = [];
  /** What was lost in lives that are read to their end. */
  #lost = 0;
  #isClosed = false;
  #looking: { readonly alarm: Alarm; readonly done: () => void } | undefined;

  constructor({ clock, request, onClose }: { clock: Clock; request: TapRequest; onClose: () => void }) {
    this.#clock = clock;
    this.request = request;
    this.#onClose = onClose;
  }

  get lost(): number {
    return this.#lives.reduce((sum, { reader }) => sum + (reader?.lost ?? 0), this.#lost);
  }

  /** Memory for a new life of the room. */
  begin(): SharedArrayBuffer {
    const memory = ringMemory(this.request.bytes ?? BYTES);
    const { onMemory } = this.request;
    this.#lives = [...this.#lives, { memory, reader: onMemory === undefined ? new TapReader(memory) : undefined }];
    if (this.#lives.length > MOST_LIVES) this.#leaveOldest();
    onMemory?.(memory);
    return memory;
  }

  /** The room's life is over. Said here and not in the thread, for that may be dead. */
  finish(): void {
    const life = this.#lives.at(-1);
    if (life === undefined) return;
    new RingWriter(life.memory).end();
    if (life.reader === undefined) this.#lives = [];
  }

  read(most = Number.POSITIVE_INFINITY): TapItem[] {
    const items: TapItem[] = [];
    for (;;) {
      const reader = this.#lives[0]?.reader;
      if (reader === undefined || items.length >= most) return items;
      for (const item of reader.read(most - items.length)) items.push(item);
      if (!reader.isOver) return items;
      this.#leaveOldest();
    }
  }

  async *items(): AsyncGenerator<TapItem> {
    while (!this.#isClosed) {
      yield* this.read();
      if (!this.#isClosed) await this.#look();
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClose();
    // Who reads elsewhere is told that nothing more will come.
    if (this.request.onMemory !== undefined) this.finish();
    this.#lost = this.lost;
    for (const { reader } of this.#lives) reader?.close();
    this.#lives = [];
    this.#looking?.alarm.cancel();
    this.#looking?.done();
  }

  #leaveOldest(): void {
    this.#lost += this.#lives[0]?.reader?.lost ?? 0;
    this.#lives = this.#lives.slice(1);
  }

  #look(): Promise<void> {
    return new Promise((done) => {
      this.#looking = { alarm: this.#clock.wake(this.#clock.now() + LOOK_EVERY, done), done };
    });
  }
}
