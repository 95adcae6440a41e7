import { dashed, type JsonObject, uuidOf } from '../../base/index.ts';
import type { Chronicle, TranscriptionEntry, TranscriptionId, TranscriptRecord, Transcripts } from '../../conference/index.ts';
import { entriesFor } from './conferencecalls.ts';
import { conferenceBy } from './conferences.ts';
import { listed, readPage } from './page.ts';
import { Refused, refusals } from './refused.ts';
import { bodyOf, idIn, isUuid, type Row, type Scene, textIn, uuidIn } from './scene.ts';
import { micros, NEVER, NIL, stamp, stampOfMicros } from './stamp.ts';

/** What the routes need. */
export interface TranscribeRoutes {
  readonly chronicle: Chronicle;
  readonly transcripts: Transcripts;
}

/** Transcripts of one answer, as VoIPBIN has it (voipbin-facts §1.4). */
const MOST = 100;
/** Entries that are looked through for one reference. */
const FAR = 1000;
const CONFERENCE_TYPES = ['conference', 'confbridge'];

/** That a conference is or was written down (voipbin-facts §2.5). */
export const transcribeBody = ({ id, account, conference, language, startedAt, changedAt, endedAt }: TranscriptionEntry): JsonObject => ({
  id: dashed(id),
  customer_id: dashed(account),
  activeflow_id: NIL,
  on_end_flow_id: NIL,
  reference_type: 'confbridge',
  reference_id: uuidOf(conference, account),
  status: endedAt === undefined ? 'progressing' : 'done',
  language,
  direction: 'in',
  provider: '',
  tm_create: stampOfMicros(micros(startedAt, id)),
  tm_update: changedAt > startedAt ? stamp(changedAt) : NEVER,
  tm_delete: NEVER,
});

/** Time since the beginning as a time of the year 1 (voipbin-facts §2.5). */
function offset(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  const time = stamp(ms - days * 86_400_000).slice(11);
  return `0001-01-${String(days + 1).padStart(2, '0')} ${time}`;
}

/** What somebody said. Who it was is told by `conferencecall_id`, which VoIPBIN has not. */
export const transcriptBody = (record: TranscriptRecord, startedAt: number): JsonObject => ({
  id: uuidOf(record.id, record.account),
  customer_id: dashed(record.account),
  transcribe_id: dashed(record.transcription),
  conferencecall_id: dashed(record.participant),
  direction: 'in',
  message: record.text,
  tm_transcript: offset(Math.max(0, Math.floor(record.from) - startedAt)),
  tm_create: stampOfMicros(micros(record.to, record.id)),
});

async function find({ chronicle }: TranscribeRoutes, scene: Scene, id = idIn(scene)): Promise<TranscriptionEntry> {
  const found = await chronicle.find(scene.person.account, 'transcription', id);
  if (found === undefined) throw refusals.notFound('TRANSCRIBE');
  await scene.onlyAdmins();
  return found;
}

const list = (routes: TranscribeRoutes) => async (scene: Scene) => {
  const wish = readPage(scene.query);
  const [type, reference] = [scene.query.get('reference_type') ?? '', scene.query.get('reference_id') ?? ''];
  await scene.onlyAdmins();
  if ((type === '') !== (reference === '')) {
    const words = 'The parameters reference_type and reference_id go together.';
    throw new Refused('INVALID_ARGUMENT', 'INVALID_REFERENCE_FILTER', words);
  }
  if (reference !== '' && !isUuid(reference)) throw refusals.badId();
  const all = await entriesFor(
    routes.chronicle,
    { kind: 'transcription', account: scene.person.account },
    reference === '' ? wish : { ...wish, size: FAR },
  );
  const isMeant = ({ conference, account }: TranscriptionEntry): boolean =>
    reference === '' || (CONFERENCE_TYPES.includes(type) && uuidOf(conference, account) === reference.toLowerCase());
  return listed(
    all.filter(({ entry }) => isMeant(entry)),
    wish,
    ({ entry }) => transcribeBody(entry),
  );
};

const create = (routes: TranscribeRoutes) => async (scene: Scene) => {
  const body = bodyOf(scene);
  const type = textIn(body, 'reference_type');
  const reference = uuidIn(body, 'reference_id');
  if (!CONFERENCE_TYPES.includes(type)) throw refusals.badArgument('The field reference_type must be conference or confbridge.');
  if (reference === undefined) throw refusals.badArgument('The field reference_id must be the id of a conference.');
  const language = textIn(body, 'language', 'en-US');
  await scene.onlyAdmins();
  const { conference } = await conferenceBy(scene, reference);
  if (conference.deletedAt !== undefined) throw refusals.wrongState('The conference is terminated.');
  if (conference.room?.transcription !== undefined) {
    throw new Refused('ALREADY_EXISTS', 'TRANSCRIBE_ALREADY_PROGRESSING', 'The conference is transcribed already.');
  }
  const view = await scene.execute('transcription.start', { conference: conference.id, language }, scene.person.actor);
  const id = view.conference.room?.transcription?.id;
  if (id === undefined) throw refusals.internal();
  return transcribeBody(await find(routes, scene, id));
};

const stop = (routes: TranscribeRoutes) => async (scene: Scene) => {
  const { id, conference, endedAt } = await find(routes, scene);
  if (endedAt === undefined) {
    await scene.execute('transcription.stop', { conference, transcription: id as TranscriptionId }, scene.person.actor);
  }
  return transcribeBody(await find(routes, scene));
};

const remove = (routes: TranscribeRoutes) => async (scene: Scene) => {
  await stop(routes)(scene);
  const over = await find(routes, scene);
  await routes.chronicle.remove(over.account, 'transcription', over.id);
  return { ...transcribeBody(over), tm_delete: stamp(over.endedAt) };
};

const said = (routes: TranscribeRoutes) => async (scene: Scene) => {
  const wished = scene.query.get('transcribe_id') ?? '';
  if (wished === '') throw refusals.missingParameter('transcribe_id');
  if (!isUuid(wished)) throw refusals.badId();
  const { id, account, startedAt } = await find(routes, scene, wished.toLowerCase().replaceAll('-', ''));
  const records = await routes.transcripts.list({ account, transcription: id as TranscriptionId, limit: MOST });
  const wish = readPage(scene.query);
  return listed(
    records.map((record) => ({ at: micros(record.to, record.id), record })),
    wish,
    ({ record }) => transcriptBody(record, startedAt),
  );
};

/** `/v1.0/transcribes`, `/v1.0/transcripts`. */
export const transcribeRows = (routes: TranscribeRoutes): readonly Row[] => [
  { method: 'GET', path: '/transcribes', run: list(routes) },
  { method: 'POST', path: '/transcribes', run: create(routes) },
  { method: 'GET', path: '/transcribes/:id', run: async (scene) => transcribeBody(await find(routes, scene)) },
  { method: 'DELETE', path: '/transcribes/:id', run: remove(routes) },
  { method: 'POST', path: '/transcribes/:id/stop', run: stop(routes) },
  { method: 'GET', path: '/transcripts', run: said(routes) },
];
