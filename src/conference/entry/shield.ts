import type { AccountId } from '../../accounts/index.ts';
import type { Clock } from '../../base/index.ts';
import type { CallId, ConferenceId } from '../ids.ts';
import type { Visitor } from './entry-plan.ts';

/** Somebody who guesses, in one conference, or, without one, among the numbers of an account. Holds no digit that he typed. */
export interface Lockout {
  readonly account: AccountId;
  readonly conference?: ConferenceId;
  /** Empty: it was withheld; all who withhold theirs are one. */
  readonly callerNumber: string;
  /** Calls that ended without the right entry after a wrong one. */
  readonly failedCalls: number;
  /** Wrong entries in all. */
  readonly wrong: number;
  /** Epoch ms of the last one. */
  readonly lastAt: number;
  /** Epoch ms; absent: not locked out yet. */
  readonly lockedUntil?: number;
}

/** Who is counted, and where. */
export type Guessing = Pick<Lockout, 'account' | 'conference' | 'callerNumber'>;

/** Keeps lockouts through a restart, and for all servers of one store. Failures of it are its own affair: the shield goes on by what it knows. */
export interface LockoutKeeping {
  all(): Promise<readonly Lockout[]>;
  /** What is kept of him there, by this server or another one. */
  find(who: Guessing): Promise<Lockout | undefined>;
  save(lockout: Lockout): void;
  remove(lockout: Lockout): void;
}

/** What the shield needs. */
export interface ShieldOptions {
  readonly clock: Clock;
  readonly keeping: LockoutKeeping;
  /** Somebody was just locked out. */
  locked(lockout: Lockout & { readonly lockedUntil: number }): void;
}

const MINUTE = 60_000;
/** Calls that may fail, and wrong entries that so many calls could hold: who succeeds in between is counted by these. */
const FAILED_CALLS = 5;
const WRONG_ENTRIES = 15;
/** ms for which he is locked out then. */
export const LOCKED_FOR = 15 * MINUTE;
/** ms after which somebody who has stopped trying is forgotten. */
const REMEMBERED_FOR = 60 * MINUTE;
/** Entries of every list; the oldest goes when another comes. */
const MOST = 20_000;

/** From how many recent wrong entries on answers come later, and how late they come at most, ms. Many people share a trunk or a conference. */
const SLOWING = {
  caller: { free: 2, most: 5_000 },
  address: { free: 5, most: 5_000 },
  conference: { free: 15, most: 3_000 },
  trunk: { free: 30, most: 3_000 },
} as const;
/** ms of the first delay; each one after it is twice as long. */
const FIRST_DELAY = 250;

/** Wrong entries; one is forgotten every minute. */
interface Gauge {
  readonly count: number;
  /** Monotonic ms. */
  readonly at: number;
}

/** One call that has entered something wrong. */
interface Attempts {
  readonly visitor: Visitor;
  /** Where it has entered something wrong, and nothing right since; '' stands for the numbers of the account. */
  readonly wrongIn: Set<ConferenceId | ''>;
}

const NONE: Gauge = { count: 0, at: 0 };
const keyOf = ({ account, conference, callerNumber }: Guessing): string => `${account}/${conference ?? ''}/${callerNumber}`;

/** Puts at the end; the first one goes when there are too many. Gives what went. */
function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): Value | undefined {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MOST) return undefined;
  const [oldest] = map;
  if (oldest === undefined) return undefined;
  map.delete(oldest[0]);
  return oldest[1];
}

/** Counts wrong numbers and PINs, slows who tries often, and locks out who goes on calling. Knows no digit. */
export class Shield {
  readonly #options: ShieldOptions;
  readonly #gauges = new Map<string, Gauge>();
  readonly #lockouts = new Map<string, Lockout>();
  readonly #calls = new Map<CallId, Attempts>();

  constructor(options: ShieldOptions) {
    this.#options = options;
  }

  /** Remembers who was locked out, or about to be, before the last stop. */
  async open(): Promise<void> {
    const kept = await this.#options.keeping.all();
    for (const each of kept) {
      if (this.#isOver(each)) this.#options.keeping.remove(each);
      else put(this.#lockouts, keyOf(each), each);
    }
  }

  /** Before something is judged: what other servers have counted of him counts here too, and whom they released is released. */
  async learn({ account, callerNumber }: Pick<Visitor, 'account' | 'callerNumber'>, conference?: ConferenceId): Promise<void> {
    const who = { account, callerNumber, ...(conference === undefined ? {} : { conference }) };
    const kept = await this.#options.keeping.find(who).catch(() => this.#lockouts.get(keyOf(who)));
    const known = this.#lockouts.get(keyOf(who));
    // Single wrong entries are not kept: they are this server's own affair.
    if (kept !== undefined) put(this.#lockouts, keyOf(who), { ...kept, wrong: Math.max(kept.wrong, known?.wrong ?? 0) });
    else if (known !== undefined && (known.failedCalls > 0 || known.lockedUntil !== undefined)) this.#lockouts.delete(keyOf(who));
  }

  /** How many ms an answer is to come later, right or wrong. */
  delay(visitor: Visitor, conference?: ConferenceId): number {
    const late = gaugesOf(visitor, conference).map(({ key, kind }) => {
      const { free, most } = SLOWING[kind];
      const over = Math.floor(this.#level(key)) - free;
      return over <= 0 ? 0 : Math.min(most, FIRST_DELAY * 2 ** (over - 1));
    });
    return Math.max(0, ...late);
  }

  /** Whether he may try no more. */
  isLockedOut({ account, callerNumber }: Visitor, conference?: ConferenceId): boolean {
    const found = this.#lockouts.get(keyOf({ account, callerNumber, ...(conference === undefined ? {} : { conference }) }));
    return found?.lockedUntil !== undefined && this.#options.clock.epoch() < found.lockedUntil;
  }

  /** He has entered something wrong. */
  wrong(visitor: Visitor, conference?: ConferenceId): void {
    const now = this.#options.clock.now();
    for (const { key } of gaugesOf(visitor, conference)) put(this.#gauges, key, { count: this.#level(key) + 1, at: now });
    const attempts = this.#calls.get(visitor.call) ?? { visitor, wrongIn: new Set() };
    put(this.#calls, visitor.call, attempts);
    attempts.wrongIn.add(conference ?? '');
    // Who is locked out already does not make it longer: his number may be borrowed by the one who guesses.
    if (!this.isLockedOut(visitor, conference)) this.#count(visitor, conference, { wrong: 1, failedCalls: 0 });
  }

  /** He has entered something right: this call has not failed there. */
  right({ call }: Visitor, conference?: ConferenceId): void {
    this.#calls.get(call)?.wrongIn.delete(conference ?? '');
  }

  /** The call is over, or has nothing more to enter. */
  over(call: CallId): void {
    const attempts = this.#calls.get(call);
    this.#calls.delete(call);
    if (attempts === undefined) return;
    for (const where of attempts.wrongIn) {
      const conference = where === '' ? undefined : where;
      if (!this.isLockedOut(attempts.visitor, conference)) this.#count(attempts.visitor, conference, { wrong: 0, failedCalls: 1 });
    }
  }

  /** Who is locked out in this account: in one conference, or wherever. */
  lockedOut(account: AccountId, conference?: ConferenceId): readonly (Lockout & { readonly lockedUntil: number })[] {
    const now = this.#options.clock.epoch();
    return [...this.#lockouts.values()].filter(
      (each): each is Lockout & { readonly lockedUntil: number } =>
        each.account === account &&
        (conference === undefined || each.conference === conference) &&
        each.lockedUntil !== undefined &&
        now < each.lockedUntil,
    );
  }

  /** He may try again at once. False: he was not locked out. */
  release(who: Guessing): boolean {
    const found = this.#lockouts.get(keyOf(who));
    if (found === undefined) return false;
    this.#lockouts.delete(keyOf(who));
    this.#options.keeping.remove(found);
    return found.lockedUntil !== undefined && this.#options.clock.epoch() < found.lockedUntil;
  }

  /** Forgets what was counted of a caller number everywhere in an account: it is erased. Says how many lockouts, or counts toward one, there were. */
  forget(account: AccountId, callerNumber: string): number {
    const found = [...this.#lockouts].filter(([, each]) => each.account === account && each.callerNumber === callerNumber);
    for (const [key, each] of found) {
      this.#lockouts.delete(key);
      this.#options.keeping.remove(each);
    }
    this.#gauges.delete(`caller ${account} ${callerNumber}`);
    return found.length;
  }

  #count({ account, callerNumber }: Visitor, conference: ConferenceId | undefined, more: Pick<Lockout, 'wrong' | 'failedCalls'>): void {
    const { clock, keeping, locked } = this.#options;
    this.#sweep();
    const who = { account, callerNumber, ...(conference === undefined ? {} : { conference }) };
    const known = this.#lockouts.get(keyOf(who));
    const before = known === undefined || this.#isOver(known) ? { wrong: 0, failedCalls: 0 } : known;
    const counted = { wrong: before.wrong + more.wrong, failedCalls: before.failedCalls + more.failedCalls, lastAt: clock.epoch() };
    const isLocked = counted.failedCalls >= FAILED_CALLS || counted.wrong >= WRONG_ENTRIES;
    const next: Lockout = { ...who, ...counted, ...(isLocked ? { lockedUntil: clock.epoch() + LOCKED_FOR } : {}) };
    const gone = put(this.#lockouts, keyOf(who), next);
    if (gone !== undefined) keeping.remove(gone);
    // Single wrong entries need not survive a restart: whoever typed them is in a call that does not either.
    if (more.failedCalls > 0 || isLocked) keeping.save(next);
    if (next.lockedUntil !== undefined) locked({ ...next, lockedUntil: next.lockedUntil });
  }

  /** Forgets the oldest that are over. */
  #sweep(): void {
    for (const [key, each] of this.#lockouts) {
      if (!this.#isOver(each)) return;
      this.#lockouts.delete(key);
      this.#options.keeping.remove(each);
    }
  }

  #isOver({ lockedUntil, lastAt }: Lockout): boolean {
    return this.#options.clock.epoch() >= (lockedUntil ?? lastAt + REMEMBERED_FOR);
  }

  #level(key: string): number {
    const { count, at } = this.#gauges.get(key) ?? NONE;
    return Math.max(0, count - (this.#options.clock.now() - at) / MINUTE);
  }
}

/** Everything by which a visitor is slowed. */
function gaugesOf(
  { account, callerNumber, address, trunk }: Visitor,
  conference: ConferenceId | undefined,
): readonly { readonly kind: keyof typeof SLOWING; readonly key: string }[] {
  return [
    { kind: 'caller', key: `caller ${account} ${callerNumber}` },
    ...(address === undefined ? [] : [{ kind: 'address' as const, key: `address ${address}` }]),
    ...(conference === undefined ? [] : [{ kind: 'conference' as const, key: `conference ${account} ${conference}` }]),
    ...(trunk === undefined ? [] : [{ kind: 'trunk' as const, key: `trunk ${account} ${trunk}` }]),
  ];
}
