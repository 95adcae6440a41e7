import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { baseUrl } from './links.ts';
import type { ApiOptions } from './options.ts';

const doors = ({ node, version }: ApiOptions) => ({
  name: 'parley',
  version,
  node,
  doors: { kazoo: '/v2', api: '/api', openapi: '/api/openapi.json', metrics: '/metrics', health: ['/healthz', '/readyz'] },
});

/** What an operator asks first: metrics, liveness, readiness, and at the root which doors there are. */
export function operator(server: FastifyInstance, options: ApiOptions & { readonly socketPaths?: readonly string[] }): void {
  const { metrics, ready, publicUrl, acmeAnswer, socketPaths = [] } = options;
  server.get('/', async (request) => ({ ...doors(options), url: baseUrl(request, publicUrl) }));
  server.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()));
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const isReady = ready();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready' });
  });
  for (const path of socketPaths) {
    server.get(path, async (_request, reply) => reply.code(426).header('upgrade', 'websocket').send({ error: 'this is for websockets' }));
  }
  if (acmeAnswer === undefined) return;
  // RFC 8555 §8.3: who asked for a certificate proves here that the name is his.
  server.get<{ Params: { token: string } }>('/.well-known/acme-challenge/:token', async (request, reply) => {
    const answer = acmeAnswer(request.params.token);
    return answer === undefined ? noSuchResource(options)(request, reply) : reply.type('application/octet-stream').send(answer);
  });
}

/** 404 outside of every dialect. */
export const noSuchResource = (options: ApiOptions) => (_request: FastifyRequest, reply: FastifyReply) =>
  reply.code(404).send({ error: 'no such resource', ...doors(options) });
