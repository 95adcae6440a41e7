import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { dashed, isoMillis, type JsonObject, readTime, undashed, uuidOf } from '../../base/index.ts';
import type {
  Actor,
  ConferenceId,
  Execute,
  ParticipantId,
  TranscriptionId,
  TranscriptQuery,
  TranscriptRecord,
  Transcripts,
} from '../../conference/index.ts';
import { findKept } from './find.ts';
import { listerOf } from './may.ts';
import { asking, pageShape, paging, readCursor, writeCursor } from './page.ts';
import { Problem } from './problem.ts';
import { ProblemShape } from './shapes.ts';

/** What the routes need. */
export interface TranscriptRoutes {
  readonly execute: Execute;
  readonly transcripts: Transcripts;
  readonly actorOf: (request: FastifyRequest) => Actor;
}

const Maybe = <Shape extends Parameters<typeof Type.Union>[0][number]>(shape: Shape) => Type.Union([shape, Type.Null()]);
const Time = Type.String({ format: 'date-time' });

const Said = Type.Object({
  id: Type.String(),
  conference: Type.String(),
  instance: Maybe(Type.String({ description: 'The run of the room; null: it was recognised after the room had closed.' })),
  transcription: Type.String(),
  participant: Type.String(),
  caller_name: Maybe(Type.String()),
  caller_number: Maybe(Type.String()),
  text: Type.String({ description: '[…] stands where something could not be recognised.' }),
  language: Type.String(),
  from: Time,
  to: Time,
  tick: Maybe(Type.Integer({ description: "The beginning by the room's clock: 20 ms each, as in the manifest of a recording." })),
  gap: Type.Boolean({ description: 'Some or all of it could not be recognised.' }),
});

const Page = pageShape(Said);

const Wish = Type.Object({
  conference: Type.Optional(Type.String()),
  transcription: Type.Optional(Type.String()),
  participant: Type.Optional(Type.String()),
  from: Type.Optional(Type.String({ description: 'Said not before this time (RFC 3339).' })),
  to: Type.Optional(Type.String({ description: 'Said before this time (RFC 3339).' })),
  ...paging,
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('txt'), Type.Literal('vtt')], {
      description: 'txt: a line each, to read; vtt: subtitles (WebVTT), whose time begins with the first one. Default json.',
    }),
  ),
  ...asking,
});

/** What somebody said, as clients see it. */
const body = (record: TranscriptRecord): JsonObject => ({
  id: Buffer.from(record.id).toString('base64url'),
  conference: uuidOf(record.conference, record.account),
  instance: record.instance ?? null,
  transcription: dashed(record.transcription),
  participant: dashed(record.participant),
  caller_name: record.speaker?.callerName ?? null,
  caller_number: record.speaker?.callerNumber ?? null,
  text: record.text,
  language: record.language,
  from: isoMillis(record.from),
  to: isoMillis(record.to),
  tick: record.tick ?? null,
  gap: record.gap ?? false,
});

const cursorOf = ({ from, id }: TranscriptRecord): string => writeCursor([from, id]);

function timeOf(name: string, text: string | undefined): number | undefined {
  const time = text === undefined ? undefined : readTime(text);
  if (text !== undefined && time === undefined) throw new Problem(400, 'invalid', `${name} must be a time with its zone (RFC 3339)`);
  return time;
}

/** One line, whatever it holds; nothing in it begins a cue or a tag. */
const lineOf = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const nameOf = ({ speaker }: TranscriptRecord): string => speaker?.callerName || speaker?.callerNumber || 'somebody';

const textOf = (records: readonly TranscriptRecord[]): string =>
  records.map((each) => `${isoMillis(each.from)} ${nameOf(each).replace(/\s+/g, ' ')}: ${each.text.replace(/\s+/g, ' ')}\n`).join('');

function subtitles(records: readonly TranscriptRecord[]): string {
  const start = records[0]?.from ?? 0;
  const clock = (ms: number): string => {
    const all = Math.max(0, Math.round(ms - start));
    const two = (each: number): string => String(Math.floor(each)).padStart(2, '0');
    return `${two(all / 3_600_000)}:${two((all / 60_000) % 60)}:${two((all / 1000) % 60)}.${String(all % 1000).padStart(3, '0')}`;
  };
  const cues = records.map((each) => `${clock(each.from)} --> ${clock(each.to)}\n<v ${lineOf(nameOf(each))}>${lineOf(each.text)}\n`);
  return ['WEBVTT\n', ...cues].join('\n');
}

/** `/api/transcripts`. */
export function transcriptRoutes(server: FastifyInstance, { execute, transcripts, actorOf }: TranscriptRoutes): void {
  server.get<{ Querystring: Static<typeof Wish> }>(
    '/transcripts',
    {
      schema: {
        querystring: Wish,
        response: { 200: Page, '4xx': ProblemShape, '5xx': ProblemShape },
        produces: ['application/json', 'text/plain', 'text/vtt'],
        tags: ['transcriptions'],
      },
    },
    async (request, reply): Promise<JsonObject | FastifyReply> => {
      const { limit = 50, format = 'json', conference } = request.query;
      const meant = async (asker: Actor) => (conference === undefined ? undefined : conferenceOf(execute, asker, conference));
      const actor = await listerOf({ execute, actorOf }, request, meant);
      const query = { ...(await queryOf(execute, actor, request.query)), limit: limit + 1 };
      const found = await transcripts.list(query);
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      if (last !== undefined) reply.header('x-next-cursor', cursorOf(last));
      if (format === 'txt') return reply.type('text/plain; charset=utf-8').send(textOf(page));
      if (format === 'vtt') return reply.type('text/vtt; charset=utf-8').send(subtitles(page));
      return { items: page.map(body), next_cursor: last === undefined ? null : cursorOf(last) };
    },
  );
}

/** Transcripts outlive their conference: what is not known any more may still be in them. */
const conferenceOf = (execute: Execute, actor: Actor, id: string): Promise<ConferenceId> =>
  findKept(execute, actor, id).catch(() => undashed(id) as ConferenceId);

async function queryOf(execute: Execute, actor: Actor, wish: Static<typeof Wish>): Promise<Omit<TranscriptQuery, 'limit'>> {
  const { conference, transcription, participant } = wish;
  const after = readCursor(wish.cursor)?.[1];
  const [from, to] = [timeOf('from', wish.from), timeOf('to', wish.to)];
  return {
    account: actor.account,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(transcription === undefined ? {} : { transcription: undashed(transcription) as TranscriptionId }),
    ...(participant === undefined ? {} : { participant: undashed(participant) as ParticipantId }),
    ...(after === undefined ? {} : { after }),
    ...(conference === undefined ? {} : { conference: await conferenceOf(execute, actor, conference) }),
  };
}
