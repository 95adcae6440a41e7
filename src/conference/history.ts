import type { AccountId } from '../accounts/index.ts';
import { Failure } from '../base/index.ts';
import type { FactsPage } from './commands.ts';
import type { ConferenceId } from './conference.ts';
import type { Fact } from './facts.ts';
import type { Store } from './ports.ts';
import { conferenceNotFound } from './refusals.ts';
import { type Moment, type StateThen, stateAt } from './state-at.ts';

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

/** How a conference was. Refuses when facts that could have changed it then are forgotten. */
export async function pastState(of: HistoryOf, moment: Moment): Promise<StateThen> {
  const { facts, forgottenTo } = await kept(of);
  const state = stateAt(facts, moment);
  if (!state.complete) throw forgotten(forgottenTo);
  return state;
}
