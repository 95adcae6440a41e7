import Fastify, { type FastifyInstance } from 'fastify';
import { randomHex } from '../base/index.ts';
import { kazoo } from './kazoo/plugin.ts';
import { native } from './native/plugin.ts';
import { operator } from './operator.ts';
import type { ApiOptions } from './options.ts';
import { Rate } from './rate.ts';
import { openTokens } from './tokens.ts';

/** Builds the server with every dialect hung in, not listening yet. */
export async function buildServer(options: ApiOptions): Promise<FastifyInstance> {
  const { clock, chance, tokenKey, maxBodyBytes = 8_000_000 } = options;
  const tokens = await openTokens({ tokenKey, clock, chance });
  const rate = new Rate(clock);
  const server = Fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // What a client sent is refused or kept, never silently dropped.
    ajv: { customOptions: { removeAdditional: false } },
    genReqId: () => randomHex(chance, 16),
  });
  await server.register(kazoo, { ...options, tokens, rate });
  await server.register(native, { ...options, tokens, rate });
  operator(server, options);
  await server.ready();
  return server;
}
