import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type House, openHouse } from '../../../test/kit/api-house.ts';
import { aCall } from '../../../test/kit/conference-fakes.ts';
import type { AccountId } from '../../accounts/index.ts';
import { dashed, Failure, type Json, type JsonObject, undashed } from '../../base/index.ts';
import { type CallId, type CallWish, lobbyOf, type PhoneCall, type PhoneCalls, type RecordingId, runOf } from '../../conference/index.ts';
import { callEvents } from './events/call-events.ts';
import { eventsOf } from './events/event.ts';
import { openLook } from './events/look.ts';

const NEVER = '9999-01-01 00:00:00.000000';
const NIL = '00000000-0000-0000-0000-000000000000';

async function ask(house: House, method: string, path: string, body?: Json | string) {
  const answer = await house.server.inject({
    method: method as 'GET',
    url: `/v1.0${path}${path.includes('?') ? '&' : '?'}accesskey=${house.accessKey}`,
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
}

const reason = (answer: { status: number; body: JsonObject }) => [answer.status, (answer.body['error'] as JsonObject)['reason']];

/** Calls that are nowhere but here. */
class FakePhones implements PhoneCalls {
  readonly calls = new Map<CallId, PhoneCall>();
  readonly done: string[] = [];
  readonly wishes: CallWish[] = [];
  list = (account: AccountId) => [...this.calls.values()].filter((each) => each.account === account);
  find = (account: AccountId, id: CallId) => this.list(account).find((each) => each.id === id);
  follow = () => () => {};
  async divert() {}
  async transfer() {}
  placeOf = () => undefined;
  async make(wish: CallWish): Promise<PhoneCall> {
    this.wishes.push(wish);
    if (wish.target === 'nobody') throw new Failure('invalid', 'bad_endpoint', 'nobody is there');
    const id = `01a2008457cd75b38e67de2d7eca6b${String(this.calls.size).padStart(2, '0')}` as CallId;
    const ends = { source: { number: wish.source?.number ?? '', name: '' }, destination: { number: wish.target, name: '' } };
    const call: PhoneCall = {
      ...ends,
      call: aCall(this.calls.size + 1, { id, direction: 'outbound' }),
      id,
      account: wish.account,
      direction: 'outbound',
      status: 'dialing',
      startedAt: 1,
      changedAt: 1,
      byUs: false,
      muted: '',
      run: { executed: [], ...(wish.plan.flow === undefined ? {} : { flow: wish.plan.flow }) },
    };
    this.calls.set(id, call);
    return call;
  }
  hangUp(_: AccountId, id: CallId): PhoneCall {
    const call: PhoneCall = { ...this.calls.get(id)!, status: 'canceling', byUs: true };
    this.calls.set(id, call);
    return call;
  }
  async #do(what: string) {
    this.done.push(what);
  }
  mute = (_: AccountId, __: CallId, { direction, on }: { direction: string; on: boolean }) => this.#do(`mute ${direction} ${on}`);
  hold = (_: AccountId, __: CallId, on: boolean) => this.#do(`hold ${on}`);
  silence = (_: AccountId, __: CallId, on: boolean) => this.#do(`silence ${on}`);
  music = (_: AccountId, __: CallId, on: boolean) => this.#do(`music ${on}`);
  async record(_: AccountId, id: CallId, wish: object): Promise<PhoneCall> {
    if (this.calls.get(id)?.recording !== undefined) throw new Failure('conflict', 'recording_active', 'this call is recorded already');
    await this.#do(`record ${JSON.stringify(wish)}`);
    const recording = '01a2008457cd75b38e67de2d7eca6baa' as RecordingId;
    return this.#now(id, { recording, recordings: [recording] });
  }
  stopRecording = (_: AccountId, id: CallId) => this.#now(id, { recording: undefined });
  #now(id: CallId, change: Partial<PhoneCall>): PhoneCall {
    const call = { ...this.calls.get(id)!, ...change };
    this.calls.set(id, call);
    return call;
  }
  async transcribe(): Promise<never> {
    throw new Failure('unavailable', 'no_transcriber', 'nobody writes down here');
  }
  async stopTranscribing() {}
  async transcribeRecordings() {}
  whereIs = async (_: AccountId, id: CallId) => lobbyOf(id);
  talk = async (_: AccountId, __: CallId, { say, language, voice }: { say: string; language?: string; voice?: string }) => {
    await this.#do(`talk ${say} ${language} ${voice}`);
    return {};
  };
}

async function withPhones() {
  const phones = new FakePhones();
  return { phones, house: await openHouse({ options: { phones } }) };
}

test('flows: made, listed, replaced, taken away; each action gets an id', async () => {
  const house = await openHouse();
  const made = await ask(house, 'POST', '/flows', {
    name: 'menu',
    detail: 'd',
    actions: [{ type: 'answer' }, { type: 'talk', option: { text: 'hi' } }],
  });
  assert.equal(made.status, 200);
  const keys = 'actions customer_id detail direct_hash id name on_complete_flow_id tm_create tm_delete tm_update type';
  assert.equal(Object.keys(made.body).sort().join(' '), keys);
  assert.match(made.body.actions[0].id, /^[0-9a-f]{8}-/);
  assert.deepEqual([made.body.actions[0].next_id, made.body.on_complete_flow_id, made.body.tm_update], [NIL, NIL, NEVER]);
  const path = `/flows/${made.body.id}`;
  const changed = await ask(house, 'PUT', path, { name: 'other' });
  assert.deepEqual([changed.body.name, changed.body.detail, changed.body.actions], ['other', '', []]);
  assert.notEqual((await ask(house, 'POST', `${path}/direct-hash-regenerate`)).body.direct_hash, made.body.direct_hash);
  assert.deepEqual(
    (await ask(house, 'GET', '/flows')).body.result.map(({ id }: JsonObject) => id),
    [made.body.id],
  );
  assert.notEqual((await ask(house, 'DELETE', path)).body.tm_delete, NEVER);
  assert.deepEqual(reason(await ask(house, 'GET', path)), [404, 'FLOW_NOT_FOUND']);
  assert.deepEqual(reason(await ask(house, 'PUT', path, {})), [404, 'FLOW_NOT_FOUND']);
});

test('a flow with an action that there is not, with too many, or with nonsense is refused', async () => {
  const house = await openHouse();
  for (const type of ['amd', 'block', 'queue_join', 'ai_talk', 'email_send', 'message_send', 'agent_call', 'empty', '']) {
    assert.deepEqual(reason(await ask(house, 'POST', '/flows', { actions: [{ type }] })), [400, 'INVALID_ACTION_TYPE'], type);
  }
  const many = Array.from({ length: 10_000 }, () => ({ type: 'answer' }));
  assert.deepEqual(reason(await ask(house, 'POST', '/flows', { actions: many })), [400, 'INVALID_ARGUMENT']);
  for (const body of ['{', '[]', { actions: {} }, { actions: [1] }, { name: 1 }] as Json[]) {
    assert.equal((await ask(house, 'POST', '/flows', body)).status, 400, JSON.stringify(body));
  }
});

test('numbers and extensions: one of each in the server or account, flows of the account alone', async () => {
  const house = await openHouse();
  const flow = (await ask(house, 'POST', '/flows', { name: 'f', actions: [] })).body.id;
  const number = await ask(house, 'POST', '/numbers', { number: '+1 555 0100 22', call_flow_id: flow, name: 'main' });
  assert.deepEqual([number.status, number.body.number, number.body.call_flow_id, number.body.status], [200, '+1555010022', flow, 'active']);
  assert.deepEqual(reason(await ask(house, 'POST', '/numbers', { number: '+1555010022' })), [409, 'ALREADY_EXISTS']);
  assert.deepEqual(reason(await ask(house, 'POST', '/numbers', { number: 'x' })), [400, 'INVALID_ARGUMENT']);
  const path = `/numbers/${number.body.id}`;
  const strange = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
  assert.deepEqual(reason(await ask(house, 'PUT', `${path}/flow_ids`, { call_flow_id: strange })), [404, 'FLOW_NOT_FOUND']);
  const cleared = await ask(house, 'PUT', `${path}/flow_ids`, { call_flow_id: '', message_flow_id: '' });
  assert.deepEqual([cleared.body.call_flow_id, cleared.body.name], [NIL, 'main']);
  // What KAZOO says of the number leaves what VoIPBIN says.
  const kazoo = {
    method: 'POST',
    url: `/v2/accounts/${house.account}/phone_numbers/%2B1555010022`,
    headers: { 'x-auth-token': house.token },
  } as const;
  assert.equal((await house.server.inject({ ...kazoo, payload: JSON.stringify({ data: { note: 'n' } }) })).statusCode, 200);
  assert.equal((await ask(house, 'GET', path)).body.name, 'main');
  assert.equal((await ask(house, 'DELETE', path)).status, 200);
  assert.deepEqual(reason(await ask(house, 'GET', path)), [404, 'NUMBER_NOT_FOUND']);

  const made = await ask(house, 'POST', '/extensions', { extension: '2001', password: 'p', name: 'n', detail: 'd' });
  assert.deepEqual([made.status, made.body.extension, made.body.domain_name, made.body.detail], [200, '2001', house.realm, 'd']);
  assert.deepEqual(reason(await ask(house, 'POST', '/extensions', { extension: '2001', password: 'p' })), [409, 'ALREADY_EXISTS']);
  assert.deepEqual(reason(await ask(house, 'POST', '/extensions', { extension: '2002' })), [400, 'INVALID_ARGUMENT']);
  const changed = await ask(house, 'PUT', `/extensions/${made.body.id}`, { name: 'm', detail: '', password: 'q' });
  assert.deepEqual([changed.body.name, changed.body.password, changed.body.extension], ['m', 'q', '2001']);
  await ask(house, 'DELETE', `/extensions/${made.body.id}`);
  assert.deepEqual(reason(await ask(house, 'GET', `/extensions/${made.body.id}`)), [404, 'EXTENSION_NOT_FOUND']);
});

test('calls: whoever can be called is, types are inferred, a flow counts more than actions', async () => {
  const { house, phones } = await withPhones();
  const flow = (await ask(house, 'POST', '/flows', { name: 'f', actions: [{ type: 'beep' }] })).body.id;
  const made = await ask(house, 'POST', '/calls', {
    source: { type: 'tel', target: '+15550100' },
    destinations: [
      { target: '+15550101' },
      { target: 'bob@127.0.0.1' },
      { target: '2001' },
      { target: 'nobody' },
      { type: 'email', target: 'a@b.c' },
    ],
    flow_id: flow,
    actions: [{ type: 'echo' }],
    variables: { name: 'Ann', 'voipbin.call.id': 'forged' },
  });
  assert.equal(made.status, 200);
  const shown = made.body.calls.map((each: { destination: JsonObject; flow_id: string }) => [each.destination['type'], each.flow_id]);
  assert.deepEqual(shown, [
    ['tel', flow],
    ['sip', flow],
    ['extension', flow],
  ]);
  assert.deepEqual(
    made.body.groupcalls.map((each: { call_ids: string[] }) => each.call_ids),
    [[made.body.calls[2].id]],
  );
  const [wish] = phones.wishes;
  assert.deepEqual([wish?.plan.actions.map(({ type }) => type), wish?.plan.variables], [['beep'], { name: 'Ann' }]);
  assert.deepEqual(
    phones.wishes.map(({ target }) => target),
    ['+15550101', 'sip:bob@127.0.0.1', '2001', 'nobody'],
  );
  const own = made.body.calls[0];
  assert.equal(own.activeflow_id, dashed(runOf(undashed(own.id) as CallId)));
  assert.equal((await ask(house, 'GET', `/activeflows/${own.activeflow_id}`)).body.reference_id, own.id);
  assert.equal((await ask(house, 'POST', '/calls', { destinations: [{ target: 'nobody' }], actions: [] })).status, 400);
  for (const [body, told] of [
    [{ actions: [] }, [400, 'INVALID_ARGUMENT']],
    [{ destinations: [], actions: [] }, [400, 'INVALID_ARGUMENT']],
    [{ destinations: [{ target: '1' }], actions: [{ type: 'amd' }] }, [400, 'INVALID_ACTION_TYPE']],
    [{ destinations: [{ target: '1' }], flow_id: 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa' }, [404, 'FLOW_NOT_FOUND']],
    [{ destinations: [{ target: '1' }], anonymous: 'perhaps' }, [400, 'INVALID_ARGUMENT']],
  ] as [Json, unknown][]) {
    assert.deepEqual(reason(await ask(house, 'POST', '/calls', body)), told);
  }
});

test('what is done to a call answers nothing; of one that is over it is refused', async () => {
  const { house, phones } = await withPhones();
  const { id } = (await ask(house, 'POST', '/calls', { destinations: [{ target: '1' }], actions: [] })).body.calls[0];
  for (const method of ['POST', 'DELETE']) {
    for (const what of ['hold', 'moh', 'silence'])
      assert.deepEqual(await ask(house, method, `/calls/${id}/${what}`), { status: 200, body: undefined });
    assert.equal((await ask(house, method, `/calls/${id}/mute`, { direction: 'in' })).status, 200);
  }
  assert.deepEqual(phones.done.slice(0, 4), ['hold true', 'music true', 'silence true', 'mute in true']);
  assert.deepEqual(reason(await ask(house, 'POST', `/calls/${id}/mute`, { direction: 'up' })), [400, 'INVALID_ARGUMENT']);
  await ask(house, 'POST', `/calls/${id}/talk`, { text: 'hello', language: 'en-GB', voice_id: 'v' });
  assert.equal(phones.done.at(-1), 'talk hello en-GB v');
  for (const text of ['', 'x'.repeat(100_000)]) {
    assert.deepEqual(reason(await ask(house, 'POST', `/calls/${id}/talk`, { text })), [400, 'INVALID_ARGUMENT']);
  }
  const bare = undashed(id) as CallId;
  phones.calls.set(bare, { ...phones.calls.get(bare)!, status: 'hangup', endedAt: 2, reason: 'hung-up' });
  assert.deepEqual(reason(await ask(house, 'POST', `/calls/${id}/hold`)), [409, 'STATE_INVALID']);
  assert.equal((await ask(house, 'POST', `/calls/${id}/hangup`)).body.status, 'hangup');
  assert.notEqual((await ask(house, 'DELETE', `/calls/${id}`)).body.tm_delete, NEVER);
  assert.deepEqual(reason(await ask(house, 'GET', `/calls/${id}`)), [404, 'CALL_NOT_FOUND']);
  assert.deepEqual((await ask(house, 'GET', '/calls')).body.result, []);
  assert.equal((await ask(house, 'GET', '/activeflows')).body.result.length, 1);
});

test('calls of records: newest first, page by page, why and by whom they ended; of another account none', async () => {
  const { house } = await withPhones();
  const ends = [
    ['hung-up', 200, 'remote', 'normal'],
    ['kicked', 200, 'local', 'normal'],
    ['refused', 486, 'remote', 'busy'],
    ['refused', 408, 'remote', 'noanswer'],
    ['refused', 404, 'remote', 'failed'],
    ['media-lost', 200, 'local', 'failed'],
  ] as const;
  const ids: string[] = [];
  for (const [n, [why, status]] of ends.entries()) {
    const { leg: _leg, ...call } = aCall(n + 1, { direction: 'outbound' });
    const id = `01a2008457c${n}75b38e67de2d7eca6b0${n}` as CallId;
    ids.unshift(dashed(id));
    const startedAt = Number.parseInt(id.slice(0, 12), 16);
    const answered = status === 200 ? { answeredAt: startedAt + 10 } : {};
    const rest = { account: house.account as AccountId, startedAt, endedAt: startedAt + 100, calledNumber: '+15550101', cause: 16 };
    await house.store.history.add({ ...call, ...rest, id, reason: why, sipStatus: status, ...answered });
  }
  const pages: JsonObject[] = [];
  for (let token = ''; ; ) {
    const { body } = await ask(house, 'GET', `/calls?page_size=2&page_token=${encodeURIComponent(token)}`);
    pages.push(...body.result);
    token = body.next_page_token;
    if (token === '') break;
  }
  assert.deepEqual(
    pages.map(({ id }) => id),
    ids,
  );
  const told = pages.map((each) => [each['hangup_by'], each['hangup_reason']]).reverse();
  assert.deepEqual(
    told,
    ends.map(([, , by, words]) => [by, words]),
  );
  const stranger = await house.server.inject({ url: `/v1.0/calls/${ids[0]}?accesskey=${'c'.repeat(64)}` });
  assert.notEqual(stranger.statusCode, 200);
});

test('every step of a call is told by its name; its end by its record alone', () => {
  const call = { ...aCall(1), account: 'a', status: 'dialing', startedAt: 1, changedAt: 1, byUs: false, muted: '' };
  const dialing = { ...call, call, source: { number: '1', name: '' }, destination: { number: '2', name: '' } } as unknown as PhoneCall;
  const types = (now: PhoneCall, before?: PhoneCall) => callEvents(now, before).map(({ type }) => type);
  const up: PhoneCall = { ...dialing, status: 'progressing', answeredAt: 2 };
  assert.deepEqual(types(dialing), ['call_created', 'activeflow_created', 'call_dialing']);
  assert.deepEqual(types(up, dialing), ['call_progressing', 'activeflow_updated']);
  assert.deepEqual(types({ ...up, muted: 'in' }, up), ['call_updated']);
  assert.deepEqual(types({ ...up, status: 'terminating' }, up), ['call_terminating']);
  assert.deepEqual(types({ ...up, status: 'hangup' }, up), []);
  // A call of ours to an extension is a group.
  const out: PhoneCall = { ...dialing, direction: 'outbound' };
  const answered: PhoneCall = { ...out, status: 'progressing', answeredAt: 2 };
  assert.deepEqual(types(out), ['groupcall_created', 'call_created', 'activeflow_created', 'call_dialing']);
  assert.deepEqual(types(answered, out), ['call_progressing', 'groupcall_progressing', 'activeflow_updated']);
  const tel: PhoneCall = { ...out, destination: { number: '+4930123', name: '' } };
  assert.deepEqual(types(tel), ['call_created', 'activeflow_created', 'call_dialing']);
});

test('the record of a call that is over is its end, over websockets and webhooks alike', async () => {
  const { leg: _leg, ...call } = aCall(1);
  const ends = { calledNumber: '1000', startedAt: 1, answeredAt: 2, endedAt: 3, reason: 'hung-up', sipStatus: 200, cause: 16 } as const;
  const cdr = { ...call, ...ends, account: 'a'.repeat(32) as AccountId };
  const look = openLook({ execute: () => Promise.reject(new Error('nothing is looked up')) });
  const told = await eventsOf({ type: 'call.recorded', at: 3, account: cdr.account, cdr }, look);
  assert.deepEqual(
    told.map(({ type }) => type),
    ['call_hangup', 'activeflow_updated'],
  );
  const [hangup, run] = told.map(({ data }) => data);
  assert.deepEqual([hangup?.['status'], hangup?.['hangup_by'], hangup?.['direction']], ['hangup', 'remote', 'incoming']);
  assert.deepEqual([run?.['status'], run?.['id']], ['ended', hangup?.['activeflow_id']]);
});
