import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { BrowserWindow } from '../kit/browser.ts';
import { ConsoleStand } from '../kit/browser-crowd.ts';

/** ms; whoever works longer in one go is felt. */
const LONG = 50;
/** Other programs may stop a whole browser: a page that is slow by itself is slow each time. */
const ATTEMPTS = 3;

const watch = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const found: number[] = [];
    Object.assign(globalThis, { found });
    new PerformanceObserver((list) => found.push(...list.getEntries().map((each) => Math.round(each.duration)))).observe({
      type: 'longtask',
    });
  });
const taken = (page: Page): Promise<number[]> => page.evaluate(() => (globalThis as unknown as { found: number[] }).found.splice(0));
const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** For two seconds a crowd talks, is muted, comes and goes: a thousand changes in a second. */
async function bustle(stand: ConsoleStand): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    for (let at = 0; at < 14; at += 1) stand.talks(1 + ((round * 14 + at) % stand.people), round % 2 === 0);
    for (let at = 0; at < 5; at += 1) stand.mutes(1 + ((round * 5 + at * 7) % stand.people), at % 2 === 0);
    const mover = 900 + (round % 50);
    stand.moves(mover, round >= 50);
    await pause(20);
  }
}

interface Traced {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** µs of the thread's own time. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** ms of its own time that the page's thread worked in one go: what other programs take of the machine is not in it. */
function worked(trace: Buffer): number[] {
  const events: Traced[] = JSON.parse(trace.toString()).traceEvents;
  const threads = new Set(events.filter(({ args }) => args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events.filter(
    ({ name, ph, pid, tid }) => name === 'ThreadControllerImpl::RunTask' && ph === 'X' && threads.has(`${pid} ${tid}`),
  );
  assert.ok(tasks.length > 0, 'no task was traced');
  return tasks.map(({ tdur = 0 }) => Math.round(tdur / 1000));
}

/**
 * Nothing takes longer than 50 ms in one go, as `PerformanceObserver` sees it; where it saw something, it counts as far as the page's own thread worked: on a busy
 * machine the rest is waiting.
 */
async function isSmooth({ page, browser }: BrowserWindow, work: () => Promise<void>, what: string): Promise<void> {
  let tasks: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await taken(page);
    await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
    await work();
    await pause(300);
    const trace = await browser.stopTracing();
    tasks = await taken(page);
    if (!tasks.some((each) => each > LONG) || !worked(trace).some((each) => each > LONG)) return;
    tasks = worked(trace).filter((each) => each > LONG);
  }
  assert.deepEqual(tasks, [], `${what}: tasks that worked longer than ${LONG} ms`);
}

let chromium: BrowserWindow;
before(async () => {
  chromium = await BrowserWindow.open();
});
after(() => chromium.close());

test('a thousand people who talk, are muted, come and go are shown without a task over 50 ms, in the list and in the matrix', async () => {
  await using stand = await ConsoleStand.open({ people: 1000 });
  await using window = await chromium.another();
  const { page } = window;
  await page.goto(`${stand.url}/conferences/${stand.conference}`);
  await page.getByText('1,000 of 1,000').or(page.getByText('1000 of 1000')).waitFor();
  await watch(page);
  await isSmooth(window, () => bustle(stand), 'the list');
  assert.ok((await page.getByRole('listitem').count()) < 80, 'only what can be seen is drawn');
  stand.mutes(3, true);
  await page.getByRole('button', { name: 'Unmute: Person 3', exact: true }).waitFor();
  await page.getByPlaceholder('Name or number').fill('Person 777');
  await page.getByRole('button', { name: 'Mute: Person 777' }).waitFor();
  await page.getByPlaceholder('Name or number').fill('');
  await isSmooth(
    window,
    async () => {
      for (let to = 0; to < 4000; to += 200) {
        await page.evaluate((y) => scrollTo(0, y), to);
        await pause(40);
      }
    },
    'scrolling',
  );
  await page.evaluate(() => scrollTo(0, 100_000));
  await page.getByText('Person 1000', { exact: true }).waitFor();
  await window.picture('console-crowd');
  await page.evaluate(() => scrollTo(0, 0));
  await page.getByRole('link', { name: 'Who hears whom' }).click();
  await page.getByRole('gridcell', { name: 'Person 1 hears Person 2: yes' }).waitFor();
  await taken(page);
  await isSmooth(window, () => bustle(stand), 'the matrix');
  assert.ok((await page.getByRole('gridcell').count()) < 2500, 'of a million cells only those are drawn that can be seen');
  await page.locator('.matrix').evaluate((box) => box.scrollTo(20_000, 20_000));
  await page
    .getByRole('gridcell', { name: /Person 53\d hears Person 53\d/ })
    .first()
    .waitFor();
  await window.picture('console-crowd-matrix');
  assert.deepEqual(window.errors, []);
});

test('five thousand conferences are listed, searched and scrolled at once', async () => {
  await using stand = await ConsoleStand.open({ conferences: 5000 });
  await using window = await chromium.another();
  const { page } = window;
  await page.goto(stand.url);
  await page.getByText('1 live, 5000 in all').waitFor();
  await watch(page);
  assert.ok((await page.getByRole('listitem').count()) < 80);
  await isSmooth(
    window,
    async () => {
      for (const text of ['4', '49', '499', 'Conference 4999', '']) {
        await page.getByPlaceholder('Name or number').fill(text);
        await pause(60);
      }
    },
    'searching',
  );
  await page.getByPlaceholder('Name or number').fill('11999');
  await page.getByText('Conference 4999').waitFor();
  assert.equal(await page.getByText(/^Conference \d+$/).count(), 1, 'a number finds its conference');
});

test('the first thing is painted within a second, and the console is small', async () => {
  await using stand = await ConsoleStand.open({ people: 3 });
  await using window = await chromium.another();
  const { page } = window;
  const times: number[] = [];
  let bytes = 0;
  page.on('response', (response) => {
    if (/\.(js|css)$/.test(new URL(response.url()).pathname))
      void response.body().then(async (body) => {
        const { gzipSync } = await import('node:zlib');
        bytes += gzipSync(body).length;
      });
  });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    bytes = 0;
    await page.goto(stand.url);
    await page.getByRole('heading', { name: 'Conferences' }).waitFor();
    await pause(200);
    times.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.POSITIVE_INFINITY));
  }
  assert.ok(Math.min(...times) < 1000, `first paint after ${times.map(Math.round).join(', ')} ms`);
  assert.ok(bytes > 10_000 && bytes < 150_000, `${bytes} bytes of script and style, gzipped`);
});
