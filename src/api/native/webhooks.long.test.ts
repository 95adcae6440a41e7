import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import { openWebhookHouse } from '../../../test/kit/webhook-house.ts';
import type { AccountBook, AccountId, UserId } from '../../accounts/index.ts';
import type { Fact } from '../../conference/index.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

const open = async () => {
  const hooks = await openWebhookHouse();
  const house = await openHouse({ options: { webhooks: hooks.webhooks } });
  const ask = async (method: Method, url: string, body?: object, headers: object = {}) =>
    house.server.inject({
      method,
      url: `/api${url}`,
      headers: { authorization: `Bearer ${house.accessKey}`, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
  const make = async (body: object = {}) => (await ask('POST', '/webhooks', { url: 'https://one.example/hook', ...body })).json();
  /** Facts of the asking account, sent. */
  const happen = async (count: number): Promise<Fact[]> => {
    const facts = Array.from({ length: count }, () => hooks.story.fact('board', {}, house.account as AccountId));
    hooks.happen(facts);
    await hooks.settle();
    return facts;
  };
  return { ...house, hooks, ask, make, happen };
};

test('a webhook is made, shown, changed and removed; its secret is told once', async () => {
  const { ask, hooks } = await open();
  const made = await ask('POST', '/webhooks', { url: 'https://one.example/hook?k=1', types: ['participant.*', 'cdr'] });
  assert.equal(made.statusCode, 201, made.body);
  const { id, secret, ...rest } = made.json();
  assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.match(secret, /^whsec_[A-Za-z0-9+/=]{32,}$/);
  assert.equal(made.headers['location'], `/api/webhooks/${id}`);
  assert.equal(made.headers['cache-control'], 'no-store');
  assert.deepEqual(rest, {
    url: 'https://one.example/hook?k=1',
    types: ['participant.*', 'call.recorded'],
    conference: null,
    order: 'none',
    enabled: true,
    disabled_reason: null,
    rotation_ends_at: null,
    created_at: rest.created_at,
  });
  const shown = await ask('GET', `/webhooks/${id}`);
  assert.equal(shown.statusCode, 200);
  assert.ok(!shown.body.includes(secret) && !(await ask('GET', '/webhooks')).body.includes('whsec_'));
  const changed = await ask('PATCH', `/webhooks/${id}`, { order: 'conference', enabled: false });
  assert.deepEqual(
    [changed.json().order, changed.json().enabled, changed.json().url],
    ['conference', false, 'https://one.example/hook?k=1'],
  );
  assert.ok(!changed.body.includes('whsec_'));
  assert.equal((await ask('GET', '/webhooks')).json().items.length, 1);
  assert.equal((await ask('DELETE', `/webhooks/${id}`)).statusCode, 204);
  assert.equal((await ask('GET', `/webhooks/${id}`)).json().code, 'webhook_not_found');
  assert.doesNotMatch(JSON.stringify(hooks.lines), /whsec_/);
});

test('rotation tells a new secret and until when the old one signs', async () => {
  const { ask, make, hooks } = await open();
  const { id, secret } = await make();
  const first = await ask('POST', `/webhooks/${id}/rotate`);
  assert.equal(first.statusCode, 200, first.body);
  assert.notEqual(first.json().secret, secret);
  assert.equal(Date.parse(first.json().rotation_ends_at), hooks.clock.epoch() + 86_400_000);
  const leaked = await ask('POST', `/webhooks/${id}/rotate`, { overlap_seconds: 0 });
  assert.equal(leaked.json().rotation_ends_at, null);
  assert.equal((await ask('POST', `/webhooks/${id}/rotate`, { overlap_seconds: -1 })).statusCode, 400);
});

test('one conference: by its id as it is shown; one that there is not is refused', async () => {
  const { ask } = await open();
  const conference = (await ask('POST', '/conferences', { document: { name: 'Board' } })).json();
  const named = (await ask('POST', '/conferences', { id: 'my-room' })).json();
  for (const { id } of [conference, named]) {
    const made = await ask('POST', '/webhooks', { url: 'https://one.example/', conference: id });
    assert.equal(made.statusCode, 201, made.body);
    assert.equal(made.json().conference, id);
    assert.equal((await ask('PATCH', `/webhooks/${made.json().id}`, { conference: null })).json().conference, null);
  }
  const none = await ask('POST', '/webhooks', { url: 'https://one.example/', conference: 'ffffffff-ffff-7fff-8fff-ffffffffffff' });
  assert.deepEqual([none.statusCode, none.json().code], [404, 'conference_not_found']);
});

test('bad input is refused with what would be right', async () => {
  const { ask, make } = await open();
  const typo = await ask('POST', '/webhooks', { url: 'https://one.example/', types: ['participant.join'] });
  assert.deepEqual([typo.statusCode, typo.json().code, typo.json().details.nearest], [400, 'unknown_fact_type', 'participant.joined']);
  assert.match(typo.json().detail, /did you mean "participant.joined"/);
  assert.match(String(typo.headers['content-type']), /^application\/problem\+json/);
  const target = await ask('POST', '/webhooks', { url: 'ftp://one.example/' });
  assert.deepEqual([target.statusCode, target.json().code], [400, 'target_refused']);
  const { id } = await make();
  for (const body of [
    {},
    { url: '' },
    { url: 5 },
    { url: 'https://x.example/', types: [] },
    { url: 'https://x.example/', order: 'some' },
    { url: 'https://x.example/', secret: 'mine' },
  ])
    assert.equal((await ask('POST', '/webhooks', body)).statusCode, 400, JSON.stringify(body));
  for (const body of [{}, { id: 'x' }, { enabled: 'maybe' }])
    assert.equal((await ask('PATCH', `/webhooks/${id}`, body)).statusCode, 400, JSON.stringify(body));
  for (const body of [
    {},
    { state: 'pending' },
    { from: 'yesterday' },
    { to: '2026-01-01T00:00:00Z' },
    { state: 'dead', from: '2026-01-01T00:00:00Z' },
  ])
    assert.equal((await ask('POST', `/webhooks/${id}/replay`, body)).statusCode, 400, JSON.stringify(body));
  assert.equal((await ask('GET', `/webhooks/${id}/deliveries?state=lost`)).statusCode, 400);
  assert.equal((await ask('GET', `/webhooks/${id}/deliveries?cursor=bm8`)).json().code, 'bad_cursor');
});

test('a key makes one webhook, and the same answer', async () => {
  const { ask } = await open();
  const post = () => ask('POST', '/webhooks', { url: 'https://one.example/' }, { 'idempotency-key': 'k' });
  const [first, second] = await Promise.all([post(), post()]);
  assert.equal(first.json().id, second.json().id);
  assert.equal(first.json().secret, second.json().secret);
  assert.equal((await ask('GET', '/webhooks')).json().items.length, 1);
});

test('messages: a page at a time, dead ones, sent again', async () => {
  const { ask, make, happen, hooks } = await open();
  const { id } = await make();
  hooks.targets.set('one.example', () => ({ posted: { status: 500 } }));
  await happen(5);
  const pending = (await ask('GET', `/webhooks/${id}/deliveries?state=pending&limit=2`)).json();
  assert.equal(pending.items.length, 2);
  assert.deepEqual([pending.items[0].attempts, pending.items[0].outcome, pending.items[0].last_attempt_at], [1, '500', null]);
  assert.equal(pending.items[0].payload.data.sequence, 5, 'the newest first');
  const seen: number[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: { payload: { data: { sequence: number } } }[]; next_cursor: string | null } = (
      await ask('GET', `/webhooks/${id}/deliveries?limit=2${cursor && `&cursor=${cursor}`}`)
    ).json();
    seen.push(...page.items.map(({ payload }) => payload.data.sequence));
    cursor = page.next_cursor;
  }
  assert.deepEqual(seen, [5, 4, 3, 2, 1]);
  await hooks.pass(90 * 3_600_000, 1_800_000);
  const dead = (await ask('GET', `/webhooks/${id}/deliveries?state=dead`)).json().items;
  assert.deepEqual(
    dead.map((each: { attempts: number }) => each.attempts),
    [10, 10, 10, 10, 10],
  );
  hooks.targets.delete('one.example');
  hooks.got.length = 0;
  const one = await ask('POST', `/webhooks/${id}/deliveries/${dead[0].id}/replay`);
  assert.deepEqual([one.statusCode, one.json().state], [202, 'pending']);
  const rest = await ask('POST', `/webhooks/${id}/replay`, { state: 'dead' });
  assert.deepEqual([rest.statusCode, rest.json()], [202, { replayed: 4, next_from: null }]);
  await hooks.settle();
  assert.deepEqual(new Set(hooks.got.map((each) => each.id)), new Set(dead.map((each: { id: string }) => each.id)));
  const all = await ask('POST', `/webhooks/${id}/replay`, { from: '2000-01-01T00:00:00+01:00' });
  assert.equal(all.json().replayed, 5);
  assert.equal((await ask('POST', `/webhooks/${id}/deliveries/msg_00/replay`)).json().code, 'delivery_not_found');
});

test('a test message tells what came of it', async () => {
  const { ask, make, hooks } = await open();
  const { id } = await make();
  hooks.targets.set('one.example', () => ({ posted: { refused: 'the name leads to a private address' } }));
  const result = await ask('POST', `/webhooks/${id}/test`);
  assert.equal(result.statusCode, 200, result.body);
  const { taken, outcome } = result.json();
  assert.deepEqual([taken, outcome], [false, 'refused: the name leads to a private address']);
});

test('another account sees and steers nothing', async () => {
  const { ask, make, happen, stranger, child, server, account, options } = await open();
  const { id } = await make();
  await happen(1);
  const message = (await ask('GET', `/webhooks/${id}/deliveries`)).json().items[0].id;
  const doors: readonly [Method, string, object?][] = [
    ['GET', `/webhooks/${id}`],
    ['PATCH', `/webhooks/${id}`, { enabled: false }],
    ['DELETE', `/webhooks/${id}`],
    ['POST', `/webhooks/${id}/rotate`],
    ['POST', `/webhooks/${id}/test`],
    ['GET', `/webhooks/${id}/deliveries`],
    ['POST', `/webhooks/${id}/deliveries/${message}/replay`],
    ['POST', `/webhooks/${id}/replay`, { state: 'dead' }],
  ];
  // The key of the child's own account, as the API key of KAZOO is one of /api too.
  const asOther = async (key: string, [method, url, body]: readonly [Method, string, object?]) =>
    server.inject({
      method,
      url: `/api${url}`,
      headers: { authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { payload: body }),
    });
  const accounts = options.accounts as unknown as AccountBook;
  const user = await accounts.createUser({ account: account as AccountId, username: 'plain' });
  const { token: plain } = await accounts.createAccessKey({ account: account as AccountId, user: user.id as UserId });
  for (const door of doors) {
    for (const key of ['b'.repeat(64), 'c'.repeat(64)]) {
      const answer = await asOther(key, door);
      assert.deepEqual([answer.statusCode, answer.json().code], [404, 'webhook_not_found'], `${door[0]} ${door[1]} ${answer.body}`);
    }
    assert.equal((await ask(door[0], `${door[1]}?account=${child}`, door[2])).statusCode, 404, 'nor as the child');
    assert.equal((await ask(door[0], `${door[1]}?account=${stranger}`, door[2])).statusCode, 403);
    assert.equal((await asOther('wrong', door)).statusCode, 401);
    assert.deepEqual((await asOther(plain, door)).json().code, 'not_admin', 'nor does a plain user of the own account');
  }
  assert.deepEqual((await asOther('c'.repeat(64), ['GET', '/webhooks'])).json().items, []);
  assert.equal((await ask('GET', `/webhooks/${id}`)).json().enabled, true);
});

test('OpenAPI names every route of webhooks; without webhooks there are none', async () => {
  const { server } = await open();
  const paths = Object.keys((await server.inject({ method: 'GET', url: '/api/openapi.json' })).json().paths).filter((each) =>
    /webhooks/.test(each),
  );
  assert.deepEqual(paths.sort(), [
    '/api/webhooks',
    '/api/webhooks/{webhook}',
    '/api/webhooks/{webhook}/deliveries',
    '/api/webhooks/{webhook}/deliveries/{delivery}/replay',
    '/api/webhooks/{webhook}/replay',
    '/api/webhooks/{webhook}/rotate',
    '/api/webhooks/{webhook}/test',
  ]);
  const { server: without, accessKey } = await openHouse();
  assert.equal(
    (await without.inject({ method: 'GET', url: '/api/webhooks', headers: { authorization: `Bearer ${accessKey}` } })).statusCode,
    404,
  );
});
