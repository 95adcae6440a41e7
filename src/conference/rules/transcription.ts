import { Failure } from '../../base/index.ts';
import type { Conference, Room } from '../conference.ts';
import { nobodyThere, noTranscriber } from '../refusals.ts';
import type { Transcription, TranscriptionId } from '../transcription.ts';
import { type Rule, unchanged } from './rule.ts';
import { people } from './which.ts';

/** Characters that are kept of what somebody said in one go. */
const LONGEST = 10_000;

const without = (conference: Conference, room: Room): Conference => {
  const { transcription: _, ...rest } = room;
  return { ...conference, room: rest };
};

/** Begins to write down what is said; while that is done nothing changes. */
export const startTranscription: Rule<'transcription.start'> = (conference, { language = 'en', onEnd }, { epoch, lacks, newId }) => {
  const { room } = conference;
  if (room?.transcription !== undefined) return unchanged(conference);
  if (lacks.has('scribe')) throw noTranscriber();
  if (room === undefined || people(conference).length === 0) throw nobodyThere();
  const flow = onEnd === undefined ? {} : { onEnd };
  const transcription: Transcription = { id: newId() as TranscriptionId, language, startedAt: epoch, ...flow };
  return {
    next: { ...conference, room: { ...room, transcription } },
    facts: [{ type: 'transcription.started', transcription }],
    effects: [{ do: 'transcribe', instance: room.instance, transcription }],
  };
};

/** Ends it; while nothing is written down nothing changes. */
export const stopTranscription: Rule<'transcription.stop'> = (conference, { transcription: wanted }) => {
  const { room } = conference;
  const id = room?.transcription?.id;
  if (wanted !== undefined && wanted !== id) {
    throw new Failure('not-found', 'transcription_not_found', 'this transcription is not under way here', { details: { id: wanted } });
  }
  if (room === undefined || id === undefined) return unchanged(conference);
  return {
    next: without(conference, room),
    facts: [{ type: 'transcription.stopped', transcription: id, reason: 'asked' }],
    effects: [{ do: 'end-transcription', instance: room.instance, transcription: id }],
  };
};

/** The scribe has ended by itself. */
export const transcriptionEnded: Rule<'transcription.ended'> = (conference, { transcription, reason, words }) => {
  const { room } = conference;
  if (room === undefined || room.transcription?.id !== transcription) return unchanged(conference);
  return {
    next: without(conference, room),
    facts: [{ type: 'transcription.stopped', transcription, reason, ...(words === undefined ? {} : { words }) }],
    effects: [],
  };
};

/** Somebody said something. It is kept as a fact; nothing that is live changes. */
export const addTranscript: Rule<'transcript.add'> = (conference, { conference: _, text, ...utterance }) => {
  const said = text.trim().slice(0, LONGEST);
  if (said === '') return unchanged(conference);
  return {
    next: conference,
    facts: [{ type: 'transcript.created', ...utterance, text: said }],
    effects: [],
  };
};
