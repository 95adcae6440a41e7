import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Closable, Failure } from '../base/index.ts';

const SQLITE_BUSY = 5;

/**
 * Locks a file as long as the process lives: the lock is the operating system's, so that no crash leaves it behind. Undefined when somebody
 * else holds it. SQLite is only the way to such a lock: Node has none of its own, and the file stays empty.
 */
export function lockFile(path: string): Closable | undefined {
  let sqlite: DatabaseSync | undefined;
  try {
    closeSync(openSync(path, 'a', 0o600));
    sqlite = new DatabaseSync(path, { timeout: 0 });
    sqlite.exec('PRAGMA journal_mode = MEMORY');
    sqlite.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    sqlite?.close();
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw new Failure('unavailable', 'store_unavailable', `${path} cannot be locked: ${(cause as Error).message}`, { cause });
  }
  const held = sqlite;
  return {
    close: async () => {
      if (held.isOpen) held.close();
    },
  };
}
