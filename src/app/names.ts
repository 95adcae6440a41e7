import type { Accounts, UserId } from '../accounts/index.ts';
import { type Chance, type Clock, isObject, type Log } from '../base/index.ts';
import type { MediaLibrary } from '../conference/index.ts';
import type { Engine } from '../media/index.ts';
import { RecordedNames } from '../recording/index.ts';

/** What recorded names are opened with. */
export interface NamesNeeds {
  readonly engine: Engine;
  readonly library: MediaLibrary;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** Records names of callers; those of users become `name_pronounced` of their documents. */
export function openNames({ accounts: { directory }, library, ...needs }: NamesNeeds): RecordedNames {
  return new RecordedNames({
    ...needs,
    library,
    async pronounced(account, owner) {
      const user = await directory.user(account, owner as UserId);
      const name = user?.sheet?.document['name_pronounced'];
      const media = isObject(name) ? name['media_id'] : undefined;
      return typeof media === 'string' && media !== '' ? media : undefined;
    },
    async keep(account, owner, media) {
      const { document } = await library.get(account, media);
      await library.change({ account, id: media }, { ...document, owner_id: owner });
      await directory.changeUser(account, owner as UserId, ({ username, privilege, enabled, sheet }) => ({
        username: username.startsWith('~') ? null : username,
        privilege,
        enabled,
        document: { ...sheet?.document, name_pronounced: { media_id: media } },
      }));
    },
  });
}
