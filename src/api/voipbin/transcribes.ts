import type { AccountId } from '../../accounts/index.ts';
import { dashed, Failure, type JsonObject, undashed, uuidOf } from '../../base/index.ts';
import {
  type CallId,
  type Chronicle,
  type ConferenceId,
  lobbyOf,
  noTranscriber,
  type PhoneCalls,
  type RecordingId,
  type RecordingScribe,
  runOf,
  type TranscriptionEntry,
  type TranscriptionId,
  type TranscriptRecord,
  type Transcripts,
  transcribingWish,
} from '../../conference/index.ts';
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
  /** Absent: no calls are written down. */
  readonly phones?: Pick<PhoneCalls, 'find' | 'transcribe' | 'stopTranscribing'> | undefined;
  /** Absent: no recordings are written down. */
  readonly written?: RecordingScribe | undefined;
}

/** Transcripts of one answer, as VoIPBIN has it (voipbin-facts §1.4). */
const MOST = 100;
const CONFERENCE_TYPES = ['conference', 'confbridge'];
const TYPES = [...CONFERENCE_TYPES, 'call', 'recording'];

/** That a conference is or was written down (voipbin-facts §2.5). */
export const transcribeBody = ({
  id,
  account,
  conference,
  call,
  recording,
  language,
  direction,
  onEnd,
  startedAt,
  changedAt,
  endedAt,
}: TranscriptionEntry): JsonObject => ({
  id: dashed(id),
  customer_id: dashed(account),
  activeflow_id: call === undefined ? NIL : dashed(runOf(call)),
  on_end_flow_id: onEnd === undefined ? NIL : dashed(onEnd),
  ...(recording === undefined
    ? placeIn({ account, conference, call })
    : { reference_type: 'recording', reference_id: dashed(recording.id) }),
  status: endedAt === undefined ? 'progressing' : 'done',
  language,
  direction: direction ?? 'in',
  provider: '',
  tm_create: stampOfMicros(micros(startedAt, id)),
  tm_update: changedAt > startedAt ? stamp(changedAt) : NEVER,
  tm_delete: NEVER,
});

const placeIn = ({
  account,
  conference,
  call,
}: {
  readonly account: AccountId;
  readonly conference: ConferenceId;
  readonly call: CallId | undefined;
}): JsonObject =>
  call === undefined
    ? { reference_type: 'confbridge', reference_id: uuidOf(conference, account) }
    : { reference_type: 'call', reference_id: dashed(call) };

/** From when times are counted: from the beginning of what is written down. */
export const zeroOf = ({ recording, startedAt }: TranscriptionEntry): number => recording?.startedAt ?? startedAt;

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
  conferencecall_id: record.way === undefined ? dashed(record.participant) : NIL,
  direction: record.way ?? 'in',
  message: record.text,
  tm_transcript: offset(Math.max(0, Math.floor(record.from) - startedAt)),
  tm_create: stampOfMicros(micros(record.to, record.id)),
});

async function find({ chronicle }: TranscribeRoutes, scene: Scene, id = idIn(scene)): Promise<TranscriptionEntry> {
  const found = await chronicle.find(scene.person.account, 'transcription', id);
  if (found === undefined) throw refusals.notFound('TRANSCRIBE');
  await scene.mayHave(found.conference);
  return found;
}

const list = (routes: TranscribeRoutes) => async (scene: Scene) => {
  const wish = readPage(scene.query);
  const [type, reference] = [scene.query.get('reference_type') ?? '', scene.query.get('reference_id') ?? ''];
  if ((type === '') !== (reference === '')) {
    const words = 'The parameters reference_type and reference_id go together.';
    throw new Refused('INVALID_ARGUMENT', 'INVALID_REFERENCE_FILTER', words);
  }
  if (reference !== '' && !isUuid(reference)) throw refusals.badId();
  const conference = reference === '' ? undefined : await placeOf(scene, type, undashed(reference.toLowerCase()));
  if (reference !== '' && conference === undefined) return listed([], wish, () => ({}));
  const of = { kind: 'transcription', ...(conference === undefined ? {} : { conference }) } as const;
  return listed(await entriesFor({ chronicle: routes.chronicle, scene }, of, wish), wish, ({ entry }) => transcribeBody(entry));
};

/** Under which id the chronicle has what was written down of this; undefined: there is none. */
async function placeOf(scene: Scene, type: string, id: string): Promise<ConferenceId | undefined> {
  if (type === 'call') return lobbyOf(id as CallId);
  if (type === 'recording') return id as ConferenceId;
  if (!CONFERENCE_TYPES.includes(type)) return undefined;
  const found = await conferenceBy(scene, id).catch((error: unknown) => {
    if (error instanceof Refused) return undefined;
    throw error;
  });
  return found?.conference.id;
}

const create = (routes: TranscribeRoutes) => async (scene: Scene) => {
  const body = bodyOf(scene);
  const type = textIn(body, 'reference_type');
  const reference = uuidIn(body, 'reference_id');
  if (!TYPES.includes(type)) throw refusals.badArgument(`The field reference_type must be one of ${TYPES.join(', ')}.`);
  if (reference === undefined)
    throw refusals.badArgument('The field reference_id must be the id of a conference, of a call or of a recording.');
  const language = textIn(body, 'language', 'en-US');
  if (!['in', 'out', 'both'].includes(textIn(body, 'direction', 'both'))) {
    throw refusals.badArgument('The field direction must be in, out or both.');
  }
  await scene.onlyAdmins();
  const wish = { ...body, language };
  if (type === 'recording') return ofRecording(routes, scene, wish, reference);
  return type === 'call' ? ofCall(routes, scene, wish, reference) : ofConference(routes, scene, wish, reference);
};

async function ofConference(routes: TranscribeRoutes, scene: Scene, body: JsonObject, reference: string): Promise<JsonObject> {
  const { conference } = await conferenceBy(scene, reference);
  if (conference.deletedAt !== undefined) throw refusals.wrongState('The conference is terminated.');
  if (conference.room?.transcription !== undefined) {
    throw new Refused('ALREADY_EXISTS', 'TRANSCRIBE_ALREADY_PROGRESSING', 'The conference is transcribed already.');
  }
  const { direction: _, ...wish } = transcribingWish(body);
  const view = await scene.execute('transcription.start', { conference: conference.id, ...wish }, scene.person.actor);
  const id = view.conference.room?.transcription?.id;
  if (id === undefined) throw refusals.internal();
  return transcribeBody(await find(routes, scene, id));
}

/** What a call says, or hears, or both, wherever it is. */
async function ofCall(routes: TranscribeRoutes, scene: Scene, body: JsonObject, id: string): Promise<JsonObject> {
  const { account } = scene.person;
  const { phones } = routes;
  if (phones?.find(account, id as CallId) === undefined) throw refusals.notFound('CALL');
  const { id: made } = await phones.transcribe(account, id as CallId, transcribingWish(body));
  return transcribeBody(await find(routes, scene, made));
}

/** What was recorded, as soon as its files are whole. */
async function ofRecording(routes: TranscribeRoutes, scene: Scene, body: JsonObject, id: string): Promise<JsonObject> {
  const { written } = routes;
  if (written === undefined) throw noTranscriber();
  try {
    const { id: made } = await written.transcribe(scene.person.account, id as RecordingId, transcribingWish(body));
    return transcribeBody(await find(routes, scene, made));
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'transcription_active') throw error;
    throw new Refused('ALREADY_EXISTS', 'TRANSCRIBE_ALREADY_PROGRESSING', 'The recording is transcribed in this language already.');
  }
}

const stop = (routes: TranscribeRoutes) => async (scene: Scene) => {
  const found = await find(routes, scene);
  const { id, account, conference, call, recording, endedAt } = found;
  const transcription = id as TranscriptionId;
  if (recording !== undefined) await routes.written?.stop(account, found);
  else if (endedAt === undefined && call !== undefined) await routes.phones?.stopTranscribing(account, call, transcription);
  else if (endedAt === undefined) await scene.execute('transcription.stop', { conference, transcription }, scene.person.actor);
  return transcribeBody(await find(routes, scene));
};

const remove = (routes: TranscribeRoutes) => async (scene: Scene) => {
  await scene.mayHave((await find(routes, scene)).conference, 'own');
  await stop(routes)(scene);
  const over = await find(routes, scene);
  await routes.chronicle.remove(over.account, 'transcription', over.id);
  return { ...transcribeBody(over), tm_delete: stamp(over.endedAt) };
};

const said = (routes: TranscribeRoutes) => async (scene: Scene) => {
  const wished = scene.query.get('transcribe_id') ?? '';
  if (wished === '') throw refusals.missingParameter('transcribe_id');
  if (!isUuid(wished)) throw refusals.badId();
  const found = await find(routes, scene, wished.toLowerCase().replaceAll('-', ''));
  const { id, account } = found;
  const records = await routes.transcripts.list({ account, transcription: id as TranscriptionId, limit: MOST });
  const wish = readPage(scene.query);
  return listed(
    records.map((record) => ({ at: micros(record.to, record.id), record })),
    wish,
    ({ record }) => transcriptBody(record, zeroOf(found)),
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
