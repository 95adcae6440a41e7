import type { Bus } from '../bus/index.ts';
import type { CallHistory } from '../conference/index.ts';

/** Records as they are kept; the bus looks at once for what became of them in the journal. */
export const told = (history: CallHistory, bus: Bus): CallHistory => ({
  add: async (cdr) => {
    await history.add(cdr);
    bus.publish([]);
  },
  list: (query) => history.list(query),
  cdr: (account, id) => history.cdr(account, id),
  secondsSince: (account, since) => history.secondsSince(account, since),
});
