import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import type { Json } from '../../src/base/index.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { SipPeer } from '../kit/sip-peer.ts';
import { printSip, type SipText } from '../kit/sip-text.ts';
import { VoipbinDesk } from '../kit/voipbin-desk.ts';

interface Told {
  readonly path: string;
  readonly method: string;
  readonly text: string;
  readonly signature: string;
  /** `webhook-id`. */
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape.
  readonly body: any;
}

let house: House;
const { ask, done } = new VoipbinDesk(() => house);
const told: Told[] = [];
/** Answers that are not 200, by path, one after the other. */
const trouble = new Map<string, number[]>();
const receiver = createServer((request, response) => {
  let text = '';
  request.on('data', (bytes) => (text += bytes));
  request.on('end', () => {
    const { url: path = '', method = '' } = request;
    const signature = String(request.headers['x-voipbin-signature'] ?? '');
    const id = String(request.headers['webhook-id'] ?? '');
    told.push({ path, method, text, signature, id, body: text === '' ? null : JSON.parse(text) });
    response.writeHead(trouble.get(path)?.shift() ?? 200).end('{}');
  });
});
before(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  house = await startHouse({ env: { PARLEY_FETCH_ALLOW: 'loopback' } });
});
after(async () => {
  for (const each of peers) each.close();
  receiver.close();
  await house.close();
});

const base = () => `http://127.0.0.1:${(receiver.address() as { port: number }).port}`;
const toldAt = (path: string): Told[] => told.filter((each) => each.path === path);
/** A variable of a flow. */
const v = (name: string): string => `\${${name}}`;
const NIL = '00000000-0000-0000-0000-000000000000';
const NEVER = '9999-01-01 00:00:00.000000';
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/;

const hook = (name: string, data: string) => ({ type: 'webhook_send', option: { sync: true, uri: `${base()}/${name}`, data } });
const aFlow = (name: string, actions: Json, more: { [key: string]: Json } = {}) =>
  done('POST', '/flows', { name, detail: '', actions, ...more });

test('POST /activeflows runs a flow without a call: with variables, without what needs a call, and it can be looked up, stopped and removed', async () => {
  const flow = await aFlow('alone', [
    { type: 'answer' },
    { type: 'talk', option: { text: 'nobody hears this' } },
    { type: 'condition_variable', option: { condition: '==', variable: v('who'), value_type: 'string', value_string: 'Ann' } },
    hook('alone', `{"who":"${v('who')}","run":"${v('voipbin.activeflow.id')}","about":"${v('voipbin.activeflow.reference_type')}"}`),
  ]);
  const id = '5e4a0680-804e-41ec-8477-2fea5968d85b';
  const made = await done('POST', '/activeflows', { id, flow_id: flow.id, variables: { who: 'Ann', 'voipbin.call.id': 'mine' } });
  assert.deepEqual([made.id, made.flow_id, made.reference_type, made.reference_id], [id, flow.id, 'api', NIL]);
  const { body } = await eventually(() => toldAt('/alone')[0], 'the flow is not run');
  assert.deepEqual(body, { who: 'Ann', run: id, about: 'api' });
  const over = await eventually(async () => {
    const run = await done('GET', `/activeflows/${id}`);
    return run.status === 'ended' && run;
  }, 'the run does not end');
  assert.deepEqual(
    over.executed_actions.map(({ type }: { type: string }) => type),
    ['condition_variable', 'webhook_send'],
    'what needs a call was left out',
  );
  assert.equal((await ask('POST', '/activeflows', { id, flow_id: flow.id })).status, 409, 'an id once');
  assert.equal((await done('POST', `/activeflows/${id}/stop`)).status, 'ended', 'stop is idempotent');
  assert.match((await done('DELETE', `/activeflows/${id}`)).tm_delete, TIME);
  assert.equal((await ask('GET', `/activeflows/${id}`)).status, 404);
  for (const [bad, status] of [
    [{ flow_id: id }, 404],
    [{ actions: [{ type: 'amd' }] }, 400],
    [{ actions: [], webhook_uri: 'ftp://x' }, 400],
    [{ actions: [], webhook_uri: 'http://10.0.0.1/' }, 400],
    [{ actions: [], webhook_uri: base(), webhook_method: 'DELETE' }, 400],
  ] as const) {
    const answer = await ask('POST', '/activeflows', bad as Json);
    assert.equal(answer.status, status, JSON.stringify(bad));
  }
});

const FOUND = `{"found":"${v('found')}","count":"${v('voipbin.activeflow.complete_count')}"}`;

test('on_complete_flow_id runs behind a flow with its variables, and five follow one another at most', async () => {
  const last = await aFlow('last', [hook('last', FOUND)]);
  const again = await aFlow('again', [hook('again', FOUND)]);
  await done('PUT', `/flows/${again.id}`, {
    name: 'again',
    detail: '',
    actions: [hook('again', FOUND)],
    on_complete_flow_id: again.id,
  });
  const first = await aFlow('first', [{ type: 'variable_set', option: { key: 'found', value: 'gold' } }], { on_complete_flow_id: last.id });
  const run = await done('POST', '/activeflows', { flow_id: first.id });
  assert.equal(run.on_complete_flow_id, last.id);
  const { body } = await eventually(() => toldAt('/last')[0], 'nothing comes behind it');
  assert.deepEqual(body, { found: 'gold', count: '1' });
  const behind = (await done('GET', '/activeflows')).result.find((each: { flow_id: string }) => each.flow_id === last.id);
  assert.equal(behind.reference_activeflow_id, run.id);
  await done('POST', '/activeflows', { flow_id: again.id, variables: { found: 'it' } });
  await eventually(() => toldAt('/again').length === 6, 'the chain is not six long');
  // What comes behind another request has come behind the chain.
  await done('POST', '/activeflows', { actions: [hook('fence', '')] });
  await eventually(() => toldAt('/fence')[0], 'the fence');
  assert.deepEqual(
    toldAt('/again').map(({ body: { count } }) => count),
    ['0', '1', '2', '3', '4', '5'],
  );
});

test('a run tells its own address of itself, by its method, again where that is needed', async () => {
  trouble.set('/own', [503]);
  const actions = [hook('inside', '')];
  const made = await done('POST', '/activeflows', { actions, webhook_uri: `${base()}/own`, webhook_method: 'PUT' });
  assert.deepEqual([made.webhook_uri, made.webhook_method], [`${base()}/own`, 'PUT']);
  await done('DELETE', `/activeflows/${made.id}`);
  const all = await eventually(() => toldAt('/own').length >= 4 && toldAt('/own'), 'its address is not told');
  assert.deepEqual(
    all.map(({ method, body }) => [method, body.type]),
    [
      ['PUT', 'activeflow_created'],
      ['PUT', 'activeflow_updated'],
      ['PUT', 'activeflow_deleted'],
      ['PUT', 'activeflow_created'],
    ],
    'what must be repeated holds up nothing',
  );
  assert.equal(all[3]!.id, all[0]!.id);
  assert.deepEqual(
    all.map(({ body: { data } }) => [data.id, data.status]),
    [
      [made.id, 'running'],
      [made.id, 'ended'],
      [made.id, 'ended'],
      [made.id, 'running'],
    ],
  );
});

/** To be closed in the end. */
const peers: SipPeer[] = [];

/** A scripted telephone that rings before it answers. */
async function peer() {
  const far = await SipPeer.open(house.sip);
  peers.push(far);
  const reply = (request: SipText, status: string, body = ''): void => {
    const copied = request.headers.filter(([name]) => ['via', 'from', 'call-id', 'cseq'].includes(name));
    const to = request.headers.find(([name]) => name === 'to')?.[1] ?? '';
    const more = [...copied, ['to', to.includes(';tag=') ? to : `${to};tag=far`], ['contact', far.contact]] as const;
    far.say(printSip(`SIP/2.0 ${status}`, [...more, ...(body === '' ? [] : ([['content-type', 'application/sdp']] as const))], body));
  };
  return { far, reply };
}

const ANSWER = ['v=0', 'o=far 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0', ''].join('\r\n');

/** In the order in which they happen. */
const STATES = ['created', 'dialing', 'ringing', 'progressing', 'terminating', 'hangup'];
const byState = ([a = '']: readonly string[], [b = '']: readonly string[]): number =>
  STATES.indexOf(a.slice('call_'.length)) - STATES.indexOf(b.slice('call_'.length));

/** Every key of a call (voipbin-facts §2.6). */
const CALL_KEYS = [
  ...[
    'id',
    'customer_id',
    'owner_type',
    'owner_id',
    'flow_id',
    'activeflow_id',
    'type',
    'master_call_id',
    'chained_call_ids',
    'recording_id',
  ],
  ...['recording_ids', 'groupcall_id', 'source', 'destination', 'status', 'action', 'metadata', 'direction', 'mute_direction', 'hangup_by'],
  ...['hangup_reason', 'tm_progressing', 'tm_ringing', 'tm_hangup', 'tm_create', 'tm_update', 'tm_delete'],
].sort();

test('a call that rings is ringing, and every state of it is told to the customer’s webhook and to its run’s, signed', {
  timeout: 60_000,
}, async () => {
  const { webhook_secret: secret, id: customer } = await done('PUT', '/customer', {
    webhook_uri: `${base()}/customer`,
    webhook_method: 'POST',
  });
  const { far, reply } = await peer();
  const { calls } = await done('POST', '/calls', {
    source: { target: '+4930123', target_name: 'Desk' },
    destinations: [{ type: 'sip', target: `sip:far@${far.address}:${far.port}` }],
    actions: [{ type: 'sleep', option: { duration: 60_000 } }],
    webhook_uri: `${base()}/run`,
  });
  const { id } = calls[0];
  const statusIs = (status: string) =>
    eventually(async () => (await done('GET', `/calls/${id}`)).status === status, `it is never ${status}`);
  assert.equal(calls[0].status, 'dialing');
  const invite = await far.hear(({ method }) => method === 'INVITE');
  reply(invite, '100 Trying');
  await statusIs('dialing');
  reply(invite, '180 Ringing');
  await statusIs('ringing');
  assert.match((await done('GET', `/calls/${id}`)).tm_ringing, TIME);
  assert.equal((await done('GET', `/activeflows/${calls[0].activeflow_id}`)).webhook_uri, `${base()}/run`);
  reply(invite, '200 OK', ANSWER);
  await statusIs('progressing');
  await done('POST', `/calls/${id}/recording_start`, {});
  await done('POST', `/calls/${id}/recording_stop`);
  await done('POST', `/calls/${id}/hangup`);
  reply(await far.hear(({ method }) => method === 'BYE'), '200 OK');
  await statusIs('hangup');
  const ofCall = (path: string) => toldAt(path).filter(({ body }) => body.data.id === id);
  const states = (path: string) => ofCall(path).map(({ body }) => [body.type, body.data.status]);
  await eventually(() => states('/customer').at(-1)?.[0] === 'call_hangup', 'its end is not told to the customer');
  await eventually(() => states('/run').at(-1)?.[0] === 'call_hangup', 'its end is not told to the address of its run');
  for (const path of ['/customer', '/run']) {
    const seen = states(path).filter(([type]) => type !== 'call_updated');
    // VoIPBIN promises no order (voipbin-facts §6.2); the address of a run has one.
    assert.deepEqual(
      path === '/run' ? seen : seen.toSorted(byState),
      [
        ['call_created', 'dialing'],
        ['call_dialing', 'dialing'],
        ['call_ringing', 'ringing'],
        ['call_progressing', 'progressing'],
        ['call_terminating', 'terminating'],
        ['call_hangup', 'hangup'],
      ],
      path,
    );
    for (const { body, text, signature } of ofCall(path)) {
      assert.deepEqual(Object.keys(body.data).sort(), CALL_KEYS, body.type);
      assert.equal(signature, `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`);
    }
  }
  const at = (type: string) => ofCall('/customer').find(({ body }) => body.type === type)!.body.data;
  const { customer_id, direction, source, destination, tm_progressing, tm_hangup, hangup_by, hangup_reason, mute_direction } =
    at('call_created');
  assert.deepEqual(
    { customer_id, direction, tm_progressing, tm_hangup, hangup_by, hangup_reason, mute_direction },
    {
      customer_id: customer,
      direction: 'outgoing',
      tm_progressing: NEVER,
      tm_hangup: NEVER,
      hangup_by: '',
      hangup_reason: '',
      mute_direction: '',
    },
  );
  assert.deepEqual([source.type, source.target, source.target_name, destination.type], ['tel', '+4930123', 'Desk', 'sip']);
  assert.match(at('call_ringing').tm_ringing, TIME);
  assert.notEqual(at('call_progressing').tm_progressing, NEVER);
  const end = at('call_hangup');
  assert.deepEqual([end.hangup_by, end.hangup_reason], ['local', 'normal']);
  assert.notEqual(end.tm_hangup, NEVER);
  await eventually(
    () => toldAt('/run').some(({ body }) => body.type === 'recording_finished'),
    'its recording is not told to its run’s address',
  );
  const others = new Set(
    toldAt('/run').flatMap(({ body }) => (body.data.id === id ? [] : [`${body.type} ${body.data.activeflow_id ?? body.data.id}`])),
  );
  const run = calls[0].activeflow_id;
  for (const type of ['activeflow_created', 'activeflow_updated', 'recording_started', 'recording_finished'])
    assert.ok(others.has(`${type} ${run}`), `${type}: ${[...others].join()}`);
});

test('who declines, is busy, or is not waited for any more is told by its reason', { timeout: 60_000 }, async () => {
  for (const [status, reason, by] of [
    ['486 Busy Here', 'busy', 'remote'],
    ['603 Decline', 'failed', 'remote'],
  ] as const) {
    const { far, reply } = await peer();
    const { calls } = await done('POST', '/calls', {
      destinations: [{ type: 'sip', target: `sip:far@${far.address}:${far.port}` }],
      actions: [{ type: 'answer' }],
    });
    reply(await far.hear(({ method }) => method === 'INVITE'), status);
    const over = await eventually(async () => {
      const call = await done('GET', `/calls/${calls[0].id}`);
      return call.status === 'hangup' && call;
    }, 'it does not end');
    assert.deepEqual([over.hangup_reason, over.hangup_by], [reason, by], status);
  }
  const { far, reply } = await peer();
  const { calls } = await done('POST', '/calls', {
    destinations: [{ type: 'sip', target: `sip:far@${far.address}:${far.port}` }],
    actions: [{ type: 'answer' }],
    webhook_uri: `${base()}/canceled`,
  });
  const invite = await far.hear(({ method }) => method === 'INVITE');
  reply(invite, '180 Ringing');
  await eventually(async () => (await done('GET', `/calls/${calls[0].id}`)).status === 'ringing', 'it does not ring');
  await done('POST', `/calls/${calls[0].id}/hangup`);
  reply(await far.hear(({ method }) => method === 'CANCEL'), '200 OK');
  reply(invite, '487 Request Terminated');
  const over = await eventually(async () => {
    const call = await done('GET', `/calls/${calls[0].id}`);
    return call.status === 'hangup' && call;
  }, 'it does not end');
  assert.deepEqual([over.hangup_reason, over.hangup_by], ['cancel', 'local']);
  const types = () => toldAt('/canceled').map(({ body }) => body.type);
  await eventually(() => types().at(-1) === 'activeflow_updated', 'its end is not told');
  assert.deepEqual(types().slice(-4), ['call_ringing', 'call_canceling', 'call_hangup', 'activeflow_updated']);
});
