import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../../test/kit/api-house.ts';
import type { AccountId } from '../../../accounts/index.ts';
import type { JsonObject } from '../../../base/index.ts';
import type { CallId, ConferenceId, Dialling, DialOrder } from '../../../conference/index.ts';
import { dial } from './dial.ts';
import { Unfit } from './obey.ts';

/** A house in which everybody who is called comes, but `bob`. */
async function opened() {
  const house = await openHouse();
  const orders: DialOrder[] = [];
  const dialling: Dialling = {
    resolve: async () => assert.fail('nobody asks'),
    dial: async (order) => {
      orders.push(order);
      return order.endpoints.map((each, n) => {
        const endpoint = typeof each === 'string' ? each : String(each['id']);
        const row = { endpoint, jobId: `job-${n}` };
        if (endpoint === 'bob') return { ...row, refusal: { code: 'dial_busy', words: 'busy', status: 486 } };
        return { ...row, callId: `call-${n}`, call: String(n) as CallId };
      });
    },
  };
  const actor = { account: house.account as AccountId, kind: 'api' } as const;
  const account = (await house.options.accounts.account(actor.account))!;
  const { execute } = house.conferences;
  const send = (conference: string, message: JsonObject) =>
    dial({ message, conference: conference as ConferenceId, execute, actor, place: { node: 'parley@test', account }, dialling });
  await execute('conference.create', { id: 'room' as ConferenceId, document: { name: 'The room' } }, actor);
  return { send, orders, account, house, actor };
}

test('a dial over AMQP calls everybody and answers a row for each, in header-style keys', async () => {
  const { send, orders, account } = await opened();
  const reply = await send('room', {
    Endpoints: [
      '1001',
      { Route: 'sip:ann@far.test', 'Endpoint-ID': 'ann' },
      { name: 'Bob', id: 'bob', sip: { route: 'sip:bob@far.test' } },
    ],
    'Caller-ID-Number': '+15550100',
    'Participant-Flags': ['mute', 'is_moderator'],
    'Outbound-Call-ID': 'mine',
    Timeout: 7,
    'Custom-Application-Vars': { order: 7 },
  });
  const [order] = orders;
  assert.deepEqual(
    [order?.account, order?.conference, order?.role, order?.flags, order?.timeoutSeconds, order?.outboundCallId, order?.vars],
    [account.id, 'room', 'moderator', { muted: true }, 7, 'mine', { order: '7' }],
  );
  assert.deepEqual(order?.callerId, { name: 'The room', number: '+15550100' });
  assert.deepEqual(order?.endpoints[1], { name: 'ann', id: 'ann', sip: { route: 'sip:ann@far.test' } });
  assert.deepEqual([reply?.['Event-Name'], reply?.['Conference-ID']], ['dial_resp', 'room']);
  assert.deepEqual(reply?.['Endpoint-Responses'], [
    { Status: 'success', Message: 'dial resulted in call id call-0', 'Endpoint-ID': '1001', 'Job-ID': 'job-0', 'Call-ID': 'call-0' },
    { Status: 'success', Message: 'dial resulted in call id call-1', 'Endpoint-ID': 'ann', 'Job-ID': 'job-1', 'Call-ID': 'call-1' },
    { Status: 'error', Message: 'USER_BUSY', 'Endpoint-ID': 'bob', 'Job-ID': 'job-2' },
  ]);
});

test('a dial that names nobody who calls says who was set for this run; one that does says what it names', async () => {
  const { send, orders, house, actor } = await opened();
  const conference = 'room' as ConferenceId;
  await house.join('room', { id: 'call-1' });
  await house.conferences.execute('conference.set', { conference, callerName: 'Set', callerNumber: '+15550111' }, actor);
  await send('room', { Endpoints: ['1001'] });
  await send('room', { Endpoints: ['1001'], 'Caller-ID-Number': '+15550122' });
  await house.conferences.execute('conference.set', { conference, callerName: '' }, actor);
  await send('room', { Endpoints: ['1001'] });
  assert.deepEqual(
    orders.map(({ callerId }) => callerId),
    [
      { name: 'Set', number: '+15550111' },
      { name: 'Set', number: '+15550122' },
      { name: 'The room', number: '+15550111' },
    ],
  );
});

test('a dial over AMQP opens a room that nobody configured, as one over HTTP does', async () => {
  const { send, orders } = await opened();
  const reply = await send('standup', { Endpoints: ['1001'] });
  const rows = reply?.['Endpoint-Responses'] as readonly JsonObject[] | undefined;
  assert.equal(rows?.[0]?.['Status'], 'success');
  assert.notEqual(orders[0]?.adHoc, undefined);
});

test('a dial over AMQP that breaks the schema calls nobody', async () => {
  const { send, orders } = await opened();
  await assert.rejects(send('room', { Endpoints: [] }), Unfit);
  await assert.rejects(send('room', { Endpoints: ['1'], 'Participant-Flags': ['loud'] }), Unfit);
  assert.equal(orders.length, 0);
});
