import type { Account, AccountId, DialPolicy } from '../../accounts/index.ts';
import { type Clock, Failure } from '../../base/index.ts';

/** What the server allows where an account says nothing itself, and what no account may allow. */
export interface DialRules extends DialPolicy {
  /** Why an address may not be called by a SIP URI, in words; undefined: it may. */
  readonly mayReach?: (address: string) => string | undefined;
}

const HOUR = 3_600_000;

const denied = (rule: string, words: string): Failure => new Failure('denied', 'dialling_denied', words, { details: { rule } });

/** Where calls of accounts may go, and how many there may be (issue 7, "Dial"). A refusal names the rule. */
export class DialingRules {
  readonly #clock: Clock;
  readonly #rules: DialRules;
  /** When each account's calls of the last hour began, epoch-free ms. */
  readonly #made = new Map<AccountId, number[]>();

  constructor({ clock, rules }: { readonly clock: Clock; readonly rules: DialRules }) {
    this.#clock = clock;
    this.#rules = rules;
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
  begin(account: Account, live: number): void {
    const { enabled, concurrent, perHour } = this.#of(account);
    if (enabled === false) throw denied('enabled', 'this account may not dial out');
    if (concurrent !== undefined && live >= concurrent) {
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
