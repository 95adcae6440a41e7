import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Clock, undashed } from '../../base/index.ts';
import type { Actor, Execute } from '../../conference/index.ts';
import type { Webhook, WebhookChange, WebhookId, Webhooks, WebhookDraft as Wish } from '../../webhooks/index.ts';
import { find } from './find.ts';
import type { Idempotency } from './idempotency.ts';
import { Cut, type ListKey, pageOf } from './page.ts';
import { ProblemShape } from './shapes.ts';
import * as encode from './webhooks-encode.ts';
import {
  OneWebhook,
  Rotation,
  TestResult,
  WebhookDraft,
  WebhookList,
  WebhookPatch,
  WebhookShape,
  WebhookWithSecret,
} from './webhooks-shapes.ts';

/** What the resource needs. */
export interface WebhookRoutes {
  readonly webhooks: Webhooks;
  readonly execute: Execute;
  readonly clock: Clock;
  readonly idempotency: Idempotency;
  /** In whose name a request comes; refuses who is no admin: a webhook carries all of an account outside, call records too. */
  readonly adminOf: (request: FastifyRequest) => Promise<Actor>;
}

/** What a route answers, for OpenAPI. */
export const answers = (status: number, shape: object) => ({
  response: { [status]: shape, '4xx': ProblemShape, '5xx': ProblemShape },
  tags: ['webhooks'],
});

/** Clients spell ids with dashes. */
export const idOf = (text: string): WebhookId => undashed(text) as WebhookId;

type Body = Static<typeof WebhookPatch>;

/** A conference is named by its UUID and must exist; what is absent stays absent. */
async function changeOf({ conference, ...rest }: Body, execute: Execute, actor: Actor): Promise<WebhookChange> {
  if (conference === undefined) return rest;
  return { ...rest, conference: conference === null ? null : await find(execute, actor, conference) };
}

/** `/api/webhooks`. */
export function webhookRoutes(server: FastifyInstance, routes: WebhookRoutes): void {
  const { webhooks, execute, clock, idempotency, adminOf } = routes;

  const list = { querystring: Cut, ...answers(200, WebhookList) };
  server.get<{ Querystring: Static<typeof Cut> }>('/webhooks', { schema: list }, async (request) => {
    const keyOf = ({ createdAt, id }: Webhook): ListKey => [createdAt, id];
    const page = pageOf(await webhooks.list((await adminOf(request)).account), { keyOf, ...request.query });
    return { ...page, items: page.items.map((each) => encode.webhook(each, clock.epoch())) };
  });

  server.post<{ Body: Static<typeof WebhookDraft> }>(
    '/webhooks',
    { schema: { body: WebhookDraft, ...answers(201, WebhookWithSecret) } },
    async (request, reply) => {
      const actor = await adminOf(request);
      const key = request.headers['idempotency-key'];
      const made = await idempotency.once({
        account: actor.account,
        key: typeof key === 'string' && key !== '' ? key : undefined,
        request: { webhook: request.body },
        work: async () => {
          const { conference, ...draft } = (await changeOf(request.body, execute, actor)) as WebhookChange & Pick<Wish, 'url'>;
          return webhooks.create(actor.account, { ...draft, ...(conference ? { conference } : {}) });
        },
      });
      const body = encode.withSecret(made, clock.epoch());
      return reply.code(201).header('location', `/api/webhooks/${body['id']}`).header('cache-control', 'no-store').send(body);
    },
  );

  oneWebhook(server, routes);
}

function oneWebhook(server: FastifyInstance, { webhooks, execute, clock, adminOf }: WebhookRoutes): void {
  const one = '/webhooks/:webhook';
  type One = { Params: Static<typeof OneWebhook> };

  server.get<One>(one, { schema: { params: OneWebhook, ...answers(200, WebhookShape) } }, async (request) =>
    encode.webhook(await webhooks.webhook((await adminOf(request)).account, idOf(request.params.webhook)), clock.epoch()),
  );

  server.patch<One & { Body: Body }>(
    one,
    { schema: { params: OneWebhook, body: WebhookPatch, ...answers(200, WebhookShape) } },
    async (request) => {
      const actor = await adminOf(request);
      const change = await changeOf(request.body, execute, actor);
      return encode.webhook(await webhooks.change(actor.account, idOf(request.params.webhook), change), clock.epoch());
    },
  );

  server.delete<One>(
    one,
    { schema: { params: OneWebhook, ...answers(204, Type.Null({ description: 'No content.' })) } },
    async (request, reply) => {
      await webhooks.remove((await adminOf(request)).account, idOf(request.params.webhook));
      return reply.code(204).send();
    },
  );

  server.post<One & { Body: Static<typeof Rotation> | null | undefined }>(
    `${one}/rotate`,
    { schema: { params: OneWebhook, body: Type.Union([Rotation, Type.Null()]), ...answers(200, WebhookWithSecret) } },
    async (request, reply) => {
      const seconds = request.body?.overlap_seconds;
      const id = idOf(request.params.webhook);
      const next = await webhooks.rotate((await adminOf(request)).account, id, seconds === undefined ? undefined : seconds * 1000);
      return reply.header('cache-control', 'no-store').send(encode.withSecret(next, clock.epoch()));
    },
  );

  server.post<One>(`${one}/test`, { schema: { params: OneWebhook, ...answers(200, TestResult) } }, async (request) =>
    encode.verdict(await webhooks.verify((await adminOf(request)).account, idOf(request.params.webhook))),
  );
}
