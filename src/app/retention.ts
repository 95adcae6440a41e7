import type { Account, AccountRetention, AccountStore } from '../accounts/index.ts';
import type { Alarm, Clock, Closable, Log } from '../base/index.ts';
import type { Forgetting, Keeping, Recordings } from '../conference/index.ts';

/** When the first round begins after a start, and how long after one the next, in ms. */
const FIRST = 300_000;
const EVERY = 86_400_000;
const DAY = 86_400_000;
/** Rows of one transaction. */
const AT_ONCE = 500;

/** How many days things are kept where an account says nothing; absent: for ever. */
export type RetentionDefaults = Pick<AccountRetention, 'factsDays' | 'cdrsDays' | 'deliveriesDays' | 'transcriptsDays' | 'recordingsDays'>;

/** What the keeper needs. */
export interface RetentionNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly keeping: Pick<Keeping, 'forget'>;
  /** Recordings with their files. Absent: there are none. */
  readonly recordings?: Pick<Recordings, 'forget'>;
  readonly accounts: Pick<AccountStore, 'accounts'>;
  readonly defaults: RetentionDefaults;
}

/** Forgets what is old, account by account, a few minutes after the start and then daily. */
export class Retention implements Closable {
  readonly #needs: RetentionNeeds;
  #alarm: Alarm | undefined;
  #round: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(needs: RetentionNeeds) {
    this.#needs = needs;
    this.#in(FIRST);
  }

  /** Lets the step that runs come to its end; nothing is forgotten afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#alarm?.cancel();
    await this.#round;
  }

  #in(ms: number): void {
    const { clock } = this.#needs;
    this.#alarm = clock.wake(clock.now() + ms, () => {
      this.#round = this.#forget().finally(() => {
        if (!this.#closed) this.#in(EVERY);
      });
    });
  }

  async #forget(): Promise<void> {
    const { log, accounts } = this.#needs;
    try {
      for (const account of await accounts.accounts()) {
        if (this.#closed) return;
        await this.#forgetOf(account);
        await this.#forgetRecordings(account);
      }
    } catch (error) {
      log.error('nothing could be forgotten, trying again tomorrow', { error });
    }
  }

  /** One account that cannot be done holds up no other. */
  async #forgetOf(account: Account): Promise<void> {
    const { clock, log, keeping, defaults } = this.#needs;
    const what = forgettingOf(account, defaults, clock.epoch());
    if (what === undefined) return;
    try {
      const forgotten = await keeping.forget(what, AT_ONCE);
      if (Object.values(forgotten).some((count) => count > 0)) log.info('what was old is forgotten', { account: account.id, ...forgotten });
    } catch (error) {
      log.error('what is old could not be forgotten, trying again tomorrow', { account: account.id, error });
    }
  }

  /** In steps: a store that is far away takes its time. */
  async #forgetRecordings({ id, retention }: Account): Promise<void> {
    const { clock, log, recordings, defaults } = this.#needs;
    const days = retention?.recordingsDays ?? defaults.recordingsDays;
    if (recordings === undefined || days === undefined) return;
    let sum = 0;
    try {
      for (let some = -1; some !== 0 && !this.#closed; sum += some)
        some = await recordings.forget({ account: id, before: clock.epoch() - days * DAY });
    } catch (error) {
      log.error('old recordings could not be removed, trying again tomorrow', { account: id, error });
    }
    if (sum > 0) log.info('old recordings are removed', { account: id, recordings: sum });
  }
}

/** What of an account is too old; undefined: all of it is kept for ever. */
export function forgettingOf({ id, retention }: Account, defaults: RetentionDefaults, now: number): Forgetting | undefined {
  const { factsDays, cdrsDays, deliveriesDays, transcriptsDays }: RetentionDefaults = { ...defaults, ...retention };
  const before = (days: number): number => now - days * DAY;
  if ([factsDays, cdrsDays, deliveriesDays, transcriptsDays].every((days) => days === undefined)) return undefined;
  return {
    account: id,
    ...(factsDays === undefined ? {} : { factsBefore: before(factsDays) }),
    ...(cdrsDays === undefined ? {} : { cdrsBefore: before(cdrsDays) }),
    ...(deliveriesDays === undefined ? {} : { deliveriesBefore: before(deliveriesDays) }),
    ...(transcriptsDays === undefined ? {} : { transcriptsBefore: before(transcriptsDays) }),
  };
}
