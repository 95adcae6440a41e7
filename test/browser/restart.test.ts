import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asListener, BrowserWindow, type Listener, mixedMatrix } from '../kit/browser.ts';
import { builtPages } from '../kit/browser-stand.ts';
import { freePorts } from '../kit/free-ports.ts';
import { eventually, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';

test('kill -9 and a new start: the page comes back by itself, once, as muted as it was', async (t) => {
  builtPages();
  const [port] = await freePorts(1);
  await using house = await startHouse({ env: { PARLEY_HTTP_PORT: String(port) } });
  const room = await aRoom(house);
  const { body: invitation } = await house.fetch('POST', `/api/conferences/${room.id}/invitations`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    body: { name: 'Guest' },
  });
  await using window = await BrowserWindow.open({ tone: TONES[2]! });
  const { page } = window;
  await page.goto(house.http + new URL(invitation.link).pathname);
  await page.getByText('Say something').waitFor();
  await page.getByLabel('Your name').fill('Cleo');
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.locator('.round', { hasText: 'Leave' }).waitFor();
  await page.getByRole('button', { name: 'Mute' }).click();
  const cleo: Listener = { name: 'Cleo', tone: TONES[2]!, hears: () => window.hears('audio[data-role=conference]') };
  await using ann = await Phone.open({ server: house.sip, user: 'Ann', tone: TONES[0]! });
  await ann.call(room.number);
  await mixedMatrix([asListener(ann), cleo], { Ann: [], Cleo: ['Ann'] });

  await house.kill();
  await page.getByText('Reconnecting…').waitFor();
  const ended = ann.ended(60_000);
  await house.start();
  const start = performance.now();
  await ended;
  await using ben = await Phone.open({ server: house.sip, user: 'Ben', tone: TONES[1]! });
  await ben.call(room.number);
  const back = async () => (await participants(house, room.id)).get('Cleo');
  await eventually(back, 'she does not come back');
  t.diagnostic(`back ${(performance.now() - start).toFixed(0)} ms after the server was`);
  await mixedMatrix([asListener(ben), cleo], { Ben: [], Cleo: ['Ben'] });
  assert.equal((await participants(house, room.id)).size, 2, 'a second participant appeared');
  assert.equal((await back())?.speak, false, 'she is not shown as muted');
  await page.getByRole('button', { name: 'Unmute' }).click();
  await mixedMatrix([asListener(ben), cleo], { Ben: ['Cleo'], Cleo: ['Ben'] });
  await page.getByText('Reconnecting…').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Leave' }).click();
  await ben.hangUp();
  await emptied(house, room.id);
});
