import { type Accounts, openDocuments } from '../accounts/index.ts';
import type { Chance, Clock, Closable, Log } from '../base/index.ts';
import {
  EntryDesk,
  type EntryDeskOptions,
  type EntryDoors,
  type Execute,
  Invitations,
  keepLockouts,
  Lockouts,
  type MediaLibrary,
  noDefaults,
} from '../conference/index.ts';
import type { Engine } from '../media/index.ts';
import type { AllStores } from '../store/index.ts';
import type { Config } from './config.ts';
import { openNames } from './names.ts';
import { invitationKey } from './secrets.ts';

/** What the entry is opened with. */
export interface EntryNeeds {
  readonly config: Pick<Config, 'entry'>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly store: AllStores;
  readonly accounts: Accounts;
  readonly engine: Engine;
  readonly library: MediaLibrary;
  readonly execute: Execute;
  /** What accounts and the server configure for conferences. Default: nothing. */
  readonly defaults?: EntryDeskOptions['defaults'];
}

/** Everything that has to do with coming in: the desk that callers are asked at, who is locked out, and who is invited. */
export interface Entry extends EntryDoors, Closable {
  readonly desk: EntryDesk;
}

/** Opens it, and remembers who was locked out before. */
export async function openEntry(needs: EntryNeeds): Promise<Entry> {
  const { clock, chance, log, store, execute, defaults = async () => noDefaults } = needs;
  const keeping = keepLockouts({ store: store.documents, clock, log });
  const lockouts = new Lockouts({ clock, log, execute, keeping });
  await lockouts.shield.open();
  const documents = openDocuments({ store: store.documents, clock, chance });
  const invitations = new Invitations({ documents, clock, chance, execute, key: await invitationKey(store.accounts, chance) });
  const names = openNames(needs);
  names.tidy(await store.accounts.accounts()).catch((error: unknown) => log.warn('recorded names are left as they are', { error }));
  const desk = new EntryDesk({
    log,
    shield: lockouts.shield,
    guests: invitations,
    names,
    defaults,
    async conference(account, id) {
      const found = await store.conferences.load(account, id);
      return found === undefined || found.deletedAt !== undefined ? undefined : { ...found, defaults: await defaults(account) };
    },
    byNumber: (account, number) => store.conferences.findByNumber(account, number),
  });
  const close = async (): Promise<void> => {
    names.close();
    await keeping.settled();
  };
  return { desk, lockouts, invitations, numbers: needs.config.entry.numbers, close };
}
