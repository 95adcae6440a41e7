/**
 * Builds the pages into `console/dist`: `npm ci` runs it as the package's `prepare`, a start without a build runs it too. The old build
 * stands until the new one is whole. Beside each file lie its packed ones (`.br`, `.gz`), so that no start has to pack them.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

const dist = join(import.meta.dirname, 'dist');
const fresh = `${dist}.${process.pid}`;
const old = `${dist}.${process.pid}.old`;

/** What is packed already gets no smaller. */
const PACKED = new Set(['.png', '.ico', '.woff2', '.ogg']);
/** Below so many bytes it is not worth it. */
const SMALL = 512;

function pack(folder: string): void {
  for (const each of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!each.isFile() || PACKED.has(extname(each.name))) continue;
    const path = join(each.parentPath, each.name);
    const bytes = readFileSync(path);
    if (bytes.length < SMALL) continue;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

try {
  await build({ configFile: join(import.meta.dirname, 'vite.config.ts'), build: { outDir: fresh } });
  pack(fresh);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
} finally {
  for (const each of [fresh, old]) rmSync(each, { recursive: true, force: true });
}
