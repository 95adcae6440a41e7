import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
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
let status = 200;
const receiver = createServer((request, response) => {
  let text = '';
  request.on('data', (bytes) => (text += bytes));
  request.on('end', () => {
    if (request.url === '/hangs') return;
    if (status === 200) told.push({ path: request.url ?? '', id: String(request.headers['webhook-id']), body: JSON.parse(text) });
    response.writeHead(status).end('{}');
  });
});
before(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  house = await startHouse({ env: { PARLEY_FETCH_ALLOW: 'loopback' } });
});
after(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await house.close();
});

const base = () => `http://127.0.0.1:${(receiver.address() as { port: number }).port}`;
const typesAt = (path: string): string[] => told.filter((each) => each.path === path).map(({ body }) => body.type);
const NEVER = '9999-01-01 00:00:00.000000';

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
  // From here on nobody takes anything, so that it waits when the server dies.
  status = 503;
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
  status = 200;
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
