import type { AccountId, DocumentId, Documents } from '../../accounts/index.ts';
import { Failure } from '../../base/index.ts';
import { type CallHistory, type CallId, lobbyOf, type PhoneCalls, type Recordings } from '../../conference/index.ts';
import type { PageWish } from './page.ts';
import { begunMicros, type SeenCall, seenLive, seenPast } from './seen-call.ts';

/** Where calls are found. */
export interface CallSources {
  readonly phones: PhoneCalls;
  /** Absent: what has ended is soon forgotten. */
  readonly history?: CallHistory | undefined;
  /** Absent: nothing can be deleted. */
  readonly documents?: Documents | undefined;
  /** Absent: what was recorded of calls that are over is not shown. */
  readonly recordings?: Pick<Recordings, 'list'> | undefined;
}

/** What is left of a thing that its owner has deleted: its call's record stays, as it is also KAZOO's. */
export type Part = 'call' | 'activeflow';

/** Records that may share their time with the last of a page, and what their two clocks differ by, ms. */
const SPARE = 200;
const SLACK = 2000;
/** Records that are looked through for one page at most. */
const FARTHEST = 10_000;
/** Of one call that are shown. */
const MOST_RECORDINGS = 100;

const nameOf = (account: AccountId, part: Part, id: CallId) =>
  ({ account, kind: 'deleted-call', id: `${part}-${id}` as DocumentId }) as const;

/** Calls that live and calls that are over, as one list. */
export class CallRegister {
  readonly #from: CallSources;

  constructor(from: CallSources) {
    this.#from = from;
  }

  /** Those of a page and some more. */
  async list(
    account: AccountId,
    part: Part,
    { size, before }: PageWish,
  ): Promise<readonly { readonly at: number; readonly call: SeenCall }[]> {
    const { phones, history } = this.#from;
    const live = phones.list(account).map(seenLive);
    const known = new Set(live.map(({ id }) => id));
    const isGone = await this.#deleted(account, part);
    for (let limit = size + SPARE; ; limit *= 2) {
      const from = before === undefined ? {} : { before: { at: Math.floor(before / 1000) + SLACK, id: '' as CallId } };
      const past = (await history?.list({ account, ...from, limit })) ?? [];
      const all = [...live, ...past.filter(({ id }) => !known.has(id)).map(seenPast)];
      const gone = await Promise.all(all.map(({ id }) => isGone(id)));
      const there = all.filter((_, n) => !gone[n]);
      if (there.length >= size || past.length < limit || limit > FARTHEST) {
        return there.map((call) => ({ at: begunMicros(call), call }));
      }
    }
  }

  /** Whether its owner has deleted it; where nobody has ever deleted any, nothing is looked for. */
  async #deleted(account: AccountId, part: Part): Promise<(id: CallId) => Promise<boolean>> {
    const { documents } = this.#from;
    const some = (await documents?.list({ account, kind: 'deleted-call', limit: 1 })) ?? [];
    if (documents === undefined || some.length === 0) return async () => false;
    return async (id) => (await documents.find(nameOf(account, part, id))) !== undefined;
  }

  async find(account: AccountId, part: Part, id: CallId): Promise<SeenCall | undefined> {
    const { phones, history, documents } = this.#from;
    if ((await documents?.find(nameOf(account, part, id))) !== undefined) return undefined;
    const live = phones.find(account, id);
    if (live !== undefined) return seenLive(live);
    const past = await history?.cdr(account, id);
    return past && this.whole(seenPast(past));
  }

  /** With what was recorded of it. */
  async whole(call: SeenCall): Promise<SeenCall> {
    const { recordings } = this.#from;
    if (call.recordings !== undefined || recordings === undefined) return call;
    const found = await recordings.list({ account: call.account, conference: lobbyOf(call.id), limit: MOST_RECORDINGS });
    return { ...call, recordings: found.map(({ id }) => id).reverse() };
  }

  /** It is found no more. */
  async remove(account: AccountId, part: Part, id: CallId): Promise<void> {
    const { documents } = this.#from;
    await documents?.create({ ...nameOf(account, part, id), document: {} }).catch((error: unknown) => {
      if (!(error instanceof Failure) || error.code !== 'document_exists') throw error;
    });
  }
}
