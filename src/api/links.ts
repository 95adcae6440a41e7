import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The base of links in an answer, without a slash at the end: what was configured, else as the request came (RFC 9110 §7.1). */
export const baseUrl = ({ protocol, host }: FastifyRequest, publicUrl: string | undefined): string => publicUrl ?? `${protocol}://${host}`;

/** Behind a public URL whose path is not the root, `Location: /v2/…` would miss: it is told whole. */
export function wholeLocations(server: FastifyInstance, publicUrl: string | undefined): void {
  if (publicUrl === undefined) return;
  server.addHook('onSend', async (_request, reply, payload) => {
    const location = reply.getHeader('location');
    if (typeof location === 'string' && location.startsWith('/')) reply.header('location', `${publicUrl}${location}`);
    return payload;
  });
}
