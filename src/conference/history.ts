import type { AccountId } from '../accounts/index.ts';
import { Failure } from '../base/index.ts';
import type { Actor, Execute, FactsPage } from './commands.ts';
import type { ConferenceId } from './conference.ts';
import type { Fact } from './facts.ts';
import { live } from './fold.ts';
import type { Store } from './ports.ts';
import { conferenceNotFound } from './refusals.ts';
import type { Traces } from './rules/document.ts';
import { Becoming, liveThen, type Moment, type StateThen } from './state-at.ts';

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

/** So many facts are read at once, and no more are in memory for it. */
const PAGE = 1000;

/** The first fact that is kept, and the number up to which nothing is. Refuses when there never was such a conference. */
async function beginning({ store, account, id }: HistoryOf): Promise<{ first: Fact | undefined; forgottenTo: number }> {
  const [first] = await store.facts(account, id, 0, 1);
  if (first !== undefined) return { first, forgottenTo: first.sequence - 1 };
  const conference = await store.load(account, id);
  if (conference === undefined) throw conferenceNotFound(id);
  return { first, forgottenTo: conference.sequence };
}

/** Facts with a number above `after`, in order; the last of them is the newest when it is read. */
async function* factsAfter({ store, account, id }: HistoryOf, after: number): AsyncGenerator<Fact, void> {
  for (let last = after; ; ) {
    const page = await store.facts(account, id, last, PAGE);
    // What is forgotten while it is read leaves a hole.
    if (page[0] !== undefined && page[0].sequence !== last + 1) throw forgotten(page[0].sequence - 1);
    yield* page;
    if (page.length < PAGE) return;
    last += PAGE;
  }
}

/** Facts with a number above `after`, of a conference that is or was; at most a thousand at once. */
export async function factsPage(of: HistoryOf, { after, limit }: { after: number | undefined; limit: number }): Promise<FactsPage> {
  const { store, account, id } = of;
  const { forgottenTo } = await beginning(of);
  if (after !== undefined && after < forgottenTo) throw forgotten(forgottenTo);
  const most = Math.min(limit, PAGE);
  const facts = await store.facts(account, id, after ?? forgottenTo, most + 1);
  return { facts: facts.slice(0, most), forgottenTo, more: facts.length > most };
}

/** Page after page of what is kept, from the first fact or those above `after` on, so that a long past is never in memory as a whole. */
export async function* factPages(
  execute: Execute,
  { conference, after }: { readonly conference: ConferenceId; readonly after?: number | undefined },
  actor: Actor,
): AsyncGenerator<readonly Fact[], void> {
  for (let last = after; ; ) {
    const page: FactsPage = await execute(
      'conference.facts',
      { conference, ...(last === undefined ? {} : { after: last }), limit: PAGE },
      actor,
    );
    yield page.facts;
    last = page.facts.at(-1)?.sequence;
    if (!page.more || last === undefined) return;
  }
}

/** The first fact of an id that was removed, its last one, and the highest number it gave to anybody. */
export async function traces(of: HistoryOf): Promise<Traces> {
  const found = { first: 1, last: 0, number: 0 };
  const [first] = await of.store.facts(of.account, of.id, 0, 1);
  if (first === undefined) return found;
  found.first = first.sequence;
  for await (const fact of factsAfter(of, first.sequence - 1)) {
    found.last = fact.sequence;
    if (fact.type === 'participant.joined') found.number = Math.max(found.number, fact.participant.number);
  }
  return found;
}

/**
 * What is forgotten ends somewhere. Where it ends right before a room was opened nobody was in: then the past begins with an empty conference. Whether it was
 * locked is told by the next fact about the lock.
 */
function emptyBefore(first: Fact): Fact | undefined {
  if (first.type !== 'room.opened' || first.sequence === 1) return undefined;
  const { at, account, conference, sequence } = first;
  return { type: 'room.closed', instance: '', at, account, conference, sequence: sequence - 1 };
}

const isOfLock = ({ type }: Fact): boolean => type === 'conference.locked' || type === 'conference.unlocked';

/** Where what happened up to a number can begin to be folded, so that a long past costs no more than the last time the room was open then. */
interface Begin {
  readonly first: Fact;
  /** The last fact about the lock before it; undefined: none is kept. */
  readonly lock: Fact | undefined;
}

async function beginFor({ store, account, id }: HistoryOf, first: Fact, end: number): Promise<Begin> {
  const opening = await store.opening(account, id, end);
  return opening === undefined ? { first, lock: undefined } : { first: opening.opened, lock: opening.lock };
}

/** Folds what is kept up to a number. Where no fact of it tells whether the conference was locked at its beginning, the next one does, or how it is now. */
async function folded(of: HistoryOf, oldest: Fact, end: number): Promise<StateThen> {
  const { first, lock } = await beginFor(of, oldest, end);
  const becoming = new Becoming();
  const before = emptyBefore(first);
  for (const each of [lock, before]) if (each !== undefined) becoming.take(each);
  // Where nothing is forgotten and no fact tells of a lock there was none.
  let isLockTold = before === undefined || lock !== undefined || oldest.sequence === 1;
  let wasLocked: boolean | undefined;
  for await (const fact of factsAfter(of, first.sequence - 1)) {
    if (fact.sequence <= end) {
      becoming.take(fact);
      isLockTold ||= isOfLock(fact);
    } else if (isLockTold) break;
    else if (isOfLock(fact)) {
      wasLocked = fact.type === 'conference.unlocked';
      break;
    }
  }
  const { state } = becoming;
  if (isLockTold) return state;
  wasLocked ??= (await of.store.load(of.account, of.id))?.locked === true;
  return wasLocked ? { ...state, locked: true, lockedSince: oldest.at } : state;
}

/** The last fact that is meant; those whose time is set back are found by their number. */
const endOf = async ({ store, account, id }: HistoryOf, moment: Moment): Promise<number> =>
  'sequence' in moment ? moment.sequence : store.sequenceAt(account, id, moment.at);

/** How a conference was. Refuses when facts that could have changed it then are forgotten. */
export async function pastState(of: HistoryOf, moment: Moment): Promise<StateThen> {
  const { store, account, id } = of;
  const { first, forgottenTo } = await beginning(of);
  const end = await endOf(of, moment);
  if ('sequence' in moment && moment.sequence <= forgottenTo && forgottenTo > 0) throw forgotten(forgottenTo);
  if (first !== undefined && (end >= first.sequence || forgottenTo === 0)) {
    const state = await folded(of, first, end);
    if (forgottenTo === 0) return { ...state, conference: first.conference };
    if (state.complete && state.sequence > 0) return state;
    // Facts that are kept may tell the present although its beginning is forgotten.
    const now = await store.load(account, id);
    const isPresent = now !== undefined && state.sequence === now.sequence && JSON.stringify(liveThen(state)) === JSON.stringify(live(now));
    if (isPresent) return state;
  }
  if (forgottenTo === 0) return new Becoming().state;
  throw forgotten(forgottenTo);
}
