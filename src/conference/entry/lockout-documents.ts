import { createHash } from 'node:crypto';
import type { AccountId, DocumentId, DocumentStore } from '../../accounts/index.ts';
import type { Clock, JsonObject, Log } from '../../base/index.ts';
import type { ConferenceId } from '../ids.ts';
import type { Guessing, Lockout, LockoutKeeping } from './shield.ts';

/** What it is kept with. */
export interface LockoutDocumentsOptions {
  readonly store: Pick<DocumentStore, 'all' | 'find' | 'save' | 'remove'>;
  readonly clock: Clock;
  readonly log: Log;
}

const idOf = ({ conference, callerNumber }: Guessing): DocumentId =>
  createHash('sha256')
    .update(JSON.stringify([conference ?? null, callerNumber]))
    .digest('hex')
    .slice(0, 32) as DocumentId;

const whole = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Reads what was kept; never throws. */
function lockoutOf(
  account: AccountId,
  { conference, caller_number: callerNumber, failed_calls, wrong, last_at, locked_until }: JsonObject,
): Lockout {
  return {
    account,
    ...(typeof conference === 'string' ? { conference: conference as ConferenceId } : {}),
    callerNumber: typeof callerNumber === 'string' ? callerNumber : '',
    failedCalls: whole(failed_calls),
    wrong: whole(wrong),
    lastAt: whole(last_at),
    ...(typeof locked_until === 'number' ? { lockedUntil: locked_until } : {}),
  };
}

const documentOf = ({ conference, callerNumber, failedCalls, wrong, lastAt, lockedUntil }: Lockout): JsonObject => ({
  ...(conference === undefined ? {} : { conference }),
  caller_number: callerNumber,
  failed_calls: failedCalls,
  wrong,
  last_at: lastAt,
  ...(lockedUntil === undefined ? {} : { locked_until: lockedUntil }),
});

/** Keeps lockouts as sealed documents of their accounts, one change behind the other. What cannot be kept is logged, and holds until the next restart. */
export function keepLockouts({ store, clock, log }: LockoutDocumentsOptions): LockoutKeeping & { settled(): Promise<void> } {
  let turn: Promise<void> = Promise.resolve();
  const then = (work: () => Promise<void>): void => {
    turn = turn.then(work).catch((error: unknown) => log.warn('a lockout was not kept', { error }));
  };
  const nameOf = (lockout: Guessing) => ({ account: lockout.account, kind: 'lockout' as const, id: idOf(lockout) });
  return {
    all: async () => (await store.all('lockout')).map(({ account, document }) => lockoutOf(account, document)),
    find: async (who) => {
      // What is about to be kept is kept by then.
      await turn;
      const found = await store.find(nameOf(who));
      return found && lockoutOf(who.account, found.document);
    },
    save: (lockout) =>
      then(async () => {
        const name = nameOf(lockout);
        const before = await store.find(name);
        const modifiedAt = clock.epoch();
        const stamp = { revision: (before?.revision ?? 0) + 1, createdAt: before?.createdAt ?? modifiedAt, modifiedAt };
        await store.save({ ...name, ...stamp, document: documentOf(lockout) }, []);
      }),
    remove: (lockout) => then(() => store.remove(nameOf(lockout))),
    settled: () => turn,
  };
}
