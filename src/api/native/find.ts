import { Failure, undashed } from '../../base/index.ts';
import type { Actor, ConferenceId, ConferenceView, Execute } from '../../conference/index.ts';
import * as encode from './encode.ts';

const absent = (error: unknown): undefined => {
  if (error instanceof Failure && error.code === 'conference_not_found') return undefined;
  throw error;
};

/** So many are looked at in one go: others come in between. */
const PART = 500;

/** The first conference of the account, highest id first, that is meant. */
export async function firstOf(
  execute: Execute,
  actor: Actor,
  isMeant: (view: ConferenceView) => boolean,
): Promise<ConferenceView | undefined> {
  for (let from: { readonly from?: ConferenceId } = {}; ; ) {
    const part: readonly ConferenceView[] = await execute('conference.list', { ...from, limit: PART }, actor);
    const found = part.find(isMeant);
    const last = part.at(-1);
    if (found !== undefined || last === undefined || part.length < PART) return found;
    from = { from: last.conference.id };
  }
}

/** Finds a conference by its UUID; a conference with a name for an id is found by the UUIDv5 it is shown with. */
export async function find(execute: Execute, actor: Actor, id: string): Promise<ConferenceId> {
  const direct = undashed(id) as ConferenceId;
  try {
    await execute('conference.read', { conference: direct }, actor);
    return direct;
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'not-found') throw error;
    const named = await firstOf(execute, actor, (view) => encode.idOf(view) === id.toLowerCase());
    if (named === undefined) throw error;
    return named.conference.id;
  }
}

/** The same for its history, which outlives it. What is deleted and had a name for an id is found by that name alone. */
export async function findKept(execute: Execute, actor: Actor, id: string): Promise<ConferenceId> {
  const conference = undashed(id) as ConferenceId;
  const kept = await execute('conference.facts', { conference, limit: 1 }, actor).catch(absent);
  return kept === undefined ? find(execute, actor, id) : conference;
}
