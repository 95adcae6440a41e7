import type { FastifyRequest } from 'fastify';
import type { AccountId } from '../../accounts/index.ts';
import type { Actor, ConferenceId, Execute } from '../../conference/index.ts';
import { mayHave } from '../sight.ts';
import { Problem } from './problem.ts';

/** What tells who may see what conferences left behind. */
export interface Seeing {
  /** Guarded: it refuses whoever may not see the conference. */
  readonly execute: Execute;
  readonly actorOf: (request: FastifyRequest) => Actor;
}

/** In whose name a list of what conferences left behind is asked for; who is no admin must say of which one. */
export async function listerOf(
  { execute, actorOf }: Seeing,
  request: FastifyRequest,
  conference: (actor: Actor) => Promise<ConferenceId | undefined>,
): Promise<Actor> {
  const actor = actorOf(request);
  if (actor.user === undefined) return actor;
  const asked = await conference(actor);
  if (asked === undefined) throw new Problem(403, 'not_admin', 'only an admin sees those of all conferences; say which `conference`');
  await mayHave(execute, actor, asked);
  return actor;
}

/** The account in which something was found that a conference left behind, for whoever may see it. */
export async function seenBy<Left extends { readonly conference: ConferenceId }>(
  { execute, actorOf }: Seeing,
  request: FastifyRequest,
  { find, needed = 'moderate' }: { readonly find: (account: AccountId) => Promise<Left>; readonly needed?: 'moderate' | 'own' },
): Promise<Left> {
  const actor = actorOf(request);
  const left = await find(actor.account);
  await mayHave(execute, actor, left.conference, needed);
  return left;
}
