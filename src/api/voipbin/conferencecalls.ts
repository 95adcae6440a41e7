import { dashed, type JsonObject, uuidOf } from '../../base/index.ts';
import { type Attendance, type Chronicle, type ParticipantId, runOf } from '../../conference/index.ts';
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
  { id, account, conference, call, chat, startedAt, changedAt, endedAt }: Attendance,
  status: ConferencecallStatus = endedAt === undefined ? 'joined' : 'leaved',
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
  chronicle: Pick<Chronicle, 'list'>,
  { kind, account }: { readonly kind: Kind; readonly account: Attendance['account'] },
  { size, before }: PageWish,
) {
  const limit = size + SPARE;
  const from = before === undefined ? {} : { before: { at: Math.floor(before / 1000) + 1, id: '' } };
  const found = await chronicle.list({ account, kind, ...from, limit });
  const last = found.at(-1)?.startedAt;
  const whole = found.length < limit ? found : found.filter(({ startedAt }) => startedAt !== last);
  return (whole.length === 0 ? found : whole).map((entry) => ({ at: micros(entry.startedAt, entry.id), entry }));
}

const list = (chronicle: Chronicle) => async (scene: Scene) => {
  const wish = readPage(scene.query);
  await scene.onlyAdmins();
  const entries = await entriesFor(chronicle, { kind: 'attendance', account: scene.person.account }, wish);
  // A program at the media is no participant here.
  return listed(
    entries.filter(({ entry }) => entry.stream === undefined),
    wish,
    ({ entry }) => conferencecallBody(entry),
  );
};

async function find(chronicle: Chronicle, scene: Scene): Promise<Attendance> {
  const found = await chronicle.find(scene.person.account, 'attendance', idIn(scene));
  if (found === undefined || found.stream !== undefined) throw refusals.notFound('CONFERENCECALL');
  await scene.onlyAdmins();
  return found;
}

const isOut = (): Refused => refusals.wrongState('The conferencecall has left already.');

/** Only the way into the mix is cut: the call goes on with what its flow has for it next (voipbin-facts §3.3). */
const kick = (chronicle: Chronicle) => async (scene: Scene) => {
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
export const conferencecallRows = (chronicle: Chronicle): readonly Row[] => [
  { method: 'GET', path: '/conferencecalls', run: list(chronicle) },
  { method: 'GET', path: '/conferencecalls/:id', run: async (scene) => conferencecallBody(await find(chronicle, scene)) },
  { method: 'DELETE', path: '/conferencecalls/:id', run: kick(chronicle) },
];
