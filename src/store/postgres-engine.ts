import { postgres } from './dialect.ts';
import type { Place } from './postgres-connect.ts';
import { PostgresReaders } from './postgres-readers.ts';
import { PostgresWriter } from './postgres-writer.ts';
import { closed } from './refusals.ts';
import type { Engine, Read, Work } from './work.ts';

/** One database of a PostgreSQL server: one connection that writes, a few that read. They come back by themselves. */
export class PostgresEngine implements Engine {
  readonly dialect = postgres;
  readonly #writer: PostgresWriter;
  readonly #readers: PostgresReaders;
  #closing: Promise<void> | undefined;

  /** `soon`: when the writes of a moment begin together. Default: each at once. */
  constructor(place: Place, soon: (begin: () => void) => void = (begin) => begin()) {
    this.#writer = new PostgresWriter(place, soon);
    this.#readers = new PostgresReaders(place);
  }

  async read<T>(work: () => Work<T>): Promise<T> {
    if (this.#closing !== undefined) throw closed();
    return this.#readers.read(work);
  }

  async snapshot<T>(body: (read: Read) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closed();
    return this.#readers.snapshot(body);
  }

  write<T>(work: () => Work<T>): Promise<T> {
    return this.#writer.write(work);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#writer.close(), this.#readers.close()]).then(() => {});
    return this.#closing;
  }
}
