import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { type Clock, dashed, isoMillis, type JsonObject, undashed } from '../../base/index.ts';
import {
  type Call,
  type CallTraces,
  type ConferenceView,
  explain,
  type Finding,
  hearingPlan,
  hearsBy,
  type LegFacts,
  type Participant,
  type TracedHappening,
  type Waiting,
} from '../../conference/index.ts';
import type { LegPlace, LegQualities, LegQuality } from '../options.ts';
import type { ConferenceRoutes } from './conferences.ts';
import { relationship, talks } from './encode.ts';
import { Explanation } from './explain-shapes.ts';
import { find } from './find.ts';
import { Problem } from './problem.ts';
import { ProblemShape, Somebody } from './shapes.ts';

/** What the resource needs. */
export interface ExplainRoutes extends ConferenceRoutes {
  readonly clock: Clock;
  readonly qualityOf: LegQualities | undefined;
  readonly legOf: ((leg: Call['leg']) => Promise<LegPlace | undefined>) | undefined;
  readonly traces: CallTraces | undefined;
}

/** ms between the two looks by which it is known whether packets come just now. */
const BETWEEN = 400;

/** Whoever is asked about, in the room or before it. */
interface Meant {
  readonly participant?: Participant;
  readonly waiting?: Waiting;
  readonly call: Call;
}

function meant({ conference: { room } }: ConferenceView, name: string): Meant {
  const id = undashed(name);
  const isHe = (each: { readonly call: Call }): boolean => each.call.id === id || each.call.sipCallId === name;
  const participant = room?.participants.find((each) => each.id === id || String(each.number) === name || isHe(each));
  if (participant !== undefined) return { participant, call: participant.call };
  const waiting = room?.waiting?.find(isHe);
  if (waiting === undefined) throw new Problem(404, 'participant_not_found', 'there is no such participant in this conference');
  return { waiting, call: waiting.call };
}

interface Sound {
  readonly first: LegQuality | undefined;
  readonly last: LegQuality | undefined;
  readonly place: LegPlace | undefined;
}

/** Two looks, a moment apart. */
async function listen({ clock, qualityOf, legOf }: ExplainRoutes, { leg, stream }: Call): Promise<Sound> {
  if (stream !== undefined || qualityOf === undefined) return { first: undefined, last: undefined, place: undefined };
  const [first, place] = await Promise.all([qualityOf(leg), legOf?.(leg).catch(() => undefined)]);
  await new Promise<void>((resolve) => void clock.wake(clock.now() + BETWEEN, resolve));
  return { first, last: await qualityOf(leg), place };
}

const rate = (before: number, after: number): number => (Math.max(0, after - before) * 1000) / BETWEEN;

function factsOf({ first, last, place }: Sound, happenings: readonly TracedHappening[]): LegFacts | undefined {
  if (first === undefined || last === undefined) return undefined;
  return {
    codec: last.codec ?? place?.codec?.name ?? null,
    direction: place?.direction ?? null,
    isBrowser: place?.webrtc === true || happenings.some(({ type, text }) => type === 'encrypted' && text === 'DTLS-SRTP'),
    packetsIn: last.packetsIn,
    packetsOut: last.packetsOut,
    perSecondIn: rate(first.packetsIn, last.packetsIn),
    perSecondOut: rate(first.packetsOut, last.packetsOut),
    lost: last.lost,
    late: last.late,
    jitter: last.jitter,
    roundTrip: last.roundTrip,
  };
}

const rounded = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : Math.round(value * 100) / 100;

const nameOf = ({ callerName, callerNumber }: Call): string => callerName || callerNumber || 'somebody';
const somebody = ({ id, number, call }: Participant): JsonObject => ({ id: dashed(id), number, name: nameOf(call) });

const finding = ({ others, ...told }: Finding): JsonObject => ({
  ...told,
  ...(others === undefined ? {} : { others: others.map(somebody) }),
});

const addressOf = (place: { readonly address: string; readonly port: number } | null | undefined): JsonObject | null =>
  place === null || place === undefined ? null : { address: place.address, port: place.port };

function kindOf(call: Call, facts: LegFacts | undefined): 'phone' | 'browser' | 'program' | 'chat' {
  if (call.chat !== undefined) return 'chat';
  if (call.stream !== undefined) return 'program';
  return facts?.isBrowser === true ? 'browser' : 'phone';
}

/** How far ICE and DTLS of a browser are. */
function browserState(happenings: readonly TracedHappening[]): { readonly ice: string; readonly dtls: string } {
  const last = happenings.findLast(({ type }) => type === 'ice-connected' || type === 'dtls-failed')?.type;
  if (last === 'dtls-failed') return { ice: 'connected', dtls: 'failed' };
  return last === undefined ? { ice: 'waiting', dtls: 'waiting' } : { ice: 'connected', dtls: 'connected' };
}

const flows = (facts: LegFacts | undefined): JsonObject => ({
  rtp_in: facts === undefined ? null : { packets: facts.packetsIn, packets_per_second: rounded(facts.perSecondIn) },
  rtp_out: facts === undefined ? null : { packets: facts.packetsOut, packets_per_second: rounded(facts.perSecondOut) },
});

function losses(facts: LegFacts | undefined): JsonObject {
  const { packetsIn = 0, lost = 0, late = 0 } = facts ?? {};
  return { lost, loss_percent: packetsIn + lost === 0 ? 0 : rounded((100 * lost) / (packetsIn + lost)), late };
}

function legBody(
  call: Call,
  { last, place }: Sound,
  { facts, happenings }: { facts: LegFacts | undefined; happenings: readonly TracedHappening[] },
): JsonObject {
  const agreed = happenings.findLast(({ type }) => ['codec', 'remote', 'encrypted', 'held', 'resumed'].includes(type));
  const kind = kindOf(call, facts);
  const state = kind === 'browser' ? browserState(happenings) : { ice: null, dtls: null };
  return {
    kind,
    codec: facts?.codec ?? null,
    direction: place?.direction ?? null,
    encrypted: kind === 'browser' || (place?.crypto !== null && place?.crypto !== undefined),
    local: addressOf(place),
    remote: addressOf(place?.remote),
    ...flows(facts),
    last_packet_ms_ago: rounded(last?.lastPacketMs),
    last_sound_ms_ago: rounded(last?.lastSoundMs),
    ...losses(facts),
    concealed: last?.concealed ?? 0,
    jitter_ms: rounded(last?.jitter),
    round_trip_ms: rounded(last?.roundTrip),
    buffer_ms: rounded(last?.bufferMs),
    mos: rounded(last?.mosCq),
    last_renegotiation: agreed === undefined ? null : isoMillis(agreed.at),
    ...state,
  };
}

/** Who hears somebody, and whom he hears. */
function ears({ conference }: ConferenceView, participant: Participant | undefined) {
  const others = (conference.room?.participants ?? []).filter((each) => each !== participant);
  if (participant === undefined) return { others, heardBy: [], hears: [] };
  const plan = hearingPlan(conference);
  return {
    others,
    heardBy: others.filter((each) => hearsBy(plan, each, participant)),
    hears: others.filter((each) => hearsBy(plan, participant, each)),
  };
}

const who = ({ participant, waiting, call }: Meant): JsonObject => ({
  id: dashed(participant?.id ?? call.id),
  number: participant?.number ?? null,
  name: nameOf(call),
  caller_number: call.callerNumber,
  call_id: call.sipCallId,
  role: participant?.role ?? waiting?.role ?? 'member',
  joined_at: participant === undefined ? null : isoMillis(participant.joinedAt),
});

async function told(routes: ExplainRoutes, view: ConferenceView, name: string): Promise<JsonObject> {
  const all = meant(view, name);
  const { participant, waiting, call } = all;
  const happenings = routes.traces?.happenings(call.id) ?? [];
  const sound = await listen(routes, call);
  const facts = factsOf(sound, happenings);
  const { others, heardBy, hears } = ears(view, participant);
  const talking = participant !== undefined && talks(view, participant);
  const energy = view.levels.get(call.leg)?.energy;
  const role = participant?.role ?? waiting?.role ?? 'member';
  const findings = explain({ participant, role, others, heardBy, hears, energy, talking, leg: facts, happenings, stream: call.stream });
  const blocks = (way: 'speaks' | 'hears'): boolean =>
    findings.some(
      ({ severity, direction, others: some }) => severity === 'cause' && some === undefined && (direction === way || direction === 'both'),
    );
  const byId = new Map((view.conference.room?.participants ?? []).map((each) => [each.id, somebody(each)] as const));
  return {
    at: isoMillis(routes.clock.epoch()),
    participant: who(all),
    heard: heardBy.length > 0 && !blocks('speaks'),
    hears: hears.length > 0 && !blocks('hears'),
    heard_by: heardBy.map(somebody),
    hears_whom: hears.map(somebody),
    summary: findings[0]?.text ?? '',
    findings: findings.map(finding),
    muted: (participant?.muted.length ?? 0) > 0,
    mute_reasons: [...(participant?.muted ?? [])],
    deaf: participant?.deaf ?? false,
    talking,
    energy: energy === undefined ? null : Math.round(energy),
    relations: (view.conference.room?.relationships ?? [])
      .filter((each) => each.participant === participant?.id || each.other === participant?.id)
      .map((each) => ({ ...relationship(each), participant: byId.get(each.participant) ?? null, other: byId.get(each.other) ?? null })),
    media: legBody(call, sound, { facts, happenings }),
  };
}

/** `/api/conferences/{id}/participants/{participant}/explain`: why can't they hear me? */
export function explainRoutes(server: FastifyInstance, routes: ExplainRoutes): void {
  const { execute, actorOf } = routes;
  server.get<{ Params: Static<typeof Somebody> }>(
    '/conferences/:conference/participants/:participant/explain',
    {
      schema: {
        params: Somebody,
        response: { 200: Explanation, '4xx': ProblemShape, '5xx': ProblemShape },
        tags: ['conferences'],
        summary: 'Why can’t they hear me?',
        description:
          'What keeps somebody from being heard, or from hearing, the most likely cause first, with what to do about it. Listens for a moment before it answers.',
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const conference = await find(execute, actor, request.params.conference);
      return told(routes, await execute('conference.read', { conference }, actor), request.params.participant);
    },
  );
}
