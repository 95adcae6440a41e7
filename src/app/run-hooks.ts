import { callEvents, errandEvent, type VoipbinEvent } from '../api/index.ts';
import type { Log, Owner } from '../base/index.ts';
import type { AccountFact, Fact, Lobbies } from '../conference/index.ts';
import type { AboutRun, Telling, Webhooks } from '../webhooks/index.ts';

/** What telling of calls and runs needs. */
export interface RunHooksNeeds {
  readonly webhooks: Pick<Webhooks, 'tell'>;
  readonly lobbies: Pick<Lobbies, 'phoneCalls' | 'errands'>;
  readonly log: Log;
  readonly owner: Owner;
}

/** Tells webhooks of VoIPBIN's format, and the addresses of runs, of every state of a call and of a run; that a call is over is told by its record. */
export function tellOfRuns({ webhooks, lobbies, log, owner }: RunHooksNeeds): void {
  const { phoneCalls, errands } = lobbies;
  const tell = (account: Fact['account'], telling: Telling): void => {
    webhooks
      .tell(account, telling)
      .catch((error: unknown) => log.warn('webhooks were not told of a call or a run', { account, error: String(error) }));
  };
  const stops = [
    phoneCalls.follow(undefined, (call, before) => {
      tell(call.account, { key: `${call.id} ${call.status} ${call.changedAt}`, events: callEvents(call, before), run: call.id });
    }),
    errands.follow(undefined, (errand, what) => {
      const { account, id } = errand;
      tell(account, { key: `${id} ${what}`, events: [errandEvent(errand, what)], run: id, isOver: what !== 'created' });
    }),
  ];
  owner.own({
    close: async () => {
      for (const stop of stops) stop();
    },
  });
}

/** What a fact tells the address of the run that it is about (voipbin-facts §6.2): whatever has the run's id in it. */
export const aboutRun =
  (eventsOf: (fact: Fact | AccountFact) => Promise<readonly VoipbinEvent[]>) =>
  ({ fact }: { readonly fact: Fact | AccountFact }): AboutRun | undefined => {
    const events = () => eventsOf(fact);
    switch (fact.type) {
      case 'call.recorded':
        return { run: fact.cdr.id, events, isOver: true };
      case 'participant.joined':
      case 'participant.left': {
        const call = fact.type === 'participant.joined' ? fact.participant.call : fact.about?.call;
        // The conference is nobody's run.
        const ofHim = async () => (await events()).filter(({ type }) => type.startsWith('conferencecall_'));
        return call && { run: call.id, events: ofHim, isOver: false };
      }
      default:
        // What a call has by itself is kept under the id of its lobby, which is its own; no conference has that of a run.
        return { run: fact.conference, events, isOver: false };
    }
  };
