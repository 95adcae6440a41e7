import { type Chance, Failure, type JsonObject, newId, randomHex, undashed } from '../../base/index.ts';
import {
  awaitedRecording,
  type ConferenceId,
  type ConferenceType,
  type ConferenceView,
  type Terms,
  termsOf,
  usualTerms,
  withTerms,
} from '../../conference/index.ts';
import { idOf } from '../native/encode.ts';
import { firstOf } from '../native/find.ts';
import { actionsIn, type CheckActions } from './actions.ts';
import { type ConferenceStatus, conferenceBody, conferenceText, createdMicros, type Histories } from './conference-encode.ts';
import { listed, readPage } from './page.ts';
import { Refused, refusals } from './refused.ts';
import { bodyOf, idIn, integerIn, objectIn, type Row, type Scene, textIn, uuidIn } from './scene.ts';

/** What the routes of conferences need. */
export interface ConferenceRoutes extends Histories {
  readonly chance: Chance;
  /** Refuses an action that there is none of. */
  readonly checkActions: CheckActions;
  /** Most conferences of an account that are not deleted; 0: any number. */
  readonly maxConferences: number;
}

/** What a conference of this dialect has in KAZOO's words (rulings "One conference, two dialects"): nobody is asked, greeted or muted. */
const QUIET: JsonObject = {
  play_welcome: false,
  play_entry_tone: false,
  play_exit_tone: false,
  member: { join_muted: false, join_deaf: false },
  moderator: { join_muted: false, join_deaf: false },
};

/** 24 hours at most: what is longer is cut (voipbin-facts §1.1). */
const LONGEST_RECORDING = 86_400;

/** Conferences that may share a millisecond with the last of a page. */
const SPARE = 200;
/** Later than any, epoch ms. */
const FAR = 8_640_000_000_000_000;

const isGone = (error: unknown): boolean => error instanceof Failure && error.code === 'conference_not_found';

/** The conference in the path, also one that is over. What is not there, or another's, is not found. */
export async function conferenceIn(scene: Scene): Promise<ConferenceView> {
  return conferenceBy(scene, idIn(scene));
}

/** A conference by its id; one with a name for an id is found by the UUID that it is shown with. */
export async function conferenceBy({ execute, person }: Pick<Scene, 'execute' | 'person'>, id: string): Promise<ConferenceView> {
  try {
    return await execute('conference.read', { conference: id as ConferenceId, deleted: true }, person.actor);
  } catch (error) {
    if (!isGone(error)) throw error;
    const named = await firstOf(execute, person.actor, (view) => undashed(idOf(view)) === id);
    if (named === undefined) throw refusals.notFound('CONFERENCE');
    return named;
  }
}

function typeIn(body: JsonObject): ConferenceType {
  const { type } = body;
  if (type === undefined || type === null) throw refusals.badArgument('The field type is required: conference or connect.');
  const text = textIn(body, 'type');
  if (text !== '' && text !== 'conference' && text !== 'connect') {
    throw refusals.badArgument('The field type must be conference or connect.');
  }
  return text === 'connect' ? 'connect' : 'conference';
}

/** Everything of a body that create and update share; what is left out is as in a new one. */
function termsIn(body: JsonObject, { chance, checkActions }: ConferenceRoutes): Omit<Terms, 'type' | 'directHash'> {
  const timeout = integerIn(body, 'timeout');
  if (timeout < 0) throw refusals.badArgument('The field timeout must be 0 (none) or a number of seconds.');
  const how = { newId: () => newId(chance, 0), check: checkActions };
  // SEED-T has the id of a flow in the place of actions.
  const flowOf = (phase: 'pre' | 'post'): string | undefined =>
    typeof body[`${phase}_actions`] === 'string' ? uuidIn(body, `${phase}_actions`) : uuidIn(body, `${phase}_flow_id`);
  const actionsOf = (phase: 'pre' | 'post'): readonly JsonObject[] =>
    typeof body[`${phase}_actions`] === 'string' ? [] : actionsIn(body, `${phase}_actions`, how);
  const [preFlow, postFlow] = [flowOf('pre'), flowOf('post')];
  return {
    detail: textIn(body, 'detail'),
    data: objectIn(body, 'data'),
    timeout,
    preActions: actionsOf('pre'),
    postActions: actionsOf('post'),
    ...(preFlow === undefined ? {} : { preFlow }),
    ...(postFlow === undefined ? {} : { postFlow }),
  };
}

const newHash = (chance: Chance): string => `direct.${randomHex(chance, 6)}`;

function refuseOver({ conference: { deletedAt } }: ConferenceView): void {
  if (deletedAt !== undefined) throw refusals.wrongState('The conference is terminated.');
}

async function refuseTooMany({ execute, person }: Scene, { maxConferences }: ConferenceRoutes): Promise<void> {
  if (maxConferences === 0) return;
  const all = await execute('conference.list', { limit: maxConferences }, person.actor);
  if (all.length < maxConferences) return;
  throw new Refused(
    'RESOURCE_EXHAUSTED',
    'RESOURCE_EXHAUSTED',
    `The customer has ${maxConferences} conferences already, which is the limit.`,
  );
}

const list = (routes: ConferenceRoutes) => async (scene: Scene) => {
  const wish = readPage(scene.query);
  // Some more than the page, because the store knows them by milliseconds.
  const madeBefore = wish.before === undefined ? FAR : Math.floor(wish.before / 1000) + 1;
  const all = await scene.execute('conference.list', { madeBefore, limit: wish.size + SPARE }, scene.person.actor);
  return listed(
    all.map((view) => ({ at: createdMicros(view), view })),
    wish,
    ({ view }) => conferenceBody(view, routes),
  );
};

const create = (routes: ConferenceRoutes) => async (scene: Scene) => {
  const body = bodyOf(scene);
  const type = typeIn(body);
  const terms: Terms = { ...termsIn(body, routes), type, directHash: newHash(routes.chance) };
  await refuseTooMany(scene, routes);
  const wished = uuidIn(body, 'id') as ConferenceId | undefined;
  const document = withTerms({ ...QUIET, name: textIn(body, 'name') }, terms);
  try {
    const view = await scene.execute(
      'conference.create',
      { document, ...(wished === undefined ? {} : { id: wished }) },
      scene.person.actor,
    );
    return conferenceBody(view, routes, 'starting');
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'conference_exists') throw error;
    throw new Refused('ALREADY_EXISTS', 'ALREADY_EXISTS', 'There is a conference with this id already.');
  }
};

const read = (routes: ConferenceRoutes) => async (scene: Scene) => {
  const view = await conferenceIn(scene);
  return conferenceText(view, routes);
};

/** A full replacement of what is VoIPBIN's; KAZOO's keys stay. */
const update = (routes: ConferenceRoutes) => async (scene: Scene) => {
  idIn(scene);
  const body = bodyOf(scene);
  const terms = termsIn(body, routes);
  const name = textIn(body, 'name');
  const view = await conferenceIn(scene);
  refuseOver(view);
  const { type, directHash } = termsOf(view.conference.document);
  return conferenceBody(await changed(scene, view, { ...terms, type, directHash }, name), routes);
};

/** Stores other terms, whoever stores something else meanwhile. */
async function changed({ execute, person }: Scene, { conference }: ConferenceView, terms: Terms, name?: string): Promise<ConferenceView> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await execute('conference.read', { conference: conference.id }, person.actor);
    const document = withTerms({ ...before.conference.document, ...(name === undefined ? {} : { name }) }, terms);
    try {
      return await execute(
        'conference.replace',
        { conference: conference.id, document, revision: before.conference.revision },
        person.actor,
      );
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'revision_changed' || attempt === 8) throw error;
    }
  }
}

/** Once is as good as twice. Whoever is in is sent out, and until the last one is, the answer says so. */
const remove = (routes: ConferenceRoutes) => async (scene: Scene) => {
  const view = await conferenceIn(scene);
  if (view.conference.deletedAt !== undefined) return conferenceBody(view, routes);
  const status: ConferenceStatus = view.conference.room === undefined ? 'terminated' : 'terminating';
  const gone = await scene.execute('conference.delete', { conference: view.conference.id, keep: true }, scene.person.actor);
  return conferenceBody(gone, routes, status);
};

const recordingStart = (routes: ConferenceRoutes) => async (scene: Scene) => {
  idIn(scene);
  const body = bodyOf(scene, {});
  const format = textIn(body, 'format');
  if (format !== '' && format !== 'wav') throw refusals.badArgument('The field format must be wav.');
  const duration = integerIn(body, 'duration');
  if (duration < 0) throw refusals.badArgument('The field duration must be 0 (none) or a number of seconds.');
  const onEnd = uuidIn(body, 'on_end_flow_id');
  const view = await conferenceIn(scene);
  refuseOver(view);
  const { room, document } = view.conference;
  if (room?.recording !== undefined || awaitedRecording(document) !== undefined) {
    throw new Refused('FAILED_PRECONDITION', 'RECORDING_ALREADY_ACTIVE', 'A recording is active already.');
  }
  const wish = {
    format: 'wav',
    awaits: true,
    ...(duration === 0 ? {} : { maxSeconds: Math.min(duration, LONGEST_RECORDING) }),
    ...(onEnd === undefined ? {} : { onEnd }),
  } as const;
  return conferenceBody(await scene.execute('recording.start', { conference: view.conference.id, ...wish }, scene.person.actor), routes);
};

const transcribeStart = (routes: ConferenceRoutes) => async (scene: Scene) => {
  idIn(scene);
  const language = textIn(bodyOf(scene, {}), 'language', 'en-US');
  const view = await conferenceIn(scene);
  refuseOver(view);
  if (view.conference.room?.transcription !== undefined) {
    throw new Refused('ALREADY_EXISTS', 'TRANSCRIBE_ALREADY_PROGRESSING', 'The conference is transcribed already.');
  }
  return conferenceBody(
    await scene.execute('transcription.start', { conference: view.conference.id, language }, scene.person.actor),
    routes,
  );
};

const stopping = (routes: ConferenceRoutes, name: 'recording.stop' | 'transcription.stop') => async (scene: Scene) => {
  const view = await conferenceIn(scene);
  if (view.conference.deletedAt !== undefined) return conferenceBody(view, routes);
  return conferenceBody(await scene.execute(name, { conference: view.conference.id }, scene.person.actor), routes);
};

const regenerate = (routes: ConferenceRoutes) => async (scene: Scene) => {
  const view = await conferenceIn(scene);
  refuseOver(view);
  const terms = { ...usualTerms, ...termsOf(view.conference.document), directHash: newHash(routes.chance) };
  return conferenceBody(await changed(scene, view, terms), routes);
};

/** `/v1.0/conferences` (voipbin-facts §1.1). */
export const conferenceRows = (routes: ConferenceRoutes): readonly Row[] => [
  { method: 'GET', path: '/conferences', run: list(routes) },
  { method: 'POST', path: '/conferences', run: create(routes) },
  { method: 'GET', path: '/conferences/:id', run: read(routes) },
  { method: 'PUT', path: '/conferences/:id', run: update(routes) },
  { method: 'DELETE', path: '/conferences/:id', run: remove(routes) },
  { method: 'POST', path: '/conferences/:id/recording_start', run: recordingStart(routes) },
  { method: 'POST', path: '/conferences/:id/recording_stop', run: stopping(routes, 'recording.stop') },
  { method: 'POST', path: '/conferences/:id/transcribe_start', run: transcribeStart(routes) },
  { method: 'POST', path: '/conferences/:id/transcribe_stop', run: stopping(routes, 'transcription.stop') },
  { method: 'POST', path: '/conferences/:id/direct-hash-regenerate', run: regenerate(routes) },
  { method: 'POST', path: '/conferences/:id/direct_hash_regenerate', run: regenerate(routes) },
];
