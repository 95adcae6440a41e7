import { Failure } from '../base/index.ts';
import { type Actor, type ConferenceId, type Execute, mustHave, notYours } from '../conference/index.ts';

/** Refuses whoever is no admin and neither owns nor moderates the conference, which may be deleted; with `own`, also who only moderates it. */
export async function mayHave(
  execute: Execute,
  actor: Actor,
  conference: ConferenceId,
  needed: 'moderate' | 'own' = 'moderate',
): Promise<void> {
  if (actor.user === undefined) return;
  const view = await execute('conference.read', { conference, deleted: true }, actor).catch(strangers);
  mustHave(view.conference, actor.user, needed);
}

/** What was recorded or written down of a call in its lobby is of no conference: only admins see it. */
function strangers(error: unknown): never {
  throw error instanceof Failure && error.kind === 'not-found' ? notYours() : error;
}

/** Whether somebody may see what a conference left behind. */
export type Sees = (conference: ConferenceId) => Promise<boolean>;

/** The rule for lists: each conference is asked for once. A refusal means no; everything else is a bug and goes on. */
export function sightOf(execute: Execute, actor: Actor): Sees {
  const known = new Map<ConferenceId, Promise<boolean>>();
  const look = async (conference: ConferenceId): Promise<boolean> => {
    try {
      await mayHave(execute, actor, conference);
      return true;
    } catch (error) {
      if (error instanceof Failure) return false;
      throw error;
    }
  };
  return (conference) => {
    const answer = known.get(conference) ?? look(conference);
    known.set(conference, answer);
    return answer;
  };
}

/** A list that is read part by part: what stands behind an item, at most so many; fewer mean that there is no more. */
export type Parts<Item> = (last: Item | undefined, limit: number) => Promise<readonly Item[]>;

/** Items that are read in one go where some of them are not seen. */
const AT_ONCE = 200;

/** The first `count` of a list that its reader may see, in its order; others are passed over. */
export async function seenOf<Item extends { readonly conference: ConferenceId }>(
  parts: Parts<Item>,
  { execute, actor, count }: { readonly execute: Execute; readonly actor: Actor; readonly count: number },
): Promise<readonly Item[]> {
  if (actor.user === undefined) return parts(undefined, count);
  const sees = sightOf(execute, actor);
  const found: Item[] = [];
  for (let last: Item | undefined; ; ) {
    const part = await parts(last, AT_ONCE);
    for (const each of part) if (await sees(each.conference)) found.push(each);
    last = part.at(-1);
    if (found.length >= count || part.length < AT_ONCE) return found.slice(0, count);
  }
}
