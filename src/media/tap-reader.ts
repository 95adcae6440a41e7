import type { Source } from '../conference/index.ts';
import type { TapItem } from './tap-types.ts';
import { BEGAN, CAME, CONCEALED, LEFT, SILENT, SOUND, TALKING, TapRing } from './thread/tap-ring.ts';

/** A source by the name that the thread has for it: its kind and its id. */
function sourceOf(name: string): Source {
  const space = name.indexOf(' ');
  return { kind: name.slice(0, space), id: name.slice(space + 1) } as Source;
}

/** Reads the memory of a tap, in whatever thread; a memory has one reader. */
export class TapReader {
  readonly #ring: TapRing;
  readonly #sources = new Map<string, Source>();
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
    if (most <= 0) return items;
    this.each((item) => {
      items.push(item.type === 'frame' ? { ...item, samples: item.samples.slice() } : item);
      return items.length < most;
    });
    return items;
  }

  /** What came since the last read, item by item, until `take` says false. A frame's samples are lent: they are the ring's as soon as `take` returns. */
  each(take: (item: TapItem) => boolean): void {
    // Asked before the rest is read, because what is written before the end is read before it.
    const { isEnded } = this.#ring;
    while (this.#ring.next()) {
      this.#gap += this.#ring.gap;
      this.#index = this.#ring.index;
      const item = this.#item();
      if (item === undefined) continue;
      this.#gap = 0;
      if (!take(item)) return;
    }
    if (!isEnded || this.#hasToldEnd) return;
    this.#hasToldEnd = true;
    take({ type: 'ended', index: this.#index, lost: 0 });
  }

  /** Reads no more. */
  close(): void {
    this.#ring.close();
  }

  #item(): TapItem | undefined {
    const ring = this.#ring;
    const { index, name } = ring;
    const lost = this.#gap;
    const source = name === null ? null : this.#source(name);
    if (ring.kind === LEFT && name !== null) this.#sources.delete(name);
    switch (ring.kind) {
      case BEGAN:
        return { index, lost, type: 'began', epoch: ring.epoch() };
      case CAME:
      case LEFT:
        return source === null ? undefined : { index, lost, type: ring.kind === CAME ? 'came' : 'left', source };
      case SILENT:
        return { index, lost, type: 'silent', source };
      case SOUND: {
        const talking = (ring.flags & TALKING) !== 0;
        const concealed = (ring.flags & CONCEALED) !== 0;
        return { index, lost, type: 'frame', source, rate: ring.rate, samples: ring.sound(), talking, concealed };
      }
      default:
        return { index, lost, type: 'tick' };
    }
  }
  #source(name: string): Source {
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    const source = sourceOf(name);
    this.#sources.set(name, source);
    return source;
  }
}
