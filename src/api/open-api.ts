import { createServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { Bus } from '../bus/index.ts';
import { guarded } from '../conference/index.ts';
import { Listener } from './listener.ts';
import { EventStreams } from './native/events/event-streams.ts';
import { eventSockets } from './native/events/routes.ts';
import { joinSockets, openJoin } from './native/join/door.ts';
import type { JoinSessions } from './native/join/sessions.ts';
import type { Recognition } from './native/recognise.ts';
import { type StreamRoutes, streamSockets } from './native/streams.ts';
import { readNetworks } from './networks.ts';
import type { Api, ApiOptions, SecureOptions, UpgradeRoute } from './options.ts';
import { buildServer, LISTENING, openRecognition } from './server.ts';
import { isWebsocket, Upgrades } from './upgrades.ts';
import { openLook } from './voipbin/events/look.ts';
import { Removals } from './voipbin/events/removals.ts';
import { type Endings, subscriptionSockets } from './voipbin/events/subscriptions.ts';
import { mediaStreamSockets } from './voipbin/media-stream.ts';
import { newRequestId } from './voipbin/request-id.ts';

/** Opens the HTTP server, and the HTTPS server when there is to be one; resolves when both listen. */
export async function openApi(given: ApiOptions): Promise<Api> {
  const options = { ...given, execute: guarded(given.execute) };
  const { address, clock, log, trustedProxies = [], secure } = options;
  const trusts = readNetworks(trustedProxies);
  if (trusts === undefined) throw new TypeError('trustedProxies must hold addresses and networks');
  const recognition = await openRecognition(options);
  const streams = options.follow && new EventStreams({ ...options, follow: options.follow });
  const endings: Endings = new Set();
  const removals = new Removals();
  const guests = openJoin(options);
  const upgrades = new Upgrades({ routes: routesOf(options, { recognition, streams, endings, guests, removals }), clock, log, trusts });
  const server = await buildServer({ ...options, trusts, recognition, streams, removals, socketPaths: upgrades.paths });
  const plain = new Listener(server.server, upgrades);
  const tls = secure && new Listener(secureServer(server, secure), upgrades);
  const forget = secure?.certificates.onChange(() => tls?.server.setSecureContext(secure.certificates.context()));
  const closeAll = async (): Promise<void> => {
    forget?.();
    // Readers of events hear why; everything else that is under way is cut.
    await Promise.all([streams?.close(), guests?.close()]);
    for (const end of [...endings]) end();
    // From here on Fastify answers 503 to what still comes over open connections.
    await Promise.all([server.close(), plain.close(), tls?.close()]);
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeAll();
    return closing;
  };
  try {
    const url = `http://${await plain.listen(address, options.port)}`;
    const secureUrl = tls && `https://${await tls.listen(address, secure.port)}`;
    return { url, secureUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the rows share. */
interface Inside {
  readonly recognition: Recognition;
  readonly streams: EventStreams | undefined;
  readonly endings: Endings;
  readonly guests: JoinSessions | undefined;
  readonly removals: Removals;
}

/** The table of the upgrade door. A room that takes websockets gets its row here. */
const routesOf = (options: ApiOptions, { recognition, streams, endings, guests, removals }: Inside): readonly UpgradeRoute[] => [
  ...(options.onSipSocket === undefined ? [] : [{ path: '/sip', subprotocol: 'sip', take: options.onSipSocket }]),
  ...(streams === undefined ? [] : [eventSockets({ ...options, recognition, streams })]),
  ...(guests === undefined ? [] : [joinSockets(guests)]),
  ...(options.follow === undefined ? [] : [voipbinEvents(options, { recognition, endings, removals }, options.follow)]),
  ...(options.programs === undefined ? [] : programRoutes({ ...options, programs: options.programs, recognition })),
];

/** VoIPBIN's events. */
const voipbinEvents = (
  options: ApiOptions,
  inside: Pick<Inside, 'recognition' | 'endings' | 'removals'>,
  follow: Bus['follow'],
): UpgradeRoute =>
  subscriptionSockets({ ...options, ...inside, follow, look: openLook(options), newRequestId: () => newRequestId(options.chance) });

/** Where programs listen and speak, in both dialects. */
function programRoutes(needs: ApiOptions & StreamRoutes): readonly UpgradeRoute[] {
  return [streamSockets(needs), ...mediaStreamSockets({ ...needs, newRequestId: () => newRequestId(needs.chance) })];
}

/** The same routes over TLS 1.2 or newer. */
const secureServer = (server: FastifyInstance, { certificates }: SecureOptions) =>
  createServer(
    { ...LISTENING, ...certificates.context(), minVersion: 'TLSv1.2', shouldUpgradeCallback: isWebsocket },
    (request, response) => server.routing(request, response),
  );
