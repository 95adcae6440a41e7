import { type JsonObject, undashed } from '../../base/index.ts';
import type { ConferenceId, ConferenceView, Input } from '../../conference/index.ts';
import { amend } from '../document/amend.ts';
import { check, withDefaults } from '../document/check.ts';
import { gregorian } from '../stamp.ts';
import { type Answer, type Asked, command, type Decode, type Plan, type Scene } from './answer.ts';
import { dial } from './dial.ts';
import { listItem, publicDocument, revisionOf, entity as shown, storable } from './encode.ts';
import { longPage } from './list.ts';
import { broken, invalid, refusals } from './refuse.ts';
import { objectData } from './request.ts';
import { play, record } from './sounds.ts';

/** The conference in the URL. A dashed UUID and its 32 digits are the same id. */
export const conferenceOf = ({ params }: Scene): ConferenceId => undashed(params['conference'] ?? '') as ConferenceId;

const checked = (data: JsonObject): JsonObject => {
  const result = check('conference', data);
  if (!result.ok) throw invalid(result.faults);
  return result.document;
};

/** The id a client wishes for a new conference; an empty one counts as absent. */
function wishedId({ id }: JsonObject): ConferenceId | undefined {
  if (id === undefined || id === '') return undefined;
  if (typeof id !== 'string') throw broken('id', 'type', { message: 'Value did not match type(s): string', target: 'string', value: id });
  const pattern = '^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$';
  if (!new RegExp(pattern).test(id)) {
    throw broken('id', 'pattern', { message: `Failed to match pattern '${pattern}'`, target: pattern, value: id });
  }
  return undashed(id) as ConferenceId;
}

/** The bare document, as create, change and bulk actions answer it. */
export const bare =
  ({ node }: Scene, status: number) =>
  (view: ConferenceView): Answer => ({ status, data: publicDocument(view, node), revision: revisionOf(view) });

/** With its private keys, as filters see it. */
const stored = ({ conference }: ConferenceView): JsonObject => ({
  ...withDefaults(conference.document),
  id: conference.id,
  _id: conference.id,
  pvt_type: 'conference',
  pvt_account_id: conference.account,
  pvt_created: gregorian(conference.createdAt),
  pvt_modified: gregorian(conference.modifiedAt),
});

const list: Decode = ({ asked, ...place }) => {
  const page = longPage<ConferenceView>(asked.query, {
    idOf: ({ conference }) => conference.id,
    stored,
    shown: (view) => listItem(view, place),
  });
  return (execute, actor) => page((part) => execute('conference.list', part as Input<'conference.list'>, actor));
};

const create: Decode = (scene) => {
  const data = objectData(scene.asked);
  const id = wishedId(data);
  const document = checked(storable(data));
  return command('conference.create', { ...(id === undefined ? {} : { id }), document }, (view) => ({
    ...bare(scene, 201)(view),
    headers: { location: `/v2/accounts/${scene.account.id}/conferences/${encodeURIComponent(view.conference.id)}` },
  }));
};

const read: Decode = (scene) =>
  command('conference.read', { conference: conferenceOf(scene) }, (view) => {
    const revision = revisionOf(view);
    return {
      status: 200,
      data: shown(view, scene),
      revision,
      isLive: true,
      ...(revision === undefined ? {} : { headers: { etag: `"${revision}"` } }),
    };
  });

const replace: Decode = (scene) =>
  command(
    'conference.replace',
    { conference: conferenceOf(scene), document: checked(storable(objectData(scene.asked))) },
    bare(scene, 200),
  );

const patch: Decode = (scene) => {
  const conference = conferenceOf(scene);
  const change = storable(objectData(scene.asked));
  return async (execute, actor) => bare(scene, 200)(await amend({ execute, actor, conference, change, checked }));
};

const remove: Decode = (scene) => {
  const keep = scene.asked.query.get('should_soft_delete') !== 'false';
  return command('conference.delete', { conference: conferenceOf(scene), keep }, (view) => ({
    status: 200,
    data: {
      ...publicDocument({ ...view, conference: { ...view.conference, room: undefined } }, scene.node),
      _read_only: { deleted: true },
    },
    revision: revisionOf(view),
  }));
};

const actionOf = ({ envelope, data }: Asked): unknown =>
  envelope['action'] ?? (Array.isArray(data) ? undefined : (data as JsonObject)['action']);

const act: Decode = (scene): Plan => {
  const action = actionOf(scene.asked);
  switch (action) {
    case 'lock':
    case 'unlock':
      return command('conference.lock', { conference: conferenceOf(scene), locked: action === 'lock' }, (view) => ({
        status: 201,
        data: 'ok',
        revision: revisionOf(view),
      }));
    case 'play':
      return play(scene.asked, conferenceOf(scene));
    case 'record':
      return record(scene.asked, conferenceOf(scene));
    case 'dial':
      return dial(scene, conferenceOf(scene));
    default:
      throw refusals.faulty();
  }
};

/** `/conferences`: rulings allow POST beside PUT. */
export const collection: Readonly<Record<string, Decode>> = { GET: list, PUT: create, POST: create };
/** `/conferences/{C}`. */
export const entity: Readonly<Record<string, Decode>> = { GET: read, PUT: act, POST: replace, PATCH: patch, DELETE: remove };
