import { Failure, type JsonObject } from '../../base/index.ts';
import type { Execute } from '../../conference/index.ts';
import type { StreamRate, Streams, StreamWish } from '../../streams/index.ts';
import type { AdmittedSocket, SocketPeer, SocketRefusal, SocketRequest, UpgradeRoute } from '../options.ts';
import { type Asked, askedOf } from '../socket-query.ts';
import { find } from './find.ts';
import { Problem, problemBody, problemOf } from './problem.ts';
import { admit, type Recognition, shownBySocket } from './recognise.ts';

/** What `GET /api/conferences/{id}/stream` needs. */
export interface StreamRoutes {
  readonly programs: Pick<Streams, 'open'>;
  readonly recognition: Recognition;
  readonly execute: Execute;
}

/** Longest frame: more than a second at 48 kHz in one frame, and no more. */
const MAX_FRAME = 131_072;
const PER_ADDRESS = 1000;
const RATES = ['8000', '16000', '24000', '48000'] as const;
const LONGEST_NAME = 128;
const KNOWN = ['rate', 'hear', 'speak', 'name', 'role', 'muted', 'deaf', 'alone', 'token', 'accesskey', 'account'];

/** One of these, or a refusal that names them. */
function choice<const Value extends string>(asked: Asked, name: string, values: readonly Value[], usual: Value): Value {
  const said = asked[name] ?? usual;
  const found = values.find((each) => each === said);
  if (found === undefined) throw new Problem(400, 'invalid', `${name} must be ${values.join(', ')}`);
  return found;
}

const flag = (asked: Asked, name: string, usual: 'true' | 'false'): boolean => choice(asked, name, ['true', 'false'], usual) === 'true';

/** What the query wishes. */
export function readStreamWish(asked: Asked): StreamWish {
  const stranger = Object.keys(asked).find((name) => !KNOWN.includes(name));
  if (stranger !== undefined) throw new Problem(400, 'invalid', `there is no parameter ${stranger}; there are ${KNOWN.join(', ')}`);
  const name = asked['name'] ?? 'program';
  if (name.length === 0 || name.length > LONGEST_NAME) throw new Problem(400, 'invalid', `name must have 1 to ${LONGEST_NAME} characters`);
  const hear = choice(asked, 'hear', ['mix', 'legs', 'none'], 'mix');
  const speak = flag(asked, 'speak', 'true');
  if (hear === 'none' && !speak) throw new Problem(400, 'invalid', 'a stream must hear or speak');
  return {
    framing: 'pcm',
    rate: Number(choice(asked, 'rate', RATES, '16000')) as StreamRate,
    hear,
    speak,
    talks: true,
    name,
    role: choice(asked, 'role', ['member', 'moderator'], 'member'),
    leavesAlone: choice(asked, 'alone', ['stay', 'leave'], 'stay') === 'leave',
    ...(asked['muted'] === undefined ? {} : { muted: flag(asked, 'muted', 'false') }),
    ...(asked['deaf'] === undefined ? {} : { deaf: flag(asked, 'deaf', 'false') }),
  };
}

/** `GET /api/conferences/{id}/stream`: a program becomes a participant. What is refused is refused before the upgrade, as a problem. */
export const streamSockets = (needs: StreamRoutes): UpgradeRoute => ({
  path: '/api/conferences/:conference/stream',
  maxFrameBytes: MAX_FRAME,
  maxPerAddress: PER_ADDRESS,
  admit: (peer, request) => open(needs, peer, request).catch(refusalOf),
});

async function open({ programs, recognition, execute }: StreamRoutes, peer: SocketPeer, request: SocketRequest): Promise<AdmittedSocket> {
  const asked = askedOf(request.url);
  if (asked === undefined) throw new Problem(400, 'invalid', 'a parameter is given once');
  const { actor } = await admit(shownBySocket(request, peer, { query: asked, recognition }), recognition);
  const wish = readStreamWish(asked);
  const conference = await find(execute, actor, decoded(request.parameters['conference'] ?? ''));
  return await programs.open({ account: actor.account, conference, wish });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Failure('not-found', 'conference_not_found', 'there is no such conference');
  }
}

function refusalOf(error: unknown): SocketRefusal {
  const problem = problemOf(error);
  if (problem === undefined) throw error;
  const body: JsonObject = problemBody(problem);
  return {
    status: problem.status,
    type: 'application/problem+json',
    body: JSON.stringify(body),
    ...(problem.status === 401 ? { headers: { 'WWW-Authenticate': 'Bearer' } } : {}),
  };
}
