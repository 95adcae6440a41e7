import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference, anActor, aParticipant } from '../../../test/kit/conference-fakes.ts';
import { loudness } from '../../../test/kit/conference-sounds.ts';
import type { CallId, Conference, StreamDirection } from '../conference.ts';
import { hearingPlan } from '../hearing-plan.ts';
import type { Playing, PlayingId } from '../playing.ts';
import type { RecordingId } from '../recording.ts';
import type { TranscriptionId } from '../transcription.ts';
import { answered, arrived, ended } from './call.ts';
import { deafen } from './deafen.ts';
import { remove } from './document.ts';
import { kick } from './kick.ts';
import { mute } from './mute.ts';
import { playEnded, startPlay, stopPlay } from './play.ts';
import { gapped, pauseRecording, recordingEnded, resumeRecording, startRecording, stopRecording } from './recording.ts';
import { relate } from './relate.ts';
import type { Change, Context } from './rule.ts';
import { openStream, streamClosed } from './stream.ts';
import { addTranscript, startTranscription, stopTranscription, transcriptionEnded } from './transcription.ts';

let ids = 0;
const context: Context = {
  epoch: 1_700_000_000_000,
  actor: anActor,
  lacks: new Set(),
  newId: () => {
    ids += 1;
    return ids.toString(16).padStart(32, '0');
  },
  newUuid: () => 'uuid',
};
const three = aConference({ people: 3 });
const { id: conference } = three;
const types = ({ facts }: Change): readonly string[] => facts.map((each) => each.type);
const does = ({ effects }: Change): readonly string[] => effects.map((each) => each.do);
const leg = (n: number): string => aCall(n).leg;

/** Plays what is named to all, or to a number. */
const play = (where: Conference, name: string, to?: number, duck?: number): Change =>
  startPlay(where, { conference, sources: [name], ...(to === undefined ? {} : { to }), ...(duck === undefined ? {} : { duck }) }, context);
const queue = (where: Conference): readonly Playing[] => where.room?.playing ?? [];
const names = (where: Conference): readonly string[] =>
  queue(where).map((each) => `${each.sources[0]}${each.startedAt === undefined ? '?' : ''}`);
const idOf = (where: Conference, name: string): PlayingId => queue(where).find((each) => each.sources[0] === name)!.id;

test('a recording takes what is asked for, else what the document says, and the room shows it', () => {
  const document = { ...three.document, recording: { stems: true, format: 'ogg', max_seconds: 600 } };
  const { next, facts, effects } = startRecording({ ...three, document }, { conference, format: 'wav', name: 'Board' }, context);
  const recording = next.room!.recording!;
  const { id: _, ...rest } = recording;
  assert.deepEqual(rest, {
    name: 'Board',
    startedAt: context.epoch,
    state: 'running',
    stems: true,
    format: 'wav',
    maxSeconds: 600,
    silence: false,
  });
  assert.deepEqual(facts, [{ type: 'recording.started', recording }]);
  assert.deepEqual(effects, [{ do: 'record', instance: three.room!.instance, recording }]);
});

test('start while recording, stop while not, pause while paused: nothing changes; another recording than the one under way is refused', () => {
  const start = (where: Conference): Change => startRecording(where, { conference }, context);
  const one = start(three).next;
  assert.equal(start(one).next, one);
  assert.equal(stopRecording(three, { conference }, context).next, three);
  const paused = pauseRecording(one, { conference }, context);
  assert.deepEqual([types(paused), does(paused)], [['recording.paused'], ['pause-recording']]);
  assert.equal(pauseRecording(paused.next, { conference }, context).next, paused.next);
  const resumed = resumeRecording(paused.next, { conference }, context);
  assert.deepEqual([types(resumed), does(resumed)], [['recording.resumed'], ['resume-recording']]);
  assert.equal(resumeRecording(one, { conference }, context).next, one);
  const recording = 'f'.repeat(32) as RecordingId;
  for (const rule of [pauseRecording, resumeRecording, stopRecording]) {
    assert.throws(() => rule(one, { conference, recording }, context), { kind: 'not-found', code: 'recording_not_found' });
  }
  assert.deepEqual(does(stopRecording(one, { conference }, context)), ['end-recording']);
});

test('what the recorder tells: gaps and the end by itself, with what has become of it; of others nothing but that', () => {
  const one = startRecording(three, { conference }, context).next;
  const { id: recording } = one.room!.recording!;
  const gap = { conference, recording, from: 1, lostMs: 40, words: 'slow' };
  assert.deepEqual(types(gapped(one, gap, context)), ['recording.gapped']);
  assert.deepEqual(types(gapped(three, gap, context)), []);
  const outcome = { state: 'finished', seconds: 3, bytes: 4 } as const;
  const limit = recordingEnded(one, { conference, recording, reason: 'limit', outcome }, context);
  assert.deepEqual(limit.facts, [
    { type: 'recording.stopped', recording, reason: 'limit' },
    { type: 'recording.finished', recording, ...outcome },
  ]);
  assert.deepEqual([limit.next.room?.recording, limit.effects], [undefined, []], 'it knows that it has ended');
  const stopped = stopRecording(one, { conference }, context).next;
  assert.deepEqual(types(recordingEnded(stopped, { conference, recording, reason: 'asked', outcome }, context)), ['recording.finished']);
  assert.equal(recordingEnded(stopped, { conference, recording, reason: 'asked' }, context).next, stopped);
  // The room is gone, perhaps with the server that wrote it.
  const gone = recordingEnded(
    aConference(),
    { conference, recording, reason: 'restart', outcome: { ...outcome, words: 'repaired' } },
    context,
  );
  assert.deepEqual(gone.facts, [{ type: 'recording.finished', recording, ...outcome, words: 'repaired' }]);
});

test('a document that asks for it is recorded from its first participant on, once; without a recorder nobody is kept out', () => {
  const join = (where: Conference, n: number, within = context): Change => {
    const coming = arrived(where, { conference, call: aCall(n), role: undefined }, within).next;
    return answered(coming, { conference, call: aCall(n).id }, within);
  };
  for (const recording of [true, { automatic: true }]) {
    const first = join(aConference({ document: { recording } }), 1);
    assert.deepEqual(types(first), ['participant.joined', 'recording.started']);
    assert.deepEqual(types(join(first.next, 2)), ['participant.joined']);
    const stopped = stopRecording(first.next, { conference }, context).next;
    assert.deepEqual(types(join(stopped, 2)), ['participant.joined'], 'who stopped it knows why');
  }
  const lacking = { ...context, lacks: new Set(['recorder'] as const) };
  assert.deepEqual(types(join(aConference({ document: { recording: true } }), 1, lacking)), ['participant.joined']);
  assert.deepEqual(types(join(aConference({ document: { recording: { stems: true } } }), 1)), ['participant.joined']);
});

test('what the server is built without, and where nobody is, is refused by name', () => {
  const acts: [string, (where: Conference, within: Context) => unknown][] = [
    ['no_recorder', (where, within) => startRecording(where, { conference }, within)],
    ['no_player', (where, within) => startPlay(where, { conference, sources: ['a'] }, within)],
    ['no_transcriber', (where, within) => startTranscription(where, { conference }, within)],
    ['no_streams', (where, within) => openStream(where, { conference, name: 'x', role: 'member', direction: 'both' }, within)],
  ];
  const lacks = new Set(['recorder', 'player', 'scribe', 'streams'] as const);
  for (const [code, act] of acts) {
    assert.throws(
      () => act(three, { ...context, lacks }),
      (error: { kind: string; code: string; details: { setting: string } }) => {
        assert.deepEqual([error.kind, error.code], ['unavailable', code]);
        return error.details.setting.length > 0;
      },
    );
    if (code !== 'no_streams') assert.throws(() => act(aConference(), context), { kind: 'conflict', code: 'nobody_there' });
  }
});

test('what is for the same people plays one behind the other, what is for others beside it', () => {
  const first = play(three, 'a');
  assert.deepEqual([types(first), does(first)], [['play.started'], ['rehear', 'play']]);
  const second = play(first.next, 'b');
  assert.deepEqual([types(second), does(second)], [['play.queued'], []]);
  const private_ = play(second.next, 'c', 2);
  assert.deepEqual([types(private_), names(private_.next)], [['play.started'], ['a', 'b?', 'c']]);
  const end = playEnded(private_.next, { conference, playing: idOf(private_.next, 'a'), reason: 'finished' }, context);
  assert.deepEqual(
    [types(end), does(end), names(end.next)],
    [
      ['play.ended', 'play.started'],
      ['rehear', 'play'],
      ['b', 'c'],
    ],
  );
  assert.equal(playEnded(end.next, { conference, playing: idOf(private_.next, 'a'), reason: 'finished' }, context).next, end.next);
});

test('stopping: what plays, all of it, one by name, only what is for somebody', () => {
  let all = three;
  for (const [name, to] of [['a'], ['b'], ['c', 2], ['d', 2]] as const) all = play(all, name, to).next;
  const stop = (which: PlayingId | 'current' | 'all', to?: number | 'all'): readonly string[] =>
    names(stopPlay(all, { conference, which, ...(to === undefined ? {} : { to }) }, context).next);
  assert.deepEqual(stop('current'), ['b', 'd']);
  assert.deepEqual(stop('all'), []);
  assert.deepEqual(stop('all', 'all'), ['c', 'd?']);
  assert.deepEqual(stop('current', 2), ['a', 'b?', 'd']);
  assert.deepEqual(stop(idOf(all, 'b')), ['a', 'c', 'd?']);
  assert.throws(() => stop('f'.repeat(32) as PlayingId), { code: 'playing_not_found' });
  assert.throws(() => stop('all', 9), { code: 'participant_not_found' });
  assert.equal(stopPlay(three, { conference, which: 'all' }, context).next, three);
  const waited = stopPlay(all, { conference, which: idOf(all, 'b') }, context);
  assert.deepEqual([types(waited), does(waited)], [['play.ended'], []], 'who never played needs not be stopped');
  assert.deepEqual(does(stopPlay(all, { conference, which: 'all' }, context)), ['end-play', 'end-play', 'rehear']);
});

test('the queue is bounded, and nonsense is refused', () => {
  let full = three;
  for (let n = 0; n < 100; n += 1) full = play(full, `${n}`).next;
  assert.throws(() => play(full, 'more', 1), { kind: 'limit', code: 'play_queue_full' });
  const start = (wish: object): unknown => startPlay(three, { conference, sources: ['a'], ...wish }, context);
  for (const sources of [[], [''], [' '], [{ say: '' }], Array(101).fill('a')])
    assert.throws(() => start({ sources }), { code: 'nothing_to_play' });
  for (const loops of [-1, 0.5, Number.NaN]) assert.throws(() => start({ loops }), { code: 'bad_loops' });
  for (const duck of [0, 1.1, Number.NaN]) assert.throws(() => start({ duck }), { code: 'gain_out_of_range' });
  for (const maxSeconds of [0, 1.5, 604_801]) {
    assert.throws(() => startRecording(three, { conference, maxSeconds }, context), { code: 'bad_duration' });
  }
});

test('a prompt to all is heard by all but the deaf, one to somebody by him alone, deaf or not', () => {
  const deaf = deafen(three, { conference, which: 3, deaf: true }, context).next;
  const both = play(play(play(deaf, 'all').next, 'two', 2).next, 'three', 3).next;
  const plan = hearingPlan(both);
  const heard = (name: string): readonly boolean[] => [1, 2, 3].map((n) => loudness(plan, leg(n), idOf(both, name)) > 0);
  assert.deepEqual(heard('all'), [true, true, false]);
  assert.deepEqual(heard('two'), [false, true, false]);
  assert.deepEqual(heard('three'), [false, false, true]);
  assert.deepEqual(
    [1, 2].map((n) => loudness(plan, leg(3), leg(n))),
    [0, 0],
    'the deaf one hears his prompt and nothing else',
  );
  assert.equal(loudness(plan, leg(1), leg(2)), 1);
  const waiting = play(both, 'later').next;
  assert.deepEqual(hearingPlan(waiting), { ...plan, version: waiting.sequence }, 'what waits is not heard');
});

test('voices are lowered while something plays, for those who hear it; the prompt is as loud as it came', () => {
  const document = { ...three.document, profile: { 'announcement-duck': 20 } };
  const all = play({ ...three, document }, 'a').next;
  const plan = hearingPlan(all);
  assert.ok(Math.abs(loudness(plan, leg(1), leg(2)) - 0.1) < 1e-12, '20 dB is a tenth');
  assert.equal(loudness(plan, leg(1), idOf(all, 'a')), 1);
  const one = hearingPlan(play(three, 'a', 1, 0.25).next);
  assert.deepEqual(
    [loudness(one, leg(1), leg(2)), loudness(one, leg(2), leg(1)), loudness(one, leg(3), leg(1))],
    [0.25, 1, 1],
    'the others hear as ever',
  );
  const related = relate(play(three, 'a', 1, 0.25).next, { conference, participant: 2, other: 1, relationship: 'mute' }, context).next;
  assert.equal(loudness(hearingPlan(related), leg(1), leg(2)), 0, 'who is not heard is not lowered but silent');
  assert.equal(
    loudness(hearingPlan(playEnded(all, { conference, playing: idOf(all, 'a'), reason: 'finished' }, context).next), leg(1), leg(2)),
    1,
  );
});

test('who leaves takes what was played to him along, before he is gone', () => {
  let full = play(play(play(three, 'a', 1).next, 'b', 1).next, 'c').next;
  full = startRecording(full, { conference }, context).next;
  const left = ended(full, { conference, call: aCall(1).id, reason: 'hung-up' }, context);
  assert.deepEqual(types(left), ['play.ended', 'play.ended', 'participant.left']);
  assert.deepEqual(
    left.facts.slice(0, 2).map((each) => 'reason' in each && each.reason),
    ['gone', 'gone'],
  );
  assert.deepEqual([does(left), names(left.next)], [['end-play', 'rehear'], ['c']]);
});

test('with the last one everything ends, in this order, before the room is closed', () => {
  let full = { ...aConference({ people: 1 }), locked: true };
  const fill = (...rules: ((where: Conference) => Change)[]): void => {
    for (const rule of rules) full = { ...full, ...rule(full).next };
  };
  fill(
    (where) => startRecording(where, { conference }, context),
    (where) => startTranscription(where, { conference, language: 'de' }, context),
    (where) => play(where, 'a'),
    (where) => play(where, 'b'),
    (where) => play(where, 'c', 1),
  );
  const order = [
    'play.ended',
    'participant.left',
    'play.ended',
    'play.ended',
    'transcription.stopped',
    'recording.stopped',
    'conference.unlocked',
    'room.closed',
  ];
  const reasons = (change: Change): readonly unknown[] =>
    change.facts.flatMap((each) => (each.type.startsWith('participant') || !('reason' in each) ? [] : [each.reason]));
  const kicked = kick(full, { conference, which: 'all' }, context);
  assert.deepEqual(types(kicked), order);
  assert.deepEqual(reasons(kicked), ['gone', 'room-closed', 'room-closed', 'room-closed', 'room-closed']);
  assert.deepEqual(does(kicked), ['end-play', 'end-play', 'end-transcription', 'end-recording', 'rehear', 'hang-up']);
  assert.equal(kicked.next.room, undefined);
  assert.deepEqual(types(remove(full, { conference, keep: true }, context)), [...order, 'conference.deleted']);
});

test('a transcription is started and stopped like a recording; what was said is a fact, also of who has left', () => {
  const one = startTranscription(three, { conference, language: 'de' }, context);
  const transcription = one.next.room!.transcription!;
  assert.deepEqual(one.facts, [{ type: 'transcription.started', transcription }]);
  assert.equal(startTranscription(one.next, { conference, language: 'fr' }, context).next, one.next);
  assert.equal(stopTranscription(three, { conference }, context).next, three);
  assert.throws(() => stopTranscription(one.next, { conference, transcription: 'f'.repeat(32) as TranscriptionId }, context), {
    code: 'transcription_not_found',
  });
  assert.deepEqual(does(stopTranscription(one.next, { conference }, context)), ['end-transcription']);
  const failed = transcriptionEnded(one.next, { conference, transcription: transcription.id, reason: 'failed', words: 'gone' }, context);
  assert.deepEqual(failed.facts, [{ type: 'transcription.stopped', transcription: transcription.id, reason: 'failed', words: 'gone' }]);
  assert.equal(transcriptionEnded(three, { conference, transcription: transcription.id, reason: 'failed' }, context).next, three);
  const said = { transcription: transcription.id, participant: aParticipant(9).id, language: 'de', from: 1, to: 2 };
  assert.deepEqual(addTranscript(aConference(), { conference, ...said, text: ' eins ' }, context).facts, [
    { type: 'transcript.created', ...said, text: 'eins' },
  ]);
  assert.deepEqual(addTranscript(three, { conference, ...said, text: ' ' }, context).facts, []);
});

test('a program opens the room, is let in by lock and PIN but not beyond the limit, and joins as its role does unless it says otherwise', () => {
  const open = (
    where: Conference,
    more: { call?: CallId; muted?: boolean; deaf?: boolean } = {},
    direction: StreamDirection = 'both',
  ): Change => openStream(where, { conference, name: 'Agent', role: 'member', direction, ...more }, context);
  const locked = aConference({ locked: true, document: { member: { join_muted: true, pins: ['1'] } } });
  const first = open(locked);
  assert.deepEqual([types(first), does(first)], [['room.opened', 'participant.joined'], ['rehear']]);
  const { call, muted, deaf, number } = first.next.room!.participants[0]!;
  assert.deepEqual([call.callerName, call.stream, call.leg, muted, deaf, number], ['Agent', 'both', call.id, ['self'], false, 1]);
  const other = open(locked, { muted: false, deaf: true }).next.room!.participants[0]!;
  assert.deepEqual([other.muted, other.deaf], [[], true]);
  assert.throws(() => open(first.next, { call: call.id }), { code: 'call_exists' });
  assert.throws(() => open(three, { call: 'short' as CallId }), { code: 'bad_id' });
  assert.throws(() => open({ ...three, document: { max_participants: 3 } }), { code: 'conference_full' });
  const away = streamClosed(first.next, { conference, call: call.id, reason: 'hung-up' }, context);
  assert.deepEqual(types(away), ['participant.left', 'conference.unlocked', 'room.closed']);
  assert.equal(streamClosed(three, { conference, call: call.id, reason: 'hung-up' }, context).next, three);
});

test('a program is muted, deafened, related and sent away like anybody; its direction says whether it is heard and hears', () => {
  const id = 'a1'.repeat(16) as CallId;
  const withProgram = (direction: StreamDirection): Conference =>
    openStream(three, { conference, call: id, name: 'Agent', role: 'member', direction }, context).next;
  const hears = (where: Conference): readonly boolean[] => {
    const plan = hearingPlan(where);
    assert.ok(
      plan.sources.every(({ source }) => (source.kind === 'stream') === (source.id === id)),
      'a stream is a stream of the engine',
    );
    return [loudness(plan, leg(1), id) > 0, loudness(plan, id, leg(1)) > 0];
  };
  assert.deepEqual(
    (['in', 'out', 'both'] as const).map((each) => hears(withProgram(each))),
    [
      [true, false],
      [false, true],
      [true, true],
    ],
  );
  const both = withProgram('both');
  assert.deepEqual(hears(mute(both, { conference, which: 4, muted: true }, context).next), [false, true]);
  assert.deepEqual(hears(deafen(both, { conference, which: 4, deaf: true }, context).next), [true, false]);
  const related = (relationship: 'mute' | 'deaf') => relate(both, { conference, participant: 4, other: 1, relationship }, context).next;
  assert.deepEqual(
    [hears(related('mute')), hears(related('deaf'))],
    [
      [false, true],
      [true, false],
    ],
  );
  const prompted = play(both, 'for the program', 4).next;
  assert.ok(loudness(hearingPlan(prompted), id, idOf(prompted, 'for the program')) > 0);
  const gone = kick(both, { conference, which: 4 }, context);
  assert.deepEqual(gone.effects, [{ do: 'rehear' }, { do: 'close-stream', call: id, reason: 'kicked' }]);
});
