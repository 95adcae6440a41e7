import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asListener, BrowserWindow, mixedMatrix } from '../kit/browser.ts';
import { type ScriptPage, scriptPage } from '../kit/browser-script.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { TONES } from '../kit/sound.ts';
import type { SoftPhone, SoftPhoneOptions } from './page/soft-phones.ts';

let house: House;
let site: ScriptPage;
let chromium: BrowserWindow;

before(async () => {
  [house, site, chromium] = await Promise.all([startHouse(), scriptPage('soft-phones.ts'), BrowserWindow.open({ tone: TONES[2]! })]);
});
after(async () => {
  await chromium.close();
  await site.close();
  await house.close();
});

interface Page {
  readonly softPhones: Readonly<Record<'jsSip' | 'sipJs', (options: SoftPhoneOptions) => SoftPhone>>;
  phone: SoftPhone;
  answered: Promise<void>;
}

for (const library of ['jsSip', 'sipJs'] as const) {
  test(`${library} registers over a websocket, calls, is heard and hears, holds, and hangs up`, async () => {
    const room = await aRoom(house);
    const user = library.toLowerCase();
    const device = await house.kazoo('PUT', '/devices', { name: library, sip: { username: user, password: 'a-Long-Password-1' } });
    assert.equal(device.status, 201);
    await using window = await chromium.another();
    const { page } = window;
    await page.goto(site.url);
    await page.waitForFunction(() => 'softPhones' in globalThis);
    const options = { server: `${house.http.replace('http', 'ws')}/sip`, user, domain: house.first.realm, password: 'a-Long-Password-1' };
    await page.evaluate(
      async ({ library, options }) => {
        const held = globalThis as unknown as Page;
        held.phone = held.softPhones[library](options);
        await held.phone.register();
      },
      { library, options },
    );
    const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
    const ben = await house.phone({ user: 'Ben', tone: TONES[1]! });
    await ann.call(room.number);
    await ben.call(room.number);
    await page.evaluate((number) => (globalThis as unknown as Page).phone.call(number), room.number);
    const web = { name: 'Web', tone: TONES[2]!, hears: () => window.hears() };
    const everybody = [asListener(ann), asListener(ben), web];
    await mixedMatrix(everybody, { Ann: ['Ben', 'Web'], Ben: ['Ann', 'Web'], Web: ['Ann', 'Ben'] });
    const people = await participants(house, room.id);
    assert.equal(people.size, 3);
    await page.evaluate(() => (globalThis as unknown as Page).phone.hold(true));
    await mixedMatrix(everybody, { Ann: ['Ben'], Ben: ['Ann'], Web: [] });
    await page.evaluate(() => (globalThis as unknown as Page).phone.hold(false));
    await mixedMatrix(everybody, { Ann: ['Ben', 'Web'], Ben: ['Ann', 'Web'], Web: ['Ann', 'Ben'] });
    await page.evaluate(() => (globalThis as unknown as Page).phone.hangUp());
    await eventually(async () => (await participants(house, room.id)).size === 2, 'the browser is still listed');
    await ann.hangUp();
    await ben.hangUp();
    await emptied(house, room.id);
    assert.deepEqual(window.errors, []);
  });

  test(`${library} is called: it rings where it has registered, answers, is heard and hears, and is sent away`, async () => {
    const room = await aRoom(house);
    const user = `${library.toLowerCase()}-called`;
    const { body: device } = await house.kazoo('PUT', '/devices', {
      name: library,
      sip: { username: user, password: 'a-Long-Password-1' },
    });
    await using window = await chromium.another();
    const { page } = window;
    await page.goto(site.url);
    await page.waitForFunction(() => 'softPhones' in globalThis);
    const options = { server: `${house.http.replace('http', 'ws')}/sip`, user, domain: house.first.realm, password: 'a-Long-Password-1' };
    await page.evaluate(
      async ({ library, options }) => {
        const held = globalThis as unknown as Page;
        held.phone = held.softPhones[library](options);
        await held.phone.register();
      },
      { library, options },
    );
    const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
    await ann.call(room.number);
    // It listens before anybody calls; the call itself is awaited afterwards.
    await page.evaluate(() => {
      const held = globalThis as unknown as Page;
      held.answered = held.phone.answer();
    });
    const dialled = await house.act(room.id, 'dial', { endpoints: [device.data.id] });
    await page.evaluate(() => (globalThis as unknown as Page).answered);
    const web = { name: 'Web', tone: TONES[2]!, hears: () => window.hears() };
    await mixedMatrix([asListener(ann), web], { Ann: ['Web'], Web: ['Ann'] });
    assert.ok(dialled);
    await ann.hangUp();
    await house.act(`${room.id}/participants`, 'kick');
    await emptied(house, room.id);
    assert.deepEqual(window.errors, []);
  });
}
