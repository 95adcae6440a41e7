import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';

const root = join(import.meta.dirname, '..', '..');
const DIST = join(root, 'console', 'dist');
/** What of which sources was built last by a test. */
const BUILT = join(root, 'node_modules', '.cache', 'parley-pages');
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

/** As strict as a page can bear; Parley's own is no looser. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Of everything that the pages are built of. */
function sourcesHash(): string {
  const folder = join(root, 'console');
  const files = ['build.ts', 'vite.config.ts', 'package.json', 'tsconfig.json', 'join.html', 'console.html'];
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' }).filter((each) => extname(each) !== '');
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const each of [...files, ...sources.map((name) => join('src', name)).sort()])
    hash.update(each).update(readFileSync(join(folder, each)));
  return hash.digest('hex');
}

/** Of what was built; undefined: nothing was. */
function pagesHash(): string | undefined {
  if (!existsSync(join(DIST, 'join.html'))) return undefined;
  const hash = createHash('sha256');
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((each) => extname(each) !== '');
  for (const each of files.sort()) hash.update(each).update(readFileSync(join(DIST, each)));
  return hash.digest('hex');
}

/** Does something while no other test does it. */
function alone(work: () => void): void {
  const lock = `${BUILT}.lock`;
  mkdirSync(dirname(BUILT), { recursive: true });
  for (let waited = 0; ; waited += 100) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // Whoever was killed while he built let nobody in again.
      if (waited > 60_000) rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function build(): void {
  const sources = sourcesHash();
  const known = existsSync(BUILT) ? readFileSync(BUILT, 'utf8') : '';
  if (known === `${sources} ${pagesHash()}`) return;
  execFileSync(process.execPath, [join(root, 'console', 'build.ts')], { stdio: 'inherit' });
  if (!existsSync(join(DIST, 'join.html'))) throw new Error('the pages are not built');
  writeFileSync(BUILT, `${sources} ${pagesHash()}`);
}

/** Builds the pages as `npm ci` does, unless a test has done so and neither a source nor what was built has changed since. */
export function builtPages(): string {
  if (process.env['PARLEY_PAGES_BUILT'] !== '1') alone(build);
  process.env['PARLEY_PAGES_BUILT'] = '1';
  return DIST;
}

/** What a page under test has said on its websocket. */
export type Said = Readonly<Record<string, unknown>>;

/** The join page with a server that says only what a test lets it say: for how the page looks and reacts. */
export class PageStand {
  /** Everything that was said, in order. */
  readonly said: Said[] = [];
  /** The answer to `GET /api/invitations/…`. */
  invitation: { status: number; body: unknown } = { status: 200, body: {} };
  readonly #server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const file = path.startsWith('/join/') ? 'join.html' : path.startsWith('/console') ? 'console.html' : path.slice(1);
    if (path.startsWith('/api/invitations/')) {
      response.writeHead(this.invitation.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(this.invitation.body));
      return;
    }
    const place = join(DIST, file);
    if (!place.startsWith(DIST) || !existsSync(place)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(place)] ?? 'application/octet-stream', 'content-security-policy': POLICY });
    response.end(readFileSync(place));
  });
  readonly #sockets = new WebSocketServer({ server: this.#server, path: '/api/join' });
  #socket: WebSocket | undefined;

  static async open(): Promise<PageStand> {
    builtPages();
    const stand = new PageStand();
    stand.#sockets.on('connection', (socket) => {
      stand.#socket = socket;
      socket.on('message', (text) => {
        const said: Said = JSON.parse(String(text));
        if (said['type'] === 'ping') stand.say({ type: 'pong' });
        else stand.said.push(said);
      });
    });
    await new Promise<void>((resolve) => stand.#server.listen(0, '127.0.0.1', resolve));
    return stand;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/join/${'ab'.repeat(16)}`;
  }

  say(...frames: readonly object[]): void {
    for (const each of frames) this.#socket?.send(JSON.stringify(each));
  }

  /** Cuts the websocket without a word. */
  cut(): void {
    this.#socket?.terminate();
  }

  async close(): Promise<void> {
    for (const each of this.#sockets.clients) each.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
