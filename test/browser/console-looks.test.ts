import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type BrowserWindow, PHONE_SCREEN } from '../kit/browser.ts';
import { type ConsoleDesk, ConsoleFloor } from '../kit/browser-desk.ts';
import { eventually } from '../kit/house.ts';

/** A name that nobody would choose, and somebody will. */
const LONG = 'Quarterly review of the transatlantic procurement and logistics working group';

let floor: ConsoleFloor;
let desk: ConsoleDesk;
let call: string;
before(async () => {
  floor = await ConsoleFloor.open();
  desk = await floor.desk({ names: ['ann', 'bob', 'cem'], document: { name: LONG, member: { join_muted: false, pins: [] } } });
  const { house, conference } = desk;
  const api = (method: string, path: string, body?: Record<string, string | boolean | string[]>) =>
    house.fetch(method, `/api${path}`, {
      headers: { authorization: `Bearer ${house.first.access_key}` },
      ...(body === undefined ? {} : { body }),
    });
  await eventually(async () => (await api('GET', `/conferences/${conference}`)).body.participants.length === 3, 'not all are in');
  const { participants } = (await api('GET', `/conferences/${conference}`)).body;
  call = participants[0].call_id;
  await api('PATCH', `/conferences/${conference}/participants/${participants[0].id}`, { role: 'moderator' });
  await api('PATCH', `/conferences/${conference}/participants/${participants[1].id}`, { muted: true, hand_raised: true });
  await api('PUT', `/conferences/${conference}/relationships`, {
    participant: participants[1].id,
    other: participants[2].id,
    relationship: 'deaf',
  });
  await api('PUT', `/conferences/${conference}/lock`);
  const { body: recording } = await api('POST', `/conferences/${conference}/recordings`, { name: 'Board meeting' });
  await eventually(async () => (await api('GET', `/conferences/${conference}`)).body.recording !== null, 'nothing is recorded');
  await new Promise((wake) => setTimeout(wake, 1500));
  await api('POST', `/conferences/${conference}/recordings/${recording.id}/stop`);
  await api('POST', `/conferences/${conference}/invitations`, { name: 'Zoë Grün-Papadopoulos', role: 'moderator' });
  await api('POST', '/devices', { name: 'Reception desk' });
  await api('POST', '/trunks', { name: 'Carrier', servers: ['127.0.0.1:5999'], numbers: ['+4930123456', '+493098765*'] });
  await api('POST', '/webhooks', { url: 'https://hooks.example.org/parley/conferences/and/much/more', types: ['participant.*'] });
  await eventually(async () => (await api('GET', '/recordings')).body.items[0]?.state === 'stored', 'the recording is not kept');
});
after(() => floor.close());

const pages = (): readonly (readonly [name: string, path: string, ready: string])[] => [
  ['list', '', '.conference'],
  ['people', `/conferences/${desk.conference}`, '.person .what'],
  ['matrix', `/conferences/${desk.conference}/matrix`, '[role=gridcell]'],
  ['timeline', `/conferences/${desk.conference}/timeline`, '.fact'],
  ['transcript', `/conferences/${desk.conference}/transcript`, '.empty'],
  ['history', `/conferences/${desk.conference}/history`, '.recording canvas'],
  ['invitations', `/conferences/${desk.conference}/invitations`, '.invitation'],
  ['settings', `/conferences/${desk.conference}/settings`, '.settings'],
  ['recordings', '/recordings', '.recording canvas'],
  ['calls', '/calls', '.empty, .table'],
  ['trace', `/calls/${encodeURIComponent(call)}`, '.ladder'],
  ['users', '/users', '.things'],
  ['devices', '/devices', '.things'],
  ['trunks', '/trunks', '.things'],
  ['webhooks', '/webhooks', '.things'],
  ['lockouts', '/lockouts', '.empty'],
  ['gone', '/conferences/01a20000-0000-7000-8000-000000000000', '.empty'],
];

/** Nothing is wider than the screen, and no word of a button is cut off. */
async function fits({ page }: BrowserWindow, what: string): Promise<void> {
  // The window of a phone grows with what is in it; its screen does not.
  const wide = await page.evaluate((screen) => document.documentElement.scrollWidth - screen, page.viewportSize()!.width);
  assert.ok(wide <= 0, `${what} is ${wide} px too wide`);
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('main .button:not(.bare), .tabs a')]
      .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== 'visible')
      .map((each) => each.innerText),
  );
  assert.deepEqual(cut, [], `words of buttons are cut off in ${what}`);
}

const LOOKS = [
  ['light', {}, 'ltr'],
  ['dark', { colorScheme: 'dark' }, 'ltr'],
  ['phone', { ...PHONE_SCREEN, locale: 'de-DE' }, 'ltr'],
  ['arabic', { locale: 'ar-SA' }, 'rtl'],
  ['arabic-phone-dark', { ...PHONE_SCREEN, locale: 'ar-EG', colorScheme: 'dark' }, 'rtl'],
] as const;

for (const [look, options, direction] of LOOKS) {
  test(`every page of the console, ${look}: it fits, nothing is cut off, and axe finds nothing serious`, async () => {
    const { house } = desk;
    await using window = await desk.window.another(options);
    const { page } = window;
    await page.addInitScript(() => {
      const held = globalThis as { first?: string | undefined };
      const look = (): void => {
        held.first ??= document.body?.innerText.trim() || undefined;
      };
      new MutationObserver(look).observe(document, { childList: true, subtree: true });
    });
    await page.goto(`${house.http}/console`);
    await page.locator('.login form').waitFor();
    await eventually(() => page.evaluate((wanted) => document.documentElement.dir === wanted, direction), `not written ${direction}`);
    // Nothing was shown in another language before.
    const first = await page.evaluate(() => (globalThis as { first?: string }).first ?? '');
    assert.equal(/Loading|Log in/.test(first), direction === 'ltr' && look !== 'phone', first);
    await fits(window, 'login');
    await window.picture(`look-${look}-login`);
    await page.locator('input[name=username]').fill(house.first.username);
    await page.locator('input[name=password]').fill(house.first.password);
    await page.keyboard.press('Enter');
    await page.locator('#content').waitFor();
    for (const [name, path, ready] of pages()) {
      await page.goto(`${house.http}/console${path}`);
      await page.locator(ready).first().waitFor();
      await fits(window, name);
      await window.picture(`look-${look}-${name}`);
      // Light is looked at by axe wherever it is clicked, and Arabic on the phone.
      if (look !== 'light' && look !== 'arabic') await window.isAccessible();
    }
    await page.goto(`${house.http}/console/conferences/${desk.conference}`);
    await page.locator('.person .what').first().click();
    await page.getByRole('dialog').waitFor();
    await fits(window, 'person');
    await window.picture(`look-${look}-person`);
    const mistakes = window.errors.filter((each) => !/status of (401|404)/.test(each));
    assert.deepEqual(mistakes, []);
  });
}
