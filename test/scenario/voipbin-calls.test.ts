import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { TONES } from '../kit/sound.ts';
import { hears, joinAction, soundAction, VoipbinDesk } from '../kit/voipbin-desk.ts';

let house: House;
const { ask, done, conference, callOut, becomes } = new VoipbinDesk(() => house);
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const [ANN, BEN, BEFORE, BEHIND, WELCOME] = [TONES[0]!, TONES[1]!, TONES[5]!, TONES[6]!, TONES[7]!] as const;
const NEVER = '9999-01-01 00:00:00.000000';

const call = (id: string) => done('GET', `/calls/${id}`);

test('a phone that is called hears its flow, is in the conference, and goes on behind it when it is kicked', async () => {
  const room = await conference({ pre_actions: [soundAction(BEFORE, 3000)], post_actions: [soundAction(BEHIND, 3000)] });
  const ann = await house.phone({ user: 'ann', tone: ANN });
  const ben = await house.phone({ user: 'ben', tone: BEN });
  const first = await callOut(ann, [joinAction(room)]);
  assert.deepEqual([first.status, first.direction, first.destination.type], ['dialing', 'outgoing', 'sip']);
  await becomes(first.id, 'progressing');
  await hears(ann, [BEFORE]);
  const joined = async () => (await done('GET', `/conferences/${room}`)).conferencecall_ids.length;
  await eventually(async () => (await joined()) === 1, 'ann is not in');
  const second = await callOut(ben, [joinAction(room)]);
  // What is done before is heard by the leg that comes in alone.
  await hears(ben, [BEFORE]);
  const coming = (await done('GET', '/conferencecalls')).result.find((each: { reference_id: string }) => each.reference_id === second.id);
  assert.deepEqual([coming.status, coming.conference_id], ['joining', room]);
  assert.equal((await done('GET', `/conferencecalls/${coming.id}`)).status, 'joining');
  await hears(ann, []);
  await eventually(async () => (await joined()) === 2, 'ben is not in');
  await hears(ann, [BEN]);
  await hears(ben, [ANN]);
  const { result } = await done('GET', '/conferencecalls');
  const own = result.find((each: { reference_id: string }) => each.reference_id === second.id);
  assert.deepEqual([own.id, own.status, own.activeflow_id], [coming.id, 'joined', second.activeflow_id]);
  assert.equal((await done('DELETE', `/conferencecalls/${own.id}`)).status, 'leaving');
  await hears(ben, [BEHIND]);
  await hears(ann, []);
  await ben.ended();
  const over = await becomes(second.id, 'hangup');
  assert.deepEqual([over.hangup_by, over.hangup_reason], ['local', 'normal']);
  assert.equal((await done('GET', `/activeflows/${second.activeflow_id}`)).status, 'ended');
  assert.equal((await done('GET', `/activeflows/${first.activeflow_id}`)).status, 'running');
  await ann.hangUp();
  const gone = await becomes(first.id, 'hangup');
  assert.deepEqual([gone.hangup_by, gone.hangup_reason], ['remote', 'normal']);
  assert.notEqual(gone.tm_progressing, NEVER);
});

test('why a call ended: busy, unanswered, cancelled, hung up from here', async () => {
  const busy = await house.phone({ user: 'busy' });
  busy.answers = false;
  const refused = await callOut(busy, []);
  const told = await becomes(refused.id, 'hangup');
  assert.deepEqual([told.hangup_reason, told.hangup_by, told.tm_progressing], ['busy', 'remote', NEVER]);
  const ann = await house.phone({ user: 'ann' });
  const up = await callOut(ann, [{ type: 'sleep', option: { duration: 60_000 } }]);
  await becomes(up.id, 'progressing');
  const ending = await done('POST', `/calls/${up.id}/hangup`);
  assert.ok(['terminating', 'hangup'].includes(ending.status), ending.status);
  await ann.ended();
  const over = await becomes(up.id, 'hangup');
  assert.deepEqual([over.hangup_by, over.hangup_reason], ['local', 'normal']);
  const listed = (await done('GET', '/calls')).result.map((each: { id: string }) => each.id);
  assert.deepEqual(listed.slice(0, 2), [up.id, refused.id], 'newest first');
  assert.notEqual((await done('DELETE', `/calls/${up.id}`)).tm_delete, NEVER);
  assert.equal((await ask('GET', `/calls/${up.id}`)).body.error.reason, 'CALL_NOT_FOUND');
});

test('an extension calls a number: its flow takes keys and branches', async () => {
  await done('POST', '/extensions', { extension: '2001', password: 'secret-2001', name: 'Ann', detail: '' });
  const right = '11111111-1111-4111-8111-111111111111';
  const wrong = '22222222-2222-4222-8222-222222222222';
  const flow = await done('POST', '/flows', {
    name: 'menu',
    detail: '',
    actions: [
      { type: 'answer' },
      { type: 'digits_receive', option: { duration: 20_000, length: 1 } },
      { type: 'branch', option: { default_target_id: wrong, target_ids: { 5: right } } },
      { id: wrong, type: 'hangup' },
      { id: right, ...soundAction(WELCOME, 60_000) },
    ],
  });
  const number = await done('POST', '/numbers', { number: '+15550123', call_flow_id: flow.id, name: 'main' });
  assert.equal(number.call_flow_id, flow.id);
  const phone = await house.phone({ user: '2001', domain: house.first.realm, auth: { user: '2001', password: 'secret-2001' } });
  assert.equal(await phone.register(), 200);
  await phone.call('+15550123');
  await phone.sendDigits('5');
  await hears(phone, [WELCOME]);
  const { result } = await done('GET', '/calls');
  const [live] = result;
  assert.deepEqual([live.direction, live.status, live.flow_id], ['incoming', 'progressing', flow.id]);
  assert.equal(live.action.id, right);
  const active = await done('GET', `/activeflows/${live.activeflow_id}`);
  assert.deepEqual([active.flow_id, active.reference_id, active.current_action.id], [flow.id, live.id, right]);
  await done('POST', `/activeflows/${live.activeflow_id}/stop`);
  await phone.ended();
  await becomes(live.id, 'hangup');
  // The telephone itself is called by its extension.
  const { calls, groupcalls } = await done('POST', '/calls', {
    destinations: [{ target: '2001' }],
    actions: [soundAction(WELCOME, 60_000)],
  });
  assert.deepEqual(groupcalls[0].call_ids, [calls[0].id]);
  await becomes(calls[0].id, 'progressing');
  await hears(phone, [WELCOME]);
  await phone.hangUp();
});

test('muted, held and silenced, in the lobby and in a conference alike', async () => {
  const room = await conference();
  const ann = await house.phone({ user: 'ann', tone: ANN });
  const ben = await house.phone({ user: 'ben', tone: BEN });
  const one = await callOut(ann, [soundAction(WELCOME, 3000), joinAction(room)]);
  await callOut(ben, [joinAction(room)]);
  await hears(ann, [WELCOME]);
  // Silenced in its lobby, and still so when it has come in.
  assert.equal((await ask('POST', `/calls/${one.id}/mute`, { direction: 'out' })).status, 200);
  await hears(ann, []);
  await eventually(async () => (await done('GET', `/conferences/${room}`)).conferencecall_ids.length === 2, 'they are not in');
  await hears(ben, [ANN]);
  await hears(ann, []);
  assert.equal((await call(one.id)).mute_direction, 'out');
  assert.equal((await ask('DELETE', `/calls/${one.id}/mute`, { direction: 'both' })).status, 200);
  await hears(ann, [BEN]);
  assert.equal((await ask('POST', `/calls/${one.id}/mute`, { direction: 'in' })).status, 200);
  await hears(ben, []);
  await hears(ann, [BEN]);
  await ask('DELETE', `/calls/${one.id}/mute`, { direction: 'in' });
  assert.equal((await ask('POST', `/calls/${one.id}/hold`)).status, 200);
  await hears(ben, []);
  await hears(ann, []);
  await ask('DELETE', `/calls/${one.id}/hold`);
  await hears(ben, [ANN]);
  assert.equal((await ask('POST', `/calls/${one.id}/silence`)).status, 200);
  await hears(ann, []);
  await hears(ben, [ANN]);
  await ann.hangUp();
  await ben.hangUp();
  assert.equal(
    (
      await eventually(async () => {
        const late = await ask('POST', `/calls/${one.id}/mute`, { direction: 'in' });
        return late.status === 200 ? undefined : late;
      }, 'it is still muted')
    ).status,
    409,
  );
});
