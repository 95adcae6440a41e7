import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { dashed, isoMillis, type JsonObject, printHostPort, undashed, uuidOf } from '../../base/index.ts';
import type { Actor, Call, CallTrace, CallTraces, Execute, TracedMessage, TraceEnd } from '../../conference/index.ts';
import type { ApiOptions } from '../options.ts';
import { mayHave } from '../sight.ts';
import { pcapOf, type RtpTrace } from './pcap.ts';
import { Problem } from './problem.ts';
import { ProblemShape } from './shapes.ts';
import { CaptureWish, OneTrace, TraceShape } from './trace-shapes.ts';

/** What the resource needs. */
export interface TraceRoutes {
  readonly execute: Execute;
  readonly traces: CallTraces;
  readonly actorOf: (request: FastifyRequest) => Actor;
  readonly legOf: ApiOptions['legOf'] | undefined;
  readonly headersOf: ApiOptions['headersOf'] | undefined;
}

const hostPort = ({ address, port }: TraceEnd): string => printHostPort(address, port);
const headerOf = (text: string, name: string): string | undefined => new RegExp(`^${name}:[ \\t]*(.*?)\\r?$`, 'im').exec(text)?.[1];
const idOf = (id: string): string => (/^[0-9a-f]{32}$/.test(id) ? dashed(id) : id);

/** What stands on an arrow. */
function labelOf(text: string, cseq: string): { readonly label: string; readonly method: string | null; readonly status: number | null } {
  const first = text.split('\r\n', 1)[0] ?? '';
  const body = /^Content-Type:\s*application\/sdp/im.test(text) ? ' · SDP' : '';
  const answer = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(first);
  const asked = cseq.split(/\s+/)[1] ?? '';
  if (answer !== null) return { label: `${answer[1]} ${answer[2]} (${asked})${body}`, method: null, status: Number(answer[1]) };
  const method = first.split(' ', 1)[0] ?? '';
  return { label: `${method}${body}`, method, status: null };
}

/** The columns of the ladder: we, and everybody we spoke with, in the order of the first word. */
function endpointsOf(
  messages: readonly TracedMessage[],
): readonly { readonly name: string; readonly address: string; readonly ours: boolean }[] {
  const places = new Map<string, { name: string; address: string; ours: boolean }>();
  for (const { ours, far, text, sent } of messages) {
    const [own, other] = [hostPort(ours), hostPort(far)];
    if (!places.has('parley')) places.set('parley', { name: 'parley', address: own, ours: true });
    const known = places.get(other) ?? { name: other, address: other, ours: false };
    places.set(other, known);
    const agent = sent ? undefined : (headerOf(text, 'User-Agent') ?? headerOf(text, 'Server'));
    if (agent !== undefined && known.name === other) known.name = agent.slice(0, 80);
  }
  return [...places.values()];
}

/** A trace as clients see it. */
export function traceBody(trace: CallTrace): JsonObject {
  const { id, account, conference, startedAt, endedAt, messages, happenings, dropped, keptUntil } = trace;
  const begin = Math.min(startedAt, messages[0]?.at ?? startedAt);
  const endpoints = endpointsOf(messages);
  const seen = new Set<string>();
  const ladder = messages.map(({ at, sent, transport, far, text }): JsonObject => {
    const other = Math.max(
      0,
      endpoints.findIndex(({ address, ours }) => !ours && address === hostPort(far)),
    );
    const own = endpoints.findIndex(({ ours }) => ours);
    const cseq = headerOf(text, 'CSeq') ?? '';
    const again = `${sent} ${text}`;
    const repeated = seen.has(again);
    seen.add(again);
    return {
      at: isoMillis(at),
      ms: at - begin,
      from: sent ? own : other,
      to: sent ? other : own,
      transport,
      ...labelOf(text, cseq),
      cseq,
      repeated,
      text,
    };
  });
  return {
    call: {
      id: idOf(id),
      call_id: trace.sipCallId,
      conference: conference === undefined ? null : uuidOf(conference, account),
      direction: trace.direction,
      caller_name: trace.callerName,
      caller_number: trace.callerNumber,
      called_number: trace.calledNumber,
      started_at: isoMillis(startedAt),
      ended_at: endedAt === undefined ? null : isoMillis(endedAt),
      live: endedAt === undefined,
    },
    endpoints: [...endpoints],
    messages: ladder,
    media: happenings.map(({ at, until, type, text, values = {} }) => ({
      at: isoMillis(at),
      ms: at - begin,
      type,
      until: until === undefined ? null : isoMillis(until),
      text,
      values: { ...values },
    })),
    dropped,
    kept_until: keptUntil === undefined ? null : isoMillis(keptUntil),
  };
}

/** Looks at the packets of a call that lives for so many seconds; undefined: there is nothing to see. */
async function watch(
  trace: CallTrace,
  seconds: number | undefined,
  { legOf, headersOf }: Pick<TraceRoutes, 'legOf' | 'headersOf'>,
): Promise<RtpTrace | undefined> {
  if (seconds === undefined || trace.endedAt !== undefined) return undefined;
  const leg = trace.id as string as Call['leg'];
  const packets = (await headersOf?.(leg, seconds * 1000)) ?? [];
  const place = await legOf?.(leg);
  if (place === undefined || place.remote === null || packets.length === 0) return undefined;
  const { address, port, remote } = place;
  return { ours: { address, port }, far: { address: remote.address, port: remote.port }, packets };
}

/** `/api/calls/{call}/trace`: how a call was signalled. */
export function traceRoutes(server: FastifyInstance, { execute, traces, actorOf, legOf, headersOf }: TraceRoutes): void {
  const found = async (request: FastifyRequest<{ Params: Static<typeof OneTrace> }>): Promise<CallTrace> => {
    const actor = actorOf(request as FastifyRequest);
    const name = request.params.call;
    const trace = await traces.find(actor.account, /^[0-9a-f-]{32,36}$/i.test(name) ? undashed(name.toLowerCase()) : name);
    if (trace === undefined && /^[0-9a-f-]{32,36}$/i.test(name)) return byCallId(actor, name);
    return seen(actor, trace);
  };
  // A Call-ID may look like an id of ours.
  const byCallId = async (actor: Actor, name: string): Promise<CallTrace> => seen(actor, await traces.find(actor.account, name));
  const seen = async (actor: Actor, trace: CallTrace | undefined): Promise<CallTrace> => {
    if (trace === undefined) throw new Problem(404, 'trace_not_found', 'there is no such call, or nothing is kept of it any more');
    if (actor.user !== undefined && trace.conference === undefined)
      throw new Problem(403, 'not_admin', 'only an admin sees calls that are in no conference');
    if (trace.conference !== undefined) await mayHave(execute, actor, trace.conference);
    return trace;
  };

  server.get<{ Params: Static<typeof OneTrace> }>(
    '/calls/:call/trace',
    {
      schema: {
        params: OneTrace,
        response: { 200: TraceShape, '4xx': ProblemShape, '5xx': ProblemShape },
        tags: ['calls'],
        summary: 'The SIP ladder and the media timeline of a call',
        description: 'By the id of the call or its SIP Call-ID. Keys, passwords, PINs and digits are masked before anything is kept.',
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return traceBody(await found(request));
    },
  );

  server.get<{ Params: Static<typeof OneTrace>; Querystring: Static<typeof CaptureWish> }>(
    '/calls/:call/trace.pcap',
    {
      schema: {
        params: OneTrace,
        querystring: CaptureWish,
        produces: ['application/vnd.tcpdump.pcap'],
        response: { 200: { type: 'string', format: 'binary', description: 'A capture file.' }, '4xx': ProblemShape, '5xx': ProblemShape },
        tags: ['calls'],
        summary: 'The same as a capture file',
        description: 'For Wireshark and sngrep: each message in a UDP datagram, whatever it really came by.',
      },
    },
    async (request, reply) => {
      const before = await found(request);
      const rtp = await watch(before, request.query.rtp, { legOf, headersOf });
      // What was said meanwhile belongs to it.
      const trace = rtp === undefined ? before : await found(request);
      reply
        .type('application/vnd.tcpdump.pcap')
        .headers({ 'content-disposition': `attachment; filename="${trace.id}.pcap"`, 'cache-control': 'no-store' });
      return reply.send(pcapOf(trace, rtp));
    },
  );
}
