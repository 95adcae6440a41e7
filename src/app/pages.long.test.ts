import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { noLog } from '../base/index.ts';
import { BuiltPages } from './pages.ts';

const folderWith = (context: { after(fn: () => void): void }, build: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-pages-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'build.ts'), build);
  return folder;
};

const BUILD = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
mkdirSync(new URL('dist/assets', import.meta.url), { recursive: true });
for (const each of ['join', 'console']) writeFileSync(new URL('dist/' + each + '.html', import.meta.url), '<title>' + each + '</title>');
writeFileSync(new URL('dist/assets/x-1.js', import.meta.url), 'let x;'.repeat(500));
writeFileSync(new URL('dist/assets/x-1.js.br', import.meta.url), brotliCompressSync('let x;'.repeat(500)));
writeFileSync(new URL('dist/assets/x-1.js.gz', import.meta.url), gzipSync('let x;'.repeat(500)));
`;

test('the first start builds the pages and serves them packed', async (context) => {
  const pages = new BuiltPages({ log: noLog, folder: folderWith(context, BUILD) });
  assert.equal(pages.page('console'), undefined);
  assert.ok(pages.missing);
  await pages.settled;
  assert.equal(pages.missing, undefined);
  assert.equal(Buffer.from(pages.page('console')?.bytes ?? []).toString(), '<title>console</title>');
  const asset = pages.asset('x-1.js');
  assert.ok(asset?.brotli && asset.gzip && asset.brotli.length < asset.bytes.length);
  assert.deepEqual(brotliDecompressSync(asset.brotli), Buffer.from(asset.bytes));
  assert.deepEqual(gunzipSync(asset.gzip), Buffer.from(asset.bytes));
  assert.equal(pages.asset('x-1.js.br'), undefined, 'what is packed is no file of its own');
  await pages.close();
});

test('what is built already is not built again', async (context) => {
  const folder = folderWith(context, 'process.exit(7);');
  mkdirSync(join(folder, 'dist'));
  for (const each of ['join', 'console']) writeFileSync(join(folder, 'dist', `${each}.html`), each);
  const pages = new BuiltPages({ log: noLog, folder });
  await pages.settled;
  assert.equal(pages.missing, undefined);
});

test('a build that fails is told once, with its reason, and harms nothing else', async (context) => {
  const errors: unknown[] = [];
  const log = { ...noLog, error: (_message: string, fields?: object) => void errors.push(fields) };
  const pages = new BuiltPages({ log, folder: folderWith(context, "console.error('no vite'); process.exit(3);") });
  await pages.settled;
  assert.match(pages.missing ?? '', /could not be built/);
  assert.match(String((errors[0] as { error: Error }).error.message), /no vite/);
});

test('a stop does not wait for a build', async (context) => {
  const pages = new BuiltPages({ log: noLog, folder: folderWith(context, 'setTimeout(() => {}, 60_000);') });
  const before = performance.now();
  await pages.close();
  assert.ok(performance.now() - before < 5000);
});
