import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import type { AccountId } from '../../accounts/index.ts';
import type { CallId, Cdr } from '../../conference/index.ts';

const open = async () => {
  const house = await openHouse();
  const ask = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
    house.server.inject({
      method,
      url: `/api${url}`,
      headers: { authorization: `Bearer ${house.accessKey}` },
      ...(payload === undefined ? {} : { payload }),
    });
  return { ...house, ask };
};

test('an account is read and patched: limits, retention and media one by one, null takes away', async () => {
  const { ask, store, account, clock } = await open();
  const first = (await ask('GET', '/account')).json();
  const nothing = { enabled: null, concurrent: null, per_hour: null, prefixes: null, domains: null };
  assert.deepEqual(first.limits, { legs: null, minutes_per_month: null, dial: nothing });
  assert.equal(first.api_key ?? first.apiKey, undefined);
  const media = { audio: { codecs: ['G722', 'opus'] }, encryption: { enforce_security: true, methods: ['srtp'] } };
  const changed = await ask('PATCH', '/account', {
    name: 'One',
    limits: { legs: 5, minutes_per_month: 100 },
    retention: { cdrs_days: 30 },
    media,
  });
  assert.equal(changed.statusCode, 200, changed.body);
  await ask('PATCH', '/account', { limits: { legs: null }, retention: { facts_days: 7 } });
  const kept = await store.accounts.account(account as AccountId);
  assert.deepEqual(
    [kept?.name, kept?.limits, kept?.retention, kept?.media],
    ['One', { minutesPerMonth: 100 }, { cdrsDays: 30, factsDays: 7 }, media],
  );
  await store.history.add({
    id: '1' as CallId,
    account: account as AccountId,
    answeredAt: clock.epoch() - 61_000,
    startedAt: clock.epoch() - 61_000,
    endedAt: clock.epoch(),
  } as Cdr);
  assert.equal((await ask('GET', '/account')).json().used.minutes_this_month, 2);
  await ask('PATCH', '/account', { limits: null, retention: null, media: null });
  const bare = await store.accounts.account(account as AccountId);
  assert.deepEqual([bare?.limits, bare?.retention, bare?.media, bare?.name], [undefined, undefined, undefined, 'One']);
});

test('where an account may dial is patched rule by rule beside its other limits; null gives it back to the server', async () => {
  const { ask, store, account } = await open();
  const kept = async () => (await store.accounts.account(account as AccountId))?.limits;
  await ask('PATCH', '/account', { limits: { legs: 5, dial: { enabled: true, per_hour: 30, prefixes: ['+49'], domains: [] } } });
  const { statusCode, body } = await ask('PATCH', '/account', {
    limits: { dial: { per_hour: null, concurrent: 2, prefixes: ['+49', '+1'] } },
  });
  assert.equal(statusCode, 200, body);
  assert.deepEqual(JSON.parse(body).limits.dial, { enabled: true, concurrent: 2, per_hour: null, prefixes: ['+49', '+1'], domains: [] });
  assert.deepEqual(await kept(), { legs: 5, dial: { enabled: true, concurrent: 2, prefixes: ['+49', '+1'], domains: [] } });
  await ask('PATCH', '/account', { limits: { legs: null } });
  assert.deepEqual(await kept(), { dial: { enabled: true, concurrent: 2, prefixes: ['+49', '+1'], domains: [] } });
  await ask('PATCH', '/account', { limits: { dial: null } });
  assert.equal(await kept(), undefined);
});

test('what makes no sense for an account is refused and changes nothing', async () => {
  const { ask, store, account } = await open();
  const before = await store.accounts.account(account as AccountId);
  for (const body of [
    {},
    { realm: 'mine.test' },
    { name: '' },
    { limits: { legs: -1 } },
    { limits: { legs: 1.5 } },
    { limits: { rooms: 1 } },
    { limits: { dial: { prefixes: ['abc'] } } },
    { limits: { dial: { domains: ['a b'] } } },
    { limits: { dial: { enabled: 'yes' } } },
    { limits: { dial: { perHour: 1 } } },
    { retention: { cdrs_days: 0 } },
    { media: { audio: { codecs: ['G729'] } } },
    { media: { audio: { codecs: [] } } },
    { media: { encryption: { methods: ['zrtp'] } } },
    { media: { encryption: { enforce_security: true, methods: [] } } },
    { media: { video: {} } },
  ])
    assert.equal((await ask('PATCH', '/account', body)).statusCode, 400, JSON.stringify(body));
  assert.deepEqual(await store.accounts.account(account as AccountId), before);
});

test('changes of an account at once all hold', async () => {
  const { ask, store, account } = await open();
  await Promise.all([
    ask('PATCH', '/account', { limits: { legs: 1 } }),
    ask('PATCH', '/account', { limits: { minutes_per_month: 2 } }),
    ask('PATCH', '/account', { name: 'Three' }),
  ]);
  const kept = await store.accounts.account(account as AccountId);
  assert.deepEqual([kept?.limits, kept?.name], [{ legs: 1, minutesPerMonth: 2 }, 'Three']);
});

test('devices: made, listed, changed, removed; the password is shown once', async () => {
  const { ask, options, account } = await open();
  const made = await ask('POST', '/devices', { name: 'Desk', media: { encryption: { methods: [] } } });
  assert.equal(made.statusCode, 201, made.body);
  const { id, username, password } = made.json();
  assert.match(password, /^\S{20}$/);
  assert.equal(made.headers['location'], `/api/devices/${id}`);
  const listed = await ask('GET', '/devices');
  assert.deepEqual([listed.json().items.length, listed.body.includes(password)], [1, false]);
  const named = await ask('PATCH', `/devices/${id}`, { username: 'desk', enabled: false });
  assert.deepEqual([named.json().username, named.json().enabled, named.json().password], ['desk', false, undefined]);
  assert.equal(await options.accounts.device(account as AccountId, 'desk'), undefined, 'it is disabled');
  assert.equal(await options.accounts.device(account as AccountId, username), undefined);
  const fresh = (await ask('PATCH', `/devices/${id}`, { password: null, enabled: true })).json().password;
  assert.notEqual(fresh, password);
  assert.equal((await options.accounts.device(account as AccountId, 'desk'))?.password, fresh);
  await ask('PATCH', `/devices/${id}`, { password: 'chosen by me' });
  assert.equal((await options.accounts.device(account as AccountId, 'desk'))?.password, 'chosen by me');
  assert.deepEqual((await ask('GET', `/devices/${id}`)).json().media, { encryption: { methods: [] } });
  assert.equal((await ask('DELETE', `/devices/${id}`)).statusCode, 204);
  for (const gone of [ask('DELETE', `/devices/${id}`), ask('PATCH', `/devices/${id}`, { name: 'x' }), ask('GET', `/devices/${id}`)])
    assert.equal((await gone).statusCode, 404);
});

test('a device of another account is nobody’s here; a name is had once; nonsense is refused', async () => {
  const { ask, child, stranger } = await open();
  const made = (await ask('POST', `/devices?account=${child}`, { username: 'desk', password: 'long enough' })).json();
  assert.equal((await ask('GET', `/devices/${made.id}`)).statusCode, 404);
  assert.equal((await ask('DELETE', `/devices/${made.id}`)).statusCode, 404);
  assert.equal((await ask('POST', `/devices?account=${stranger}`, {})).statusCode, 403);
  assert.equal((await ask('POST', `/devices?account=${child}`, { username: 'desk' })).json().code, 'username_taken');
  for (const body of [
    { username: 'a b' },
    { username: '' },
    { password: 'short' },
    { password: 'näh, nicht ASCII' },
    { enabled: 'yes' },
    { owner: 'x' },
  ])
    assert.equal((await ask('POST', '/devices', body)).statusCode, 400, JSON.stringify(body));
});
