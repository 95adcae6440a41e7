import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId } from '../conference/index.ts';
import type { Delivery, DeliveryId, DeliveryQuery, WebhookId } from '../webhooks/index.ts';
import type { Dialect } from './dialect.ts';
import { flag, number, optional, text } from './rows.ts';
import { type Row, row, rows, run, type Value, type Work } from './work.ts';

const SQL = {
  order: 'SELECT in_order FROM webhooks WHERE id = ?1',
  add: `INSERT INTO webhook_deliveries (id, webhook, account, conference, position, type, body, state, attempts, due_at, outcome, ready)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id) DO NOTHING`,
  place: 'SELECT webhook, conference FROM webhook_deliveries WHERE id = ?1',
  change: 'UPDATE webhook_deliveries SET state = ?2, attempts = ?3, due_at = ?4, outcome = ?5, ready = ?6 WHERE id = ?1',
  first: `SELECT id, position FROM webhook_deliveries
    WHERE webhook = ?1 AND conference = ?2 AND state = 'pending' AND ready = ?3 ORDER BY position, id LIMIT 2`,
  ready: 'UPDATE webhook_deliveries SET ready = ?2 WHERE id = ?1',
  free: "UPDATE webhook_deliveries SET ready = 1 WHERE webhook = ?1 AND state = 'pending' AND ready = 0",
  hold: "UPDATE webhook_deliveries SET ready = 0 WHERE webhook = ?1 AND state = 'pending' AND conference IS NOT NULL",
  freeFirst: `UPDATE webhook_deliveries SET ready = 1 WHERE webhook = ?1 AND state = 'pending' AND (conference, position) IN
    (SELECT conference, min(position) FROM webhook_deliveries WHERE webhook = ?1 AND state = 'pending' GROUP BY conference)`,
  // Jumps from webhook to webhook, however many messages each has.
  next: `WITH RECURSIVE waiting (webhook) AS (
      SELECT min(webhook) FROM webhook_deliveries WHERE ready = 1
      UNION ALL
      SELECT (SELECT min(d.webhook) FROM webhook_deliveries AS d WHERE d.ready = 1 AND d.webhook > waiting.webhook)
        FROM waiting WHERE waiting.webhook IS NOT NULL)
    SELECT webhook, (SELECT min(d.due_at) FROM webhook_deliveries AS d WHERE d.ready = 1 AND d.webhook = waiting.webhook) AS due_at
      FROM waiting WHERE webhook IS NOT NULL`,
  due: `SELECT id, due_at, position FROM webhook_deliveries
    WHERE webhook = ?1 AND ready = 1 AND due_at <= ?2 ORDER BY due_at, position, id LIMIT ?3`,
} as const;

const STATES = ['pending', 'delivered', 'dead'] as const;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const newestFirst = (a: Delivery, b: Delivery): number => b.position - a.position || byText(b.id, a.id);
const inOrder = (a: Row, b: Row): number => number(a, 'position') - number(b, 'position') || byText(text(a, 'id'), text(b, 'id'));
const soonestFirst = (a: Row, b: Row): number => number(a, 'due_at') - number(b, 'due_at') || inOrder(a, b);

/** The delivery in a row. */
export function deliveryOf(row: Row): Delivery {
  const conference = optional(row, 'conference', text) as ConferenceId | undefined;
  const outcome = optional(row, 'outcome', text);
  return {
    id: text(row, 'id') as DeliveryId,
    webhook: text(row, 'webhook') as WebhookId,
    account: text(row, 'account') as AccountId,
    position: number(row, 'position'),
    type: text(row, 'type'),
    body: text(row, 'body'),
    state: text(row, 'state') as Delivery['state'],
    attempts: number(row, 'attempts'),
    dueAt: number(row, 'due_at'),
    ...(conference === undefined ? {} : { conference }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

/** Whether a webhook keeps order; undefined when it is gone. It stays so until the transaction ends, and nobody else settles its messages meanwhile. */
function* keepsOrder({ forUpdate }: Dialect, webhook: string): Work<boolean | undefined> {
  const found = yield* row(SQL.order + forUpdate, webhook);
  return found && flag(found, 'in_order');
}

/** Keeps messages; those of a webhook that is gone are dropped. */
export function* enqueue(dialect: Dialect, deliveries: readonly Delivery[]): Work<void> {
  // In one order, so that two who do it at once do not wait for each other.
  for (const webhook of [...new Set(deliveries.map((each) => each.webhook))].sort()) {
    const ordered = yield* keepsOrder(dialect, webhook);
    if (ordered === undefined) continue;
    const its = deliveries.filter((each) => each.webhook === webhook);
    for (const each of its) yield* add(each, ordered);
    if (ordered) for (const conference of new Set(its.map((each) => each.conference))) yield* settle(webhook, conference);
  }
}

const isReady = ({ state, conference }: Pick<Delivery, 'state' | 'conference'>, ordered: boolean): number =>
  state === 'pending' && !(ordered && conference !== undefined) ? 1 : 0;

function* add(delivery: Delivery, ordered: boolean): Work<void> {
  const { id, webhook, account, conference, position, type, body, state, attempts, dueAt, outcome } = delivery;
  const of = [id, webhook, account, conference ?? null, position, type, body] as const;
  yield* run(SQL.add, ...of, state, attempts, dueAt, outcome ?? null, isReady(delivery, ordered));
}

/** Notes how a message stands; whoever waited for it may go. */
export function* update(dialect: Dialect, { id, state, attempts, dueAt, outcome }: Delivery): Work<void> {
  const place = yield* row(SQL.place, id);
  if (place === undefined) return;
  const webhook = text(place, 'webhook');
  const conference = optional(place, 'conference', text) as ConferenceId | undefined;
  const ordered = (yield* keepsOrder(dialect, webhook)) ?? false;
  const ready = isReady({ state, ...(conference && { conference }) }, ordered);
  yield* run(SQL.change, id, state, attempts, dueAt, outcome ?? null, ready);
  if (ordered) yield* settle(webhook, conference);
}

/** Makes the first pending message of a conference the one that may go, and no other. */
function* settle(webhook: string, conference: string | undefined): Work<void> {
  if (conference === undefined) return;
  const ready = yield* rows(SQL.first, webhook, conference, 1);
  const [next] = yield* rows(SQL.first, webhook, conference, 0);
  const [first] = [...ready, ...(next === undefined ? [] : [next])].sort(inOrder);
  for (const each of ready) if (each !== first) yield* run(SQL.ready, text(each, 'id'), 0);
  if (first !== undefined && first === next) yield* run(SQL.ready, text(first, 'id'), 1);
}

/** After the order of a webhook was changed. */
export function* putInOrder(webhook: string, ordered: boolean): Work<void> {
  yield* run(ordered ? SQL.hold : SQL.free, webhook);
  if (ordered) yield* run(SQL.freeFirst, webhook);
}

/** Each webhook that waits for something, with when the first of it is due. */
function* waiting(without: ReadonlySet<WebhookId>): Work<readonly { readonly webhook: WebhookId; readonly dueAt: number }[]> {
  const found = (yield* rows(SQL.next)).map((each) => ({ webhook: text(each, 'webhook') as WebhookId, dueAt: number(each, 'due_at') }));
  return found.filter(({ webhook }) => !without.has(webhook));
}

/** What is due, soonest first. */
export function* due({ at, limit, without }: { at: number; limit: number; without: ReadonlySet<WebhookId> }): Work<readonly Delivery[]> {
  const candidates = (yield* waiting(without)).filter(({ dueAt }) => dueAt <= at).sort((a, b) => a.dueAt - b.dueAt);
  const found: Row[] = [];
  for (const { webhook, dueAt } of candidates) {
    // Whoever begins later than so many are due has none among them.
    if (found.length >= limit && dueAt > number(found[limit - 1] as Row, 'due_at')) break;
    found.push(...(yield* rows(SQL.due, webhook, at, limit)));
    found.sort(soonestFirst).splice(limit);
  }
  if (found.length === 0) return [];
  const ids = found.map((each) => text(each, 'id'));
  const places = ids.map((_, index) => `?${index + 1}`).join(', ');
  const whole = yield* rows(`SELECT * FROM webhook_deliveries WHERE id IN (${places})`, ...ids);
  return [...whole].sort(soonestFirst).map(deliveryOf);
}

/** When the next one is due. */
export function* nextDue(without: ReadonlySet<WebhookId>): Work<number | undefined> {
  const times = (yield* waiting(without)).map(({ dueAt }) => dueAt);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Deliveries, newest position first: from each state by its index, then together. */
export function* listing({ state, limit, ...query }: DeliveryQuery): Work<readonly Delivery[]> {
  const found: Delivery[] = [];
  for (const each of state === undefined ? STATES : [state]) found.push(...(yield* ofState({ ...query, state: each, limit })));
  return found.sort(newestFirst).slice(0, limit);
}

function* ofState({
  account,
  webhook,
  state,
  before,
  beforeId,
  limit,
}: DeliveryQuery & { state: Delivery['state'] }): Work<readonly Delivery[]> {
  const values: Value[] = [account, state];
  const value = (each: Value): string => `?${values.push(each)}`;
  const conditions = [
    'account = ?1',
    'state = ?2',
    ...(webhook === undefined ? [] : [`webhook = ${value(webhook)}`]),
    ...(before === undefined ? [] : [`(position, id) < (${value(before)}, ${value(beforeId ?? '')})`]),
  ];
  const sql = `SELECT * FROM webhook_deliveries WHERE ${conditions.join(' AND ')} ORDER BY position DESC, id DESC LIMIT ${value(limit)}`;
  return (yield* rows(sql, ...values)).map(deliveryOf);
}
