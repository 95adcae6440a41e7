import { Failure, type JsonObject } from '../../base/index.ts';
import { type AwaitedRecording, awaitedRecording, withAwaited } from '../awaited.ts';
import type { Input } from '../commands.ts';
import type { Conference, Room } from '../conference.ts';
import type { Recording, RecordingId } from '../recording.ts';
import { nobodyThere, noRecorder } from '../refusals.ts';
import { settingsOf } from '../settings.ts';
import { isRecorded } from './presence.ts';
import { type Change, type Context, type Rule, unchanged } from './rule.ts';
import { people } from './which.ts';

/** Longest time that a recording can be limited to: a week, in seconds. */
const LONGEST = 7 * 24 * 3600;

/** The room with another recording, or none. */
const withRecording = (conference: Conference, room: Room, recording: Recording | undefined): Conference => {
  const { recording: _, ...rest } = room;
  return { ...conference, room: recording === undefined ? rest : { ...rest, recording } };
};

/** With the recording it ends that somebody was in none: in the next one he is again unless it asks him too. */
const recordable = (conference: Conference): Change['effects'] =>
  people(conference).every((each) => isRecorded(conference, each)) ? [] : [{ do: 'rehear' }];

/** What is asked for; `id`: it has one already. */
type Wish = Partial<Input<'recording.start'>> & { readonly id?: RecordingId };

/** Begins to record an open room in which nothing is recorded. */
function begin(conference: Conference, room: Room, { epoch, newId }: Context, wish: Wish): Change {
  const { recording: preset } = settingsOf(conference);
  const maxSeconds = wish.maxSeconds ?? preset.maxSeconds;
  const recording: Recording = {
    id: wish.id ?? (newId() as RecordingId),
    ...(wish.name === undefined ? {} : { name: wish.name }),
    startedAt: epoch,
    state: 'running',
    stems: wish.stems ?? preset.stems,
    format: wish.format ?? preset.format,
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
    silence: wish.silence ?? preset.silence,
    ...(wish.onEnd === undefined ? {} : { onEnd: wish.onEnd }),
  };
  return {
    next: withRecording(conference, room, recording),
    facts: [{ type: 'recording.started', recording }],
    effects: [{ do: 'record', instance: room.instance, recording }],
  };
}

/** Starts to record; while something is recorded nothing changes (`rulings.md` "record"). */
export const startRecording: Rule<'recording.start'> = (conference, input, context) => {
  const { maxSeconds } = input;
  if (maxSeconds !== undefined && !(Number.isInteger(maxSeconds) && maxSeconds >= 1 && maxSeconds <= LONGEST)) {
    const details: JsonObject = { least: 1, most: LONGEST };
    throw new Failure('invalid', 'bad_duration', `a recording can be limited to 1 … ${LONGEST} whole seconds`, { details });
  }
  const { room } = conference;
  if (room?.recording !== undefined) return unchanged(conference);
  if (context.lacks.has('recorder')) throw noRecorder();
  if (room !== undefined && people(conference).length > 0) return begin(conference, room, context, input);
  if (input.awaits !== true) throw nobodyThere();
  if (awaitedRecording(conference.document) !== undefined) return unchanged(conference);
  const { format, onEnd } = input;
  const awaited: AwaitedRecording = {
    id: context.newId() as RecordingId,
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
    ...(format === undefined ? {} : { format }),
    ...(onEnd === undefined ? {} : { onEnd }),
  };
  return waitingWith(conference, awaited, context);
};

/** Waits with this one for somebody to come, or with none any more. */
function waitingWith(conference: Conference, awaited: AwaitedRecording | undefined, { epoch }: Context): Change {
  const revision = conference.revision + 1;
  const before = awaitedRecording(conference.document);
  const next = { ...conference, document: withAwaited(conference.document, awaited), revision, modifiedAt: epoch };
  const one = awaited ?? before;
  const told =
    one === undefined ? [] : [{ do: 'await-recording', instance: conference.id, awaited: one, on: awaited !== undefined } as const];
  return { next, facts: [{ type: 'conference.changed', revision }], effects: told };
}

/** Records from the first participant on where the document says so, or somebody has asked for it before. */
export function automatically(conference: Conference, context: Context): Change {
  const { room } = conference;
  const awaited = awaitedRecording(conference.document);
  const isWanted = (awaited !== undefined || settingsOf(conference).recording.automatic) && !context.lacks.has('recorder');
  if (!isWanted || room === undefined || room.recording !== undefined || room.participants.length !== 1) return unchanged(conference);
  return begin({ ...conference, document: withAwaited(conference.document, undefined) }, room, context, awaited ?? {});
}

/** What is recorded now; undefined: nothing, and nothing is to be done. Refuses when another one is meant. */
function underWay(conference: Conference, wanted: RecordingId | undefined): { room: Room; recording: Recording } | undefined {
  const { room } = conference;
  const recording = room?.recording;
  if (wanted !== undefined && wanted !== recording?.id) {
    throw new Failure('not-found', 'recording_not_found', 'this recording is not under way here', { details: { id: wanted } });
  }
  return room === undefined || recording === undefined ? undefined : { room, recording };
}

/** What is said from now on is not recorded. */
export const pauseRecording: Rule<'recording.pause'> = (conference, { recording: wanted }) => {
  const found = underWay(conference, wanted);
  if (found === undefined || found.recording.state === 'paused') return unchanged(conference);
  const { room, recording } = found;
  return {
    next: withRecording(conference, room, { ...recording, state: 'paused' }),
    facts: [{ type: 'recording.paused', recording: recording.id }],
    effects: [{ do: 'pause-recording', instance: room.instance, recording: recording.id }],
  };
};

/** It is recorded again. */
export const resumeRecording: Rule<'recording.resume'> = (conference, { recording: wanted }) => {
  const found = underWay(conference, wanted);
  if (found === undefined || found.recording.state === 'running') return unchanged(conference);
  const { room, recording } = found;
  return {
    next: withRecording(conference, room, { ...recording, state: 'running' }),
    facts: [{ type: 'recording.resumed', recording: recording.id }],
    effects: [{ do: 'resume-recording', instance: room.instance, recording: recording.id }],
  };
};

/** Ends it; while nothing is recorded nothing changes (`rulings.md` "record"). */
export const stopRecording: Rule<'recording.stop'> = (conference, { recording: wanted }, context) => {
  const awaited = awaitedRecording(conference.document);
  if (awaited !== undefined && (wanted === undefined || wanted === awaited.id)) return waitingWith(conference, undefined, context);
  const found = underWay(conference, wanted);
  if (found === undefined) return unchanged(conference);
  const { room, recording } = found;
  return {
    next: withRecording(conference, room, undefined),
    facts: [{ type: 'recording.stopped', recording: recording.id, reason: 'asked' }],
    effects: [{ do: 'end-recording', instance: room.instance, recording: recording.id, reason: 'asked' }, ...recordable(conference)],
  };
};

/** The recorder could not write in time. */
export const gapped: Rule<'recording.gapped'> = (conference, { recording, from, lostMs, words }) =>
  conference.room?.recording?.id === recording
    ? { next: conference, facts: [{ type: 'recording.gapped', recording, from, lostMs, words }], effects: [] }
    : unchanged(conference);

/** The recorder has ended by itself, or has written all of one that was stopped before. */
export const recordingEnded: Rule<'recording.ended'> = (conference, { recording, reason, outcome, words }) => {
  const { room } = conference;
  const isUnderWay = room?.recording?.id === recording;
  if (!isUnderWay && outcome === undefined) return unchanged(conference);
  return {
    next: isUnderWay ? withRecording(conference, room, undefined) : conference,
    facts: [
      ...(isUnderWay ? [{ type: 'recording.stopped', recording, reason, ...(words === undefined ? {} : { words }) } as const] : []),
      ...(outcome === undefined ? [] : [{ type: 'recording.finished', recording, ...outcome } as const]),
    ],
    effects: isUnderWay ? recordable(conference) : [],
  };
};
