import type { FastifyInstance } from 'fastify';
import type { Clock, Log } from '../../../base/index.ts';
import type { ConferenceId, Execute } from '../../../conference/index.ts';
import type { AcceptedSocket, SocketPeer, SocketRequest, UpgradeRoute } from '../../options.ts';
import { findKept } from '../find.ts';
import { Problem, problemOf } from '../problem.ts';
import { admit, type Pass, placeOf, type Recognition, type Shown, shownBySocket } from '../recognise.ts';
import type { EventStreams } from './event-streams.ts';
import { goodbyeOf } from './goodbye.ts';
import { Line } from './line.ts';
import { eventOutlet, type Outlet, socketOutlet } from './outlet.ts';
import { eventsSchema } from './schema.ts';
import { type Query, readWish } from './wish.ts';

/** What `GET /api/events` needs. */
export interface EventRoutes {
  readonly streams: EventStreams;
  readonly recognition: Recognition;
  readonly execute: Execute;
  readonly clock: Clock;
  readonly log: Log;
}

/** Longest frame that is read. A reader has nothing to say. */
const MAX_FRAME = 4096;
/** Websockets of one address: as many as an account may have. */
const PER_ADDRESS = 2000;

const conferenceOf = (wished: string | undefined, execute: Execute, { actor }: Pass): Promise<ConferenceId> | undefined =>
  wished === undefined ? undefined : findKept(execute, actor, wished);

async function open(
  { streams, recognition, execute }: EventRoutes,
  { shown, outlet, lastEventId }: { shown: Shown; outlet: Outlet; lastEventId?: string | undefined },
): Promise<void> {
  const pass = await admit(shown, recognition);
  const wish = readWish(shown.query, lastEventId);
  const conference = await conferenceOf(wish.conference, execute, pass);
  await streams.open({ outlet, pass, wish, conference });
}

/** Whoever asks for something else than events gets no stream that never ends. */
const takesEvents = (accept: string | undefined): boolean =>
  accept === undefined || /(^|[\s,])(text\/event-stream|text\/\*|\*\/\*)\s*(;|,|$)/i.test(accept);

/** `GET /api/events` as server-sent events. */
export function eventRoutes(server: FastifyInstance, needs: EventRoutes): void {
  const { streams, clock } = needs;
  // What is wrong with the query is said by `readWish`, to websockets alike.
  server.get('/events', { schema: eventsSchema, validatorCompiler: () => () => true }, async (request, reply) => {
    const { headers, query, ip } = request;
    if (!takesEvents(headers.accept)) {
      throw new Problem(406, 'not_acceptable', 'accept text/event-stream, or upgrade to a websocket');
    }
    const outlet = eventOutlet(reply.raw, { clock, retryMs: streams.retryMs, taken: () => reply.hijack() });
    const lastEventId = [headers['last-event-id']].flat()[0];
    const place = placeOf(request, needs.recognition);
    await open(needs, { shown: { headers, query: query as Query, address: ip, place }, outlet, lastEventId });
    outlet.begin();
  });
}

/** `GET /api/events` as a websocket; what is refused is said inside it, where also browsers hear it. */
export const eventSockets = (needs: EventRoutes): UpgradeRoute => ({
  path: '/api/events',
  isAlsoHttp: true,
  maxFrameBytes: MAX_FRAME,
  maxPerAddress: PER_ADDRESS,
  take: (socket, peer, asked) => void take(needs, socket, { peer, asked }),
});

async function take(
  needs: EventRoutes,
  socket: AcceptedSocket,
  { peer, asked }: { peer: SocketPeer; asked: SocketRequest },
): Promise<void> {
  const outlet = socketOutlet(socket);
  hearOnce(socket, outlet);
  try {
    const shown = shownBySocket(asked, peer, { query: queryOf(asked.url), recognition: needs.recognition });
    await open(needs, { shown, outlet });
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) needs.log.error('a stream of events failed unexpectedly', { error });
    const { body, code } = goodbyeOf(problem);
    await outlet.end(new Line({ type: 'goodbye', ...body }), code, body.reason);
  }
}

/** Nothing is understood here; that is said once. */
function hearOnce(socket: AcceptedSocket, outlet: Outlet): void {
  let isFirst = true;
  socket.onMessage(() => {
    if (isFirst) outlet.send(new Line({ type: 'error', code: 'not_understood', detail: 'this stream only tells; ask in the query' }));
    isFirst = false;
  });
}

/** As Fastify reads a query. */
function queryOf(url: string): Query {
  const query: Record<string, string | string[]> = {};
  for (const [name, value] of new URL(url, 'ws://localhost').searchParams) {
    const known = query[name];
    query[name] = known === undefined ? value : [known, value].flat();
  }
  return query;
}
