import type { Client } from 'pg';
import { connectWriter, insist, PATIENCE, type Place } from './postgres-connect.ts';
import { asFailure, ConnectionLost, isContested, reasonOf } from './postgres-errors.ts';
import { drive, tell } from './postgres-session.ts';
import { closed } from './refusals.ts';
import type { Work } from './work.ts';

/** Writes of one transaction at most, so that none waits long for the others. */
const TOGETHER = 100;

/** Who waits for a commit. */
interface Waiting {
  readonly work: () => Work<unknown>;
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
  /** By `clock.now()`: when it is given up if there is no connection. */
  readonly until: number;
  /** It met somebody else's row, or lost its connection, once already. */
  readonly again: boolean;
}

const again = (each: Waiting): Waiting => ({ ...each, again: true });

/**
 * The one connection of this process that writes.
 *
 * Writes that come while a commit is on its way share the next transaction: each is undone by itself when it fails, and each is told that it is done only
 * when the server has said that all of them are. When the connection is lost while a commit is on its way its writes are refused, because nobody knows
 * whether they are there; all others are written over the next connection.
 */
export class PostgresWriter {
  readonly #place: Place;
  readonly #soon: (begin: () => void) => void;
  #queue: Waiting[] = [];
  #client: Client | undefined;
  #busy: Promise<void> | undefined;
  #wasLost = false;
  #open = true;

  constructor(place: Place, soon: (begin: () => void) => void) {
    this.#place = place;
    this.#soon = soon;
  }

  write<T>(work: () => Work<T>): Promise<T> {
    if (!this.#open) return Promise.reject(closed());
    return new Promise<T>((resolve, reject) => {
      const done = resolve as (result: unknown) => void;
      this.#queue.push({ work, done, failed: reject, until: this.#place.clock.now() + PATIENCE, again: false });
      this.#busy ??= this.#drain();
    });
  }

  /** Waits for the writes that were asked for. */
  async close(): Promise<void> {
    this.#open = false;
    await this.#busy;
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #drain(): Promise<void> {
    await new Promise<void>((resolve) => this.#soon(resolve));
    while (this.#queue.length > 0) {
      const client = this.#client ?? (await this.#connect());
      if (client !== undefined) await this.#transact(client, this.#queue.splice(0, TOGETHER));
    }
    this.#busy = undefined;
  }

  /** A connection, or undefined when those who waited long enough have been refused. */
  async #connect(): Promise<Client | undefined> {
    const { clock, log } = this.#place;
    try {
      const client = await insist(() => connectWriter(this.#place), clock, this.#queue[0]?.until ?? 0);
      client.once('end', () => this.#drop(client, 'the server closed it'));
      this.#client = client;
      if (this.#wasLost) log.info('database connection is back');
      this.#wasLost = false;
      return client;
    } catch (error) {
      // Another connection may be had later; a server that does not want us will not have us then.
      const patient = error instanceof ConnectionLost ? this.#queue.filter(({ until }) => until > clock.now() + 1) : [];
      const refused = this.#queue.filter((each) => !patient.includes(each));
      this.#queue = patient;
      this.#tellLost(reasonOf(error));
      for (const { failed } of refused) failed(asFailure(error));
      return undefined;
    }
  }

  /** All of these, each for itself, in one transaction. */
  async #transact(client: Client, batch: readonly Waiting[]): Promise<void> {
    const results = new Map<Waiting, unknown>();
    const untouched = [...batch];
    let current: Waiting | undefined;
    let isSent = false;
    try {
      void tell(client, 'BEGIN').catch(() => {});
      for (current = untouched.shift(); current !== undefined; current = untouched.shift()) await this.#attempt(client, current, results);
      isSent = true;
      const tag = await tell(client, 'COMMIT');
      if (tag !== 'COMMIT') throw new ConnectionLost(`the transaction ended with ${tag}`);
    } catch (error) {
      this.#drop(client, reasonOf(error));
      const touched = [...results.keys(), ...(current === undefined ? [] : [current])];
      // Nobody asked the server to keep these: they may be written again, once.
      const harmless = isSent ? [] : touched.filter(({ again }) => !again);
      for (const each of touched) if (!harmless.includes(each)) each.failed(asFailure(error));
      this.#queue.unshift(...harmless.map(again), ...untouched);
      return;
    }
    for (const [each, result] of results) each.done(result);
  }

  /** One write among those of its transaction. Throws when the transaction itself is lost. */
  async #attempt(client: Client, each: Waiting, results: Map<Waiting, unknown>): Promise<void> {
    void tell(client, 'SAVEPOINT one').catch(() => {});
    try {
      results.set(each, await drive(client, each.work()));
      void tell(client, 'RELEASE one').catch(() => {});
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      await tell(client, 'ROLLBACK TO one; RELEASE one');
      // In the next transaction, because this one keeps locks for which the other side may wait.
      if (isContested(error) && !each.again) this.#queue.unshift(again(each));
      else each.failed(asFailure(error));
    }
  }

  #drop(client: Client, reason: string): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => {});
    if (this.#open) this.#tellLost(reason);
  }

  #tellLost(reason: string): void {
    if (!this.#wasLost) this.#place.log.warn('database connection lost', { reason });
    this.#wasLost = true;
  }
}
