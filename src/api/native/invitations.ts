import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { dashed, isoMillis, type JsonObject, readTime, undashed } from '../../base/index.ts';
import {
  type Actor,
  type Conference,
  type EntryDoors,
  type Invitation,
  type InvitationText,
  type InvitationWish,
  invitationText,
  settings,
} from '../../conference/index.ts';
import { baseUrl } from '../links.ts';
import type { ConferenceRoutes } from './conferences.ts';
import {
  InvitationDraft,
  InvitationLetter,
  InvitationList,
  InvitationShape,
  NewPins,
  OneInvitation,
  RotationWish,
} from './entry-shapes.ts';
import { exact } from './exact.ts';
import { find } from './find.ts';
import { Cut, type ListKey, pageOf } from './page.ts';
import { Problem } from './problem.ts';
import { One, ProblemShape } from './shapes.ts';

/** What the resources of coming in need. */
export interface EntryRoutes extends ConferenceRoutes {
  readonly entry: EntryDoors;
  readonly publicUrl?: string | undefined;
  /** In whose name somebody comes who may change what belongs to the account; refuses others. */
  readonly adminOf: (request: FastifyRequest) => Promise<Actor>;
}

const answers = (status: number, shape: object) => ({
  response: { [status]: shape, '4xx': ProblemShape, '5xx': ProblemShape },
  tags: ['invitations'],
});

/** Where a guest reads his invitation. */
export const joinLink = (base: string, { code }: Pick<Invitation, 'code'>): string => `${base}/join/${code}`;

const times = ({ createdAt, expiresAt, startsAt, endsAt, usedAt }: Invitation): JsonObject =>
  Object.fromEntries(
    Object.entries({ created_at: createdAt, expires_at: expiresAt, starts_at: startsAt, ends_at: endsAt, used_at: usedAt })
      .filter((each): each is [string, number] => each[1] !== undefined)
      .map(([key, at]) => [key, isoMillis(at)]),
  );

const encoded = (invitation: Invitation, base: string): JsonObject => {
  const { id, name, role, language, pin, timeZone, maxUses = null, uses } = invitation;
  const wishes = { ...(language === undefined ? {} : { language }), ...(timeZone === undefined ? {} : { time_zone: timeZone }) };
  return { id: dashed(id), name, role, ...wishes, pin, link: joinLink(base, invitation), max_uses: maxUses, uses, ...times(invitation) };
};

const letter = ({ subject, text, ics }: InvitationText): JsonObject => ({ subject, text, ics: ics ?? null });

type Moments = 'startsAt' | 'endsAt' | 'expiresAt';

/** A moment of the body; refuses what no clock shows. */
function moment(body: Static<typeof InvitationDraft>, key: 'starts_at' | 'ends_at' | 'expires_at'): number | undefined {
  const said = body[key];
  if (said === undefined) return undefined;
  const at = readTime(said);
  if (at === undefined) throw new Problem(400, 'invalid', `${key} must be a time such as 2026-11-21T14:00:00Z`);
  return at;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Refuses what contradicts itself. */
function mustFit({ pin, max_uses: uses, time_zone: zone }: Static<typeof InvitationDraft>, times: Pick<InvitationWish, Moments>): void {
  const { startsAt, endsAt, expiresAt } = times;
  if (endsAt !== undefined && (startsAt === undefined || endsAt <= startsAt))
    throw new Problem(400, 'invalid', 'ends_at must be after starts_at');
  if (expiresAt !== undefined && endsAt !== undefined && expiresAt < endsAt)
    throw new Problem(400, 'invalid', 'expires_at must not be before ends_at');
  if (zone !== undefined && !isTimeZone(zone)) throw new Problem(400, 'invalid', 'time_zone must be a name such as Europe/Berlin');
  if (uses === null && pin === 'one-time')
    throw new Problem(400, 'invalid', 'a PIN of his own needs a number of uses; leave max_uses out for one');
}

/** What the body wishes. */
function wishOf(body: Static<typeof InvitationDraft>): InvitationWish {
  const { name, role = 'member', language, pin, time_zone: timeZone, max_uses: maxUses } = body;
  const said = { startsAt: moment(body, 'starts_at'), endsAt: moment(body, 'ends_at'), expiresAt: moment(body, 'expires_at') };
  const times = Object.fromEntries(Object.entries(said).filter((each) => each[1] !== undefined)) as Pick<InvitationWish, Moments>;
  mustFit(body, times);
  return {
    name,
    role,
    ...times,
    ...(typeof maxUses === 'number' ? { maxUses } : {}),
    ...(language === undefined ? {} : { language }),
    ...(pin === undefined ? {} : { pin }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

async function conferenceOf({ execute }: EntryRoutes, name: string, actor: Actor): Promise<Conference> {
  const conference = await find(execute, actor, name);
  return (await execute('conference.read', { conference }, actor)).conference;
}

/** `/api/conferences/{id}/invitations` and `/api/conferences/{id}/pins/rotate`. */
export function invitationRoutes(server: FastifyInstance, routes: EntryRoutes): void {
  const { entry, idempotency, actorOf, publicUrl } = routes;
  const base = '/conferences/:conference/invitations';
  const written = (
    request: FastifyRequest,
    conference: Conference,
    one: { readonly invitation: Invitation; readonly pin?: string },
  ): JsonObject => {
    const url = baseUrl(request, publicUrl);
    const { invitation, pin } = one;
    const text = invitationText({ ...one, conference, numbers: entry.numbers, link: joinLink(url, invitation) });
    return { ...encoded(invitation, url), ...(pin === undefined ? {} : { one_time_pin: pin }), ...letter(text) };
  };

  server.post<{ Params: Static<typeof One>; Body: Static<typeof InvitationDraft> }>(
    base,
    { ...exact, schema: { params: One, body: InvitationDraft, ...answers(201, InvitationLetter) } },
    async (request, reply) => {
      const actor = actorOf(request);
      const conference = await conferenceOf(routes, request.params.conference, actor);
      const wish = wishOf(request.body);
      const key = request.headers['idempotency-key'];
      const made = await idempotency.once({
        account: actor.account,
        key: typeof key === 'string' && key !== '' ? key : undefined,
        request: { conference: conference.id, body: request.body },
        work: () => entry.invitations.invite(conference, wish),
      });
      reply.header('cache-control', 'no-store');
      return reply.code(201).send(written(request, conference, made));
    },
  );

  server.get<{ Params: Static<typeof One>; Querystring: Static<typeof Cut> }>(
    base,
    { schema: { params: One, querystring: Cut, ...answers(200, InvitationList) } },
    async (request) => {
      const actor = actorOf(request);
      const { account, id } = await conferenceOf(routes, request.params.conference, actor);
      const keyOf = (each: Invitation): ListKey => [each.createdAt, each.id];
      const page = pageOf(await entry.invitations.list(account, id), { keyOf, order: 'down', ...request.query });
      const base = baseUrl(request as FastifyRequest, publicUrl);
      return { ...page, items: page.items.map((each) => encoded(each, base)) };
    },
  );

  server.get<{ Params: Static<typeof OneInvitation> }>(
    `${base}/:invitation`,
    { schema: { params: OneInvitation, ...answers(200, InvitationLetter) } },
    async (request, reply) => {
      const actor = actorOf(request);
      const conference = await conferenceOf(routes, request.params.conference, actor);
      const invitation = await entry.invitations.get(conference.account, conference.id, undashed(request.params.invitation));
      reply.header('cache-control', 'no-store');
      return written(request, conference, { invitation });
    },
  );

  server.delete<{ Params: Static<typeof OneInvitation> }>(
    `${base}/:invitation`,
    { schema: { params: OneInvitation, ...answers(200, InvitationShape) } },
    async (request) => {
      const actor = actorOf(request);
      const { account, id } = await conferenceOf(routes, request.params.conference, actor);
      const gone = await entry.invitations.revoke(account, id, undashed(request.params.invitation));
      return encoded(gone, baseUrl(request, publicUrl));
    },
  );
  rotationRoute(server, routes);
}

function rotationRoute(server: FastifyInstance, routes: EntryRoutes): void {
  const { entry, actorOf } = routes;
  server.post<{ Params: Static<typeof One>; Body: Static<typeof RotationWish> | null }>(
    '/conferences/:conference/pins/rotate',
    { schema: { params: One, body: Type.Union([RotationWish, Type.Null()]), ...answers(200, NewPins) } },
    async (request, reply) => {
      const conference = await conferenceOf(routes, request.params.conference, actorOf(request));
      const { member, moderator } = settings(conference.document);
      const usual = [...(member.pins.length > 0 ? ['member' as const] : []), ...(moderator.pins.length > 0 ? ['moderator' as const] : [])];
      reply.header('cache-control', 'no-store');
      return entry.invitations.rotate(conference, request.body?.roles ?? usual);
    },
  );
}
