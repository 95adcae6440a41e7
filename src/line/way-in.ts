import type { AccountId } from '../accounts/index.ts';
import { type Chance, type Clock, Failure, newId } from '../base/index.ts';
import type { Actor, CallId, ConferenceId, EntryDesk, Execute, Role, Visitor } from '../conference/index.ts';
import { words } from './words.ts';

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
export type WayIn = { readonly conference: ConferenceId; readonly call: CallId; readonly title: string } | { readonly refused: string };

interface Admitted {
  readonly conference: ConferenceId;
  readonly role: Role;
}

const refusals: Readonly<Record<string, string>> = {
  conference_locked: words.locked,
  admission_required: words.admission,
  conference_not_found: words.unknown,
};

/** Number, PIN, then in: as a caller comes, but in writing. */
export async function comeIn(guest: Guest, { execute, desk, chance, clock }: WayInOptions): Promise<WayIn> {
  const visitor: Visitor = { account: guest.account, call: newId(chance, clock.epoch()) as CallId, callerNumber: `line:${guest.writer}` };
  try {
    const admitted = await judged(guest, visitor, { desk, clock, execute });
    if (typeof admitted === 'string') return { refused: admitted };
    const { conference, role } = admitted;
    const chat = { service: 'line', number: guest.writer } as const;
    const wish = { conference, name: guest.name, role, direction: 'in', muted: false, deaf: false, chat } as const;
    const { view, call } = await execute('stream.open', wish, actorOf(guest.account));
    const { name } = view.conference.document;
    return { conference, call, title: typeof name === 'string' ? name : '' };
  } catch (error) {
    return { refused: (error instanceof Failure && refusals[error.code]) || words.notNow };
  } finally {
    desk.over(visitor);
  }
}

export const actorOf = (account: AccountId): Actor => ({ account, kind: 'call' });

type Judging = Pick<WayInOptions, 'desk' | 'clock' | 'execute'>;

async function judged({ account, number, pin }: Guest, visitor: Visitor, judging: Judging): Promise<Admitted | string> {
  const { desk, clock, execute } = judging;
  const found = await desk.ask(visitor, { do: 'find', number });
  if (found?.type !== 'found') return words.notNow;
  await rest(clock, found.delay);
  if (found.lockedOut === true) return words.lockedOut;
  const { plan } = found;
  if (plan === undefined) return words.unknown;
  const { conference, joinExisting } = plan;
  if (joinExisting) {
    const view = await execute('conference.read', { conference }, actorOf(account));
    if (view.conference.room === undefined) return words.closed;
  }
  if (plan.pin === undefined) return { conference, role: plan.role };
  if (pin === undefined) return words.pin;
  const verdict = await desk.ask(visitor, { do: 'judge', conference, question: plan.pin, pin });
  if (verdict?.type !== 'judged') return words.notNow;
  await rest(clock, verdict.delay);
  if (verdict.lockedOut === true) return words.lockedOut;
  return verdict.as === undefined ? words.wrongPin : { conference, role: verdict.as.role };
}

const rest = (clock: Clock, ms: number): Promise<void> =>
  ms <= 0 ? Promise.resolve() : new Promise((resolve) => void clock.wake(clock.now() + ms, resolve));
