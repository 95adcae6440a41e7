import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsoleDesk, comes } from '../kit/browser-desk.ts';
import { hearingMatrix } from '../kit/hearing.ts';
import { eventually } from '../kit/house.ts';
import { TONES } from '../kit/sound.ts';

test('who waits is let in or turned away, others are called, and something is played: by clicking, in German', async () => {
  await using desk = await ConsoleDesk.open({ names: [], document: { waiting_room: true }, locale: 'de-AT' });
  const { page, window, house } = desk;
  await page.goto(`${house.http}/console/conferences/${desk.conference}`);
  await page.getByLabel('Benutzername').fill(house.first.username);
  await page.getByLabel('Passwort').fill(house.first.password);
  await desk.click('button', 'Anmelden');
  await desk.shows('Niemand ist da.');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de-de');
  await window.isAccessible();

  // Called from here, they need not wait.
  const ann = await house.phone({ user: 'ann', tone: TONES[0]! });
  await desk.click('button', 'Anrufen');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Nummern, SIP-Adressen oder Telefone').fill(`sip:ann@${ann.address}, 99999`);
  await dialog.getByLabel('Rolle').selectOption('moderator');
  await window.picture('console-dial-german');
  await dialog.getByRole('button', { name: 'Anrufen' }).click();
  await page.getByRole('list', { name: 'Personen' }).getByText('Moderation').waitFor();
  assert.equal(ann.inCall, true);
  await eventually(async () => (await page.getByText(/99999: /).count()) > 0, 'nothing is said of who was not reached', 40_000);
  await page.keyboard.press('Escape');

  const [bob, cem] = [await house.phone({ user: 'bob', tone: TONES[1]! }), await house.phone({ user: 'cem', tone: TONES[2]! })];
  await bob.call('7000');
  await cem.call('7000');
  const waiting = page.getByRole('region', { name: 'Warten auf Einlass' });
  await waiting.getByText('bob', { exact: true }).first().waitFor();
  await waiting.getByText('cem', { exact: true }).first().waitFor();
  await window.picture('console-waiting-german');
  await window.isAccessible();
  await waiting.getByRole('listitem').filter({ hasText: 'bob' }).getByRole('button', { name: 'Einlassen' }).click();
  await hearingMatrix([ann, bob], { ann: ['bob'], bob: ['ann'] });
  await waiting.getByRole('listitem').filter({ hasText: 'cem' }).getByRole('button', { name: 'Abweisen' }).click();
  await comes(() => waiting.count(), 0, 'nobody waits any more');
  await comes(async () => cem.inCall, false, 'who is turned away is hung up');

  const tone = TONES[4]!;
  await desk.click('button', 'Ansagen');
  await dialog.getByLabel(/Oder abspielen/).fill(`tone_stream://v=-10;%(60000,0,${tone})`);
  await dialog.getByLabel('Für wen').selectOption({ label: 'bob' });
  await dialog.getByRole('button', { name: 'Sprechen' }).click();
  await eventually(() => bob.hears().includes(tone), 'bob hears what is played to him');
  assert.equal(ann.hears().includes(tone), false, 'and ann does not');
  await page.getByText(/Läuft: tone_stream/).waitFor();
  await desk.click('button', 'Beenden');
  await eventually(() => !bob.hears().includes(tone), 'it ends by a click');

  await page.getByLabel('Sprache').first().selectOption('English');
  await desk.shows('People');
  await page.getByLabel('Appearance').first().selectOption('dark');
  await window.picture('console-people-dark');
  await window.isAccessible();
  await desk.isUnhurt();
});
