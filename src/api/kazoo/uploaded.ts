import type { SoundFile } from '../../conference/index.ts';
import type { Asked } from './answer.ts';
import { broken, Refusal } from './refuse.ts';

/** Paths whose body is a file and never JSON. */
const FILE_PATH = /^\/v2\/accounts\/[^/]+\/(?:users\/[^/]+\/)?media\/[^/]+\/raw\/?$/;

/** Sounds, and what clients say when they do not know (curl says the last one). What it is shows in the bytes. */
const SOUNDS = /^(audio\/[\w.+-]+|video\/[\w.+-]+|application\/(ogg|octet-stream|x-www-form-urlencoded))$/;
const IN_TEXT = /^application\/(x-)?base64$/;

/** Whether a file is uploaded here. */
export const takesFile = (method: string, pathname: string): boolean => (method === 'POST' || method === 'PUT') && FILE_PATH.test(pathname);

/** The file of an upload (kazoo-facts §11.1): its bytes, or as KAZOO's user interface sends it, a data URI in base64. */
export function fileOf({ file, headers }: Asked): SoundFile {
  const type = (headers['content-type'] ?? 'application/octet-stream').split(';')[0]!.trim().toLowerCase();
  if (!SOUNDS.test(type) && !IN_TEXT.test(type)) throw new Refusal(415, 'unsupported_media_type', {});
  if (file === undefined || file.length === 0) throw broken('file', 'required', { message: 'Please provide an media file' });
  return IN_TEXT.test(type) ? fromText(Buffer.from(file).toString('latin1')) : { type: named(type), bytes: file };
}

/** Who did not know what it was is not believed. */
const named = (type: string): string => (type.endsWith('x-www-form-urlencoded') ? 'application/octet-stream' : type);

function fromText(text: string): SoundFile {
  const [, type = 'application/octet-stream', base64 = ''] = /^\s*(?:data:([\w.+/-]+)?(?:;[^,]*)?,)?([\s\S]*)$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0) throw broken('file', 'required', { message: 'Please provide an media file' });
  return { type: SOUNDS.test(type) ? type : 'application/octet-stream', bytes };
}
