import type { Source } from '../../src/conference/index.ts';
import type { Tap, TapRequest } from '../../src/media/index.ts';
import { ringMemory } from '../../src/media/thread/shared-ring.ts';
import { LEFT, MIX, SILENT, TALKING, TapWriter, TICK } from '../../src/media/thread/tap-ring.ts';

/** Rooms without telephones whose sound is known at every sample, and an engine's door to tap them. */

const RATE = 8000;
const COUNT = RATE / 50;
const AMPLITUDE = 3000;

/** What the n-th voice says in a tick of its room: a tone of its own, louder and softer by the tick. */
export function voiceAt(n: number, index: number, out: Int16Array = new Int16Array(COUNT)): Int16Array {
  const amplitude = AMPLITUDE * (0.5 + 0.5 * Math.sin(index / 7 + n));
  for (let i = 0; i < COUNT; i++) out[i] = Math.round(amplitude * Math.sin((2 * Math.PI * (300 + 90 * n) * (index * COUNT + i)) / RATE));
  return out;
}

interface Life {
  readonly what: TapRequest['what'];
  readonly writer: TapWriter;
  hasBegun: boolean;
  readonly known: Set<number>;
}

/** A room in which everybody talks all the time. */
export class KnownRoom {
  /** The next tick. */
  index = 0;
  voices: number[];
  #lives: Life[] = [];
  readonly #taps = new Set<TapRequest>();
  readonly #frame = new Int16Array(COUNT);
  readonly #mix = new Int16Array(COUNT);

  constructor(voices: readonly number[]) {
    this.voices = [...voices];
  }

  /** Opens a tap, as the engine does. */
  tap(request: TapRequest): Tap {
    this.#taps.add(request);
    this.#begin(request);
    const close = (): void => {
      this.#taps.delete(request);
    };
    return { read: () => [], items: async function* () {}, lost: 0, close };
  }

  get isTapped(): boolean {
    return this.#taps.size > 0;
  }

  /** One tick, at this time (epoch ms). */
  tick(epoch: number): void {
    for (const life of this.#lives) this.#tell(life, epoch);
    this.index += 1;
  }

  #begin(request: TapRequest): void {
    const memory = ringMemory(request.bytes ?? 512 * 1024);
    this.#lives.push({ what: request.what, writer: new TapWriter(memory), hasBegun: false, known: new Set() });
    request.onMemory?.(memory);
  }

  #tell(life: Life, epoch: number): void {
    const { writer, known, what } = life;
    const { index } = this;
    if (!life.hasBegun) life.hasBegun = writer.began(index, epoch);
    for (const n of known) if (!this.voices.includes(n) && writer.tell(LEFT, index, n)) known.delete(n);
    this.#mix.fill(0);
    for (const n of this.voices) {
      if (what !== 'mix' && !known.has(n) && writer.came(index, n, new TextEncoder().encode(`leg ${n}`))) known.add(n);
      voiceAt(n, index, this.#frame);
      for (let i = 0; i < COUNT; i++) this.#mix[i]! += this.#frame[i]!;
      if (what !== 'mix') writer.sound(index, n, this.#frame, 1, 1, TALKING);
    }
    if (what === 'mix') {
      if (this.voices.length > 0) writer.sound(index, MIX, this.#mix, 1, 1, TALKING);
      else writer.tell(SILENT, index, MIX);
    }
    writer.tell(TICK, index, MIX);
    writer.publish();
  }
}

/** The source that the n-th voice is. */
export const sourceOfVoice = (n: number): Source => ({ kind: 'leg', id: String(n) }) as Source;
