import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type AccountId, type DocumentId, type DocumentStore, type Documents, openDocuments } from '../accounts/index.ts';
import { type Chance, type Clock, Failure, isObject, type JsonObject } from '../base/index.ts';
import { controlsFaults, type Defaults, noDefaults } from '../conference/index.ts';

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
export const openDefaults = ({ config, store, clock, chance }: ServerNeeds): ((account: AccountId) => Promise<Defaults>) =>
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
export function conferenceDefaults({ documents, clock, system }: DefaultsNeeds): (account: AccountId) => Promise<Defaults> {
  const known = new Map<AccountId, Known>();
  const none: Defaults = Object.keys(system).length === 0 ? noDefaults : { account: {}, system };
  return async (account) => {
    const before = known.get(account);
    if (before !== undefined && clock.now() < before.until) return before.defaults;
    const found = await documents.find({ account, kind: 'config', id: 'conferences' as DocumentId });
    const until = clock.now() + FRESH;
    if (before !== undefined && before.revision === (found?.revision ?? 0)) {
      before.until = until;
      return before.defaults;
    }
    const defaults = found === undefined ? none : { account: found.document, system };
    if (known.size >= MOST) known.clear();
    known.set(account, { revision: found?.revision ?? 0, defaults, until });
    return defaults;
  };
}
