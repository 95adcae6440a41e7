import type { Source } from '../conference/index.ts';
import type { TapItem } from './tap-types.ts';
import { BEGAN, CAME, CONCEALED, LEFT, SILENT, SOUND, TALKING, TapRing } from './thread/tap-ring.ts';

/** A source by the name that the thread has for it: its kind and its id. */
export function sourceOf(name: string): Source {
  const space = name.indexOf(' ');
  return { kind: name.slice(0, space), id: name.slice(space + 1) } as Source;
}

/** Reads the memory of a tap, in whatever thread; a memory has one reader. */
export class TapReader {
  readonly #ring: TapRing;
  #index = 0;
  /** Frames that were lost and that no item has told yet. */
  #gap = 0;
  #hasToldEnd = false;

  constructor(memory: SharedArrayBuffer) {
    this.#ring = new TapRing(memory);
  }

  /** Frames that were lost because they were not read in time. */
  get lost(): number {
    return this.#ring.lost;
  }

  /** `ended` was read, and nothing will come any more. */
  get isOver(): boolean {
    return this.#hasToldEnd;
  }

  /** What came since the last read, at most so many items. */
  read(most = Number.POSITIVE_INFINITY): TapItem[] {
    const items: TapItem[] = [];
    // Asked before the rest is read, because what is written before the end is read before it.
    const { isEnded } = this.#ring;
    while (items.length < most && this.#ring.next()) {
      this.#gap += this.#ring.gap;
      this.#index = this.#ring.index;
      const item = this.#item();
      if (item === undefined) continue;
      items.push(item);
      this.#gap = 0;
    }
    if (isEnded && items.length < most && !this.#hasToldEnd) {
      this.#hasToldEnd = true;
      items.push({ type: 'ended', index: this.#index, lost: 0 });
    }
    return items;
  }

  /** Reads no more. */
  close(): void {
    this.#ring.close();
  }

  #item(): TapItem | undefined {
    const ring = this.#ring;
    const at = { index: ring.index, lost: this.#gap };
    const source = ring.name === null ? null : sourceOf(ring.name);
    switch (ring.kind) {
      case BEGAN:
        return { ...at, type: 'began', epoch: ring.epoch() };
      case CAME:
      case LEFT:
        return source === null ? undefined : { ...at, type: ring.kind === CAME ? 'came' : 'left', source };
      case SILENT:
        return { ...at, type: 'silent', source };
      case SOUND: {
        const talking = (ring.flags & TALKING) !== 0;
        const concealed = (ring.flags & CONCEALED) !== 0;
        return { ...at, type: 'frame', source, rate: ring.rate, samples: ring.sound(), talking, concealed };
      }
      default:
        return { ...at, type: 'tick' };
    }
  }
}
