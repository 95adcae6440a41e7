import type { AccountId } from '../accounts/index.ts';
import { bodyWithoutCaller, type Erasing, type Room, type Traces, tracesOf, withoutCaller } from '../conference/index.ts';
import { cdrBody, cdrOf } from './history.ts';
import { bodyOf, factOf } from './journal.ts';
import { json, number, optional, text } from './rows.ts';
import { type Row, row, rows, run, type Work } from './work.ts';

const SQL = {
  factsEnd: 'SELECT position FROM journal WHERE account = ?1 AND position > ?2 ORDER BY position LIMIT 1 OFFSET ?3',
  facts: `SELECT * FROM journal WHERE account = ?1 AND position > ?2 AND position <= ?3 AND body LIKE ?4 ESCAPE '\\' ORDER BY position`,
  fact: 'SELECT * FROM journal WHERE position = ?1',
  changeFact: 'UPDATE journal SET body = ?2 WHERE position = ?1',
  room: 'SELECT room FROM conferences WHERE account = ?1 AND id = ?2 AND open = 1',
  rooms: 'SELECT room FROM conferences WHERE account = ?1 AND open = 1',
  cdrs: 'SELECT * FROM cdrs WHERE account = ?1 AND caller_number = ?2 LIMIT ?3',
  called: `SELECT * FROM cdrs WHERE account = ?1 AND called_number = ?2 AND direction = 'outbound' LIMIT ?3`,
  changeCdr: 'UPDATE cdrs SET caller_number = ?2, called_number = ?3, body = ?4 WHERE id = ?1',
  deliveriesEnd: `SELECT position, id FROM webhook_deliveries
    WHERE account = ?1 AND state = ?2 AND (position, id) > (?3, ?4) ORDER BY position, id LIMIT 1 OFFSET ?5`,
  deliveries: `SELECT d.id, d.position, d.body FROM webhook_deliveries AS d LEFT JOIN journal AS j ON j.position = d.position
    WHERE d.account = ?1 AND d.state = ?2 AND (d.position, d.id) > (?3, ?4) AND (d.position, d.id) <= (?5, ?6)
      AND (d.body LIKE ?7 ESCAPE '\\' OR j.body LIKE ?7 ESCAPE '\\') ORDER BY d.position, d.id`,
  changeDelivery: 'UPDATE webhook_deliveries SET body = ?2 WHERE id = ?1',
} as const;

/** Rows that one step looks at. */
const STEP = 500;

const NONE = Number.MAX_SAFE_INTEGER;
/** Sorts after every id. */
const LAST = '\u{10ffff}';

/** What came of a step. `next`: where the following one begins; absent when nothing is left to look at. */
export interface Stepped<Next> {
  readonly erased: number;
  readonly next?: Next;
}

/** For texts of JSON that have the number in them. Both databases know it; it finds too much rather than too little. */
const pattern = (number: string): string =>
  `%${JSON.stringify(number)
    .slice(1, -1)
    .replace(/[\\%_]/g, '\\$&')}%`;

const callsOf = (row: Row) => {
  const room = json(row, 'room') as unknown as Room;
  return [...room.participants, ...room.arrivals].map(({ call }) => call);
};

/** How many calls of the number are in rooms now. */
export function* liveCalls({ account, number: meant }: Erasing): Work<number> {
  const calls = (yield* rows(SQL.rooms, account)).flatMap(callsOf);
  return calls.filter((call) => tracesOf(call, meant) !== undefined).length;
}

/**
 * Whether a fact names somebody who is in a room now. The room is looked at after the fact was read: somebody whose joining could be read is in it, or has
 * left, and then that could be read too.
 */
function* isLive(fact: Row, traces: Traces): Work<boolean> {
  const conference = optional(fact, 'conference', text);
  if (conference === undefined) return false;
  const room = yield* row(SQL.room, text(fact, 'account'), conference);
  return room !== undefined && callsOf(room).some(({ id }) => traces.calls.has(id));
}

/** Erases a caller from the facts after a position. */
export function* eraseFacts({ account, number: meant }: Erasing, after: number): Work<Stepped<number>> {
  const end = yield* row(SQL.factsEnd, account, after, STEP - 1);
  const to = end === undefined ? NONE : number(end, 'position');
  let erased = 0;
  for (const each of yield* rows(SQL.facts, account, after, to, pattern(meant))) {
    const fact = factOf(each);
    const traces = tracesOf(fact, meant);
    if (traces === undefined || (yield* isLive(each, traces))) continue;
    yield* run(SQL.changeFact, number(each, 'position'), bodyOf(withoutCaller(fact, meant)));
    erased += 1;
  }
  return { erased, ...(end && { next: to }) };
}

/** Erases a caller from some records of calls; says from how many. None is left when it was from none. */
export function* eraseCdrs({ account, number: meant }: Erasing): Work<number> {
  const found = yield* rows(SQL.cdrs, account, meant, STEP);
  const called = found.length > 0 ? [] : yield* rows(SQL.called, account, meant, STEP);
  for (const each of [...found, ...called]) {
    const cdr = withoutCaller(cdrOf(each), meant);
    yield* run(SQL.changeCdr, cdr.id, cdr.callerNumber, cdr.calledNumber, cdrBody(cdr));
  }
  return found.length + called.length;
}

/** The last message a round looked at. */
export interface DeliveryPlace {
  readonly position: number;
  readonly id: string;
}

/** Erases a caller from the messages in a state after a place. Call it before the facts are erased: they tell his names. */
export function* eraseDeliveries(whose: Erasing & { readonly state: string }, after: DeliveryPlace): Work<Stepped<DeliveryPlace>> {
  const { account, state, number: meant } = whose;
  const end = yield* row(SQL.deliveriesEnd, account, state, after.position, after.id, STEP - 1);
  const to = end === undefined ? { position: NONE, id: LAST } : { position: number(end, 'position'), id: text(end, 'id') };
  const range = [after.position, after.id, to.position, to.id] as const;
  let erased = 0;
  for (const each of yield* rows(SQL.deliveries, account, state, ...range, pattern(meant))) {
    const before = text(each, 'body');
    const body = yield* erasedBody(account, meant, { position: number(each, 'position'), body: before });
    if (body === before) continue;
    yield* run(SQL.changeDelivery, text(each, 'id'), body);
    erased += 1;
  }
  return { erased, ...(end && { next: to }) };
}

function* erasedBody(account: AccountId, meant: string, { position, body }: { position: number; body: string }): Work<string> {
  const fact = yield* row(SQL.fact, position);
  const traces = fact !== undefined && text(fact, 'account') === account ? tracesOf(factOf(fact), meant) : undefined;
  if (fact !== undefined && traces !== undefined && (yield* isLive(fact, traces))) return body;
  return bodyWithoutCaller(body, traces ?? justNumber(meant));
}

/** Where the fact is forgotten, or erased already, only the number is known. */
const justNumber = (meant: string): Traces => {
  const nothing = new Set<string>();
  return { number: meant, calls: nothing, names: nothing, sipCallIds: nothing, vars: nothing };
};
