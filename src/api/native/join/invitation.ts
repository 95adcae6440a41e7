import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Clock, isoMillis } from '../../../base/index.ts';
import {
  type Conference,
  type EntryDoors,
  type Execute,
  type Invitation,
  type Invitations,
  languageOf,
  settingsOf,
} from '../../../conference/index.ts';
import { Rate } from '../../rate.ts';
import { InvitationView } from '../join-shapes.ts';
import { Problem } from '../problem.ts';
import { ProblemShape } from '../shapes.ts';
import type { BrowserDoors } from './doors.ts';
import { type IceSettings, iceServers } from './ice.ts';
import { browserOf } from './resume.ts';

/**
 * By what an invitation tells its guests apart: whoever has a PIN that is his alone is one guest wherever he is; others are told by what
 * their browsers keep, which is of no use to whoever reads the name. Empty: it keeps nothing.
 */
export function guestName(
  { id, pin, maxUses }: Invitation,
  resume: string | undefined,
  { guestNumber }: Pick<BrowserDoors, 'guestNumber'>,
): string {
  if (pin === 'one-time' && maxUses === 1) return guestNumber(id);
  return resume === undefined ? '' : `page ${createHash('sha256').update(browserOf(resume)).digest('base64url').slice(0, 22)}`;
}

/** As many as were invited by it have come. */
export const usedUp = ({ maxUses = 1 }: Invitation): Problem => {
  const whom = maxUses === 1 ? 'one guest, and somebody has' : `${maxUses} guests, and as many have`;
  return new Problem(410, 'invitation_used', `this invitation was for ${whom} used it`, { max_uses: maxUses });
};

/** What finds the invitation of a link. */
export interface OpeningNeeds {
  readonly browsers: Pick<BrowserDoors, 'guestNumber'>;
  readonly invitations: Pick<Invitations, 'kept'>;
  readonly execute: Execute;
}

/** An invitation that is good, and its conference; refuses with a problem that says what is wrong with it, and never repeats the code. */
export async function openInvitation(
  { code, before }: { readonly code: string; readonly before: string | undefined },
  { browsers, invitations, execute }: OpeningNeeds,
): Promise<{ readonly invitation: Invitation; readonly conference: Conference }> {
  const found = await invitations.kept(code, (each) => guestName(each, before, browsers));
  if (found === undefined) throw new Problem(404, 'invitation_unknown', 'there is no such invitation, or it was taken back');
  const { invitation, over } = found;
  if (over === 'expired') throw new Problem(410, 'invitation_over', 'this invitation has expired');
  if (over === 'used') throw usedUp(invitation);
  const { conference: id, account } = invitation;
  const view = await execute('conference.read', { conference: id }, { account, kind: 'system' }).catch(() => {
    throw new Problem(410, 'invitation_over', 'this conference is over');
  });
  return { invitation, conference: view.conference };
}

/** What the route needs. */
export interface InvitationViewRoutes extends Omit<OpeningNeeds, 'invitations'> {
  readonly entry: Pick<EntryDoors, 'invitations' | 'numbers'>;
  readonly clock: Clock;
  readonly ice: IceSettings | undefined;
}

/** Looks of one address at once, and in a second: links are not found by trying, and pages look once. */
const LOOKS = { capacity: 60, perSecond: 1 };

const Guest = Type.Object({
  'parley-guest': Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'The `resume` of a former call by this link: an invitation that is used up is still good for who has used it.',
    }),
  ),
});
const Code = Type.Object({ code: Type.String({ pattern: '^[0-9a-f]{32}$' }) });

/** `GET /api/invitations/{code}`: what a page asks before anybody joins. Whoever has the link may see it; nobody else is in it. */
export function invitationViewRoute(server: FastifyInstance, { entry, browsers, execute, clock, ice }: InvitationViewRoutes): void {
  const looks = new Rate(clock, LOOKS);
  const { invitations } = entry;
  const schema = {
    params: Code,
    headers: Guest,
    description: 'What the page of an invitation needs before its guest joins over /api/join. Needs no key: the code is one.',
    tags: ['invitations'],
    security: [],
    response: { 200: InvitationView, '4xx': ProblemShape, '5xx': ProblemShape },
  };
  server.get<{ Params: Static<typeof Code>; Headers: Static<typeof Guest> }>('/invitations/:code', { schema }, async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex' });
    if (!looks.charge(request.ip).allowed)
      throw new Problem(429, 'too_many_requests', 'too many requests from this address; wait a little');
    const before = request.headers['parley-guest'];
    const { invitation, conference } = await openInvitation({ code: request.params.code, before }, { browsers, invitations, execute });
    return viewOf(invitation, conference, { numbers: entry.numbers, ice: iceServers(ice, invitation.id.slice(0, 12), clock.epoch()) });
  });
}

/** Whether he will be asked for a PIN. */
function asksPin({ pin, role }: Invitation, conference: Conference): boolean {
  if (pin !== 'shared') return pin === 'one-time';
  return settingsOf(conference)[role].pins.length > 0;
}

function viewOf(
  invitation: Invitation,
  conference: Conference,
  { numbers, ice }: { readonly numbers: readonly string[]; readonly ice: InvitationView['ice_servers'] },
): InvitationView {
  const { name, role, language, startsAt, endsAt, timeZone, expiresAt } = invitation;
  const settings = settingsOf(conference);
  return {
    conference: { name: settings.name },
    name,
    role,
    language: language ?? languageOf(conference),
    pin: asksPin(invitation, conference),
    records_name: conference.document['play_name'] === true,
    ...(startsAt === undefined ? {} : { starts_at: isoMillis(startsAt) }),
    ...(endsAt === undefined ? {} : { ends_at: isoMillis(endsAt) }),
    ...(timeZone === undefined ? {} : { time_zone: timeZone }),
    expires_at: isoMillis(expiresAt),
    numbers: numbers.length > 0 ? [...numbers] : [...settings.numbers],
    ice_servers: ice,
  };
}
