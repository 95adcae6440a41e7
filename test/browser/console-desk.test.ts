import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConsoleFloor, comes, EVIL } from '../kit/browser-desk.ts';
import { hearingMatrix } from '../kit/hearing.ts';
import { eventually } from '../kit/house.ts';
import { TONES } from '../kit/sound.ts';

let floor: ConsoleFloor;
before(async () => {
  floor = await ConsoleFloor.open();
});
after(() => floor.close());

test('why somebody is not heard is said in words; his call has a ladder, and its messages are read', async () => {
  await using desk = await floor.desk({ names: ['ann', 'bob'] });
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
  const sound = page.locator('.media-line');
  await sound.getByText('In the conference: Member').waitFor();
  await sound.getByText('Codec: PCMU, 20 ms, sendrecv').waitFor();
  await sound.getByText('Not encrypted').waitFor();
  const href = await page.getByRole('link', { name: 'As pcap' }).getAttribute('href');
  const file = await page.request.get(`${house.http}${href}`);
  assert.deepEqual([file.status(), [...(await file.body()).subarray(0, 4)].sort()], [200, [0xa1, 0xb2, 0xc3, 0xd4].sort()]);

  await desk.click('link', 'Conferences');
  for (const phone of desk.phones) await phone.hangUp();
  // The list shows what had ended when it was opened.
  const records = async (): Promise<readonly { caller_name: string }[]> =>
    (await house.fetch('GET', '/api/cdrs', { headers: { authorization: `Bearer ${house.first.access_key}` } })).body.items;
  await eventually(async () => (await records()).some((each) => each.caller_name === 'ann'), 'her call has no record');
  await desk.click('link', 'Calls');
  await page.getByRole('rowheader', { name: 'ann' }).waitFor();
  await window.picture('console-calls');
  await window.isAccessible();
  await page.getByRole('link', { name: 'Ladder: ann' }).click();
  await ladder.getByRole('button', { name: /BYE/ }).first().waitFor();
  await desk.isUnhurt();
});

test('telephones, trunks and webhooks are made, changed and deleted; a secret is shown once', async () => {
  await using desk = await floor.desk({ names: [] });
  const { page, window, house } = desk;
  const api = async (path: string) => (await (await page.request.get(`${house.http}/api/${path}`)).json()).items;
  const dialog = page.getByRole('dialog');
  await desk.logIn('/devices');

  await desk.click('button', 'New telephone');
  await dialog.getByLabel('Name', { exact: true }).fill(EVIL);
  await dialog.getByLabel('User name').fill('desk-1');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const secret = await dialog.getByRole('code').innerText();
  assert.ok(secret.length >= 12, 'a random password');
  await desk.click('button', 'Close');
  await desk.shows(EVIL);
  assert.deepEqual(
    (await api('devices')).map(({ username, enabled }: Record<string, unknown>) => [username, enabled]),
    [['desk-1', true]],
  );

  await desk.click('link', 'Trunks');
  await desk.click('button', 'New trunk');
  await dialog.getByLabel('Name', { exact: true }).fill('Carrier');
  await dialog.getByLabel('Servers').fill('127.0.0.1:5999');
  await dialog.getByLabel('Numbers').fill('+4930123456, +493098765*');
  await dialog.getByLabel('Transport').selectOption('TCP');
  await window.picture('console-trunk');
  await window.isAccessible();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await desk.shows('127.0.0.1:5999 · +4930123456, +493098765*');
  await desk.click('button', 'Edit: Carrier');
  await dialog.getByLabel('Numbers').fill('');
  await dialog.getByLabel('In use').uncheck();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await comes(
    async () =>
      (await api('trunks')).map(({ name, numbers, transport, enabled }: Record<string, unknown>) => [name, numbers, transport, enabled]),
    [['Carrier', [], 'tcp', false]],
    'what was changed is changed, the rest is as it was',
  );
  await desk.click('button', 'Edit: Carrier');
  await desk.click('button', 'Delete');
  await desk.click('button', 'Delete “Carrier”?');
  await desk.shows('There is nothing yet.');
  assert.deepEqual(await api('trunks'), []);

  await desk.click('link', 'Webhooks');
  await desk.click('button', 'New webhook');
  await dialog.getByLabel('Address (URL)').fill('http://127.0.0.1:1/hook');
  await dialog.getByLabel('Events').fill('participant.*, recording.finished');
  await dialog.getByRole('button', { name: 'Save' }).click();
  // Addresses of the house itself are refused, in words.
  await page.getByRole('status').getByText(/./).first().waitFor();
  await dialog.getByLabel('Address (URL)').fill('https://hooks.example.org/parley');
  await dialog.getByRole('button', { name: 'Save' }).click();
  assert.match(await dialog.getByRole('code').innerText(), /^whsec_/);
  await desk.click('button', 'Close');
  await desk.shows('participant.*, recording.finished');
  await window.picture('console-webhooks');
  await window.isAccessible();

  await desk.click('link', 'Locked out');
  await desk.shows('Nobody is locked out.');
  await window.isAccessible();
  await page.goto(`${house.http}/console/conferences/${desk.conference}/invitations`);
  await desk.click('button', 'Invite somebody');
  await dialog.getByLabel('Name of the guest').fill(EVIL);
  await dialog.getByRole('button', { name: 'Invite somebody' }).click();
  await dialog
    .getByText(/\/join\/[A-Za-z0-9_-]+/)
    .first()
    .waitFor();
  await window.picture('console-invitation');
  await window.isAccessible();
  await desk.click('button', 'Close');
  await desk.shows(EVIL);
  await desk.click('button', 'Revoke');
  await desk.shows('Nobody was invited.');
  await page.evaluate(() => (globalThis as { hurt?: number }).hurt).then((hurt) => assert.equal(hurt, undefined));
});

test('who waits is let in or turned away, others are called, and something is played: by clicking, in German', async () => {
  await using desk = await floor.desk({ names: [], document: { waiting_room: true }, locale: 'de-AT' });
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
  await eventually(
    async () => (await page.getByText('99999: Kein Trunk führt dorthin.').count()) > 0,
    'nothing is said, in German, of who was not reached',
    40_000,
  );
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
