import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { unnamed } from './src/kit/shaped.ts';

const root = import.meta.dirname;

/** While developing: the addresses that Parley gives the pages. */
const addresses: Plugin = {
  name: 'parley-addresses',
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      const path = request.url?.split('?')[0] ?? '';
      if (/^\/join\/[^/.]+$/.test(path)) request.url = '/join.html';
      else if (/^\/console(\/[^.]*)?$/.test(path)) request.url = '/console.html';
      next();
    });
  },
};

/** The console's languages without the names of their texts, which English has too. Portugal's texts are few, and are left as they are. */
const shortWords: Plugin = {
  name: 'parley-short-words',
  apply: 'build',
  async load(id) {
    const [, folder, language] = /^(.*\/console\/words\/)([a-z-]+)\/words\.ts$/.exec(id) ?? [];
    if (folder === undefined || language === 'en-us' || language === 'pt-pt') return undefined;
    const [{ words: english }, { words }] = await Promise.all([
      import(`${pathToFileURL(folder)}en-us/words.ts`),
      import(pathToFileURL(id).href),
    ]);
    return [
      `import { named } from '../../../kit/shaped.ts';`,
      `import { words as english } from '../en-us/words.ts';`,
      `export const words = named(english, ${JSON.stringify(unnamed(english, words))});`,
    ].join('\n');
  },
};

// `PARLEY=http://127.0.0.1:8000 npm run dev -w console`: the pages from their sources, everything else from a running Parley.
const parley = process.env['PARLEY'] ?? 'http://127.0.0.1:8000';

export default defineConfig({
  root,
  base: '/',
  publicDir: false,
  logLevel: 'warn',
  plugins: [addresses, shortWords],
  build: {
    outDir: join(root, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    // A strict Content-Security-Policy knows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false }, input: { join: join(root, 'join.html'), console: join(root, 'console.html') } },
  },
  server: { proxy: { '/api': { target: parley, ws: true } } },
});
