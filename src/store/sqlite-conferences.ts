import type { StatementSync } from 'node:sqlite';
import type { AccountId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import { allNumbers, type Conference, type ConferenceId, type Fact, type Room, type Store } from '../conference/index.ts';
import type { Database, Row } from './database.ts';
import { checkFence, checkSequence, type Kept, noConference, numbersTaken } from './refusals.ts';
import { bytes, flag, json, jsonObject, number, optional, text } from './rows.ts';
import type { Seal } from './sealing.ts';

const SQL = {
  load: 'SELECT * FROM conferences WHERE account = ? AND id = ?',
  list: 'SELECT * FROM conferences WHERE account = ? AND deleted_at IS NULL ORDER BY id DESC',
  running: 'SELECT * FROM conferences WHERE room IS NOT NULL',
  kept: 'SELECT fence, sequence, incarnation FROM conferences WHERE account = ? AND id = ?',
  save: `INSERT INTO conferences (account, id, incarnation, revision, fence, sequence, created_at, modified_at,
      deleted_at, locked, next_number, document_sealed, room) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, id) DO UPDATE SET revision = excluded.revision, fence = excluded.fence,
      sequence = excluded.sequence, created_at = excluded.created_at, modified_at = excluded.modified_at,
      deleted_at = excluded.deleted_at, locked = excluded.locked, next_number = excluded.next_number,
      document_sealed = excluded.document_sealed, room = excluded.room`,
  remove: 'DELETE FROM conferences WHERE account = ? AND id = ?',
  numbers: 'SELECT number FROM conference_numbers WHERE account = ? AND conference = ?',
  owner: 'SELECT conference FROM conference_numbers WHERE account = ? AND number = ?',
  claim: 'INSERT INTO conference_numbers (account, number, conference) VALUES (?, ?, ?)',
  release: 'DELETE FROM conference_numbers WHERE account = ? AND number = ?',
  incarnation: 'SELECT coalesce(max(incarnation), 0) AS incarnation FROM facts WHERE account = ? AND conference = ?',
  note: 'INSERT INTO facts (account, conference, incarnation, sequence, at, type, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
  facts: `SELECT * FROM facts WHERE account = ?1 AND conference = ?2 AND sequence > ?3 AND incarnation = coalesce(
      (SELECT incarnation FROM conferences WHERE account = ?1 AND id = ?2),
      (SELECT max(incarnation) FROM facts WHERE account = ?1 AND conference = ?2)) ORDER BY sequence`,
} as const;

type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

interface KeptRow extends Kept {
  readonly incarnation: number;
}

/** The document is sealed because PINs are in it. */
const cell = (account: string, id: string) => ({ table: 'conferences', column: 'document', row: `${account}/${id}` });

function conferenceOf(row: Row, seal: Seal): Conference {
  const at = cell(text(row, 'account'), text(row, 'id'));
  return {
    id: text(row, 'id') as ConferenceId,
    account: text(row, 'account') as AccountId,
    document: JSON.parse(seal.open(bytes(row, 'document_sealed'), at)) as JsonObject,
    revision: number(row, 'revision'),
    createdAt: number(row, 'created_at'),
    modifiedAt: number(row, 'modified_at'),
    deletedAt: optional(row, 'deleted_at', number),
    locked: flag(row, 'locked'),
    room: optional(row, 'room', json) as Room | undefined,
    nextNumber: number(row, 'next_number'),
    sequence: number(row, 'sequence'),
  };
}

const factOf = (row: Row): Fact =>
  ({
    ...jsonObject(row, 'body'),
    type: text(row, 'type'),
    at: number(row, 'at'),
    account: text(row, 'account'),
    conference: text(row, 'conference'),
    sequence: number(row, 'sequence'),
  }) as unknown as Fact;

/** Conferences, their numbers and their facts in SQLite. Every statement is prepared once. */
export class SqliteConferences implements Store {
  readonly #database: Database;
  readonly #sql: Statements;
  readonly #seal: Seal;

  constructor(database: Database, seal: Seal) {
    this.#database = database;
    this.#seal = seal;
    this.#sql = Object.fromEntries(Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)])) as unknown as Statements;
  }

  async load(account: AccountId, id: ConferenceId): Promise<Conference | undefined> {
    const row = this.#database.use(() => this.#sql.load.get(account, id));
    return row && conferenceOf(row, this.#seal);
  }

  async list(account: AccountId): Promise<readonly Conference[]> {
    return this.#database.use(() => this.#sql.list.all(account)).map((row) => conferenceOf(row, this.#seal));
  }

  async running(): Promise<readonly Conference[]> {
    return this.#database.use(() => this.#sql.running.all()).map((row) => conferenceOf(row, this.#seal));
  }

  async findByNumber(account: AccountId, dialled: string): Promise<ConferenceId | undefined> {
    const row = this.#database.use(() => this.#sql.owner.get(account, dialled));
    return row && (text(row, 'conference') as ConferenceId);
  }

  async save(conference: Conference, facts: readonly Fact[], fence: number): Promise<void> {
    await this.#database.write(() => {
      const { account, id } = conference;
      const kept = this.#kept(account, id);
      checkFence(kept, fence);
      checkSequence(kept, facts, conference.sequence);
      const incarnation = kept?.incarnation ?? this.#lastIncarnation(account, id) + 1;
      this.#sql.save.run(...this.#columns(conference, incarnation, fence));
      this.#claimNumbers(conference);
      this.#note(conference, incarnation, facts);
    });
  }

  async remove(account: AccountId, id: ConferenceId, facts: readonly Fact[], fence: number): Promise<void> {
    await this.#database.write(() => {
      const kept = this.#kept(account, id);
      if (kept === undefined) throw noConference();
      checkFence(kept, fence);
      checkSequence(kept, facts, kept.sequence + facts.length);
      this.#note({ account, id }, kept.incarnation, facts);
      // Its numbers go with it, by the foreign key.
      this.#sql.remove.run(account, id);
    });
  }

  async facts(account: AccountId, id: ConferenceId, after: number): Promise<readonly Fact[]> {
    return this.#database.use(() => this.#sql.facts.all(account, id, after)).map(factOf);
  }

  #kept(account: AccountId, id: ConferenceId): KeptRow | undefined {
    const row = this.#sql.kept.get(account, id);
    return row && { fence: number(row, 'fence'), sequence: number(row, 'sequence'), incarnation: number(row, 'incarnation') };
  }

  #lastIncarnation(account: AccountId, id: ConferenceId): number {
    return number(this.#sql.incarnation.get(account, id) ?? {}, 'incarnation');
  }

  #columns(conference: Conference, incarnation: number, fence: number) {
    const { account, id, revision, sequence, createdAt, modifiedAt, deletedAt, locked, nextNumber, document, room } = conference;
    const start = [account, id, incarnation, revision, fence, sequence, createdAt, modifiedAt, deletedAt ?? null] as const;
    const sealed = this.#seal.seal(JSON.stringify(document), cell(account, id));
    return [...start, locked ? 1 : 0, nextNumber, sealed, room === undefined ? null : JSON.stringify(room)] as const;
  }

  /** Only what differs is written: most saves change no number. */
  #claimNumbers({ account, id, document, deletedAt }: Conference): void {
    const wanted = new Set(deletedAt === undefined ? allNumbers(document) : []);
    const held = new Set(this.#sql.numbers.all(account, id).map((row) => text(row, 'number')));
    for (const each of held) if (!wanted.has(each)) this.#sql.release.run(account, each);
    const fresh = [...wanted].filter((each) => !held.has(each));
    const taken = fresh.filter((each) => this.#sql.owner.get(account, each) !== undefined);
    if (taken.length > 0) throw numbersTaken(taken);
    for (const each of fresh) this.#sql.claim.run(account, each, id);
  }

  #note({ account, id }: Pick<Conference, 'account' | 'id'>, incarnation: number, facts: readonly Fact[]): void {
    for (const { account: _account, conference: _conference, sequence, at, type, ...body } of facts) {
      this.#sql.note.run(account, id, incarnation, sequence, at, type, JSON.stringify(body));
    }
  }
}
