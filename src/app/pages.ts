import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { PageFile, Pages } from '../api/index.ts';
import type { Closable, Log } from '../base/index.ts';

/** Where the pages are built, and by what: a guest of the house, known by its folder alone. */
const FOLDER = join(import.meta.dirname, '..', '..', 'console');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wav': 'audio/wav',
  '.ogg': 'audio/ogg',
  '.txt': 'text/plain; charset=utf-8',
};

/** What is packed already gets no smaller. */
const PACKED = new Set(['.png', '.ico', '.woff2', '.ogg']);
/** Below so many bytes it is not worth it. */
const SMALL = 512;

const squeeze = promisify(brotliCompress);
const zip = promisify(gzip);

async function fileOf(path: string): Promise<PageFile> {
  const bytes = await readFile(path);
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  if (PACKED.has(extname(path)) || bytes.length < SMALL) return { type, etag, bytes };
  const [brotli, zipped] = await Promise.all([
    squeeze(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    zip(bytes, { level: 9 }),
  ]);
  return { type, etag, bytes, brotli, gzip: zipped };
}

/** What the pages need. */
export interface PageNeeds {
  readonly log: Log;
  /** Default: `console` beside `src`. */
  readonly folder?: string;
}

/** The pages for people: read once and kept packed; where nobody has built them yet, they are built now, in a process of their own. */
export class BuiltPages implements Pages, Closable {
  readonly #log: Log;
  readonly #folder: string;
  readonly #pages = new Map<string, PageFile>();
  readonly #assets = new Map<string, PageFile>();
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;
  #missing: string | undefined = 'The pages are being read. This takes a moment.';

  constructor({ log, folder = FOLDER }: PageNeeds) {
    this.#log = log;
    this.#folder = folder;
    this.#work = this.#begin();
  }

  get missing(): string | undefined {
    return this.#missing;
  }

  page(name: 'join' | 'console'): PageFile | undefined {
    return this.#pages.get(`${name}.html`);
  }

  asset(name: string): PageFile | undefined {
    return this.#assets.get(name);
  }

  /** Resolves when they are there, or it is known that they will not be. */
  get settled(): Promise<void> {
    return this.#work;
  }

  close(): Promise<void> {
    this.#stop.abort();
    return this.#work;
  }

  async #begin(): Promise<void> {
    try {
      if (!(await this.#read())) {
        this.#missing = 'The console is being built. This takes a few seconds, once.';
        await this.#build();
        if (!(await this.#read())) throw new Error('the build left no pages');
      }
      this.#missing = undefined;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#missing = 'The console could not be built; the log of the server says why. Everything else works.';
      this.#log.error('the pages for people could not be built; run npm run build -w console', { error });
    }
  }

  async #read(): Promise<boolean> {
    const dist = join(this.#folder, 'dist');
    const [pages, assets] = await Promise.all([names(dist), names(join(dist, 'assets'))]);
    if (!['join.html', 'console.html'].every((each) => pages.includes(each))) return false;
    await Promise.all([
      ...assets.map(async (each) => this.#assets.set(each, await fileOf(join(dist, 'assets', each)))),
      ...pages.map(async (each) => this.#pages.set(each, await fileOf(join(dist, each)))),
    ]);
    return true;
  }

  #build(): Promise<void> {
    const { signal } = this.#stop;
    this.#log.info('the pages for people are being built');
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(this.#folder, 'build.ts')], {
        cwd: this.#folder,
        signal,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (bytes: Buffer) => {
        said = (said + bytes.toString()).slice(-2000);
      });
      child.on('error', reject);
      child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`the build ended with ${code}: ${said.trim()}`))));
    });
  }
}

/** The files of a folder; none where there is no such folder. */
async function names(folder: string): Promise<readonly string[]> {
  try {
    const all = await readdir(folder, { withFileTypes: true });
    return all.filter((each) => each.isFile()).map((each) => each.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
