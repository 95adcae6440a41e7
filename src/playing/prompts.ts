import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const ENDINGS = ['wav', 'opus', 'ogg', 'mp3'];
/** Where nothing is said of the language, and where the prompt is not there in it. */
const USUAL = 'en-us';
/** No path can be made of such names. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** A file as it is now: another content is another name. */
export interface PromptFile {
  readonly path: string;
  readonly key: string;
}

/** `prompt://system_media/NAME/LANGUAGE`, `prompt://ACCOUNT/NAME/LANGUAGE` or `/system_media/NAME`. */
export interface PromptName {
  readonly owner: string;
  readonly name: string;
  readonly language: string;
}

/** Reads the name of a prompt; undefined: it is none. The language may be left out. */
export function readPromptName(uri: string): PromptName | undefined {
  const [owner = '', name = '', language = USUAL, ...more] = uri.replace(/^prompt:\/\/|^\//, '').split('/');
  return more.length === 0 && [owner, name, language].every((each) => NAME.test(each))
    ? { owner, name, language: language.toLowerCase() }
    : undefined;
}

/**
 * Finds the file of a prompt: what an account has of its own before what the system has, the language before its family (`de-at`, `de`), these before
 * American English. `<folder>/[account/]<language>/<name>.{wav,opus,ogg,mp3}`.
 */
export async function findPrompt(folder: string, { owner, name, language }: PromptName): Promise<PromptFile | undefined> {
  const languages = [...new Set([language, language.split('-')[0]!, USUAL])];
  const places = owner === 'system_media' ? [folder] : [join(folder, owner), folder];
  for (const spoken of languages) {
    for (const place of places) {
      const found = await withEnding(join(place, spoken, name));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The files of `local_stream://NAME`: one of that name, or all of a folder of that name, in the order of their names. */
export async function findStream(folder: string, name: string): Promise<readonly PromptFile[]> {
  if (!NAME.test(name)) return [];
  const place = join(folder, 'local_stream', name);
  const names = await readdir(place).catch(() => undefined);
  if (names === undefined) return [await withEnding(place)].filter((each) => each !== undefined);
  const sounds = names.filter((each) => ENDINGS.some((ending) => each.toLowerCase().endsWith(`.${ending}`))).sort();
  return (await Promise.all(sounds.map((each) => fileOf(join(place, each))))).filter((each) => each !== undefined);
}

async function withEnding(path: string): Promise<PromptFile | undefined> {
  for (const each of [path, ...ENDINGS.map((ending) => `${path}.${ending}`)]) {
    const found = await fileOf(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function fileOf(path: string): Promise<PromptFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? { path, key: `file ${path} ${found.mtimeMs} ${found.size}` } : undefined;
}
