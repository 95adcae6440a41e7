import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsoleDesk, comes, EVIL } from '../kit/browser-desk.ts';

test('telephones, trunks and webhooks are made, changed and deleted; a secret is shown once', async () => {
  await using desk = await ConsoleDesk.open({ names: [] });
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
