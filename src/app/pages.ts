import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
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

/** What the build has packed lies beside what it packed. */
const PACKED = { brotli: '.br', gzip: '.gz' } as const;

/** A file of a folder, with what is packed of it. */
async function fileOf(folder: string, name: string, beside: ReadonlySet<string>): Promise<PageFile> {
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  const read = async (coding: keyof typeof PACKED): Promise<{ readonly [each in keyof typeof PACKED]?: Uint8Array }> =>
    beside.has(name + PACKED[coding]) ? { [coding]: await readFile(join(folder, name + PACKED[coding])) } : {};
  const [bytes, brotli, gzip] = await Promise.all([readFile(join(folder, name)), read('brotli'), read('gzip')]);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { type, etag, bytes, ...brotli, ...gzip };
}

/** Every file of a folder but the packed ones, which are read with the others. */
async function filesIn(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const there = new Set(await names(folder));
  const own = [...there].filter((each) => !Object.values(PACKED).some((ending) => each.endsWith(ending)));
  return new Map(await Promise.all(own.map(async (each) => [each, await fileOf(folder, each, there)] as const)));
}

/** What the pages need. */
export interface PageNeeds {
  readonly log: Log;
  /** Default: `console` beside `src`. */
  readonly folder?: string;
}

/** The pages for people: read once, with what the build has packed of them; where nobody has built them yet, they are built now, in a process of their own. */
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
    const [pages, assets] = await Promise.all([filesIn(dist), filesIn(join(dist, 'assets'))]);
    if (!['join.html', 'console.html'].every((each) => pages.has(each))) return false;
    for (const [name, file] of assets) this.#assets.set(name, file);
    for (const [name, file] of pages) this.#pages.set(name, file);
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
