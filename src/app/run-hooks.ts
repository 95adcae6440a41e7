import { callEndEvents, callEvents, errandEvent, type VoipbinEvent } from '../api/index.ts';
import type { Log, Owner } from '../base/index.ts';
import type { Bus } from '../bus/index.ts';
import type { CallId, Fact, Lobbies } from '../conference/index.ts';
import type { Webhooks } from '../webhooks/index.ts';

/** What telling of runs needs. */
export interface RunHooksNeeds {
  readonly webhooks: Pick<Webhooks, 'post'>;
  readonly lobbies: Pick<Lobbies, 'phoneCalls' | 'errands'>;
  readonly bus: Pick<Bus, 'follow'>;
  /** What VoIPBIN tells of a fact. */
  readonly eventsOf: (fact: Fact) => Promise<readonly VoipbinEvent[]>;
  readonly log: Log;
  readonly owner: Owner;
}

/** Tells the address of a run of itself, of its call, and of what is recorded and written down of that (voipbin-facts §6.2). */
export async function tellOfRuns({ webhooks, lobbies, bus, eventsOf, log, owner }: RunHooksNeeds): Promise<void> {
  const { phoneCalls, errands } = lobbies;
  let looking: Promise<void> = Promise.resolve();
  const following = await bus.follow({
    signals: false,
    take: (item) => {
      if (item.kind !== 'fact' || item.entry.fact.type === 'call.recorded') return;
      const { fact } = item.entry;
      // What a call has by itself is kept under the id of its lobby, which is its own.
      const hook = phoneCalls.find(fact.account, fact.conference as string as CallId)?.hook;
      if (hook === undefined) return;
      looking = looking
        .then(async () => webhooks.post(fact.account, hook, await eventsOf(fact)))
        .catch((error: unknown) => log.error('the address of a run was not told', { account: fact.account, error }));
    },
  });
  const stops = [
    phoneCalls.follow(undefined, (call, before) => {
      if (call.hook === undefined) return;
      webhooks.post(call.account, call.hook, call.status === 'hangup' ? callEndEvents(call) : callEvents(call, before));
    }),
    errands.follow(undefined, (errand, what) => {
      if (errand.hook !== undefined) webhooks.post(errand.account, errand.hook, [errandEvent(errand, what)]);
    }),
  ];
  owner.own({
    close: async () => {
      for (const stop of stops) stop();
      following.close();
      await looking;
    },
  });
}
