import { openDocuments } from '../accounts/index.ts';
import type { Chance, Clock, Log, Owner } from '../base/index.ts';
import { HepExport, Traces } from '../calls/index.ts';
import type { AllStores } from '../store/index.ts';
import type { TraceConfig } from './trace-settings.ts';

/** What tracing needs. */
export interface TraceNeeds {
  readonly config: { readonly trace: TraceConfig };
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly owner: Owner;
  readonly store: Pick<AllStores, 'accounts' | 'documents'>;
}

/** Opens what notes how calls are signalled; undefined: nothing is noted. Opened before the signalling, closed after it: the last words belong to it too. */
export function openTraces({ config, clock, chance, log, owner, store }: TraceNeeds): Traces | undefined {
  const { hours, hep } = config.trace;
  if (hours === 0 && hep === undefined) return undefined;
  const collector = hep === undefined ? undefined : owner.own(new HepExport(hep, log));
  return owner.own(
    new Traces({
      clock,
      log,
      documents: openDocuments({ store: store.documents, clock, chance }),
      keptFor: hours * 3_600_000,
      accounts: async () => (await store.accounts.accounts()).map(({ id }) => id),
      ...(collector === undefined ? {} : { copy: (message, call) => collector.send(message, call) }),
    }),
  );
}
