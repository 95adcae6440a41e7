import type { AccountId } from '../accounts/index.ts';
import { flag, number, optional, text } from './rows.ts';
import { type Row, row, rows, run, type Work } from './work.ts';

const SQL = {
  passed: 'SELECT min(position) AS position FROM journal_cursors',
  old: `SELECT position, at, conference, incarnation, sequence FROM journal
    WHERE account = ?1 AND conference IS NOT NULL AND (at, position) > (?2, ?3) AND at < ?4 ORDER BY at, position LIMIT ?5`,
  oldOfNone: `SELECT position, at FROM journal
    WHERE account = ?1 AND conference IS NULL AND (at, position) > (?2, ?3) AND at < ?4 ORDER BY at, position LIMIT ?5`,
  begin: 'SELECT min(sequence) AS sequence FROM journal WHERE account = ?1 AND conference = ?2 AND incarnation = ?3',
  conference: 'SELECT incarnation, locked, open FROM conferences WHERE account = ?1 AND id = ?2',
  newest: `SELECT position FROM journal WHERE account = ?1 AND conference = ?2 ORDER BY incarnation DESC, sequence DESC LIMIT 1`,
  opened: `SELECT position FROM journal WHERE account = ?1 AND conference = ?2 AND type = 'room.opened'
    AND type IN ('conference.locked', 'conference.unlocked', 'room.opened') ORDER BY position DESC LIMIT 1`,
  lock: `SELECT type, position FROM journal WHERE account = ?1 AND conference = ?2 AND position < ?3 AND type <> 'room.opened'
    AND type IN ('conference.locked', 'conference.unlocked', 'room.opened') ORDER BY position DESC LIMIT 1`,
  forget: 'DELETE FROM journal WHERE position = ?1',
  mark: `INSERT INTO journal_forgotten (account, position) VALUES (?1, ?2) ON CONFLICT (account) DO UPDATE SET position =
    CASE WHEN excluded.position > journal_forgotten.position THEN excluded.position ELSE journal_forgotten.position END`,
  cdrs: `DELETE FROM cdrs WHERE id IN
    (SELECT id FROM cdrs WHERE account = ?1 AND ended_at < ?2 ORDER BY ended_at LIMIT ?3) RETURNING id`,
  deliveries: `SELECT id, position, due_at FROM webhook_deliveries
    WHERE account = ?1 AND state = ?2 AND (position, id) > (?3, ?4) ORDER BY position, id LIMIT ?5`,
  forgetDelivery: 'DELETE FROM webhook_deliveries WHERE id = ?1',
} as const;

/** Positions that there never will be. */
const NONE = Number.MAX_SAFE_INTEGER;

/** How far one round has come: the last row it looked at. */
export interface Place {
  readonly at: number;
  readonly position: number;
}

/** Where a round begins. */
export const START: Place = { at: -1, position: 0 };

/** One step of a round. */
export interface Step {
  readonly account: AccountId;
  /** Epoch ms. */
  readonly before: number;
  readonly limit: number;
}

/** What came of a step. `next`: where the following one begins; absent when nothing is left to look at. */
export interface Stepped<Next> {
  readonly forgotten: number;
  readonly next?: Next;
}

/** The first account after another one that has rows in this table. */
export function* accountAfter(
  table: 'journal' | 'cdrs' | 'webhook_deliveries' | 'transcripts',
  account: string,
): Work<AccountId | undefined> {
  const found = yield* row(`SELECT min(account) AS account FROM ${table} WHERE account > ?1`, account);
  return found && (optional(found, 'account', text) as AccountId | undefined);
}

/** Forgets old facts of conferences, of each the oldest without a hole. */
export function* forgetFacts({ account, before, limit }: Step, place: Place): Work<Stepped<Place>> {
  const looked = yield* rows(SQL.old, account, place.at, place.position, before, limit);
  const passed = yield* passedPosition();
  const gone: number[] = [];
  for (const its of Map.groupBy(looked, (each) => `${text(each, 'conference')}/${number(each, 'incarnation')}`).values()) {
    gone.push(...(yield* oldestOf(account, its, passed)));
  }
  return yield* forgetPositions({ account, gone, looked, limit });
}

/** Forgets old facts of the account itself. */
export function* forgetOwnFacts({ account, before, limit }: Step, place: Place): Work<Stepped<Place>> {
  const looked = yield* rows(SQL.oldOfNone, account, place.at, place.position, before, limit);
  const passed = yield* passedPosition();
  const gone = looked.map((each) => number(each, 'position')).filter((each) => each <= passed);
  return yield* forgetPositions({ account, gone, looked, limit });
}

interface Gone {
  readonly account: AccountId;
  readonly gone: readonly number[];
  readonly looked: readonly Row[];
  readonly limit: number;
}

function* forgetPositions({ account, gone, looked, limit }: Gone): Work<Stepped<Place>> {
  for (const each of gone) yield* run(SQL.forget, each);
  if (gone.length > 0) yield* run(SQL.mark, account, Math.max(...gone));
  const last = looked.length === limit ? looked.at(-1) : undefined;
  return { forgotten: gone.length, ...(last && { next: { at: number(last, 'at'), position: number(last, 'position') } }) };
}

/** Up to where every consumer has come. */
function* passedPosition(): Work<number> {
  const found = yield* row(SQL.passed);
  return (found && optional(found, 'position', number)) ?? NONE;
}

/** Of old facts of one conference those that may go: a row of numbers from its first on, before what must stay. */
function* oldestOf(account: AccountId, facts: readonly Row[], passed: number): Work<readonly number[]> {
  const [some] = facts;
  if (some === undefined) return [];
  const [conference, incarnation] = [text(some, 'conference'), number(some, 'incarnation')];
  const begin = number((yield* row(SQL.begin, account, conference, incarnation)) ?? {}, 'sequence');
  const stays = yield* stayingPosition(account, conference, incarnation);
  const gone: number[] = [];
  for (const each of facts.toSorted((a, b) => number(a, 'sequence') - number(b, 'sequence'))) {
    const position = number(each, 'position');
    if (number(each, 'sequence') !== begin + gone.length || position > passed || position >= stays) break;
    gone.push(position);
  }
  return gone;
}

/** The first fact that must stay: what is live is told by it, or it is the last of a removed conference. */
function* stayingPosition(account: AccountId, id: string, incarnation: number): Work<number> {
  const conference = yield* row(SQL.conference, account, id);
  if (conference === undefined) return number((yield* row(SQL.newest, account, id)) ?? {}, 'position');
  if (number(conference, 'incarnation') !== incarnation) return NONE;
  const opened = flag(conference, 'open') ? yield* row(SQL.opened, account, id) : undefined;
  if (opened === undefined && !flag(conference, 'locked')) return NONE;
  const open = opened === undefined ? NONE : number(opened, 'position');
  const lock = yield* row(SQL.lock, account, id, open);
  return lock !== undefined && text(lock, 'type') === 'conference.locked' ? number(lock, 'position') : open;
}

/** Forgets old records of calls; says how many. */
export function* forgetCdrs({ account, before, limit }: Step): Work<number> {
  return (yield* rows(SQL.cdrs, account, before, limit)).length;
}

/** The last message a round looked at. */
export interface DeliveryPlace {
  readonly position: number;
  readonly id: string;
}

/**
 * Forgets old messages in a state, from the oldest facts on. Ends where none of a whole step was old: messages of younger facts ended later, but for some
 * that had to be sent again, and their time comes.
 */
export function* forgetDeliveries(step: Step & { readonly state: string }, place: DeliveryPlace): Work<Stepped<DeliveryPlace>> {
  const { account, state, before, limit } = step;
  const looked = yield* rows(SQL.deliveries, account, state, place.position, place.id, limit);
  const old = looked.filter((each) => number(each, 'due_at') < before);
  for (const each of old) yield* run(SQL.forgetDelivery, text(each, 'id'));
  const last = looked.length === limit && old.length > 0 ? looked.at(-1) : undefined;
  return { forgotten: old.length, ...(last && { next: { position: number(last, 'position'), id: text(last, 'id') } }) };
}
