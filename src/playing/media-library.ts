import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AccountId } from '../accounts/index.ts';
import { type Chance, type Clock, Failure, type JsonObject, newId } from '../base/index.ts';
import type { MediaDocument, MediaDocuments, MediaId, MediaLibrary, SoundFile } from '../conference/index.ts';
import { ByteStream } from './byte-stream.ts';
import { soundPath } from './media-values.ts';
import { openSound } from './open-sound.ts';

/** What the library needs. */
export interface MediaLibraryOptions {
  readonly documents: MediaDocuments;
  /** The folder of uploaded sounds; it is made when the first one comes. */
  readonly folder: string;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Longest upload, bytes. Default 11 534 336, as KAZOO's `content_length`. */
  readonly maxBytes?: number;
}

type Key = Pick<MediaDocument, 'account' | 'id'>;

/** Media documents in the store, their sounds as files. */
export function openMediaLibrary(options: MediaLibraryOptions): MediaLibrary {
  return new FolderLibrary(options);
}

class FolderLibrary implements MediaLibrary {
  readonly #options: MediaLibraryOptions;

  constructor(options: MediaLibraryOptions) {
    this.#options = options;
  }

  async get(account: AccountId, id: MediaId): Promise<MediaDocument> {
    const found = await this.#options.documents.find(account, id);
    if (found === undefined) throw new Failure('not-found', 'media_not_found', 'no such media', { details: { id } });
    return found;
  }

  list(account: AccountId): Promise<readonly MediaDocument[]> {
    return this.#options.documents.list(account);
  }

  async create(account: AccountId, document: JsonObject): Promise<MediaDocument> {
    const { clock, chance, documents } = this.#options;
    const at = clock.epoch();
    const media = { id: newId(chance, at) as MediaId, account, document, revision: 1, createdAt: at, modifiedAt: at };
    await documents.save(media);
    return media;
  }

  async change({ account, id }: Key, document: JsonObject): Promise<MediaDocument> {
    return this.#save({ ...(await this.get(account, id)), document });
  }

  async remove(account: AccountId, id: MediaId): Promise<MediaDocument> {
    const media = await this.get(account, id);
    await this.#options.documents.remove(account, id);
    await this.#clear(media);
    return media;
  }

  async upload({ account, id }: Key, { type, bytes }: SoundFile): Promise<MediaDocument> {
    const { maxBytes = 11_534_336, folder } = this.#options;
    const media = await this.get(account, id);
    if (bytes.length > maxBytes) {
      throw new Failure('invalid', 'media_too_long', `an upload has at most ${maxBytes} bytes`, { details: { bytes: bytes.length } });
    }
    await tryOut(bytes);
    const sound = { type, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    await writeDurably(join(folder, soundPath(media, sound)), bytes);
    const saved = await this.#save({ ...media, sound });
    await this.#clear(saved, soundPath(saved, sound));
    return saved;
  }

  async download(account: AccountId, id: MediaId): Promise<SoundFile> {
    const media = await this.get(account, id);
    const { sound } = media;
    const bytes = sound && (await readFile(join(this.#options.folder, soundPath(media, sound))).catch(() => undefined));
    if (sound === undefined || bytes === undefined) {
      throw new Failure('not-found', 'media_empty', 'nothing was uploaded to this media', { details: { id } });
    }
    return { type: sound.type, bytes };
  }

  async #save(media: MediaDocument): Promise<MediaDocument> {
    const saved = { ...media, revision: media.revision + 1, modifiedAt: this.#options.clock.epoch() };
    await this.#options.documents.save(saved);
    return saved;
  }

  /** Files of a document that are no longer its sound, also what a crash left. Whoever plays one goes on to its end. */
  async #clear({ account, id }: Key, but?: string): Promise<void> {
    const { folder } = this.#options;
    for (const name of await readdir(join(folder, account)).catch(() => [])) {
      const path = `${account}/${name}`;
      if (name.startsWith(`${id}.`) && path !== but) await rm(join(folder, path), { force: true });
    }
  }
}

/** Who uploads is told at once what nobody could play. */
async function tryOut(bytes: Uint8Array): Promise<void> {
  const source = await openSound(ByteStream.of(bytes));
  try {
    const first = await source.next();
    if (first === undefined)
      throw new Failure('invalid', 'media_unplayable', 'the sound cannot be played: it has no sound', {
        details: { reason: 'it has no sound' },
      });
  } finally {
    source.close();
  }
}

/** Under its name there is the whole file or none. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.draft`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
