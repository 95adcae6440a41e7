import { closeSync, openSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Alarm, Clock, Closable, Log } from '../base/index.ts';

/** How often it is said that the server is alive, in ms: so long at most is missing from a call that a crash cut. */
const EVERY = 5_000;

/** Says from time to time, by the date of a file, that the server is alive: after a crash its calls ended then. */
export interface Alive extends Closable {
  /** Epoch ms at which the last run said so for the last time; undefined: there was none. */
  readonly last: number | undefined;
}

/** Reads what the last run said, and goes on saying it. A file that cannot be written is no reason not to serve. */
export function openAlive({ dataDir, clock, log }: { readonly dataDir: string; readonly clock: Clock; readonly log: Log }): Alive {
  const path = join(dataDir, 'alive');
  const last = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  let alarm: Alarm | undefined;
  let warned = false;
  const say = (): void => {
    try {
      if (last === undefined) closeSync(openSync(path, 'a', 0o600));
      utimesSync(path, clock.epoch() / 1000, clock.epoch() / 1000);
    } catch (error) {
      if (!warned) log.warn('it cannot be kept that the server is alive', { error });
      warned = true;
    }
    alarm = clock.wake(clock.now() + EVERY, say);
  };
  say();
  return { last: last === undefined ? undefined : Math.floor(last), close: async () => alarm?.cancel() };
}
