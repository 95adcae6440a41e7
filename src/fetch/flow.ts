import type { Clock } from '../base/index.ts';

/** What a body is read from. */
export interface Flow {
  readonly source: AsyncIterable<Uint8Array>;
  readonly clock: Clock;
  /** ms that may pass until the next bytes come, once somebody asks for them. */
  readonly idleMs: number;
  /** Nothing came in time. */
  readonly onIdle: () => void;
  /** Read to its end, broken, or let go. */
  readonly onEnd: () => void;
  /** What an error is called in words. */
  readonly inWords: (error: unknown) => string;
}

/** A body, piece by piece. Only while somebody waits for a piece the far end is timed: a slow reader is no fault of its. */
export async function* flowing({ source, clock, idleMs, onIdle, onEnd, inWords }: Flow): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const alarm = clock.wake(clock.now() + idleMs, onIdle);
      const piece = await pieces.next().finally(() => alarm.cancel());
      if (piece.done === true) return;
      yield piece.value;
    }
  } catch (error) {
    throw new Error(inWords(error), { cause: error });
  } finally {
    onEnd();
  }
}
