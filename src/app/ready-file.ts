import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../base/index.ts';

/** What ready.json says: where this server really listens. */
export interface Ready {
  readonly http: string;
  readonly sip: string;
  readonly pid: number;
}

const pathIn = (dataDir: string): string => join(dataDir, 'ready.json');

/** Refuses a data directory that a living server uses; forgets what a dead one left. */
export function claim(dataDir: string): void {
  let left: Ready;
  try {
    left = JSON.parse(readFileSync(pathIn(dataDir), 'utf8')) as Ready;
  } catch {
    return;
  }
  if (left.pid !== process.pid && isParley(left.pid)) {
    throw new Failure(
      'conflict',
      'already_running',
      `a Parley with process id ${left.pid} uses ${dataDir}; stop it, or give this one a PARLEY_DATA_DIR of its own`,
    );
  }
  rmSync(pathIn(dataDir), { force: true });
}

export function announce(dataDir: string, ready: Ready): void {
  writeFileSync(pathIn(dataDir), `${JSON.stringify(ready)}\n`);
}

export function withdraw(dataDir: string): void {
  rmSync(pathIn(dataDir), { force: true });
}

/** A process id is used again after a crash, so where the system tells, the command line must name Parley too. */
function isParley(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('cli/main.ts');
  } catch {
    return true;
  }
}
