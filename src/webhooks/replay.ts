import type { AccountId } from '../accounts/index.ts';
import type { Entry, Journal } from '../conference/index.ts';
import { delivery, inState, stateOf } from './delivery.machine.ts';
import { wants } from './fact-types.ts';
import { messagesOf, type Writing } from './message.ts';
import type { WebhookStore } from './ports.ts';
import type { Delivery, Webhook } from './webhook.ts';
import type { Replayed } from './webhooks-types.ts';

/** What sending once more needs. */
export interface ReplayOptions extends Writing {
  readonly store: WebhookStore;
  readonly journal: Pick<Journal, 'read' | 'last' | 'forgottenTo'>;
  readonly webhook: Webhook;
}

/** Messages of one call, and of one read. */
const MOST = 10_000;
const BATCH = 200;
/** ms by which the clock on the wall may have been set back between two facts. */
const SLACK = 60_000;

/** The message as it was, to be sent at once, with all its attempts before it. */
export async function again(store: WebhookStore, message: Delivery, now: number): Promise<Delivery> {
  const { state } = delivery.step(stateOf(message), { type: 'again' }, now);
  if (state.at === 'sending') return message;
  const next = inState(message, state);
  await store.update(next);
  return next;
}

/** All that were given up. */
export async function replayDead({ store, webhook, now }: ReplayOptions): Promise<Replayed> {
  const query = { account: webhook.account, webhook: webhook.id, state: 'dead', limit: BATCH } as const;
  let count = 0;
  let page = await store.list(query);
  while (page.length > 0 && count < MOST) {
    for (const message of page) await again(store, message, now);
    count += page.length;
    const last = page.at(-1);
    if (last !== undefined) page = await store.list({ ...query, before: last.position, beforeId: last.id });
  }
  return { count };
}

/** All facts of a time that the webhook wants, out of the journal: those that were delivered, those that were given up, and those that it was never told. */
export async function replayTime(options: ReplayOptions, { from, to }: { readonly from: number; readonly to: number }): Promise<Replayed> {
  const { journal, webhook } = options;
  const of = { account: webhook.account };
  let count = 0;
  let position = await before(journal, webhook.account, from - SLACK);
  for (;;) {
    const entries = await journal.read(position, BATCH, of);
    const last = entries.at(-1);
    if (last === undefined) return { count };
    const meant = entries.filter(({ fact }) => fact.at >= from && fact.at < to && wants(webhook, fact));
    const first = meant[0];
    if (count + meant.length > MOST && first !== undefined) return { count, nextFrom: first.fact.at };
    await replayEntries(options, meant);
    count += meant.length;
    position = last.position;
    if (last.fact.at >= to + SLACK) return { count };
  }
}

async function replayEntries(options: ReplayOptions, entries: readonly Entry[]): Promise<void> {
  const { store, webhook, now } = options;
  const messages = (await Promise.all(entries.map((entry) => messagesOf(webhook, entry, options)))).flat();
  // Those that were queued before stay as they were, and are wound back one by one.
  await store.enqueue(messages);
  for (const { id } of messages) {
    const kept = await store.delivery(webhook.account, id);
    if (kept !== undefined && kept.state !== 'pending') await again(store, kept, now);
  }
}

/** A position before everything that happened at this time or later; times rise with positions but for `SLACK`. */
async function before(journal: ReplayOptions['journal'], account: AccountId, at: number): Promise<number> {
  let low = await journal.forgottenTo(account);
  let high = await journal.last();
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await journal.read(middle, 1, { account });
    if (entry === undefined || entry.fact.at >= at) high = middle;
    else low = entry.position;
  }
  return low;
}
