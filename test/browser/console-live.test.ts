import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { PHONE_SCREEN } from '../kit/browser.ts';
import { ConsoleFloor, comes, EVIL } from '../kit/browser-desk.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';

let floor: ConsoleFloor;
before(async () => {
  floor = await ConsoleFloor.open();
});
after(() => floor.close());

test('somebody logs in, sees the conferences live, and moderates by clicking; the telephones hear it', async () => {
  await using desk = await floor.desk({ names: ['ann', 'bob', 'cem'] });
  const { page, phones, window, house } = desk;
  const everybody = all(phones);

  await page.goto(`${house.http}/console`);
  await page.getByLabel('User name').fill(house.first.username);
  await page.getByLabel('Password').fill('wrong wrong');
  await desk.click('button', 'Log in');
  await desk.shows('User name and password do not fit together.');
  await window.picture('console-login');
  await window.isAccessible();
  await desk.logIn();

  await desk.shows('Weekly planning');
  await desk.shows('3 people');
  await window.picture('console-list');
  await window.isAccessible();
  await house.kazoo('PUT', '/conferences', { name: EVIL, conference_numbers: ['7111'] });
  await desk.shows(EVIL);
  await page.getByPlaceholder('Name or number').fill('7000');
  await comes(() => page.getByText(EVIL).count(), 0, 'the search hides what does not fit');
  await desk.isUnhurt();

  await page.getByText('Weekly planning').click();
  await desk.row('ann').waitFor();
  await hearingMatrix(phones, everybody);
  await comes(() => desk.row('bob').getByText('PCMU').count(), 1, 'the codec is shown');
  await window.picture('console-people');
  await window.isAccessible();

  await desk.click('button', 'Mute: ann');
  await desk.row('ann').getByText('muted by moderator').waitFor();
  await hearingMatrix(phones, { ann: ['bob', 'cem'], bob: ['cem'], cem: ['bob'] });
  await desk.click('button', 'Unmute: ann');
  await desk.click('button', 'Deafen: bob');
  await hearingMatrix(phones, { ...everybody, bob: [] });
  await desk.click('button', 'Let hear: bob');
  await hearingMatrix(phones, everybody);

  await desk.click('button', 'More about ann');
  const panel = page.getByRole('dialog');
  await panel.getByRole('button', { name: 'Hold', exact: true }).click();
  await hearingMatrix(phones, { ann: [], bob: ['cem'], cem: ['bob'] });
  await panel.getByRole('button', { name: 'Take off hold' }).click();
  await hearingMatrix(phones, everybody);
  await panel.getByRole('button', { name: 'Make moderator' }).click();
  await panel.getByRole('button', { name: 'Make member' }).waitFor();
  await panel.getByLabel('Coaches').selectOption({ label: 'bob' });
  await hearingMatrix(phones, { ann: ['bob', 'cem'], bob: ['ann', 'cem'], cem: ['bob'] });
  await panel.getByText('coaches bob').waitFor();
  await window.picture('console-person');
  await window.isAccessible();
  await panel.getByLabel('Coaches').selectOption('');
  await hearingMatrix(phones, everybody);
  await page.keyboard.press('Escape');

  await desk.click('button', 'Lock');
  await desk.click('button', 'Unlock');
  await page.getByRole('button', { name: 'Lock', exact: true }).waitFor();
  await desk.click('button', 'Lock');
  await page.getByRole('button', { name: 'Unlock' }).waitFor();
  const late = await house.phone({ user: 'late' });
  await late.tries('7000');
  await comes(async () => late.inCall, false, 'a locked room sends away who comes by himself');
  assert.equal(await desk.row('late').count(), 0);
  await desk.click('button', 'Unlock');

  await desk.click('button', 'More about cem');
  await desk.click('button', 'Remove');
  await desk.click('button', /Remove cem/);
  await comes(() => desk.row('cem').count(), 0, 'who is removed is gone');
  await comes(async () => phones[2]!.inCall, false, 'his telephone is hung up');
  await desk.isUnhurt();

  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Password').waitFor();
  assert.equal((await page.request.get(`${house.http}/api/session`)).status(), 401, 'the session is over');
});

test('two are parted and brought together by clicking into the matrix, and with the keyboard', async () => {
  await using desk = await floor.desk({ names: ['ann', 'bob', 'cem'] });
  const { page, phones, window } = desk;
  const everybody = all(phones);
  await desk.logIn(`/conferences/${desk.conference}/matrix`);
  await desk.click('gridcell', 'ann hears bob: yes');
  await hearingMatrix(phones, { ...everybody, ann: ['cem'] });
  await page.getByRole('gridcell', { name: 'ann hears bob: no, they are parted' }).waitFor();
  await page.getByRole('gridcell', { name: 'bob hears ann: yes' }).waitFor();
  await window.picture('console-matrix');
  await window.isAccessible();

  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('bob hears cem'));
  await page.keyboard.press('Enter');
  await hearingMatrix(phones, { ...everybody, ann: ['cem'], bob: ['ann'] });
  await desk.click('gridcell', /ann hears bob/);
  await desk.click('gridcell', /bob hears cem/);
  await hearingMatrix(phones, everybody);
  await desk.isUnhurt();
});

test('whatever others are called is a text everywhere, on a phone’s screen and in the dark too', async () => {
  await using desk = await floor.desk({ names: ['ann'], ...PHONE_SCREEN, colorScheme: 'dark', document: { name: EVIL } });
  const { page, window, house } = desk;
  const url = `${house.http.replace('http', 'ws')}/api/conferences/${desk.conference}/stream?name=${encodeURIComponent(EVIL)}`;
  const program = new WebSocket(url, { headers: { authorization: `Bearer ${house.first.access_key}` } });
  await new Promise((resolve, reject) => program.once('open', resolve).once('error', reject));
  await desk.logIn();
  await desk.shows(EVIL);
  await window.picture('console-list-phone-dark');
  await window.isAccessible();
  await page.getByText(EVIL).first().click();
  await page.getByRole('button', { name: `Mute: ${EVIL}` }).waitFor();
  await window.picture('console-people-phone-dark');
  await window.isAccessible();
  await page
    .getByRole('button', { name: `More about ${EVIL}` })
    .first()
    .click();
  await page.getByRole('dialog').waitFor();
  const panelOver = await page.getByRole('dialog').evaluate((each) => each.scrollWidth - each.clientWidth);
  assert.ok(panelOver <= 0, 'however long a name is, nothing slides aside');
  await window.picture('console-person-phone-dark');
  await page.keyboard.press('Escape');
  for (const [part, seen] of [
    ['Who hears whom', 'gridcell'],
    ['Timeline', 'slider'],
  ] as const) {
    await desk.click('link', part);
    await page.getByRole(seen).first().waitFor();
    await page.getByText(EVIL).first().waitFor();
    await window.picture(`console-${part.toLowerCase().replaceAll(' ', '-')}-phone-dark`);
    await window.isAccessible();
  }
  const wide = await page.evaluate((screen) => document.documentElement.scrollWidth - screen, page.viewportSize()!.width);
  assert.ok(wide <= 0, 'nothing is wider than the screen');
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('link', { name: 'Users' }).waitFor();
  await window.picture('console-menu-phone-dark');
  program.close();
  await desk.isUnhurt();
});
