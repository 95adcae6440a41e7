import type { AccountId } from '../accounts/index.ts';
import { type Chance, type Clock, Failure, newId } from '../base/index.ts';
import type { Actor, CallId, ConferenceId, EntryDesk, Execute, Role, Visitor } from '../conference/index.ts';
import type { Obstacle } from './spoken-languages.ts';

/** What is asked on the way in. */
export interface WayInOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly execute: Execute;
  /** Judges numbers and PINs as it does those of callers, and shuts out who guesses. */
  readonly desk: Pick<EntryDesk, 'ask' | 'over'>;
}

/** Somebody who wants in. */
export interface Guest {
  readonly account: AccountId;
  /** How LINE names him: lockouts count by it. */
  readonly writer: string;
  readonly name: string;
  readonly number: string;
  readonly pin: string | undefined;
}

/** Where he is now, or why he is not. */
export type WayIn =
  | { readonly conference: ConferenceId; readonly call: CallId; readonly title: string; readonly role: Role }
  | { readonly refused: Obstacle };

interface Admitted {
  readonly conference: ConferenceId;
  readonly role: Role;
}

const refusals: Readonly<Record<string, Obstacle>> = {
  conference_locked: 'locked',
  admission_required: 'admission',
  conference_not_found: 'unknown',
};

/** Number, PIN, then in: as a caller comes, but in writing. */
export async function comeIn(guest: Guest, { execute, desk, chance, clock }: WayInOptions): Promise<WayIn> {
  const visitor: Visitor = { account: guest.account, call: newId(chance, clock.epoch()) as CallId, callerNumber: `line:${guest.writer}` };
  try {
    const admitted = await judged(guest, visitor, { desk, clock, execute });
    if (typeof admitted === 'string') return { refused: admitted };
    const { conference, role } = admitted;
    return { ...(await goIn({ ...guest, conference, role }, execute)), role };
  } catch (error) {
    return { refused: (error instanceof Failure && refusals[error.code]) || 'notNow' };
  } finally {
    desk.over(visitor);
  }
}

/** Into a conference in which he may be, as a participant that follows it. */
export async function goIn(
  { account, writer, name, conference, role }: Pick<Guest, 'account' | 'writer' | 'name'> & Admitted,
  execute: Execute,
): Promise<{ readonly conference: ConferenceId; readonly call: CallId; readonly title: string }> {
  const chat = { service: 'line', number: writer } as const;
  const wish = { conference, name, role, direction: 'in', muted: false, deaf: false, chat } as const;
  const { view, call } = await execute('stream.open', wish, actorOf(account));
  const { name: title } = view.conference.document;
  return { conference, call, title: typeof title === 'string' ? title : '' };
}

export const actorOf = (account: AccountId): Actor => ({ account, kind: 'call' });

type Judging = Pick<WayInOptions, 'desk' | 'clock' | 'execute'>;

async function judged({ account, number, pin }: Guest, visitor: Visitor, judging: Judging): Promise<Admitted | Obstacle> {
  const { desk, clock, execute } = judging;
  const found = await desk.ask(visitor, { do: 'find', number });
  if (found?.type !== 'found') return 'notNow';
  await rest(clock, found.delay);
  if (found.lockedOut === true) return 'lockedOut';
  const { plan } = found;
  if (plan === undefined) return 'unknown';
  const { conference, joinExisting } = plan;
  if (joinExisting) {
    const view = await execute('conference.read', { conference }, actorOf(account));
    if (view.conference.room === undefined) return 'closed';
  }
  if (plan.pin === undefined) return { conference, role: plan.role };
  if (pin === undefined) return 'pin';
  const verdict = await desk.ask(visitor, { do: 'judge', conference, question: plan.pin, pin });
  if (verdict?.type !== 'judged') return 'notNow';
  await rest(clock, verdict.delay);
  if (verdict.lockedOut === true) return 'lockedOut';
  return verdict.as === undefined ? 'wrongPin' : { conference, role: verdict.as.role };
}

const rest = (clock: Clock, ms: number): Promise<void> =>
  ms <= 0 ? Promise.resolve() : new Promise((resolve) => void clock.wake(clock.now() + ms, resolve));
