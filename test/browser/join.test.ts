import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { standsAlone } from '../kit/alone.ts';
import { asListener, BrowserWindow, type Listener, mixedMatrix, PHONE_SCREEN } from '../kit/browser.ts';
import { BrowserNetwork } from '../kit/browser-network.ts';
import { builtPages } from '../kit/browser-stand.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf } from '../kit/party.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
/** Two microphones. */
let chromium: BrowserWindow;
let other: BrowserWindow;
before(async () => {
  builtPages();
  [house, chromium, other] = await Promise.all([
    startHouse(),
    BrowserWindow.open({ tone: TONES[2]! }),
    BrowserWindow.open({ tone: TONES[4]! }),
  ]);
});
after(async () => {
  await other.close();
  await chromium.close();
  await house.close();
});

const api = async (method: string, path: string, body?: object) =>
  house.fetch(method, `/api${path}`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) }),
  });

async function invite(room: string, wish: object = {}): Promise<{ link: string; id: string; one_time_pin?: string }> {
  const { status, body } = await api('POST', `/conferences/${room}/invitations`, { name: 'Guest', ...wish });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

/** The path of a link: it is visited where this browser finds the server. */
const at = (base: string, link: string): string => base + new URL(link).pathname;

async function enter(window: BrowserWindow, url: string, name: string): Promise<void> {
  const { page } = window;
  await page.goto(url);
  await page.getByText('Say something').waitFor();
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
}

const isIn = async (window: BrowserWindow): Promise<void> => {
  try {
    await window.page.locator('.round', { hasText: 'Leave' }).waitFor();
  } catch (error) {
    await window.picture('join-not-in');
    throw error;
  }
};
const asGuest = (name: string, window: BrowserWindow): Listener => ({
  name,
  tone: window.tone!,
  hears: () => window.hears('audio[data-role=conference]'),
});
const names = async (room: string): Promise<string[]> => [...(await participants(house, room)).keys()].sort();

test('two browsers and two telephones in one room: who hears whom, muted, deaf, hands, and out again', async (t) => {
  const room = await aRoom(house);
  const { link } = await invite(room.id);
  await using one = await chromium.another();
  await using two = await other.another(PHONE_SCREEN);
  const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
  const ben = await house.phone({ user: 'Ben', tone: TONES[6]! });
  await ann.call(room.number);
  await ben.call(room.number);
  await enter(one, at(house.http, link), 'Cleo');
  await isIn(one);
  await enter(two, at(house.http, link), 'Dan');
  await isIn(two);
  const everybody = [asListener(ann), asListener(ben), asGuest('Cleo', one), asGuest('Dan', two)];
  const others = (...without: string[]) =>
    Object.fromEntries(
      everybody.map(({ name }) => [name, everybody.map((each) => each.name).filter((each) => each !== name && !without.includes(each))]),
    );
  await mixedMatrix(everybody, others());
  assert.deepEqual(await names(room.id), ['Ann', 'Ben', 'Cleo', 'Dan']);

  await t.test('who talks is shown', async () => {
    await one.page.locator('.talkers').getByText('Dan').waitFor();
    await one.page.locator('.talkers').getByText('Ann').waitFor();
    await one.picture('whole-room');
    await two.picture('whole-room-phone');
    await one.isAccessible();
  });
  await t.test('muted by his own button', async () => {
    await one.page.getByRole('button', { name: 'Mute' }).click();
    await mixedMatrix(everybody, others('Cleo'));
    await two.page.locator('.person', { hasText: 'Cleo' }).getByRole('img', { name: 'Muted' }).waitFor();
  });
  await t.test('held to talk', async () => {
    await one.page.locator('body').evaluate(() => (document.activeElement as HTMLElement).blur());
    await one.page.keyboard.down('Space');
    await mixedMatrix(everybody, others());
    await one.page.keyboard.up('Space');
    await mixedMatrix(everybody, others('Cleo'));
  });
  await t.test('muted and unmuted by a moderator: followed, and told', async () => {
    await one.page.getByRole('button', { name: 'Unmute' }).click();
    await mixedMatrix(everybody, others());
    const dan = await numberOf(house, room.id, 'Dan');
    await house.act(`${room.id}/participants/${dan}`, 'mute');
    await two.page.getByText('A moderator has muted you').waitFor();
    await mixedMatrix(everybody, others('Dan'));
    await house.act(`${room.id}/participants/${dan}`, 'unmute');
    await mixedMatrix(everybody, others());
  });
  await t.test('sound off and on', async () => {
    await two.page.getByRole('button', { name: 'Sound off' }).click();
    await mixedMatrix(everybody, { ...others(), Dan: [] });
    await two.page.getByRole('button', { name: 'Sound on' }).click();
    await mixedMatrix(everybody, others());
  });
  await t.test('a raised hand is seen by the others', async () => {
    await two.page.getByRole('button', { name: 'Raise hand' }).click();
    await one.page.locator('.person', { hasText: 'Dan' }).getByRole('img', { name: 'Hand raised' }).waitFor();
    await two.page.getByRole('button', { name: 'Lower hand' }).click();
    await one.page.locator('.person', { hasText: 'Dan' }).getByRole('img', { name: 'Hand raised' }).waitFor({ state: 'detached' });
  });
  await t.test('leaving, closing the window, and being removed', async () => {
    await two.page.getByRole('button', { name: 'Leave' }).click();
    await two.page.getByRole('heading', { name: 'You have left' }).waitFor();
    await eventually(async () => !(await names(room.id)).includes('Dan'), 'he is still listed', 3000);
    await enter(two, at(house.http, link), 'Dan');
    await isIn(two);
    await eventually(async () => (await names(room.id)).includes('Dan'), 'he is not listed');
    await two.page.goto('about:blank');
    await eventually(async () => !(await names(room.id)).includes('Dan'), 'whoever closes the window is still listed', 3000);
    const cleo = await numberOf(house, room.id, 'Cleo');
    await house.act(`${room.id}/participants/${cleo}`, 'kick');
    await one.page.getByRole('heading', { name: 'A moderator has removed you' }).waitFor();
  });
  assert.deepEqual([one.errors, two.errors], [[], []]);
  assert.doesNotMatch(house.output, new RegExp(link.split('/').at(-1)!), 'the code of an invitation is in the log');
  await ann.hangUp();
  await ben.hangUp();
  await emptied(house, room.id);
});

test('a network that changes: back in less than 3 s, and never a second participant', async (t) => {
  const room = await aRoom(house);
  const { link } = await invite(room.id);
  const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
  await ann.call(room.number);
  await using window = await chromium.another();
  await using network = await BrowserNetwork.open(house.http, window.page);
  await enter(window, at(network.url, link), 'Cleo');
  await isIn(window);
  const both = [asListener(ann), asGuest('Cleo', window)];
  await mixedMatrix(both, { Ann: ['Cleo'], Cleo: ['Ann'] });
  const first = await numberOf(house, room.id, 'Cleo');
  let most = 0;
  const watch = setInterval(async () => {
    // By number: both would have the same name.
    const { body } = await house.kazoo('GET', `/conferences/${room.id}/participants`);
    most = Math.max(most, body.data.length);
  }, 200);
  const backAfter = async (what: string): Promise<void> => {
    const start = performance.now();
    await eventually(() => ann.hears().length === 0 || performance.now() - start > 400, 'never silent');
    await eventually(
      async () => ann.hears().includes(TONES[2]!) && (await window.hears('audio[data-role=conference]')).includes(TONES[0]!),
      what,
      10_000,
    );
    const ms = performance.now() - start;
    t.diagnostic(`${what}: sound both ways after ${ms.toFixed(0)} ms`);
    assert.ok(ms < 3000, `${what}: ${ms.toFixed(0)} ms`);
  };
  await t.test('another address at once', async () => {
    network.change();
    await backAfter('another address');
  });
  await t.test('away for five seconds', async () => {
    network.cut();
    await window.page.getByText('Reconnecting…').waitFor();
    await window.picture('join-reconnecting');
    await new Promise((wake) => setTimeout(wake, 5000));
    network.restore();
    await window.page.evaluate(() => dispatchEvent(new Event('online')));
    await backAfter('away for 5 s');
    await window.page.getByText('Reconnecting…').waitFor({ state: 'detached' });
  });
  await t.test('an ICE restart while the websocket stands', async () => {
    const socketsBefore = await window.page.evaluate(() => (globalThis as unknown as Made).made.sockets.length);
    const ufrag = () =>
      window.page.evaluate(() => /ufrag:(\S+)/.exec((globalThis as unknown as Made).made.peers.at(-1)?.remoteDescription?.sdp ?? '')?.[1]);
    const before = await ufrag();
    network.moveSound();
    await window.page.evaluate(() => dispatchEvent(new Event('online')));
    await eventually(async () => (await ufrag()) !== before, 'no restart');
    await backAfter('ICE restart');
    assert.equal(await window.page.evaluate(() => (globalThis as unknown as Made).made.sockets.length), socketsBefore);
  });
  clearInterval(watch);
  assert.equal(most, 2, 'a second participant appeared');
  assert.equal(await numberOf(house, room.id, 'Cleo'), first, 'it is another participant');
  await window.page.getByRole('button', { name: 'Leave' }).click();
  await ann.hangUp();
  await emptied(house, room.id);
});

interface Made {
  readonly made: { readonly peers: readonly RTCPeerConnection[]; readonly sockets: readonly WebSocket[] };
}

test('a PIN of his own, the waiting room, and what keeps a guest out', async (t) => {
  await using window = await chromium.another();
  const { page } = window;
  await t.test('a PIN: wrong, then right', async () => {
    const room = await aRoom(house);
    await house.kazoo('PATCH', `/conferences/${room.id}`, { member: { pins: ['73915'] } });
    const { link, one_time_pin: pin } = await invite(room.id, { pin: 'one-time' });
    assert.match(String(pin), /^\d+$/);
    await page.goto(at(house.http, link));
    await page.getByLabel('PIN').fill('0');
    await page.getByText('Say something').waitFor();
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByRole('alert').getByText('That PIN is wrong').waitFor();
    await page.getByLabel('PIN').fill(pin!);
    await page.getByRole('button', { name: 'Continue' }).click();
    await isIn(window);
    await page.getByRole('button', { name: 'Leave' }).click();
    await emptied(house, room.id);
    assert.equal(standsAlone(house.output, pin!), false, 'a PIN is in the log');
  });
  await t.test('a moderator admits', async () => {
    const room = await aRoom(house, { waiting_room: true });
    const boss = await house.phone({ user: 'Boss', tone: TONES[0]! });
    await boss.call(room.moderators);
    const { link } = await invite(room.id);
    await enter(window, at(house.http, link), 'Cleo');
    await page.getByRole('heading', { name: 'A moderator will let you in' }).waitFor();
    assert.deepEqual(await names(room.id), ['Boss']);
    const { body } = await api('GET', `/conferences/${room.id}`);
    assert.equal(body.waiting.length, 1);
    await api('POST', `/conferences/${room.id}/waiting/${body.waiting[0].id}/admit`);
    await isIn(window);
    await mixedMatrix([asListener(boss), asGuest('Cleo', window)], { Boss: ['Cleo'], Cleo: ['Boss'] });
    await page.getByRole('button', { name: 'Leave' }).click();
    await boss.hangUp();
    await emptied(house, room.id);
  });
  await t.test('a locked conference, and a full one', async () => {
    const room = await aRoom(house, { max_participants: 1 });
    const { link } = await invite(room.id);
    const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
    await ann.call(room.number);
    await enter(window, at(house.http, link), 'Cleo');
    await page.getByRole('heading', { name: 'The conference is full' }).waitFor();
    await house.kazoo('PATCH', `/conferences/${room.id}`, { max_participants: 10 });
    await house.act(room.id, 'lock');
    await enter(window, at(house.http, link), 'Cleo');
    await page.getByRole('heading', { name: 'The conference is locked' }).waitFor();
    assert.deepEqual(await names(room.id), ['Ann']);
    await ann.hangUp();
    await emptied(house, room.id);
  });
  await t.test('links: taken back, unknown, not a link', async () => {
    const room = await aRoom(house);
    const { link, id } = await invite(room.id);
    await api('DELETE', `/conferences/${room.id}/invitations/${id}`);
    for (const path of [new URL(link).pathname, `/join/${'0'.repeat(32)}`, '/join/nonsense']) {
      await page.goto(house.http + path);
      await page.getByRole('heading', { name: 'This invitation is not valid' }).waitFor();
    }
  });
});

test('script in names is text, for those who see them too', async () => {
  const room = await aRoom(house);
  const { link } = await invite(room.id);
  await using one = await chromium.another();
  await enter(one, at(house.http, link), '<img src=x onerror="document.title=\'owned\'">');
  await isIn(one);
  await one.page.locator('.person').getByText('<img src=x').waitFor();
  assert.notEqual(await one.page.title(), 'owned');
  assert.deepEqual(one.errors, []);
});
