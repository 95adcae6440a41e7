import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { openHouse } from '../../test/kit/api-house.ts';
import { type AccountId, openAccounts } from '../accounts/index.ts';
import { dashed } from '../base/index.ts';
import { rows } from './kazoo/table.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** What it takes; `list`: everybody is answered, with his own alone. */
type Needs = 'moderate' | 'own' | 'list' | 'create' | 'admin';
type Route = readonly [method: Method, path: string, needs: Needs, body?: object];

/** Every route below a conference, in all dialects: `:c` is the conference, `:p` a participant. */
const NATIVE: readonly Route[] = [
  ['GET', '/api/conferences', 'list'],
  ['POST', '/api/conferences', 'create', { document: {} }],
  ['GET', '/api/conferences/:c', 'moderate'],
  ['PATCH', '/api/conferences/:c', 'own', { document: { name: 'x' } }],
  ['DELETE', '/api/conferences/:c', 'own'],
  ['PUT', '/api/conferences/:c/lock', 'moderate'],
  ['DELETE', '/api/conferences/:c/lock', 'moderate'],
  ['GET', '/api/conferences/:c/participants', 'moderate'],
  ['PATCH', '/api/conferences/:c/participants/:p', 'moderate', { muted: true }],
  ['DELETE', '/api/conferences/:c/participants/:p', 'moderate'],
  ['POST', '/api/conferences/:c/participants/:p/tell', 'moderate', { what: 'count' }],
  ['PUT', '/api/conferences/:c/participants/:p/coach', 'moderate', { whom: 2 }],
  ['GET', '/api/conferences/:c/participants/:p/explain', 'moderate'],
  ['PUT', '/api/conferences/:c/relationships', 'moderate', { participant: 1, other: 2, relationship: 'deaf' }],
  ['PUT', '/api/conferences/:c/mute', 'moderate'],
  ['DELETE', '/api/conferences/:c/mute', 'moderate'],
  ['PUT', '/api/conferences/:c/moh', 'moderate'],
  ['DELETE', '/api/conferences/:c/moh', 'moderate'],
  ['POST', '/api/conferences/:c/extend', 'moderate', { seconds: 60 }],
  ['POST', '/api/conferences/:c/waiting/all/admit', 'moderate'],
  ['POST', '/api/conferences/:c/waiting/all/deny', 'moderate'],
  ['GET', '/api/conferences/:c/keypad', 'moderate'],
  ['POST', '/api/conferences/:c/recordings', 'moderate', {}],
  ['POST', '/api/conferences/:c/recordings/current/pause', 'moderate'],
  ['POST', '/api/conferences/:c/recordings/current/resume', 'moderate'],
  ['POST', '/api/conferences/:c/recordings/current/stop', 'moderate'],
  ['GET', '/api/conferences/:c/plays', 'moderate'],
  ['POST', '/api/conferences/:c/plays', 'moderate', { sources: [{ say: 'hello' }] }],
  ['DELETE', '/api/conferences/:c/plays', 'moderate'],
  ['DELETE', '/api/conferences/:c/plays/current', 'moderate'],
  ['POST', '/api/conferences/:c/transcriptions', 'moderate', {}],
  ['POST', '/api/conferences/:c/transcriptions/current/stop', 'moderate'],
  ['GET', '/api/conferences/:c/transcripts', 'moderate'],
  ['GET', '/api/conferences/:c/state', 'moderate'],
  ['GET', '/api/conferences/:c/facts', 'moderate'],
  ['GET', '/api/conferences/:c/reports', 'moderate'],
  ['GET', '/api/conferences/:c/reports/latest', 'moderate'],
  ['GET', '/api/transcripts?conference=:c', 'moderate'],
  ['GET', '/api/recordings', 'list'],
  ['GET', '/api/transcripts', 'admin'],
  ['GET', '/api/account', 'admin'],
  ['GET', '/api/devices', 'admin'],
  ['GET', '/api/cdrs', 'admin'],
  ['POST', '/api/erasures', 'admin', { number: '1' }],
];

const action = (name: string, data?: object) => ({ data: { action: name, ...(data && { data }) } });
const KAZOO: readonly Route[] = [
  ['GET', 'conferences', 'list'],
  ['PUT', 'conferences', 'create', { data: { name: 'x' } }],
  ['GET', 'conferences/:c', 'moderate'],
  ['POST', 'conferences/:c', 'own', { data: { name: 'x' } }],
  ['PATCH', 'conferences/:c', 'own', { data: { name: 'y' } }],
  ['DELETE', 'conferences/:c', 'own'],
  ['PUT', 'conferences/:c', 'moderate', action('lock')],
  ['GET', 'conferences/:c/participants', 'moderate'],
  ['PUT', 'conferences/:c/participants', 'moderate', action('mute')],
  ['GET', 'conferences/:c/participants/1', 'moderate'],
  ['PUT', 'conferences/:c/participants/1', 'moderate', action('deaf')],
  ['GET', 'recordings', 'list'],
  ['GET', 'cdrs', 'admin'],
];

const VOIPBIN: readonly Route[] = [
  ['GET', '/v1.0/conferences', 'list'],
  ['POST', '/v1.0/conferences', 'create', { type: 'conference' }],
  ['GET', '/v1.0/conferences/:c', 'moderate'],
  ['PUT', '/v1.0/conferences/:c', 'own', { name: 'x' }],
  ['DELETE', '/v1.0/conferences/:c', 'own'],
  ['POST', '/v1.0/conferences/:c/recording_start', 'moderate', {}],
  ['POST', '/v1.0/conferences/:c/recording_stop', 'moderate'],
  ['POST', '/v1.0/conferences/:c/transcribe_start', 'moderate', {}],
  ['POST', '/v1.0/conferences/:c/transcribe_stop', 'moderate'],
  ['POST', '/v1.0/conferences/:c/direct-hash-regenerate', 'own'],
  ['GET', '/v1.0/conferencecalls/:p', 'moderate'],
  ['DELETE', '/v1.0/conferencecalls/:p', 'moderate'],
  ['GET', '/v1.0/conferencecalls', 'list'],
  ['GET', '/v1.0/recordings', 'list'],
  ['GET', '/v1.0/transcribes', 'list'],
  ['GET', '/v1.0/customers', 'admin'],
];

const USERS = ['admin', 'owner', 'moderator', 'bystander'] as const;
type Who = (typeof USERS)[number];

async function open() {
  const house = await openHouse();
  const { clock, chance } = house.options;
  const account = house.account as AccountId;
  const book = openAccounts({ store: house.store.accounts, clock, chance });
  const ids: Partial<Record<Who, string>> = {};
  const tokens: Partial<Record<Who, string>> = {};
  for (const who of USERS) {
    const { id, password } = await book.createUser({
      account,
      username: `the-${who}`,
      privilege: who === 'admin' ? 'admin' : 'user',
      password: 'secret word',
    });
    const credentials = createHash('md5').update(`the-${who}:${password}`).digest('hex');
    const login = await house.server.inject({
      method: 'PUT',
      url: '/v2/user_auth',
      payload: JSON.stringify({ data: { credentials, realm: house.realm } }),
    });
    [ids[who], tokens[who]] = [id, login.json().auth_token];
  }
  let count = 0;
  /** A conference of the owner with two people in it. */
  const conference = async (): Promise<{ id: string; participant: string }> => {
    count += 1;
    const document = { owner_id: ids.owner, name: `c${count}`, moderator: { users: [ids.moderator] }, max_duration: 3600 };
    const made = await house.server.inject({
      method: 'POST',
      url: '/api/conferences',
      payload: { document },
      headers: { authorization: `Bearer ${house.accessKey}` },
    });
    assert.equal(made.statusCode, 201, made.body);
    const { id } = made.json();
    const bare = id.replaceAll('-', '');
    await house.join(bare, { id: `ann-${count}` });
    await house.join(bare, { id: `ben-${count}`, name: 'Ben' });
    const people = await house.server.inject({
      method: 'GET',
      url: `/api/conferences/${id}/participants`,
      headers: { authorization: `Bearer ${house.accessKey}` },
    });
    return { id, participant: people.json().items[0].id };
  };
  const ask = (who: Who, [method, url, , body]: Route) =>
    house.server.inject({
      method,
      url,
      headers: {
        'x-auth-token': tokens[who] ?? '',
        authorization: `Bearer ${tokens[who]}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { payload: JSON.stringify(body) }),
    });
  return { ...house, ids, conference, ask };
}

const ALLOWED: Readonly<Record<Needs, readonly Who[]>> = {
  list: USERS,
  create: USERS,
  moderate: ['admin', 'owner', 'moderator'],
  own: ['admin', 'owner'],
  admin: ['admin'],
};

const native = NATIVE;
const kazoo = (account: string): readonly Route[] =>
  KAZOO.map(([method, path, ...rest]) => [method, `/v2/accounts/${account}/${path}`, ...rest] as const);

for (const [dialect, routesOf, isDashed] of [
  ['/api', () => native, true],
  ['/v2', kazoo, false],
  ['/v1.0', () => VOIPBIN, true],
] as const) {
  test(`${dialect}: an owner does everything with his own, a moderator steers, everybody else sees nothing`, async () => {
    const { ask, conference, account, errors } = await open();
    for (const route of routesOf(account)) {
      for (const who of USERS) {
        const { id, participant } = await conference();
        const url = route[1].replace(':c', isDashed ? id : id.replaceAll('-', '')).replace(/:p/, participant);
        const { statusCode, body } = await ask(who, [route[0], url, ...route.slice(2)] as unknown as Route);
        const words = `${who} ${route[0]} ${route[1]}: ${statusCode} ${body.slice(0, 200)}`;
        if (ALLOWED[route[2]].includes(who)) assert.ok(statusCode < 400 || [404, 409, 410, 501, 503].includes(statusCode), words);
        else assert.equal(statusCode, 403, words);
        if (route[2] === 'moderate' && who === 'owner') assert.notEqual(statusCode, 403, words);
        if (statusCode === 403) assert.ok(!body.includes(id) && !body.includes('Ben'), words);
      }
    }
    assert.deepEqual(errors, []);
  });
}

test('every route below a conference is in the table', async () => {
  const { server } = await openHouse();
  const document = (await server.inject({ method: 'GET', url: '/api/openapi.json' })).json();
  const shape = (path: string): string =>
    path
      .split('?')[0]!
      .replace(
        /\{\w+\}|:\w+|(?<=recordings\/|plays\/|transcriptions\/)current|(?<=waiting\/)all|(?<=reports\/)latest|(?<=participants\/)1/g,
        '*',
      );
  const known = new Set(
    [...NATIVE, ...KAZOO.map(([method, path]) => [method, path] as const)].map(([method, path]) => `${method} ${shape(path)}`),
  );
  const served = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
    path.includes('{conference}') ? Object.keys(methods).map((method) => `${method.toUpperCase()} ${shape(path)}`) : [],
  );
  const kazooRows = rows
    .filter(({ path }) => path[2] === 'conferences')
    .flatMap(({ path, methods }) => Object.keys(methods).map((method) => `${method} ${shape(path.slice(2).join('/'))}`));
  // POST on the collection is PUT (rulings "create").
  const missing = [...served, ...kazooRows].filter((each) => !known.has(each) && each !== 'POST conferences');
  assert.deepEqual(missing, []);
});

test('lists show a user his own alone, however they are cut', async () => {
  const { ask, conference, ids, account, server, accessKey } = await open();
  for (let i = 0; i < 3; i += 1) await conference();
  for (let i = 0; i < 3; i += 1) {
    await server.inject({
      method: 'POST',
      url: '/api/conferences',
      payload: { document: { name: `other ${i}` } },
      headers: { authorization: `Bearer ${accessKey}` },
    });
  }
  const count = async (who: Who, url: string): Promise<number> => {
    const { items, data, result } = (await ask(who, ['GET', url, 'list'])).json();
    return (items ?? data ?? result).length;
  };
  for (const url of ['/api/conferences', `/v2/accounts/${account}/conferences?paginate=false`, '/v1.0/conferences']) {
    assert.deepEqual([await count('owner', url), await count('moderator', url), await count('bystander', url)], [3, 3, 0], url);
    assert.ok((await count('admin', url)) >= 6, url);
  }
  const seen: string[] = [];
  for (let cursor = ''; ; ) {
    const page = (await ask('owner', ['GET', `/api/conferences?limit=2${cursor}`, 'list'])).json();
    seen.push(...page.items.map((each: { id: string }) => each.id));
    if (page.next_cursor === null) break;
    cursor = `&cursor=${page.next_cursor}`;
  }
  assert.equal(new Set(seen).size, 3);
  assert.ok(ids.owner);
});

test('what a user makes is his; he gives away nothing, and takes over nobody’s past', async () => {
  const { ask, ids } = await open();
  const made = (await ask('bystander', ['POST', '/api/conferences', 'create', { id: 'ab'.repeat(16), document: {} }])).json();
  assert.equal(made.document.owner_id, ids.bystander);
  const replaced = await ask('bystander', ['PATCH', `/api/conferences/${made.id}`, 'own', { document: { owner_id: ids.owner } }]);
  assert.equal(replaced.json().code, 'owner_stays');
  assert.equal((await ask('owner', ['POST', '/api/conferences', 'create', { document: { owner_id: ids.moderator } }])).statusCode, 403);
  assert.equal((await ask('bystander', ['DELETE', `/api/conferences/${made.id}`, 'own'])).statusCode, 204);
  const stolen = await ask('owner', ['POST', '/api/conferences', 'create', { id: 'ab'.repeat(16), document: {} }]);
  assert.equal(stolen.json().code, 'conference_not_yours');
  assert.equal((await ask('bystander', ['POST', '/api/conferences', 'create', { id: 'ab'.repeat(16), document: {} }])).statusCode, 201);
});

test('whose telephone takes part as a moderator steers as long as it does', async () => {
  const { ask, conference, join, ids } = await open();
  const { id } = await conference();
  const steer = async () => (await ask('bystander', ['PUT', `/api/conferences/${id}/lock`, 'moderate'])).statusCode;
  await join(id.replaceAll('-', ''), { id: 'his', role: 'member', vars: { owner_id: ids.bystander ?? '' } });
  assert.equal(await steer(), 403, 'a member steers nothing');
  await join(id.replaceAll('-', ''), { id: 'his-2', role: 'moderator', vars: { owner_id: ids.bystander ?? '' } });
  assert.equal(await steer(), 200);
  assert.equal((await ask('bystander', ['DELETE', `/api/conferences/${id}`, 'own'])).json().code, 'not_owner');
  assert.ok(dashed(id));
});
