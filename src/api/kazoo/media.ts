import { createHash } from 'node:crypto';
import { Failure, type Json, type JsonObject } from '../../base/index.ts';
import type { MediaDocument, MediaId, MediaLibrary } from '../../conference/index.ts';
import { check } from '../document/check.ts';
import { gregorian } from '../stamp.ts';
import type { Answer, Decode, Scene } from './answer.ts';
import { type Lister, page } from './list.ts';
import { broken, invalid, refusals } from './refuse.ts';
import { objectData } from './request.ts';
import { fileOf } from './uploaded.ts';

/** What a library does for the account in the URL; without one there is no such route. */
const withLibrary =
  (run: (library: MediaLibrary, scene: Scene) => Promise<Answer>): Decode =>
  (scene) => {
    const { media } = scene;
    if (media === undefined) throw refusals.noSuchRoute();
    return async () => {
      try {
        return await run(media, scene);
      } catch (error) {
        throw inKazooWords(error, idIn(scene));
      }
    };
  };

const idIn = ({ params }: Scene): MediaId => (params['media'] ?? '') as MediaId;

function inKazooWords(error: unknown, id: string): unknown {
  if (!(error instanceof Failure)) return error;
  if (error.kind === 'not-found') return refusals.badId(id);
  if (error.code === 'media_too_long') return broken('file', 'maxSize', { message: 'Files must not be more than the maximum size' });
  if (error.code === 'media_unplayable') return broken('file', 'invalid', { message: error.message });
  return error;
}

/** `N-32hex`, as CouchDB has it. */
const revisionOf = ({ id, revision, document, sound }: MediaDocument): string =>
  `${revision}-${createHash('sha256')
    .update(JSON.stringify([id, document, sound ?? null]))
    .digest('hex')
    .slice(0, 32)}`;

/** What was uploaded says what it is; until then what the client said. */
const shown = ({ document, id, sound }: MediaDocument): JsonObject => ({
  ...document,
  ...(sound === undefined ? {} : { content_type: sound.type, content_length: sound.bytes }),
  id,
});

const item = ({ document, id, sound }: MediaDocument): JsonObject => ({
  id,
  name: document['name'] ?? '',
  media_type: sound?.type ?? document['content_type'] ?? '',
  media_source: document['media_source'] ?? 'upload',
  language: document['language'] ?? 'en-us',
  is_prompt: document['prompt_id'] !== undefined,
});

/** The body as it is kept: its own ids are the server's affair. */
function checked(scene: Scene): JsonObject {
  const { id: _id, _id: _own, ...given } = objectData(scene.asked);
  const result = check('media', given);
  if (!result.ok) throw invalid(result.faults);
  const { document } = result;
  if (document['media_source'] === 'tts' && document['tts'] === undefined) {
    throw broken('tts', 'required', { message: 'Field is required but missing', value: 'tts' });
  }
  return document;
}

const lister: Lister<MediaDocument> = {
  idOf: ({ id }) => id,
  stored: (media) => ({
    ...shown(media),
    _id: media.id,
    pvt_type: 'media',
    pvt_account_id: media.account,
    pvt_created: gregorian(media.createdAt),
    pvt_modified: gregorian(media.modifiedAt),
  }),
  shown: item,
};

const list: Decode = (scene) => {
  const answer = page(scene.asked.query, lister);
  return withLibrary(async (library, { account }) => answer(await library.list(account.id)))(scene);
};

const one = (status: number, media: MediaDocument, data: Json = shown(media)): Answer => ({ status, data, revision: revisionOf(media) });

const create: Decode = (scene) => {
  const document = checked(scene);
  return withLibrary(async (library, { account }) => one(201, await library.create(account.id, document)))(scene);
};

const replace: Decode = (scene) => {
  const document = checked(scene);
  return withLibrary(async (library) => one(200, await library.change({ account: scene.account.id, id: idIn(scene) }, document)))(scene);
};

const read = withLibrary(async (library, scene) => one(200, await library.get(scene.account.id, idIn(scene))));

const remove = withLibrary(async (library, scene) => {
  const media = await library.remove(scene.account.id, idIn(scene));
  return one(200, media, { ...shown(media), _read_only: { deleted: true } });
});

const download = withLibrary(async (library, scene) => {
  const { type, bytes } = await library.download(scene.account.id, idIn(scene));
  const headers = {
    'content-type': type,
    'content-length': String(bytes.length),
    'content-disposition': `attachment; filename="${idIn(scene).replace(/[^\w-]/g, '_')}"`,
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, data: {}, headers, text: only(bytes) };
});

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const upload: Decode = (scene) => {
  const file = fileOf(scene.asked);
  return withLibrary(async (library) => one(200, await library.upload({ account: scene.account.id, id: idIn(scene) }, file)))(scene);
};

/** How many media documents there are for each value, as one object in a list. */
const counted = (of: (media: MediaDocument) => string | undefined): Decode =>
  withLibrary(async (library, { account }) => {
    const counts = new Map<string, number>();
    for (const each of await library.list(account.id)) {
      const value = of(each);
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const data = counts.size === 0 ? [] : [Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))];
    return { status: 200, data, revision: 'automatic' };
  });

/** The ids of those that have the value in the URL. */
const having = (of: (media: MediaDocument) => string | undefined, param: string): Decode =>
  withLibrary(async (library, { account, params }) => {
    const wanted = params[param] ?? '';
    const found = (await library.list(account.id)).filter((each) => of(each) === (param === 'language' ? wanted.toLowerCase() : wanted));
    return { status: 200, data: found.map(({ id }) => id), revision: 'automatic' };
  });

const languageOf = ({ document: { language } }: MediaDocument): string => (typeof language === 'string' ? language.toLowerCase() : 'en-us');
const promptOf = ({ document: { prompt_id: prompt } }: MediaDocument): string | undefined =>
  typeof prompt === 'string' && prompt !== '' ? prompt : undefined;

/** `/media/languages`, `/media/languages/{L}`: in what the account has media. */
export const mediaLanguages: Readonly<Record<string, Decode>> = { GET: counted(languageOf) };
export const oneLanguage: Readonly<Record<string, Decode>> = { GET: having(languageOf, 'language') };
/** `/media/prompts`, `/media/prompts/{P}`: which prompts the account has replaced. */
export const mediaPrompts: Readonly<Record<string, Decode>> = { GET: counted(promptOf) };
export const onePrompt: Readonly<Record<string, Decode>> = { GET: having(promptOf, 'prompt') };
/** `/media`. */
export const mediaList: Readonly<Record<string, Decode>> = { GET: list, PUT: create, POST: create };
/** `/media/{M}`. */
export const oneMedia: Readonly<Record<string, Decode>> = { GET: read, POST: replace, DELETE: remove };
/** `/media/{M}/raw`. */
export const rawMedia: Readonly<Record<string, Decode>> = { GET: download, POST: upload, PUT: upload };
