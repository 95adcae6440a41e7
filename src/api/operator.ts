import type { FastifyInstance } from 'fastify';
import type { ApiOptions } from './options.ts';

/** What an operator asks first: metrics, liveness, readiness, and at the root which doors there are. */
export function operator(server: FastifyInstance, { metrics, ready, node, version }: ApiOptions): void {
  const doors = {
    name: 'parley',
    version,
    node,
    doors: { kazoo: '/v2', api: '/api', openapi: '/api/openapi.json', metrics: '/metrics', health: ['/healthz', '/readyz'] },
  };
  server.get('/', async () => doors);
  server.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()));
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const isReady = ready();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready' });
  });
  server.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ error: 'no such resource', ...doors }));
}
