import type { FastifyReply, FastifyRequest } from 'fastify';
import { kazooTaker } from './kazoo/plugin.ts';
import type { KazooOptions } from './kazoo/serve.ts';
import { sendProblem } from './native/plugin.ts';
import { Problem } from './native/problem.ts';
import { noSuchResource } from './operator.ts';
import type { ApiOptions } from './options.ts';
import { voipbinStray } from './voipbin/plugin.ts';

/** Answers a request that no route takes. */
export type Stray = (request: FastifyRequest, reply: FastifyReply) => unknown;

const isBelow = (door: string, { url }: FastifyRequest): boolean => url.startsWith(door) && /^([/?]|$)/.test(url.slice(door.length));

/**
 * Requests that the router gives to nobody (methods as PROPFIND, paths with broken %-escapes) are answered in the words of the dialect whose
 * path it is, never in the framework's.
 */
export function strays(options: ApiOptions & KazooOptions): Stray {
  const kazoo = kazooTaker(options);
  const root = noSuchResource(options);
  const voipbin = voipbinStray(options);
  return (request, reply) => {
    if (isBelow('/v2', request)) return kazoo(request, reply);
    if (isBelow('/v1.0', request)) return voipbin(request, reply);
    if (!isBelow('/api', request)) return root(request, reply);
    return sendProblem(reply, new Problem(404, 'route_not_found', 'no such resource; see /api/openapi.json'));
  };
}
