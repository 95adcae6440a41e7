import assert from 'node:assert/strict';
import type { ConferenceId } from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import type { Delivery, DeliveryId, DeliveryQuery, Webhook, WebhookId, WebhookStore } from '../../src/webhooks/index.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { A, B, hex, T } from './examples.ts';

type WithStore = (title: string, body: (stores: AllStores) => Promise<void>) => void;

/** The secret of every webhook of the examples. */
export const webhookSecret = 'whsec_c2VjcmV0IG9mIGEgd2ViaG9vaywgaW4gY2xlYXI=';

/** The `n`th webhook. */
export const aWebhook = (n: number, change: Partial<Webhook> = {}): Webhook => ({
  id: hex(0x1000 + n) as WebhookId,
  account: A,
  url: `https://example.net/hook/${n}?token=url-token-in-clear`,
  types: ['participant.*', 'room.opened'],
  order: 'none',
  secrets: [{ value: webhookSecret }, { value: `${webhookSecret}old`, until: T + 7 }],
  enabled: true,
  createdAt: T + n,
  ...change,
});

/** What the `n`th webhook is to be told of the fact at a position: due at `T + position`. */
export const aDelivery = (n: number, position: number, change: Partial<Delivery> = {}): Delivery => ({
  id: `msg_${hex(0x1000 + n)}_${position}` as DeliveryId,
  webhook: hex(0x1000 + n) as WebhookId,
  account: A,
  conference: 'room-1' as ConferenceId,
  position,
  type: 'participant.joined',
  body: `{"position":${position},"name":"Zoë 李 \u{1f600}"}`,
  state: 'pending',
  attempts: 0,
  dueAt: T + position,
  ...change,
});

const { conference: _conference, ...ofNone } = aDelivery(1, 9);
const ids = (deliveries: readonly Delivery[]): readonly string[] => deliveries.map(({ id }) => id);
const positions = (deliveries: readonly Delivery[]): readonly number[] => deliveries.map(({ position }) => position);
const forever = T + 1_000_000_000;

/** What every keeper of webhooks and their messages must do. */
export function webhooksContract(withStore: WithStore): void {
  webhookContract(withStore);
  dueContract(withStore);
  orderContract(withStore);
  listContract(withStore);
}

function webhookContract(withStore: WithStore): void {
  withStore('gives webhooks back with every field, oldest first, to their account', async ({ webhooks }) => {
    const [one, three] = [aWebhook(1), aWebhook(3, { account: B })];
    const two = aWebhook(2, {
      conference: 'room-1' as ConferenceId,
      order: 'conference',
      enabled: false,
      disabledReason: 'gone: 410',
      secrets: [{ value: webhookSecret }],
    });
    for (const each of [three, two, one]) await webhooks.save(each);
    assert.deepEqual(await webhooks.webhooks(), [one, two, three]);
    assert.deepEqual(await webhooks.webhooks(A), [one, two]);
    assert.deepEqual(await webhooks.webhook(A, two.id), two);
    assert.equal(await webhooks.webhook(B, two.id), undefined);
    const changed = aWebhook(2, { url: 'http://other.example/', types: ['*'] });
    await webhooks.save(changed);
    assert.deepEqual(await webhooks.webhook(A, two.id), changed);
  });

  withStore('removes a webhook of the account with its deliveries, for good', async ({ webhooks }) => {
    for (const n of [1, 2]) await webhooks.save(aWebhook(n));
    await webhooks.enqueue([...Array.from({ length: 1200 }, (_, index) => aDelivery(1, index + 1)), aDelivery(2, 5)]);
    await webhooks.remove(B, aWebhook(1).id);
    assert.equal((await webhooks.webhooks()).length, 2);
    await webhooks.remove(A, aWebhook(1).id);
    await webhooks.remove(A, aWebhook(1).id);
    assert.deepEqual(await webhooks.webhooks(), [aWebhook(2)]);
    assert.deepEqual(await webhooks.due(forever, 10, []), [aDelivery(2, 5)]);
    // Whoever was about to queue or to note something comes too late.
    await webhooks.update(aDelivery(1, 3, { state: 'delivered' }));
    await webhooks.enqueue([aDelivery(1, 77), aDelivery(2, 77)]);
    assert.deepEqual(ids(await webhooks.list({ account: A, limit: 10 })), ids([aDelivery(2, 77), aDelivery(2, 5)]));
  });

  withStore('queues a message once, and notes how it stands', async ({ webhooks }) => {
    await webhooks.save(aWebhook(1));
    await webhooks.enqueue([]);
    await webhooks.enqueue([aDelivery(1, 1), aDelivery(1, 2), ofNone]);
    const [first, second] = [aDelivery(1, 1), aDelivery(1, 2)];
    const tried = { ...first, attempts: 1, dueAt: T + 900, outcome: '503' };
    await webhooks.update(tried);
    assert.deepEqual(await webhooks.delivery(A, first.id), tried);
    await webhooks.update({ ...tried, attempts: 2, state: 'delivered', outcome: '200', body: 'another', position: 99 });
    const delivered = { ...tried, attempts: 2, state: 'delivered', outcome: '200' };
    assert.deepEqual(await webhooks.delivery(A, first.id), delivered);
    await webhooks.enqueue([first, second, aDelivery(1, 3)]);
    assert.deepEqual(await webhooks.delivery(A, first.id), delivered);
    assert.deepEqual(await webhooks.delivery(A, ofNone.id), ofNone);
    assert.equal(await webhooks.delivery(B, first.id), undefined);
    assert.deepEqual(positions(await webhooks.list({ account: A, limit: 10 })), [9, 3, 2, 1]);
  });
}

function dueContract(withStore: WithStore): void {
  withStore('gives what is due, earliest first, of those who have their hands free', async ({ webhooks }) => {
    for (const n of [1, 2, 3]) await webhooks.save(aWebhook(n));
    assert.equal(await webhooks.nextDue([]), undefined);
    await webhooks.enqueue([
      aDelivery(1, 1, { dueAt: T + 30 }),
      aDelivery(1, 2, { dueAt: T + 10 }),
      aDelivery(2, 1, { dueAt: T + 20 }),
      aDelivery(3, 4, { dueAt: T + 5, state: 'dead' }),
      aDelivery(3, 5, { dueAt: T + 6, state: 'delivered' }),
      { ...ofNone, dueAt: T + 20 },
    ]);
    const due = async (at: number, limit = 10, without: readonly WebhookId[] = []) => ids(await webhooks.due(at, limit, without));
    assert.deepEqual(await due(T + 9), []);
    assert.deepEqual(await due(T + 10), ids([aDelivery(1, 2)]));
    assert.deepEqual(await due(T + 30), ids([aDelivery(1, 2), aDelivery(2, 1), ofNone, aDelivery(1, 1)]));
    assert.deepEqual(await due(T + 30, 2), ids([aDelivery(1, 2), aDelivery(2, 1)]));
    assert.deepEqual(await due(T + 30, 10, [aWebhook(1).id, aWebhook(3).id]), ids([aDelivery(2, 1)]));
    assert.equal(await webhooks.nextDue([]), T + 10);
    assert.equal(await webhooks.nextDue([aWebhook(1).id]), T + 20);
    assert.equal(await webhooks.nextDue([aWebhook(1).id, aWebhook(2).id]), undefined);
    await webhooks.update(aDelivery(1, 2, { attempts: 1, dueAt: T + 40 }));
    assert.equal(await webhooks.nextDue([]), T + 20);
    await webhooks.update(aDelivery(3, 4, { dueAt: T + 1 }));
    assert.equal(await webhooks.nextDue([]), T + 1, 'one that was dead is sent once more');
  });
}

function orderContract(withStore: WithStore): void {
  const [one, two] = ['room-1', 'room-2'] as ConferenceId[] as [ConferenceId, ConferenceId];

  withStore('lets the messages of a conference wait for the first of them, where order is wanted', async ({ webhooks }) => {
    await webhooks.save(aWebhook(1, { order: 'conference' }));
    await webhooks.save(aWebhook(2));
    const now = async () => ids(await webhooks.due(forever, 20, []));
    await webhooks.enqueue([
      aDelivery(1, 1, { dueAt: T + 50 }),
      aDelivery(1, 2),
      aDelivery(1, 3, { conference: two }),
      aDelivery(1, 4, { conference: two }),
      ofNone,
      { ...ofNone, id: 'ten' as DeliveryId, position: 10 },
      aDelivery(2, 1, { dueAt: T + 60 }),
      aDelivery(2, 2, { dueAt: T + 61 }),
    ]);
    const free = ids([aDelivery(1, 3), ofNone]);
    const rest = ids([aDelivery(2, 1), aDelivery(2, 2)]);
    assert.deepEqual(await now(), [...free, 'ten', aDelivery(1, 1).id, ...rest]);
    assert.equal(await webhooks.nextDue([]), T + 3, 'what waits is not due');
    await webhooks.update(aDelivery(1, 1, { state: 'delivered', dueAt: T + 51 }));
    assert.deepEqual(await now(), [aDelivery(1, 2).id, ...free, 'ten', ...rest]);
    await webhooks.update(aDelivery(1, 3, { conference: two, state: 'dead' }));
    assert.deepEqual(await now(), [aDelivery(1, 2).id, aDelivery(1, 4).id, ofNone.id, 'ten', ...rest]);
    // Sent once more, the older one goes first again.
    await webhooks.update(aDelivery(1, 1, { dueAt: T + 70 }));
    assert.deepEqual(await now(), [aDelivery(1, 4).id, ofNone.id, 'ten', ...rest, aDelivery(1, 1).id]);
    await webhooks.enqueue([aDelivery(1, 12, { dueAt: T })]);
    assert.deepEqual(await now(), [aDelivery(1, 4).id, ofNone.id, 'ten', ...rest, aDelivery(1, 1).id]);
  });

  withStore('begins and ends to keep order when that is wanted', async ({ webhooks }) => {
    await webhooks.save(aWebhook(1));
    await webhooks.enqueue([aDelivery(1, 1, { dueAt: T + 9 }), aDelivery(1, 2), aDelivery(1, 3, { conference: two }), ofNone]);
    const now = async () => positions(await webhooks.due(forever, 20, []));
    assert.deepEqual(await now(), [2, 3, 1, 9]);
    await webhooks.save(aWebhook(1, { order: 'conference' }));
    assert.deepEqual(await now(), [3, 1, 9]);
    await webhooks.save(aWebhook(1, { order: 'conference', enabled: false }));
    assert.deepEqual(await now(), [3, 1, 9]);
    await webhooks.save(aWebhook(1));
    assert.deepEqual(await now(), [2, 3, 1, 9]);
  });

  withStore('gives each conference’s messages in order, whatever happens to them', async ({ webhooks }) => {
    const chance = new SeededChance(5);
    const upTo = (n: number): number => Math.floor(chance.next() * n);
    await webhooks.save(aWebhook(1, { order: 'conference' }));
    const sent = new Map<ConferenceId, number[]>();
    const pending = new Set<number>();
    for (let turn = 0, position = 0; turn < 120 || pending.size > 0; turn += 1) {
      const fresh =
        turn < 120 ? Array.from({ length: upTo(3) }, () => aDelivery(1, ++position, { conference: chance.next() < 0.5 ? one : two })) : [];
      const taken = webhooks.due(forever, 1 + upTo(3), []);
      for (const each of fresh) pending.add(each.position);
      await webhooks.enqueue(fresh);
      for (const each of await taken) {
        const isDone = chance.next() < 0.5;
        await webhooks.update({
          ...each,
          attempts: each.attempts + 1,
          dueAt: each.dueAt + upTo(50),
          state: isDone ? 'delivered' : 'pending',
        });
        if (!isDone) continue;
        sent.set(each.conference!, [...(sent.get(each.conference!) ?? []), each.position]);
        assert.ok(pending.delete(each.position), 'nothing is given again that was delivered');
      }
    }
    for (const each of sent.values())
      assert.deepEqual(
        each,
        [...each].sort((a, b) => a - b),
      );
    assert.equal(sent.size, 2);
  });
}

/** Every page in a row. */
async function pages(webhooks: WebhookStore, query: DeliveryQuery): Promise<readonly string[]> {
  const found: Delivery[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = await webhooks.list({ ...query, ...(last === undefined ? {} : { before: last.position, beforeId: last.id }) });
    assert.ok(page.length <= query.limit);
    if (page.length === 0) return ids(found);
    found.push(...page);
  }
}

function listContract(withStore: WithStore): void {
  withStore('lists deliveries, newest position first, in pages, of a webhook, in a state', async ({ webhooks }) => {
    const chance = new SeededChance(9);
    const states = ['pending', 'delivered', 'dead'] as const;
    const all: Delivery[] = [];
    for (const n of [1, 2, 3]) {
      await webhooks.save(aWebhook(n));
      for (let position = 1; position <= 12; position += 1) {
        if (chance.next() < 0.7) all.push(aDelivery(n, position, { state: states[Math.floor(chance.next() * 3)]! }));
      }
    }
    await webhooks.enqueue([...all, aDelivery(1, 20, { account: B, id: 'theirs' as DeliveryId })]);
    const newest = [...all].sort((a, b) => b.position - a.position || (a.id < b.id ? 1 : -1));
    for (const webhook of [undefined, aWebhook(2).id]) {
      for (const state of [undefined, ...states]) {
        const meant = newest.filter((each) => (webhook ?? each.webhook) === each.webhook && (state ?? each.state) === each.state);
        const query = { account: A, ...(webhook && { webhook }), ...(state && { state }) };
        for (const limit of [1, 4, 100]) assert.deepEqual(await pages(webhooks, { ...query, limit }), ids(meant));
        const below = ids(await webhooks.list({ ...query, before: 7, limit: 100 }));
        assert.deepEqual(below, ids(meant.filter(({ position }) => position < 7)));
      }
    }
  });
}
