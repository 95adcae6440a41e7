import type { Account, AccountId, DialPolicy } from '../../accounts/index.ts';
import { type Clock, Failure } from '../../base/index.ts';
import type { CallHistory, Cdr } from '../../conference/index.ts';

/** What the server allows where an account says nothing itself, and what no account may allow. */
export interface DialRules extends DialPolicy {
  /** Why an address may not be called by a SIP URI, in words; undefined: it may. */
  readonly mayReach?: (address: string) => string | undefined;
}

const HOUR = 3_600_000;
/** Records that are read at once, and how often: who has had more calls than that in an hour has used up every limit. */
const PAGE = 1000;
const MOST_PAGES = 50;

/** What the rules need. */
export interface RulesNeeds {
  readonly clock: Clock;
  readonly rules: DialRules;
  /** Where the calls of the last hour stand that were made before this start. */
  readonly history?: Pick<CallHistory, 'list'> | undefined;
}

const denied = (rule: string, words: string): Failure => new Failure('denied', 'dialling_denied', words, { details: { rule } });

/** Where calls of accounts may go, and how many there may be (issue 7, "Dial"). A refusal names the rule. */
export class DialingRules {
  readonly #clock: Clock;
  readonly #rules: DialRules;
  /** When each account's calls of the last hour began, epoch-free ms. */
  readonly #made = new Map<AccountId, number[]>();
  /** What was made before this start, read once per account. */
  readonly #past = new Map<AccountId, Promise<void>>();
  readonly #history: Pick<CallHistory, 'list'> | undefined;
  readonly #openedAt: number;

  constructor({ clock, rules, history }: RulesNeeds) {
    this.#clock = clock;
    this.#rules = rules;
    this.#history = history;
    this.#openedAt = clock.epoch();
  }

  /** Refuses a number, in E.164, that the account may not dial. */
  checkNumber(account: Account, number: string): void {
    const { prefixes } = this.#of(account);
    if (prefixes === undefined || prefixes.some((each) => number.startsWith(each))) return;
    throw denied('prefixes', `this account may dial only numbers that begin with ${prefixes.join(', ') || 'nothing'}`);
  }

  /** Refuses a host that the account may not call by a SIP URI. */
  checkDomain(account: Account, host: string): void {
    const { domains } = this.#of(account);
    if (domains === undefined || domains.some((each) => isWithin(host.toLowerCase(), each.toLowerCase()))) return;
    throw denied('domains', `this account may call only SIP URIs of ${domains.join(', ') || 'nobody'}`);
  }

  /** Refuses an address that a SIP URI may not lead to. */
  checkAddress(address: string): void {
    const why = this.#rules.mayReach?.(address);
    if (why !== undefined) throw denied('allow_networks', `the SIP URI leads to ${why}, which dial.allow_networks does not name`);
  }

  /** Refuses one more call, or counts it; `live` are the account's outgoing calls now. */
  async begin(account: Account, live: () => number): Promise<void> {
    const { enabled, concurrent, perHour } = this.#of(account);
    if (enabled !== false && perHour !== undefined) await this.#remember(account.id);
    if (enabled === false) throw denied('enabled', 'this account may not dial out');
    if (concurrent !== undefined && live() >= concurrent) {
      throw new Failure('limit', 'dial_limit', `this account may make ${concurrent} calls at once`, { details: { rule: 'concurrent' } });
    }
    const now = this.#clock.now();
    const made = (this.#made.get(account.id) ?? []).filter((at) => at > now - HOUR);
    if (perHour !== undefined && made.length >= perHour) {
      throw new Failure('limit', 'dial_limit', `this account may make ${perHour} calls in an hour`, { details: { rule: 'per_hour' } });
    }
    // Only who is limited is counted.
    if (perHour !== undefined) this.#made.set(account.id, [...made, now]);
  }

  /** Calls of the last hour before this start count too. What cannot be read is asked for again at the next call. */
  #remember(account: AccountId): Promise<void> {
    const known = this.#past.get(account);
    if (known !== undefined || this.#history === undefined) return known ?? Promise.resolve();
    const reading = this.#read(account, this.#history).catch((error: unknown) => {
      this.#past.delete(account);
      throw error;
    });
    this.#past.set(account, reading);
    return reading;
  }

  async #read(account: AccountId, history: Pick<CallHistory, 'list'>): Promise<void> {
    const [from, to] = [this.#openedAt - HOUR, this.#openedAt];
    if (this.#clock.epoch() - HOUR >= to) return;
    const past: number[] = [];
    let before: { readonly at: number; readonly id: Cdr['id'] } | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const found = await history.list({ account, from, to, limit: PAGE, ...(before === undefined ? {} : { before }) });
      const shift = this.#clock.now() - this.#clock.epoch();
      past.push(...found.filter((each) => each.direction === 'outbound').map((each) => each.startedAt + shift));
      const last = found.at(-1);
      if (last === undefined || found.length < PAGE) break;
      before = { at: last.startedAt, id: last.id };
    }
    this.#made.set(account, [...past, ...(this.#made.get(account) ?? [])]);
  }

  #of({ limits }: Account): DialPolicy {
    const { enabled, concurrent, perHour, prefixes, domains } = this.#rules;
    const server: DialPolicy = {
      ...(enabled === undefined ? {} : { enabled }),
      ...(concurrent === undefined ? {} : { concurrent }),
      ...(perHour === undefined ? {} : { perHour }),
      ...(prefixes === undefined ? {} : { prefixes }),
      ...(domains === undefined ? {} : { domains }),
    };
    return { ...server, ...limits?.dial };
  }
}

/** The host, or for `*.example.org` every host below it. */
const isWithin = (host: string, pattern: string): boolean =>
  pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
