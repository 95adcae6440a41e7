import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { isoMillis, type JsonObject, uuidOf } from '../../base/index.ts';
import type { Actor, LockedOut } from '../../conference/index.ts';
import { sightOf } from '../sight.ts';
import { LockoutList, Release } from './entry-shapes.ts';
import { find } from './find.ts';
import { type EntryRoutes, invitationRoutes } from './invitations.ts';
import { Cut, type ListKey, pageOf } from './page.ts';
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

const keyOf = ({ conference, callerNumber }: LockedOut): ListKey => [0, `${conference ?? ''} ${callerNumber}`];

/** Who is invited, and who may try no more. */
export function entryRoutes(server: FastifyInstance, routes: EntryRoutes): void {
  invitationRoutes(server, routes);
  lockoutRoutes(server, routes);
}

/** `/api/lockouts` and `/api/conferences/{id}/lockouts`: who may try no more, until he is let again. */
function lockoutRoutes(server: FastifyInstance, { entry: { lockouts }, execute, actorOf, adminOf }: EntryRoutes): void {
  const page = (all: readonly LockedOut[], { cursor, limit }: Static<typeof Cut>): JsonObject => {
    const cut = pageOf(all, { keyOf, cursor, limit });
    return { ...cut, items: cut.items.map(encoded) };
  };
  /** Those of conferences that he owns or moderates; only an admin sees who guessed numbers. */
  const seen = async (actor: Actor): Promise<readonly LockedOut[]> => {
    const all = lockouts.list(actor.account);
    if (actor.user === undefined) return all;
    const sees = sightOf(execute, actor);
    const isSeen = await Promise.all(all.map(({ conference }) => (conference === undefined ? false : sees(conference))));
    return all.filter((_, index) => isSeen[index]);
  };
  server.get<{ Querystring: Static<typeof Cut> }>(
    '/lockouts',
    { schema: { querystring: Cut, description: 'Who is no admin sees those of his conferences.', ...answers(200, LockoutList) } },
    async (request) => page(await seen(actorOf(request)), request.query),
  );

  server.delete<{ Querystring: Static<typeof Release> }>(
    '/lockouts',
    { schema: { querystring: Release, description: 'Of somebody who guessed numbers.', ...answers(204, idle) } },
    async (request, reply) => {
      await lockouts.release({ account: (await adminOf(request)).account, callerNumber: request.query.caller_number });
      return reply.code(204).send();
    },
  );

  const base = '/conferences/:conference/lockouts';
  server.get<{ Params: Static<typeof One>; Querystring: Static<typeof Cut> }>(
    base,
    { schema: { params: One, querystring: Cut, ...answers(200, LockoutList) } },
    async (request) => {
      const actor = actorOf(request);
      const conference = await find(execute, actor, request.params.conference);
      return page(lockouts.list(actor.account, conference), request.query);
    },
  );

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
