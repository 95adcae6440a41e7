import { createServer } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Json } from '../base/index.ts';
import { checkActions, guarded } from '../conference/index.ts';
import { kazoo } from './kazoo/plugin.ts';
import { wholeLocations } from './links.ts';
import type { EventStreams } from './native/events/event-streams.ts';
import { native } from './native/plugin.ts';
import type { Recognition } from './native/recognise.ts';
import type { Trusts } from './networks.ts';
import { operator } from './operator.ts';
import type { ApiOptions } from './options.ts';
import { pageRoutes } from './pages.ts';
import { Rate } from './rate.ts';
import { RequestIds } from './request-ids.ts';
import { strays } from './strays.ts';
import { openTickets } from './tickets.ts';
import { openTokens } from './tokens.ts';
import { isWebsocket } from './upgrades.ts';
import type { Removals } from './voipbin/events/removals.ts';
import { voipbin } from './voipbin/plugin.ts';

/** What the server needs that the door has made of its options. */
export interface ServerOptions extends ApiOptions {
  /** Absent: no proxy is trusted. */
  readonly trusts?: Trusts;
  /** Paths that are for websockets only. */
  readonly socketPaths?: readonly string[];
  /** Who recognises people. Default: one of its own. */
  readonly recognition?: Recognition;
  /** Who follows what is deleted. Absent: nobody does. */
  readonly removals?: Removals;
  /** Absent: no events. */
  readonly streams?: EventStreams | undefined;
}

/** Loads what people are recognised by. */
export async function openRecognition({ tokenKey, clock, chance, accounts, publicUrl }: ApiOptions): Promise<Recognition> {
  return {
    accounts,
    tokens: await openTokens({ tokenKey, clock, chance, accounts }),
    rate: new Rate(clock),
    ...(publicUrl === undefined ? {} : { publicUrl }),
  };
}

/** How long a connection may be idle between requests, ms: longer than the load balancers' minute, so that they end it and not we. */
export const LISTENING = { keepAliveTimeout: 72_000 } as const;

/** Builds the server with every dialect hung in, not listening yet. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { chance, trusts, publicUrl, maxBodyBytes = 8_000_000 } = options;
  // Whoever is no admin gets no further than his own conferences, by whichever dialect he comes.
  const execute = guarded(options.execute);
  const dialects = { ...options, ...(options.recognition ?? (await openRecognition(options))), execute };
  // After the tokens: they have made the key that both are signed by.
  const tickets = options.recordings === undefined ? undefined : await openTickets(options);
  const stray = strays(dialects);
  const ids = new RequestIds(chance);
  const server = Fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // What a client sent is refused or kept, never silently dropped.
    ajv: { customOptions: { removeAdditional: false } },
    genReqId: () => ids.next(),
    frameworkErrors: (_error, request, reply) => stray(request, reply),
    // A server of our own making is left to us: Fastify would wait for upgraded sockets at the close.
    serverFactory: (take) => createServer({ ...LISTENING, shouldUpgradeCallback: isWebsocket }, take),
    ...(trusts === undefined ? {} : { trustProxy: (address: string) => trusts(address) }),
  });
  wholeLocations(server, publicUrl);
  await server.register(kazoo, dialects);
  await server.register(native, { ...dialects, tickets });
  await voipbin(server, {
    ...dialects,
    tickets,
    checkActions: (actions) => void checkActions(actions as Json, 'action'),
    maxConferences: options.maxConferences ?? 0,
  });
  if (options.pages !== undefined) pageRoutes(server, options.pages);
  operator(server, options);
  server.setNotFoundHandler(stray);
  await server.ready();
  return server;
}
