import { Client, type ClientConfig } from 'pg';
import { type Clock, Failure, type Log } from '../base/index.ts';
import { ConnectionLost, ofTheWire } from './postgres-errors.ts';
import { columnTypes, tell } from './postgres-session.ts';

/** How long somebody waits for a connection, ms: long enough for a server that restarts, short enough for a telephone. */
export const PATIENCE = 5000;

/** How long a statement waits for another process' lock, ms; as SQLite does. */
const LOCK = 2000;

/** ms between attempts: the first pause, doubled each time up to the last. */
const PAUSES = { first: 50, last: 1000 };

const OLDEST = 150_000;

/** Where the database is and who looks after its connections. */
export interface Place {
  /** `postgres://user:password@host:port/database?sslmode=…`. Never logged. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What the server's statistics call the connection. */
  readonly name: string;
}

/** How every connection is opened. In pipeline mode a statement does not wait for the answer to the one before. */
export const configOf = ({ url, name }: Place): ClientConfig => ({
  connectionString: asLibpq(url),
  application_name: name,
  types: columnTypes,
  pipeline: true,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  connectionTimeoutMillis: PATIENCE,
  lock_timeout: LOCK,
  // A process whose machine has vanished must not keep others from its rows.
  idle_in_transaction_session_timeout: 30_000,
});

/** `sslmode` means what PostgreSQL's own programs mean by it; our library has meanings of its own, and will give them up. */
const asLibpq = (url: string): string =>
  /[?&]sslmode=/.test(url) && !/[?&]uselibpqcompat=/.test(url) ? `${url}&uselibpqcompat=true` : url;

/** Makes a client, or has a pool make one; what is wrong with the URL, and files that it names and that cannot be read, refuse with unavailable/store_unavailable. */
export function configured<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new Failure('unavailable', 'store_unavailable', 'the database cannot be used', { cause });
  }
}

/** Opens the connection that writes, and looks whom it reached. */
export async function connectWriter(place: Place): Promise<Client> {
  const client = configured(() => new Client(configOf(place)));
  // It says so here and at each statement; the statement's word is the one we hear.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw ofTheWire(error);
  }
  try {
    await greet(client, place.log);
    return client;
  } catch (error) {
    client.end().catch(() => {});
    throw error;
  }
}

/** Refuses a server that cannot keep what we promise, and corrects a session that would not. */
async function greet(client: Client, log: Log): Promise<void> {
  const sql = `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS named,
    current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit`;
  const { rows } = await client.query(sql).catch((error) => Promise.reject(ofTheWire(error)));
  const { version, named, encoding, fsync, commit } = rows[0] as Record<string, unknown>;
  if (Number(version) < OLDEST) throw unfit(`PostgreSQL 15 or later is needed, and this is ${named}`);
  if (encoding !== 'UTF8') throw unfit(`the database's encoding must be UTF8, and it is ${encoding}`);
  if (commit === 'off') await tell(client, 'SET synchronous_commit = on');
  if (fsync === 'off') log.warn('the database runs with fsync = off: a power cut may lose what was acknowledged');
}

const unfit = (message: string): Failure => new Failure('unavailable', 'store_unavailable', message);

/** Tries until it succeeds, fails for another reason than a lost connection, or `until` (of `clock.now()`) has come. */
export async function insist<T>(attempt: () => Promise<T>, clock: Clock, until: number): Promise<T> {
  for (let pause = PAUSES.first; ; pause = Math.min(2 * pause, PAUSES.last)) {
    try {
      return await attempt();
    } catch (error) {
      const next = clock.now() + pause;
      if (!(error instanceof ConnectionLost) || next > until) throw error;
      await new Promise<void>((resolve) => clock.wake(next, resolve));
    }
  }
}
