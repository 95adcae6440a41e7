import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../base/index.ts';
import type { Actor } from '../../conference/index.ts';
import { Problem } from './problem.ts';

/** How long an answer is kept, in ms: a day. */
const KEPT = 86_400_000;
/** Answers of all accounts that are kept at most; the oldest go first. */
const MOST = 20_000;

/** What was answered; undefined: it was refused, or never ended, so that it may be asked again. */
type Said = { readonly status: number; readonly body: string; readonly type: string; readonly location: string | undefined } | undefined;

interface Entry {
  readonly request: string;
  readonly said: Promise<Said>;
  readonly settle: (said: Said) => void;
  readonly until: number;
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

const printOf = ({ method, url, body }: FastifyRequest): string =>
  createHash('sha256')
    .update(`${method} ${url} ${JSON.stringify(body ?? null)}`)
    .digest('hex');

/** Sends it once more. */
async function again(reply: FastifyReply, { status, body, type, location }: NonNullable<Said>): Promise<void> {
  if (location !== undefined) reply.header('location', location);
  if (type !== '') reply.type(type);
  await reply
    .code(status)
    .header('idempotent-replayed', 'true')
    .serializer(String)
    .send(body === '' ? undefined : body);
}

/** Whatever changes something and carries an `Idempotency-Key` happens once in a day: whoever asks again is answered the same again. */
export function onceEach(
  server: FastifyInstance,
  { clock, actorOf }: { readonly clock: Clock; readonly actorOf: (request: FastifyRequest) => Actor },
): void {
  const entries = new Map<string, Entry>();
  const begun = new WeakMap<FastifyRequest, { readonly name: string; readonly entry: Entry }>();
  const tidy = (): void => {
    for (const [name, { until }] of entries) {
      if (until > clock.now() && entries.size <= MOST) return;
      entries.delete(name);
    }
  };
  const end = (request: FastifyRequest, said: Said): void => {
    const own = begun.get(request);
    if (own === undefined) return;
    begun.delete(request);
    if (said === undefined) entries.delete(own.name);
    own.entry.settle(said);
  };

  /** What was answered to the same before; undefined: it has not been asked yet. */
  const replayed = async (name: string, print: string): Promise<Said> => {
    for (let known = entries.get(name); known !== undefined; known = entries.get(name)) {
      if (known.request !== print) throw new Problem(422, 'idempotency_key_reused', 'this Idempotency-Key came with another request');
      const said = await known.said;
      if (said !== undefined) return said;
    }
    return undefined;
  };
  const begin = (request: FastifyRequest, name: string, print: string): void => {
    const { promise, resolve } = Promise.withResolvers<Said>();
    const entry = { request: print, said: promise, settle: resolve, until: clock.now() + KEPT };
    entries.set(name, entry);
    begun.set(request, { name, entry });
  };

  server.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (isRead(request.method) || typeof key !== 'string' || key === '') return;
    const { account, user } = actorOf(request);
    const [name, print] = [`${account} ${user ?? ''} ${key}`, printOf(request)];
    tidy();
    const said = await replayed(name, print);
    if (said === undefined) begin(request, name, print);
    else await again(reply, said);
  });

  server.addHook('onSend', async (request, reply, payload) => {
    const isKept = reply.statusCode < 400 && (typeof payload === 'string' || payload === null || payload === undefined);
    const location = reply.getHeader('location');
    const said = {
      status: reply.statusCode,
      body: typeof payload === 'string' ? payload : '',
      type: String(reply.getHeader('content-type') ?? ''),
    };
    end(request, isKept ? { ...said, location: typeof location === 'string' ? location : undefined } : undefined);
    return payload;
  });
  // Whose far end went before he was answered: it may be asked again.
  server.addHook('onRequestAbort', async (request) => end(request, undefined));
}
