import { undashed } from '../../base/index.ts';
import type { Actor, Execute, RecordingFile, RecordingQuery, RecordingRecord, Recordings } from '../../conference/index.ts';
import { type FileWish, recordingFile } from '../recording-file.ts';
import { mayHave, sightOf } from '../sight.ts';
import { gregorian } from '../stamp.ts';
import type { Answer, Asked, Decode, Scene } from './answer.ts';
import { bound, cutOf, momentOf, momentPage } from './list.ts';
import { refusals } from './refuse.ts';

/** Who asks; `execute` is guarded. */
interface Seeing {
  readonly execute: Execute;
  readonly actor: Actor;
}

/** Recordings that are read at once where a list is not cut. */
const AT_ONCE = 500;

function libraryOf({ recordings }: Scene): Recordings {
  if (recordings === undefined) throw refusals.noSuchRoute();
  return recordings;
}

const mixOf = ({ files }: RecordingRecord): RecordingFile | undefined => files.find(({ kind }) => kind === 'mix');

/** A recording in the keys of KAZOO's `call_recordings`; what a conference's recording does not have (caller, callee, call) is absent. */
function entity(record: RecordingRecord) {
  const mix = mixOf(record);
  const type = record.format === 'ogg' ? 'audio/ogg' : 'audio/wav';
  return {
    id: record.id,
    name: record.name ?? record.id,
    ...(record.words === undefined ? {} : { description: record.words }),
    conference_id: record.conference,
    start: gregorian(record.startedAt),
    duration: Math.floor(record.seconds),
    duration_ms: Math.round(record.seconds * 1000),
    media_type: record.format,
    content_type: type,
    media_source: 'recorded',
    source_type: 'conference',
    origin: 'conference',
    interaction_id: record.instance,
    status: record.state,
    ...(mix === undefined
      ? {}
      : {
          url: `/v2/accounts/${record.account}/recordings/${record.id}/raw`,
          _attachments: { [mix.name]: { content_type: type, length: mix.bytes } },
        }),
  };
}

/** Those that began in a time, both ends included, newest first. */
const list: Decode = (scene) => {
  const recordings = libraryOf(scene);
  const { asked } = scene;
  const [from, to] = [bound(asked, 'created_from'), bound(asked, 'created_to')];
  const cut = cutOf(asked.query);
  const query: Omit<RecordingQuery, 'before' | 'limit'> = {
    account: scene.account.id,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to: to + 1000 }),
  };
  const first = momentOf<RecordingRecord['id']>(asked.query.get('start_key'));
  return async (execute, actor): Promise<Answer> =>
    momentPage(cut, await upTo(recordings, query, { before: first, count: cut.size + 1, execute, actor }), {
      momentOf: ({ startedAt, id }) => ({ at: startedAt, id }),
      shown: entity,
    });
};

async function upTo(
  recordings: Recordings,
  query: Omit<RecordingQuery, 'before' | 'limit'>,
  { before: first, count, ...asking }: Seeing & { readonly before: RecordingQuery['before']; readonly count: number },
): Promise<readonly RecordingRecord[]> {
  const sees = sightOf(asking.execute, asking.actor);
  const found: RecordingRecord[] = [];
  for (let before = first; found.length < count; ) {
    const limit = asking.actor.user === undefined ? Math.min(AT_ONCE, count - found.length) : AT_ONCE;
    const page = await recordings.list({ ...query, limit, ...(before === undefined ? {} : { before }) });
    for (const each of page) if (found.length < count && (await sees(each.conference))) found.push(each);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) break;
    before = { at: last.startedAt, id: last.id };
  }
  return found;
}

/** The sound and not its description is wanted: `Accept: audio/…` first of all, or the same in the query. */
const wantsSound = ({ query, headers }: Asked): boolean => /^audio\//.test(query.get('accept') ?? headers['accept'] ?? '');

const wishOf = ({ query, headers }: Asked): FileWish => ({
  range: headers['range'],
  ifRange: headers['if-range'],
  ifNoneMatch: headers['if-none-match'],
  isInline: query.get('inline') === 'true',
  isHead: false,
});

/** The recording that a path names, for who owns or moderates its conference. */
async function found(scene: Scene, { execute, actor }: Seeing, needed: 'moderate' | 'own' = 'moderate'): Promise<RecordingRecord> {
  const record = await libraryOf(scene).get(scene.account.id, undashed(scene.params['recording'] ?? ''));
  await mayHave(execute, actor, record.conference, needed);
  return record;
}

/** The mix of a recording. */
const raw: Decode = (scene) => {
  const recordings = libraryOf(scene);
  const id = scene.params['recording'] ?? '';
  return async (execute, actor): Promise<Answer> => {
    const record = await found(scene, { execute, actor });
    const mix = mixOf(record);
    if (mix === undefined) throw refusals.badId(id);
    const of = { account: record.account, recording: record.id, file: mix.name };
    const { status, headers, body } = await recordingFile(recordings, of, wishOf(scene.asked));
    return { status, headers, data: {}, text: body ?? nothing() };
  };
};

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

const read: Decode = (scene) => {
  if (wantsSound(scene.asked)) return raw(scene);
  libraryOf(scene);
  return async (execute, actor) => ({ status: 200, data: entity(await found(scene, { execute, actor })), revision: 'automatic' });
};

const remove: Decode = (scene) => {
  const recordings = libraryOf(scene);
  return async (execute, actor) => {
    const { account, id } = await found(scene, { execute, actor }, 'own');
    return { status: 200, data: entity(await recordings.remove(account, id)), revision: 'automatic' };
  };
};

/** `/recordings`, `/recordings/{id}` and `/recordings/{id}/raw`. */
export const recordingList: Readonly<Record<string, Decode>> = { GET: list };
export const oneRecording: Readonly<Record<string, Decode>> = { GET: read, DELETE: remove };
export const rawRecording: Readonly<Record<string, Decode>> = { GET: raw };
