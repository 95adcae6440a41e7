import type { AccountId } from '../accounts/index.ts';
import type { AccountFact, ConferenceId, Entry, Fact, Journal, JournalOf } from '../conference/index.ts';
import { jsonObject, number, optional, text } from './rows.ts';
import { type Engine, type Row, row, rows, run, type Work } from './work.ts';

const SQL = {
  take: 'UPDATE journal_end SET position = position + ?1 RETURNING position',
  note: 'INSERT INTO journal (position, account, conference, incarnation, sequence, at, type, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)',
  read: 'SELECT * FROM journal WHERE position > ?1 ORDER BY position LIMIT ?2',
  readOfName: 'SELECT * FROM journal WHERE conference = ?3 AND position > ?1 ORDER BY position LIMIT ?2',
  readOfAccount: 'SELECT * FROM journal WHERE account = ?3 AND position > ?1 ORDER BY position LIMIT ?2',
  // This order is the same, and an index has it; the plus keeps SQLite from taking another one.
  readOfConference:
    'SELECT * FROM journal WHERE account = ?3 AND conference = ?4 AND +position > ?1 ORDER BY incarnation, sequence LIMIT ?2',
  last: 'SELECT position FROM journal_end',
  forgotten: 'SELECT coalesce(max(position), 0) AS position FROM journal_forgotten',
  forgottenOf: 'SELECT coalesce(max(position), 0) AS position FROM journal_forgotten WHERE account = ?1',
  cursor: 'SELECT position FROM journal_cursors WHERE name = ?1',
  moveCursor: `INSERT INTO journal_cursors (name, position) VALUES (?1, ?2)
    ON CONFLICT (name) DO UPDATE SET position = excluded.position`,
  removeCursor: 'DELETE FROM journal_cursors WHERE name = ?1',
} as const;

/** Facts of one conference, or of none. */
export interface Chapter {
  readonly account: AccountId;
  readonly conference?: { readonly id: ConferenceId; readonly incarnation: number };
}

/**
 * Puts facts at the end of the journal. Take it as the last step of a transaction: from here on, until it ends, other writers of facts wait, which is what
 * keeps the positions in the order of commits.
 */
export function* append({ account, conference }: Chapter, facts: readonly (Fact | AccountFact)[]): Work<void> {
  if (facts.length === 0) return;
  const last = number((yield* row(SQL.take, facts.length)) ?? {}, 'position');
  for (const [index, fact] of facts.entries()) {
    const sequence = 'sequence' in fact ? fact.sequence : null;
    const of = [account, conference?.id ?? null, conference?.incarnation ?? null, sequence] as const;
    yield* run(SQL.note, last - facts.length + 1 + index, ...of, fact.at, fact.type, bodyOf(fact));
  }
}

/** What is not in columns of its own. */
export function bodyOf(fact: Fact | AccountFact): string {
  const { account: _account, at: _at, type: _type, ...rest } = fact;
  if (!('sequence' in rest)) return JSON.stringify(rest);
  const { conference: _conference, sequence: _sequence, ...body } = rest;
  return JSON.stringify(body);
}

/** The fact in a row of the journal. */
export function factOf(row: Row): Fact | AccountFact {
  const conference = optional(row, 'conference', text);
  const stamp = { type: text(row, 'type'), at: number(row, 'at'), account: text(row, 'account') };
  const place = conference === undefined ? {} : { conference, sequence: number(row, 'sequence') };
  return { ...jsonObject(row, 'body'), ...stamp, ...place } as unknown as Fact | AccountFact;
}

/** The journal in a table. */
export class TableJournal implements Journal {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async read(after: number, limit: number, { account, conference }: JournalOf = {}): Promise<readonly Entry[]> {
    const found = await this.#engine.read(() => {
      if (account === undefined)
        return conference === undefined ? rows(SQL.read, after, limit) : rows(SQL.readOfName, after, limit, conference);
      if (conference === undefined) return rows(SQL.readOfAccount, after, limit, account);
      return rows(SQL.readOfConference, after, limit, account, conference);
    });
    return found.map((each) => ({ position: number(each, 'position'), fact: factOf(each) }));
  }

  async last(): Promise<number> {
    return number((await this.#engine.read(() => row(SQL.last))) ?? {}, 'position');
  }

  async forgottenTo(account?: AccountId): Promise<number> {
    const found = await this.#engine.read(() => (account === undefined ? row(SQL.forgotten) : row(SQL.forgottenOf, account)));
    return number(found ?? {}, 'position');
  }

  async cursor(name: string): Promise<number | undefined> {
    const found = await this.#engine.read(() => row(SQL.cursor, name));
    return found && number(found, 'position');
  }

  async moveCursor(name: string, position: number): Promise<void> {
    await this.#engine.write(() => run(SQL.moveCursor, name, position));
  }

  async removeCursor(name: string): Promise<void> {
    await this.#engine.write(() => run(SQL.removeCursor, name));
  }
}
