import { createRequire } from 'node:module';
import type { Alarm, Clock } from '../base/index.ts';

/** Calls that came or went until it is worth while. */
const WAVE = 200;
/** ms of waiting, until few come and go any more. */
const LULL = 5000;
/** That many in the meantime are no lull. */
const FEW = 20;

export interface SpareMemoryOptions {
  readonly clock: Clock;
  /** Gives free memory back to the system. Not in haste, and not on the media tick. */
  readonly giveBack: () => void;
}

/**
 * Behind a wave of calls the C library keeps what their coming and going took for a moment: 150 to 200 MB after a thousand entries, for it gives back only
 * what is free at the end of its heap. It is asked for the rest when the wave is over, once; no timer runs while nothing happens.
 */
export class SpareMemory {
  readonly #options: SpareMemoryOptions;
  #changes = 0;
  #alarm: Alarm | undefined;

  constructor(options: SpareMemoryOptions) {
    this.#options = options;
  }

  /** A call has come or gone. */
  changed(): void {
    this.#changes += 1;
    if (this.#changes >= WAVE && this.#alarm === undefined) this.#wait();
  }

  close(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  #wait(): void {
    const { clock, giveBack } = this.#options;
    const before = this.#changes;
    this.#alarm = clock.wake(clock.now() + LULL, () => {
      if (this.#changes - before > FEW) return this.#wait();
      this.#alarm = undefined;
      this.#changes = 0;
      giveBack();
    });
  }
}

/**
 * Has glibc give back what is free anywhere in its heaps (`malloc_trim`), on a thread of its own, once the main thread's garbage is collected where Node lets
 * us ask for that (`--expose-gc`, as `npm start` does). Undefined where there is no such call.
 */
export function memoryTrim(): (() => void) | undefined {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const trim = koffi.load('libc.so.6').func('int malloc_trim(size_t pad)');
    return () => {
      const collected = globalThis.gc?.({ execution: 'async' }) ?? Promise.resolve();
      void collected.then(() => trim.async(0, () => undefined));
    };
  } catch {
    // Another C library, which does without.
    return undefined;
  }
}
