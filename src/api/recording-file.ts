import { Failure } from '../base/index.ts';
import type { ByteRange, FileOf, OpenedFile, RecordingFile, RecordingRecord, Recordings } from '../conference/index.ts';

/** A request for a file, as far as it says what of it. */
export interface FileWish {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** To be shown, and not to be kept. */
  readonly isInline: boolean;
  /** Only its head is wanted. */
  readonly isHead: boolean;
}

/** How a file is answered, in any dialect. */
export interface FileAnswer {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array>;
}

const typeOf = (name: string): string =>
  name.endsWith('.wav')
    ? 'audio/wav'
    : name.endsWith('.ogg')
      ? 'audio/ogg'
      : name.endsWith('.json')
        ? 'application/json'
        : 'application/octet-stream';

/**
 * The one range that is wanted (RFC 9110 §14.1.2, §14.2). Undefined: all of it, also where several are asked for, or what is no range. `beyond`: it has none
 * of it.
 */
function rangeIn(text: string | undefined, bytes: number): ByteRange | 'beyond' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(text?.trim() ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return Number(to) === 0 || bytes === 0 ? 'beyond' : { first: Math.max(0, bytes - Number(to)) };
  if (to !== '' && Number(to) < Number(from)) return undefined;
  if (Number(from) >= bytes) return 'beyond';
  return to === '' ? { first: Number(from) } : { first: Number(from), last: Number(to) };
}

/** The name that a file is kept under by whoever downloads it. What names should not have is left out. */
function nameFor({ name, id }: RecordingRecord, file: string): string {
  const bare = (name ?? '')
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._ -]/g, '')
    .trim()
    .slice(0, 80);
  return `${/[A-Za-z0-9]/.test(bare) ? bare : id}-${file}`;
}

const headersOf = (record: RecordingRecord, { name, sha256 }: RecordingFile, isInline: boolean) => ({
  'content-type': typeOf(name),
  'content-disposition': `${isInline ? 'inline' : 'attachment'}; filename="${nameFor(record, name)}"`,
  'accept-ranges': 'bytes',
  'cache-control': 'private, no-cache',
  // What was uploaded by nobody and is sound or JSON shall not be taken for a page.
  'x-content-type-options': 'nosniff',
  etag: `"${sha256}"`,
});

const names = (list: string | undefined, etag: string): boolean =>
  (list ?? '').split(',').some((each) => each.trim().replace(/^W\//, '') === etag || each.trim() === '*');

const noFile = (): Failure => new Failure('not-found', 'recording_file_not_found', 'the recording has no such file');

/** Answers with a file of a recording, or a part of it. */
export async function recordingFile(recordings: Recordings, of: FileOf, wish: FileWish): Promise<FileAnswer> {
  const record = await recordings.get(of.account, of.recording);
  const file = record.files.find(({ name }) => name === of.file);
  if (file === undefined) {
    // A running recording has no files yet, which is another thing than not having this one.
    if (record.state === 'running') throw new Failure('conflict', 'recording_running', 'the recording is still being written');
    throw noFile();
  }
  const headers = headersOf(record, file, wish.isInline);
  if (names(wish.ifNoneMatch, headers.etag)) return { status: 304, headers };
  const isSame = wish.ifRange === undefined || wish.ifRange === headers.etag;
  const range = isSame ? rangeIn(wish.range, file.bytes) : undefined;
  if (range === 'beyond') return { status: 416, headers: { ...headers, 'content-range': `bytes */${file.bytes}`, 'content-length': '0' } };
  if (wish.isHead) return { status: 200, headers: { ...headers, 'content-length': String(file.bytes) } };
  const opened = await recordings.open(of, range);
  return { status: range === undefined ? 200 : 206, headers: { ...headers, ...lengths(opened, range !== undefined) }, body: opened.chunks };
}

const lengths = ({ first, last, bytes }: OpenedFile, isPart: boolean): Record<string, string> => ({
  'content-length': String(last - first + 1),
  ...(isPart ? { 'content-range': `bytes ${first}-${last}/${bytes}` } : {}),
});
