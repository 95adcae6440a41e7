import type { DocumentId } from '../../accounts/index.ts';
import { Failure, type JsonObject } from '../../base/index.ts';
import { check } from '../document/check.ts';
import { merged } from '../document/paths.ts';
import { documentsOf } from './account-documents.ts';
import type { Answer, Decode, Scene } from './answer.ts';
import { invalid, refusals } from './refuse.ts';
import { objectData } from './request.ts';
import { kept } from './resource.ts';

/** The only part of an account's configuration that there is (kazoo-facts §3.8). */
const CONFERENCES = 'conferences';

const nameOf = ({ account }: Scene) => ({ account: account.id, kind: 'config' as const, id: CONFERENCES as DocumentId });

function refuseOthers({ params }: Scene): void {
  const { config = '' } = params;
  if (config !== CONFERENCES) throw refusals.badId(config);
}

const shown = (status: number, document: JsonObject): Answer => ({ status, data: { ...document, id: CONFERENCES }, revision: 'automatic' });

/** What is wrong in it would otherwise be found by no conference: it counts as absent there. */
function checked(document: JsonObject): JsonObject {
  const result = check('conferences_config', document);
  if (!result.ok) throw invalid(result.faults);
  return result.document;
}

async function stored(scene: Scene): Promise<JsonObject> {
  return (await documentsOf(scene).find(nameOf(scene)))?.document ?? {};
}

/** Keeps another document, whether there is one yet or not. */
async function keep(scene: Scene, change: (now: JsonObject) => JsonObject): Promise<JsonObject> {
  const documents = documentsOf(scene);
  try {
    return (await documents.change(nameOf(scene), ({ document }) => ({ document: change(document), keys: [] }))).document;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'document_not_found') throw error;
    return (await documents.create({ ...nameOf(scene), document: change({}) })).document;
  }
}

const changing =
  (status: number, change: (now: JsonObject, body: JsonObject) => JsonObject): Decode =>
  (scene) => {
    refuseOthers(scene);
    const body = kept(objectData(scene.asked));
    return async () => {
      if (!(await scene.isAdmin())) throw refusals.forbidden();
      return shown(status, await keep(scene, (now) => checked(change(now, body))));
    };
  };

const read: Decode = (scene) => {
  refuseOthers(scene);
  return async () => {
    if (!(await scene.isAdmin())) throw refusals.forbidden();
    return shown(200, await stored(scene));
  };
};

const remove: Decode = (scene) => {
  refuseOthers(scene);
  return async () => {
    if (!(await scene.isAdmin())) throw refusals.forbidden();
    const was = await stored(scene);
    if ((await documentsOf(scene).find(nameOf(scene))) !== undefined) await documentsOf(scene).remove(nameOf(scene));
    return shown(200, was);
  };
};

/** `/accounts/{A}/configs/conferences`: what the account configures for all its conferences; profiles, controls, tones, times. */
export const oneConfig: Readonly<Record<string, Decode>> = {
  GET: read,
  PUT: changing(201, (_, body) => body),
  POST: changing(200, (_, body) => body),
  PATCH: changing(200, merged),
  DELETE: remove,
};
