import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../../base/index.ts';
import { baseUrl } from '../links.ts';
import { docsRoutes } from './docs-page.ts';
import { published, type SocketPath } from './published.ts';

/** What the document says of itself. */
export interface DescribedOptions {
  readonly version: string;
  readonly publicUrl?: string | undefined;
  /** Which websockets this server opens. */
  readonly sockets: readonly SocketPath[];
}

/** `/api/openapi.json`: every route below, out of the schemas that also check it. */
export async function described(server: FastifyInstance, { version, publicUrl, sockets }: DescribedOptions): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Parley', version, description: 'Telephone conferences: rooms, people, who hears whom.' },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          accesskey: { type: 'apiKey', in: 'query', name: 'accesskey' },
          token: { type: 'apiKey', in: 'query', name: 'token' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'parley_session',
            description: 'Of `POST /api/session`; over https `__Host-parley_session`.',
          },
        },
      },
      security: [{ bearer: [] }, { accesskey: [] }, { session: [] }],
    },
  });
  docsRoutes(server);
  let document: JsonObject | undefined;
  server.get('/openapi.json', { schema: { hide: true } }, async (request) => {
    // Every route is there once the first request comes.
    document ??= published(server.swagger() as unknown as JsonObject, sockets);
    return { ...document, servers: [{ url: baseUrl(request, publicUrl) }] };
  });
}
