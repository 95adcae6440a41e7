import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { dashed, type JsonObject, undashed } from '../../base/index.ts';
import {
  type Actor,
  type ConferenceId,
  type ConferenceView,
  type Fact,
  factPages,
  type PlayingId,
  type PlaySource,
  type RecordingId,
  type TranscriptionId,
  type Which,
} from '../../conference/index.ts';
import type { ConferenceRoutes } from './conferences.ts';
import * as encode from './encode.ts';
import { exact } from './exact.ts';
import { find, findKept } from './find.ts';
import { Cut, type ListKey, numbered, pageOf, pageShape, paging, readCursor } from './page.ts';
import { Conference, One, ProblemShape } from './shapes.ts';
import * as write from './sounds-encode.ts';
import { Playing, PlayWish, Recording, RecordingWish, Transcription, TranscriptionWish, Utterance } from './sounds-shapes.ts';

const answers = (shapes: Readonly<Record<number, object>>, tag: string) => ({
  response: { ...shapes, '4xx': ProblemShape, '5xx': ProblemShape },
  tags: [tag],
});
const idle = Type.Null({ description: 'No content.' });

/** Which recording, play or transcription of which conference. */
const Thing = Type.Object({ conference: Type.String(), id: Type.String() });
type WhichParams = { Params: Static<typeof Thing> };

/** In whose name, and which conference. */
async function place({ execute, actorOf }: ConferenceRoutes, request: FastifyRequest): Promise<{ actor: Actor; conference: ConferenceId }> {
  const actor = actorOf(request);
  return { actor, conference: await find(execute, actor, (request.params as Static<typeof One>).conference) };
}

const now = (view: ConferenceView): JsonObject => write.sounds(view.conference.room ?? {});

/** `/api/conferences/{id}/recordings`: what is under way. What is finished is read under `/api/recordings`. */
export function recordRoutes(server: FastifyInstance, routes: ConferenceRoutes): void {
  const { execute } = routes;
  const base = '/conferences/:conference/recordings';
  server.post<{ Params: Static<typeof One>; Body: Static<typeof RecordingWish> | null }>(
    base,
    {
      ...exact,
      schema: { params: One, body: Type.Union([RecordingWish, Type.Null()]), ...answers({ 200: Recording, 201: Recording }, 'recordings') },
    },
    async (request, reply) => {
      const { actor, conference } = await place(routes, request);
      const { max_seconds: maxSeconds, ...wish } = request.body ?? {};
      const before = (await execute('conference.read', { conference }, actor)).conference.room?.recording?.id;
      const input = { conference, ...wish, ...(maxSeconds === undefined ? {} : { maxSeconds }) };
      const view = await execute('recording.start', input, actor);
      // One that was under way already goes on as it is.
      const isNew = view.conference.room?.recording?.id !== before;
      return reply.code(isNew ? 201 : 200).send(now(view)['recording']);
    },
  );
  for (const act of ['pause', 'resume', 'stop'] as const) {
    server.post<WhichParams>(
      `${base}/:id/${act}`,
      { schema: { params: Thing, ...answers({ 200: Conference }, 'recordings') } },
      async (request) => {
        const { actor, conference } = await place(routes, request);
        const recording = undashed(request.params.id) as RecordingId;
        return encode.conference(await execute(`recording.${act}`, { conference, recording }, actor));
      },
    );
  }
}

/** A participant by number or id, or all. */
const ears = (to: string | number): Which => (typeof to === 'number' ? to : /^\d{1,15}$/.test(to) ? Number(to) : undashed(to));

/** `/api/conferences/{id}/plays`. */
export function playRoutes(server: FastifyInstance, routes: ConferenceRoutes): void {
  const { execute } = routes;
  const base = '/conferences/:conference/plays';
  server.get<{ Params: Static<typeof One>; Querystring: Static<typeof Cut> }>(
    base,
    { schema: { params: One, querystring: Cut, ...answers({ 200: pageShape(Playing) }, 'plays') } },
    async (request) => {
      const { actor, conference } = await place(routes, request as FastifyRequest);
      const { room } = (await execute('conference.read', { conference }, actor)).conference;
      // Ids tell when it was asked for.
      const keyOf = ({ id }: { readonly id: PlayingId }): ListKey => [0, id];
      const page = pageOf(room?.playing ?? [], { keyOf, ...request.query });
      return { ...page, items: page.items.map(write.playing) };
    },
  );
  server.post<{ Params: Static<typeof One>; Body: Static<typeof PlayWish> }>(
    base,
    { ...exact, schema: { params: One, body: PlayWish, ...answers({ 201: Playing }, 'plays') } },
    async (request, reply) => {
      const { actor, conference } = await place(routes, request);
      const { sources, to = 'all', ...wish } = request.body;
      const input = { conference, sources: sources as readonly PlaySource[], to: ears(to), ...wish };
      const { view, playing } = await execute('play.start', input, actor);
      const asked = view.conference.room?.playing?.find((each) => each.id === playing);
      return reply
        .code(201)
        .header('location', `/api/conferences/${encode.idOf(view)}/plays/${dashed(playing)}`)
        .send(asked && write.playing(asked));
    },
  );
  server.delete<{ Params: Static<typeof One> }>(
    base,
    { schema: { params: One, description: 'Stops everything, for all and for each.', ...answers({ 204: idle }, 'plays') } },
    async (request, reply) => {
      const { actor, conference } = await place(routes, request);
      await execute('play.stop', { conference, which: 'all' }, actor);
      return reply.code(204).send();
    },
  );
  server.delete<WhichParams>(`${base}/:id`, { schema: { params: Thing, ...answers({ 204: idle }, 'plays') } }, async (request, reply) => {
    const { actor, conference } = await place(routes, request);
    // Dashes make an id of what else could be a word.
    await execute('play.stop', { conference, which: idOf(request.params.id) as PlayingId }, actor);
    return reply.code(204).send();
  });
}

/** `current` and `all` are words of the domain, but no ids. */
const idOf = (text: string): string => (/^[0-9a-f-]{32,36}$/i.test(text) ? undashed(text) : `id ${text}`);

const Transcripts = Type.Object({
  transcription: Type.Optional(Type.String({ description: 'Only of this one.' })),
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only with a higher `sequence`.' })),
  cursor: paging.cursor,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});

const TranscriptPage = Type.Object({
  items: Type.Array(Utterance),
  next_after: Type.Union([Type.Integer(), Type.Null()], { description: 'Send it as `after` for the next page; null on the last.' }),
  next_cursor: Type.Union([Type.String(), Type.Null()], { description: 'The same as a `cursor`.' }),
});

type Said = Extract<Fact, { type: 'transcript.created' }>;

const said = (fact: Said): JsonObject => ({
  sequence: fact.sequence,
  participant: dashed(fact.participant),
  ...(fact.about === undefined ? {} : { caller_name: fact.about.call.callerName }),
  ...write.utterance(fact),
});

/** `/api/conferences/{id}/transcriptions` and what was written down. */
export function transcriptionRoutes(server: FastifyInstance, routes: ConferenceRoutes): void {
  const { execute, actorOf } = routes;
  const base = '/conferences/:conference/transcriptions';
  server.post<{ Params: Static<typeof One>; Body: Static<typeof TranscriptionWish> | null }>(
    base,
    {
      ...exact,
      schema: {
        params: One,
        body: Type.Union([TranscriptionWish, Type.Null()]),
        ...answers({ 200: Transcription, 201: Transcription }, 'transcriptions'),
      },
    },
    async (request, reply) => {
      const { actor, conference } = await place(routes, request);
      const before = (await execute('conference.read', { conference }, actor)).conference.room?.transcription?.id;
      const view = await execute('transcription.start', { conference, ...request.body }, actor);
      const isNew = view.conference.room?.transcription?.id !== before;
      return reply.code(isNew ? 201 : 200).send(now(view)['transcription']);
    },
  );
  server.post<WhichParams>(
    `${base}/:id/stop`,
    { schema: { params: Thing, ...answers({ 200: Conference }, 'transcriptions') } },
    async (request) => {
      const { actor, conference } = await place(routes, request);
      const transcription = undashed(request.params.id) as TranscriptionId;
      return encode.conference(await execute('transcription.stop', { conference, transcription }, actor));
    },
  );
  server.get<{ Params: Static<typeof One>; Querystring: Static<typeof Transcripts> }>(
    '/conferences/:conference/transcripts',
    { schema: { params: One, querystring: Transcripts, ...answers({ 200: TranscriptPage }, 'transcriptions') } },
    async (request) => {
      const actor = actorOf(request);
      const conference = await findKept(execute, actor, request.params.conference);
      const { transcription, cursor, limit = 100 } = request.query;
      const after = request.query.after ?? readCursor(cursor)?.[0];
      // What is forgotten was said before what is kept: a reader who knows older numbers has not missed that something is gone.
      const isMeant = (each: Fact): each is Said =>
        each.type === 'transcript.created' && (transcription === undefined || each.transcription === undashed(transcription));
      const found: Said[] = [];
      for await (const facts of factPages(execute, { conference, after }, actor)) {
        found.push(...facts.filter(isMeant));
        if (found.length > limit) break;
      }
      const shown = found.slice(0, limit);
      return { items: shown.map(said), ...numbered(found.length > limit ? shown.at(-1)?.sequence : undefined) };
    },
  );
}
