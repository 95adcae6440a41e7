import type { AccountId, Accounts } from '../../accounts/index.ts';
import { Failure } from '../../base/index.ts';
import type { ConferenceId, Execute, Fact } from '../../conference/index.ts';
import { energyLevelOf } from './encode.ts';
import type { Background } from './events.ts';

/** More than this are not kept. */
const MOST = 10_000;

/** Facts behind which a conference may be another than it was. */
const CHANGING: ReadonlySet<Fact['type']> = new Set(['conference.created', 'conference.changed', 'conference.deleted', 'room.opened']);

/** What finding out backgrounds needs. */
export interface BackgroundOptions {
  readonly accounts: Pick<Accounts, 'account'>;
  readonly execute: Execute;
  /** This node's name. */
  readonly node: string;
}

/** What events say beside what happened, looked up once per conference. */
export class Backgrounds {
  readonly #options: BackgroundOptions;
  readonly #known = new Map<string, Background>();

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  /** What is known already. */
  known(account: AccountId, conference: ConferenceId): Background | undefined {
    return this.#known.get(`${account}/${conference}`);
  }

  /** Rejects when the store cannot be asked. */
  async of(account: AccountId, conference: ConferenceId): Promise<Background> {
    return this.known(account, conference) ?? (await this.#find(account, conference));
  }

  /** Forgets what this fact has changed, and in each run of a room what the account may have configured since the one before. */
  notice({ type, account, conference }: Fact): void {
    if (CHANGING.has(type)) this.#known.delete(`${account}/${conference}`);
  }

  async #find(id: AccountId, conference: ConferenceId): Promise<Background> {
    const { accounts, node } = this.#options;
    const account = (await accounts.account(id)) ?? { id, name: '', realm: '', parent: undefined, apiKey: '', createdAt: 0 };
    const background: Background = { node, account, energyLevel: energyLevelOf(await this.#conference(id, conference)) };
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(`${id}/${conference}`, background);
    return background;
  }

  /** A conference that is gone meanwhile is told with what every conference has. */
  async #conference(account: AccountId, conference: ConferenceId) {
    try {
      return (await this.#options.execute('conference.read', { conference }, { account, kind: 'system' })).conference;
    } catch (error) {
      if (error instanceof Failure && error.kind === 'not-found') return { document: {} };
      throw error;
    }
  }
}
