import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { dashed, isoMillis, type JsonObject, readTime, uuidOf } from '../../base/index.ts';
import type { Moment, StateThen } from '../../conference/index.ts';
import type { ConferenceRoutes } from './conferences.ts';
import * as encode from './encode.ts';
import { fact } from './events/event-body.ts';
import { Event } from './events/schema.ts';
import { findKept } from './find.ts';
import { numbered, paging, readCursor } from './page.ts';
import { Problem } from './problem.ts';
import { One, Person, ProblemShape, Relationship, SetAlone, waiters } from './shapes.ts';
import * as write from './sounds-encode.ts';
import { sounds } from './sounds-shapes.ts';

const Time = Type.String({ format: 'date-time' });
const Since = Type.Union([Time, Type.Null()]);

const When = Type.Object({
  at: Type.Optional(
    Type.String({ description: 'A time with its zone (RFC 3339), or the number of a fact (`sequence`). Default: the newest one.' }),
  ),
});

const State = Type.Object({
  id: Type.String(),
  sequence: Type.Integer({ description: 'The last thing that had happened; 0: nothing had.' }),
  at: Type.Union([Time, Type.Null()], { description: 'When that was.' }),
  exists: Type.Boolean({ description: 'It had been made and was not deleted.' }),
  instance: Type.Union([Type.String(), Type.Null()]),
  running_since: Since,
  locked: Type.Boolean(),
  locked_since: Since,
  participants: Type.Array(Type.Intersect([Person, Type.Object({ muted_since: Since, deaf_since: Since })])),
  relationships: Type.Array(Type.Intersect([Relationship, Type.Object({ since: Time })])),
  waiting: waiters,
  started: Type.Boolean({ description: 'A moderator had come whom people waited for.' }),
  members_muted: Type.Boolean({ description: 'All members were muted, and whoever came.' }),
  moh: Type.Boolean({ description: 'Nobody had switched the music off.' }),
  set: SetAlone,
  floor_taken: Type.Union([Type.String(), Type.Null()], { description: 'Who had taken the floor.' }),
  unattended_until: Type.Union([Time, Type.Null()], { description: 'When members were to be sent away for want of a moderator.' }),
  ends_at: Type.Union([Time, Type.Null()], { description: 'When it was to end by itself.' }),
  ...sounds,
});

const Timeline = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only with a higher number. Default: from the first one that is kept.' })),
  cursor: paging.cursor,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});

const FactsPage = Type.Object({
  items: Type.Array(Event),
  next_after: Type.Union([Type.Integer(), Type.Null()], { description: 'Send it as `after` for the next page; null on the last.' }),
  next_cursor: Type.Union([Type.String(), Type.Null()], { description: 'The same as a `cursor`.' }),
  forgotten_to: Type.Integer({ description: 'Facts up to this number are kept no longer; 0: all are kept.' }),
});

const answers = (shape: object) => ({ response: { 200: shape, '4xx': ProblemShape, '5xx': ProblemShape }, tags: ['history'] });

/** A number of digits is a sequence; everything else must be a time. */
function momentOf(at: string | undefined): Moment {
  if (at === undefined) return { sequence: Number.MAX_SAFE_INTEGER };
  if (/^\d{1,15}$/.test(at)) return { sequence: Number(at) };
  // A plus that nobody escaped has become a space.
  const time = readTime(at.replace(/ (\d\d:\d\d)$/, '+$1'));
  if (time === undefined)
    throw new Problem(400, 'invalid', 'at must be a time with its zone, as 2026-01-31T12:00:00Z, or a sequence number');
  return { at: time };
}

const since = (epoch: number | undefined): string | null => (epoch === undefined ? null : isoMillis(epoch));

const stateBody = (id: string, { people, relationships, ...then }: StateThen): JsonObject => ({
  id,
  sequence: then.sequence,
  at: since(then.at),
  exists: then.exists,
  instance: then.instance ?? null,
  running_since: since(then.openSince),
  locked: then.locked,
  locked_since: since(then.lockedSince),
  participants: people.map(({ participant, mutedSince, deafSince }) => ({
    ...encode.person(participant),
    muted_since: since(mutedSince),
    deaf_since: since(deafSince),
  })),
  relationships: relationships.map((each) => ({ ...encode.relationship(each), since: isoMillis(each.since) })),
  waiting: then.waiting.map(encode.waiter),
  started: then.run.started,
  members_muted: then.run.muted,
  moh: !then.run.mohOff,
  set: encode.setOf(then.run.set),
  floor_taken: then.run.floor === undefined ? null : dashed(then.run.floor),
  unattended_until: since(then.run.unattendedUntil),
  ends_at: since(then.run.endsAt),
  ...write.sounds(then),
});

/** What was: `/api/conferences/{id}/state` at any moment, and `/facts`, the timeline. Also of conferences that are deleted. */
export function historyRoutes(server: FastifyInstance, { execute, actorOf }: ConferenceRoutes): void {
  server.get<{ Params: Static<typeof One>; Querystring: Static<typeof When> }>(
    '/conferences/:conference/state',
    { schema: { params: One, querystring: When, ...answers(State) } },
    async (request) => {
      const actor = actorOf(request);
      const moment = momentOf(request.query.at);
      const conference = await findKept(execute, actor, request.params.conference);
      return stateBody(uuidOf(conference, actor.account), await execute('conference.state', { conference, moment }, actor));
    },
  );

  server.get<{ Params: Static<typeof One>; Querystring: Static<typeof Timeline> }>(
    '/conferences/:conference/facts',
    { schema: { params: One, querystring: Timeline, ...answers(FactsPage) } },
    async (request) => {
      const actor = actorOf(request);
      const { cursor, limit = 100 } = request.query;
      const after = request.query.after ?? readCursor(cursor)?.[0];
      const conference = await findKept(execute, actor, request.params.conference);
      const page = await execute('conference.facts', { conference, ...(after === undefined ? {} : { after }), limit }, actor);
      const last = page.facts.at(-1)?.sequence;
      return {
        items: page.facts.map((each) => fact(each)),
        ...numbered(page.more ? last : undefined),
        forgotten_to: page.forgottenTo,
      };
    },
  );
}
