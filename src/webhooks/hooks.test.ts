import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { A, B, openWebhookHouse } from '../../test/kit/webhook-house.ts';
import { MemoryStore } from '../store/index.ts';
import type { Posted } from './ports.ts';
import type { ForeignEvent, WebhooksOptions } from './webhooks-types.ts';

const RUN = '1'.repeat(32);
const TO = { uri: 'https://one.example/run', method: 'POST' } as const;
const event = (type: string): ForeignEvent => ({ type, data: { id: type } });

/** A house in which an address answers as it is told. */
async function opened(answers: (got: number) => Posted = () => ({ status: 200 }), change: Partial<WebhooksOptions> = {}) {
  const store = new MemoryStore().webhooks;
  const house = await openWebhookHouse(change, store);
  let asked = 0;
  house.targets.set('one.example', () => ({ posted: answers(++asked) }));
  const types = () => house.got.map(({ body }) => JSON.parse(body).type);
  const tell = (...names: string[]) => house.webhooks.tell(A, { key: names.join(), events: names.map(event), run: RUN });
  const kept = async () => (await store.webhooks()).length;
  return { ...house, types, tell, kept, start: house.clock.epoch() };
}

test('the address of a run hears one thing after the other, by the method that was wished, and is nobody’s webhook', async () => {
  const it = await opened();
  await it.webhooks.hook({ account: A, run: RUN, to: { ...TO, method: 'PUT' } });
  await it.tell('one', 'two');
  await it.tell('three');
  await it.webhooks.tell(B, { key: 'x', events: [event('foreign')], run: RUN });
  await it.webhooks.tell(A, { key: 'x', events: [event('other')], run: '2'.repeat(32) });
  await it.pass(5, 1);
  assert.deepEqual(it.types(), ['one', 'two', 'three']);
  assert.deepEqual(JSON.parse(it.got[0]!.body), { type: 'one', data: { id: 'one' } });
  assert.deepEqual(Object.keys(it.got[0]!.headers).sort(), ['content-type', 'webhook-id'], 'without a secret nothing is signed');
  assert.deepEqual(await it.webhooks.list(A), []);
  const [hook] = await it.store.webhooks();
  await assert.rejects(it.webhooks.webhook(A, hook!.id), { code: 'webhook_not_found' });
  await assert.rejects(it.webhooks.rotate(A, hook!.id), { code: 'webhook_not_found' });
  await assert.rejects(it.webhooks.remove(A, hook!.id), { code: 'webhook_not_found' });
  await it.close();
});

test('attempts after 1 and after 2 s, then on the long schedule; the next event has its turn meanwhile', async () => {
  const it = await opened((n) => (n === 1 || n === 3 || n === 4 ? { failed: 'timeout' } : { status: 200 }));
  await it.webhooks.hook({ account: A, run: RUN, to: TO });
  await it.tell('late', 'next');
  await it.settle();
  await it.pass(9000, 100);
  assert.deepEqual(it.types(), ['late', 'next', 'late', 'late', 'late']);
  const late = it.got.filter(({ body }) => body.includes('late'));
  const after = late.map(({ at }) => at - it.start);
  // Each pause is up to a tenth shorter or longer.
  assert.ok(after[0] === 0 && after[1]! >= 900 && after[1]! <= 1200 && after[2]! >= 1800 && after[2]! <= 2400, after.join());
  assert.ok(after[3]! >= 6300 && after[3]! <= 8200, after.join());
  assert.equal(new Set(late.map(({ id }) => id)).size, 1, 'the same message');
  await it.close();
});

test('while an address takes its time with one thing, nothing else is on its way to it; another run does not wait', async () => {
  const it = await opened();
  it.targets.set('slow.example', () => ({ after: 100, posted: { status: 200 } }));
  const other = '2'.repeat(32);
  await it.webhooks.hook({ account: A, run: RUN, to: { ...TO, uri: 'https://slow.example/run' } });
  await it.webhooks.hook({ account: A, run: other, to: TO });
  await it.tell('one', 'two', 'three');
  await it.webhooks.tell(A, { key: 'o', events: [event('quick')], run: other });
  await it.pass(500, 5);
  assert.deepEqual(it.types(), ['quick', 'one', 'two', 'three']);
  const at = it.got.slice(1).map((each) => each.at - it.start);
  assert.ok(at[1]! - at[0]! >= 100 && at[2]! - at[1]! >= 100, at.join());
  await it.close();
});

test('404 is an answer; 410 ends it; 503 and 429 are tried again', async () => {
  for (const [answer, attempts] of [
    [{ status: 503 }, 3],
    [{ status: 429 }, 3],
    [{ status: 404 }, 1],
    [{ status: 410 }, 1],
  ] as const) {
    const it = await opened(() => answer);
    await it.webhooks.hook({ account: A, run: RUN, to: TO });
    await it.tell('one');
    await it.pass(4000, 100);
    assert.equal(it.got.length, attempts, JSON.stringify(answer));
    await it.tell('two');
    await it.settle();
    assert.equal(it.types().includes('two'), answer.status !== 410, 'who is gone is told nothing more');
    await it.close();
  }
});

test('it is signed by the newest secret that the account knows', async () => {
  const it = await opened();
  await it.webhooks.create(A, { url: 'https://plain.example/', types: ['room.opened'] });
  const { secrets } = await it.webhooks.create(A, { url: 'https://known.example/', types: ['room.opened'], format: 'voipbin' });
  await it.webhooks.hook({ account: A, run: RUN, to: TO });
  await it.tell('one');
  await it.settle();
  const { body, headers } = it.got.find(({ host }) => host === 'one.example')!;
  assert.equal(headers['x-voipbin-signature'], `sha256=${createHmac('sha256', secrets[0]!.value).update(body).digest('hex')}`);
  await it.close();
});

test('what was not delivered outlives a restart, and a run that the restart ended is told to be over, once', async () => {
  const store = new MemoryStore().webhooks;
  const ended: WebhooksOptions['ended'] = ({ type, data }, at) => ({ type, data: { ...data, at } });
  const before = await openWebhookHouse({ ended }, store);
  before.targets.set('one.example', () => ({ posted: { status: 503 } }));
  await before.webhooks.hook({ account: A, run: RUN, to: TO }, event('over'));
  await before.webhooks.tell(A, { key: '1', events: [event('begun')], run: RUN });
  await before.settle();
  assert.equal(before.got.length, 1);
  await before.close();
  const told: string[][] = [];
  for (let round = 0; round < 2; round++) {
    const it = await openWebhookHouse({ ended }, store);
    await it.pass(10_000, 500);
    told.push(it.got.map(({ body }) => body));
    if (round === 0) assert.equal(it.got.find(({ id }) => id === before.got[0]!.id)?.body, before.got[0]!.body, 'with its id and its body');
    const [over] = it.got.map(({ body }) => JSON.parse(body)).filter(({ type }) => type === 'over');
    if (over !== undefined) assert.equal(typeof over.data.at, 'number');
    await it.close();
  }
  assert.deepEqual(
    told.map((bodies) => bodies.map((body) => JSON.parse(body).type).sort()),
    [['begun', 'over'], []],
  );
});

test('facts of a run are told to its address; one that is over is forgotten when it has nothing to be told any more', async () => {
  let answer: Posted = { status: 503 };
  const of = (position: number) => ({ run: RUN, isOver: position > 1, events: async () => [event(`a${position}`), event(`b${position}`)] });
  const it = await opened(() => answer, { ofRun: ({ position }) => of(position) });
  await it.webhooks.hook({ account: A, run: RUN, to: TO });
  it.happen([it.story.fact('room')]);
  it.happen([it.story.fact('room', {}, B)]);
  it.happen([it.story.fact('room')]);
  await it.pass(2000, 100);
  assert.deepEqual([...new Set(it.types())], ['a1', 'b1', 'a3', 'b3']);
  await it.pass(1_200_000, 60_000);
  assert.equal(await it.kept(), 1, 'something waits to be told');
  answer = { status: 200 };
  await it.pass(36_000_000, 600_000);
  assert.equal(await it.kept(), 0);
  await it.close();
});

test('a run has one address at a time; one that was never begun has none', async () => {
  const it = await opened();
  await it.webhooks.hook({ account: A, run: RUN, to: TO });
  await assert.rejects(it.webhooks.hook({ account: A, run: RUN, to: TO }), { code: 'errand_exists' });
  await it.webhooks.hook({ account: B, run: RUN, to: TO });
  await it.webhooks.unhook(B, RUN);
  assert.equal(await it.kept(), 1);
  await it.webhooks.tell(A, { key: 'over', events: [event('over')], run: RUN, isOver: true });
  await it.webhooks.hook({ account: A, run: RUN, to: { ...TO, uri: 'https://two.example/' } });
  await it.tell('anew');
  await it.settle();
  assert.deepEqual(
    it.got.map(({ host }) => host),
    ['one.example', 'two.example'],
  );
  await it.close();
});
