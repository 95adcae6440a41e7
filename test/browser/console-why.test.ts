import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsoleDesk } from '../kit/browser-desk.ts';

test('why somebody is not heard is said in words; his call has a ladder, and its messages are read', async () => {
  await using desk = await ConsoleDesk.open({ names: ['ann', 'bob'] });
  const { page, window, house } = desk;
  await desk.logIn(`/conferences/${desk.conference}`);
  await desk.click('button', 'More about ann');
  const panel = page.getByRole('dialog');
  await panel.getByRole('button', { name: 'Why can’t they hear me?' }).click();
  await panel.getByText('Heard by: bob').waitFor();
  await panel.getByRole('button', { name: 'Mute', exact: true }).click();
  await panel.getByText('muted by moderator').waitFor();
  await panel.getByRole('button', { name: 'Look again' }).click();
  await panel.getByText('Heard by: nobody').waitFor();
  const found = panel.locator('.found');
  assert.match(await found.getByRole('heading').innerText(), /mute/i);
  await found.getByText(/PCMU/).waitFor();
  await found.scrollIntoViewIfNeeded();
  await window.picture('console-why');
  await window.isAccessible();

  // In another language it is told in that one, and what the server says of it comes along.
  await page.keyboard.press('Escape');
  await page.getByLabel('Language').first().selectOption('Deutsch');
  await desk.click('button', 'Mehr zu ann');
  await panel.getByRole('button', { name: 'Warum hört man mich nicht?' }).click();
  await found.getByRole('heading', { name: 'Ein Moderator hat stummgeschaltet' }).waitFor();
  await found.getByText('a moderator has muted him; unmute him').waitFor();
  await window.picture('console-why-german');
  await page.keyboard.press('Escape');
  await page.getByLabel('Sprache').first().selectOption('English');
  await desk.click('button', 'More about ann');

  await panel.getByRole('link', { name: 'SIP ladder and media timeline' }).click();
  const ladder = page.getByRole('list', { name: 'SIP ladder' });
  await ladder
    .getByRole('button', { name: /INVITE/ })
    .first()
    .click();
  await page
    .getByRole('region', { name: 'Message' })
    .getByText(/^INVITE sip:/)
    .waitFor();
  await ladder
    .getByRole('button', { name: /200 OK/ })
    .first()
    .waitFor();
  await window.picture('console-ladder');
  await window.isAccessible();
  const href = await page.getByRole('link', { name: 'As pcap' }).getAttribute('href');
  const file = await page.request.get(`${house.http}${href}`);
  assert.deepEqual([file.status(), [...(await file.body()).subarray(0, 4)].sort()], [200, [0xa1, 0xb2, 0xc3, 0xd4].sort()]);

  await desk.click('link', 'Conferences');
  for (const phone of desk.phones) await phone.hangUp();
  await desk.click('link', 'Calls');
  await page.getByRole('rowheader', { name: 'ann' }).waitFor();
  await window.picture('console-calls');
  await window.isAccessible();
  await page.getByRole('link', { name: 'Ladder: ann' }).click();
  await ladder.getByRole('button', { name: /BYE/ }).first().waitFor();
  await desk.isUnhurt();
});
