import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { familyOf, isOfFamily } from './spoken-languages.ts';

const ENDINGS = ['wav', 'opus', 'ogg', 'mp3'];
/** Where nothing is said of the language, and where the prompt is not there in it. */
const USUAL = 'en-us';
/** Whoever owns what the system has. */
export const SYSTEM = 'system_media';
/** No path can be made of such names. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
/** KAZOO's own file of this prompt is misspelt (kazoo-facts §7.11). */
const ALSO_CALLED: Readonly<Record<string, string>> = { 'conf-your_announcment': 'conf-your_announcement' };

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
    ? { owner, name: ALSO_CALLED[name] ?? name, language: language.toLowerCase() }
    : undefined;
}

/** The languages in which a prompt is looked for, together: first those of the family that was asked for, then American English. */
export function wishesFor(language: string): readonly string[] {
  return familyOf(language) === familyOf(USUAL) ? [language] : [language, USUAL];
}

/** The folders of an account, of the operator, and what was shipped; in the order in which they count. */
export function promptFolders({ operator, shipped, account }: { operator: string; shipped?: string; account: string }): readonly string[] {
  return [join(operator, account), operator, ...(shipped === undefined ? [] : [shipped])];
}

/** The names in a folder; none if there is no such folder. */
export type Listing = (folder: string) => Promise<ReadonlySet<string>>;

export const listFolder: Listing = async (folder) => new Set(await readdir(folder).catch(() => []));

/** The file of a prompt in one folder and one family of languages: the language itself (`de-at`), the family (`de`), another of the family (`de-de`). */
export async function findPrompt(
  { folder, name, language }: { folder: string; name: string; language: string },
  list: Listing,
): Promise<PromptFile | undefined> {
  const family = familyOf(language);
  const near = new Set([language, family]);
  const known = await list(folder);
  const others = [...known].filter((each) => isOfFamily(each, family) && !near.has(each)).sort(nearest);
  for (const spoken of [...near, ...others]) {
    if (!known.has(spoken)) continue;
    const place = join(folder, spoken);
    const names = await list(place);
    for (const each of spellings(name)) {
      const found = names.has(each) ? await fileOf(join(place, each)) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The language of the country that gave it its name comes first: `pt-pt` before `pt-br`, `de-de` before `de-at`. */
function nearest(one: string, other: string): number {
  const ownCountry = (each: string): number => (new Set(each.split('-')).size === 1 ? 0 : 1);
  return ownCountry(one) - ownCountry(other) || (one < other ? -1 : 1);
}

/** The files of `local_stream://NAME`: one of that name, or all of a folder of that name, in the order of their names. */
export async function findStream(folders: readonly string[], name: string): Promise<readonly PromptFile[]> {
  if (!NAME.test(name)) return [];
  for (const folder of folders) {
    const files = await streamIn(join(folder, 'local_stream', name));
    if (files.length > 0) return files;
  }
  return [];
}

async function streamIn(place: string): Promise<readonly PromptFile[]> {
  const names = await readdir(place).catch(() => undefined);
  if (names === undefined) return [await withEnding(place)].filter((each) => each !== undefined);
  const sounds = names.filter((each) => ENDINGS.some((ending) => each.toLowerCase().endsWith(`.${ending}`))).sort();
  return (await Promise.all(sounds.map((each) => fileOf(join(place, each))))).filter((each) => each !== undefined);
}

/** What a file of this name may be called. */
const spellings = (name: string): readonly string[] => [name, ...ENDINGS.map((ending) => `${name}.${ending}`)];

async function withEnding(path: string): Promise<PromptFile | undefined> {
  for (const each of spellings(path)) {
    const found = await fileOf(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function fileOf(path: string): Promise<PromptFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? { path, key: `file ${path} ${found.mtimeMs} ${found.size}` } : undefined;
}
