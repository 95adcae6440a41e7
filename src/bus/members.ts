import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, Entry, Signal } from '../conference/index.ts';

/** Somebody who hears what is live. Nothing here may throw. */
export interface Member {
  /** Absent: of every account. */
  readonly account?: AccountId | undefined;
  /** Absent: of every conference, and what belongs to none. */
  readonly conference?: ConferenceId | undefined;
  entry(entry: Entry): void;
  /** `opened` numbers the pair that the signal belongs to. */
  signal(signal: Signal, opened: number): void;
}

/** Everybody who hears what is live, found by what they want: who follows one conference costs the others nothing. */
export class Members {
  readonly #everything = new Set<Member>();
  readonly #accounts = new Map<AccountId, Set<Member>>();
  readonly #conferences = new Map<ConferenceId, Set<Member>>();

  add(member: Member): void {
    this.#home(member).add(member);
  }

  remove(member: Member): void {
    this.#home(member).delete(member);
    tidy(this.#accounts, member.account);
    tidy(this.#conferences, member.conference);
  }

  entry(entry: Entry): void {
    const { fact } = entry;
    const conference = 'conference' in fact ? fact.conference : undefined;
    for (const each of this.#everything) each.entry(entry);
    for (const each of this.#accounts.get(fact.account) ?? []) each.entry(entry);
    for (const each of this.#inside(conference)) if (wants(each, fact.account)) each.entry(entry);
  }

  signal(signal: Signal, opened: number): void {
    for (const each of this.#everything) each.signal(signal, opened);
    for (const each of this.#accounts.get(signal.account) ?? []) each.signal(signal, opened);
    for (const each of this.#inside(signal.conference)) if (wants(each, signal.account)) each.signal(signal, opened);
  }

  #inside(conference: ConferenceId | undefined): Iterable<Member> {
    return (conference === undefined ? undefined : this.#conferences.get(conference)) ?? [];
  }

  #home(member: Member): Set<Member> {
    if (member.conference !== undefined) return within(this.#conferences, member.conference);
    if (member.account !== undefined) return within(this.#accounts, member.account);
    return this.#everything;
  }
}

const wants = (member: Member, account: AccountId): boolean => member.account === undefined || member.account === account;

function within<Key>(sets: Map<Key, Set<Member>>, key: Key): Set<Member> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set;
}

function tidy<Key>(sets: Map<Key, Set<Member>>, key: Key | undefined): void {
  if (key !== undefined && sets.get(key)?.size === 0) sets.delete(key);
}
