import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Log } from '../base/index.ts';
import type { Putting } from './ports.ts';
import { type S3Requests, unavailable, wrongIn } from './s3-requests.ts';
import { elements, escaped, textIn } from './s3-xml.ts';

/** What S3 takes at most of parts; the least size of each but the last is 5 MiB. */
const MOST_PARTS = 10_000;
/** Bytes of a part, and the longest file that is sent in one piece. */
const PART = 8 * 1024 * 1024;
/** Bytes that are read and hashed in one go, so that nobody waits long for this thread. */
const PIECE = 262_144;

/** What sending needs. */
export interface PutOptions {
  readonly requests: S3Requests;
  readonly log: Log;
}

interface Part {
  readonly number: number;
  readonly etag: string;
  readonly bytes: number;
}

const metaOf = ({ type, sha256 }: Putting) => ({ 'content-type': type, 'x-amz-meta-sha256': sha256 });

const quoted = (etag: string): string => `"${etag.replaceAll('"', '')}"`;

/** Puts a file under a key. What was sent before a restart, or before the store failed, is not sent again. */
export async function putObject({ requests, log }: PutOptions, key: string, putting: Putting): Promise<void> {
  if (await isThere(requests, key, putting)) return;
  const file = await open(putting.path, 'r');
  try {
    const { size } = await file.stat();
    if (size !== putting.bytes) throw unavailable('the local file has another length than it should');
    if (size <= PART) await putWhole(requests, key, { file, putting });
    else await new Multipart({ requests, log }, key, { file, putting }).send();
  } finally {
    await file.close();
  }
  if (!(await isThere(requests, key, putting))) throw unavailable('what arrived is not what was sent');
}

/** Whether the very file is there already. */
async function isThere(requests: S3Requests, key: string, { bytes, sha256 }: Putting): Promise<boolean> {
  const answer = await requests.ask({ method: 'HEAD', key });
  if (answer.status === 404) return false;
  if (answer.status !== 200) throw unavailable(wrongIn(answer));
  return Number(answer.headers['content-length']) === bytes && answer.headers['x-amz-meta-sha256'] === sha256;
}

interface Source {
  readonly file: FileHandle;
  readonly putting: Putting;
}

async function putWhole(requests: S3Requests, key: string, { file, putting }: Source): Promise<void> {
  const hash = createHash('sha256');
  const body = await readPart(file, { at: 0, bytes: putting.bytes }, (piece) => hash.update(piece));
  if (hash.digest('hex') !== putting.sha256) throw unavailable('the local file is not what it was');
  const answer = await requests.ask({ method: 'PUT', key, headers: metaOf(putting), body });
  if (answer.status !== 200) throw unavailable(wrongIn(answer));
}

/** Reads a part of a file piece by piece. */
async function readPart(file: FileHandle, part: { at: number; bytes: number }, seen: (piece: Uint8Array) => void): Promise<Uint8Array> {
  const body = new Uint8Array(part.bytes);
  for (let filled = 0; filled < part.bytes; ) {
    const { bytesRead } = await file.read(body, filled, Math.min(PIECE, part.bytes - filled), part.at + filled);
    if (bytesRead === 0) throw unavailable('the local file is shorter than it was');
    seen(body.subarray(filled, filled + bytesRead));
    filled += bytesRead;
  }
  return body;
}

/** A file in parts. The store knows best which of them it has, so that nothing of it is kept here. */
class Multipart {
  readonly #options: PutOptions;
  readonly #key: string;
  readonly #source: Source;

  constructor(options: PutOptions, key: string, source: Source) {
    this.#options = options;
    this.#key = key;
    this.#source = source;
  }

  async send(): Promise<void> {
    const begun = await this.#begun();
    const upload = begun ?? (await this.#begin());
    const there = begun === undefined ? [] : await this.#partsOf(upload);
    const parts = await this.#sendParts(upload, new Map(there.map((part) => [part.number, part])));
    await this.#complete(upload, parts);
  }

  /** The newest unfinished upload of this key; undefined where there is none, or the store does not say. */
  async #begun(): Promise<string | undefined> {
    const answer = await this.#options.requests.ask({ method: 'GET', query: { uploads: '', prefix: this.#key } });
    if (answer.status !== 200) return undefined;
    const own = elements(answer.text, 'Upload').filter((each) => textIn(each, 'Key') === this.#key);
    const newest = own.sort((a, b) => ((textIn(a, 'Initiated') ?? '') < (textIn(b, 'Initiated') ?? '') ? 1 : -1))[0];
    return newest === undefined ? undefined : textIn(newest, 'UploadId');
  }

  async #begin(): Promise<string> {
    const headers = metaOf(this.#source.putting);
    const answer = await this.#options.requests.ask({ method: 'POST', key: this.#key, query: { uploads: '' }, headers });
    const id = textIn(answer.text, 'UploadId');
    if (answer.status !== 200 || id === undefined) throw unavailable(wrongIn(answer));
    return id;
  }

  async #partsOf(uploadId: string): Promise<readonly Part[]> {
    const parts: Part[] = [];
    for (let marker = '0'; ; ) {
      const query = { uploadId, 'part-number-marker': marker };
      const answer = await this.#options.requests.ask({ method: 'GET', key: this.#key, query });
      if (answer.status !== 200) return [];
      for (const each of elements(answer.text, 'Part')) {
        const [number, bytes] = [Number(textIn(each, 'PartNumber')), Number(textIn(each, 'Size'))];
        parts.push({ number, bytes, etag: textIn(each, 'ETag') ?? '' });
      }
      const next = textIn(answer.text, 'NextPartNumberMarker');
      if (textIn(answer.text, 'IsTruncated') !== 'true' || next === undefined || next === marker) return parts;
      marker = next;
    }
  }

  /** Every part is read, so that the whole file is compared with its hash; only what is missing there is sent. */
  async #sendParts(upload: string, there: ReadonlyMap<number, Part>): Promise<readonly Part[]> {
    const { file, putting } = this.#source;
    const size = Math.max(PART, Math.ceil(putting.bytes / MOST_PARTS));
    const whole = createHash('sha256');
    const parts: Part[] = [];
    for (let at = 0; at < putting.bytes; at += size) {
      const number = parts.length + 1;
      const bytes = Math.min(size, putting.bytes - at);
      const md5 = createHash('md5');
      const body = await readPart(file, { at, bytes }, (piece) => {
        whole.update(piece);
        md5.update(piece);
      });
      const known = there.get(number);
      // Where the store encrypts, its tag is no MD5 of ours: then the part is sent once more, which is never wrong.
      const isKept = known !== undefined && known.bytes === bytes && quoted(known.etag) === quoted(md5.digest('hex'));
      parts.push(isKept ? known : { number, bytes, etag: await this.#sendPart(upload, number, body) });
    }
    if (whole.digest('hex') !== putting.sha256) throw unavailable('the local file is not what it was');
    return parts;
  }

  async #sendPart(uploadId: string, number: number, body: Uint8Array): Promise<string> {
    const query = { partNumber: String(number), uploadId };
    const answer = await this.#options.requests.ask({ method: 'PUT', key: this.#key, query, body });
    const etag = answer.headers['etag'];
    if (answer.status === 200 && etag !== undefined) return etag;
    throw unavailable(wrongIn(answer));
  }

  async #complete(uploadId: string, parts: readonly Part[]): Promise<void> {
    const list = parts.map((part) => `<Part><PartNumber>${part.number}</PartNumber><ETag>${escaped(quoted(part.etag))}</ETag></Part>`);
    const xml = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${list.join('')}</CompleteMultipartUpload>`;
    const query = { uploadId };
    const answer = await this.#options.requests.ask({ method: 'POST', key: this.#key, query, body: Buffer.from(xml) });
    // S3 may begin to answer 200 before it knows, and fail in the body. Asked again after it was done, it knows of no such upload:
    // whether the file is there is looked at afterwards in any case.
    const isDone = answer.status === 200 && textIn(answer.text, 'Code') === undefined;
    if (!isDone && answer.status !== 404) throw unavailable(wrongIn(answer));
  }
}
