import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { type Clock, dashed, Failure, isObject, isoMillis, type JsonObject, readTime, undashed, uuidOf } from '../../base/index.ts';
import type { Actor, ConferenceId, Execute, FileOf, RecordingQuery, RecordingRecord, Recordings } from '../../conference/index.ts';
import { baseUrl } from '../links.ts';
import { type FileWish, recordingFile } from '../recording-file.ts';
import { mayHave, seenOf } from '../sight.ts';
import type { Tickets } from '../tickets.ts';
import { exact } from './exact.ts';
import { findKept } from './find.ts';
import { seenBy } from './may.ts';
import { readCursor, writeCursor } from './page.ts';
import { Problem } from './problem.ts';
import * as shapes from './recording-shapes.ts';
import { ProblemShape } from './shapes.ts';

/** What the routes of recordings need. */
export interface RecordingRoutes {
  readonly execute: Execute;
  readonly recordings: Recordings;
  readonly tickets: Tickets;
  readonly clock: Clock;
  readonly publicUrl?: string;
  readonly actorOf: (request: FastifyRequest) => Actor;
}

const answers = (status: number, shape: object) => ({
  response: { [status]: shape, '4xx': ProblemShape, '5xx': ProblemShape },
  tags: ['recordings'],
});

/** Longest manifest that is shown within another answer, bytes. */
const LONGEST = 8_000_000;

const urlOf = (id: string, file: string): string => `/api/recordings/${dashed(id)}/files/${file}`;

/** A recording as clients see it. */
export const recordingBody = (record: RecordingRecord): JsonObject => ({
  id: dashed(record.id),
  conference: uuidOf(record.conference, record.account),
  instance: record.instance,
  name: record.name ?? null,
  started_at: isoMillis(record.startedAt),
  ended_at: record.endedAt === undefined ? null : isoMillis(record.endedAt),
  state: record.state,
  seconds: record.seconds,
  rate: record.rate,
  format: record.format,
  place: record.place ?? null,
  reason: record.reason ?? null,
  words: record.words ?? null,
  repaired: record.repaired,
  gaps: record.gaps,
  erased: (record.erased ?? []).map(dashed),
  files: record.files.map(({ name, kind, participant, offsetSamples, bytes, sha256 }) => ({
    name,
    kind,
    participant: participant === undefined ? null : dashed(participant),
    offset_samples: offsetSamples,
    bytes,
    sha256,
    url: urlOf(record.id, name),
  })),
});

function timeOf(name: string, text: string | undefined): number | undefined {
  const time = text === undefined ? undefined : readTime(text);
  if (text !== undefined && time === undefined) throw new Problem(400, 'invalid', `${name} must be a time with its zone (RFC 3339)`);
  return time;
}

const cursorOf = ({ startedAt, id }: RecordingRecord): string => writeCursor([startedAt, id]);

function behind(cursor: string | undefined): RecordingQuery['before'] {
  const key = readCursor(cursor);
  return key && { at: key[0], id: key[1] };
}

/** Recordings outlive their conference: what is not known any more may still be in them. */
const conferenceOf = (execute: Execute, actor: Actor, id: string): Promise<ConferenceId> =>
  findKept(execute, actor, id).catch(() => undashed(id) as ConferenceId);

/** `/api/recordings`. */
export function archiveRoutes(server: FastifyInstance, routes: RecordingRoutes): void {
  const { execute, recordings } = routes;
  const found = (request: FastifyRequest<{ Params: Static<typeof shapes.OneRecording> }>, needed: 'moderate' | 'own' = 'moderate') =>
    seenBy(routes, request as FastifyRequest, { find: (account) => recordings.get(account, undashed(request.params.recording)), needed });

  server.get<{ Querystring: Static<typeof shapes.RecordingWish> }>(
    '/recordings',
    { schema: { querystring: shapes.RecordingWish, ...answers(200, shapes.RecordingPage) } },
    async (request) => {
      const { limit = 50, conference, ...wish } = request.query;
      const actor = routes.actorOf(request);
      const [from, to, first] = [timeOf('from', wish.from), timeOf('to', wish.to), behind(wish.cursor)];
      const meant = conference === undefined ? undefined : await conferenceOf(execute, actor, conference);
      if (meant !== undefined) await mayHave(execute, actor, meant);
      const query: Omit<RecordingQuery, 'limit'> = {
        account: actor.account,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(meant === undefined ? {} : { conference: meant }),
      };
      const parts = (last: RecordingRecord | undefined, most: number): Promise<readonly RecordingRecord[]> => {
        const before = last === undefined ? first : { at: last.startedAt, id: last.id };
        return recordings.list({ ...query, ...(before === undefined ? {} : { before }), limit: most });
      };
      const all = await seenOf(parts, { execute, actor, count: limit + 1 });
      const page = all.slice(0, limit);
      const last = page.at(-1);
      return { items: page.map(recordingBody), next_cursor: last === undefined || all.length <= limit ? null : cursorOf(last) };
    },
  );

  server.get<{ Params: Static<typeof shapes.OneRecording> }>(
    '/recordings/:recording',
    { schema: { params: shapes.OneRecording, ...answers(200, shapes.WholeRecording) } },
    async (request) => {
      const record = await found(request);
      return { ...recordingBody(record), manifest: await manifestOf(recordings, record) };
    },
  );

  server.delete<{ Params: Static<typeof shapes.OneRecording> }>(
    '/recordings/:recording',
    { schema: { params: shapes.OneRecording, ...answers(204, { type: 'null' }) } },
    async (request, reply) => {
      const { account, id } = await found(request, 'own');
      await recordings.remove(account, id);
      return reply.code(204).send();
    },
  );

  server.get<{ Params: Static<typeof shapes.OneRecording>; Querystring: Static<typeof shapes.PeaksQuery> }>(
    '/recordings/:recording/peaks',
    { schema: { params: shapes.OneRecording, querystring: shapes.PeaksQuery, ...answers(200, shapes.PeaksShape) } },
    async (request) => {
      const { account, id } = await found(request);
      const { seconds, least, most } = await recordings.peaks(account, id, request.query.points ?? 800);
      return { seconds, min: least, max: most };
    },
  );
  fileRoutes(server, routes);
}

/** A file as it is; what kind it is stands in its name. */
const bytes = (description: string) => ({
  description,
  content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
});
const sound = {
  response: {
    200: bytes('The whole file, as audio/wav, audio/ogg or application/json.'),
    206: bytes('The part that was asked for.'),
    304: { description: 'It has not changed.', type: 'null' },
    416: { description: 'It has no such part.', type: 'null' },
    '4xx': ProblemShape,
    '5xx': ProblemShape,
  },
  tags: ['recordings'],
};

type FileRequest = { Params: Static<typeof shapes.OneFile>; Querystring: Static<typeof shapes.FileQuery> };

function fileRoutes(server: FastifyInstance, routes: RecordingRoutes): void {
  const { recordings, tickets, clock, publicUrl } = routes;
  const fileOf = async (request: FastifyRequest<FileRequest>): Promise<FileOf> => {
    const find = (account: RecordingRecord['account']) => recordings.get(account, undashed(request.params.recording));
    const { account, id } = await seenBy(routes, request as FastifyRequest, { find });
    return { account, recording: id, file: request.params.file };
  };

  server.route<FileRequest>({
    method: ['GET', 'HEAD'],
    url: '/recordings/:recording/files/:file',
    schema: { params: shapes.OneFile, querystring: shapes.FileQuery, ...sound },
    handler: async (request, reply) =>
      sendFile({ recordings, request, reply, isInline: request.query.inline ?? false }, await fileOf(request)),
  });

  server.post<FileRequest & { Body: Static<typeof shapes.LinkWish> | undefined }>(
    '/recordings/:recording/files/:file/link',
    { ...exact, schema: { params: shapes.OneFile, body: shapes.LinkWish, ...answers(200, shapes.LinkShape) } },
    async (request) => {
      const file = await fileOf(request);
      const record = await recordings.get(file.account, file.recording);
      if (!record.files.some(({ name }) => name === file.file))
        throw new Problem(404, 'recording_file_not_found', 'the recording has no such file');
      const seconds = request.body?.expires_seconds ?? 300;
      const expiresAt = Math.floor(clock.epoch() / 1000 + seconds) * 1000;
      const url = `${baseUrl(request as FastifyRequest, publicUrl)}/api/recording-links/${file.file}?ticket=${tickets.issue(file, expiresAt)}`;
      return { url, expires_at: isoMillis(expiresAt) };
    },
  );
}

/** `/api/recording-links/{file}?ticket=…`: for whoever has the link, without a token. It says nothing of what is wrong with one. */
export function archiveLinkRoutes(server: FastifyInstance, { recordings, tickets }: Pick<RecordingRoutes, 'recordings' | 'tickets'>): void {
  server.route<{ Params: Static<typeof shapes.LinkedFile>; Querystring: Static<typeof shapes.TicketQuery> }>({
    method: ['GET', 'HEAD'],
    url: '/recording-links/:file',
    schema: { params: shapes.LinkedFile, querystring: shapes.TicketQuery, ...sound, security: [] },
    handler: async (request, reply) => {
      const file = tickets.read(request.query.ticket);
      if (file?.file !== request.params.file) throw new Problem(404, 'link_expired', 'this link is over, or was not given out here');
      reply.header('referrer-policy', 'no-referrer');
      return sendFile({ recordings, request, reply, isInline: true }, file);
    },
  });
}

interface Sending {
  readonly recordings: Recordings;
  readonly request: Pick<FastifyRequest, 'headers' | 'method'>;
  readonly reply: FastifyReply;
  readonly isInline: boolean;
}

async function sendFile({ recordings, request, reply, isInline }: Sending, file: FileOf): Promise<FastifyReply> {
  const { range, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
  const wish: FileWish = { range, ifRange: ifRange as string | undefined, ifNoneMatch, isInline, isHead: request.method === 'HEAD' };
  const { status, headers, body } = await recordingFile(recordings, file, wish);
  reply.code(status).headers(headers);
  return body === undefined ? reply.send() : reply.send(Readable.from(body, { objectMode: false }));
}

/** What the manifest says; null where there is none or it cannot be read now: the rest of the answer does not depend on it. */
async function manifestOf(recordings: Recordings, { account, id, files }: RecordingRecord): Promise<JsonObject | null> {
  const file = files.find(({ kind }) => kind === 'manifest');
  if (file === undefined || file.bytes > LONGEST) return null;
  try {
    const { chunks } = await recordings.open({ account, recording: id, file: file.name });
    const all: Uint8Array[] = [];
    for await (const chunk of chunks) all.push(chunk);
    const found: unknown = JSON.parse(Buffer.concat(all).toString());
    return isObject(found) ? found : null;
  } catch (error) {
    if (error instanceof Failure || error instanceof SyntaxError) return null;
    throw error;
  }
}
