import { type Account, type AccountId, monthOf } from '../accounts/index.ts';
import { type Clock, Failure } from '../base/index.ts';
import type { CallHistory, Cdr } from '../conference/index.ts';
import { type Headers, quote } from '../sip/index.ts';

/** How long the minutes that were read are believed, in ms; what this server adds meanwhile is added to them. */
const BELIEVED = 60_000;
/** More accounts than this are not remembered. */
const MOST = 10_000;

interface Used {
  readonly since: number;
  readonly until: number;
  seconds: number;
}

/** What an account has in use besides what is kept: its live calls. */
export interface InUse {
  readonly legs: number;
  /** Seconds since each was answered, in all. */
  readonly seconds: number;
}

/** What limits need. */
export interface LimitsOptions {
  readonly clock: Clock;
  readonly history: CallHistory | undefined;
}

/** Whether an account may have one more leg. Calls that are up are never cut: a limit is asked at a call's beginning only. */
export class Limits {
  readonly counts = { legs: 0, minutes: 0 };
  readonly #options: LimitsOptions;
  readonly #used = new Map<AccountId, Used>();

  constructor(options: LimitsOptions) {
    this.#options = options;
  }

  /** Seconds of this month's ended calls; 0 where nobody asks for a limit. Ask this first: it takes time, and `check` takes none. */
  async usedSeconds({ id, limits }: Account): Promise<number> {
    const { clock, history } = this.#options;
    if (limits?.minutesPerMonth === undefined || history === undefined) return 0;
    const since = monthOf(clock.epoch());
    const known = this.#used.get(id);
    if (known !== undefined && known.since === since && clock.now() < known.until) return known.seconds;
    const seconds = await history.secondsSince(id, since);
    if (this.#used.size >= MOST) this.#used.clear();
    this.#used.set(id, { since, until: clock.now() + BELIEVED, seconds });
    return seconds;
  }

  /** Refuses with limit/account_legs_in_use or limit/account_minutes_used. */
  check({ limits = {} }: Account, inUse: InUse, usedSeconds: number): void {
    const { legs, minutesPerMonth } = limits;
    if (minutesPerMonth !== undefined && usedSeconds + inUse.seconds >= minutesPerMonth * 60) {
      this.counts.minutes += 1;
      throw new Failure('limit', 'account_minutes_used', "the account's minutes of this month are used", {
        details: { limit: minutesPerMonth },
      });
    }
    if (legs !== undefined && inUse.legs >= legs) {
      this.counts.legs += 1;
      throw new Failure('limit', 'account_legs_in_use', 'the account has as many calls as it may', { details: { limit: legs } });
    }
  }

  /** A record was kept: its seconds are used. */
  kept({ account, answeredAt, endedAt }: Cdr): void {
    const used = this.#used.get(account);
    if (used === undefined || answeredAt === undefined || endedAt < used.since) return;
    used.seconds += Math.ceil((endedAt - answeredAt) / 1000);
  }
}

/** Words for whoever is refused by a limit: for people in Warning (RFC 3261 §20.43), for switches in Reason (RFC 6432). */
export function refusalHeaders({ code, message }: Failure, sentBy: string): Headers {
  const cause = code === 'account_legs_in_use' ? 17 : 21;
  return [
    ['Warning', `399 ${sentBy} ${quote(message)}`],
    ['Reason', `Q.850;cause=${cause};text=${quote(message)}`],
  ];
}
