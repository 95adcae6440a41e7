import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A file of the pages for people, as it is sent. */
export interface PageFile {
  readonly type: string;
  /** Quoted (RFC 9110 §8.8.3). */
  readonly etag: string;
  readonly bytes: Uint8Array;
  /** Absent: it does not get smaller. */
  readonly brotli?: Uint8Array;
  readonly gzip?: Uint8Array;
}

/** The pages for people, once they are built. */
export interface Pages {
  /** Why there are none yet, or none at all, in words; undefined: there are. */
  readonly missing: string | undefined;
  page(name: 'join' | 'console'): PageFile | undefined;
  /** By its name below `/assets/`, which changes with its content. */
  asset(name: string): PageFile | undefined;
}

/** What is true of every page of ours: nothing inline, nothing from elsewhere, nobody frames it, nobody learns where it was. */
export const PAGE_HEADERS = {
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'permissions-policy':
    'microphone=(self), speaker-selection=(self), autoplay=(self), screen-wake-lock=(self), camera=(), geolocation=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-robots-tag': 'noindex',
} as const;

/** `host` as the request has it: older browsers do not take websockets for 'self'. An address of IPv6 cannot be said there (CSP Level 3 §2.3.1). */
export function contentPolicy(host: string): string {
  const sockets = /^[\w.-]+(:\d+)?$/.test(host) ? ` ws://${host} wss://${host}` : '';
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "worker-src 'self'",
    `connect-src 'self'${sockets}`,
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

const FOR_EVER = 'public, max-age=31536000, immutable';

/** Whether an Accept-Encoding takes a coding (RFC 9110 §12.5.3). */
function takes(accepted: string, coding: string): boolean {
  for (const part of accepted.split(',')) {
    const [name, ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    if (name === coding) return !parameters.some((each) => /^q=0(\.0*)?$/.test(each));
  }
  return false;
}

function encoded({ bytes, brotli, gzip }: PageFile, accepted: string): { readonly coding?: string; readonly body: Uint8Array } {
  if (brotli !== undefined && takes(accepted, 'br')) return { coding: 'br', body: brotli };
  if (gzip !== undefined && takes(accepted, 'gzip')) return { coding: 'gzip', body: gzip };
  return { body: bytes };
}

/** The same bytes in another coding are another representation (RFC 9110 §8.8.3.3). */
const tagOf = (etag: string, coding: string | undefined): string => (coding === undefined ? etag : `${etag.slice(0, -1)}-${coding}"`);

/** Sends a file as small as the browser takes it, or nothing where he has it already. */
export function sendFile(request: FastifyRequest, reply: FastifyReply, { file, cache }: { file: PageFile; cache: string }): FastifyReply {
  const { coding, body } = encoded(file, request.headers['accept-encoding'] ?? '');
  const etag = tagOf(file.etag, coding);
  reply.headers({ ...PAGE_HEADERS, etag, vary: 'accept-encoding', 'cache-control': cache });
  const known = (request.headers['if-none-match'] ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return reply.code(304).send();
  if (coding !== undefined) reply.header('content-encoding', coding);
  return reply.type(file.type).send(body);
}

/** A page of ours: looked at anew each time, which costs nothing where it is the same. */
export function sendPage(request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply {
  reply.header('content-security-policy', contentPolicy(request.host));
  return sendFile(request, reply, { file, cache: 'no-cache' });
}

const WAITING =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
  '<meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="2"><title>Parley</title></head><body><h1>Parley</h1><p>';

/** `/console`, and what both pages are made of. */
export function pageRoutes(server: FastifyInstance, pages: Pages): void {
  const app = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const file = pages.page('console');
    if (file !== undefined) return sendPage(request, reply, file);
    const headers = { ...PAGE_HEADERS, 'content-security-policy': contentPolicy(''), 'cache-control': 'no-store', 'retry-after': '2' };
    return reply
      .code(503)
      .headers(headers)
      .type('text/html; charset=utf-8')
      .send(`${WAITING}${pages.missing ?? ''}</p></body></html>`);
  };
  for (const path of ['/console', '/console/*']) server.get(path, app);
  server.get<{ Params: { '*': string } }>('/assets/*', (request, reply) => {
    const file = pages.asset(request.params['*']);
    return file === undefined ? reply.callNotFound() : sendFile(request, reply, { file, cache: FOR_EVER });
  });
}
