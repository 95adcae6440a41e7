import type { AccountId } from '../../accounts/index.ts';
import { Failure } from '../../base/index.ts';
import type { Answer, Question } from './act.ts';
import type { Numbers, Web } from './ports.ts';

/** What flows ask that has nothing to do with a call. */
export type WorldQuestion = Extract<Question, { readonly what: 'flow' | 'web' }>;

/** Whom they ask. */
export interface World {
  readonly numbers?: Pick<Numbers, 'flow'>;
  readonly web?: Web;
}

export const isOfWorld = (question: Question): question is WorldQuestion => question.what === 'flow' || question.what === 'web';

/** The answer. Rejects with a Failure where there is none. */
export async function askWorld(account: AccountId, question: WorldQuestion, { numbers, web }: World): Promise<Answer> {
  if (question.what === 'flow') {
    const plan = await numbers?.flow(account, question.flow);
    if (plan === undefined) throw new Failure('not-found', 'flow_not_found', 'there is no such flow');
    return { what: 'flow', plan };
  }
  if (web === undefined) throw new Failure('unavailable', 'no_web', 'this server calls no others for flows');
  const { what: _, ...request } = question;
  return { what: 'web', body: await web.request(account, request) };
}
