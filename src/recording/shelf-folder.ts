import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, link, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../base/index.ts';
import { letGo } from './let-go.ts';
import type { Putting, Range, Shelf, ShelfKey, Taken } from './ports.ts';
import { folderOf, isFileName, pathOf, typeOfFile, within } from './shelf-key.ts';

/** Bytes that are read at once. */
const PIECE = 65_536;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

/** What `work` gives, or undefined where there is no such file or folder. */
const unlessAbsent = async <T>(work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  });

/** Keeps finished files in a folder of this machine: `account/recording/file`. */
export class FolderShelf implements Shelf {
  readonly place = 'folder';
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async put(key: ShelfKey, putting: Putting): Promise<void> {
    const path = join(this.#root, pathOf(key));
    try {
      await this.#put(path, putting);
    } catch (cause) {
      if (cause instanceof Failure) throw cause;
      throw new Failure('unavailable', 'shelf', `the folder of recordings: ${codeOf(cause) || 'cannot be written'}`, { cause });
    }
  }

  async get(key: ShelfKey, range?: Range): Promise<Taken | undefined> {
    const file = await unlessAbsent(open(join(this.#root, pathOf(key)), 'r'));
    if (file === undefined) return undefined;
    try {
      const { size } = await file.stat();
      const { first, last } = within(size, range);
      const chunks = letGo(pieces(file, first, last), () => file.close());
      return { bytes: size, type: typeOfFile(key.file), first, last, chunks };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async list(account: ShelfKey['account'], recording: string): Promise<readonly { readonly file: string; readonly bytes: number }[]> {
    const folder = join(this.#root, folderOf(account, recording));
    const names = ((await unlessAbsent(readdir(folder))) ?? []).filter(isFileName).sort();
    const sizes = await Promise.all(names.map((name) => unlessAbsent(stat(join(folder, name)))));
    return names.flatMap((file, index) => {
      const found = sizes[index];
      return found?.isFile() ? [{ file, bytes: found.size }] : [];
    });
  }

  async removeFile(key: ShelfKey): Promise<void> {
    const path = join(this.#root, pathOf(key));
    await rm(path, { force: true });
    await unlessAbsent(synced(dirname(path)));
  }

  async remove(account: ShelfKey['account'], recording: string): Promise<void> {
    const folder = join(this.#root, folderOf(account, recording));
    await rm(folder, { recursive: true, force: true });
    await unlessAbsent(synced(dirname(folder)));
  }

  async #put(path: string, { path: from, bytes, sha256 }: Putting): Promise<void> {
    if (from === path) return synced(path);
    const folder = dirname(path);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // A name of which `list` and `get` know nothing, until the file is whole.
    const half = `${folder}/.half-${sha256.slice(0, 16)}`;
    await rm(half, { force: true });
    if (!(await linked(from, half))) {
      await copyFile(from, half, constants.COPYFILE_FICLONE);
      await compare(half, { bytes, sha256 });
    }
    await synced(half);
    await rename(half, path);
    // Two names of one file are renamed to nothing (POSIX rename).
    await unlessAbsent(unlink(half));
    await synced(folder);
    await synced(dirname(folder));
    await synced(this.#root);
  }
}

/** A second name for the same bytes; false where the two places are not on one file system. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EACCES', 'ENOSYS'].includes(codeOf(error))) return false;
    throw error;
  }
}

/** Waits until a file or folder survives a power cut. */
async function synced(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function compare(path: string, { bytes, sha256 }: Pick<Putting, 'bytes' | 'sha256'>): Promise<void> {
  const file = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    for await (const piece of pieces(file, 0, bytes)) hash.update(piece);
    if (hash.digest('hex') !== sha256) throw new Failure('unavailable', 'shelf', 'the copy is not the same as the file');
  } finally {
    await file.close();
  }
}

async function* pieces(file: FileHandle, first: number, last: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = first; at <= last; ) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(PIECE, last - at + 1)), 0, undefined, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
