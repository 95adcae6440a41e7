import type { AccountId } from '../accounts/index.ts';
import { Failure } from '../base/index.ts';
import type { WebhookStore } from './ports.ts';
import type { Webhook, WebhookId } from './webhook.ts';

/** Every webhook, kept in memory beside the store, because each fact is held against each of them. Changes come one after the other. */
export class WebhookBook {
  readonly #store: WebhookStore;
  /** Addresses of runs, by account and run. */
  readonly #runs = new Map<string, WebhookId>();
  #known: Promise<Map<WebhookId, Webhook>> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: WebhookStore) {
    this.#store = store;
  }

  /** Oldest first, but for the addresses of runs. */
  async all(): Promise<readonly Webhook[]> {
    return (await this.whole()).filter(({ run }) => run === undefined);
  }

  /** Addresses of runs. */
  async hooks(): Promise<readonly Webhook[]> {
    return (await this.whole()).filter(({ run }) => run !== undefined);
  }

  /** All of both. */
  async whole(): Promise<readonly Webhook[]> {
    return [...(await this.#map()).values()];
  }

  /** The address of a run. */
  async hookOf(account: AccountId, run: string): Promise<Webhook | undefined> {
    await this.#map();
    const id = this.#runs.get(`${account} ${run}`);
    return id && this.byId(id);
  }

  async byId(id: WebhookId): Promise<Webhook | undefined> {
    return (await this.#map()).get(id);
  }

  async of(account: AccountId): Promise<readonly Webhook[]> {
    return (await this.all()).filter((each) => each.account === account);
  }

  async one(account: AccountId, id: WebhookId): Promise<Webhook> {
    const webhook = await this.byId(id);
    if (webhook?.account !== account || webhook.run !== undefined)
      throw new Failure('not-found', 'webhook_not_found', 'there is no such webhook', { details: { id } });
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

  /** Keeps the address of a run. */
  keep(hook: Webhook): Promise<Webhook> {
    return this.#inTurn(() => this.#keep(hook));
  }

  /** One that does not want to be told any more, whatever it is; one that was removed meanwhile stays so. */
  switchOff(id: WebhookId, disabledReason: string): Promise<void> {
    return this.#inTurn(async () => {
      const webhook = await this.byId(id);
      if (webhook?.enabled === true) await this.#keep({ ...webhook, enabled: false, disabledReason });
    });
  }

  /** The address of a run, and what was told there. */
  forget(hook: Webhook): Promise<void> {
    return this.#inTurn(async () => {
      await this.#store.remove(hook.account, hook.id);
      (await this.#map()).delete(hook.id);
      // Another run may have had the same name since.
      const name = `${hook.account} ${hook.run?.id}`;
      if (this.#runs.get(name) === hook.id) this.#runs.delete(name);
    });
  }

  async #keep(webhook: Webhook): Promise<Webhook> {
    await this.#store.save(webhook);
    (await this.#map()).set(webhook.id, webhook);
    this.#know(webhook);
    return webhook;
  }

  #know({ id, account, run }: Webhook): void {
    if (run !== undefined) this.#runs.set(`${account} ${run.id}`, id);
  }

  /** What could not be read is read again by the next who asks. */
  #map(): Promise<Map<WebhookId, Webhook>> {
    this.#known ??= this.#store.webhooks().then(
      (all) => {
        for (const each of all) this.#know(each);
        return new Map(all.map((each) => [each.id, each]));
      },
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
