import { Failure, type JsonObject } from '../../base/index.ts';
import type { Actor, ConferenceId, ConferenceView, Execute } from '../../conference/index.ts';
import { merged } from './paths.ts';

/** How often a merge is tried again when somebody else stored in between. */
const ATTEMPTS = 8;

/** Reads, merges and stores until nobody has stored in between. `checked` validates the result and throws the dialect's refusal. */
export async function amend(options: {
  execute: Execute;
  actor: Actor;
  conference: ConferenceId;
  change: JsonObject;
  checked: (document: JsonObject) => JsonObject;
}): Promise<ConferenceView> {
  const { execute, actor, conference, change, checked } = options;
  for (let attempt = 1; ; attempt += 1) {
    const { conference: before } = await execute('conference.read', { conference }, actor);
    const document = checked(merged(before.document, change));
    try {
      return await execute('conference.replace', { conference, document, revision: before.revision }, actor);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'revision_changed' || attempt === ATTEMPTS) throw error;
    }
  }
}
