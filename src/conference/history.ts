import type { AccountId } from '../accounts/index.ts';
import { Failure } from '../base/index.ts';
import type { FactsPage } from './commands.ts';
import type { ConferenceId } from './conference.ts';
import type { Fact } from './facts.ts';
import { live } from './fold.ts';
import type { Store } from './ports.ts';
import { conferenceNotFound } from './refusals.ts';
import { liveThen, type Moment, type StateThen, stateAt } from './state-at.ts';

/** Whose history. */
export interface HistoryOf {
  readonly store: Store;
  readonly account: AccountId;
  readonly id: ConferenceId;
}

const forgotten = (forgottenTo: number): Failure =>
  new Failure('not-found', 'facts_forgotten', 'the facts of that time were kept as long as they had to be, and are forgotten', {
    details: { forgotten_to: forgottenTo },
  });

/** Everything that is kept, in order, and the number up to which nothing is. Refuses when there never was such a conference. */
async function kept({ store, account, id }: HistoryOf): Promise<{ facts: readonly Fact[]; forgottenTo: number }> {
  const facts = await store.facts(account, id, 0);
  const [first] = facts;
  if (first !== undefined) return { facts, forgottenTo: first.sequence - 1 };
  const conference = await store.load(account, id);
  if (conference === undefined) throw conferenceNotFound(id);
  return { facts, forgottenTo: conference.sequence };
}

/** Facts with a number above `after`, of a conference that is or was. */
export async function factsPage(of: HistoryOf, { after, limit }: { after: number | undefined; limit: number }): Promise<FactsPage> {
  const { facts, forgottenTo } = await kept(of);
  if (after !== undefined && after < forgottenTo) throw forgotten(forgottenTo);
  const left = after === undefined ? facts : facts.filter(({ sequence }) => sequence > after);
  return { facts: left.slice(0, limit), forgottenTo, more: left.length > limit };
}

/**
 * What is forgotten ends somewhere. Where it ends right before a room was opened nobody was in, and whether it was locked is told by the next fact about
 * the lock, or by the conference as it is now.
 */
function withBeginning(facts: readonly Fact[], isLockedNow: boolean): readonly Fact[] {
  const [first] = facts;
  if (first === undefined || first.type !== 'room.opened' || first.sequence === 1) return facts;
  const { at, account, conference, sequence } = first;
  const stamp = { at, account, conference, sequence: sequence - 1 };
  const next = facts.find(({ type }) => type === 'conference.locked' || type === 'conference.unlocked');
  const wasLocked = next === undefined ? isLockedNow : next.type === 'conference.unlocked';
  const empty: Fact = { type: 'room.closed', instance: '', ...stamp };
  return [empty, ...(wasLocked ? [{ type: 'conference.locked' as const, ...stamp }] : []), ...facts];
}

/** How a conference was. Refuses when facts that could have changed it then are forgotten. */
export async function pastState(of: HistoryOf, moment: Moment): Promise<StateThen> {
  const { store, account, id } = of;
  const { facts, forgottenTo } = await kept(of);
  if (forgottenTo === 0) return stateAt(facts, moment);
  if ('sequence' in moment && moment.sequence <= forgottenTo) throw forgotten(forgottenTo);
  const now = await store.load(account, id);
  const state = stateAt(withBeginning(facts, now?.locked === true), moment);
  if (state.complete && state.sequence > 0) return state;
  // Facts that are kept may tell the present although its beginning is forgotten.
  const isPresent = now !== undefined && state.sequence === now.sequence && JSON.stringify(liveThen(state)) === JSON.stringify(live(now));
  if (!isPresent) throw forgotten(forgottenTo);
  return state;
}
