import type { AccountId } from '../accounts/index.ts';
import type { Conference } from './conference.ts';
import type { ConferenceCut, Store } from './ports.ts';

/** Nobody configured an ad-hoc room; it is never listed as a document. */
const isDocument = ({ room }: Conference): boolean => room?.adHoc !== true;

/** The documents of an account that a list shows: as many as were asked for, as long as there are any. */
export async function listed(store: Store, account: AccountId, cut: ConferenceCut): Promise<readonly Conference[]> {
  if (cut.limit === undefined) return (await store.list(account, cut)).filter(isDocument);
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
