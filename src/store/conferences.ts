import type { AccountId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import {
  allNumbers,
  type Conference,
  type ConferenceCut,
  type ConferenceId,
  type Diary,
  deadline,
  domainOf,
  type Fact,
  type Happening,
  type Opening,
  type Room,
  type Store,
} from '../conference/index.ts';
import { chronicled } from './chronicle.ts';
import { append, type Chapter, factOf } from './journal.ts';
import { Opened } from './opened.ts';
import { checkFence, checkSequence, type Kept, noConference, numbersTaken } from './refusals.ts';
import { bytes, flag, number, optional, text } from './rows.ts';
import type { Seal } from './sealing.ts';
import { addTranscripts } from './transcripts.ts';
import { type Engine, type Row, row, rows, run, type Value, type Work } from './work.ts';

/** Of several conferences of one id, one after the other, the one that is or was last. */
const LATEST = `coalesce((SELECT incarnation FROM conferences WHERE account = ?1 AND id = ?2),
      (SELECT max(incarnation) FROM journal WHERE account = ?1 AND conference = ?2))`;
/** What the index `journal_turns` has. */
const TURN = `type IN ('conference.locked', 'conference.unlocked', 'room.opened')`;

const SQL = {
  load: 'SELECT * FROM conferences WHERE account = ?1 AND id = ?2',
  up: 'SELECT * FROM conferences WHERE account = ?1 AND id >= ?2 AND deleted_at IS NULL ORDER BY id LIMIT ?3',
  down: 'SELECT * FROM conferences WHERE account = ?1 AND deleted_at IS NULL ORDER BY id DESC LIMIT ?2',
  downFrom: 'SELECT * FROM conferences WHERE account = ?1 AND id <= ?2 AND deleted_at IS NULL ORDER BY id DESC LIMIT ?3',
  made: 'SELECT * FROM conferences WHERE account = ?1 AND created_at < ?2 AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?3',
  timed: 'SELECT account, id, wakes_at FROM conferences WHERE wakes_at IS NOT NULL AND deleted_at IS NULL',
  running: 'SELECT * FROM conferences WHERE open = 1',
  accountsOf: 'SELECT account FROM conferences WHERE id = ?1 AND deleted_at IS NULL ORDER BY account',
  byDomain: 'SELECT account, id FROM conferences WHERE domain = ?1 AND deleted_at IS NULL ORDER BY created_at, account, id',
  kept: `SELECT fence, sequence, incarnation, created_at, deleted_at, document_sealed, open, wakes_at, domain
      FROM conferences WHERE account = ?1 AND id = ?2`,
  // Two statements and no upsert: a conference that somebody else made meanwhile must be measured against first.
  add: `INSERT INTO conferences (account, id, revision, fence, sequence, modified_at, locked, next_number, room, document_sealed,
      created_at, deleted_at, wakes_at, domain, open, incarnation)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)`,
  // What most facts change: no column of it is in an index, so that one page is written and none of an index.
  proceed: `UPDATE conferences SET revision = ?3, fence = ?4, sequence = ?5, modified_at = ?6, locked = ?7, next_number = ?8, room = ?9
      WHERE account = ?1 AND id = ?2`,
  change: `UPDATE conferences SET revision = ?3, fence = ?4, sequence = ?5, modified_at = ?6, locked = ?7, next_number = ?8, room = ?9,
      document_sealed = ?10, created_at = ?11, deleted_at = ?12, wakes_at = ?13, domain = ?14, open = ?15
      WHERE account = ?1 AND id = ?2`,
  remove: 'DELETE FROM conferences WHERE account = ?1 AND id = ?2',
  numbers: 'SELECT number FROM conference_numbers WHERE account = ?1 AND conference = ?2',
  owner: 'SELECT conference FROM conference_numbers WHERE account = ?1 AND number = ?2',
  claim: 'INSERT INTO conference_numbers (account, number, conference) VALUES (?1, ?2, ?3)',
  release: 'DELETE FROM conference_numbers WHERE account = ?1 AND number = ?2',
  lastFact: 'SELECT coalesce(max(sequence), 0) AS sequence FROM journal WHERE account = ?1 AND conference = ?2',
  incarnation: 'SELECT coalesce(max(incarnation), 0) AS incarnation FROM journal WHERE account = ?1 AND conference = ?2',
  facts: `SELECT * FROM journal WHERE account = ?1 AND conference = ?2 AND sequence > ?3 AND incarnation = ${LATEST} ORDER BY sequence LIMIT ?4`,
  newest: `SELECT sequence FROM journal WHERE account = ?1 AND conference = ?2 AND incarnation = ${LATEST} ORDER BY sequence DESC LIMIT 1`,
  sequenceAt: `SELECT sequence FROM journal WHERE account = ?1 AND conference = ?2 AND at <= ?3 AND sequence > ?4 AND sequence <= ?5
      AND incarnation = ${LATEST} ORDER BY sequence DESC LIMIT 1`,
  opened: `SELECT * FROM journal WHERE account = ?1 AND conference = ?2 AND type = 'room.opened' AND ${TURN} AND +incarnation = ${LATEST}
      AND position <= (SELECT position FROM journal WHERE account = ?1 AND conference = ?2 AND incarnation = ${LATEST} AND sequence <= ?3
        ORDER BY sequence DESC LIMIT 1)
      ORDER BY position DESC LIMIT 1`,
  lock: `SELECT * FROM journal WHERE account = ?1 AND conference = ?2 AND type <> 'room.opened' AND ${TURN} AND +incarnation = ${LATEST}
      AND position < (SELECT position FROM journal WHERE account = ?1 AND conference = ?2 AND incarnation = ${LATEST} AND sequence = ?3)
      ORDER BY position DESC LIMIT 1`,
} as const;

interface KeptRow extends Kept {
  readonly incarnation: number;
  readonly deletedAt: number | undefined;
  readonly sealed: Uint8Array;
  /** As `indexed` gives it. */
  readonly indexed: readonly Value[];
}

type Which = Pick<Conference, 'account' | 'id'>;

/** Columns that stand in indexes. They are written only when one of them changes. */
const INDEXED = ['created_at', 'deleted_at', 'wakes_at', 'domain', 'open'] as const;

/** Facts that are looked at in one go. */
const AT_ONCE = 5000;

/** Parts of the text of a room are so many characters long, or a multiple of it. */
const STEP = 128;

/** More than there ever are; a limit that is none. */
const ALL = 1_000_000_000;

const chapter = ({ account, id }: Which, incarnation: number): Chapter => ({ account, conference: { id, incarnation } });

const keyOf = ({ account, id }: Which): string => `${account}/${id}`;
/** The document is sealed because PINs are in it. */
const cell = (which: Which) => ({ table: 'conferences', column: 'document', row: keyOf(which) });

/** Conferences, their numbers and their facts in tables. */
export class TableConferences implements Store, Diary {
  readonly #engine: Engine;
  readonly #seal: Seal;
  readonly #documents = new Opened<JsonObject>();
  readonly #rooms = new Opened<Room>({ isPatient: true });

  constructor(engine: Engine, seal: Seal) {
    this.#engine = engine;
    this.#seal = seal;
  }

  async load(account: AccountId, id: ConferenceId): Promise<Conference | undefined> {
    const found = await this.#engine.read(() => row(SQL.load, account, id));
    return found && this.#conferenceOf(found, 'read');
  }

  async list(account: AccountId, { from, order = 'down', limit = ALL, madeBefore }: ConferenceCut = {}): Promise<readonly Conference[]> {
    const found = await this.#engine.read(() => {
      if (madeBefore !== undefined) return rows(SQL.made, account, madeBefore, limit);
      if (order === 'up') return rows(SQL.up, account, from ?? '', limit);
      return from === undefined ? rows(SQL.down, account, limit) : rows(SQL.downFrom, account, from, limit);
    });
    return found.map((each) => this.#conferenceOf(each, 'glance'));
  }

  async running(): Promise<readonly Conference[]> {
    return (await this.#engine.read(() => rows(SQL.running))).map((each) => this.#conferenceOf(each, 'glance'));
  }

  async timed(): ReturnType<Store['timed']> {
    const found = await this.#engine.read(() => rows(SQL.timed));
    return found.map((each) => ({
      account: text(each, 'account') as AccountId,
      id: text(each, 'id') as ConferenceId,
      at: number(each, 'wakes_at'),
    }));
  }

  async accountsOf(id: ConferenceId): Promise<readonly AccountId[]> {
    return (await this.#engine.read(() => rows(SQL.accountsOf, id))).map((each) => text(each, 'account') as AccountId);
  }

  async byDomain(domain: string): ReturnType<Store['byDomain']> {
    const found = await this.#engine.read(() => rows(SQL.byDomain, domain));
    return found.map((each) => ({ account: text(each, 'account') as AccountId, id: text(each, 'id') as ConferenceId }));
  }

  async findByNumber(account: AccountId, dialled: string): Promise<ConferenceId | undefined> {
    const found = await this.#engine.read(() => row(SQL.owner, account, dialled));
    return found && (text(found, 'conference') as ConferenceId);
  }

  async save(conference: Conference, facts: readonly Fact[], fence: number): Promise<void> {
    await this.#engine.write(() => this.#save(conference, facts, fence));
  }

  async remove(account: AccountId, id: ConferenceId, facts: readonly Fact[], fence: number): Promise<void> {
    await this.#engine.write(() => this.#remove({ account, id }, facts, fence));
  }

  async facts(account: AccountId, id: ConferenceId, after: number, limit = ALL): Promise<readonly Fact[]> {
    const found = await this.#engine.read(() => rows(SQL.facts, account, id, after, limit));
    // Whoever reads a long past page by page lets everything else have its turn in between.
    if (found.length === limit) await this.#engine.turn?.();
    return found.map((each) => factOf(each) as Fact);
  }

  async sequenceAt(account: AccountId, id: ConferenceId, at: number): Promise<number> {
    const newest = await this.#engine.read(() => row(SQL.newest, account, id));
    // From the end, because clocks are set back: the last one of a time is meant. Everything else has its turn in between.
    for (let upTo = newest === undefined ? 0 : number(newest, 'sequence'); upTo > 0; upTo -= AT_ONCE) {
      const range = [upTo - AT_ONCE, upTo] as const;
      const found = await this.#engine.read(() => row(SQL.sequenceAt, account, id, Math.floor(at), ...range));
      if (found !== undefined) return number(found, 'sequence');
      await this.#engine.turn?.();
    }
    return 0;
  }

  async opening(account: AccountId, id: ConferenceId, until: number): Promise<Opening | undefined> {
    return this.#engine.read(function* () {
      const opened = yield* row(SQL.opened, account, id, until);
      if (opened === undefined) return undefined;
      const lock = yield* row(SQL.lock, account, id, number(opened, 'sequence'));
      return { opened: factOf(opened) as Fact, lock: lock && (factOf(lock) as Fact) };
    });
  }

  /** Behind the facts that the journal has of the place; there is no conference of this id. */
  async note(of: { readonly account: AccountId; readonly place: ConferenceId; readonly at: number }, what: readonly Happening[]) {
    return this.#engine.write(() => noted(of, what));
  }

  *#save(conference: Conference, facts: readonly Fact[], fence: number): Work<void> {
    const kept = yield* this.#kept(conference);
    checkFence(kept, fence);
    checkSequence(kept, facts, conference.sequence);
    const incarnation = kept?.incarnation ?? (yield* lastIncarnation(conference)) + 1;
    const sealed = this.#sealed(conference);
    const [often, seldom] = [oftenChanged(conference, fence), indexed(conference)];
    const isSameDocument = kept !== undefined && Buffer.compare(kept.sealed, sealed) === 0;
    if (kept === undefined) yield* run(SQL.add, ...often, sealed, ...seldom, incarnation);
    else if (isSameDocument && seldom.every((each, n) => each === kept.indexed[n])) yield* run(SQL.proceed, ...often);
    else yield* run(SQL.change, ...often, sealed, ...seldom);
    // Numbers are in the document: most saves change neither.
    if (!isSameDocument || kept.deletedAt !== conference.deletedAt) yield* claimNumbers(conference);
    yield* addTranscripts(facts, incarnation);
    yield* chronicled(facts);
    yield* append(chapter(conference, incarnation), facts);
  }

  *#remove(which: Which, facts: readonly Fact[], fence: number): Work<void> {
    const kept = yield* this.#kept(which);
    if (kept === undefined) throw noConference();
    checkFence(kept, fence);
    checkSequence(kept, facts, kept.sequence + facts.length);
    // Its numbers go with it, by the foreign key.
    yield* run(SQL.remove, which.account, which.id);
    yield* chronicled(facts);
    yield* append(chapter(which, kept.incarnation), facts);
  }

  /** What a save is measured against; it stays so until the save is done. */
  *#kept({ account, id }: Which): Work<KeptRow | undefined> {
    const found = yield* row(SQL.kept + this.#engine.dialect.forUpdate, account, id);
    return (
      found && {
        fence: number(found, 'fence'),
        sequence: number(found, 'sequence'),
        incarnation: number(found, 'incarnation'),
        deletedAt: optional(found, 'deleted_at', number),
        sealed: bytes(found, 'document_sealed'),
        indexed: INDEXED.map((each) => found[each] as Value),
      }
    );
  }

  #conferenceOf(row: Row, how: 'read' | 'glance'): Conference {
    const which = { id: text(row, 'id') as ConferenceId, account: text(row, 'account') as AccountId };
    const key = keyOf(which);
    const sealed = bytes(row, 'document_sealed');
    const room = optional(row, 'room', text);
    const open = (): JsonObject => JSON.parse(this.#seal.open(sealed, cell(which))) as JsonObject;
    return {
      ...which,
      document: this.#documents[how](key, sealed, open),
      revision: number(row, 'revision'),
      createdAt: number(row, 'created_at'),
      modifiedAt: number(row, 'modified_at'),
      deletedAt: optional(row, 'deleted_at', number),
      locked: flag(row, 'locked'),
      room: room === undefined ? undefined : this.#rooms[how](key, room, () => JSON.parse(room) as Room),
      nextNumber: number(row, 'next_number'),
      sequence: number(row, 'sequence'),
    };
  }

  #sealed(conference: Conference): Uint8Array {
    const { document } = conference;
    return this.#documents.write(keyOf(conference), document, () => this.#seal.seal(JSON.stringify(document), cell(conference)));
  }
}

/** Account, id and what changes with facts. */
function oftenChanged(conference: Conference, fence: number): readonly Value[] {
  const { account, id, revision, sequence, modifiedAt, locked, nextNumber, room } = conference;
  return [account, id, revision, fence, sequence, modifiedAt, locked ? 1 : 0, nextNumber, room === undefined ? null : written(room)];
}

/**
 * A room as JSON with blanks in it, so that it is mostly as long as before, and everybody stands where he stood: SQLite then writes over what is there, and
 * only the pages that differ. A row of another length is put elsewhere as a whole, and with it the list of free pages.
 */
function written({ participants, ...room }: Room): string {
  const people = participants.map((each) => padded(JSON.stringify(each)));
  return `${padded(JSON.stringify(room).slice(0, -1))},"participants":[${people.join(',')}]}`;
}

const padded = (text: string): string => text.padEnd(Math.ceil(text.length / STEP) * STEP);

/** What indexes are made of: the columns of `INDEXED`. */
function indexed(conference: Conference): readonly Value[] {
  const { createdAt, deletedAt, document, room } = conference;
  return [createdAt, deletedAt ?? null, deadline(conference) ?? null, domainOf(document) ?? null, room === undefined ? 0 : 1];
}

function* lastIncarnation({ account, id }: Which): Work<number> {
  return number((yield* row(SQL.incarnation, account, id)) ?? {}, 'incarnation');
}

/** Only what differs is written: most saves change no number. */
function* claimNumbers({ account, id, document, deletedAt }: Conference): Work<void> {
  const wanted = new Set(deletedAt === undefined ? allNumbers(document) : []);
  const held = new Set((yield* rows(SQL.numbers, account, id)).map((each) => text(each, 'number')));
  for (const each of held) if (!wanted.has(each)) yield* run(SQL.release, account, each);
  const fresh = [...wanted].filter((each) => !held.has(each));
  const taken: string[] = [];
  for (const each of fresh) if ((yield* row(SQL.owner, account, each)) !== undefined) taken.push(each);
  if (taken.length > 0) throw numbersTaken(taken);
  for (const each of fresh) yield* run(SQL.claim, account, each, id);
}

type Noted = Parameters<Diary['note']>[0];

function* noted({ account, place, at }: Noted, what: readonly Happening[]): Work<readonly Fact[]> {
  const last = number((yield* row(SQL.lastFact, account, place)) ?? {}, 'sequence');
  const facts = what.map((each, n): Fact => ({ ...each, at, account, conference: place, sequence: last + n + 1, instance: place }));
  yield* addTranscripts(facts, 1);
  yield* chronicled(facts);
  yield* append(chapter({ account, id: place }, 1), facts);
  return facts;
}
