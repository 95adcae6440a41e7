import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** One line of `test/fixtures/voipbin/routes.txt`. */
export interface RouteLine {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/v1.0`. */
  readonly path: string;
  /** The reason of 404; undefined: the path has no id. */
  readonly notFound: string | undefined;
  readonly body: 'json' | 'maybe' | 'none' | 'signed';
  /** Reasons of further errors. */
  readonly reasons: readonly string[];
}

export const routeLines: readonly RouteLine[] = readFileSync(new URL('../fixtures/voipbin/routes.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [method, path = '', notFound, body, ...reasons] = line.split(' ');
    return {
      method: method as RouteLine['method'],
      path,
      notFound: notFound === '-' ? undefined : notFound,
      body: body as RouteLine['body'],
      reasons,
    };
  });

const OURS = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH']);

/** Every route below `/v1.0`, or another base, that the server has, as `GET /conferences/:id`: what Fastify itself prints, so that no new one is forgotten. */
export function routesOf(server: FastifyInstance, base = '/v1.0'): readonly string[] {
  const above: string[] = [];
  const found: string[] = [];
  for (const line of server.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent, rest] = /^((?:[│ ] {3})*)[├└]── (.+)$/.exec(line) ?? [];
    if (indent === undefined || rest === undefined) continue;
    const [, segment = '', methods = ''] = /^(.*?)(?: \(([A-Z, ]+)\))?$/.exec(rest) ?? [];
    above.length = indent.length / 4;
    above.push(segment);
    const path = above.join('');
    if (!path.startsWith(`${base}/`) || path.includes('*')) continue;
    for (const method of methods.split(', ')) if (OURS.has(method)) found.push(`${method} ${path.slice(base.length)}`);
  }
  return found;
}
