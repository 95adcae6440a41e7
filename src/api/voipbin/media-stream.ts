import { Failure, undashed, uuidOf } from '../../base/index.ts';
import type { Actor, CallId, ConferenceId, Execute } from '../../conference/index.ts';
import type { Streams, StreamWish } from '../../streams/index.ts';
import { find } from '../native/find.ts';
import { type Problem, problemOf } from '../native/problem.ts';
import { admit, type Recognition } from '../native/recognise.ts';
import type { AdmittedSocket, SocketPeer, SocketRefusal, SocketRequest, UpgradeRoute } from '../options.ts';
import { askedOf } from '../socket-query.ts';

/** What VoIPBIN's media streams need. */
export interface MediaStreamRoutes {
  readonly programs: Pick<Streams, 'open'>;
  readonly recognition: Recognition;
  readonly execute: Execute;
  /** A fresh `req_…`. */
  readonly newRequestId: () => string;
}

const ENCAPSULATIONS = ['rtp', 'sln', 'audiosocket'] as const;
/** External media per bridge (voipbin-facts §5.3). */
const PER_BRIDGE = 5;
const MAX_FRAME = 65_536;
const PER_ADDRESS = 1000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NIL = /^[0-]+$/;

/** A refusal in VoIPBIN's words (voipbin-facts §1.6). */
class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly kind: string;
  readonly reason: string;

  constructor([status, kind, reason]: readonly [number, string, string], message: string) {
    super(message);
    this.status = status;
    this.kind = kind;
    this.reason = reason;
  }
}

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
  if (asked === undefined) throw new Refused([400, 'INVALID_ARGUMENT', 'INVALID_REQUEST_PARAMETER'], 'A parameter is given twice.');
  const { actor } = await admit({ headers, query: asked, address: peer.address }, recognition);
  const id = parameters['id'] ?? '';
  if (!UUID.test(id) || NIL.test(id)) throw new Refused([400, 'INVALID_ARGUMENT', 'INVALID_ID'], 'The provided id is not a valid UUID.');
  const said = asked['encapsulation'] ?? '';
  if (said === '') throw new Refused([400, 'INVALID_ARGUMENT', 'MISSING_REQUEST_PARAMETER'], 'The parameter encapsulation is required.');
  const framing = ENCAPSULATIONS.find((each) => each === said);
  if (framing === undefined) {
    const message = `The encapsulation must be one of ${ENCAPSULATIONS.join(', ')}.`;
    throw new Refused([400, 'INVALID_ARGUMENT', 'INVALID_REQUEST_PARAMETER'], message);
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
async function besideCall({ programs, execute }: MediaStreamRoutes, { actor, id, wish }: Wanted): Promise<AdmittedSocket> {
  const { account } = actor;
  const found = await callOf(execute, actor, id);
  if (found === undefined) throw new Refused([404, 'NOT_FOUND', 'CALL_NOT_FOUND'], 'The call was not found.');
  return await programs.open({ account, conference: found.conference, wish, only: found.call });
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

const ofProblem = ({ status, code }: Problem): readonly [number, string, string] => {
  if (status === 401) return [401, 'UNAUTHENTICATED', code === 'not_recognised' ? 'AUTHENTICATION_REQUIRED' : 'INVALID_CREDENTIALS'];
  if (status === 403) return [403, 'PERMISSION_DENIED', 'PERMISSION_DENIED'];
  if (status === 404) return [404, 'NOT_FOUND', code === 'conference_not_found' ? 'CONFERENCE_NOT_FOUND' : 'RESOURCE_NOT_FOUND'];
  if (status === 409) return [409, 'FAILED_PRECONDITION', 'STATE_INVALID'];
  if (status === 429) return [429, 'RESOURCE_EXHAUSTED', code === 'too_many_requests' ? 'RATE_LIMIT_EXCEEDED' : 'RESOURCE_EXHAUSTED'];
  if (status === 503) return [503, 'UNAVAILABLE', 'SERVICE_UNAVAILABLE'];
  return [status, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'];
};

function refusedAs(error: unknown): Refused {
  if (error instanceof Refused) return error;
  if (error instanceof Failure && error.code === 'conference_not_found') {
    return new Refused([404, 'NOT_FOUND', 'CONFERENCE_NOT_FOUND'], 'The conference was not found.');
  }
  const problem = problemOf(error);
  if (problem === undefined) throw error;
  return new Refused(ofProblem(problem), problem.message);
}

/** An id of the client's is given back, another is made (voipbin-facts §1.6). */
function refusalOf(error: unknown, { headers }: SocketRequest, { newRequestId }: MediaStreamRoutes): SocketRefusal {
  const { status, kind, reason, message } = refusedAs(error);
  const shown = headers['x-request-id'];
  const id = typeof shown === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(shown) ? shown : newRequestId();
  const body = JSON.stringify({ error: { status: kind, reason, message, request_id: id }, message });
  return { status, type: 'application/json; charset=utf-8', body, headers: { 'X-Request-Id': id } };
}
