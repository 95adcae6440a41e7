import { openDocuments } from '../accounts/index.ts';
import type { Chance, Clock, Log } from '../base/index.ts';
import type { Bus } from '../bus/index.ts';
import type { Conferences } from '../conference/index.ts';
import type { Fetch } from '../fetch/index.ts';
import { type LineDoors, openLineChats } from '../line/index.ts';
import type { AllStores } from '../store/index.ts';
import type { Config } from './config.ts';
import type { Entry } from './entry.ts';

/** What it needs. */
export interface LineSideNeeds {
  readonly config: Config;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly store: AllStores;
  readonly bus: Bus;
  readonly conferences: Conferences;
  readonly entry: Entry;
  readonly fetch: Fetch;
}

/** Channels of LINE and their chats. */
export function openLineSide({ config, clock, chance, log, store, bus, conferences, entry, fetch }: LineSideNeeds): Promise<LineDoors> {
  return openLineChats({
    clock,
    chance,
    log,
    execute: conferences.execute,
    desk: entry.desk,
    documents: openDocuments({ store: store.documents, clock, chance }),
    ask: (asking) => fetch.ask(asking),
    apiUrl: config.lineApiUrl,
    follow: (take) => bus.follow({ signals: false, take: (item) => item.kind === 'fact' && takeFact(item.entry.fact, take) }),
  });
}

type Take = Parameters<Parameters<typeof openLineChats>[0]['follow']>[0];
type AnyFact = Parameters<Take>[0] | { readonly type: 'call.recorded' };

function takeFact(fact: AnyFact, take: Take): void {
  if (fact.type !== 'call.recorded') take(fact);
}
