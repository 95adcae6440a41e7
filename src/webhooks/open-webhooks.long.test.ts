import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { A, B, type Got, openWebhookHouse, somebody } from '../../test/kit/webhook-house.ts';
import { Failure } from '../base/index.ts';
import type { ConferenceId, Fact, ParticipantId } from '../conference/index.ts';
import type { Posted } from './ports.ts';
import type { DeliveryId, WebhookId } from './webhook.ts';

const HOUR = 3_600_000;
const refused = (code: string) => (error: unknown) => error instanceof Failure && error.code === code;
const told = (got: Got) => JSON.parse(got.body) as { type: string; timestamp: string; data: Record<string, unknown> };

test('a fact reaches who wants it, signed, with all that a receiver needs, and no secret', async () => {
  const house = await openWebhookHouse();
  const { webhooks, happen, settle, story, got, clock } = house;
  const hook = await webhooks.create(A, { url: 'https://one.example/hook', types: ['participant.*'] });
  await webhooks.create(B, { url: 'https://stranger.example/' });
  const fact = story.fact('board', { type: 'participant.left', participant: somebody('board 1').id, reason: 'kicked' } as Partial<Fact>);
  happen([fact, story.fact('board', { type: 'conference.locked' })]);
  await settle();
  assert.equal(got.length, 1);
  const { headers, body, host } = got[0]!;
  assert.equal(host, 'one.example');
  const { type, timestamp, data } = told(got[0]!);
  assert.equal(type, 'participant.left');
  assert.equal(Date.parse(timestamp), fact.at);
  assert.equal(data['id'], headers['webhook-id']);
  assert.equal(data['sequence'], 1);
  assert.equal(data['instance'], 'run-1');
  assert.equal(data['reason'], 'kicked');
  assert.equal(data['account'], A);
  assert.match(String(data['conference']), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal((data['participant'] as { caller_name: string }).caller_name, 'board 1');
  assert.doesNotMatch(body, /SECRET/);
  const key = Buffer.from(hook.secrets[0]!.value.slice('whsec_'.length), 'base64');
  const signed = `${headers['webhook-id']}.${Math.floor(clock.epoch() / 1000)}.${body}`;
  assert.equal(headers['webhook-signature'], `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  assert.equal(headers['content-type'], 'application/json');
  await house.close();
  assert.equal(clock.armed, 0);
});

test('ten minutes of trouble: every fact is there, none twice, in order where order was wished', async () => {
  const house = await openWebhookHouse();
  const { webhooks, happen, pass, story, targets, got, clock, store } = house;
  const chance = new SeededChance(11);
  const hosts = ['errors', 'hangs', 'redirects', 'closes', 'slow', 'twice', 'mixed', 'well'];
  const until = clock.now() + 600_000;
  const troubles: Record<string, () => { after?: number; posted: Posted }> = {
    errors: () => ({ posted: { status: 500 } }),
    hangs: () => ({ after: 3_600_000, posted: { status: 200 } }),
    redirects: () => ({ posted: { status: 302 } }),
    closes: () => ({ posted: { failed: 'connection closed' } }),
    slow: () => ({ after: 14_000, posted: { status: 200 } }),
    // It took the message, and then could not say so.
    twice: () => ({ after: 100, posted: { failed: 'connection closed' } }),
    mixed: () => troubles[hosts[Math.floor(chance.next() * 6)]!]!(),
    well: () => ({ posted: { status: 200 } }),
  };
  for (const host of hosts) {
    targets.set(`${host}.example`, () => (clock.now() < until ? troubles[host]!() : { posted: { status: 204 } }));
    await webhooks.create(A, { url: `https://${host}.example/a`, order: 'conference' });
    await webhooks.create(A, { url: `https://${host}.example/b` });
  }
  const conferences = ['board', 'sales', 'lobby'];
  let facts = 0;
  for (let second = 0; second < 600; second++) {
    if (chance.next() < 0.1) {
      happen([story.fact(conferences[Math.floor(chance.next() * 3)]!)]);
      facts += 1;
    }
    await pass(1000);
  }
  assert.ok(facts > 30);
  const lateness = got.filter(({ host }) => host === 'well.example').map((each) => each.at - Date.parse(told(each).timestamp));
  assert.equal(lateness.length, 2 * facts, 'who answers well is not held up by the others');
  assert.ok(Math.max(...lateness) <= 1000, `${Math.max(...lateness)} ms late`);
  const open = async () => (await store.list({ account: A, state: 'pending', limit: 10_000 })).length;
  for (let hour = 0; hour < 80 * 60 && (await open()) > 0; hour++) await pass(60_000);
  assert.equal(await open(), 0);
  assert.equal((await store.list({ account: A, state: 'dead', limit: 10 })).length, 0);
  for (const host of hosts)
    for (const path of ['a', 'b']) {
      const hook = (await webhooks.list(A)).find(({ url }) => url === `https://${host}.example/${path}`)!;
      const ids = new Set((await store.list({ account: A, webhook: hook.id, limit: 10_000 })).map(({ id }) => String(id)));
      const mine = got.filter((each) => ids.has(each.id));
      const taken = mine.filter(({ posted }) => 'status' in posted && posted.status < 300);
      assert.equal(new Set(taken.map(({ id }) => id)).size, facts, `${host}/${path}: every fact once`);
      const bodies = new Map<string, string>();
      for (const { id, body } of mine) assert.equal(bodies.get(id) ?? body, body, 'the same body at every attempt');
      for (const { id, body } of mine) bodies.set(id, body);
      if (path === 'b') continue;
      const firsts = [...new Map(taken.map((each) => [each.id, each])).values()].map((each) => told(each).data);
      for (const conference of new Set(firsts.map((each) => each['conference']))) {
        const order = firsts.filter((each) => each['conference'] === conference).map((each) => each['sequence'] as number);
        assert.deepEqual(
          order,
          [...order].sort((a, b) => a - b),
          `${host}: ${conference} in order`,
        );
        assert.equal(order[0], 1);
        assert.equal(order.at(-1), order.length);
      }
    }
  await house.close();
  assert.equal(clock.armed, 0);
});

test('a thousand messages to hosts that hang do not hold up the others, and nobody is overrun', async () => {
  const house = await openWebhookHouse({ limits: { sending: 8, perHost: 4 } });
  const { webhooks, happen, pass, settle, story, targets, got, under } = house;
  for (const n of [1, 2, 3]) {
    targets.set(`dead${n}.example`, () => ({ after: HOUR, posted: { status: 200 } }));
    await webhooks.create(A, { url: `https://dead${n}.example/` });
  }
  const well = await webhooks.create(B, { url: 'https://well.example/' });
  happen(Array.from({ length: 300 }, () => story.fact('flood')));
  await settle();
  assert.equal(under.now, 8);
  assert.ok(Math.max(...under.perHost.values()) <= 4);
  // Once they are known to hang they have one half of the lanes.
  await pass(16_000, 1000);
  assert.equal(under.now, 4);
  happen(Array.from({ length: 50 }, () => story.fact('other', {}, B)));
  await pass(2000, 1000);
  const arrived = got.filter(({ host }) => host === 'well.example').length;
  assert.equal(arrived, 50);
  assert.equal(under.most, 8);
  assert.equal((await webhooks.deliveries({ account: B, webhook: well.id, state: 'delivered', limit: 100 })).length, 50);
  await webhooks.remove(A, (await webhooks.list(A))[0]!.id);
  const closing = house.close();
  await pass(3000, 500);
  await closing;
  assert.equal(house.clock.armed - under.now, 0, 'only the invented targets still wait');
});

test('410 switches off, with a reason; what is pending waits and goes on when it is switched on again', async () => {
  const house = await openWebhookHouse();
  const { webhooks, happen, pass, settle, story, targets, got } = house;
  const hook = await webhooks.create(A, { url: 'https://one.example/', order: 'conference' });
  targets.set('one.example', () => ({ posted: { status: got.length === 0 ? 500 : 410 } }));
  happen([story.fact('board'), story.fact('board'), story.fact('board')]);
  await pass(10_000, 1000);
  assert.deepEqual(
    got.map(({ posted }) => 'status' in posted && posted.status),
    [500, 410],
  );
  const off = await webhooks.webhook(A, hook.id);
  assert.equal(off.enabled, false);
  assert.match(off.disabledReason ?? '', /410/);
  happen([story.fact('board')]);
  await pass(80 * HOUR, HOUR);
  assert.equal(got.length, 2, 'nothing is sent, and nothing queued, while it is off');
  targets.delete('one.example');
  const on = await webhooks.change(A, hook.id, { enabled: true });
  assert.equal(on.disabledReason, undefined);
  await settle();
  assert.deepEqual(
    got.slice(2).map((each) => told(each).data['sequence']),
    [2, 3],
  );
  const [dead] = await webhooks.deliveries({ account: A, webhook: hook.id, state: 'dead', limit: 10 });
  assert.equal(dead?.outcome, '410');
  await house.close();
});

test('what is removed is sent no more', async () => {
  const house = await openWebhookHouse();
  const { webhooks, happen, pass, story, targets, got } = house;
  const hook = await webhooks.create(A, { url: 'https://one.example/' });
  targets.set('one.example', () => ({ after: 5000, posted: { status: 500 } }));
  happen([story.fact('board')]);
  await pass(1000);
  await webhooks.remove(A, hook.id);
  await pass(HOUR, 60_000);
  assert.equal(got.length, 1);
  await assert.rejects(webhooks.webhook(A, hook.id), refused('webhook_not_found'));
  await house.close();
});

test('dead letters: listed, sent again one by one, all at once, or by time, with their ids', async () => {
  const house = await openWebhookHouse();
  const { webhooks, happen, pass, settle, story, targets, got, clock } = house;
  const hook = await webhooks.create(A, { url: 'https://one.example/' });
  targets.set('one.example', () => ({ posted: { status: 503 } }));
  const begin = clock.epoch();
  happen([story.fact('board'), story.fact('board'), story.fact('lobby')]);
  await pass(90 * HOUR, HOUR / 4);
  const dead = await webhooks.deliveries({ account: A, webhook: hook.id, state: 'dead', limit: 10 });
  assert.deepEqual(
    dead.map(({ attempts, outcome }) => [attempts, outcome]),
    Array(3).fill([10, '503']),
  );
  assert.equal(got.length, 30);
  targets.delete('one.example');
  got.length = 0;
  const [one] = dead;
  assert.equal((await webhooks.replay(A, hook.id, one!.id)).state, 'pending');
  await settle();
  assert.deepEqual(
    got.map(({ id, body }) => [id, body]),
    [[one!.id, one!.body]],
  );
  assert.deepEqual(await webhooks.replayAll(A, hook.id, { state: 'dead' }), { count: 2 });
  await settle();
  assert.deepEqual(new Set(got.map(({ id }) => id)), new Set(dead.map(({ id }) => id)));
  assert.deepEqual(await webhooks.deliveries({ account: A, webhook: hook.id, state: 'dead', limit: 10 }), []);
  got.length = 0;
  assert.deepEqual(await webhooks.replayAll(A, hook.id, { from: begin, to: begin + 1 }), { count: 3 }, 'delivered ones too');
  await settle();
  assert.equal(got.length, 3);
  assert.deepEqual(await webhooks.replayAll(A, hook.id, { from: begin + 1 }), { count: 0 });
  assert.deepEqual(await webhooks.replayAll(A, hook.id, { from: begin - HOUR, to: begin }), { count: 0 });
  await house.close();
});

test('by time also what happened while nobody listened, out of a long journal of many accounts', async () => {
  const house = await openWebhookHouse();
  const { webhooks, happen, settle, story, got, clock } = house;
  for (let n = 0; n < 500; n++) {
    happen([story.fact('board', {}, n % 2 === 0 ? A : B)]);
    clock.advance(60_000);
  }
  await settle();
  const hook = await webhooks.create(A, { url: 'https://one.example/' });
  const begin = clock.epoch() - 100 * 60_000;
  const reads = house.journal.reads;
  assert.deepEqual(await webhooks.replayAll(A, hook.id, { from: begin, to: begin + 10 * 60_000 }), { count: 5 });
  assert.ok(house.journal.reads - reads < 20, `${house.journal.reads - reads} reads`);
  await settle();
  assert.equal(got.length, 5);
  assert.ok(got.every((each) => Date.parse(told(each).timestamp) >= begin && Date.parse(told(each).timestamp) < begin + 600_000));
  await house.close();
});

test('a new secret signs at once, the old one a day longer; a leaked one can be stopped', async () => {
  const house = await openWebhookHouse();
  const { webhooks, happen, settle, story, got, clock } = house;
  const hook = await webhooks.create(A, { url: 'https://one.example/' });
  const signatures = async () => {
    happen([story.fact('board')]);
    await settle();
    return got.at(-1)!.headers['webhook-signature']!.split(' ').length;
  };
  assert.equal(await signatures(), 1);
  const next = await webhooks.rotate(A, hook.id);
  assert.notEqual(next.secrets[0]!.value, hook.secrets[0]!.value);
  assert.equal(await signatures(), 2);
  clock.advance(24 * HOUR);
  assert.equal(await signatures(), 1);
  await webhooks.rotate(A, hook.id, 0);
  assert.equal(await signatures(), 1);
  await house.close();
  assert.doesNotMatch(JSON.stringify(house.lines), /whsec_/, 'no secret is logged');
});

test('a test message goes out at once and its answer is told', async () => {
  const house = await openWebhookHouse();
  const { webhooks, targets, got, pass } = house;
  const hook = await webhooks.create(A, { url: 'https://one.example/', enabled: false });
  const fine = await webhooks.verify(A, hook.id);
  assert.deepEqual([fine.isTaken, fine.outcome], [true, '200']);
  assert.equal(got[0]!.id, fine.id);
  assert.equal(told(got[0]!).type, 'webhook.test');
  targets.set('one.example', () => ({ after: HOUR, posted: { status: 200 } }));
  const many = Array.from({ length: 9 }, () => webhooks.verify(A, hook.id));
  await assert.rejects(many[8]!, refused('too_many_tests'));
  await pass(15_000);
  const late = await many[0]!;
  assert.deepEqual([late.isTaken, late.outcome, late.tookMs], [false, 'timeout', 15_000]);
  await house.close();
});

test('nobody touches the webhooks of another account', async () => {
  const house = await openWebhookHouse();
  const { webhooks, happen, settle, story } = house;
  const hook = await webhooks.create(A, { url: 'https://one.example/' });
  happen([story.fact('board')]);
  await settle();
  const [message] = await webhooks.deliveries({ account: A, webhook: hook.id, limit: 1 });
  const asStranger: readonly (() => Promise<unknown>)[] = [
    () => webhooks.webhook(B, hook.id),
    () => webhooks.change(B, hook.id, { enabled: false }),
    () => webhooks.remove(B, hook.id),
    () => webhooks.rotate(B, hook.id),
    () => webhooks.verify(B, hook.id),
    () => webhooks.deliveries({ account: B, webhook: hook.id, limit: 10 }),
    () => webhooks.replay(B, hook.id, message!.id),
    () => webhooks.replayAll(B, hook.id, { state: 'dead' }),
  ];
  for (const ask of asStranger) await assert.rejects(ask(), refused('webhook_not_found'));
  assert.deepEqual(await webhooks.list(B), []);
  const theirs = await webhooks.create(B, { url: 'https://two.example/' });
  await assert.rejects(webhooks.replay(B, theirs.id, message!.id), refused('delivery_not_found'));
  await assert.rejects(webhooks.replay(A, hook.id, 'msg_0' as DeliveryId), refused('delivery_not_found'));
  await assert.rejects(webhooks.webhook(A, 'x' as WebhookId), refused('webhook_not_found'));
  await house.close();
  await assert.rejects(webhooks.list(A), refused('closed'));
});

test('what cannot be a webhook, and how many there may be', async () => {
  const house = await openWebhookHouse({ limits: { perAccount: 2 } });
  const { webhooks } = house;
  await assert.rejects(webhooks.create(A, { url: 'ftp://one.example/' }), refused('target_refused'));
  await assert.rejects(webhooks.create(A, { url: `https://one.example/${'x'.repeat(3000)}` }), refused('target_refused'));
  await assert.rejects(webhooks.create(A, { url: 'https://one.example/', types: ['nonsense'] }), refused('unknown_fact_type'));
  const hook = await webhooks.create(A, { url: 'https://one.example/' });
  await assert.rejects(webhooks.change(A, hook.id, { url: 'file:///etc/passwd' }), refused('target_refused'));
  await webhooks.create(A, { url: 'https://one.example/' });
  await assert.rejects(webhooks.create(A, { url: 'https://one.example/' }), refused('webhooks_full'));
  await webhooks.create(B, { url: 'https://one.example/' });
  const some = await webhooks.change(A, hook.id, { conference: 'c' as ConferenceId, types: ['cdr'], order: 'conference' });
  assert.deepEqual([some.conference, some.types, some.order], ['c', ['call.recorded'], 'conference']);
  assert.equal((await webhooks.change(A, hook.id, { conference: null })).conference, undefined);
  await house.close();
});

test('a store that fails for a while loses nothing and is not hammered', async () => {
  const house = await openWebhookHouse();
  const { webhooks, store, happen, pass, story, got } = house;
  await webhooks.create(A, { url: 'https://one.example/' });
  let calls = 0;
  let broken = true;
  for (const name of ['update', 'enqueue'] as const) {
    const real = store[name].bind(store) as (value: never) => Promise<void>;
    Object.assign(store, {
      [name]: async (value: never) => {
        calls += 1;
        if (broken) throw new Error('disk full');
        return real(value);
      },
    });
  }
  happen([story.fact('board'), story.fact('board', { type: 'participant.left', participant: 'x' as ParticipantId, reason: 'hung-up' })]);
  await pass(60_000, 500);
  assert.ok(calls < 20, `${calls} calls`);
  broken = false;
  await pass(120_000, 500);
  assert.equal(new Set(got.map(({ id }) => id)).size, 2);
  assert.equal((await store.list({ account: A, state: 'delivered', limit: 9 })).length, 2);
  await house.close();
  assert.equal(house.clock.armed, 0);
});

test('an outcome that cannot be kept: the same message comes again, not at once', async () => {
  const house = await openWebhookHouse();
  const { webhooks, store, happen, pass, settle, story, got } = house;
  await webhooks.create(A, { url: 'https://one.example/' });
  const update = store.update.bind(store);
  let broken = true;
  Object.assign(store, { update: async (message: never) => (broken ? Promise.reject(new Error('disk full')) : update(message)) });
  happen([story.fact('board')]);
  await settle();
  assert.equal(got.length, 1);
  await pass(900, 100);
  assert.equal(got.length, 1);
  broken = false;
  await pass(5000, 100);
  assert.equal(got.length, 2);
  assert.equal(got[0]!.id, got[1]!.id);
  assert.equal(got[0]!.body, got[1]!.body);
  await house.close();
});

test('a clock on the wall that is set forward wakes what is due', async () => {
  const house = await openWebhookHouse();
  const { webhooks, happen, pass, settle, story, targets, got, clock } = house;
  await webhooks.create(A, { url: 'https://one.example/' });
  targets.set('one.example', () => ({ posted: { status: got.length < 2 ? 500 : 200 } }));
  happen([story.fact('board')]);
  await settle();
  await pass(6000, 1000);
  assert.equal(got.length, 2);
  const real = clock.epoch.bind(clock);
  clock.epoch = () => real() + 10 * 60_000;
  await pass(61_000, 1000);
  assert.equal(got.length, 3, 'within a minute, not in five');
  await house.close();
});
