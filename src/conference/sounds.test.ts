import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anAccount, anActor, FakeHouse } from '../../test/kit/conference-fakes.ts';
import { fold, live } from './fold.ts';
import { stateAt } from './state-at.ts';
import type { TranscriptionId } from './transcription.ts';

const conference = aConferenceId;

/** A room of two in which something is recorded, played, waited for and written down. */
async function busy(house: FakeHouse): Promise<void> {
  await house.create();
  for (const n of [1, 2]) await house.join(n);
  const { execute } = house.conferences;
  await execute('recording.start', { conference, stems: true }, anActor);
  await execute('transcription.start', { conference }, anActor);
  for (const name of ['a', 'b']) await execute('play.start', { conference, sources: [name] }, anActor);
  await execute('play.start', { conference, sources: ['c'], to: 2 }, anActor);
}

test('nothing is recorded, played or written down before it is stored, and nothing when it could not be', async () => {
  const house = new FakeHouse();
  // Neither music nor a word to whoever is alone.
  const profile = { 'alone-sound': '', 'member-enter-sound': '', 'moh-sound': '' };
  await house.create({ member: { join_muted: false }, recording_notice: false, profile });
  await house.join(1);
  house.store.failure = new Error('no disk');
  const { execute } = house.conferences;
  await assert.rejects(execute('recording.start', { conference }, anActor), /no disk/);
  await assert.rejects(execute('play.start', { conference, sources: ['a'] }, anActor), /no disk/);
  await assert.rejects(execute('transcription.start', { conference }, anActor), /no disk/);
  assert.deepEqual(house.sounds.asked, []);
  house.store.failure = undefined;
  house.store.storing = () => assert.deepEqual(house.sounds.asked, [], 'first it is stored');
  await execute('recording.start', { conference }, anActor);
  assert.deepEqual(house.sounds.asked, ['record']);
});

test('what cannot be played or is in no known language is refused before anything is stored; an unknown conference before that', async () => {
  const house = new FakeHouse();
  await house.create();
  await house.join(1);
  const { execute } = house.conferences;
  await assert.rejects(execute('play.start', { conference, sources: ['unknown'] }, anActor), { code: 'media_not_found' });
  await assert.rejects(execute('transcription.start', { conference, language: 'tlh' }, anActor), { code: 'language_unknown' });
  const nowhere = 'f'.repeat(32) as typeof conference;
  await assert.rejects(execute('play.start', { conference: nowhere, sources: ['unknown'] }, anActor), { code: 'conference_not_found' });
  await assert.rejects(execute('transcription.start', { conference: nowhere, language: 'tlh' }, anActor), { code: 'conference_not_found' });
  assert.deepEqual(house.events.types(conference), ['conference.created', 'room.opened', 'participant.joined']);
});

test('a server without recorder, player, scribe and streams says so by the setting', async () => {
  const house = new FakeHouse({ bare: true });
  await house.create();
  await house.join(1);
  const { execute } = house.conferences;
  await assert.rejects(execute('recording.start', { conference }, anActor), { kind: 'unavailable', code: 'no_recorder' });
  await assert.rejects(execute('play.start', { conference, sources: ['a'] }, anActor), { kind: 'unavailable', code: 'no_player' });
  await assert.rejects(execute('transcription.start', { conference }, anActor), { kind: 'unavailable', code: 'no_transcriber' });
  const stream = { conference, name: 'Agent', role: 'member', direction: 'both' } as const;
  await assert.rejects(execute('stream.open', stream, anActor), { kind: 'unavailable', code: 'no_streams' });
  await execute('recording.stop', { conference }, anActor);
  await execute('play.stop', { conference, which: 'all' }, anActor);
});

test('after a crash everything that was open is closed with reason restart, in order, and nobody is told to stop what he no longer does', async () => {
  const first = new FakeHouse();
  await busy(first);
  const before = await first.read();
  const { recording } = before.room!;
  const { store, clock } = first;
  const second = new FakeHouse({ store, clock, seed: 2 });
  await second.conferences.recover();
  assert.deepEqual(
    second.events.facts.map((fact) => ('reason' in fact ? `${fact.type} ${fact.reason}` : fact.type)),
    [
      'play.ended restart',
      'participant.left restart',
      'participant.left restart',
      'play.ended restart',
      'play.ended restart',
      'transcription.stopped restart',
      'recording.stopped restart',
      'room.closed',
    ],
  );
  assert.deepEqual(second.sounds.asked, []);
  // The recorder has repaired what was half made.
  const outcome = { state: 'finished', seconds: 12, bytes: 34, words: 'repaired' } as const;
  await second.conferences.execute('recording.ended', { conference, recording: recording!.id, reason: 'restart', outcome }, anActor);
  const told = second.events.facts.at(-1)!;
  assert.deepEqual([told.type, 'words' in told && told.words], ['recording.finished', 'repaired']);
  const facts = await store.facts(anAccount, conference, 0);
  assert.deepEqual(live(await second.read()), fold(facts));
});

test('outcomes for a conference that is gone are taken and do nothing', async () => {
  const house = new FakeHouse();
  await busy(house);
  const { recording, transcription, playing } = (await house.read()).room!;
  const { execute } = house.conferences;
  await execute('conference.delete', { conference, keep: false }, anActor);
  const after = house.events.facts.length;
  await execute('recording.ended', { conference, recording: recording!.id, reason: 'failed' }, anActor);
  await execute('recording.gapped', { conference, recording: recording!.id, from: 1, lostMs: 20, words: 'slow' }, anActor);
  await execute('play.ended', { conference, playing: playing![0]!.id, reason: 'finished' }, anActor);
  await execute('transcription.ended', { conference, transcription: transcription!.id, reason: 'failed' }, anActor);
  await execute('stream.closed', { conference, call: aCall(1).id, reason: 'hung-up' }, anActor);
  assert.equal(house.events.facts.length, after);
});

test('any moment of the past shows what was recorded, played and written down', async () => {
  const house = new FakeHouse();
  await busy(house);
  const { execute } = house.conferences;
  const full = await house.read();
  await execute('recording.pause', { conference }, anActor);
  await execute('play.stop', { conference, which: 'current', to: 'all' }, anActor);
  await execute('participants.kick', { conference, which: 'all' }, anActor);
  const facts = await house.store.facts(anAccount, conference, 0);
  const then = stateAt(facts, { sequence: full.sequence });
  const { recording, playing, transcription } = full.room!;
  assert.deepEqual([then.recording, then.playing, then.transcription], [recording, playing, transcription]);
  const paused = stateAt(facts, { sequence: full.sequence + 1 });
  assert.deepEqual(paused.recording, { ...recording, state: 'paused' });
  const next = stateAt(facts, { sequence: full.sequence + 3 });
  assert.deepEqual(
    next.playing.map(({ sources, startedAt }) => [sources[0], startedAt !== undefined]),
    [
      ['b', true],
      ['c', true],
    ],
  );
  const end = stateAt(facts, { sequence: facts.length });
  assert.deepEqual([end.recording, end.playing, end.transcription], [undefined, [], undefined]);
});

test('what somebody seems to say is a signal with who he is; of who is gone, muted or unknown there is none', async () => {
  const house = new FakeHouse();
  await house.create();
  const ann = await house.join(1);
  const words = { transcription: '1'.repeat(32) as TranscriptionId, text: 'one', language: 'en', from: 5 };
  house.conferences.interim(aCall(1).leg, words);
  const { instance } = (await house.read()).room!;
  const stamp = { type: 'transcript.interim', at: house.clock.epoch(), account: anAccount, conference, instance, about: ann } as const;
  assert.deepEqual(house.events.signals, [{ ...stamp, ...words }]);
  assert.equal(house.conferences.whoIs(aCall(1).leg)?.id, ann.id);
  await house.conferences.execute('participants.mute', { conference, which: 1, muted: true }, anActor);
  house.conferences.interim(aCall(1).leg, words);
  await house.conferences.execute('participants.kick', { conference, which: 1 }, anActor);
  house.conferences.interim(aCall(1).leg, words);
  house.conferences.interim(aCall(9).leg, words);
  assert.equal(house.events.signals.length, 1);
  assert.equal(house.conferences.whoIs(aCall(1).leg), undefined);
});

test('a program that is sent away is let go; whoever calls is hung up', async () => {
  const house = new FakeHouse();
  await house.create();
  await house.join(1);
  const { execute } = house.conferences;
  const { call, view } = await execute('stream.open', { conference, name: 'Agent', role: 'moderator', direction: 'both' }, anActor);
  assert.equal(view.conference.room?.participants.at(-1)?.call.id, call);
  await execute('participants.kick', { conference, which: 'all' }, anActor);
  assert.deepEqual(house.sounds.letGone, [{ stream: call, reason: 'kicked' }]);
  assert.deepEqual(house.telephony.hungUp, [{ call: aCall(1).id, reason: 'kicked' }]);
  await execute('stream.closed', { conference, call, reason: 'kicked' }, anActor);
});
