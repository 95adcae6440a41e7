import { undashed } from '../../base/index.ts';
import type { CallHistory, CallId, Cdr, CdrQuery } from '../../conference/index.ts';
import { allCdrs } from '../cdr-pages.ts';
import { attachment, csvLine, wantsCsv } from '../csv.ts';
import type { Answer, Asked, Decode, Records, Scene } from './answer.ts';
import { cdrEntity, cdrItem, cdrShown, interactionOf } from './cdr-fields.ts';
import { bound, cutOf, momentOf, momentPage } from './list.ts';
import { broken, refusals } from './refuse.ts';

const DAY = 86_400_000;
/** How far back a list goes that does not say from when, as KAZOO's `maximum_range`: 31 days, in ms. */
const DEFAULT_RANGE = 31 * DAY;

function recordsOf({ records }: Scene): Records {
  if (records === undefined) throw refusals.noSuchRoute();
  return records;
}

/** Which records a list means: those that ended in its time, both ends included. */
function queryOf(scene: Scene, { clock }: Records): Omit<CdrQuery, 'limit'> {
  const [from, to] = [bound(scene.asked, 'created_from'), bound(scene.asked, 'created_to')];
  if (from !== undefined && to !== undefined && from > to) {
    throw broken('created_from', 'date_range', {
      message: 'created_from is later than created_to',
      cause: scene.asked.query.get('created_from') ?? '',
    });
  }
  return {
    account: scene.account.id,
    by: 'end',
    from: from ?? (to ?? clock.epoch()) - DEFAULT_RANGE,
    // A bound is a whole second, which belongs to the range to its end.
    ...(to === undefined ? {} : { to: to + 1000 }),
  };
}

type Test = (cdr: Cdr) => boolean;

const isOf =
  ({ params }: Scene): Test =>
  ({ channelVars }) =>
    params['user'] === undefined || channelVars['owner_id'] === undashed(params['user']);

/** The first leg of its interaction, which stands for all of them. */
const isFirst: Test = (cdr) => interactionOf(cdr) === cdr.id;

async function* csvOf(scene: Scene, pages: AsyncIterable<readonly Cdr[]>, isMeant: Test): AsyncGenerator<string> {
  let named = false;
  for await (const page of pages) {
    for (const cdr of page.filter(isMeant)) {
      const item = cdrItem(cdr, scene);
      if (!named) yield csvLine(Object.keys(item));
      named = true;
      yield csvLine(Object.values(item).map((value) => (typeof value === 'number' ? value : String(value))));
    }
  }
}

const isCsv = ({ query, headers }: Asked): boolean => /^(text\/)?csv$/.test(query.get('accept') ?? '') || wantsCsv(headers['accept']);

/** A page of records, of one user where the path names one; the first that is not shown any more is where the next page begins. */
async function page(scene: Scene, history: CallHistory, query: Omit<CdrQuery, 'limit'> & { readonly isMeant: Test }): Promise<Answer> {
  const { isMeant, ...range } = query;
  const cut = cutOf(scene.asked.query);
  const before = momentOf<CallId>(scene.asked.query.get('start_key'));
  const shown: Cdr[] = [];
  for await (const some of allCdrs(history, { ...range, ...(before === undefined ? {} : { before }) })) {
    shown.push(...some.filter(isMeant));
    if (shown.length > cut.size) break;
  }
  return momentPage(cut, shown, { momentOf: ({ endedAt, id }) => ({ at: endedAt, id }), shown: (cdr) => cdrShown(cdr, scene) });
}

/** The list of all, or of those that stand for others. */
const listOf =
  (isShown: Test): Decode =>
  (scene) => {
    const records = recordsOf(scene);
    const query = queryOf(scene, records);
    const isHis = isOf(scene);
    const isMeant: Test = (cdr) => isHis(cdr) && isShown(cdr);
    return async () => {
      if (!isCsv(scene.asked)) return page(scene, records.history, { ...query, isMeant });
      const name = scene.asked.query.get('file_name') ?? scene.asked.headers['x-file-name'];
      return {
        status: 200,
        data: {},
        headers: { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': attachment(name, 'cdrs.csv') },
        text: csvOf(scene, allCdrs(records.history, query), isMeant),
      };
    };
  };

const read: Decode = (scene) => {
  const { history } = recordsOf(scene);
  const id = scene.params['cdr'] ?? '';
  return async () => {
    const cdr = await history.cdr(scene.account.id, undashed(id) as CallId);
    if (cdr === undefined || !isOf(scene)(cdr)) throw refusals.badId(id);
    return { status: 200, data: cdrEntity(cdr, scene), revision: 'automatic' };
  };
};

/** Every leg of the interaction that is named, or that the named record belongs to, in the order in which they began. */
const legs: Decode = (scene) => {
  const { history, clock } = recordsOf(scene);
  const id = scene.params['interaction'] ?? '';
  return async () => {
    const account = scene.account.id;
    const named = await history.cdr(account, undashed(id) as CallId);
    const first = named && (await history.cdr(account, interactionOf(named) as CallId));
    if (named === undefined || !isOf(scene)(named)) throw refusals.badId(id);
    const found: Cdr[] = [];
    // The others began while the first one lived; of one that lives still there is no record.
    const [from, to] = [first?.startedAt ?? named.startedAt - DAY, first?.endedAt ?? clock.epoch()];
    for await (const some of allCdrs(history, { account, from, to: to + 1 })) {
      found.push(...some.filter((cdr) => isOf(scene)(cdr) && interactionOf(cdr) === interactionOf(named)));
    }
    return { status: 200, data: found.reverse().map((cdr) => cdrEntity(cdr, scene)), revision: 'automatic' };
  };
};

/** Only admins see who called. */
const forAdmins =
  (decode: Decode): Decode =>
  (scene) => {
    const plan = decode(scene);
    return async (execute, actor) => {
      if (!(await scene.isAdmin())) throw refusals.forbidden();
      return plan(execute, actor);
    };
  };

/** `/cdrs` and `/cdrs/{id}`. */
export const cdrList: Readonly<Record<string, Decode>> = { GET: forAdmins(listOf(() => true)) };
/** `/cdrs/interaction` and `/cdrs/legs/{id}`. */
export const interactionList: Readonly<Record<string, Decode>> = { GET: forAdmins(listOf(isFirst)) };
export const interactionLegs: Readonly<Record<string, Decode>> = { GET: forAdmins(legs) };
export const oneCdr: Readonly<Record<string, Decode>> = { GET: forAdmins(read) };
