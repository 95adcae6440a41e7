import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId } from '../conference/index.ts';
import type { Delivery, DeliveryId, DeliveryQuery, Webhook, WebhookId, WebhookStore } from '../webhooks/index.ts';
import { deliveryOf, due, enqueue, listing, nextDue, putInOrder, update } from './deliveries.ts';
import { bytes, flag, json, number, optional, text } from './rows.ts';
import type { Seal } from './sealing.ts';
import { type Engine, type Row, row, rows, run, type Work } from './work.ts';

const SQL = {
  all: 'SELECT * FROM webhooks ORDER BY created_at, id',
  ofAccount: 'SELECT * FROM webhooks WHERE account = ?1 ORDER BY created_at, id',
  one: 'SELECT * FROM webhooks WHERE account = ?1 AND id = ?2',
  order: 'SELECT in_order FROM webhooks WHERE id = ?1',
  save: `INSERT INTO webhooks (id, account, conference, types, in_order, enabled, disabled_reason, created_at, target_sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT (id) DO UPDATE SET account = excluded.account, conference = excluded.conference, types = excluded.types,
      in_order = excluded.in_order, enabled = excluded.enabled, disabled_reason = excluded.disabled_reason,
      created_at = excluded.created_at, target_sealed = excluded.target_sealed`,
  clear: `DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries WHERE webhook = ?1 LIMIT ?2) RETURNING id`,
  remove: 'DELETE FROM webhooks WHERE account = ?1 AND id = ?2',
  delivery: 'SELECT * FROM webhook_deliveries WHERE account = ?1 AND id = ?2',
} as const;

/** Deliveries that are removed in one transaction. */
const STEP = 500;

type Target = Pick<Webhook, 'url' | 'secrets' | 'format' | 'run'>;

const cell = (row: string) => ({ table: 'webhooks', column: 'target', row });

function webhookOf(row: Row, seal: Seal): Webhook {
  const id = text(row, 'id');
  const conference = optional(row, 'conference', text) as ConferenceId | undefined;
  const disabledReason = optional(row, 'disabled_reason', text);
  const { url, secrets, format, run } = JSON.parse(seal.open(bytes(row, 'target_sealed'), cell(id))) as Target;
  return {
    id: id as WebhookId,
    account: text(row, 'account') as AccountId,
    url,
    types: json(row, 'types') as readonly string[],
    order: flag(row, 'in_order') ? 'conference' : 'none',
    secrets,
    enabled: flag(row, 'enabled'),
    createdAt: number(row, 'created_at'),
    ...(format === undefined ? {} : { format }),
    ...(run === undefined ? {} : { run }),
    ...(conference === undefined ? {} : { conference }),
    ...(disabledReason === undefined ? {} : { disabledReason }),
  };
}

/** Webhooks and their deliveries in tables. URL and secrets are sealed. */
export class TableWebhooks implements WebhookStore {
  readonly #engine: Engine;
  readonly #seal: Seal;

  constructor(engine: Engine, seal: Seal) {
    this.#engine = engine;
    this.#seal = seal;
  }

  async webhooks(account?: AccountId): Promise<readonly Webhook[]> {
    const found = await this.#engine.read(() => (account === undefined ? rows(SQL.all) : rows(SQL.ofAccount, account)));
    return found.map((each) => webhookOf(each, this.#seal));
  }

  async webhook(account: AccountId, id: WebhookId): Promise<Webhook | undefined> {
    const found = await this.#engine.read(() => row(SQL.one, account, id));
    return found && webhookOf(found, this.#seal);
  }

  async save(webhook: Webhook): Promise<void> {
    const { id, url, secrets, format, run } = webhook;
    const target: Target = { url, secrets, ...(format === undefined ? {} : { format }), ...(run === undefined ? {} : { run }) };
    const sealed = this.#seal.seal(JSON.stringify(target), cell(id));
    await this.#engine.write(() => this.#save(webhook, sealed));
  }

  async remove(account: AccountId, id: WebhookId): Promise<void> {
    if ((await this.#engine.read(() => row(SQL.one, account, id))) === undefined) return;
    // In steps, because there may be very many.
    while ((await this.#engine.write(() => rows(SQL.clear, id, STEP))).length === STEP);
    await this.#engine.write(() => run(SQL.remove, account, id));
  }

  async enqueue(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length > 0) await this.#engine.write(() => enqueue(this.#engine.dialect, deliveries));
  }

  due(at: number, limit: number, without: readonly WebhookId[]): Promise<readonly Delivery[]> {
    return this.#engine.read(() => due({ at, limit, without: new Set(without) }));
  }

  nextDue(without: readonly WebhookId[]): Promise<number | undefined> {
    return this.#engine.read(() => nextDue(new Set(without)));
  }

  async update(delivery: Delivery): Promise<void> {
    await this.#engine.write(() => update(this.#engine.dialect, delivery));
  }

  list(query: DeliveryQuery): Promise<readonly Delivery[]> {
    return this.#engine.read(() => listing(query));
  }

  async delivery(account: AccountId, id: DeliveryId): Promise<Delivery | undefined> {
    const found = await this.#engine.read(() => row(SQL.delivery, account, id));
    return found && deliveryOf(found);
  }

  *#save({ id, account, conference, types, order, enabled, disabledReason, createdAt }: Webhook, sealed: Uint8Array): Work<void> {
    const before = yield* row(SQL.order + this.#engine.dialect.forUpdate, id);
    const inOrder = order === 'conference';
    const of = [id, account, conference ?? null, JSON.stringify(types), inOrder ? 1 : 0, enabled ? 1 : 0] as const;
    yield* run(SQL.save, ...of, disabledReason ?? null, createdAt, sealed);
    if (before !== undefined && flag(before, 'in_order') !== inOrder) yield* putInOrder(id, inOrder);
  }
}
