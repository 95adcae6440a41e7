import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConsoleFloor, comes } from '../kit/browser-desk.ts';
import { eventually } from '../kit/house.ts';

let floor: ConsoleFloor;
before(async () => {
  floor = await ConsoleFloor.open();
});
after(() => floor.close());

test('a conference is recorded by clicking, its wave is drawn, and it is heard in the page', async () => {
  await using desk = await floor.desk({ names: ['ann', 'bob'] });
  const { page, window, phones, house } = desk;
  await desk.logIn(`/conferences/${desk.conference}`);
  await desk.click('button', 'Record');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the recording').fill('Board <b>meeting</b>');
  await dialog.getByLabel('One track for each person').check();
  await window.picture('console-record');
  await dialog.getByRole('button', { name: 'Record' }).click();
  await page.getByText('Recording', { exact: true }).first().waitFor();
  await new Promise((wake) => setTimeout(wake, 2500));
  await desk.click('button', 'Stop recording');
  await page.getByRole('button', { name: 'Record', exact: true }).waitFor();

  await desk.click('link', 'History');
  await eventually(async () => {
    await desk.click('link', 'People');
    await desk.click('link', 'History');
    return page
      .getByRole('button', { name: 'Play: Board <b>meeting</b>' })
      .waitFor({ timeout: 1500 })
      .then(
        () => true,
        () => false,
      );
  }, 'the recording is not shown');
  const drawn = () =>
    page.evaluate(() => {
      const canvas = document.querySelector('canvas');
      const pen = canvas?.getContext('2d');
      if (!canvas || !pen || canvas.width === 0) return 0;
      const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
      let inked = 0;
      for (let at = 3; at < data.length; at += 4) inked += data[at]! > 0 ? 1 : 0;
      return inked / (data.length / 4);
    });
  assert.ok(await eventually(async () => (await drawn()) > 0.1, 'no wave was drawn'));
  assert.equal(await page.getByRole('link', { name: /^Track \d/ }).count(), 2, 'one track for each');
  await desk.click('button', 'Play: Board <b>meeting</b>');
  await comes(() => page.evaluate(() => (document.querySelector('audio')?.currentTime ?? 0) > 0.3), true, 'it plays');
  // What the page plays is what was said: both tones, by the Fourier transform of WebAudio.
  const heard = await page.evaluate(
    async (tones) => {
      const { src } = document.querySelector('audio')!;
      const context = new AudioContext();
      const buffer = await context.decodeAudioData(await (await fetch(src)).arrayBuffer());
      const samples = buffer.getChannelData(0).subarray(buffer.sampleRate / 2, (buffer.sampleRate * 3) / 2);
      const strength = (hz: number): number => {
        let [cos, sin] = [0, 0];
        for (const [at, each] of samples.entries()) {
          cos += each * Math.cos((2 * Math.PI * hz * at) / buffer.sampleRate);
          sin += each * Math.sin((2 * Math.PI * hz * at) / buffer.sampleRate);
        }
        return (2 * Math.hypot(cos, sin)) / samples.length;
      };
      return tones.map((hz) => strength(hz) > 0.02);
    },
    [phones[0]!.tone, phones[1]!.tone, 3333],
  );
  assert.deepEqual(heard, [true, true, false]);
  await window.picture('console-history');
  await window.isAccessible();

  await house.act(desk.conference.replaceAll('-', ''), 'unlock');
  await page
    .getByRole('button', { name: 'Play: Board <b>meeting</b>' })
    .or(page.getByRole('button', { name: /^Pause/ }))
    .waitFor();
  await desk.click('link', 'Recordings');
  await desk.shows('Board <b>meeting</b>');
  await desk.isUnhurt();
});

test('the slider shows the room at any past moment; a step goes from one thing that happened to the next', async () => {
  await using desk = await floor.desk({ names: ['ann', 'bob', 'cem'] });
  const { page, window, phones } = desk;
  await desk.logIn(`/conferences/${desk.conference}`);
  await desk.click('button', 'Mute: bob');
  await desk.row('bob').getByText('muted by moderator').waitFor();
  await new Promise((wake) => setTimeout(wake, 1200));
  await phones[2]!.hangUp();
  await comes(() => desk.row('cem').count(), 0, 'who hangs up is gone');

  await desk.click('link', 'Timeline');
  await desk.click('button', /bob is muted \(by moderator\)/);
  const crowd = page.locator('.crowd');
  await comes(() => crowd.getByRole('listitem').count(), 3, 'all three were there');
  await crowd.getByText('muted by moderator').waitFor();
  await desk.click('button', 'Step back');
  await comes(() => crowd.getByText('muted by moderator').count(), 0, 'before, nobody was muted');
  await comes(() => crowd.getByRole('listitem').count(), 3, 'all three were there already');
  await desk.click('button', 'Step back');
  await comes(() => crowd.getByRole('listitem').count(), 2, 'the third one came last');
  await window.picture('console-timeline');
  await window.isAccessible();

  const slider = page.getByRole('slider', { name: 'Moment' });
  const [first, last] = [Number(await slider.getAttribute('min')), Number(await slider.getAttribute('max'))];
  await slider.focus();
  await page.keyboard.press('End');
  await comes(() => crowd.getByRole('listitem').count(), 2, 'at the end cem has left');
  await page.keyboard.press('Home');
  await comes(() => crowd.getByRole('listitem').count(), 0, 'at the beginning nobody was there');
  assert.ok(last > first);
  await desk.click('button', 'Now');
  await comes(() => crowd.count(), 0, 'back to now');
  await desk.isUnhurt();
});

test('somebody who is no admin sees his conferences and nothing else', async () => {
  await using desk = await floor.desk({ names: ['ann'] });
  const { page, window, house } = desk;
  await desk.logIn('/users');
  await desk.click('button', 'New user');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('User name').fill('Mo');
  await dialog.getByLabel('Password').fill('correct horse');
  await dialog.getByLabel('First name').fill('Mo <i>');
  await window.picture('console-new-user');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await desk.shows('Mo <i>');
  await window.isAccessible();
  const [{ id }] = (await (await page.request.get(`${house.http}/api/users`)).json()).items.filter(
    ({ username }: { username: string }) => username === 'mo',
  );
  await house.kazoo('PUT', '/conferences', { name: 'Of Mo', owner_id: id.replaceAll('-', '') });
  await page.getByRole('button', { name: 'Log out' }).click();

  await page.getByLabel('Password').waitFor();
  await desk.logIn('', { username: 'mo', password: 'correct horse' });
  await desk.shows('Of Mo');
  await desk.shows('0 live, 1 in all');
  assert.equal(await page.getByText('Weekly planning').count(), 0);
  for (const hidden of ['Users', 'Trunks', 'Recordings', 'Calls']) {
    assert.equal(await page.getByRole('link', { name: hidden, exact: true }).count(), 0, `${hidden} is not for him`);
  }
  await page.goto(`${house.http}/console/conferences/${desk.conference}`);
  await desk.shows('This conference does not exist, or is not yours.');
  await window.picture('console-not-yours');
  await page.goto(`${house.http}/console`);
  await page.getByText('Of Mo').click();
  await desk.click('link', 'Settings');
  await page.getByLabel('Numbers for all').fill('7123');
  await page.getByLabel('PINs for moderators').fill('2468, 1357');
  await page.getByLabel('Waiting room').check();
  const consent = page.getByLabel('Ask everybody whether they agree to be recorded');
  await consent.selectOption('Who does not agree has to leave');
  await desk.click('button', 'Save');
  await desk.shows('Saved');
  const after = (await house.kazoo('GET', '/conferences')).body.data.find(({ name }: { name: string }) => name === 'Of Mo');
  const stored = async () => (await house.kazoo('GET', `/conferences/${after.id}`)).body.data;
  const { conference_numbers: numbers, moderator, waiting_room: waits, recording_consent: without } = await stored();
  assert.deepEqual([numbers, moderator.pins, waits, without], [['7123'], ['2468', '1357'], true, 'leave']);
  await consent.selectOption('Nobody is asked');
  await desk.click('button', 'Save');
  await eventually(async () => (await stored()).recording_consent === false, 'the choice is not taken back');
  await window.picture('console-settings');
  await window.isAccessible();
  await desk.isUnhurt();
});
