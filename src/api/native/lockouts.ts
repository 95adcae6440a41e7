import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { isoMillis, type JsonObject, uuidOf } from '../../base/index.ts';
import type { LockedOut } from '../../conference/index.ts';
import { LockoutList, Release } from './entry-shapes.ts';
import { find } from './find.ts';
import { type EntryRoutes, invitationRoutes } from './invitations.ts';
import { One, ProblemShape } from './shapes.ts';

const answers = (status: number, shape: object) => ({
  response: { [status]: shape, '4xx': ProblemShape, '5xx': ProblemShape },
  tags: ['lockouts'],
});
const idle = Type.Null({ description: 'No content.' });

const encoded = ({ account, conference, callerNumber, failedCalls, lockedUntil }: LockedOut): JsonObject => ({
  conference: conference === undefined ? null : uuidOf(conference, account),
  caller_number: callerNumber,
  failed_calls: failedCalls,
  until: isoMillis(lockedUntil),
});

/** Who is invited, and who may try no more. */
export function entryRoutes(server: FastifyInstance, routes: EntryRoutes): void {
  invitationRoutes(server, routes);
  lockoutRoutes(server, routes);
}

/** `/api/lockouts` and `/api/conferences/{id}/lockouts`: who may try no more, until he is let again. */
function lockoutRoutes(server: FastifyInstance, { entry: { lockouts }, execute, actorOf }: EntryRoutes): void {
  server.get('/lockouts', { schema: answers(200, LockoutList) }, async (request) => ({
    items: lockouts.list(actorOf(request).account).map(encoded),
    next_cursor: null,
  }));

  server.delete<{ Querystring: Static<typeof Release> }>(
    '/lockouts',
    { schema: { querystring: Release, description: 'Of somebody who guessed numbers.', ...answers(204, idle) } },
    async (request, reply) => {
      await lockouts.release({ account: actorOf(request).account, callerNumber: request.query.caller_number });
      return reply.code(204).send();
    },
  );

  const base = '/conferences/:conference/lockouts';
  server.get<{ Params: Static<typeof One> }>(base, { schema: { params: One, ...answers(200, LockoutList) } }, async (request) => {
    const actor = actorOf(request);
    const conference = await find(execute, actor, request.params.conference);
    return { items: lockouts.list(actor.account, conference).map(encoded), next_cursor: null };
  });

  server.delete<{ Params: Static<typeof One>; Querystring: Static<typeof Release> }>(
    base,
    { schema: { params: One, querystring: Release, ...answers(204, idle) } },
    async (request, reply) => {
      const actor = actorOf(request);
      const conference = await find(execute, actor, request.params.conference);
      await lockouts.release({ account: actor.account, conference, callerNumber: request.query.caller_number });
      return reply.code(204).send();
    },
  );
}
