import { type AccountStore, type DocumentStore, openDocuments } from '../accounts/index.ts';
import type { Chance, Clock, Log } from '../base/index.ts';
import {
  type ConferencesOptions,
  EntryDesk,
  type EntryDeskOptions,
  type EntryDoors,
  type Execute,
  Invitations,
  keepLockouts,
  Lockouts,
  noDefaults,
} from '../conference/index.ts';
import { invitationKey } from './secrets.ts';

/** What the entry is opened with. */
export interface EntryNeeds {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly store: { readonly conferences: ConferencesOptions['store']; readonly documents: DocumentStore; readonly accounts: AccountStore };
  readonly execute: Execute;
  /** What accounts and the server configure for conferences. Default: nothing. */
  readonly defaults?: EntryDeskOptions['defaults'];
  /** Absent: callers cannot say their names. */
  readonly names?: EntryDeskOptions['names'];
  /** Numbers that invitations show. */
  readonly numbers: readonly string[];
}

/** Everything that has to do with coming in: the desk that callers are asked at, who is locked out, and who is invited. */
export interface Entry extends EntryDoors {
  readonly desk: EntryDesk;
}

/** Opens it, and remembers who was locked out before. */
export async function openEntry(needs: EntryNeeds): Promise<Entry> {
  const { clock, chance, log, store, execute, names, defaults = async () => noDefaults } = needs;
  const lockouts = new Lockouts({ clock, log, execute, keeping: keepLockouts({ store: store.documents, clock, log }) });
  await lockouts.shield.open();
  const documents = openDocuments({ store: store.documents, clock, chance });
  const invitations = new Invitations({ documents, clock, chance, execute, key: await invitationKey(store.accounts, chance) });
  const desk = new EntryDesk({
    log,
    shield: lockouts.shield,
    guests: invitations,
    defaults,
    async conference(account, id) {
      const found = await store.conferences.load(account, id);
      return found === undefined || found.deletedAt !== undefined ? undefined : { ...found, defaults: await defaults(account) };
    },
    byNumber: (account, number) => store.conferences.findByNumber(account, number),
    ...(names === undefined ? {} : { names }),
  });
  return { desk, lockouts, invitations, numbers: needs.numbers };
}
