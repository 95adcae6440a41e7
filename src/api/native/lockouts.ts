import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { Failure, isoMillis, type JsonObject, uuidOf } from '../../base/index.ts';
import type { Actor, ConferenceId, LockedOut } from '../../conference/index.ts';
import { LockoutList, Release } from './entry-shapes.ts';
import { find } from './find.ts';
import { type EntryRoutes, invitationRoutes } from './invitations.ts';
import { mayHave } from './may.ts';
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

/** A refusal means no; everything else is a bug and goes on. */
const YES_OR_NO = [
  () => true,
  (error: unknown) => {
    if (error instanceof Failure) return false;
    throw error;
  },
] as const;

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
    const isSeen = new Map<ConferenceId | undefined, boolean>([[undefined, false]]);
    for (const { conference } of all) {
      if (conference === undefined || isSeen.has(conference)) continue;
      isSeen.set(conference, await mayHave(execute, actor, conference).then(...YES_OR_NO));
    }
    return all.filter(({ conference }) => isSeen.get(conference) === true);
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
