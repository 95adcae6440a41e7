import type { AccountId, DocumentId, Documents } from '../accounts/index.ts';
import { type Chance, type Clock, dashed, Failure, type JsonObject, newId } from '../base/index.ts';
import { type LineAccount, lineAccountOf } from './line-account.ts';
import type { LineApi } from './line-api.ts';

/** What somebody writes of a channel. */
export type LineAccountWish = Pick<LineAccount, 'name' | 'detail' | 'secret' | 'token'>;

/** What it needs. */
export interface LineAccountsOptions {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly api: LineApi;
}

const KIND = 'conversation-account';

/** Where LINE is to tell us of messages. */
const addressOf = (base: string, id: string): string => `${base}/v1.0/conversation/accounts/${dashed(id)}`;

const documentOf = (wish: LineAccountWish): JsonObject => ({ type: 'line', ...wish });

/** The channels of accounts. Refuses with not-found/line_account_not_found. */
export class LineAccounts {
  readonly #options: LineAccountsOptions;

  constructor(options: LineAccountsOptions) {
    this.#options = options;
  }

  async list(account: AccountId): Promise<readonly LineAccount[]> {
    return (await this.#options.documents.list({ account, kind: KIND, order: 'down' })).map(lineAccountOf);
  }

  async get(account: AccountId, id: string): Promise<LineAccount> {
    const found = await this.#options.documents.find({ account, kind: KIND, id: id as DocumentId });
    if (found === undefined) throw missing(id);
    return lineAccountOf(found);
  }

  async create(account: AccountId, wish: LineAccountWish): Promise<LineAccount> {
    const { documents, clock, chance } = this.#options;
    const id = newId(chance, clock.epoch()) as DocumentId;
    return lineAccountOf(await documents.create({ account, kind: KIND, id, document: documentOf(wish), keys: [id] }));
  }

  /** An empty secret or token leaves the one that is there: they are shown to nobody, so nobody could send them back. */
  async change(account: AccountId, id: string, wish: LineAccountWish): Promise<LineAccount> {
    await this.get(account, id);
    const changed = await this.#options.documents.change({ account, kind: KIND, id: id as DocumentId }, (now) => {
      const { secret, token } = lineAccountOf(now);
      return { document: documentOf({ ...wish, secret: wish.secret || secret, token: wish.token || token }), keys: [id] };
    });
    return lineAccountOf(changed);
  }

  /** What it was; nothing of its secrets is kept. */
  async remove(account: AccountId, id: string): Promise<LineAccount> {
    await this.get(account, id);
    return lineAccountOf(await this.#options.documents.remove({ account, kind: KIND, id: id as DocumentId }, false));
  }

  /** By its id alone, for messages that come from LINE. */
  async whose(id: string): Promise<LineAccount | undefined> {
    const [found] = await this.#options.documents.holders(KIND, id);
    return found && lineAccountOf(found);
  }

  /**
   * Tells LINE where the newest channel's messages go: `base` is our own address, without a slash at the end. Refuses with conflict/line_not_configured where
   * there is none with secret and token, conflict/line_refused, unavailable/line_unreachable.
   */
  async setUp(account: AccountId, base: string): Promise<LineAccount> {
    const found = (await this.list(account)).find(({ secret, token }) => secret !== '' && token !== '');
    if (found === undefined) {
      throw new Failure('conflict', 'line_not_configured', 'there is no conversation account of the type line with secret and token');
    }
    const answer = await this.#options.api.register(found.token, addressOf(base, found.id));
    if (answer === 'done') return found;
    if (answer === 'later') throw new Failure('unavailable', 'line_unreachable', 'LINE cannot be reached');
    throw new Failure('conflict', 'line_refused', 'LINE refuses the token, or the address that its messages are to go to');
  }
}

const missing = (id: string): Failure =>
  new Failure('not-found', 'line_account_not_found', 'there is no such conversation account', { details: { id } });
