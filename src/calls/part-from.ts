import type { Duplex } from 'node:stream';
import type { Clock } from '../base/index.ts';

/** How long a far end may take to take what was said last, in ms. */
const FLUSH = 300;

/** Closes a connection once everything written has gone out; whoever does not read in time loses the rest. */
export function partFrom(socket: Duplex, clock: Clock): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const late = clock.wake(clock.now() + FLUSH, () => socket.destroy());
    socket.once('close', () => {
      late.cancel();
      resolve();
    });
    socket.end(() => socket.destroy());
  });
}
