import type { AccountId } from '../accounts/index.ts';
import { Failure, type JsonObject } from '../base/index.ts';
import type { BridgeCredentials, ConferenceAddresses } from '../calls/index.ts';
import type { ConferenceId, Defaults, Execute, Store } from '../conference/index.ts';

/** Where conferences, and what is configured for them, are. */
export interface AddressNeeds {
  readonly store: Pick<Store, 'byDomain'>;
  readonly execute: Execute;
  readonly defaults: (account: AccountId) => Promise<Defaults>;
}

/** How conferences say that they are called: a domain belongs to whoever has had it longest; the document's bridge credentials come before the account's and the server's. */
export const conferenceAddresses = ({ store, execute, defaults }: AddressNeeds): ConferenceAddresses => ({
  accountOf: async (domain) => (await store.byDomain(domain))[0]?.account,
  async bridges(account, conference) {
    const document = await documentOf(execute, { account, conference });
    if (document === undefined) return [];
    const { account: own, system } = await defaults(account);
    return [document, own, system].flatMap(credentialsOf);
  },
});

async function documentOf(
  execute: Execute,
  { account, conference }: { readonly account: AccountId; readonly conference: ConferenceId },
): Promise<JsonObject | undefined> {
  try {
    return (await execute('conference.read', { conference }, { account, kind: 'call' })).conference.document;
  } catch (error) {
    if (error instanceof Failure && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** Both or none: a name without a password lets nobody in. */
function credentialsOf({ bridge_username: username, bridge_password: password }: JsonObject): readonly BridgeCredentials[] {
  if (typeof username !== 'string' || typeof password !== 'string' || username === '' || password === '') return [];
  return [{ username, password }];
}
