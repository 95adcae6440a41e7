import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { failure, type Pieces } from './envelope.ts';
import { broken, refusals } from './refuse.ts';
import { type KazooOptions, type Reply, serve } from './serve.ts';

/** Sends pieces as they are: putting them together would copy what is long and always the same. */
function sendPieces(reply: FastifyReply, { status, headers }: Reply, { opening, ending }: Pieces): FastifyReply {
  const length = opening.byteLength + Buffer.byteLength(ending);
  const { raw } = reply.hijack();
  raw.writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': length });
  raw.cork();
  raw.write(opening);
  raw.end(ending);
  raw.uncork();
  return reply;
}

const send = (reply: FastifyReply, answer: Reply): FastifyReply => {
  const { status, headers, body, text, pieces, isPretty, callback } = answer;
  if (pieces !== undefined) return sendPieces(reply, answer, pieces);
  reply.code(status).headers(headers);
  if (text !== undefined) return reply.send(Readable.from(text));
  if (body === undefined) return reply.send();
  const json = JSON.stringify(body, undefined, isPretty ? 2 : undefined);
  if (callback === undefined) return reply.header('content-type', 'application/json').send(json);
  // The comment in front keeps a hostile name of a function from being read as anything else than a script.
  reply.headers({ 'content-type': 'application/javascript', 'x-content-type-options': 'nosniff' });
  return reply.send(`/**/${callback}(${json});`);
};

/** Only the first of a repeated header counts. */
function flat(headers: FastifyRequest['headers']): Record<string, string | undefined> {
  const single: Record<string, string | undefined> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    single[name] = Array.isArray(value) ? value[0] : value;
  }
  return single;
}

/** Takes a request as it came into the dialect. */
export const kazooTaker =
  (options: KazooOptions) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = Buffer.isBuffer(request.body) ? request.body : undefined;
    const { ip: address, method, id } = request;
    const raw = { method, url: request.raw.url ?? '', headers: flat(request.headers), body, address, id };
    return send(reply, await serve(options, raw));
  };

/** Uploads may be longer than other bodies: what is longer than the library takes shall be told so by it. */
const LONGEST_FILE = 12_000_000;

/** Hangs the dialect into the server: one route takes everything below `/v2`, the dialect's own table decides. */
export async function kazoo(server: FastifyInstance, options: KazooOptions): Promise<void> {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  const take = kazooTaker(options);
  server.all('/v2', take);
  server.all('/v2/*', take);
  for (const whose of ['', 'users/:user/']) {
    server.route({
      method: ['POST', 'PUT'],
      url: `/v2/accounts/:account/${whose}media/:media/raw`,
      bodyLimit: LONGEST_FILE,
      handler: take,
    });
  }

  const plain = (request: FastifyRequest) => ({
    requestId: String(request.headers['x-request-id'] ?? request.id),
    node: options.node,
    version: options.version,
    at: options.clock.epoch(),
    charge: options.rate.look(`${request.ip} `),
    token: undefined,
    isAuthenticated: false,
  });
  const gone = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    send(reply, { status: 410, headers: {}, body: failure(refusals.gone(), plain(request)), isPretty: false });
  server.all('/v1', gone);
  server.all('/v1/*', gone);

  server.setErrorHandler((error: { code?: string; statusCode?: number }, request, reply) => {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      const refusal = broken('file', 'maxSize', { message: 'Files must not be more than the maximum size' });
      return send(reply, { status: 400, headers: {}, body: failure(refusal, plain(request)), isPretty: false });
    }
    if (error.statusCode === 415) return reply.code(415).send();
    const refusal =
      (error.statusCode ?? 500) < 500
        ? broken('json', 'invalid', { message: 'All JSON must be valid', target: 'body' })
        : refusals.unspecified();
    if (refusal.status === 500) options.log.error('a request failed unexpectedly', { request_id: request.id, error });
    return send(reply, { status: refusal.status, headers: {}, body: failure(refusal, plain(request)), isPretty: false });
  });
}
