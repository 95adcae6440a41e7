import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { readTime } from '../../base/index.ts';
import type { DeliveryId, Replay } from '../../webhooks/index.ts';
import { readCursor, writeCursor } from './page.ts';
import { Problem } from './problem.ts';
import { answers, idOf, type WebhookRoutes } from './webhooks.ts';
import * as encode from './webhooks-encode.ts';
import { DeliveryCut, DeliveryPage, DeliveryShape, OneDelivery, OneWebhook, ReplayResult, ReplayWish } from './webhooks-shapes.ts';

/** Behind which message. */
function behind(cursor: string | undefined): { readonly before?: number; readonly beforeId?: DeliveryId } {
  const key = readCursor(cursor);
  return key === undefined ? {} : { before: key[0], beforeId: key[1] as DeliveryId };
}

/** Which messages somebody wants sent once more. */
function replayOf({ state, from, to }: { readonly state?: 'dead'; readonly from?: string; readonly to?: string }): Replay {
  if (state !== undefined) {
    if (from !== undefined || to !== undefined) throw new Problem(400, 'invalid', 'say either state or from and to');
    return { state };
  }
  const time = (name: string, text: string | undefined): number => {
    const at = readTime(text ?? '');
    if (at === undefined) throw new Problem(400, 'invalid', `${name} must be a time such as 2026-11-21T19:00:00Z`, { parameter: name });
    return at;
  };
  return { from: time('from', from), ...(to === undefined ? {} : { to: time('to', to) }) };
}

/** `/api/webhooks/{id}/deliveries`, and sending once more. */
export function deliveryRoutes(server: FastifyInstance, { webhooks, adminOf }: WebhookRoutes): void {
  const one = '/webhooks/:webhook';

  server.get<{ Params: Static<typeof OneWebhook>; Querystring: Static<typeof DeliveryCut> }>(
    `${one}/deliveries`,
    { schema: { params: OneWebhook, querystring: DeliveryCut, ...answers(200, DeliveryPage) } },
    async (request) => {
      const { state, cursor, limit = 50 } = request.query;
      const found = await webhooks.deliveries({
        account: (await adminOf(request)).account,
        webhook: idOf(request.params.webhook),
        limit: limit + 1,
        ...(state === undefined ? {} : { state }),
        ...behind(cursor),
      });
      const shown = found.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: shown.map(encode.delivery),
        next_cursor: found.length > limit && last !== undefined ? writeCursor([last.position, last.id]) : null,
      };
    },
  );

  server.post<{ Params: Static<typeof OneDelivery> }>(
    `${one}/deliveries/:delivery/replay`,
    { schema: { params: OneDelivery, ...answers(202, DeliveryShape) } },
    async (request, reply) => {
      const { webhook, delivery } = request.params;
      const next = await webhooks.replay((await adminOf(request)).account, idOf(webhook), delivery as DeliveryId);
      return reply.code(202).send(encode.delivery(next));
    },
  );

  server.post<{ Params: Static<typeof OneWebhook>; Body: Static<typeof ReplayWish> }>(
    `${one}/replay`,
    { schema: { params: OneWebhook, body: ReplayWish, ...answers(202, ReplayResult) } },
    async (request, reply) => {
      const wish = replayOf(request.body);
      const done = await webhooks.replayAll((await adminOf(request)).account, idOf(request.params.webhook), wish);
      return reply.code(202).send(encode.replayed(done));
    },
  );
}
