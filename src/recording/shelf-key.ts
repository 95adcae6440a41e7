import { Failure } from '../base/index.ts';
import type { Range, ShelfKey } from './ports.ts';

const ACCOUNT = /^[0-9a-f]{32}$/;
const RECORDING = /^[0-9a-f]{32}$/;
const FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Whether a text can be a file's name on a shelf: no folder, nothing hidden, nothing that needs an escape in a path or a URL. */
export const isFileName = (text: string): boolean => FILE.test(text);

/** The folder of a recording below a shelf's root, without slashes at its ends. Refuses what could lead elsewhere. */
export function folderOf(account: string, recording: string): string {
  if (!ACCOUNT.test(account) || !RECORDING.test(recording)) throw new TypeError('this is no recording of an account');
  return `${account}/${recording}`;
}

/** The path of a file below a shelf's root. Refuses what could lead elsewhere. */
export function pathOf({ account, recording, file }: ShelfKey): string {
  if (!isFileName(file)) throw new TypeError('this is no name of a file on a shelf');
  return `${folderOf(account, recording)}/${file}`;
}

/** What a file's name says of its type. */
export function typeOfFile(file: string): string {
  if (file.endsWith('.wav')) return 'audio/wav';
  if (file.endsWith('.ogg')) return 'audio/ogg';
  return file.endsWith('.json') ? 'application/json' : 'application/octet-stream';
}

/** A range that begins behind the end of a file. */
export const beyond = (bytes: number): Failure =>
  new Failure('invalid', 'range', 'the range begins behind the end of the file', { details: { bytes } });

/** What of a file a range means (RFC 9110 §14.1.2); of an empty file, the whole of it is `last` -1. */
export function within(bytes: number, range: Range | undefined): { readonly first: number; readonly last: number } {
  if (range === undefined) return { first: 0, last: bytes - 1 };
  const { first, last = bytes - 1 } = range;
  if (first >= bytes) throw beyond(bytes);
  return { first, last: Math.min(last, bytes - 1) };
}
