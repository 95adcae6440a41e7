import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { openVoipbinHouse, type VoipbinHouse } from '../../../test/kit/voipbin-house.ts';
import { routesOf } from '../../../test/kit/voipbin-routes.ts';
import { dashed, Failure, type JsonObject } from '../../base/index.ts';
import { openApi } from '../open-api.ts';
import { openTokens } from '../tokens.ts';

const STRANGER = 'c'.repeat(64);
const CHILD = 'b'.repeat(64);

/** Everything that an account has, by the first part of its path. */
async function furnished() {
  const house = await openVoipbinHouse();
  const made = async (path: string, body: object = {}): Promise<JsonObject> => {
    house.clock.advance(10);
    const answer = await house.ask('POST', path, body);
    assert.equal(answer.status, 200, `${path} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const id = async (path: string, body: object): Promise<string> => String((await made(path, body))['id']);
  const conferences = await id('/conferences', { type: 'conference', name: 'SECRET conference', detail: 'SECRET' });
  const call = await house.enters(conferences, 1, { parts: { callerName: 'SECRET caller', callerNumber: '5550SECRET' } });
  await house.calls(2, [{ type: 'sleep', option: { duration: 3_600_000 } }]);
  const room = await made(`/conferences/${conferences}/recording_start`);
  const written = await made(`/conferences/${conferences}/transcribe_start`, { language: 'en-US' });
  const flows = await id('/flows', { name: 'SECRET flow', actions: [{ type: 'talk', option: { text: 'SECRET' } }] });
  const ids: Readonly<Record<string, string>> = {
    conferences,
    conferencecalls: (await house.ask('GET', `/conferences/${conferences}`)).body.conferencecall_ids[0],
    calls: dashed(call),
    activeflows: (await house.ask('GET', `/calls/${dashed(call)}`)).body.activeflow_id,
    recordings: String(room['recording_id']),
    recordingfiles: String(room['recording_id']),
    transcribes: String(written['transcribe_id']),
    flows,
    accesskeys: await id('/accesskeys', { name: 'SECRET key', expire: 100_000 }),
    extensions: await id('/extensions', { extension: '2001', password: 'SECRET-password', name: 'SECRET phone', detail: 'SECRET' }),
    numbers: await id('/numbers', { number: '+15550100', name: 'SECRET number', call_flow_id: flows }),
    conversation_accounts: await id('/conversation_accounts', { type: 'line', name: 'SECRET channel', secret: 'SECRET', token: 'SECRET' }),
    customers: dashed(house.account),
  };
  return { house, ids };
}

/** Routes that LINE alone asks, who shows who he is by his signature. */
const SIGNED = 'POST /conversation/accounts/:id';

/** Every route that the server has, with the id of a piece of furniture. */
function asked({ server }: VoipbinHouse, ids: Readonly<Record<string, string>>) {
  return routesOf(server)
    .filter((route) => route !== SIGNED)
    .map((route) => {
      const [method = '', path = ''] = route.split(' ');
      const thing = path.split('/')[1] ?? '';
      const id = ids[thing];
      assert.ok(!path.includes(':id') || id !== undefined, `nothing of the kind ${thing} was made: ${route}`);
      return { route, method, path: path.replace(':id', id ?? ''), isOfOne: path.includes(':id') };
    });
}

const LISTS = [
  'conferences',
  'conferencecalls',
  'calls',
  'activeflows',
  'recordings',
  'transcribes',
  'flows',
  'accesskeys',
  'extensions',
  'numbers',
  'conversation_accounts',
];

/** What the owner sees of all of it; the names of customers below it are their own. */
const everything = ({ ask }: VoipbinHouse) =>
  Promise.all(['/me', '/customer', ...LISTS.map((each) => `/${each}`)].map(async (path) => JSON.stringify((await ask('GET', path)).body)));

/** Bodies of which one at least means something to each route. */
const bodies = (ids: Readonly<Record<string, string>>): readonly (object | undefined)[] => [
  undefined,
  {},
  { name: 'theirs', type: 'conference', text: 'theirs', direction: 'both', language: 'en-US', extension: '2001', password: 'x' },
  {
    call_flow_id: ids['flows'],
    message_flow_id: ids['flows'],
    flow_id: ids['flows'],
    destinations: [{ target: '1' }],
    number: '+15550100',
  },
  { reference_type: 'conference', reference_id: ids['conferences'], language: 'en-US' },
  { reference_type: 'call', reference_id: ids['calls'], language: 'en-US' },
  { reference_type: 'recording', reference_id: ids['recordings'], language: 'en-US' },
  { reference_type: 'line' },
];

for (const [who, key] of [
  ['a stranger', STRANGER],
  ['an account below', CHILD],
] as const) {
  test(`to ${who} nothing of an account is found by any route, nothing is told, nothing changes`, async () => {
    const { house, ids } = await furnished();
    const before = await everything(house);
    for (const { route, method, path, isOfOne } of asked(house, ids)) {
      for (const body of method === 'GET' || method === 'DELETE' ? [undefined] : bodies(ids)) {
        house.clock.advance(100);
        const answer = await house.ask(method, path, body, key);
        const text = JSON.stringify(answer.body ?? '');
        assert.ok(!text.includes('SECRET') && !text.includes(house.account), `${route} ${text}`);
        if (isOfOne) assert.ok([400, 404].includes(answer.status), `${route} ${answer.status} ${text}`);
        if (isOfOne && method !== 'PUT' && body === undefined && !route.endsWith('/talk')) assert.equal(answer.status, 404, route);
        for (const [thing, id] of Object.entries(ids)) assert.ok(!text.includes(id), `${route} tells of ${thing}`);
      }
    }
    // What of its own the stranger has made meanwhile is no concern of the owner's.
    assert.deepEqual(await everything(house), before);
    assert.deepEqual([house.errors, house.switchboard.errors], [[], []]);
    await house.close();
  });
}

test('a stranger’s flows reach no conference of another account', async () => {
  const { house, ids } = await furnished();
  const count = async () => (await house.ask('GET', `/conferences/${ids['conferences']}`)).body.conferencecall_ids.length;
  assert.equal(await count(), 1);
  const actions = [{ type: 'conference_join', option: { conference_id: ids['conferences'] } }];
  for (const type of ['conference_join', 'confbridge_join']) {
    const option = { conference_id: ids['conferences'], confbridge_id: ids['conferences'] };
    const { body } = await house.ask('POST', '/calls', { destinations: [{ target: '1001' }], actions: [{ type, option }] }, STRANGER);
    const call = String(body.calls[0].id).replaceAll('-', '');
    house.switchboard.takes(call as never);
    await house.switchboard.settled();
    const now = (await house.ask('GET', `/calls/${body.calls[0].id}`, undefined, STRANGER)).body;
    assert.equal(now.status, 'hangup', `${type}: his call is over, for there is no such conference`);
  }
  const pre = await house.ask('POST', '/conferences', { type: 'conference', pre_actions: actions }, STRANGER);
  assert.equal(pre.status, 200);
  assert.equal(await count(), 1);
  await house.close();
});

test('who is no admin is refused what is the account’s, and what is of a conference that is not his', async () => {
  const { house, ids } = await furnished();
  const { options, account } = house;
  const user = await options.accounts.directory.createUser({ account: account as never, username: 'plain' });
  const tokens = await openTokens(options);
  const token = await tokens.issue({ account: account as never, user: user.id, method: 'cb_user_auth' });
  const before = await everything(house);
  // Routes that anybody may ask, and those that give everybody what is his own.
  const open = new Set(['GET /me', 'GET /conferences', 'POST /conferences']);
  for (const { route, method, path } of asked(house, ids)) {
    if (open.has(route)) continue;
    for (const body of method === 'GET' || method === 'DELETE' ? [undefined] : bodies(ids)) {
      house.clock.advance(100);
      const { status, body: told } = await house.ask(method, path, body, token);
      // A list gives him what is his own, which is nothing.
      if (method === 'GET' && status === 200) assert.deepEqual(told.result, [], route);
      else assert.ok([400, 403, 404].includes(status), `${route} ${status} ${JSON.stringify(told)}`);
      assert.ok(!JSON.stringify(told).includes('SECRET'), `${route} ${JSON.stringify(told)}`);
    }
  }
  assert.deepEqual((await house.ask('GET', '/conferences', undefined, token)).body.result, []);
  assert.deepEqual(await everything(house), before);
  await house.close();
});

test('websockets: a stranger hears no conference, no call and no event of another account', async () => {
  const { house, ids } = await furnished();
  let opened = 0;
  const programs = {
    async open(): Promise<never> {
      opened += 1;
      throw new Failure('unavailable', 'no_programs', 'none here');
    },
  };
  const api = await openApi({ ...house.options, programs, follow: (options) => house.bus.follow(options) });
  const upgraded = async (path: string, key: string): Promise<number> => {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/v1.0${path}${path.includes('?') ? '&' : '?'}token=${key}`);
    const status = await new Promise<number>((resolve) => {
      socket.on('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode));
      socket.on('open', () => resolve(101));
      socket.on('error', () => {});
    });
    socket.terminate();
    return status;
  };
  try {
    for (const path of [`/conferences/${ids['conferences']}/media_stream`, `/calls/${ids['calls']}/media_stream`]) {
      for (const key of [STRANGER, CHILD]) assert.equal(await upgraded(`${path}?encapsulation=sln`, key), 404, path);
      assert.equal(await upgraded(`${path}?encapsulation=sln`, 'nobody'), 401, path);
      assert.equal(opened, 0, 'nobody was let near it');
      // The owner gets as far as whoever lets programs in.
      assert.equal(await upgraded(`${path}?encapsulation=sln`, house.accessKey), 503, path);
      assert.equal(opened, 1);
      opened = 0;
    }
    for (const topic of [`customer_id:${dashed(house.account)}`, `customer_id:${dashed(house.account)}:conference`, 'customer_id:*', '*']) {
      const socket = new WebSocket(`${api.url.replace('http', 'ws')}/v1.0/ws?token=${STRANGER}`);
      const heard: string[] = [];
      socket.on('message', (text) => heard.push(String(text)));
      await once(socket, 'open');
      const closed = once(socket, 'close');
      socket.send(JSON.stringify({ type: 'subscribe', topics: [topic] }));
      await house.ask('PUT', `/conferences/${ids['conferences']}`, { name: 'SECRET change' });
      const [code] = await closed;
      assert.deepEqual([code, heard], [1008, []], topic);
    }
  } finally {
    await api.close();
    await house.close();
  }
});
