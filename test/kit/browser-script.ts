import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'vite';

const PAGES = join(import.meta.dirname, '..', 'browser', 'page');

/** A page of our own with one script of `test/browser/page` and an `<audio>`; closed by `close`. */
export interface ScriptPage {
  readonly url: string;
  close(): Promise<void>;
}

/** Bundles a script with the libraries that it wants, and serves it as a site would that has nothing to do with Parley. */
export async function scriptPage(script: string): Promise<ScriptPage> {
  const made = await build({
    configFile: false,
    logLevel: 'error',
    root: PAGES,
    build: { write: false, minify: false, lib: { entry: join(PAGES, script), formats: ['es'] } },
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  });
  const [first] = Array.isArray(made) ? made : [made];
  const code = first !== undefined && 'output' in first ? first.output[0].code : '';
  const server = createServer((request, response) => {
    const isScript = request.url === '/script.js';
    response.writeHead(request.url === '/favicon.ico' ? 204 : 200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(
      isScript ? code : '<!doctype html><title>test</title><audio autoplay></audio><script type="module" src="/script.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
