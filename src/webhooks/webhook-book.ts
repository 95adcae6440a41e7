import type { AccountId } from '../accounts/index.ts';
import { Failure } from '../base/index.ts';
import type { WebhookStore } from './ports.ts';
import type { Webhook, WebhookId } from './webhook.ts';

/** Every webhook, kept in memory beside the store, because each fact is held against each of them. Changes come one after the other. */
export class WebhookBook {
  readonly #store: WebhookStore;
  #known: Promise<Map<WebhookId, Webhook>> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: WebhookStore) {
    this.#store = store;
  }

  /** Oldest first. */
  async all(): Promise<readonly Webhook[]> {
    return [...(await this.#map()).values()];
  }

  async byId(id: WebhookId): Promise<Webhook | undefined> {
    return (await this.#map()).get(id);
  }

  async of(account: AccountId): Promise<readonly Webhook[]> {
    return (await this.all()).filter((each) => each.account === account);
  }

  async one(account: AccountId, id: WebhookId): Promise<Webhook> {
    const webhook = await this.byId(id);
    if (webhook?.account !== account) throw new Failure('not-found', 'webhook_not_found', 'there is no such webhook', { details: { id } });
    return webhook;
  }

  add(webhook: Webhook, limit: number): Promise<Webhook> {
    return this.#inTurn(async () => {
      if ((await this.of(webhook.account)).length >= limit)
        throw new Failure('limit', 'webhooks_full', `an account has at most ${limit} webhooks`, { details: { limit } });
      return this.#keep(webhook);
    });
  }

  change(account: AccountId, id: WebhookId, edit: (webhook: Webhook) => Webhook): Promise<Webhook> {
    return this.#inTurn(async () => this.#keep(edit(await this.one(account, id))));
  }

  remove(account: AccountId, id: WebhookId): Promise<void> {
    return this.#inTurn(async () => {
      await this.one(account, id);
      await this.#store.remove(account, id);
      (await this.#map()).delete(id);
    });
  }

  async #keep(webhook: Webhook): Promise<Webhook> {
    await this.#store.save(webhook);
    (await this.#map()).set(webhook.id, webhook);
    return webhook;
  }

  /** What could not be read is read again by the next who asks. */
  #map(): Promise<Map<WebhookId, Webhook>> {
    this.#known ??= this.#store.webhooks().then(
      (all) => new Map(all.map((each) => [each.id, each])),
      (error: unknown) => {
        this.#known = undefined;
        throw error;
      },
    );
    return this.#known;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
