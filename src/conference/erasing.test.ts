import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anAccount, aParticipant } from '../../test/kit/conference-fakes.ts';
import type { Cdr } from './cdr.ts';
import { bodyWithoutCaller, tracesOf, withoutCaller } from './erasing.ts';
import type { Fact } from './facts.ts';

const number = '+4930123456';
const anna = aParticipant(1, {
  call: aCall(1, {
    callerNumber: number,
    callerName: 'Anna',
    sipCallId: `${number}-77@phone.test`,
    channelVars: { username: 'anna', realm: 'a.example' },
  }),
});
const stamp = { at: 5, account: anAccount, conference: aConferenceId, sequence: 3, instance: 'i' };
const joined: Fact = { type: 'participant.joined', participant: anna, about: anna, ...stamp };

test('a fact keeps what happened and to which participant, and nothing of who it was', () => {
  const erased = withoutCaller(joined, number);
  const nobody = {
    ...anna,
    call: { ...anna.call, callerNumber: 'erased', callerName: 'erased', sipCallId: 'erased', channelVars: {} },
  };
  assert.deepEqual(erased, { ...joined, participant: nobody, about: nobody });
  assert.deepEqual(withoutCaller(erased, number), erased);
  assert.equal(tracesOf(erased, number), undefined);
});

test('others in the same room keep theirs, and a Call-ID that carries no number stays', () => {
  const bert = aParticipant(2, { call: aCall(2, { callerNumber: '+49301234567', sipCallId: 'x4930123456@phone.test' }) });
  const fact: Fact = { type: 'participant.joined', participant: bert, about: bert, ...stamp };
  assert.equal(tracesOf(fact, number), undefined);
  assert.deepEqual(withoutCaller(fact, number), fact);
});

test('a refusal is erased, also where its words have the number', () => {
  const fact: Fact = {
    type: 'call.refused',
    call: anna.call.id,
    sipCallId: 'a@b',
    callerNumber: number,
    refusal: { code: 'overloaded', words: `no place for ${number}.` },
    ...stamp,
  };
  const expected = { ...fact, callerNumber: 'erased', refusal: { code: 'overloaded', words: 'no place for erased.' } };
  assert.deepEqual(withoutCaller(fact, number), expected);
  assert.deepEqual([...tracesOf(fact, number)!.calls], [anna.call.id]);
});

const cdr: Cdr = {
  id: anna.call.id,
  account: anAccount,
  direction: 'outbound',
  sipCallId: 'a@b',
  callerName: 'Parley',
  callerNumber: '3000',
  calledNumber: number,
  startedAt: 1,
  endedAt: 2,
  reason: 'failed',
  sipStatus: 486,
  cause: 17,
  channelVars: {},
};

test('who was called is erased as who calls', () => {
  assert.deepEqual(withoutCaller(cdr, number), { ...cdr, calledNumber: 'erased', callerName: 'erased' });
  const inbound: Cdr = { ...cdr, direction: 'inbound', callerNumber: '100', calledNumber: '100' };
  assert.equal(withoutCaller(inbound, '100').calledNumber, '100', 'the number of the conference is nobody’s');
});

test('a short number is not seen where it is something else', () => {
  const call = aCall(1, { callerNumber: '100', sipCallId: '100-1@phone.test', callerName: 'Room 100' });
  const person = aParticipant(1, { call });
  const fact = { ...joined, conference: '100' as Fact['conference'], participant: person, about: person };
  const erased = withoutCaller(fact, '100');
  assert.equal(erased.conference, '100');
  assert.equal(erased.about.id, person.id);
  assert.deepEqual(erased.about.call, { ...call, callerNumber: 'erased', sipCallId: 'erased', callerName: 'erased' });
});

test('messages in any dialect lose the number, the name, the Call-ID and the variables', () => {
  const traces = tracesOf(joined, number)!;
  const body = {
    type: 'participant.joined',
    participant_id: 1,
    caller_id_number: number,
    caller_id_name: 'Anna',
    call_id: anna.call.sipCallId,
    uri: `sip:${number}@a.example`,
    custom_channel_vars: { Username: 'anna', realm: 'a.example', other: 'anna' },
    conference_id: 'Anna',
    list: [{ note: `call ${number}, please` }],
  };
  assert.deepEqual(JSON.parse(bodyWithoutCaller(JSON.stringify(body), traces)), {
    ...body,
    caller_id_number: 'erased',
    caller_id_name: 'erased',
    call_id: 'erased',
    uri: 'sip:erased@a.example',
    custom_channel_vars: { Username: 'erased', realm: 'erased', other: 'anna' },
    list: [{ note: 'call erased, please' }],
  });
  assert.equal(bodyWithoutCaller('no json', traces), 'erased');
});
