import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import { openHouse } from '../../test/kit/api-house.ts';
import type { PageFile, Pages } from './pages.ts';

const CODE = 'ab'.repeat(16);

function fileOf(type: string, text: string): PageFile {
  const bytes = Buffer.from(text);
  return { type, etag: `"${text.length}"`, bytes, brotli: brotliCompressSync(bytes), gzip: gzipSync(bytes) };
}

const built: Pages = {
  missing: undefined,
  page: (name) => fileOf('text/html; charset=utf-8', `<!doctype html><title>${name}</title>`),
  asset: (name) => (name === 'console-abc.js' ? fileOf('text/javascript; charset=utf-8', 'export const x = 1;'.repeat(50)) : undefined),
};

const open = async (pages: Pages) => {
  const house = await openHouse({ options: { pages } });
  return (url: string, headers: object = {}) =>
    house.server.inject({ method: 'GET', url, headers: { host: 'parley.test:8000', ...headers } });
};

test('pages run nothing but their own scripts, are framed by nobody and tell nobody where they were', async () => {
  const get = await open(built);
  for (const [url, title] of [
    ['/console', 'console'],
    ['/console/conferences/1', 'console'],
  ] as const) {
    const { statusCode, headers, body } = await get(url);
    assert.equal(statusCode, 200, url);
    assert.match(body, new RegExp(`<title>${title}`));
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.match(policy, /connect-src 'self' ws:\/\/parley\.test:8000 wss:\/\/parley\.test:8000/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(String(headers['permissions-policy']), /microphone=\(self\)/);
    assert.equal(headers['cache-control'], 'no-cache');
  }
  const foul = await get('/console', { host: 'evil.test; script-src *' });
  assert.doesNotMatch(String(foul.headers['content-security-policy']), /evil|\*/);
});

test('assets are for ever, small, and sent once', async () => {
  const get = await open(built);
  const plain = await get('/assets/console-abc.js');
  assert.match(String(plain.headers['cache-control']), /immutable/);
  assert.match(String(plain.headers['content-type']), /^text\/javascript/);
  const brotli = await get('/assets/console-abc.js', { 'accept-encoding': 'gzip, deflate, br' });
  assert.equal(brotli.headers['content-encoding'], 'br');
  assert.equal(brotliDecompressSync(brotli.rawPayload).toString(), plain.body);
  assert.ok(brotli.rawPayload.length < plain.rawPayload.length);
  assert.equal(brotli.headers['vary'], 'accept-encoding');
  const gzip = await get('/assets/console-abc.js', { 'accept-encoding': 'gzip, br;q=0' });
  assert.equal(gzip.headers['content-encoding'], 'gzip');
  const again = await get('/assets/console-abc.js', { 'accept-encoding': 'br', 'if-none-match': String(brotli.headers['etag']) });
  assert.deepEqual([again.statusCode, again.body], [304, '']);
  for (const url of ['/assets/nothing.js', '/assets/../package.json', '/assets/%2e%2e%2fpackage.json', '/assets/']) {
    assert.equal((await get(url)).statusCode, 404, url);
  }
});

test('where nothing is built yet the console says so, and comes by itself', async () => {
  const get = await open({ missing: 'The console is being built.', page: () => undefined, asset: () => undefined });
  const { statusCode, body, headers } = await get('/console');
  assert.equal(statusCode, 503);
  assert.match(body, /is being built/);
  assert.match(body, /http-equiv="refresh"/);
  assert.equal(headers['cache-control'], 'no-store');
});

test('an address of an invitation tells nothing of it before the page asks', async () => {
  const get = await open(built);
  const { statusCode } = await get(`/join/${CODE}`);
  assert.equal(statusCode, 404, 'without an entry there are no invitations');
});
