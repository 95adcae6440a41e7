import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asListener, BrowserWindow, mixedMatrix } from '../kit/browser.ts';
import { type ScriptPage, scriptPage } from '../kit/browser-script.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { onlyRings } from '../kit/rings.ts';
import { answerTo, header } from '../kit/sip-text.ts';
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

type Library = 'jsSip' | 'sipJs';

interface Page {
  readonly softPhones: Readonly<Record<Library, (options: SoftPhoneOptions) => SoftPhone>>;
  phone: SoftPhone;
  rings: Promise<void>;
}

const PASSWORD = 'a-Long-Password-1';

/** Somebody with a telephone on his desk and another one in his browser, both registered. */
async function owner(name: string, library: Library, window: BrowserWindow): Promise<{ user: string; desk: Phone }> {
  const made = await house.kazoo('PUT', '/users', { first_name: name, last_name: 'Two', username: name, password: 'a-pass-word' });
  const user: string = made.body.data.id;
  for (const at of ['desk', 'web'])
    await house.kazoo('PUT', '/devices', { name: `${name} ${at}`, sip: { username: `${name}-${at}`, password: PASSWORD }, owner_id: user });
  const desk = await house.phone({
    user: `${name}-desk`,
    domain: house.first.realm,
    auth: { user: `${name}-desk`, password: PASSWORD },
    tone: TONES[1]!,
  });
  assert.equal(await desk.register(), 200);
  const { page } = window;
  await page.goto(site.url);
  await page.waitForFunction(() => 'softPhones' in globalThis);
  const server = `${house.http.replace('http', 'ws')}/sip`;
  const options = { server, user: `${name}-web`, domain: house.first.realm, password: PASSWORD };
  await page.evaluate(
    async ({ library, options }) => {
      const held = globalThis as unknown as Page;
      held.phone = held.softPhones[library](options);
      await held.phone.register();
      held.rings = held.phone.ring();
    },
    { library, options },
  );
  return { user, desk };
}

for (const library of ['jsSip', 'sipJs'] as const) {
  test(`the desk and ${library} ring together; the browser answers, the desk is cancelled`, async () => {
    const room = await aRoom(house);
    await using window = await chromium.another();
    const { user, desk } = await owner(`w${library.toLowerCase()}`, library, window);
    const heard = onlyRings(desk);
    const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
    await ann.call(room.number);
    const dialled = house.act(room.id, 'dial', { endpoints: [user] });
    await window.page.evaluate(() => (globalThis as unknown as Page).rings);
    await eventually(() => heard.length > 0, 'the desk does not ring');
    await window.page.evaluate(() => (globalThis as unknown as Page).phone.pickUp());
    const rows = (await dialled).body.data.endpoint_responses;
    assert.deepEqual(
      rows.map((each: { status: string }) => each.status),
      ['success'],
    );
    const web = { name: 'Web', tone: TONES[2]!, hears: () => window.hears() };
    await mixedMatrix([asListener(ann), web], { Ann: ['Web'], Web: ['Ann'] });
    await eventually(() => heard.some(({ method }) => method === 'ACK'), 'the desk was not cancelled');
    assert.deepEqual(
      heard.map(({ method }) => method),
      ['INVITE', 'CANCEL', 'ACK'],
    );
    assert.match(header(heard[1]!, 'reason'), /cause=200/, 'the desk shows a missed call');
    assert.equal((await participants(house, room.id)).size, 2);
    await house.act(`${room.id}/participants`, 'kick');
    await emptied(house, room.id);
    assert.deepEqual(window.errors, []);
  });

  test(`the desk and ${library} ring together; the desk answers, the browser is cancelled`, async () => {
    const room = await aRoom(house);
    await using window = await chromium.another();
    const { user, desk } = await owner(`d${library.toLowerCase()}`, library, window);
    // It is picked up when the browser rings too.
    const { onRequest } = desk.sip;
    const picked = Promise.withResolvers<void>();
    desk.sip.onRequest = (request, reply) => {
      if (request.method !== 'INVITE') return onRequest?.(request, reply);
      reply(answerTo(request, '180 Ringing', { toTag: 'soon' }));
      desk.sip.onRequest = onRequest!;
      void picked.promise.then(() => onRequest?.(request, reply));
    };
    const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
    await ann.call(room.number);
    const dialled = house.act(room.id, 'dial', { endpoints: [user] });
    await window.page.evaluate(() => (globalThis as unknown as Page).rings);
    picked.resolve();
    await window.page.evaluate(() => (globalThis as unknown as Page).phone.missed());
    await dialled;
    await mixedMatrix([asListener(ann), asListener(desk)], { Ann: [desk.name], [desk.name]: ['Ann'] });
    assert.equal((await participants(house, room.id)).size, 2);
    await ann.hangUp();
    await desk.hangUp();
    await emptied(house, room.id);
    assert.deepEqual(window.errors, []);
  });
}
