import { isObject, type JsonObject } from '../base/index.ts';
import type { MediaDocument, Saying, UploadedSound } from '../conference/index.ts';

/** Where the sound of a document lies in the media folder. Another content has another name, so whoever reads the old one is not disturbed. */
export const soundPath = ({ account, id }: Pick<MediaDocument, 'account' | 'id'>, { sha256 }: Pick<UploadedSound, 'sha256'>): string =>
  `${account}/${id}.${sha256.slice(0, 16)}`;

const textAt = (object: JsonObject, key: string): string | undefined => {
  const value = object[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/**
 * The text of a document of the source `tts` (kazoo-facts §11.3). KAZOO's voices are called `female/en-US`; a language in the voice beats that of the
 * document.
 */
export function spokenText(document: JsonObject): Saying | undefined {
  const tts = document['tts'];
  if (document['media_source'] !== 'tts' || !isObject(tts)) return undefined;
  const say = textAt(tts, 'text');
  if (say === undefined) return undefined;
  const [voice, spoken] = (textAt(tts, 'voice') ?? '').split('/');
  const language = spoken ?? textAt(document, 'language');
  return { say, ...(language === undefined ? {} : { language }), ...(voice === undefined || voice === '' ? {} : { voice }) };
}
