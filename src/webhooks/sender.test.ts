import assert from 'node:assert/strict';
import { test } from 'node:test';
import { A, openWebhookHouse } from '../../test/kit/webhook-house.ts';
import type { Delivery } from './webhook.ts';

test('a store that is slow to keep outcomes does not hold up sending, but for a bound, and nothing is sent twice', async () => {
  const house = await openWebhookHouse();
  const { webhooks, store, happen, pass, settle, story, got } = house;
  const hook = await webhooks.create(A, { url: 'https://one.example/' });
  const held: (() => void)[] = [];
  const update = store.update.bind(store);
  Object.assign(store, { update: (value: Delivery) => new Promise<void>((kept) => held.push(() => void update(value).then(kept))) });
  happen(Array.from({ length: 600 }, () => story.fact('board')));
  await pass(1000, 10);
  assert.ok(got.length >= 100 && got.length <= 256, `${got.length} were sent whose outcome is not durable`);
  for (let n = 0; n < 100; n++) {
    for (const keep of held.splice(0)) keep();
    await pass(20, 10);
  }
  await settle();
  assert.equal(got.length, 600);
  assert.equal(new Set(got.map(({ id }) => id)).size, 600);
  assert.equal((await webhooks.deliveries({ account: A, webhook: hook.id, state: 'delivered', limit: 1000 })).length, 600);
  await house.close();
});

test('who answers quickly has more at once, until he is slow', async () => {
  const house = await openWebhookHouse();
  const { webhooks, happen, pass, story, targets, under } = house;
  await webhooks.create(A, { url: 'https://one.example/' });
  let after = 50;
  targets.set('one.example', () => ({ after, posted: { status: 200 } }));
  const most = async (ms: number): Promise<number> => {
    let seen = 0;
    for (let n = 0; n < ms; n += 10) {
      await pass(10);
      seen = Math.max(seen, under.perHost.get('one.example') ?? 0);
    }
    return seen;
  };
  happen(Array.from({ length: 200 }, () => story.fact('board')));
  assert.equal(await most(40), 4);
  assert.equal(await most(200), 8);
  after = 1000;
  await most(2000);
  assert.equal(await most(500), 4);
  await most(60_000);
  await house.close();
});
