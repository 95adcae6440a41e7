import type { Closable } from '../base/index.ts';
import { letGo } from './let-go.ts';
import type { Putting, Range, Shelf, ShelfKey, Taken } from './ports.ts';
import { putObject } from './s3-put.ts';
import { type S3Options, S3Requests, unavailable, wrongIn } from './s3-requests.ts';
import { elements, textIn } from './s3-xml.ts';
import { beyond, folderOf, isFileName, pathOf, typeOfFile } from './shelf-key.ts';

/** How often in a row a download that breaks off without a byte is taken up again. */
const RESUMES = 3;

type Opened = Awaited<ReturnType<S3Requests['stream']>>;

/** The first and last byte, and all of them, out of `Content-Range` (RFC 9110 §14.4). */
function contentRange(text: string | undefined): { first: number; last: number; bytes: number } | undefined {
  const [, first, last, bytes] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(text ?? '') ?? [];
  return first === undefined ? undefined : { first: Number(first), last: Number(last), bytes: Number(bytes) };
}

/** Keeps finished files in a bucket of a store that speaks S3: `prefix/account/recording/file`. */
export class S3Shelf implements Shelf, Closable {
  readonly place: string;
  readonly #prefix: string;
  readonly #requests: S3Requests;
  readonly #log: S3Options['log'];

  constructor(options: S3Options) {
    const { bucket, prefix } = options.place;
    this.place = `s3://${bucket}/${prefix}`.replace(/\/$/, '');
    this.#prefix = prefix;
    this.#log = options.log;
    this.#requests = new S3Requests(options);
  }

  close(): Promise<void> {
    return this.#requests.close();
  }

  async put(key: ShelfKey, putting: Putting): Promise<void> {
    await putObject({ requests: this.#requests, log: this.#log }, this.#prefix + pathOf(key), putting);
  }

  async get(key: ShelfKey, range?: Range): Promise<Taken | undefined> {
    const name = this.#prefix + pathOf(key);
    const wish = range === undefined ? {} : { range: `bytes=${range.first}-${range.last ?? ''}` };
    const opened = await this.#requests.stream(name, wish);
    if (opened.status === 200 || opened.status === 206) return this.#taken(name, key.file, opened);
    const { status, headers } = opened;
    opened.cancel();
    if (status === 404) return undefined;
    if (status === 416) throw beyond(Number(/\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? 0));
    throw unavailable(`it answers ${status}`);
  }

  async list(account: ShelfKey['account'], recording: string): Promise<readonly { readonly file: string; readonly bytes: number }[]> {
    const prefix = `${this.#prefix}${folderOf(account, recording)}/`;
    const found: { file: string; bytes: number }[] = [];
    for (let token: string | undefined; ; ) {
      const query = { 'list-type': '2', prefix, ...(token === undefined ? {} : { 'continuation-token': token }) };
      const answer = await this.#requests.ask({ method: 'GET', query });
      if (answer.status !== 200) throw unavailable(wrongIn(answer));
      for (const each of elements(answer.text, 'Contents')) {
        const file = (textIn(each, 'Key') ?? '').slice(prefix.length);
        if (isFileName(file)) found.push({ file, bytes: Number(textIn(each, 'Size')) });
      }
      token = textIn(answer.text, 'IsTruncated') === 'true' ? textIn(answer.text, 'NextContinuationToken') : undefined;
      if (token === undefined) return found;
    }
  }

  async removeFile(key: ShelfKey): Promise<void> {
    await this.#remove({ key: this.#prefix + pathOf(key) });
  }

  async remove(account: ShelfKey['account'], recording: string): Promise<void> {
    for (const { file } of await this.list(account, recording)) {
      await this.#remove({ key: this.#prefix + pathOf({ account, recording, file }) });
    }
    await this.#abandon(`${this.#prefix}${folderOf(account, recording)}/`);
  }

  /** Parts of uploads that will not be finished any more cost money until somebody lets go of them. */
  async #abandon(prefix: string): Promise<void> {
    const answer = await this.#requests.ask({ method: 'GET', query: { uploads: '', prefix } });
    // Some stores do not list them; then their own rules of expiry must do.
    if (answer.status !== 200) return;
    for (const each of elements(answer.text, 'Upload')) {
      const [key, uploadId] = [textIn(each, 'Key'), textIn(each, 'UploadId')];
      if (key?.startsWith(prefix) && uploadId !== undefined) await this.#remove({ key, query: { uploadId } });
    }
  }

  async #remove(what: { readonly key: string; readonly query?: Readonly<Record<string, string>> }): Promise<void> {
    const answer = await this.#requests.ask({ method: 'DELETE', ...what });
    if (![200, 204, 404].includes(answer.status)) throw unavailable(wrongIn(answer));
  }

  #taken(name: string, file: string, opened: Opened): Taken {
    const length = Number(opened.headers['content-length']);
    const part = contentRange(opened.headers['content-range']) ?? { first: 0, last: length - 1, bytes: length };
    const { first, last, bytes } = part;
    if (![first, last, bytes].every(Number.isSafeInteger)) {
      opened.cancel();
      throw unavailable('it does not say how long a file is');
    }
    const flow = new Download({ requests: this.#requests, name, etag: opened.headers['etag'], first, last, opened });
    return { bytes, type: typeOfFile(file), first, last, chunks: letGo(flow.pieces(), () => flow.cancel()) };
  }
}

/** A download that is taken up where it broke off. */
class Download {
  readonly #of: { readonly requests: S3Requests; readonly name: string; readonly etag: string | undefined; readonly last: number };
  #at: number;
  #opened: Opened;

  constructor(from: {
    readonly requests: S3Requests;
    readonly name: string;
    /** Of the very file that was begun: another one of the same name is no continuation. */
    readonly etag: string | undefined;
    readonly first: number;
    readonly last: number;
    readonly opened: Opened;
  }) {
    this.#of = from;
    this.#at = from.first;
    this.#opened = from.opened;
  }

  cancel(): void {
    this.#opened.cancel();
  }

  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let tries = 0; this.#at <= this.#of.last; tries += 1) {
      const from = this.#at;
      try {
        for await (const piece of this.#opened.body) {
          this.#at += piece.length;
          yield piece;
        }
      } catch (error) {
        if (this.#at > from) tries = 0;
        if (tries >= RESUMES) throw unavailable('a download broke off', { cause: error });
      }
      if (this.#at > this.#of.last) return;
      if (tries >= RESUMES) throw unavailable('a download broke off');
      await this.#again();
    }
  }

  async #again(): Promise<void> {
    const { requests, name, etag, last } = this.#of;
    const same = etag === undefined ? {} : { 'if-match': etag };
    this.#opened = await requests.stream(name, { range: `bytes=${this.#at}-${last}`, ...same });
    const { status, headers } = this.#opened;
    if (status === 206 && contentRange(headers['content-range'])?.first === this.#at) return;
    this.#opened.cancel();
    throw unavailable('a download broke off and cannot be taken up again');
  }
}
