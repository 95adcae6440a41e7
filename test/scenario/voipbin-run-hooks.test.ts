import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { VoipbinDesk } from '../kit/voipbin-desk.ts';

interface Told {
  readonly path: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape.
  readonly body: any;
}

let house: House;
const { done, ask } = new VoipbinDesk(() => house);
const told: Told[] = [];
/** Nobody takes anything, so that it waits. */
let isDeaf = false;
const receiver = createServer((request, response) => {
  let text = '';
  request.on('data', (bytes) => (text += bytes));
  request.on('end', () => {
    if (isDeaf || request.url === '/hangs') return;
    told.push({ path: request.url ?? '', id: String(request.headers['webhook-id']), body: JSON.parse(text) });
    response.end('{}');
  });
});
before(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  house = await startHouse({ env: { PARLEY_FETCH_ALLOW: 'loopback' } });
});
after(async () => {
  for (const each of sockets) each.terminate();
  receiver.close();
  receiver.closeAllConnections();
  await house.close();
});

const base = () => `http://127.0.0.1:${(receiver.address() as { port: number }).port}`;
const typesAt = (path: string): string[] => told.filter((each) => each.path === path).map(({ body }) => body.type);
/** What the websocket tells of this customer. */
async function follow(): Promise<Told['body'][]> {
  const socket = new WebSocket(`${house.http.replace('http', 'ws')}/v1.0/ws?accesskey=${house.first.access_key}`);
  const frames: Told['body'][] = [];
  socket.on('message', (bytes) => frames.push(JSON.parse(String(bytes))));
  await once(socket, 'open');
  const { id } = await done('GET', '/customer');
  socket.send(JSON.stringify({ type: 'subscribe', topics: [`customer_id:${id}`] }));
  sockets.push(socket);
  return frames;
}

const sockets: WebSocket[] = [];
const NIL = '00000000-0000-0000-0000-000000000000';
const NEVER = '9999-01-01 00:00:00.000000';

test('who sets out for a conference is told to be joining while he is on his way, and joined when he is in; his run hears it, too', async () => {
  const pre_actions = [{ type: 'digits_receive', option: { duration: 60_000, length: 1 } }];
  const room = (await done('POST', '/conferences', { type: 'conference', name: 'room', pre_actions })).id;
  const frames = await follow();
  const ann = await house.phone({ user: 'ann' });
  const { calls } = await done('POST', '/calls', {
    destinations: [{ type: 'sip', target: `sip:callee@${ann.address}` }],
    actions: [
      { type: 'conference_join', option: { conference_id: room } },
      { type: 'sleep', option: { duration: 60_000 } },
    ],
    webhook_uri: `${base()}/way`,
  });
  const ofHim = () => frames.filter(({ type }) => type.startsWith('conferencecall_'));
  const [joining] = await eventually(() => ofHim().length > 0 && ofHim(), 'nobody is told that he is on his way');
  assert.deepEqual([joining.type, joining.data.status, joining.data.conference_id], ['conferencecall_joining', 'joining', room]);
  assert.deepEqual([joining.data.reference_id, joining.data.activeflow_id], [calls[0].id, calls[0].activeflow_id]);
  assert.equal((await done('GET', `/conferencecalls/${joining.data.id}`)).status, 'joining');
  assert.deepEqual((await done('GET', `/conferences/${room}`)).conferencecall_ids, []);
  await ann.sendDigits('1');
  await eventually(() => ofHim().length === 2, 'nobody is told that he is in');
  assert.deepEqual((await done('GET', `/conferences/${room}`)).conferencecall_ids, [joining.data.id]);
  await done('DELETE', `/conferencecalls/${joining.data.id}`);
  await eventually(() => ofHim().length === 4, 'nobody is told that he is out');
  const whole = ['joining', 'joined', 'leaving', 'leaved'];
  assert.deepEqual(
    ofHim().map(({ type, data }) => [type, data.status, data.id]),
    whole.map((status) => [`conferencecall_${status}`, status, joining.data.id]),
  );
  const atHook = () => typesAt('/way').filter((type) => type.startsWith('conferencecall_'));
  await eventually(() => atHook().length === 4, 'the address of his run is not told');
  assert.deepEqual(
    atHook(),
    whole.map((status) => `conferencecall_${status}`),
  );
  assert.ok(!typesAt('/way').includes('conference_updated'), 'the conference is not his run');
  await ann.hangUp();
});

test('who is asked for a PIN is joining, and leaved when he hangs up over it, or is sent away', async () => {
  const created = await house.kazoo('PUT', '/conferences', {
    ...{ name: 'pins', member: { numbers: ['4300'], pins: ['471100'] }, play_welcome: false, recording_notice: false },
  });
  const { id } = created.body.data;
  const frames = await follow();
  const ann = await house.phone({ user: 'ann' });
  await ann.call('4300');
  const ofRoom = () =>
    frames.filter(({ type, data }) => type.startsWith('conferencecall_') && data.conference_id.replaceAll('-', '') === id);
  await eventually(() => ofRoom().length === 1, 'nobody is told that he is on his way');
  await ann.hangUp();
  await eventually(() => ofRoom().length === 2, 'nobody is told that he does not come');
  const ben = await house.phone({ user: 'ben' });
  await ben.call('4300');
  const joining = await eventually(() => ofRoom()[2], 'nobody is told of the next');
  await done('DELETE', `/conferencecalls/${joining.data.id}`);
  await ben.ended();
  await eventually(() => ofRoom().length === 5, 'nobody is told that he is sent away');
  assert.deepEqual(
    ofRoom().map(({ type, data }) => [type, data.status]),
    ['joining', 'leaved', 'joining', 'leaving', 'leaved'].map((status) => [`conferencecall_${status}`, status]),
  );
});

test('the telephones of an extension are a group, which is told; a call that is deleted is told, and its run', async () => {
  await done('POST', '/extensions', { extension: '2001', password: 'secret-2001', name: 'Ann', detail: '' });
  const ann = await house.phone({ user: '2001', domain: house.first.realm, auth: { user: '2001', password: 'secret-2001' } });
  assert.equal(await ann.register(), 200);
  const frames = await follow();
  const { calls, groupcalls } = await done('POST', '/calls', {
    destinations: [{ type: 'extension', target: '2001' }],
    actions: [{ type: 'sleep', option: { duration: 60_000 } }],
    webhook_uri: `${base()}/group`,
  });
  const { id, activeflow_id: run } = calls[0];
  const group = groupcalls[0].id;
  assert.equal(calls[0].groupcall_id, group);
  await eventually(() => frames.some(({ type }) => type === 'call_progressing'), 'it is not answered');
  await ann.hangUp();
  await eventually(() => frames.some(({ type }) => type === 'groupcall_hangup'), 'its end is not told');
  await done('DELETE', `/activeflows/${run}`);
  await done('DELETE', `/calls/${id}`);
  assert.equal((await ask('GET', `/calls/${id}`)).status, 404);
  const deleted = ['activeflow_deleted', 'call_deleted', 'groupcall_deleted'];
  await eventually(() => deleted.every((type) => frames.some((each) => each.type === type)), 'what is deleted is not told');
  const ofGroup = frames.filter(({ data }) => data.id === group);
  assert.deepEqual(
    ofGroup.map(({ type, data }) => [type, data.status, data.answer_call_id, data.call_ids, data.ring_method]),
    [
      ['groupcall_created', 'progressing', NIL, [id], 'ring_all'],
      ['groupcall_progressing', 'progressing', id, [id], 'ring_all'],
      ['groupcall_hangup', 'hangup', id, [id], 'ring_all'],
      ['groupcall_deleted', 'hangup', id, [id], 'ring_all'],
    ],
  );
  const ends = frames.filter(({ type }) => deleted.includes(type));
  for (const { data, type } of ends) assert.notEqual(data.tm_delete, NEVER, type);
  assert.deepEqual(
    ends.map(({ data }) => data.id),
    [run, id, group],
  );
  await eventually(() => typesAt('/group').includes('groupcall_deleted'), 'the address of its run is not told');
  assert.deepEqual(typesAt('/group').slice(-3), deleted);
});

test('kill -9 behind the answer: everything that runs were to tell is told, also that they are over, and nothing twice under two ids', {
  timeout: 120_000,
}, async () => {
  const ann = await house.phone({ user: 'ann' });
  const sleep = { type: 'sleep', option: { duration: 600_000 } };
  const { calls } = await done('POST', '/calls', {
    destinations: [{ type: 'sip', target: `sip:callee@${ann.address}` }],
    actions: [sleep],
    webhook_uri: `${base()}/call`,
  });
  await eventually(() => ann.inCall, 'she is not called');
  isDeaf = true;
  const runs: string[] = [];
  for (let n = 0; n < 20; n++) {
    const actions = n % 2 === 0 ? [] : [{ type: 'fetch', option: { event_url: `${base()}/never`, event_method: 'POST' } }, sleep];
    runs.push((await done('POST', '/activeflows', { actions, webhook_uri: `${base()}/run-${n}` })).id);
  }
  const lasting = await done('POST', '/activeflows', {
    actions: [{ type: 'fetch', option: { event_url: `${base()}/hangs`, event_method: 'POST' } }],
    webhook_uri: `${base()}/lasting`,
    webhook_method: 'PUT',
  });
  assert.equal((await done('GET', `/activeflows/${lasting.id}`)).status, 'running');
  await house.kill();
  isDeaf = false;
  await house.start();
  const whole = ['activeflow_created', 'activeflow_updated'];
  for (const [n, id] of runs.entries()) {
    const at = `/run-${n}`;
    await eventually(() => whole.every((type) => typesAt(at).includes(type)), `${at}: ${typesAt(at).join()}`, 30_000);
    for (const { body } of told.filter(({ path }) => path === at)) assert.equal(body.data.id, id);
  }
  await eventually(() => typesAt('/lasting').includes('activeflow_updated'), 'its end is not told', 30_000);
  const end = told.find(({ path, body }) => path === '/lasting' && body.type === 'activeflow_updated')!.body.data;
  assert.deepEqual([end.id, end.status, end.webhook_uri], [lasting.id, 'ended', `${base()}/lasting`]);
  assert.notEqual(end.tm_update, NEVER);
  await eventually(() => typesAt('/call').includes('call_hangup'), 'nobody is told that the call is over', 30_000);
  const over = told.find(({ path, body }) => path === '/call' && body.type === 'call_hangup')!.body.data;
  assert.deepEqual([over.id, over.status, over.hangup_reason], [calls[0].id, 'hangup', 'failed']);
  // They are nobody's webhooks, and their ends are told once: nothing comes behind another restart.
  const count = told.length;
  await house.kill();
  await house.start();
  await done('POST', '/activeflows', { actions: [], webhook_uri: `${base()}/fence` });
  await eventually(() => typesAt('/fence').length >= 2, 'the fence');
  assert.deepEqual(
    told.slice(count).filter(({ path, body }) => path !== '/fence' && body.type === 'activeflow_updated'),
    [],
  );
  const { body } = await ask('GET', '/customer');
  assert.equal(body.webhook_uri, '');
});

test('a timeout that runs out while the server is dead ends the conference behind the next start, once', { timeout: 90_000 }, async () => {
  const { id, status } = await done('POST', '/conferences', { type: 'conference', name: 'brief', timeout: 2 });
  assert.equal(status, 'starting');
  const later = await done('POST', '/conferences', { type: 'conference', name: 'long', timeout: 3_600_000 });
  await house.kill();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await house.start();
  const over = await eventually(async () => {
    const seen = await done('GET', `/conferences/${id}`);
    return seen.status === 'terminated' && seen;
  }, 'it does not end');
  assert.notEqual(over.tm_end, NEVER);
  const still = await done('GET', `/conferences/${later.id}`);
  assert.deepEqual([still.status, still.timeout, still.tm_end], ['progressing', 3_600_000, NEVER]);
});
