import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { BrowserWindow } from '../kit/browser.ts';
import { ConsoleFloor, comes } from '../kit/browser-desk.ts';
import { hearingMatrix } from '../kit/hearing.ts';
import { eventually } from '../kit/house.ts';
import { TONES } from '../kit/sound.ts';

/** Samples of 20 ms. */
const PIECE = 160;

/** How loud what somebody hears just now is, dB: in most pieces of it, as a busy machine leaves some out. */
function loudness(samples: Int16Array): number {
  const pieces = Array.from({ length: Math.floor(samples.length / PIECE) }, (_, n) => samples.subarray(n * PIECE, (n + 1) * PIECE));
  const each = pieces.map((piece) => 10 * Math.log10(piece.reduce((sum, sample) => sum + sample * sample, 1) / PIECE));
  return each.sort((a, b) => a - b)[Math.floor((each.length * 3) / 4)] ?? 0;
}

/** How loud one tone is in what somebody hears, dB: in most tenths of a second, whatever else is left of others in some. */
function loudnessOf(hz: number, samples: Int16Array): number {
  const tenth = 800;
  const each = Array.from({ length: Math.floor(samples.length / tenth) }, (_, n) => {
    let [cos, sin] = [0, 0];
    for (const [at, sample] of samples.subarray(n * tenth, (n + 1) * tenth).entries()) {
      cos += sample * Math.cos((2 * Math.PI * hz * at) / 8000);
      sin += sample * Math.sin((2 * Math.PI * hz * at) / 8000);
    }
    return 20 * Math.log10(1 + (2 * Math.hypot(cos, sin)) / tenth);
  });
  return each.sort((one, other) => one - other)[Math.floor((each.length * 3) / 4)] ?? 0;
}

/** Programs that write down what is said are stood in for by one that always hears the same. */
async function scribe(text: string) {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ text }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

let program: Awaited<ReturnType<typeof scribe>>;
let floor: ConsoleFloor;
before(async () => {
  program = await scribe('we begin in five minutes');
  const env = { PARLEY_SPEECH_STT: 'http', PARLEY_SPEECH_STT_URL: program.url, PARLEY_SPEECH_STT_KEY: 'k' };
  floor = await ConsoleFloor.open({ env });
});
after(async () => {
  await floor.close();
  await program.close();
});

test('sliders change how loud somebody is heard and hears; at the telephones it is so much louder or quieter', async () => {
  // Nobody is brought to the loudness of others, which takes a while.
  await using desk = await floor.desk({ names: ['ann', 'bob', 'cem'], document: { profile: { 'auto-gain-level': '0' } } });
  const { page, house, conference, phones } = desk;
  const [ann, bob, cem] = phones as [(typeof phones)[0], (typeof phones)[0], (typeof phones)[0]];
  await desk.logIn(`/conferences/${conference}`);
  await hearingMatrix(phones, { ann: ['bob', 'cem'], bob: ['ann', 'cem'], cem: ['ann', 'bob'] });
  // Only ann is heard, so that what the others hear is she.
  await desk.click('button', 'Mute: bob');
  await desk.click('button', 'Mute: cem');
  await hearingMatrix(phones, { ann: [], bob: ['ann'], cem: ['ann'] });
  const level = async (phone: typeof ann): Promise<number> => {
    const from = performance.now() + 200;
    await new Promise((wake) => setTimeout(wake, 700));
    return loudnessOf(ann.tone, phone.ear.since(from));
  };
  const before = await level(bob);
  await desk.click('button', 'More about ann');
  const panel = page.getByRole('dialog');
  const slider = panel.getByLabel('How loud others hear ann');
  await slider.focus();
  await slider.press('Home');
  await panel.getByText('-18 dB').waitFor();
  await eventually(async () => Math.abs((await level(bob)) - before + 18) < 2, 'bob hears her 18 dB quieter');
  await page.keyboard.press('Escape');

  await desk.click('button', 'More about cem');
  const other = panel.getByLabel('How loud cem hears others');
  await other.focus();
  for (let step = 0; step < 2; step++) await other.press('ArrowRight');
  await panel.getByText('+6 dB').waitFor();
  await eventually(async () => Math.abs((await level(cem)) - before + 12) < 2, 'cem hears everybody 6 dB louder than bob');
  const { participants } = await (await page.request.get(`${house.http}/api/conferences/${conference}`)).json();
  assert.deepEqual(
    participants.map((each: Record<string, unknown>) => [each['gain_in'], each['gain_out']]),
    [
      [0.126, 1],
      [1, 1],
      [1, 1.995],
    ],
  );
  await desk.isUnhurt();
});

test('what is said is written down by a click, read while it is said, and stops by a click; a guest reads it too', async () => {
  await using desk = await floor.desk({ names: ['ann', 'bob'] });
  const { page, window, house, conference } = desk;
  await desk.logIn(`/conferences/${conference}/invitations`);
  await desk.click('button', 'Invite somebody');
  await page.getByLabel('Name of the guest').fill('Gus');
  await page.getByRole('dialog').getByRole('button', { name: 'Invite somebody' }).click();
  const link = await page.getByRole('dialog').getByRole('code').innerText();
  await using guest = await BrowserWindow.open({ tone: TONES[3]! });
  await guest.page.goto(house.http + new URL(link).pathname);
  await guest.page.getByRole('button', { name: 'Join', exact: true }).click();
  await guest.page.locator('.round', { hasText: 'Leave' }).waitFor();
  await desk.click('button', 'Close');

  await desk.click('link', 'Transcript');
  await desk.shows('Nothing was transcribed.');
  await desk.click('button', 'Transcribe');
  await page.getByRole('button', { name: 'Stop transcribing' }).waitFor();
  // Silence ends what is said.
  await desk.click('link', 'People');
  await desk.click('button', 'Mute: ann');
  await desk.click('link', 'Transcript');
  await page.locator('.transcript').getByText('we begin in five minutes').first().waitFor({ timeout: 30_000 });
  await window.picture('console-transcript');
  await window.isAccessible();
  await guest.page.locator('.captions').getByText('we begin in five minutes').first().waitFor();
  await desk.click('button', 'Stop transcribing');
  await page.getByRole('button', { name: 'Transcribe', exact: true }).waitFor();

  // A guest who holds the button talks, and only so long.
  const { phones } = desk;
  await desk.click('link', 'People');
  await desk.click('button', 'Unmute: ann');
  await guest.page.getByRole('button', { name: 'Mute', exact: true }).click();
  const hold = guest.page.getByRole('button', { name: 'Hold to talk' });
  await hold.hover();
  const hears = (expected: boolean): Promise<void> =>
    comes(async () => phones[1]!.hears().includes(TONES[3]!), expected, `bob hears the guest: ${expected}`);
  await hears(false);
  await guest.page.mouse.down();
  await hears(true);
  await guest.page.mouse.up();
  await hears(false);
  await desk.isUnhurt();
});

test('a text is announced by a click, and everybody hears it; a raised hand is lowered by a click', async () => {
  await using desk = await floor.desk({ names: ['ann', 'bob'], document: { member: { join_muted: true } } });
  const { page, house, conference, phones } = desk;
  await desk.logIn(`/conferences/${conference}`);
  const loudnesses = (): number[] => phones.map((each) => loudness(each.ear.since(performance.now() - 300)));
  await eventually(() => loudnesses().every((each) => each < 20), 'nobody talks, and it is not quiet');
  await desk.click('button', 'Announce');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Text to be spoken').fill('The conference begins in one minute. Please take your seats.');
  await dialog.getByRole('button', { name: 'Speak' }).click();
  await page.getByText(/Playing: /).waitFor();
  await eventually(() => loudnesses().every((each) => each > 45), 'what is announced is not heard');
  await eventually(() => loudnesses().every((each) => each < 20), 'it goes on for ever');

  const api = `${house.http}/api/conferences/${conference}`;
  const hands = async (): Promise<boolean[]> =>
    (await (await page.request.get(api)).json()).participants.map((each: object) => 'hand_raised_at' in each);
  const { participants } = await (await page.request.get(api)).json();
  await house.fetch('PATCH', `/api/conferences/${conference}/participants/${participants[0].id}`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    body: { hand_raised: true },
  });
  await desk
    .row('ann')
    .or(page.getByRole('listitem').filter({ hasText: 'ann' }))
    .getByText('hand raised')
    .first()
    .waitFor();
  assert.deepEqual(await hands(), [true, false]);
  await desk.click('button', 'More about ann');
  await dialog.getByRole('button', { name: 'Lower hand' }).click();
  await comes(hands, [false, false], 'the hand is still up');
  await desk.isUnhurt();
});

test('a report card tells who was in for how long, when everybody has left', async () => {
  await using desk = await floor.desk({ names: ['ann', 'bob'] });
  const { page, window, house, conference, phones } = desk;
  await desk.logIn(`/conferences/${conference}/history`);
  await hearingMatrix(phones, { ann: ['bob'], bob: ['ann'] });
  await phones[0]!.hangUp();
  await phones[1]!.hangUp();
  await eventually(
    async () => (await (await page.request.get(`${house.http}/api/conferences/${conference}`)).json()).running_since === null,
    'the room does not close',
  );
  await page.reload();
  const card = page.locator('details.report').first();
  await card.locator('summary').click();
  const rows = card.locator('tbody tr');
  await rows.first().waitFor();
  assert.deepEqual(await rows.locator('th').allInnerTexts(), ['ann', 'bob']);
  assert.match(await rows.first().innerText(), /PCMU/);
  await card.getByText('at most 2 at once').waitFor();
  await window.picture('console-report');
  await window.isAccessible();
  const printed = await page.request.get(
    new URL((await card.getByRole('link', { name: 'To print' }).getAttribute('href')) ?? '', page.url()).href,
  );
  assert.equal(printed.status(), 200);
  assert.match(await printed.text(), /<html/);
  await desk.isUnhurt();
});

test('a conference is made, numbered, given PINs and deleted by clicking; the telephone network follows', async () => {
  await using desk = await floor.desk({ names: [] });
  const { page, house } = desk;
  await desk.logIn();
  await desk.click('button', 'New conference');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('What is it called?').fill('Board');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await page.getByLabel('Numbers for all').waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Board');
  await page.getByLabel('Numbers for all').fill('7100, 7101');
  await page.getByLabel('PINs for members').fill('2468');
  await page.getByLabel('PINs for moderators').fill('13579');
  await page.getByLabel('Members come in muted').uncheck();
  await page.getByLabel('Language of announcements').selectOption('Français');
  await desk.click('button', 'Save');
  await page.locator('.toasts').getByText('Saved').waitFor();
  const id = page.url().split('/').at(-2);
  const document = async () => (await (await page.request.get(`${house.http}/api/conferences/${id}`)).json()).document;
  const made = await document();
  assert.deepEqual(
    [made.conference_numbers, made.member.pins, made.moderator.pins, made.member.join_muted, made.language],
    [['7100', '7101'], ['2468'], ['13579'], false, 'fr-fr'],
  );

  // Who gives the PIN of a moderator is one.
  const ann = await house.phone({ user: 'ann', tone: TONES[0]! });
  await ann.call('7101');
  await desk.click('link', 'People');
  // Once, ahead of every word: in the conference # would hang up.
  await ann.sendDigits('13579#');
  await desk.row('ann').getByText('Moderator').waitFor();
  await ann.hangUp();

  // What was changed is changed, the rest stays; what is no PIN is refused before it is sent.
  await desk.click('link', 'Settings');
  await page.getByLabel('PINs for members').fill('');
  await page.getByLabel('Numbers for all').fill('7100');
  await desk.click('button', 'Save');
  await comes(async () => [(await document()).conference_numbers, (await document()).member.pins], [['7100'], []], 'numbers and PINs go');
  assert.deepEqual((await document()).moderator.pins, ['13579']);
  await page.getByLabel('PINs for members').fill('abc');
  await desk.click('button', 'Save');
  assert.equal(await page.getByLabel('PINs for members').evaluate((each: HTMLInputElement) => each.validity.valid), false);
  await page.getByLabel('PINs for members').fill('');

  await desk.click('button', 'Delete conference');
  await desk.click('button', 'Delete “Board”? Whoever is in is sent away.');
  await page.getByRole('heading', { name: 'Conferences' }).waitFor();
  await comes(() => page.getByText('Board').count(), 0, 'it is gone from the list');
  await desk.isUnhurt();
});

test('users, telephones and webhooks are changed and deleted by clicking; a user logs in as he was made', async () => {
  await using desk = await floor.desk({ names: [] });
  const { page, window, house } = desk;
  const api = async (path: string) => (await (await page.request.get(`${house.http}/api/${path}`)).json()).items;
  const dialog = page.getByRole('dialog');
  await desk.logIn('/users');

  await desk.click('button', 'New user');
  await dialog.getByLabel('User name').fill('mia');
  await dialog.getByLabel('First name').fill('Mia');
  await dialog.getByLabel('Last name').fill('Moreau');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const password = await dialog.getByRole('code').innerText();
  await desk.click('button', 'Close');
  await using other = await window.another();
  const logsIn = async (secret: string): Promise<number> =>
    (await other.page.request.post(`${house.http}/api/session`, { data: { username: 'mia', password: secret } })).status();
  assert.equal(await logsIn(password), 200);
  await desk.click('button', 'Edit: Mia Moreau');
  await dialog.getByLabel('Last name').fill('');
  await dialog.getByLabel('Password').fill('another-pass-1');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Edit: Mia', exact: true }).waitFor();
  assert.deepEqual([await logsIn(password), await logsIn('another-pass-1')], [401, 200]);
  await desk.click('button', 'Edit: Mia');
  await dialog.getByLabel('May log in').uncheck();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('off', { exact: true }).waitFor();
  assert.equal(await logsIn('another-pass-1'), 401);
  await desk.click('button', 'Edit: Mia');
  await desk.click('button', 'Delete');
  await desk.click('button', 'Delete “Mia”?');
  await comes(async () => (await api('users')).length, 1, 'only the first user is left');
  // The last admin stays, and the page says why.
  await desk.click('button', 'Edit: admin');
  await desk.click('button', 'Delete');
  await desk.click('button', 'Delete “admin”?');
  await page.locator('.toasts .bad').first().waitFor();
  assert.equal((await api('users')).length, 1);
  await page.keyboard.press('Escape');

  await desk.click('link', 'Telephones');
  await desk.click('button', 'New telephone');
  await dialog.getByLabel('Name', { exact: true }).fill('Desk');
  await dialog.getByLabel('User name').fill('desk-1');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await desk.click('button', 'Close');
  await desk.click('button', 'Edit: Desk');
  await dialog.getByLabel('Name', { exact: true }).fill('Reception');
  await dialog.getByLabel('In use').uncheck();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Edit: Reception' }).waitFor();
  assert.deepEqual(
    (await api('devices')).map(({ name, username, enabled }: Record<string, unknown>) => [name, username, enabled]),
    [['Reception', 'desk-1', false]],
  );
  await desk.click('button', 'Edit: Reception');
  await desk.click('button', 'Delete');
  await desk.click('button', 'Delete “Reception”?');
  await desk.shows('There is nothing yet.');

  await desk.click('link', 'Webhooks');
  await desk.click('button', 'New webhook');
  await dialog.getByLabel('Address (URL)').fill('https://hooks.example.org/one');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await desk.click('button', 'Close');
  await desk.click('button', 'Edit: https://hooks.example.org/one');
  await dialog.getByLabel('Address (URL)').fill('https://hooks.example.org/two');
  await dialog.getByLabel('Events').fill('recording.finished');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await desk.shows('recording.finished');
  // Its far end is nowhere, and that is said.
  await desk.click('button', 'Send a test');
  await page.locator('.toasts .bad').first().waitFor();
  await desk.click('button', 'Edit: https://hooks.example.org/two');
  await desk.click('button', 'Delete');
  await desk.click('button', 'Delete “https://hooks.example.org/two”?');
  await desk.shows('There is nothing yet.');
  assert.deepEqual([await api('webhooks'), await api('devices')], [[], []]);
  await desk.isUnhurt();
});
