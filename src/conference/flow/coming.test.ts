import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anAccount } from '../../../test/kit/conference-fakes.ts';
import { LobbyHouse } from '../../../test/kit/lobby-house.ts';
import type { Happening } from '../facts.ts';
import type { Diary } from '../ports.ts';
import { usualTerms, withTerms } from '../terms.ts';
import { lobbyOf } from './lobby.ts';

const join = { id: 'join', type: 'conference_join', option: { conference_id: aConferenceId } };
const sleep = { id: 'sleep', type: 'sleep', option: { duration: 10_000 } };
const beep = { id: 'beep', type: 'play', option: { stream_urls: ['tone_stream://%(100,0,440)'] } };

/** A conference whose callers wait for 10 s on their way in, and what is noted of them. */
async function open() {
  const notes: { readonly place: string; readonly what: Happening }[] = [];
  const diary: Diary = {
    async note({ place }, what) {
      for (const each of what) notes.push({ place, what: each });
      return [];
    },
  };
  const house = new LobbyHouse({ diary });
  await house.create(withTerms({}, { ...usualTerms, preActions: [sleep] }));
  return { house, notes };
}

const joiningOf = (house: LobbyHouse, n = 1) => house.lobbies.phoneCalls.find(anAccount, aCall(n).id)?.run?.joining;

test('who hangs up on his way in is noted as one who wanted in and never came; who comes in is not', async () => {
  const { house, notes } = await open();
  const call = await house.comes(1, [join]);
  const joining = joiningOf(house);
  assert.ok(joining);
  house.clock.advance(3_000);
  await house.ends(call.id);
  await house.settled();
  const { id: participant, startedAt: since } = joining;
  const way = { participant, into: aConferenceId, call: call.id };
  assert.deepEqual(notes, [
    { place: lobbyOf(call.id), what: { type: 'joining.started', ...way } },
    { place: lobbyOf(call.id), what: { type: 'joining.ended', ...way, since, reason: 'hung-up' } },
  ]);
  const other = await house.comes(2, [join]);
  house.clock.advance(10_000);
  await house.settled();
  assert.equal((await house.read()).room?.participants.length, 1);
  await house.ends(other.id);
  assert.deepEqual(
    notes.slice(2).map(({ what }) => what.type),
    ['joining.started'],
  );
});

test('who is not let in is noted, and his flow goes on without him being on his way any more', async () => {
  const { house, notes } = await open();
  const call = await house.comes(1, [join, beep]);
  await house.execute('conference.lock', { conference: aConferenceId, locked: true }, { account: anAccount, kind: 'api' });
  house.clock.advance(10_000);
  await house.settled();
  assert.equal(joiningOf(house), undefined);
  assert.deepEqual(
    notes.map(({ what }) => (what as { reason?: string }).reason ?? what.type),
    ['joining.started', 'refused'],
  );
  assert.deepEqual(house.playing(call.id), ['tone_stream://%(100,0,440)']);
});

test('a conference that is over sends away who is on his way into it, and nobody else', async () => {
  const { house } = await open();
  const call = await house.comes(1, [join]);
  const other = await house.comes(2, [sleep]);
  const publish = house.lobbies.telling({ publish() {}, signal() {} });
  const fact = { type: 'conference.deleted', account: anAccount, conference: aConferenceId, at: 1, sequence: 9 } as const;
  publish.publish([fact]);
  assert.deepEqual(house.telephony.hungUp, [{ call: call.id, reason: 'conference-deleted' }]);
  assert.notEqual(other.id, call.id);
  publish.publish([{ ...fact, account: 'f'.repeat(32) as never }]);
  assert.equal(house.telephony.hungUp.length, 1);
});

test('who asks for a number and a PIN is on his way from the moment that the conference is known, under one id until he is in', async () => {
  const { house, notes } = await open();
  const document = { ...withTerms({}, usualTerms), member: { numbers: ['3000'], pins: ['4711'] } };
  const { conference } = await house.execute('conference.create', { document }, { account: anAccount, kind: 'api' });
  const call = await house.comes(1, [{ id: 'enter', type: 'conference_enter', option: { conference: conference.id } }]);
  await house.settled();
  const joining = joiningOf(house);
  assert.equal(joining?.conference, conference.id);
  assert.deepEqual(
    notes.map(({ what }) => what),
    [{ type: 'joining.started', participant: joining?.id, into: conference.id, call: call.id }],
  );
  await house.ends(call.id);
  await house.settled();
  assert.deepEqual(
    notes.map(({ what }) => what.type),
    ['joining.started', 'joining.ended'],
  );
});

test('what a crash has cut on its way in is closed when the call is told to be over', async () => {
  const asked: string[] = [];
  const notes: Happening[] = [];
  const left = { id: 'f'.repeat(32), conference: aConferenceId, startedAt: 5 };
  const house = new LobbyHouse({
    diary: {
      async note(_, what) {
        notes.push(...what);
        return [];
      },
    },
    comings: {
      async open(_, call) {
        asked.push(call);
        return [left as never];
      },
    },
  });
  const { id } = aCall(7);
  await house.execute('call.ended', { conference: lobbyOf(id), call: id, reason: 'restart' }, { account: anAccount, kind: 'system' });
  assert.deepEqual(asked, [id]);
  assert.deepEqual(notes, [{ type: 'joining.ended', participant: left.id, into: aConferenceId, call: id, since: 5, reason: 'restart' }]);
});
