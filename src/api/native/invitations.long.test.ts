import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import { FakeClock } from '../../../test/kit/fake-clock.ts';
import { SeededChance } from '../../../test/kit/seeded-chance.ts';
import { type AccountId, openAccounts, openDocuments } from '../../accounts/index.ts';
import { noLog, undashed } from '../../base/index.ts';
import { type CallId, type ConferenceId, Conferences, type Execute, Invitations, keepLockouts, Lockouts } from '../../conference/index.ts';
import { MemoryStore } from '../../store/index.ts';

/** A server with invitations over a store of their own, and a conference with a PIN. */
async function open() {
  const late: { execute?: Execute } = {};
  const execute: Execute = (name, input, actor) => late.execute!(name, input, actor);
  const [clock, chance, store] = [new FakeClock(), new SeededChance(2), new MemoryStore()];
  const documents = openDocuments({ store: store.documents, clock, chance });
  const entry = {
    invitations: new Invitations({ documents, clock, chance, execute, key: new Uint8Array(32) }),
    lockouts: new Lockouts({ clock, log: noLog, execute, keeping: keepLockouts({ store: store.documents, clock, log: noLog }) }),
    numbers: [],
  };
  const house = await openHouse({ options: { entry } });
  late.execute = house.conferences.execute;
  assert.ok(house.conferences instanceof Conferences);
  await store.accounts.saveAccount({
    id: house.account as never,
    name: 'a',
    realm: 'a.test',
    parent: undefined,
    apiKey: 'd'.repeat(64),
    createdAt: 1,
  });
  const ask = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
    house.server.inject({
      method,
      url: `/api${url}`,
      headers: { authorization: `Bearer ${house.accessKey}` },
      ...(payload && { payload }),
    });
  const { id } = (await ask('POST', '/conferences', { document: { name: '<b>&', member: { pins: ['123456'] } } })).json();
  return { house, ask, id: id as string, lockouts: entry.lockouts };
}

test('what cannot be an invitation is refused with what would be right', async () => {
  const { house, ask, id } = await open();
  const at = { starts_at: '2026-12-01T13:00:00Z' };
  for (const body of [
    {},
    { name: '' },
    { name: 'x'.repeat(129) },
    { name: 'Ada', role: 'admin' },
    { name: 'Ada', pin: '1234' },
    { name: 'Ada', language: 'de\r\nX' },
    { name: 'Ada', starts_at: 'tomorrow' },
    { name: 'Ada', ends_at: '2026-12-01T13:00:00Z' },
    { name: 'Ada', ...at, ends_at: '2026-12-01T12:00:00Z' },
    { name: 'Ada', ...at, ends_at: '2026-12-01T14:00:00Z', expires_at: '2026-12-01T13:30:00Z' },
    { name: 'Ada', ...at, time_zone: 'Europe/Atlantis' },
    { name: 'Ada', max_uses: 0 },
    { name: 'Ada', max_uses: 1001 },
    { name: 'Ada', max_uses: 1.5 },
    { name: 'Ada', max_uses: null, pin: 'one-time' },
    { name: 'Ada', unknown: 1 },
  ]) {
    const answer = await ask('POST', `/conferences/${id}/invitations`, body);
    assert.equal(answer.statusCode, 400, JSON.stringify(body));
    assert.match(String(answer.headers['content-type']), /problem\+json/);
  }
  assert.equal((await ask('POST', `/conferences/${id}/pins/rotate`, { roles: ['moderator'] })).statusCode, 409);
  assert.equal((await ask('GET', `/conferences/${id}/invitations/${'0'.repeat(32)}`)).statusCode, 404);
  assert.equal((await ask('DELETE', `/conferences/${id}/lockouts?caller_number=1`)).statusCode, 404);
  assert.equal((await ask('GET', `/conferences/${'0'.repeat(32)}/invitations`)).statusCode, 404);
  assert.equal((await house.server.inject({ method: 'GET', url: `/api/conferences/${id}/invitations` })).statusCode, 401);
  assert.deepEqual(house.errors, []);
});

test('an invitation is told with its PIN once; the page shows names as text', async () => {
  const { house, ask, id } = await open();
  const wish = { name: '<script>', pin: 'one-time' };
  const made = await ask('POST', `/conferences/${id}/invitations`, wish);
  assert.equal(made.statusCode, 201);
  assert.equal(made.headers['cache-control'], 'no-store');
  const { link, one_time_pin: pin } = made.json();
  const page = await house.server.inject({ method: 'GET', url: new URL(link).pathname });
  assert.equal(page.statusCode, 200);
  assert.doesNotMatch(page.body, /<script>|<b>/);
  assert.ok(!page.body.includes(pin), 'whoever has the link has not the PIN');
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
  assert.equal((await house.server.inject({ method: 'GET', url: `${new URL(link).pathname}/keypad` })).statusCode, 200);
  assert.equal(
    (await house.server.inject({ method: 'GET', url: `${new URL(link).pathname}/invitation.ics` })).statusCode,
    404,
    'no time, no calendar entry',
  );
  const shared = await ask('POST', `/conferences/${id}/invitations`, { name: 'Bob' });
  assert.match(shared.json().text, /123456#/);
  const rotated = await ask('POST', `/conferences/${id}/pins/rotate`);
  assert.equal(rotated.statusCode, 200, rotated.body);
  const later = await ask('GET', `/conferences/${id}/invitations/${shared.json().id}`);
  assert.ok(later.json().text.includes(`${rotated.json().member[0]}#`));
});

test('how often an invitation may be used, and was, is shown; it is read page by page, newest first', async () => {
  const { ask, id, house } = await open();
  const made: string[] = [];
  for (const [body, most] of [
    [{ name: 'a', pin: 'one-time' }, 1],
    [{ name: 'b', pin: 'one-time', max_uses: 3 }, 3],
    [{ name: 'c' }, null],
    [{ name: 'd', max_uses: null }, null],
    [{ name: 'e', max_uses: 2 }, 2],
  ] as const) {
    const answer = await ask('POST', `/conferences/${id}/invitations`, body);
    assert.deepEqual([answer.json().max_uses, answer.json().uses], [most, 0], JSON.stringify(body));
    made.unshift(answer.json().id);
    house.clock.advance(1);
  }
  const seen: string[] = [];
  for (let cursor = ''; ; ) {
    const page = (await ask('GET', `/conferences/${id}/invitations?limit=2${cursor}`)).json();
    assert.ok(page.items.length <= 2);
    seen.push(...page.items.map((each: { id: string }) => each.id));
    if (page.next_cursor === null) break;
    // Who has been shown already may go meanwhile.
    await ask('DELETE', `/conferences/${id}/invitations/${page.items[0].id}`);
    cursor = `&cursor=${page.next_cursor}`;
  }
  assert.deepEqual([...seen].sort(), [...made].sort());
  assert.equal((await ask('GET', `/conferences/${id}/invitations?cursor=x`)).json().code, 'bad_cursor');
});

test('who is no admin sees the lockouts of his conferences alone, and lets nobody try again who guessed numbers', async () => {
  const { house, ask, id, lockouts } = await open();
  const { clock, chance } = house.options;
  const account = house.account as AccountId;
  const book = openAccounts({ store: house.store.accounts, clock, chance });
  const user = await book.createUser({ account, username: 'ada', privilege: 'user', password: 'secret word' });
  const { token } = await book.createAccessKey({ account, user: user.id });
  const own = (await ask('POST', '/conferences', { document: { owner_id: user.id } })).json().id as string;
  const locks = (callerNumber: string, conference?: ConferenceId): void => {
    for (let n = 0; n < 5; n += 1) {
      const visitor = { account, callerNumber, call: `${callerNumber}-${n}` as CallId };
      for (let tries = 0; tries < 3; tries += 1) lockouts.shield.wrong(visitor as never, conference);
      lockouts.shield.over(visitor.call);
    }
  };
  locks('+491', undashed(id) as ConferenceId);
  locks('+492', undashed(own) as ConferenceId);
  locks('+493');
  const as = (method: 'GET' | 'DELETE', url: string) =>
    house.server.inject({ method, url: `/api${url}`, headers: { authorization: `Bearer ${token}` } });
  const numbers = (answer: { json(): { items: readonly { caller_number: string }[] } }) =>
    answer
      .json()
      .items.map((each) => each.caller_number)
      .sort();
  assert.deepEqual(numbers(await ask('GET', '/lockouts')), ['+491', '+492', '+493']);
  assert.deepEqual(numbers(await as('GET', '/lockouts')), ['+492']);
  assert.deepEqual(numbers(await as('GET', `/conferences/${own}/lockouts`)), ['+492']);
  assert.equal((await as('GET', `/conferences/${id}/lockouts`)).statusCode, 403);
  assert.equal((await as('DELETE', '/lockouts?caller_number=%2B493')).json().code, 'not_admin');
  // Page by page, for an admin.
  const first = (await ask('GET', '/lockouts?limit=2')).json();
  const rest = (await ask('GET', `/lockouts?limit=2&cursor=${first.next_cursor}`)).json();
  assert.deepEqual([first.items.length, rest.items.length, rest.next_cursor], [2, 1, null]);
  assert.equal((await as('DELETE', `/conferences/${own}/lockouts?caller_number=%2B492`)).statusCode, 204);
});
