import type { CallHistory, Cdr, CdrQuery } from '../conference/index.ts';

/** Records that are read at once for a long answer. */
const AT_ONCE = 500;

/** Every record of a query, page by page, as long as somebody takes them. */
export async function* allCdrs(history: CallHistory, query: Omit<CdrQuery, 'limit'>): AsyncGenerator<readonly Cdr[]> {
  let { before } = query;
  for (;;) {
    const page = await history.list({ ...query, ...(before === undefined ? {} : { before }), limit: AT_ONCE });
    const last = page.at(-1);
    if (page.length > 0) yield page;
    if (last === undefined || page.length < AT_ONCE) return;
    before = { at: query.by === 'end' ? last.endedAt : last.startedAt, id: last.id };
  }
}

/** Seconds that were answered, rounded up, as the limit of minutes counts them; 0 where nobody answered. */
export const billedSeconds = ({ answeredAt, endedAt }: Pick<Cdr, 'answeredAt' | 'endedAt'>): number =>
  answeredAt === undefined ? 0 : Math.ceil((endedAt - answeredAt) / 1000);
