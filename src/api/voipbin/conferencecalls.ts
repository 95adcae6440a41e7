import { dashed, type JsonObject, uuidOf } from '../../base/index.ts';
import {
  type Attendance,
  type Chronicle,
  type ConferenceId,
  type ParticipantId,
  type PhoneCall,
  type PhoneCalls,
  runOf,
} from '../../conference/index.ts';
import { seenOf, sightOf } from '../sight.ts';
import { listed, type PageWish, readPage } from './page.ts';
import { type Refused, refusals } from './refused.ts';
import { idIn, type Row, type Scene } from './scene.ts';
import { micros, NEVER, stamp, stampOfMicros } from './stamp.ts';

/** VoIPBIN's states of somebody in a conference, spelled as there (voipbin-facts §3.3). */
export type ConferencecallStatus = 'joining' | 'joined' | 'leaving' | 'leaved';

/** Things that may share a millisecond with the last of a page. */
const SPARE = 200;

/** Somebody who is or was in a conference. */
export function conferencecallBody(
  { id, account, conference, call, chat, joining, startedAt, changedAt, endedAt }: Attendance,
  status: ConferencecallStatus = endedAt !== undefined ? 'leaved' : joining ? 'joining' : 'joined',
): JsonObject {
  return {
    id: dashed(id),
    customer_id: dashed(account),
    activeflow_id: dashed(runOf(call)),
    conference_id: uuidOf(conference, account),
    reference_type: chat ?? 'call',
    reference_id: dashed(call),
    status,
    tm_create: stampOfMicros(micros(startedAt, id)),
    tm_update: changedAt > startedAt ? stamp(changedAt) : NEVER,
    tm_delete: NEVER,
  };
}

/**
 * The entries of a page and some more: the store has them by milliseconds, and those of the last one are whole or left out, since it goes by their microseconds
 * which of them come first.
 */
export async function entriesFor<Kind extends 'attendance' | 'transcription'>(
  { chronicle, scene }: { readonly chronicle: Pick<Chronicle, 'list'>; readonly scene: Pick<Scene, 'execute' | 'person'> },
  of: { readonly kind: Kind; readonly conference?: ConferenceId },
  { size, before }: PageWish,
) {
  const { execute, person } = scene;
  const limit = size + SPARE;
  const first = before === undefined ? undefined : { at: Math.floor(before / 1000) + 1, id: '' };
  type Entry = Awaited<ReturnType<typeof chronicle.list<Kind>>>[number];
  const parts = (last: Entry | undefined, most: number): Promise<readonly Entry[]> => {
    const from = last === undefined ? first : { at: last.startedAt, id: last.id };
    return chronicle.list<Kind>({ ...of, account: person.account, ...(from === undefined ? {} : { before: from }), limit: most });
  };
  const found = await seenOf(parts, { execute, actor: person.actor, count: limit });
  const last = found.at(-1)?.startedAt;
  const whole = found.length < limit ? found : found.filter(({ startedAt }) => startedAt !== last);
  return (whole.length === 0 ? found : whole).map((entry) => ({ at: micros(entry.startedAt, entry.id), entry }));
}

/** What the routes need. */
export interface ConferencecallRoutes {
  readonly chronicle: Chronicle;
  /** Absent: nobody is seen on his way in. */
  readonly phones?: Pick<PhoneCalls, 'list' | 'hangUp'> | undefined;
}

interface Coming {
  readonly entry: Attendance;
  readonly status: 'joining' | 'leaving';
}

/** Those who are on their way in: what is to be done before is being done on their own leg (voipbin-facts §3.3). */
const joining = ({ phones }: ConferencecallRoutes, account: Attendance['account']): readonly Coming[] =>
  (phones?.list(account) ?? []).flatMap(comingOf);

function comingOf({ id: call, account, run, endedAt, status }: PhoneCall): readonly Coming[] {
  if (run?.joining === undefined || endedAt !== undefined) return [];
  const { id, conference, startedAt } = run.joining;
  const entry: Attendance = { kind: 'attendance', id, account, conference, call, startedAt, changedAt: startedAt };
  return [{ entry, status: status === 'terminating' || status === 'canceling' ? 'leaving' : 'joining' }];
}

const list = (routes: ConferencecallRoutes) => async (scene: Scene) => {
  const wish = readPage(scene.query);
  const { account, actor } = scene.person;
  const sees = sightOf(scene.execute, actor);
  const coming: (Coming & { readonly at: number })[] = [];
  for (const each of joining(routes, account)) {
    const { conference, startedAt, id } = each.entry;
    if (actor.user === undefined || (await sees(conference))) coming.push({ at: micros(startedAt, id), ...each });
  }
  const entries = await entriesFor({ chronicle: routes.chronicle, scene }, { kind: 'attendance' }, wish);
  // A program at the media is no participant here.
  const inside = entries.filter(({ entry }) => entry.stream === undefined && !coming.some((each) => each.entry.id === entry.id));
  return listed([...coming, ...inside.map((each) => ({ ...each, status: undefined }))], wish, ({ entry, status }) =>
    conferencecallBody(entry, status),
  );
};

async function find(chronicle: Chronicle, scene: Scene): Promise<Attendance> {
  const found = await chronicle.find(scene.person.account, 'attendance', idIn(scene));
  if (found === undefined || found.stream !== undefined) throw refusals.notFound('CONFERENCECALL');
  await scene.mayHave(found.conference);
  return found;
}

/** The one in the path, where he is on his way in. */
const comingIn = (routes: ConferencecallRoutes, scene: Scene): Coming | undefined =>
  joining(routes, scene.person.account).find(({ entry: { id } }) => id === idIn(scene));

const read = (routes: ConferencecallRoutes) => async (scene: Scene) => {
  const coming = comingIn(routes, scene);
  if (coming === undefined) return conferencecallBody(await find(routes.chronicle, scene));
  await scene.mayHave(coming.entry.conference);
  return conferencecallBody(coming.entry, coming.status);
};

const isOut = (): Refused => refusals.wrongState('The conferencecall has left already.');

/** Only the way into the mix is cut: the call goes on with what its flow has for it next (voipbin-facts §3.3). */
const kick = (routes: ConferencecallRoutes) => async (scene: Scene) => {
  const coming = comingIn(routes, scene);
  if (coming !== undefined) {
    // Who is not in yet has nothing behind it to go on with.
    const { entry, status } = coming;
    await scene.mayHave(entry.conference);
    if (status === 'leaving') throw isOut();
    routes.phones?.hangUp(entry.account, entry.call);
    return conferencecallBody(entry, 'leaving');
  }
  const { chronicle } = routes;
  const found = await find(chronicle, scene);
  if (found.endedAt !== undefined) throw isOut();
  const { conference, id } = found;
  try {
    await scene.execute('participants.kick', { conference, which: id as ParticipantId }, scene.person.actor);
  } catch (error) {
    const now = await chronicle.find(scene.person.account, 'attendance', id);
    throw now?.endedAt === undefined ? error : isOut();
  }
  return conferencecallBody(found, 'leaving');
};

/** `/v1.0/conferencecalls` (voipbin-facts §1.2). */
export const conferencecallRows = (routes: ConferencecallRoutes): readonly Row[] => [
  { method: 'GET', path: '/conferencecalls', run: list(routes) },
  { method: 'GET', path: '/conferencecalls/:id', run: read(routes) },
  { method: 'DELETE', path: '/conferencecalls/:id', run: kick(routes) },
];
