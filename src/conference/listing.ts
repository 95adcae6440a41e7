import type { AccountId } from '../accounts/index.ts';
import type { Conference } from './conference.ts';
import type { ConferenceCut, Store } from './ports.ts';

/** Nobody configured an ad-hoc room; it is never listed as a document. */
const isDocument = ({ room }: Conference): boolean => room?.adHoc !== true;

/** The documents of an account that a list shows: as many as were asked for, as long as there are any. */
export async function listed(store: Store, account: AccountId, cut: ConferenceCut): Promise<readonly Conference[]> {
  if (cut.limit === undefined) return (await store.list(account, cut)).filter(isDocument);
  if (cut.madeBefore !== undefined) return byAge(store, account, { madeBefore: cut.madeBefore, limit: cut.limit });
  const found: Conference[] = [];
  for (let { from } = cut; ; ) {
    // One more, because the last one of a batch is the first one of the next; and many, should many rooms stand in between.
    const limit = Math.max(cut.limit - found.length + 1, from === cut.from ? 0 : 100);
    const batch = await store.list(account, { ...cut, limit, ...(from === undefined ? {} : { from }) });
    found.push(...batch.filter((each) => isDocument(each) && each.id !== found.at(-1)?.id));
    const last = batch.at(-1);
    if (last === undefined || batch.length < limit || found.length >= cut.limit) return found.slice(0, cut.limit);
    from = last.id;
  }
}

/** The newest ones; more are looked at where rooms that are no documents stand in between. */
async function byAge(store: Store, account: AccountId, { madeBefore, limit }: Required<Pick<ConferenceCut, 'madeBefore' | 'limit'>>) {
  for (let looked = limit + 20; ; looked *= 2) {
    const batch = await store.list(account, { madeBefore, limit: looked });
    const found = batch.filter(isDocument);
    if (found.length >= limit || batch.length < looked) return found.slice(0, limit);
  }
}
