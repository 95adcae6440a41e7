import { dashed, type JsonObject, madeAt, uuidOf } from '../../base/index.ts';
import { type RecordingRecord, type Recordings, runOf } from '../../conference/index.ts';
import { seenOf } from '../sight.ts';
import type { Tickets } from '../tickets.ts';
import { listed, readPage } from './page.ts';
import { Refused, refusals } from './refused.ts';
import { Elsewhere, idIn, type Row, type Scene } from './scene.ts';
import { micros, NEVER, NIL, stamp, stampOfMicros } from './stamp.ts';

/** What the routes need. */
export interface RecordingRoutes {
  readonly recordings: Recordings;
  readonly tickets: Tickets;
  /** Epoch ms. */
  readonly now: () => number;
}

/** How long the address of a file is good, ms (voipbin-facts §1.4). */
const GOOD_FOR = 3_600_000;
const SPARE = 200;

const statuses: Readonly<Record<RecordingRecord['state'], string>> = {
  awaited: 'initiating',
  running: 'recording',
  storing: 'stopping',
  stored: 'ended',
  failed: 'ended',
};

/** A recording of a conference, or of a call (voipbin-facts §2.4). */
export const recordingBody = ({
  id,
  account,
  conference,
  call,
  state,
  startedAt,
  endedAt,
  format,
  onEnd,
}: Pick<
  RecordingRecord,
  'id' | 'account' | 'conference' | 'call' | 'state' | 'startedAt' | 'endedAt' | 'format' | 'onEnd'
>): JsonObject => ({
  id: dashed(id),
  customer_id: dashed(account),
  owner_type: '',
  owner_id: NIL,
  activeflow_id: call === undefined ? NIL : dashed(runOf(call)),
  on_end_flow_id: onEnd === undefined ? NIL : dashed(onEnd),
  reference_type: call === undefined ? 'confbridge' : 'call',
  reference_id: call === undefined ? uuidOf(conference, account) : dashed(call),
  status: statuses[state],
  format,
  tm_start: stamp(state === 'awaited' ? undefined : startedAt),
  tm_end: stamp(endedAt),
  // What was asked for before anybody was there was made when it was asked for.
  tm_create: stampOfMicros(micros(Math.min(startedAt, madeAt(id, startedAt)), id)),
  tm_update: stamp(endedAt),
  tm_delete: NEVER,
});

const list =
  ({ recordings }: RecordingRoutes) =>
  async (scene: Scene) => {
    const wish = readPage(scene.query);
    const { account, actor } = scene.person;
    const first = wish.before === undefined ? undefined : { at: Math.floor(wish.before / 1000) + 1, id: '' };
    const parts = (last: RecordingRecord | undefined, limit: number): Promise<readonly RecordingRecord[]> => {
      const before = last === undefined ? first : { at: last.startedAt, id: last.id };
      return recordings.list({ account, ...(before === undefined ? {} : { before }), limit });
    };
    const found = await seenOf(parts, { execute: scene.execute, actor, count: wish.size + SPARE });
    return listed(
      found.map((record) => ({ at: micros(record.startedAt, record.id), record })),
      wish,
      ({ record }) => recordingBody(record),
    );
  };

async function find({ recordings }: RecordingRoutes, scene: Scene, needed: 'moderate' | 'own' = 'moderate'): Promise<RecordingRecord> {
  const found = await recordings.get(scene.person.account, idIn(scene));
  await scene.mayHave(found.conference, needed);
  return found;
}

const remove = (routes: RecordingRoutes) => async (scene: Scene) => {
  const { account, id, state, endedAt } = await find(routes, scene, 'own');
  if (state === 'running') throw refusals.wrongState('The recording is still running.');
  const gone = await routes.recordings.remove(account, id);
  return { ...recordingBody(gone), tm_delete: stamp(endedAt === undefined ? routes.now() : Math.max(endedAt, routes.now())) };
};

/** 307 to an address of our own that is good for an hour, for the mix. */
const file = (routes: RecordingRoutes) => async (scene: Scene) => {
  const { account, id, files } = await find(routes, scene);
  const mix = files.find(({ kind }) => kind === 'mix');
  if (mix === undefined) throw new Refused('NOT_FOUND', 'FILE_NOT_FOUND', 'The recording has no file yet.');
  const ticket = routes.tickets.issue({ account, recording: id, file: mix.name }, routes.now() + GOOD_FOR);
  return new Elsewhere(`${scene.base}/api/recording-links/${mix.name}?ticket=${ticket}`);
};

/** `/v1.0/recordings`, `/v1.0/recordingfiles`. */
export const recordingRows = (routes: RecordingRoutes): readonly Row[] => [
  { method: 'GET', path: '/recordings', run: list(routes) },
  { method: 'GET', path: '/recordings/:id', run: async (scene) => recordingBody(await find(routes, scene)) },
  { method: 'DELETE', path: '/recordings/:id', run: remove(routes) },
  { method: 'GET', path: '/recordingfiles/:id', run: file(routes) },
];
