import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type AccountId, type DocumentId, type DocumentStore, type Documents, openDocuments } from '../accounts/index.ts';
import { type Chance, type Clock, Failure, isObject, type JsonObject, type Log } from '../base/index.ts';
import { type ConferenceId, controlsFaults, type Defaults, type Execute, noDefaults } from '../conference/index.ts';

/** What is configured for conferences is read from here. */
export interface DefaultsNeeds {
  readonly documents: Pick<Documents, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
  /** What holds for all accounts. */
  readonly system: JsonObject;
}

/** ms for which what was read of an account is believed: every command asks, and configuration changes rarely. */
const FRESH = 1000;
/** Accounts that are remembered. */
const MOST = 10_000;

/** What the server is configured with, and where its accounts are. */
export interface ServerNeeds {
  readonly config: { readonly conferenceDefaults: string | undefined };
  readonly store: { readonly documents: DocumentStore };
  readonly clock: Clock;
  readonly chance: Chance;
}

/** The same for the server as it is configured. */
export const openDefaults = ({ config, store, clock, chance }: ServerNeeds): ConferenceDefaults =>
  conferenceDefaults({
    documents: openDocuments({ store: store.documents, clock, chance }),
    clock,
    system: readDefaultsFile(config.conferenceDefaults),
  });

/** Reads the file of the setting `conferences.defaults`: YAML or JSON, an object with the keys of KAZOO's `system_config.conferences`. */
export function readDefaultsFile(path: string | undefined): JsonObject {
  if (path === undefined) return {};
  const wrong = (why: string): Failure => new Failure('invalid', 'bad_configuration', `conferences.defaults (${path}): ${why}`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw wrong(`it cannot be read: ${(error as Error).message}`);
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw wrong(`it is not valid YAML: ${(error as Error).message}`);
  }
  if (value === null) return {};
  if (!isObject(value)) throw wrong('it must be an object, for example profiles: {default: {alone-sound: ""}}');
  const [fault] = value['controls'] === undefined ? [] : controlsFaults(value['controls']);
  if (fault !== undefined) throw wrong(`${['controls', ...fault.path].join('.')}: ${fault.message}`);
  return value;
}

interface Known {
  readonly revision: number;
  readonly defaults: Defaults;
  /** Monotonic ms until which it is believed. */
  until: number;
}

/** What each account and the server configure for conferences: the same object as long as it is the same. */
export interface ConferenceDefaults {
  readonly of: (account: AccountId) => Promise<Defaults>;
  /** It was changed: whoever asks from now on has what is stored. */
  forget(account: AccountId): void;
}

/** Reads them where they are stored, and remembers them for a second. */
export function conferenceDefaults({ documents, clock, system }: DefaultsNeeds): ConferenceDefaults {
  const known = new Map<AccountId, Known>();
  const none: Defaults = Object.keys(system).length === 0 ? noDefaults : { account: {}, system };
  let changes = 0;
  const of = async (account: AccountId): Promise<Defaults> => {
    const before = known.get(account);
    if (before !== undefined && clock.now() < before.until) return before.defaults;
    const changesBefore = changes;
    const found = await documents.find({ account, kind: 'config', id: 'conferences' as DocumentId });
    const until = clock.now() + FRESH;
    const isSame = before !== undefined && before.revision === (found?.revision ?? 0);
    const defaults = isSame ? before.defaults : found === undefined ? none : { account: found.document, system };
    // What was changed while it was read is not to be remembered as it was.
    if (changes !== changesBefore) return defaults;
    if (known.size >= MOST) known.clear();
    known.set(account, { revision: found?.revision ?? 0, defaults, until });
    return defaults;
  };
  return {
    of,
    forget(account) {
      changes += 1;
      known.delete(account);
    },
  };
}

/** What open rooms are told with. */
export interface ToldNeeds {
  readonly store: DocumentStore;
  readonly defaults: Pick<ConferenceDefaults, 'forget'>;
  readonly execute: Execute;
  readonly log: Log;
}

/** One room is mixed by what its account configures now. */
export async function tellRoom(account: AccountId, conference: ConferenceId, execute: Execute): Promise<void> {
  try {
    await execute('conference.configured', { conference }, { account, kind: 'system' });
  } catch (error) {
    // It ended meanwhile.
    if (!(error instanceof Failure && error.kind === 'not-found')) throw error;
  }
}

/** The open rooms of an account are mixed by what it configures now. That one follows only with its next command must not look as if nothing were stored. */
export async function tellRooms(account: AccountId, { execute, log }: Pick<ToldNeeds, 'execute' | 'log'>): Promise<void> {
  try {
    const running = await execute('conference.running', {}, { account, kind: 'system' });
    await Promise.all(running.map(({ conference: { id } }) => tellRoom(account, id, execute)));
  } catch (error) {
    log.warn('open rooms follow a changed configuration only with their next command', { account, error });
  }
}

/** Documents whose account's open rooms follow a change of its configuration before whoever made it has his answer. */
export function tellingRooms({ store, defaults, execute, log }: ToldNeeds): DocumentStore {
  const told = (account: AccountId): Promise<void> => {
    defaults.forget(account);
    return tellRooms(account, { execute, log });
  };
  return {
    find: (name) => store.find(name),
    holder: (of, key) => store.holder(of, key),
    holders: (kind, key) => store.holders(kind, key),
    list: (query) => store.list(query),
    all: (kind) => store.all(kind),
    async save(document, keys) {
      await store.save(document, keys);
      if (document.kind === 'config') await told(document.account);
    },
    async remove(name, deletedAt) {
      await store.remove(name, deletedAt);
      if (name.kind === 'config') await told(name.account);
    },
  };
}
