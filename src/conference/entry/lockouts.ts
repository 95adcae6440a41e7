import type { AccountId } from '../../accounts/index.ts';
import { type Clock, Failure, type Log } from '../../base/index.ts';
import type { Execute } from '../commands.ts';
import type { ConferenceId } from '../ids.ts';
import type { Invitations } from './invitations.ts';
import { type Lockout, type LockoutKeeping, Shield } from './shield.ts';

/** What lockouts are told with. */
export interface LockoutsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly keeping: LockoutKeeping;
  readonly execute: Execute;
}

/** Somebody who may try no more, until then. */
export type LockedOut = Lockout & { readonly lockedUntil: number };

/** The shield, with those who must know what it does: the facts of a conference, and whoever lists and releases. */
export class Lockouts {
  readonly shield: Shield;
  readonly #options: LockoutsOptions;

  constructor(options: LockoutsOptions) {
    this.#options = options;
    const { clock, keeping } = options;
    this.shield = new Shield({ clock, keeping, locked: (lockout) => this.#tell(lockout) });
  }

  /** Who is locked out now: of one conference, or of all of the account and of guessing its numbers. */
  list(account: AccountId, conference?: ConferenceId): readonly LockedOut[] {
    return this.shield.lockedOut(account, conference);
  }

  /** Lets him try again; without a conference, numbers. Refuses with not-found/lockout_not_found. */
  async release(who: Pick<Lockout, 'account' | 'conference' | 'callerNumber'>): Promise<void> {
    // Another server may have counted him.
    await this.shield.learn(who, who.conference);
    if (!this.shield.release(who)) throw new Failure('not-found', 'lockout_not_found', 'this caller is not locked out');
    const { account, conference, callerNumber } = who;
    if (conference === undefined) return;
    await this.#options.execute(
      'entry.tell',
      { conference, happening: { type: 'caller.released', callerNumber } },
      { account, kind: 'system' },
    );
  }

  /** A caller is erased: nothing that was counted of his number is left. Says of how many places. */
  erase(account: AccountId, callerNumber: string): number {
    return this.shield.forget(account, callerNumber);
  }

  #tell({ account, conference, callerNumber, failedCalls, lockedUntil: until }: LockedOut): void {
    const { log, execute } = this.#options;
    log.warn('a caller is locked out after wrong PINs or numbers', { account, ...(conference === undefined ? {} : { conference }), until });
    if (conference === undefined) return;
    const happening = { type: 'caller.locked_out' as const, callerNumber, failedCalls, until };
    execute('entry.tell', { conference, happening }, { account, kind: 'system' }).catch((error: unknown) =>
      log.warn('a lockout was not told', { account, conference, error }),
    );
  }
}

/** What whoever steers from outside has of the entry. */
export interface EntryDoors {
  readonly lockouts: Pick<Lockouts, 'erase' | 'list' | 'release'>;
  readonly invitations: Pick<Invitations, 'invite' | 'list' | 'get' | 'byCode' | 'kept' | 'opened' | 'revoke' | 'rotate'>;
  /** Numbers under which people reach this server, as they read them. */
  readonly numbers: readonly string[];
}
