import { dashed, isoMillis, type JsonObject } from '../../base/index.ts';
import type { Playing, Recording, Transcription, Utterance } from '../../conference/index.ts';

/** A recording that is under way. */
export const recording = ({ id, name, startedAt, state, stems, format, maxSeconds, silence }: Recording): JsonObject => ({
  id: dashed(id),
  ...(name === undefined ? {} : { name }),
  started_at: isoMillis(startedAt),
  state,
  stems,
  format,
  ...(maxSeconds === undefined ? {} : { max_seconds: maxSeconds }),
  silence,
});

/** Something that plays, or waits to. */
export const playing = ({ id, sources, to, loops, duck, startedAt }: Playing): JsonObject => ({
  id: dashed(id),
  sources: sources.map((each) => (typeof each === 'string' ? each : { ...each })),
  to: to === 'all' ? to : dashed(to),
  loops,
  duck,
  started_at: startedAt === undefined ? null : isoMillis(startedAt),
});

/** What is said is being written down. */
export const transcription = ({ id, language, startedAt }: Transcription): JsonObject => ({
  id: dashed(id),
  language,
  started_at: isoMillis(startedAt),
});

/** What somebody said, without who it was. */
export const utterance = ({ transcription: id, text, language, from, to }: Omit<Utterance, 'participant'>): JsonObject => ({
  transcription: dashed(id),
  text,
  language,
  from: isoMillis(from),
  to: isoMillis(to),
});

/** What goes on in a conference besides people. */
export const sounds = (room: {
  readonly recording?: Recording | undefined;
  readonly playing?: readonly Playing[];
  readonly transcription?: Transcription | undefined;
}): JsonObject => ({
  recording: room.recording === undefined ? null : recording(room.recording),
  playing: (room.playing ?? []).map(playing),
  transcription: room.transcription === undefined ? null : transcription(room.transcription),
});
