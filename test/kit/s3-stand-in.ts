import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type S3Credentials, signatureFault } from './s3-signature.ts';

const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');
const LEAST_PART = 5 * 1024 * 1024;

interface Thing {
  readonly body: Buffer;
  readonly etag: string;
  readonly meta: Readonly<Record<string, string>>;
}

interface Upload {
  readonly id: string;
  readonly key: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly parts: Map<number, Thing>;
  readonly initiated: string;
}

interface Ask {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

interface Told {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** How the next requests fare; told by a test. */
export interface Weather {
  /** Answers each with this status, before anything is done. */
  status?: number | undefined;
  /** Called with each request; true: it is answered 500. */
  failing?: ((ask: { method: string; key: string; query: URLSearchParams }) => boolean) | undefined;
  /** A download of more bytes than this is cut off there. */
  cutAfter?: number | undefined;
  /** ms before each answer. */
  slow?: number | undefined;
  /** The end of an upload in parts is answered 200 with an error inside, as S3 may. */
  completeFails?: boolean | undefined;
  /** Answers 501 to lists of unfinished uploads, as some stores do. */
  hidesUploads?: boolean | undefined;
}

const xml = (name: string, inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</${name}>`;
const refusal = (status: number, code: string): Told => ({ status, body: xml('Error', `<Code>${code}</Code><Message>no</Message>`) });

/** A store that speaks as much of S3 as Parley uses, checks every signature, and keeps everything in memory. One bucket, in the path. */
export class S3StandIn implements AsyncDisposable {
  readonly credentials: S3Credentials = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    region: 'test-1',
  };
  readonly bucket = 'sounds';
  readonly things = new Map<string, Thing>();
  readonly uploads = new Map<string, Upload>();
  /** `METHOD key?query` of all that was asked, in order. */
  readonly asked: string[] = [];
  /** Refusals of signatures; empty where everybody signs well. */
  readonly faults: string[] = [];
  readonly weather: Weather = {};
  /** Names on a page of a list. */
  pageSize = 1000;
  now = (): number => Date.now();
  #count = 0;
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async open(): Promise<S3StandIn> {
    const store = new S3StandIn();
    store.#server.listen(0, '127.0.0.1');
    await once(store.#server, 'listening');
    return store;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The place as `S3Shelf` wants it. */
  place(prefix = '') {
    return { endpoint: this.endpoint, bucket: this.bucket, prefix, isPathStyle: true, ...this.credentials };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const url = new URL(request.url ?? '/', 'http://any');
      const [, bucket, ...path] = url.pathname.split('/').map(decodeURIComponent);
      const ask: Ask = { method: request.method ?? '', key: path.join('/'), query: url.searchParams, headers: request.headers, body };
      this.asked.push(`${ask.method} ${ask.key}${url.search}`);
      if (this.weather.slow !== undefined) await new Promise((resolve) => setTimeout(resolve, this.weather.slow));
      const fault = signatureFault(request, body, this.credentials, this.now());
      if (fault !== undefined) this.faults.push(fault);
      const told = fault === undefined ? this.#told(bucket ?? '', ask) : refusal(403, fault);
      this.#send(response, ask, told);
    } catch {
      // Whoever asked is gone.
      response.destroy();
    }
  }

  #send(response: ServerResponse, { method, key }: Ask, { status, headers = {}, body = '' }: Told): void {
    const bytes = Buffer.from(body);
    response.writeHead(status, { 'x-amz-request-id': 'test', 'content-length': String(bytes.length), ...headers });
    if (method === 'HEAD') return void response.end();
    const { cutAfter } = this.weather;
    if (method === 'GET' && key !== '' && cutAfter !== undefined && bytes.length > cutAfter) {
      response.write(bytes.subarray(0, cutAfter), () => response.destroy());
      return;
    }
    response.end(bytes);
  }

  #told(bucket: string, ask: Ask): Told {
    const { status, failing } = this.weather;
    if (status !== undefined) return refusal(status, 'InternalError');
    if (failing?.(ask) === true) return refusal(500, 'InternalError');
    if (bucket !== this.bucket) return refusal(404, 'NoSuchBucket');
    if (ask.key === '') return this.#lists(ask);
    const id = ask.query.get('uploadId');
    if (id !== null) return this.#inParts(ask, id);
    switch (ask.method) {
      case 'POST':
        return this.#begin(ask);
      case 'PUT':
        return this.#keep(ask.key, ask.body, ask.headers);
      case 'DELETE':
        this.things.delete(ask.key);
        return { status: 204 };
      default:
        return this.#read(ask);
    }
  }

  #keep(key: string, body: Buffer, headers: IncomingMessage['headers']): Told {
    const etag = `"${md5(body)}"`;
    this.things.set(key, { body, etag, meta: metaIn(headers) });
    return { status: 200, headers: { etag } };
  }

  #read({ key, headers }: Ask): Told {
    const thing = this.things.get(key);
    if (thing === undefined) return refusal(404, 'NoSuchKey');
    if (headers['if-match'] !== undefined && headers['if-match'] !== thing.etag) return refusal(412, 'PreconditionFailed');
    const size = thing.body.length;
    const heads = { etag: thing.etag, ...thing.meta };
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
    if (from === undefined) return { status: 200, headers: heads, body: thing.body };
    if (Number(from) >= size) return { ...refusal(416, 'InvalidRange'), headers: { 'content-range': `bytes */${size}` } };
    const last = to === '' || to === undefined ? size - 1 : Math.min(Number(to), size - 1);
    return {
      status: 206,
      headers: { ...heads, 'content-range': `bytes ${from}-${last}/${size}` },
      body: thing.body.subarray(Number(from), last + 1),
    };
  }

  #lists({ method, query }: Ask): Told {
    if (method !== 'GET') return refusal(405, 'MethodNotAllowed');
    const prefix = query.get('prefix') ?? '';
    if (query.has('uploads')) {
      if (this.weather.hidesUploads === true) return refusal(501, 'NotImplemented');
      const found = [...this.uploads.values()].filter(({ key }) => key.startsWith(prefix));
      const each = found.map(
        ({ key, id, initiated }) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated}</Initiated></Upload>`,
      );
      return { status: 200, body: xml('ListMultipartUploadsResult', each.join('')) };
    }
    const keys = [...this.things.keys()].filter((key) => key.startsWith(prefix)).sort();
    const after = query.get('continuation-token') ?? '';
    const rest = keys.filter((key) => key > after);
    const page = rest.slice(0, this.pageSize);
    const each = page.map((key) => `<Contents><Key>${key}</Key><Size>${this.things.get(key)?.body.length}</Size></Contents>`);
    const more = rest.length > page.length;
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    return { status: 200, body: xml('ListBucketResult', `<IsTruncated>${more}</IsTruncated>${next}${each.join('')}`) };
  }

  #begin({ key, headers }: Ask): Told {
    this.#count += 1;
    // Real ones have signs in them that XML and URLs must escape.
    const id = `up+${this.#count}/=&amp`;
    const initiated = new Date(this.#count * 1000).toISOString();
    this.uploads.set(id, { id: id.replace('&', '&amp;'), key, meta: metaIn(headers), parts: new Map(), initiated });
    return { status: 200, body: xml('InitiateMultipartUploadResult', `<UploadId>${id.replace('&', '&amp;')}</UploadId>`) };
  }

  #inParts({ method, key, query, body }: Ask, id: string): Told {
    const upload = this.uploads.get(id);
    if (upload === undefined || upload.key !== key) return refusal(404, 'NoSuchUpload');
    if (method === 'DELETE') {
      this.uploads.delete(id);
      return { status: 204 };
    }
    if (method === 'PUT') {
      const etag = `"${md5(body)}"`;
      upload.parts.set(Number(query.get('partNumber')), { body, etag, meta: {} });
      return { status: 200, headers: { etag } };
    }
    return method === 'GET'
      ? this.#partsOf(upload, Number(query.get('part-number-marker') ?? 0))
      : this.#complete(upload, id, body.toString());
  }

  #partsOf({ parts }: Upload, after: number): Told {
    const rest = [...parts].filter(([number]) => number > after).sort(([a], [b]) => a - b);
    const page = rest.slice(0, this.pageSize);
    const each = page.map(
      ([number, { body, etag }]) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${etag.replaceAll('"', '&quot;')}</ETag><Size>${body.length}</Size></Part>`,
    );
    const next =
      rest.length > page.length
        ? `<NextPartNumberMarker>${page.at(-1)?.[0]}</NextPartNumberMarker><IsTruncated>true</IsTruncated>`
        : '<IsTruncated>false</IsTruncated>';
    return { status: 200, body: xml('ListPartsResult', next + each.join('')) };
  }

  #complete(upload: Upload, id: string, wish: string): Told {
    if (this.weather.completeFails === true) return { ...refusal(200, 'InternalError') };
    const named = [...wish.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>&#34;([0-9a-f]+)&#34;<\/ETag>/g)];
    const parts = named.map(([, number, etag]) => ({ part: upload.parts.get(Number(number)), etag: `"${etag}"` }));
    if (parts.length === 0) return refusal(400, 'MalformedXML');
    if (parts.some(({ part, etag }) => part === undefined || part.etag !== etag)) return refusal(400, 'InvalidPart');
    const bodies = parts.map(({ part }) => part?.body ?? Buffer.alloc(0));
    if (bodies.slice(0, -1).some(({ length }) => length < LEAST_PART)) return refusal(400, 'EntityTooSmall');
    const body = Buffer.concat(bodies);
    this.things.set(upload.key, { body, etag: `"${md5(body)}-${parts.length}"`, meta: upload.meta });
    this.uploads.delete(id);
    return { status: 200, body: xml('CompleteMultipartUploadResult', `<Key>${upload.key}</Key>`) };
  }
}

/** What is told again with an object. */
const metaIn = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('x-amz-meta-') || name === 'content-type')
      .map(([name, value]) => [name, String(value)]),
  );
