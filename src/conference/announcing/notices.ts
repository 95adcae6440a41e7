import type { Conference, Waiting } from '../conference.ts';
import type { Happening } from '../facts.ts';
import type { PlaySource } from '../playing.ts';
import type { PromptName } from '../prompts.ts';
import type { RecordingId } from '../recording.ts';
import { people } from '../rules/which.ts';
import { settingsOf } from '../settings.ts';
import type { Asked } from './announcement.ts';
import { noticesRecording, profileSound, spoken } from './caller-sounds.ts';
import { personIn, type Scene, toAll, toOne } from './scene.ts';

/** What all are told, or all moderators. */
export function notices(scene: Scene): readonly Asked[] {
  return [...scene.facts.flatMap((fact) => noticeOf(scene, fact)), ...recordingNotices(scene), ...questions(scene)];
}

/** Minutes to the end that there are words for. */
const ENDINGS: Readonly<Record<number, PromptName>> = {
  10: 'conf-ends_in_10_minutes',
  5: 'conf-ends_in_5_minutes',
  1: 'conf-ends_in_1_minute',
};

/** Words to all about the room. */
const WORDS: Readonly<Partial<Record<Happening['type'], PromptName>>> = {
  'room.started': 'conf-moderator_arrived',
  'room.unattended': 'conf-moderator_left',
  'room.attended': 'conf-moderator_back',
  'room.extended': 'conf-extended',
};

function noticeOf({ after }: Scene, fact: Happening): readonly Asked[] {
  const words = WORDS[fact.type];
  if (fact.type === 'room.attended' && fact.led === false) return [];
  if (words !== undefined) return [toAll('notice', spoken(after, words))];
  switch (fact.type) {
    case 'room.ending': {
      const ending = ENDINGS[fact.minutes];
      return ending === undefined ? [] : [toAll('notice', spoken(after, ending))];
    }
    case 'conference.locked':
      return [toAll('notice', profileSound(after, 'is-locked-sound'))];
    case 'conference.unlocked':
      return [toAll('notice', profileSound(after, 'is-unlocked-sound'))];
    case 'waiting.joined':
      return toModerators(after, fact.waiting.announcedAs);
    default:
      return [];
  }
}

/** *name* is waiting, press 1 to admit. */
const toModerators = (after: Conference, name: Waiting['announcedAs']): readonly Asked[] =>
  people(after)
    .filter((each) => each.role === 'moderator' && each.call.stream === undefined)
    .map(({ id }) =>
      name === undefined
        ? toOne(id, 'waiting', spoken(after, 'conf-caller_waiting'))
        : toOne(id, 'waiting', name, spoken(after, 'conf-is_waiting')),
    );

/** Everybody is told that he is recorded, and when that pauses, goes on or ends (`rulings.md` "recording notice"). */
function recordingNotices({ before, after, facts }: Scene): readonly Asked[] {
  if (!noticesRecording(after)) return [];
  const isAsking = settingsOf(after).consent !== undefined;
  return facts.flatMap((fact): readonly Asked[] => {
    switch (fact.type) {
      case 'recording.started':
        return isAsking ? [] : everybody(after, 'conf-recording_notice', fact.recording.id);
      case 'recording.resumed':
        return everybody(after, 'conf-recording_resumed', fact.recording);
      case 'recording.paused':
        return [toAll('notice', spoken(after, 'conf-recording_paused'))];
      case 'recording.stopped':
        return [toAll('notice', spoken(after, 'conf-recording_stopped'))];
      case 'participant.joined':
        return isAsking ? [] : later(after, fact.participant.id, before.room?.recording?.id);
      case 'participant.muted':
      case 'participant.unmuted':
        return !isAsking && isBack({ before, after }, fact.participant) ? later(after, fact.participant, before.room?.recording?.id) : [];
      default:
        return [];
    }
  });
}

/** So long after the question it is asked again, where it was not answered: it is heard by people who talk. */
const AGAIN: PlaySource = 'silence_stream://8000';

/** Each is asked whether he agrees to be recorded; that he is recorded is part of the question. */
function questions({ after, facts }: Scene): readonly Asked[] {
  const asked = facts.filter((fact) => fact.type === 'consent.asked');
  if (asked.length === 0) return [];
  const isLeave = settingsOf(after).consent?.without === 'leave';
  const question = spoken(after, isLeave ? 'conf-recording_consent_leave' : 'conf-recording_consent');
  return asked.map(({ participant, recording }) => ({ ...toOne(participant, 'consent', question, AGAIN, question), notice: recording }));
}

/** Who hears what is said to all, and each of the deaf by himself. */
const everybody = (after: Conference, words: PromptName, notice: RecordingId): readonly Asked[] => [
  { ...toAll('notice', spoken(after, words)), notice },
  ...people(after)
    .filter((each) => each.deaf && each.call.stream === undefined)
    .map(({ id }) => ({ ...toOne(id, 'told', spoken(after, words)), notice })),
];

/** Who comes, or comes back, while it runs. */
function later(after: Conference, id: Parameters<typeof personIn>[1], running: RecordingId | undefined): readonly Asked[] {
  const one = personIn(after, id);
  const recording = after.room?.recording;
  if (one === undefined || one.call.stream !== undefined || recording?.state !== 'running' || recording.id !== running) return [];
  return one.noticed === recording.id ? [] : [{ ...toOne(id, 'told', spoken(after, 'conf-recording_notice')), notice: recording.id }];
}

/** He had held the line. */
const isBack = ({ before, after }: Pick<Scene, 'before' | 'after'>, id: Parameters<typeof personIn>[1]): boolean =>
  personIn(before, id)?.muted.includes('hold') === true && personIn(after, id)?.muted.includes('hold') === false;
