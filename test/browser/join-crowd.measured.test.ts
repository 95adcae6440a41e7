import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BrowserWindow } from '../kit/browser.ts';
import { JoinDesk, personFrame } from '../kit/browser-guest.ts';
import { TONES } from '../kit/sound.ts';

let chromium: BrowserWindow;
before(async () => {
  chromium = await BrowserWindow.open({ tone: TONES[0]! });
});
after(() => chromium.close());

test('a thousand people come, talk and go without a long task over 50 ms', async (t) => {
  await using desk = await JoinDesk.inside(chromium);
  const { page, stand, window } = desk;
  const crowd = Array.from({ length: 1000 }, (_, at) => personFrame(at + 1, `Person ${at + 1}`));
  stand.say({ type: 'people', people: crowd });
  await page.locator('.people .badge').getByText('1000').waitFor();
  await page.evaluate(() => {
    const held = globalThis as unknown as { long: number[] };
    held.long = [];
    new PerformanceObserver((list) => held.long.push(...list.getEntries().map(({ duration }) => duration))).observe({
      entryTypes: ['longtask'],
    });
  });
  for (let round = 0; round < 20; round++) {
    const some = Array.from({ length: 25 }, (_, at) => (round * 37 + at * 41) % 1000);
    stand.say(...some.map((at) => ({ type: 'person', person: { ...crowd[at]!, talking: round % 2 === 0, hand: at % 50 === 0 } })));
    await new Promise((wake) => setTimeout(wake, 50));
  }
  stand.say({ type: 'left', id: 'p1000' });
  await page.locator('.people .badge').getByText('999').waitFor();
  const long = await page.evaluate(() => (globalThis as unknown as { long: number[] }).long);
  await window.picture('join-room-1000');
  t.diagnostic(`longest task ${Math.max(0, ...long).toFixed(0)} ms`);
  assert.deepEqual(
    long.filter((each) => each > 50),
    [],
  );
});
