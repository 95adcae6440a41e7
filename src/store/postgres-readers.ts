import { Pool, type PoolClient } from 'pg';
import { configOf, configured, insist, PATIENCE, type Place } from './postgres-connect.ts';
import { asFailure, ConnectionLost, ofTheWire } from './postgres-errors.ts';
import { ask, drive, tell } from './postgres-session.ts';
import type { Read, Work } from './work.ts';

const CONNECTIONS = 4;

/** The connections that read. */
export class PostgresReaders {
  readonly #place: Place;
  #pool: Pool;

  constructor(place: Place) {
    this.#place = place;
    this.#pool = this.#newPool();
  }

  /** Once more over a fresh connection when the old one is lost. */
  async read<T>(work: () => Work<T>): Promise<T> {
    return this.#again((client) => readOver(client, work));
  }

  async snapshot<T>(body: (read: Read) => Promise<T>): Promise<T> {
    try {
      return await borrow(this.#pool, (client) => snapshotOver(client, body));
    } catch (error) {
      throw asFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #again<T>(use: (client: PoolClient) => Promise<T>): Promise<T> {
    const { clock } = this.#place;
    const until = clock.now() + PATIENCE;
    const pool = this.#pool;
    try {
      return await borrow(pool, use);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw asFailure(error);
    }
    // Its other connections are lost as well.
    if (this.#pool === pool) {
      this.#pool = this.#newPool();
      void pool.end();
    }
    try {
      return await insist(() => borrow(this.#pool, use), clock, until);
    } catch (error) {
      throw asFailure(error);
    }
  }

  #newPool(): Pool {
    const pool = new Pool({ ...configOf(this.#place), max: CONNECTIONS });
    // An idle connection that breaks is thrown away by the pool, one that is in use fails its statement; without a listener either would end the process.
    pool.on('error', () => {});
    pool.on('connect', (client) => client.on('error', () => {}));
    return pool;
  }
}

async function borrow<T>(pool: Pool, use: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await configured(() => pool.connect()).catch((error) => Promise.reject(ofTheWire(error)));
  let isGood = false;
  try {
    const result = await use(client);
    isGood = true;
    return result;
  } finally {
    client.release(!isGood);
  }
}

/** Most reads are one statement. One that asks for more begins again where all of them see the same state. */
async function readOver<T>(client: PoolClient, work: () => Work<T>): Promise<T> {
  const one = work();
  const first = one.next();
  if (first.done) return first.value;
  const next = one.next(await ask(client, first.value));
  return next.done ? next.value : snapshotOver(client, (read) => read(work));
}

async function snapshotOver<T>(client: PoolClient, body: (read: Read) => Promise<T>): Promise<T> {
  await tell(client, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const result = await body((work) => drive(client, work()));
  await tell(client, 'COMMIT');
  return result;
}
