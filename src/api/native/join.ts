import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { type EntryDoors, type Execute, invitationText, keypadCard } from '../../conference/index.ts';
import { baseUrl } from '../links.ts';
import { type Pages, sendPage } from '../pages.ts';
import { joinLink } from './invitations.ts';
import { invitationPage } from './join-page.ts';
import { keypadPage } from './keypad-page.ts';
import { Problem } from './problem.ts';

const Code = Type.Object({ code: Type.String({ pattern: '^[0-9a-f]{32}$' }) });

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** What the pages for guests need. */
export interface JoinRoutes {
  readonly entry: EntryDoors;
  readonly execute: Execute;
  readonly publicUrl?: string | undefined;
  /** Absent, or not built yet: `/join/{code}` is the invitation itself. */
  readonly pages?: Pages | undefined;
}

/** `/join/{code}`: an invitation as its guest reads it, its calendar entry, and the card of keys. Whoever has the link may see it. */
export function joinRoutes(server: FastifyInstance, { entry, execute, publicUrl, pages }: JoinRoutes): void {
  const letterOf = async (code: string, base: string) => {
    const invitation = await entry.invitations.byCode(code);
    if (invitation === undefined) throw new Problem(404, 'invitation_over', 'this invitation is over, or was not given out here');
    const { conference: id, account } = invitation;
    const { conference } = await execute('conference.read', { conference: id }, { account, kind: 'system' }).catch(() => {
      throw new Problem(404, 'invitation_over', 'this conference is over');
    });
    const link = joinLink(base, invitation);
    return { invitation, conference, link, text: invitationText({ invitation, conference, numbers: entry.numbers, link }) };
  };
  server.addHook('onSend', async (_request, reply, payload) => {
    if (reply.hasHeader('content-security-policy')) return payload;
    reply.headers({
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
      'cache-control': 'no-store',
    });
    return payload;
  });
  const schema = { params: Code, hide: true };
  // The page asks for the invitation itself, and says when it is over, or never was one: what is sent is the same for all.
  server.get<{ Params: Static<typeof Code> }>('/join/:code', { schema: { hide: true } }, async (request, reply) => {
    const page = pages?.page('join');
    if (page !== undefined) return sendPage(request, reply, page);
    const { text, link } = await letterOf(request.params.code, baseUrl(request, publicUrl));
    return reply.type('text/html; charset=utf-8').send(invitationPage(text, link));
  });
  server.get<{ Params: Static<typeof Code> }>('/join/:code/invitation', { schema }, async (request, reply) => {
    const { text, link } = await letterOf(request.params.code, baseUrl(request, publicUrl));
    return reply.type('text/html; charset=utf-8').send(invitationPage(text, link));
  });
  server.get<{ Params: Static<typeof Code> }>('/join/:code/invitation.ics', { schema }, async (request, reply) => {
    const { text } = await letterOf(request.params.code, baseUrl(request, publicUrl));
    if (text.ics === undefined) throw new Problem(404, 'no_time', 'nobody has said when this conference is');
    return reply.type('text/calendar; charset=utf-8').header('content-disposition', 'attachment; filename="invitation.ics"').send(text.ics);
  });
  server.get<{ Params: Static<typeof Code> }>('/join/:code/keypad', { schema }, async (request, reply) => {
    const { conference, invitation } = await letterOf(request.params.code, baseUrl(request, publicUrl));
    return reply.type('text/html; charset=utf-8').send(keypadPage(keypadCard(conference, invitation.language)));
  });
}
