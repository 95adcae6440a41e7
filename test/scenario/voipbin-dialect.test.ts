import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import type { Json } from '../../src/base/index.ts';
import { Client } from '../kit/blackhole-client.ts';
import { runCurlLine } from '../kit/curl.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { LineStandIn } from '../kit/line-stand-in.ts';

const line = new LineStandIn('channel-token', 'channel-secret');
const hooks: { type: string; data: Record<string, unknown> }[] = [];

/** Takes webhooks below /hook, and stands in for LINE everywhere else. */
const server = createServer(async (request, response) => {
  let text = '';
  for await (const piece of request) text += piece;
  const url = request.url ?? '';
  if (url.startsWith('/hook')) {
    hooks.push(JSON.parse(text));
    response.end();
    return;
  }
  const { status, body } = line.answer(request.method ?? '', url, request.headers as Record<string, string>, text);
  response.writeHead(status).end(body);
});
let outside = '';
let house: House;
before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  outside = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  house = await startHouse({ env: { PARLEY_FETCH_ALLOW: 'loopback', PARLEY_LINE_API_URL: outside } });
});
after(async () => {
  await house.close();
  server.close();
  server.closeAllConnections();
});

const ask = (method: string, path: string, body?: Json) =>
  house.fetch(
    method,
    `/v1.0${path}${path.includes('?') ? '&' : '?'}accesskey=${house.first.access_key}`,
    body === undefined ? {} : { body },
  );
const dashed = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const bare = (id: string): string => id.replaceAll('-', '');

/** A conference of this dialect that is dialled by its direct hash. */
async function aConference(type: 'conference' | 'connect', more: { readonly [key: string]: Json } = {}) {
  const { status, body } = await ask('POST', '/conferences', { type, name: type, ...more });
  assert.equal(status, 200);
  await house.kazoo('PATCH', `/conferences/${bare(body.id)}`, { recording_notice: false });
  return body as { id: string; direct_hash: string };
}

test('the dialects meet: made in one, steered in the other, told of in both, to sockets and webhooks', async () => {
  await ask('PUT', '/customer', { name: house.first.account_name, webhook_method: 'POST', webhook_uri: `${outside}/hook` });
  const mine = `customer_id:${dashed(house.first.account_id)}`;
  const socket = new WebSocket(`${house.http.replace('http', 'ws')}/v1.0/ws?accesskey=${house.first.access_key}`);
  const frames: { type: string; data: Record<string, unknown> }[] = [];
  socket.on('message', (text) => frames.push(JSON.parse(String(text))));
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'subscribe', topics: [mine] }));
  // A topic is followed once what was asked for was read.
  await eventually(async () => {
    await ask('POST', '/conferences', { type: 'conference', name: 'mark' });
    return frames.length > 0;
  }, 'nothing is told');
  const made = await aConference('conference');
  const hole = new Client(new WebSocket(house.blackhole!));
  await hole.opened;
  const token = (await house.kazoo('GET', '/conferences')).body.auth_token;
  const data = { account_id: house.first.account_id, binding: `conference.event.${bare(made.id)}.*` };
  assert.equal((await hole.ask({ action: 'subscribe', auth_token: token, data })).status, 'success');
  const ann = await house.phone({ user: 'Ann' });
  await ann.call(made.direct_hash);
  const seen = await eventually(async () => (await participants(house, bare(made.id))).get('Ann'), 'KAZOO does not see Ann');
  // Steered in KAZOO, seen in VoIPBIN; then sent out in VoIPBIN, and KAZOO tells of it.
  await house.act(`${bare(made.id)}/participants/${seen.participant_id}`, 'mute');
  await eventually(() => hole.events.includes('mute-member'), 'blackhole does not tell of the mute');
  const { body: now } = await ask('GET', `/conferences/${made.id}`);
  assert.equal(now.conferencecall_ids.length, 1);
  assert.equal((await ask('DELETE', `/conferencecalls/${now.conferencecall_ids[0]}`)).body.status, 'leaving');
  await eventually(() => hole.events.includes('del-member'), 'blackhole does not tell that Ann was sent out');
  await eventually(
    async () => (await ask('GET', `/conferencecalls/${now.conferencecall_ids[0]}`)).body.status === 'leaved',
    'she has not left',
  );
  // Deleted in KAZOO: over in VoIPBIN.
  await house.kazoo('DELETE', `/conferences/${bare(made.id)}`);
  assert.equal((await ask('GET', `/conferences/${made.id}`)).body.status, 'terminated');
  const wanted = [
    'conference_created',
    'conferencecall_joining',
    'conferencecall_joined',
    'conferencecall_leaving',
    'conferencecall_leaved',
    'conference_deleted',
  ];
  const told = (all: readonly { type: string; data: Record<string, unknown> }[]): readonly string[] =>
    all
      .filter(({ type, data: about }) => wanted.includes(type) && (about['id'] === made.id || about['conference_id'] === made.id))
      .map(({ type }) => type);
  await eventually(() => told(frames).length === wanted.length, `the websocket told ${JSON.stringify(told(frames))}`);
  assert.deepEqual(told(frames), wanted);
  await eventually(() => told(hooks).length === wanted.length, `the webhook told ${JSON.stringify(told(hooks))}`);
  assert.deepEqual([...told(hooks)].sort(), [...wanted].sort());
  assert.ok(hole.events.includes('add-member'));
  hole.socket.close();
  socket.close();
});

test('a connect with telephones: a third is busy, and when one hangs up the other is sent away and it is over', async () => {
  const made = await aConference('connect');
  const [ann, ben, cid] = [await house.phone({ user: 'Ann' }), await house.phone({ user: 'Ben' }), await house.phone({ user: 'Cid' })];
  await ann.call(made.direct_hash);
  await ben.call(made.direct_hash);
  assert.equal(await cid.tries(made.direct_hash), 486);
  await eventually(async () => (await ask('GET', `/conferences/${made.id}`)).body.conferencecall_ids.length === 2, 'they are not in');
  await ann.hangUp();
  await eventually(async () => (await ask('GET', `/conferences/${made.id}`)).body.status === 'terminated', 'it goes on');
  await ben.ended();
  assert.equal(await cid.tries(made.direct_hash), 404);
  assert.equal((await ask('GET', `/conferences/${made.id}`)).body.conferencecall_ids.length, 0);
});

test('a timeout ends a conference as DELETE does', async () => {
  const made = await aConference('conference', { timeout: 4 });
  const ann = await house.phone({ user: 'Ann' });
  await ann.call(made.direct_hash);
  const { body } = await eventually(async () => {
    const seen = await ask('GET', `/conferences/${made.id}`);
    return seen.body.status === 'terminated' ? seen : undefined;
  }, 'it does not end');
  assert.notEqual(body.tm_end, '9999-01-01 00:00:00.000000');
  assert.equal(body.tm_delete, body.tm_end);
  await ann.ended();
  assert.equal(
    (await ask('GET', '/conferences')).body.result.some(({ id }: { id: string }) => id === made.id),
    false,
  );
});

test('LINE over HTTP: setup as the tutorial has it, a signed message joins, what happens is pushed', async () => {
  assert.equal((await ask('POST', '/conversations/setup', { reference_type: 'line' })).status, 409);
  await ask('POST', '/conversation_accounts', { type: 'line', name: 'channel', secret: line.secret, token: line.token });
  // The tutorial's own line: only server and token are filled in.
  const [tutorial = ''] = readFileSync(new URL('../fixtures/voipbin/tutorial-curl.txt', import.meta.url), 'utf8').split('\n\n');
  assert.match(tutorial, /conversations\/setup/);
  const command = tutorial.trim().replace('https://api.voipbin.net', house.http).replace('<YOUR_AUTH_TOKEN>', house.first.access_key);
  const { stdout } = await runCurlLine(`${command} --silent --write-out '\n%{http_code}'`);
  const [told = '', code] = stdout.split(/\n(?=\d+$)/);
  assert.deepEqual([code, JSON.parse(told).type], ['200', 'line']);
  line.names.set('kim', 'Kim');
  const made = await aConference('conference');
  await house.kazoo('PATCH', `/conferences/${bare(made.id)}`, { member: { join_muted: false, numbers: ['7788'] } });
  const write = async (text: string): Promise<void> => {
    const { body, signature } = line.write('kim', text);
    const answer = await fetch(line.endpoint, {
      method: 'POST',
      headers: { 'x-line-signature': signature, 'content-type': 'application/json' },
      body,
    });
    assert.equal(answer.status, 200);
  };
  const forged = await fetch(line.endpoint, {
    method: 'POST',
    headers: { 'x-line-signature': 'bm8=' },
    body: line.write('kim', 'join 7788').body,
  });
  assert.equal(forged.status, 401);
  await write('join 7788');
  await eventually(() => line.said.some((each) => each.startsWith('You are in')), 'no reply');
  const ann = await house.phone({ user: 'Ann' });
  await ann.call('7788');
  await eventually(() => line.said.includes('Ann has joined.'), 'nothing is pushed');
  const rows = (await ask('GET', '/conferencecalls')).body.result;
  const chat = rows.find((each: { reference_type: string }) => each.reference_type === 'line');
  assert.deepEqual([chat.status, chat.conference_id], ['joined', made.id]);
  await ann.hangUp();
  await eventually(() => line.said.some((each) => each.startsWith('Everybody has left')), 'the chat keeps the room open');
  assert.equal(house.output.includes(line.token) || house.output.includes(line.secret), false);
});

test('LINE after a crash: a chat follows its conference again, and is told who calls anew', { timeout: 90_000 }, async () => {
  const made = await aConference('conference');
  await house.kazoo('PATCH', `/conferences/${bare(made.id)}`, { member: { join_muted: false, numbers: ['7799'] } });
  const write = async (text: string): Promise<void> => {
    const { body, signature } = line.write('lee', text);
    const answer = await fetch(`${house.http}${new URL(line.endpoint).pathname}`, {
      method: 'POST',
      headers: { 'x-line-signature': signature, 'content-type': 'application/json' },
      body,
    });
    assert.equal(answer.status, 200);
  };
  line.names.set('lee', 'Lee');
  line.languages.set('lee', 'de');
  await write('join 7799');
  await eventually(() => line.said.some((each) => each.startsWith('Sie sind in')), 'no reply');
  const ann = await house.phone({ user: 'Ann' });
  await ann.call('7799');
  await eventually(() => line.said.includes('Ann ist da.'), 'nothing is pushed');
  const gone = ann.ended(60_000);
  await house.kill();
  line.requests.length = 0;
  await house.start();
  await gone;
  const isIn = async () =>
    (await ask('GET', '/conferencecalls')).body.result.some(
      (each: { reference_type: string; status: string; conference_id: string }) =>
        each.reference_type === 'line' && each.status === 'joined' && each.conference_id === made.id,
    );
  await eventually(isIn, 'the chat does not follow again');
  const ben = await house.phone({ user: 'Ben' });
  await ben.call('7799');
  await eventually(() => line.said.includes('Ben ist da.'), `it was told ${JSON.stringify(line.said)}`);
  await write('who');
  await eventually(() => line.said.includes('Ben'), 'who is not answered');
  assert.equal(line.said.includes('Die Konferenz ist vorbei.'), false);
  await ben.hangUp();
});
