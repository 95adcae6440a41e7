import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { type JsonObject, undashed } from '../../base/index.ts';
import type { Actor, ConferenceId, Execute, Participant } from '../../conference/index.ts';
import { amend } from '../document/amend.ts';
import { check } from '../document/check.ts';
import * as encode from './encode.ts';
import { find } from './find.ts';
import type { Idempotency } from './idempotency.ts';
import { Cut, type ListKey, pageOf, readCursor, writeCursor } from './page.ts';
import { invalid } from './problem.ts';
import { Conference, Draft, One, Page, Patch, People, ProblemShape, Somebody } from './shapes.ts';

/** What the resource needs. */
export interface ConferenceRoutes {
  readonly execute: Execute;
  readonly idempotency: Idempotency;
  /** In whose name a request comes; recognised before the route runs. */
  readonly actorOf: (request: FastifyRequest) => Actor;
}

const answers = (status: number, shape: object) => ({
  response: { [status]: shape, '4xx': ProblemShape, '5xx': ProblemShape },
  tags: ['conferences'],
});
const idle = Type.Null({ description: 'No content.' });

const checked = (document: JsonObject): JsonObject => {
  const result = check('conference', document);
  if (!result.ok) throw invalid(result.faults);
  return result.document;
};

const numberOrId = (text: string): number | string => (/^\d{1,15}$/.test(text) ? Number(text) : undashed(text));

/** A page: newest first, cut after `limit`. The cursor is the last id that was shown. */
async function page(execute: Execute, actor: Actor, { cursor, limit = 50 }: Static<typeof Cut>): Promise<JsonObject> {
  const after = readCursor(cursor)?.[1];
  // The one that was shown already, unless it is gone, and one more, to know whether there is more.
  const from = after === undefined ? {} : { from: after as ConferenceId };
  const views = await execute('conference.list', { ...from, limit: limit + 2 }, actor);
  const left = views.filter(({ conference: { id } }) => id !== after);
  const shown = left.slice(0, limit);
  const last = shown.at(-1)?.conference.id;
  return {
    items: shown.map((each) => encode.conference(each)),
    next_cursor: left.length > shown.length && last !== undefined ? writeCursor([0, last]) : null,
  };
}

/** `/api/conferences` and one conference. */
export function conferenceRoutes(server: FastifyInstance, { execute, idempotency, actorOf }: ConferenceRoutes): void {
  server.get<{ Querystring: Static<typeof Cut> }>(
    '/conferences',
    { schema: { querystring: Cut, ...answers(200, Page) } },
    async (request) => page(execute, actorOf(request), request.query),
  );

  server.post<{ Body: Static<typeof Draft> }>(
    '/conferences',
    { schema: { body: Draft, ...answers(201, Conference) } },
    async (request, reply) => {
      const actor = actorOf(request);
      const key = request.headers['idempotency-key'];
      const view = await idempotency.once({
        account: actor.account,
        key: typeof key === 'string' && key !== '' ? key : undefined,
        request: request.body,
        work: () => {
          const { id, document } = request.body;
          const wish = id === undefined ? {} : { id: undashed(id) as ConferenceId };
          return execute('conference.create', { ...wish, document: checked((document ?? {}) as JsonObject) }, actor);
        },
      });
      return reply
        .code(201)
        .header('location', `/api/conferences/${encode.idOf(view)}`)
        .send(encode.conference(view));
    },
  );

  server.get<{ Params: Static<typeof One> }>(
    '/conferences/:conference',
    { schema: { params: One, ...answers(200, Conference) } },
    async (request) => {
      const actor = actorOf(request);
      const conference = await find(execute, actor, request.params.conference);
      return encode.conference(await execute('conference.read', { conference }, actor));
    },
  );

  server.patch<{ Params: Static<typeof One>; Body: Static<typeof Patch> }>(
    '/conferences/:conference',
    { schema: { params: One, body: Patch, ...answers(200, Conference) } },
    async (request) => {
      const actor = actorOf(request);
      const conference = await find(execute, actor, request.params.conference);
      const change = request.body.document as JsonObject;
      return encode.conference(await amend({ execute, actor, conference, change, checked }));
    },
  );

  server.delete<{ Params: Static<typeof One> }>(
    '/conferences/:conference',
    { schema: { params: One, ...answers(204, idle) } },
    async (request, reply) => {
      const actor = actorOf(request);
      await execute('conference.delete', { conference: await find(execute, actor, request.params.conference), keep: true }, actor);
      return reply.code(204).send();
    },
  );

  for (const [method, locked] of [
    ['PUT', true],
    ['DELETE', false],
  ] as const) {
    server.route<{ Params: Static<typeof One> }>({
      method,
      url: '/conferences/:conference/lock',
      schema: { params: One, ...answers(200, Conference) },
      handler: async (request) => {
        const actor = actorOf(request);
        const conference = await find(execute, actor, request.params.conference);
        return encode.conference(await execute('conference.lock', { conference, locked }, actor));
      },
    });
  }
}

/** `/api/conferences/{id}/participants`. */
export function participantRoutes(server: FastifyInstance, { execute, actorOf }: ConferenceRoutes): void {
  const base = '/conferences/:conference/participants';
  server.get<{ Params: Static<typeof One>; Querystring: Static<typeof Cut> }>(
    base,
    { schema: { params: One, querystring: Cut, description: 'Who is in, in the order in which they came.', ...answers(200, People) } },
    async (request) => {
      const actor = actorOf(request);
      const view = await execute('conference.read', { conference: await find(execute, actor, request.params.conference) }, actor);
      const keyOf = (each: Participant): ListKey => [each.number, each.id];
      const page = pageOf(view.conference.room?.participants ?? [], { keyOf, ...request.query });
      return { ...page, items: page.items.map((each) => encode.participant(view, each)) };
    },
  );

  server.delete<{ Params: Static<typeof Somebody> }>(
    `${base}/:participant`,
    { schema: { params: Somebody, ...answers(204, idle) } },
    async (request, reply) => {
      const actor = actorOf(request);
      const conference = await find(execute, actor, request.params.conference);
      await execute('participants.kick', { conference, which: numberOrId(request.params.participant) }, actor);
      return reply.code(204).send();
    },
  );
}
