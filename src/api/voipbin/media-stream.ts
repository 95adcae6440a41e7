import type { AccountId } from '../../accounts/index.ts';
import { undashed, uuidOf } from '../../base/index.ts';
import { type Actor, type CallId, type ConferenceId, type Execute, lobbyOf, type PhoneCalls } from '../../conference/index.ts';
import type { Streams, StreamWish } from '../../streams/index.ts';
import { find } from '../native/find.ts';
import { type Problem, problemOf } from '../native/problem.ts';
import { admit, type Recognition } from '../native/recognise.ts';
import type { AdmittedSocket, SocketPeer, SocketRefusal, SocketRequest, UpgradeRoute } from '../options.ts';
import { askedOf } from '../socket-query.ts';
import { Refused, refusals, refusedBody } from './refused.ts';
import { requestIdOf } from './request-id.ts';
import { isUuid } from './scene.ts';

/** What VoIPBIN's media streams need. */
export interface MediaStreamRoutes {
  readonly programs: Pick<Streams, 'open'>;
  readonly recognition: Recognition;
  readonly execute: Execute;
  /** Absent: calls are heard in conferences alone. */
  readonly phones?: Pick<PhoneCalls, 'find'> | undefined;
  /** A fresh `req_…`. */
  readonly newRequestId: () => string;
}

const ENCAPSULATIONS = ['rtp', 'sln', 'audiosocket'] as const;
/** External media per bridge (voipbin-facts §5.3). */
const PER_BRIDGE = 5;
const MAX_FRAME = 65_536;
const PER_ADDRESS = 1000;

/** `GET /v1.0/conferences/{id}/media_stream` and `/v1.0/calls/{id}/media_stream`. */
export const mediaStreamSockets = (needs: MediaStreamRoutes): readonly UpgradeRoute[] => [
  row('/v1.0/conferences/:id/media_stream', needs, (actor, id, wish) => intoConference(needs, { actor, id, wish })),
  row('/v1.0/calls/:id/media_stream', needs, (actor, id, wish) => besideCall(needs, { actor, id, wish })),
];

type Enter = (actor: Actor, id: string, wish: StreamWish) => Promise<AdmittedSocket>;

const row = (path: string, needs: MediaStreamRoutes, enter: Enter): UpgradeRoute => ({
  path,
  maxFrameBytes: MAX_FRAME,
  maxPerAddress: PER_ADDRESS,
  admit: (peer, request) => open(needs, { peer, request, enter }).catch((error: unknown) => refusalOf(error, request, needs)),
});

/** In the order in which VoIPBIN looks: who asks, which id, which encapsulation, then whether there is such a thing. */
async function open(
  { recognition }: MediaStreamRoutes,
  { peer, request, enter }: { peer: SocketPeer; request: SocketRequest; enter: Enter },
): Promise<AdmittedSocket> {
  const { url, headers, parameters } = request;
  const asked = askedOf(url);
  if (asked === undefined) throw refusals.badParameter('A parameter is given twice.');
  const { actor } = await admit({ headers, query: asked, address: peer.address }, recognition);
  const id = parameters['id'] ?? '';
  if (!isUuid(id)) throw refusals.badId();
  const said = asked['encapsulation'] ?? '';
  if (said === '') throw refusals.missingParameter('encapsulation');
  const framing = ENCAPSULATIONS.find((each) => each === said);
  if (framing === undefined) {
    throw refusals.badParameter(`The encapsulation must be one of ${ENCAPSULATIONS.join(', ')}.`);
  }
  return await enter(actor, id, {
    framing,
    rate: 8000,
    hear: 'mix',
    speak: true,
    talks: false,
    name: 'media stream',
    role: 'member',
    muted: false,
    deaf: false,
    leavesAlone: true,
    limit: PER_BRIDGE,
  });
}

interface Wanted {
  readonly actor: Actor;
  readonly id: string;
  readonly wish: StreamWish;
}

async function intoConference({ programs, execute }: MediaStreamRoutes, { actor, id, wish }: Wanted): Promise<AdmittedSocket> {
  const conference = await find(execute, actor, id);
  return await programs.open({ account: actor.account, conference, wish });
}

/** Hears what the call says, and is heard by nobody else. */
async function besideCall({ programs, execute, phones }: MediaStreamRoutes, { actor, id, wish }: Wanted): Promise<AdmittedSocket> {
  const { account } = actor;
  const found = (await callOf(execute, actor, id)) ?? lobbyWith(phones, account, id);
  if (found === undefined) throw refusals.notFound('CALL');
  return await programs.open({ account, conference: found.conference, wish, only: found.call });
}

/** In its lobby. */
function lobbyWith(
  phones: MediaStreamRoutes['phones'],
  account: AccountId,
  id: string,
): { conference: ConferenceId; call: CallId } | undefined {
  const call = phones?.find(account, undashed(id.toLowerCase()) as CallId);
  return call?.status === 'progressing' ? { conference: lobbyOf(call.id), call: call.id } : undefined;
}

async function callOf(execute: Execute, actor: Actor, id: string): Promise<{ conference: ConferenceId; call: CallId } | undefined> {
  const bare = undashed(id);
  for (const { conference } of await execute('conference.running', {}, actor)) {
    for (const { call } of conference.room?.participants ?? []) {
      const isIt = call.id === bare || call.sipCallId === id || uuidOf(call.sipCallId, actor.account) === id.toLowerCase();
      if (isIt && call.stream === undefined) return { conference: conference.id, call: call.id };
    }
  }
  return undefined;
}

/** What `admit` and whoever lets programs in refuse, in VoIPBIN's words. */
function ofProblem({ status, code, message }: Problem): Refused {
  if (status === 401) return code === 'not_recognised' ? refusals.unauthenticated() : refusals.badCredentials();
  if (status === 403) return refusals.denied();
  if (status === 404)
    return code === 'conference_not_found' ? refusals.notFound('CONFERENCE') : new Refused('NOT_FOUND', 'RESOURCE_NOT_FOUND', message);
  if (status === 409) return refusals.wrongState(message);
  if (status === 429)
    return code === 'too_many_requests' ? refusals.tooMany('ip', 1) : new Refused('RESOURCE_EXHAUSTED', 'RESOURCE_EXHAUSTED', message);
  if (status === 503) return new Refused('UNAVAILABLE', 'SERVICE_UNAVAILABLE', message);
  return refusals.badArgument(message);
}

function known(error: unknown): Refused {
  if (error instanceof Refused) return error;
  const problem = problemOf(error);
  if (problem === undefined) throw error;
  return ofProblem(problem);
}

function refusalOf(error: unknown, { headers }: SocketRequest, { newRequestId }: MediaStreamRoutes): SocketRefusal {
  const refused = known(error);
  const id = requestIdOf(headers['x-request-id'], newRequestId);
  const body = JSON.stringify(refusedBody(refused, id));
  return { status: refused.status, type: 'application/json; charset=utf-8', body, headers: { 'X-Request-Id': id } };
}
