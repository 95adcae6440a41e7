import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { BrowserWindow } from '../kit/browser.ts';
import { builtPages } from '../kit/browser-stand.ts';
import { startHouse } from '../kit/house.ts';

const zipped = (path: string): number => gzipSync(readFileSync(path), { level: 9 }).length;

test('everything that a page could ever load is below 150 kB', (t) => {
  const dist = builtPages();
  for (const page of ['join', 'console']) {
    const seen = new Set<string>();
    const follow = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      if (!/\.(js|css|html)$/.test(name)) return;
      const text = readFileSync(join(dist, name), 'utf8');
      for (const [, asset] of text.matchAll(/([\w-]+\.(?:js|css|svg))\b/g)) {
        if (readdirSync(join(dist, 'assets')).includes(asset!)) follow(join('assets', asset!));
      }
    };
    follow(`${page}.html`);
    const size = [...seen].reduce((sum, name) => sum + zipped(join(dist, name)), 0);
    t.diagnostic(`${page}: ${seen.size} files, ${(size / 1000).toFixed(1)} kB`);
    assert.ok(seen.size > 3);
    assert.ok(size < 150_000, `${page}: ${size} bytes`);
  }
});

test('what is sent packed lies there packed, and no start packs it', () => {
  const assets = join(builtPages(), 'assets');
  const scripts = readdirSync(assets).filter((each) => /\.(js|css)$/.test(each) && readFileSync(join(assets, each)).length >= 512);
  assert.ok(scripts.length > 10);
  for (const each of scripts) {
    const bytes = readFileSync(join(assets, each));
    assert.deepEqual(brotliDecompressSync(readFileSync(join(assets, `${each}.br`))), bytes, each);
    assert.deepEqual(gunzipSync(readFileSync(join(assets, `${each}.gz`))), bytes, each);
  }
});

test('nothing is inline and nothing is from elsewhere', () => {
  const dist = builtPages();
  for (const page of ['join.html', 'console.html']) {
    const text = readFileSync(join(dist, page), 'utf8');
    assert.doesNotMatch(text, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    for (const [, address] of text.matchAll(/(?:src|href)="([^"]*)"/g)) assert.match(address!, /^\/assets\//);
  }
});

test('both pages are painted within a second', async (t) => {
  await using house = await startHouse();
  await using window = await BrowserWindow.open();
  for (const path of ['/join/0123456789abcdef0123456789abcdef', '/console']) {
    const paints: number[] = [];
    for (let visit = 0; visit < 3; visit++) {
      await window.page.goto(house.http + path);
      await window.page.locator('#app *').first().waitFor();
      const paint = await window.page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
      if (paint !== undefined) paints.push(paint);
    }
    t.diagnostic(`${path.slice(0, 8)}: first paint after ${paints.map((each) => each.toFixed(0)).join(', ')} ms`);
    assert.ok(Math.min(...paints) < 1000, String(paints));
  }
});
