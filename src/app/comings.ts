import { type Comings, lobbyOf } from '../conference/index.ts';
import type { AllStores } from '../store/index.ts';

/** Facts of one call that are looked through: it does not set out for conferences more often than this. */
const MOST = 1000;

/** Ways into conferences that the stores still show as not come to an end. */
export const openComings = ({ conferences, chronicle }: Pick<AllStores, 'conferences' | 'chronicle'>): Comings => ({
  async open(account, call) {
    const facts = await conferences.facts(account, lobbyOf(call), 0, MOST);
    const begun = facts.flatMap((fact) => (fact.type === 'joining.started' ? [fact.participant] : []));
    const found = await Promise.all(begun.map((id) => chronicle.find(account, 'attendance', id)));
    return found.flatMap((each, n) => {
      const id = begun[n];
      if (each?.joining !== true || each.endedAt !== undefined || id === undefined) return [];
      return [{ id, conference: each.conference, startedAt: each.startedAt }];
    });
  },
});
