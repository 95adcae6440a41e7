import type { AccountDocument, DocumentId } from '../../accounts/index.ts';
import { Failure, type JsonObject } from '../../base/index.ts';
import { keptPrivately } from '../../conference/index.ts';
import { merged } from '../document/paths.ts';
import { gregorian } from '../stamp.ts';
import { documentsOf, nameIn } from './account-documents.ts';
import type { Answer, Decode, Scene } from './answer.ts';
import { numberIdOf } from './number-id.ts';
import { Refusal, refusals, refuse } from './refuse.ts';
import { objectData } from './request.ts';
import { kept } from './resource.ts';

/**
 * Telephone numbers that belong to an account: what is left of KAZOO's `/phone_numbers` without carriers, prices and porting. A number belongs to one account of the
 * server, and calls to it from a trunk are that account's.
 */

function numberIn({ params }: Scene): DocumentId {
  const text = params['number'] ?? '';
  const id = numberIdOf(text);
  if (id === undefined) throw refusals.badId(text);
  return id;
}

const shown = ({ id, document, createdAt, modifiedAt }: AccountDocument): JsonObject => ({
  ...kept(document),
  id,
  _read_only: { state: 'in_service', created: gregorian(createdAt), modified: gregorian(modifiedAt) },
});

const answerOf = (status: number, number: AccountDocument): Answer => ({ status, data: shown(number), revision: 'automatic' });

/** Whose it is is nobody's business. */
function inKazooWords(error: unknown, number: string): unknown {
  if (!(error instanceof Failure)) return error;
  const isTaken = error.code === 'document_exists' || error.code === 'document_key_taken';
  return isTaken ? new Refusal(409, 'number_exists', { message: 'number already exists', cause: number }) : refuse(error, number);
}

const byAdmin =
  (run: (scene: Scene) => Promise<Answer>): Decode =>
  (scene) =>
  async () => {
    if (!(await scene.isAdmin())) throw refusals.forbidden();
    return run(scene).catch((error: unknown) => {
      throw inKazooWords(error, scene.params['number'] ?? '');
    });
  };

const list: Decode = (scene) => async () => {
  const found = await documentsOf(scene).list({ account: scene.account.id, kind: 'number' });
  const flow = async ({ id }: AccountDocument) => documentsOf(scene).holder({ account: scene.account.id, kind: 'callflow' }, id);
  const rows = await Promise.all(
    found.map(async (each) => [
      each.id,
      {
        state: 'in_service',
        assigned_to: each.account,
        created: gregorian(each.createdAt),
        updated: gregorian(each.modifiedAt),
        ...((await flow(each)) === undefined ? {} : { used_by: 'callflow' }),
      },
    ]),
  );
  return { status: 200, data: { cascade_quantity: 0, numbers: Object.fromEntries(rows) }, revision: 'automatic' };
};

const read: Decode = (scene) => async () => {
  const id = numberIn(scene);
  const found = await documentsOf(scene).find(nameIn(scene, 'number', id));
  if (found === undefined) throw refusals.badId(scene.params['number'] ?? '');
  return answerOf(200, found);
};

/** Takes a number for the account; taking it again changes nothing but what it says. */
const create: Decode = (scene) => {
  const document = kept(objectData(scene.asked));
  return byAdmin(async () => {
    const id = numberIn(scene);
    return answerOf(201, await documentsOf(scene).create({ account: scene.account.id, kind: 'number', id, document, keys: [id] }));
  })(scene);
};

const change =
  (merge: boolean): Decode =>
  (scene) => {
    const said = kept(objectData(scene.asked));
    return byAdmin(async () => {
      const id = numberIn(scene);
      const next = await documentsOf(scene).change(nameIn(scene, 'number', id), ({ document }) => ({
        // What is VoIPBIN's stays.
        document: { ...keptPrivately(document), ...(merge ? kept(merged(document, said)) : said) },
        keys: [id],
      }));
      return answerOf(200, next);
    })(scene);
  };

const remove = byAdmin(async (scene) => {
  const gone = await documentsOf(scene).remove(nameIn(scene, 'number', numberIn(scene)), false);
  return { status: 200, data: { ...shown(gone), _read_only: { deleted: true } }, revision: 'automatic' };
});

/** KAZOO buys a number and then activates it; here it works once it is there. */
const activate = byAdmin(async (scene) => {
  const found = await documentsOf(scene).find(nameIn(scene, 'number', numberIn(scene)));
  if (found === undefined) throw refusals.badId(scene.params['number'] ?? '');
  return answerOf(201, found);
});

/** `/phone_numbers`. */
export const numberList: Readonly<Record<string, Decode>> = { GET: list };
/** `/phone_numbers/{number}`. */
export const oneNumber: Readonly<Record<string, Decode>> = {
  GET: read,
  PUT: create,
  POST: change(false),
  PATCH: change(true),
  DELETE: remove,
};
/** `/phone_numbers/{number}/activate`. */
export const activation: Readonly<Record<string, Decode>> = { PUT: activate };
