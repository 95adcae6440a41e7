import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { keypadCard, keypadText } from '../../conference/index.ts';
import type { ConferenceRoutes } from './conferences.ts';
import { find } from './find.ts';
import { keypadPage } from './keypad-page.ts';
import { One, ProblemShape } from './shapes.ts';

const Key = Type.Object({
  digits: Type.String(),
  action: Type.String(),
  data: Type.Optional(Type.String()),
  label: Type.String({ description: 'What it does, in the language of the card.' }),
});

/** The keys of a conference. */
const Card = Type.Object({
  name: Type.String(),
  language: Type.String(),
  timeout_ms: Type.Integer({ description: 'Between two keys of one sequence.' }),
  member: Type.Array(Key),
  moderator: Type.Array(Key, { description: 'What moderators have besides.' }),
});

const Wish = Type.Object({
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('text'), Type.Literal('html')])),
  language: Type.Optional(Type.String({ maxLength: 35, description: 'RFC 5646; absent: the conference’s.' })),
  accesskey: Type.Optional(Type.String({ description: 'Instead of the Authorization header.' })),
  account: Type.Optional(Type.String({ description: 'Act on this descendant of the own account.' })),
});

/** As asked for, or as the Accept header names one first. */
function formatOf(format: Static<typeof Wish>['format'], accept = ''): 'json' | 'text' | 'html' {
  if (format !== undefined) return format;
  const named = [
    ['json', accept.indexOf('application/json')],
    ['html', accept.indexOf('text/html')],
    ['text', accept.indexOf('text/plain')],
  ] as const;
  const first = named.filter(([, at]) => at >= 0).sort((a, b) => a[1] - b[1])[0];
  return first?.[0] ?? 'json';
}

/** `/api/conferences/{id}/keypad`: what keys do, as JSON, as text, or as a card to print. */
export function keypadRoutes(server: FastifyInstance, { execute, actorOf }: ConferenceRoutes): void {
  server.get<{ Params: Static<typeof One>; Querystring: Static<typeof Wish> }>(
    '/conferences/:conference/keypad',
    {
      schema: {
        params: One,
        querystring: Wish,
        description: 'What keys do: JSON, `text/plain`, or `text/html` to print.',
        response: { 200: Card, '4xx': ProblemShape, '5xx': ProblemShape },
        tags: ['conferences'],
      },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      const id = await find(execute, actor, request.params.conference);
      const { conference } = await execute('conference.read', { conference: id }, actor);
      const card = keypadCard(conference, request.query.language);
      reply.header('vary', 'accept').header('content-language', card.language);
      switch (formatOf(request.query.format, request.headers.accept)) {
        case 'text':
          return reply.type('text/plain; charset=utf-8').serializer(String).send(keypadText(card));
        case 'html':
          return reply
            .type('text/html; charset=utf-8')
            .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
            .header('referrer-policy', 'no-referrer')
            .header('x-content-type-options', 'nosniff')
            .serializer(String)
            .send(keypadPage(card));
        default: {
          const { name, language, timeout, member, moderator } = card;
          return { name, language, timeout_ms: timeout, member, moderator };
        }
      }
    },
  );
}
