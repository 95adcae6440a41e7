/**
 * Builds the pages into `console/dist`: `npm ci` runs it as the package's `prepare`, a start without a build runs it too. The old build
 * stands until the new one is whole.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const dist = join(import.meta.dirname, 'dist');
const fresh = `${dist}.${process.pid}`;
const old = `${dist}.${process.pid}.old`;

try {
  await build({ configFile: join(import.meta.dirname, 'vite.config.ts'), build: { outDir: fresh } });
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
} finally {
  for (const each of [fresh, old]) rmSync(each, { recursive: true, force: true });
}
