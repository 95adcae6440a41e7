import type { AccountId, Accounts, UserId } from '../accounts/index.ts';
import type { Clock } from '../base/index.ts';

/** How long an answer is believed, ms: a disabled user is out after this at the latest. */
const TRUSTED_FOR = 1000;
/** More answers than this are not kept. */
const MOST = 10_000;

/** Whether the people whom tokens name may still come in: asked at every request, looked up at most once a second and user. */
export class Enabled {
  readonly #accounts: Pick<Accounts, 'isEnabled'>;
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly until: number; readonly isEnabled: boolean }>();

  constructor(accounts: Pick<Accounts, 'isEnabled'>, clock: Clock) {
    this.#accounts = accounts;
    this.#clock = clock;
  }

  async has({ account, user }: { account: AccountId; user: UserId | undefined }): Promise<boolean> {
    const key = `${account} ${user ?? ''}`;
    const known = this.#known.get(key);
    if (known !== undefined && this.#clock.now() < known.until) return known.isEnabled;
    const isEnabled = await this.#accounts.isEnabled(account, user);
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(key, { until: this.#clock.now() + TRUSTED_FOR, isEnabled });
    return isEnabled;
  }
}
