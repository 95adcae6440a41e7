import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

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

// `PARLEY=http://127.0.0.1:8000 npm run dev -w console`: the pages from their sources, everything else from a running Parley.
const parley = process.env['PARLEY'] ?? 'http://127.0.0.1:8000';

export default defineConfig({
  root,
  base: '/',
  publicDir: false,
  logLevel: 'warn',
  plugins: [addresses],
  build: {
    outDir: join(root, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    // A strict Content-Security-Policy knows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { join: join(root, 'join.html'), console: join(root, 'console.html') } },
  },
  server: { proxy: { '/api': { target: parley, ws: true } } },
});
