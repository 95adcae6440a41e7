import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Closable, Failure } from '../base/index.ts';
import { lockFile } from '../store/index.ts';

/** What ready.json says: where this server really listens. */
export interface Ready {
  readonly http: string;
  /** Absent without HTTPS. */
  readonly https?: string | undefined;
  readonly sip: string;
  /** `host:port` of SIP over TLS; absent without. */
  readonly sips?: string | undefined;
  /** `ws://host:port` of KAZOO's websocket; absent without. */
  readonly blackhole?: string | undefined;
  readonly pid: number;
}

const pathIn = (dataDir: string): string => join(dataDir, 'ready.json');

/** Takes the data directory for this process until it ends, however it ends; refuses one that another Parley uses, forgets what a dead one left. */
export function claim(dataDir: string): Closable {
  const lock = lockFile(join(dataDir, 'parley.lock'));
  if (lock === undefined) {
    throw new Failure(
      'conflict',
      'already_running',
      `a Parley${processOf(dataDir)} uses ${dataDir}; stop it, or give this one a PARLEY_DATA_DIR of its own`,
    );
  }
  withdraw(dataDir);
  return lock;
}

/** Tells programs that wait for this file. */
export function announce(dataDir: string, ready: Ready): void {
  writeFileSync(pathIn(dataDir), `${JSON.stringify(ready)}\n`);
}

export function withdraw(dataDir: string): void {
  rmSync(pathIn(dataDir), { force: true });
}

/** One that is still starting has not said who it is. */
function processOf(dataDir: string): string {
  try {
    return ` with process id ${(JSON.parse(readFileSync(pathIn(dataDir), 'utf8')) as Ready).pid}`;
  } catch {
    return '';
  }
}
