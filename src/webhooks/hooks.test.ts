import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import type { AccountId } from '../accounts/index.ts';
import { noLog } from '../base/index.ts';
import { Hooks } from './hooks.ts';
import type { Posted, Posting } from './ports.ts';
import type { Webhook } from './webhook.ts';

const account = 'a'.repeat(32) as AccountId;
const TO = { uri: 'https://one.example/run', method: 'POST' } as const;
const event = (type: string) => ({ type, data: { id: type } });

/** An address that answers as it is told; what it got, and when. */
function opened(answers: (got: number) => Posted = () => ({ status: 200 }), webhooks: readonly Partial<Webhook>[] = []) {
  const clock = new FakeClock();
  const got: (Posting & { readonly at: number })[] = [];
  const hooks = new Hooks({
    ...{ clock, chance: new SeededChance(), log: noLog },
    book: { of: async () => webhooks as readonly Webhook[] },
    post: async (posting) => {
      got.push({ ...posting, at: clock.now() });
      return answers(got.length);
    },
  });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed <= ms; passed += 500) {
      for (let n = 0; n < 20; n++) await new Promise((wake) => setImmediate(wake));
      if (passed < ms) clock.advance(500);
    }
  };
  const types = () => got.map(({ body }) => JSON.parse(body).type);
  return { hooks, got, pass, types, start: clock.now() };
}

test('events come in order, as {type, data}, by the method that was wished', async () => {
  const it = opened();
  it.hooks.post(account, { ...TO, method: 'PUT' }, [event('one'), event('two')]);
  it.hooks.post(account, { ...TO, method: 'PUT' }, [event('three')]);
  await it.pass(0);
  assert.deepEqual(it.types(), ['one', 'two', 'three']);
  assert.deepEqual([it.got[0]!.url, it.got[0]!.method, JSON.parse(it.got[0]!.body)], [TO.uri, 'PUT', { type: 'one', data: { id: 'one' } }]);
  assert.equal(it.got[0]!.headers['x-voipbin-signature'], undefined, 'without a secret nothing is signed');
});

test('three attempts, after 1 and after 2 s; then the next event has its turn', async () => {
  const it = opened((n) => (n <= 3 ? { failed: 'timeout' } : { status: 200 }));
  it.hooks.post(account, TO, [event('lost'), event('next')]);
  await it.pass(4000);
  assert.deepEqual(it.types(), ['lost', 'lost', 'lost', 'next']);
  assert.deepEqual(
    it.got.map(({ at }) => at - it.start),
    [0, 1000, 3000, 3000],
  );
  assert.equal(new Set(it.got.slice(0, 3).map(({ headers }) => headers['webhook-id'])).size, 1, 'the same message');
});

test('5xx and 429 are tried again; 404 is an answer; an address that is never called is not tried again', async () => {
  for (const [answer, attempts] of [
    [{ status: 503 }, 3],
    [{ status: 429 }, 3],
    [{ status: 404 }, 1],
    [{ refused: 'a private address' }, 1],
  ] as const) {
    const it = opened(() => answer);
    it.hooks.post(account, TO, [event('one')]);
    await it.pass(10_000);
    assert.equal(it.got.length, attempts, JSON.stringify(answer));
  }
});

test('a slow address holds up no other; what waits too long is dropped, and a stop ends it', async () => {
  const it = opened((n) => (n === 1 ? { failed: 'timeout' } : { status: 200 }));
  it.hooks.post(account, TO, [event('slow')]);
  it.hooks.post(account, { ...TO, uri: 'https://two.example/' }, [event('other')]);
  await it.pass(0);
  assert.deepEqual(it.types(), ['slow', 'other']);
  it.hooks.post(
    account,
    TO,
    Array.from({ length: 1500 }, (_, n) => event(`e${n}`)),
  );
  await it.pass(1000);
  assert.equal(it.got.filter(({ url }) => url === TO.uri).length, 2 + 999, 'a thousand may wait, the slow one among them');
  const stopped = opened(() => ({ failed: 'timeout' }));
  stopped.hooks.post(account, TO, [event('one'), event('two')]);
  await stopped.pass(0);
  stopped.hooks.close();
  await stopped.pass(10_000);
  assert.deepEqual(stopped.types(), ['one']);
});

test('it is signed by the secret that the account knows', async () => {
  const secrets = [{ value: 'whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0' }];
  const it = opened(undefined, [{ secrets: [{ value: 'whsec_b3RoZXI=' }] }, { format: 'voipbin', secrets }]);
  it.hooks.post(account, TO, [event('one')]);
  await it.pass(0);
  const { body, headers } = it.got[0]!;
  assert.equal(headers['x-voipbin-signature'], `sha256=${createHmac('sha256', secrets[0]!.value).update(body).digest('hex')}`);
});
