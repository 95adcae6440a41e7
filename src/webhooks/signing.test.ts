import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { SystemClock } from '../base/index.ts';
import { newSecret, rotated, signedHeaders } from './signing.ts';

test('the published example of Standard Webhooks', () => {
  const headers = signedHeaders({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    body: '{"test": 2432232314}',
    secrets: [{ value: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }],
    now: 1_614_265_330_000,
  });
  assert.equal(headers['webhook-id'], 'msg_p5jXN8AQM9LWM0D4loKWxJek');
  assert.equal(headers['webhook-timestamp'], '1614265330');
  assert.equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test("VoIPBIN's signature is over the body, with the shown text of the newest secret as key", () => {
  const secrets = [{ value: 'whsec_bmV3' }, { value: 'whsec_b2xk', until: 100 }];
  const { 'x-voipbin-signature': signature } = signedHeaders({ id: 'msg_1', body: '{"a":"ä"}', secrets, now: 50 });
  assert.equal(signature, `sha256=${createHmac('sha256', 'whsec_bmV3').update('{"a":"ä"}', 'utf8').digest('hex')}`);
});

test('an old secret signs beside the new one until its time is over', () => {
  const secrets = [{ value: 'whsec_bmV3' }, { value: 'whsec_b2xk', until: 5000 }];
  const signatures = (now: number) => signedHeaders({ id: 'm', body: 'b', secrets, now })['webhook-signature']?.split(' ') ?? [];
  const by = (key: string, now: number) =>
    `v1,${createHmac('sha256', key)
      .update(`m.${Math.floor(now / 1000)}.b`)
      .digest('base64')}`;
  assert.deepEqual(signatures(4999), [by('new', 4999), by('old', 4999)]);
  assert.deepEqual(signatures(5000), [by('new', 5000)]);
});

test('rotation: the new one first, older ones for no longer than they had, no endless list', () => {
  const chance = new SeededChance(3);
  const first = newSecret(chance);
  assert.match(first.value, /^whsec_[A-Za-z0-9+/]+=*$/);
  const bytes = Buffer.from(first.value.slice(6), 'base64').length;
  assert.ok(bytes >= 24 && bytes <= 64);
  const second = newSecret(chance);
  assert.notEqual(second.value, first.value);
  const twice = rotated([first], { fresh: second, until: 100, now: 0 });
  assert.deepEqual(twice, [second, { ...first, until: 100 }]);
  const third = newSecret(chance);
  assert.deepEqual(rotated(twice, { fresh: third, until: 150, now: 50 }), [third, { ...second, until: 150 }, { ...first, until: 100 }]);
  assert.deepEqual(rotated(twice, { fresh: third, until: 20, now: 50 }), [third], 'a leaked one can be stopped at once');
  let many = [first] as ReturnType<typeof rotated>;
  for (let n = 0; n < 20; n++) many = rotated(many, { fresh: newSecret(chance), until: 1000, now: n });
  assert.equal(many.length, 4);
});

test("the receiver's code of docs/webhooks.md takes what is ours and nothing else", async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { isFromParley } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    isFromParley: (headers: object, body: string, secret: string) => boolean;
  };
  const chance = new SeededChance(9);
  const [fresh, old] = [newSecret(chance), newSecret(chance)];
  const now = new SystemClock().epoch();
  const body = '{"type":"room.opened","name":"Zoë"}';
  const headers = signedHeaders({ id: 'msg_1', body, secrets: [fresh, { ...old, until: now + 1000 }], now });
  assert.ok(isFromParley(headers, body, fresh.value));
  assert.ok(isFromParley(headers, body, old.value));
  assert.ok(!isFromParley(headers, `${body} `, fresh.value));
  assert.ok(!isFromParley(headers, body, newSecret(chance).value));
  assert.ok(!isFromParley({ ...headers, 'webhook-id': 'msg_2' }, body, fresh.value));
  assert.ok(!isFromParley(signedHeaders({ id: 'msg_1', body, secrets: [fresh], now: now - 600_000 }), body, fresh.value));
  assert.ok(!isFromParley({}, body, fresh.value));
});
