import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BrowserWindow, PHONE_SCREEN } from '../kit/browser.ts';
import { ANSWER, CONFERENCE, INVITATION, JOINED, JoinDesk, PEOPLE, personFrame, SELF } from '../kit/browser-guest.ts';
import { PageStand } from '../kit/browser-stand.ts';
import { eventually } from '../kit/house.ts';
import { TONES } from '../kit/sound.ts';

let chromium: BrowserWindow;
before(async () => {
  chromium = await BrowserWindow.open({ tone: TONES[0]! });
});
after(() => chromium.close());

interface Made {
  readonly made: { readonly peers: readonly RTCPeerConnection[]; readonly sockets: readonly WebSocket[] };
}

const caption = (who: string, name: string, text: string, final: boolean) => ({
  type: 'caption',
  who,
  name,
  text,
  final,
  language: 'en-us',
});

const LOOKS = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['phone', PHONE_SCREEN],
  ['phone-dark', { ...PHONE_SCREEN, colorScheme: 'dark' }],
] as const;

for (const [look, options] of LOOKS) {
  test(`the way in, around and out, ${look}: pictures, and no serious finding of axe`, async () => {
    await using desk = await JoinDesk.open(chromium, options);
    const { page, stand, window } = desk;
    await page.getByText('Say something').waitFor();
    await eventually(async () => Number(await page.getByRole('meter').getAttribute('aria-valuenow')) > 40, 'the meter does not move');
    await window.picture(`join-lobby-${look}`);
    await window.isAccessible();
    await desk.letIn();
    stand.say(
      caption('p2', 'Boris Petrov', 'Good morning, everybody.', true),
      caption('p2', 'Boris Petrov', 'Shall we start with the plan for the next release?', true),
      caption('p5', '王小明', 'Yes, I have prepa', false),
    );
    await page.getByText('Yes, I have prepa').waitFor();
    await window.picture(`join-room-${look}`);
    stand.say({ type: 'conference', conference: { ...CONFERENCE, transcribing: true, recording: true, locked: true } });
    await page.locator('.toasts').getByText('This conference is being recorded.').waitFor();
    await window.picture(`join-room-recorded-${look}`);
    await window.isAccessible();
    stand.say({ ...SELF, muted: true, mute_reasons: ['moderator'], can_unmute: false, hand: true });
    await page.getByText('A moderator has muted you. Raise your hand').waitFor();
    await window.picture(`join-room-muted-${look}`);
    await page.getByRole('button', { name: 'Sound', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await window.picture(`join-sound-${look}`);
    await page.locator('summary', { hasText: 'Keypad' }).click();
    await page.getByRole('button', { name: '#', exact: true }).click();
    assert.deepEqual(await desk.said('key'), { type: 'key', key: '#' });
    await window.picture(`join-keypad-${look}`);
    await window.isAccessible();
    await page.keyboard.press('Escape');
    stand.say({ type: 'ended', cause: 'kicked', text: '' });
    await page.getByRole('heading', { name: 'A moderator has removed you' }).waitFor();
    await window.picture(`join-kicked-${look}`);
    await window.isAccessible();
    assert.deepEqual(window.errors, []);
  });
}

test('mute, hand, sound and leaving are said; the server’s word is what is shown', async () => {
  await using desk = await JoinDesk.inside(chromium);
  const { page, stand, window } = desk;
  const micIsOpen = () => page.evaluate(() => (globalThis as unknown as Made).made.peers.at(-1)?.getSenders()[0]?.track?.enabled);
  assert.equal(await micIsOpen(), true);
  await page.getByRole('button', { name: 'Mute' }).click();
  assert.deepEqual(await desk.said('mute'), { type: 'mute', muted: true });
  assert.equal(await micIsOpen(), false, 'what is muted must not leave the computer');
  stand.say({ ...SELF, muted: true, mute_reasons: ['self'] });
  await page.getByRole('button', { name: 'Hold to talk' }).waitFor();
  await page.getByRole('button', { name: 'Raise hand' }).click();
  assert.deepEqual(await desk.said('hand'), { type: 'hand', raised: true });
  stand.say({ ...SELF, muted: true, mute_reasons: ['self'], hand: true });
  await page.getByRole('button', { name: 'Lower hand' }).waitFor();
  await page.getByRole('button', { name: 'Sound off' }).click();
  assert.deepEqual(await desk.said('deaf'), { type: 'deaf', deaf: true });
  stand.say({ ...SELF, muted: true, mute_reasons: ['self'], deaf: true });
  await page.getByText('you hear nobody').waitFor();
  // A moderator switches the microphone on: that is followed, and told.
  stand.say(SELF);
  await page.locator('.toasts').getByText('A moderator has switched your microphone on.').waitFor();
  assert.equal(await micIsOpen(), true);
  await page.getByRole('button', { name: 'Leave' }).click();
  await desk.said('leave');
  await page.getByRole('heading', { name: 'You have left' }).waitFor();
  assert.equal(
    await page.evaluate(() => (globalThis as unknown as Made).made.peers.every((each) => each.connectionState === 'closed')),
    true,
  );
  await page.getByRole('button', { name: 'Join again' }).click();
  await page.getByText('Your name').waitFor();
  assert.deepEqual(window.errors, []);
});

test('another microphone and another speaker are chosen, before and inside: what is sent and where it is heard follows, and is remembered', async () => {
  await using desk = await JoinDesk.open(chromium);
  const { page, window } = desk;
  await page.getByText('Say something').waitFor();
  const choice = (label: string) => page.getByLabel(label, { exact: true });
  const devices = (label: string): Promise<string[]> =>
    choice(label)
      .locator('option')
      .evaluateAll((all) => all.map((each) => (each as HTMLOptionElement).value).filter((id) => id !== ''));
  const [one = '', other = ''] = await devices('Microphone');
  assert.ok(one !== '' && other !== '', 'there are two microphones');
  await choice('Microphone').selectOption(other);
  await page.getByText('Say something').waitFor();
  await desk.letIn();
  const sent = () => page.evaluate(() => (globalThis as unknown as Made).made.peers.at(-1)?.getSenders()[0]?.track?.getSettings().deviceId);
  assert.equal(await sent(), other);
  await page.getByRole('button', { name: 'Sound', exact: true }).click();
  await choice('Microphone').selectOption(one);
  await eventually(async () => (await sent()) === one, 'the other microphone is not sent');
  const [speaker = ''] = await devices('Speaker');
  assert.notEqual(speaker, '');
  await choice('Speaker').selectOption(speaker);
  const heardBy = () => page.evaluate(() => document.querySelector<HTMLAudioElement>('audio[data-role=conference]')?.sinkId);
  await eventually(async () => (await heardBy()) === speaker, 'what is heard does not come out there');
  await page.reload();
  await page.getByText('Say something').waitFor();
  assert.deepEqual([await choice('Microphone').inputValue(), await choice('Speaker').inputValue()], [one, speaker]);
  assert.deepEqual(window.errors, []);
});

test('held down, the space bar talks; a tap on a button stays a tap', async () => {
  await using desk = await JoinDesk.inside(chromium);
  const { page, stand } = desk;
  const muted = { ...SELF, muted: true, mute_reasons: ['self'] };
  stand.say(muted);
  await page.getByRole('button', { name: 'Hold to talk' }).waitFor();
  await page.locator('body').evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.down('Space');
  assert.deepEqual(await desk.said('mute'), { type: 'mute', muted: false });
  stand.say(SELF);
  await page.keyboard.up('Space');
  assert.deepEqual(await desk.said('mute'), { type: 'mute', muted: true });
  stand.say(muted);
  // On a button: short is a click, long is talking and no click.
  await page.getByRole('button', { name: 'Raise hand' }).focus();
  await page.keyboard.press('Space');
  await desk.said('hand');
  await page.keyboard.down('Space');
  assert.deepEqual(await desk.said('mute'), { type: 'mute', muted: false });
  stand.say(SELF);
  await page.keyboard.up('Space');
  assert.deepEqual(await desk.said('mute'), { type: 'mute', muted: true });
  stand.say(muted);
  // With the finger.
  await page.getByRole('button', { name: 'Hold to talk' }).hover();
  await page.mouse.down();
  assert.deepEqual(await desk.said('mute'), { type: 'mute', muted: false });
  await page.mouse.up();
  assert.deepEqual(await desk.said('mute'), { type: 'mute', muted: true });
  assert.deepEqual(
    stand.said.filter(({ type }) => type === 'hand'),
    [],
    'the button was clicked by talking',
  );
});

test('a PIN, a name and the waiting room', async () => {
  await using desk = await JoinDesk.open(chromium, { ...PHONE_SCREEN, invitation: { ...INVITATION, pin: true, records_name: true } });
  const { page, stand, window } = desk;
  await page.getByLabel('PIN').fill('12 34');
  await page.getByLabel('Your name').fill('  Ada Byron ');
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  const join = await desk.said('join');
  assert.deepEqual([join['pin'], join['name'], join['code']], ['1234', 'Ada Byron', 'ab'.repeat(16)]);
  stand.say(ANSWER, { type: 'pin', wrong: true });
  await page.getByRole('alert').getByText('That PIN is wrong').waitFor();
  await window.picture('join-pin-phone');
  await window.isAccessible();
  await page.keyboard.type('4321');
  await page.keyboard.press('Enter');
  assert.deepEqual(await desk.said('pin'), { type: 'pin', pin: '4321' });
  stand.say({ type: 'waiting', why: 'name' });
  await page.getByRole('button', { name: 'Done' }).click();
  assert.deepEqual(await desk.said('key'), { type: 'key', key: '#' });
  stand.say({ type: 'waiting', why: 'admission' });
  await page.getByRole('heading', { name: 'A moderator will let you in' }).waitFor();
  await window.picture('join-waiting-phone');
  await window.isAccessible();
  stand.say({ type: 'ended', cause: 'denied', text: '' });
  await page.getByRole('heading', { name: 'did not let you in' }).waitFor();
  assert.deepEqual(window.errors, []);
});

test('a lost websocket comes back with the secret, as the same participant', async () => {
  await using desk = await JoinDesk.inside(chromium);
  const { page, stand } = desk;
  stand.said.length = 0;
  const start = performance.now();
  stand.cut();
  const join = await desk.said('join');
  assert.equal(join['resume'], ANSWER.resume);
  assert.ok(performance.now() - start < 1500, `after ${performance.now() - start} ms`);
  stand.say({ ...ANSWER, resume: 's'.repeat(43) }, JOINED);
  stand.say({ type: 'people', people: PEOPLE.slice(0, 3) }, SELF);
  await page.locator('.people .badge').getByText('3').waitFor();
  // The next loss goes on with the new secret; what it is worth no more is told.
  stand.cut();
  assert.equal((await desk.said('join'))['resume'], 's'.repeat(43));
  stand.say({ type: 'problem', title: 'gone', detail: 'too late', status: 404, code: 'call_not_up' });
  await page.getByRole('heading', { name: 'lost for too long' }).waitFor();
});

test('a server that was started anew is joined anew: with the PIN, muted, deaf and with a raised hand as before, and no sound gets out meanwhile', async () => {
  await using desk = await JoinDesk.open(chromium, { invitation: { ...INVITATION, pin: true } });
  const { page, stand } = desk;
  await page.getByLabel('PIN').fill('2468');
  await desk.letIn();
  stand.say({ ...SELF, muted: true, mute_reasons: ['self'], deaf: true, hand: true });
  await page.getByRole('button', { name: 'Unmute' }).waitFor();
  const isSilent = () => page.evaluate(() => (globalThis as unknown as Made).made.peers.at(-1)?.getSenders()[0]?.track?.enabled === false);
  assert.equal(await isSilent(), true);
  stand.said.length = 0;
  stand.cut();
  const { resume } = await desk.said('join');
  assert.equal(resume, ANSWER.resume);
  stand.say({ type: 'problem', title: 'Gone', detail: 'started anew', status: 410, code: 'resume_over', restarted: true });
  stand.cut();
  const anew = await desk.said('join');
  assert.deepEqual([anew['resume'], anew['pin'], anew['name']], [undefined, '2468', 'Ann Lee']);
  await page.getByText('Reconnecting…').waitFor();
  // Another participant than before, of whom the server knows nothing yet.
  stand.say({ ...ANSWER, resume: 's'.repeat(43) }, { type: 'joined', participant: 'p9', role: 'member', conference: CONFERENCE });
  stand.say({ type: 'people', people: [personFrame(9, 'Ann Lee')] }, SELF);
  assert.deepEqual(await desk.said('mute'), { type: 'mute', muted: true });
  assert.deepEqual(await desk.said('deaf'), { type: 'deaf', deaf: true });
  assert.deepEqual(await desk.said('hand'), { type: 'hand', raised: true });
  assert.equal(await isSilent(), true, 'he is heard although he was muted');
  await page.locator('.people .badge').getByText('1').waitFor();
});

test('who has no microphone is told why, and may listen', async () => {
  for (const [name, text, look] of [
    ['NotAllowedError', 'The microphone is blocked.', 'denied'],
    ['NotFoundError', 'No microphone was found.', 'none'],
    ['NotReadableError', 'used by another program', 'busy'],
  ] as const) {
    const refuse = (refusal: string): void => {
      navigator.mediaDevices.getUserMedia = async () => {
        throw new DOMException('', refusal);
      };
    };
    await using desk = await JoinDesk.open(chromium, { prepare: (page) => page.addInitScript(refuse, name) });
    const { page, stand, window } = desk;
    await page.getByRole('alert').getByText(text).waitFor();
    await window.picture(`join-no-microphone-${look}`);
    await window.isAccessible();
    await page.getByRole('button', { name: 'Join without microphone' }).click();
    const { sdp } = await desk.said('join');
    assert.match(String(sdp), /a=sendrecv/, 'a way for the sound is asked for all the same');
    stand.say(ANSWER, JOINED);
    assert.deepEqual(await desk.said('mute'), { type: 'mute', muted: true });
    stand.say({ type: 'people', people: PEOPLE }, { ...SELF, muted: true, mute_reasons: ['self'] });
    await page.getByText('You only listen').waitFor();
  }
});

test('a page without encryption says that the browser gives it no microphone', async () => {
  const unencrypted = (): unknown => Object.defineProperty(globalThis, 'isSecureContext', { value: false });
  await using desk = await JoinDesk.open(chromium, { prepare: (page) => page.addInitScript(unencrypted) });
  await desk.page.getByRole('alert').getByText('opened without encryption').waitFor();
  await desk.page.getByRole('button', { name: 'Join without microphone' }).waitFor();
});

test('links that are worth nothing, and servers that are not there, are told apart', async () => {
  await using stand = await PageStand.open();
  await using window = await chromium.another();
  const { page } = window;
  for (const [status, body, text] of [
    [404, { code: 'invitation_unknown' }, 'This invitation is not valid.'],
    [410, { code: 'invitation_over' }, 'This invitation has expired.'],
    [410, { code: 'invitation_used' }, 'As many guests as this invitation was for have come in by it.'],
    [400, { code: 'invalid' }, 'This invitation is not valid.'],
    [429, { code: 'rate_limited' }, 'Too many people are trying at once.'],
    [500, {}, 'That did not work.'],
  ] as const) {
    stand.invitation = { status, body };
    await page.goto(stand.url);
    await page.getByRole('heading', { name: text }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), status < 429 ? 0 : 1);
  }
  await window.picture('join-failed');
  stand.invitation = { status: 404, body: { code: 'invitation_unknown' } };
  await page.goto(stand.url);
  await page.getByText('It may have expired').waitFor();
  await window.picture('join-expired');
  await window.isAccessible();
});

test('every language fits, the one from right to left too', async () => {
  await using desk = await JoinDesk.open(chromium, { ...PHONE_SCREEN, invitation: { ...INVITATION, language: 'ar-sa' } });
  const { page, stand, window } = desk;
  await eventually(() => page.evaluate(() => document.documentElement.dir === 'rtl'), 'Arabic is not written from the right');
  await window.picture('join-lobby-ar-phone');
  const languages = await page
    .locator('.chooser select')
    .first()
    .locator('option')
    .evaluateAll((all) => all.map((each) => (each as HTMLOptionElement).value));
  assert.equal(languages.length, 11);
  const fits = () => page.evaluate((screen) => document.documentElement.scrollWidth <= screen, page.viewportSize()!.width);
  const choose = async (language: string): Promise<void> => {
    await page.locator('.chooser select').first().selectOption(language);
    await eventually(() => page.evaluate((wanted) => document.documentElement.lang === wanted, language), `${language} is not shown`);
  };
  for (const language of languages) {
    await choose(language);
    assert.ok(await fits(), `the lobby is too wide in ${language}`);
  }
  await choose('ar-sa');
  stand.said.length = 0;
  await page.locator('button[type=submit]').click();
  await desk.said('join');
  stand.say(ANSWER, JOINED);
  stand.say({ type: 'people', people: PEOPLE }, { ...SELF, muted: true, mute_reasons: ['self'] });
  await page.locator('.hold').waitFor();
  await window.picture('join-room-ar-phone');
  assert.ok(await fits(), 'the room is too wide in Arabic');
  await page.locator('.controls .round').nth(3).click();
  for (const language of ['de-de', 'ru-ru', 'fr-fr', 'ja-jp']) {
    await choose(language);
    assert.ok(await fits(), `the room is too wide in ${language}`);
  }
  await page.keyboard.press('Escape');
  stand.say({ ...SELF, role: 'moderator' });
  const waiting = { id: 'c1', name: 'Konstantin Alexandrowitsch', since: '2026-11-23T14:03:00.000Z' };
  stand.say({ type: 'callers', callers: [waiting, { ...waiting, id: 'c2', name: '+49 30 5550199' }] });
  await page.locator('.callers').waitFor();
  for (const language of languages) {
    await page.locator('.controls .round').nth(3).click();
    await choose(language);
    await page.keyboard.press('Escape');
    assert.ok(await fits(), `a moderator's room is too wide in ${language}`);
    if (language === 'ar-sa' || language === 'de-de') await window.picture(`join-moderator-${language}-phone`);
  }
  await page.locator('.controls .round').nth(3).click();
  await choose('ru-ru');
  await page.keyboard.press('Escape');
  await window.picture('join-room-ru-phone');
});

test('a moderator lets in, turns away, mutes, lowers hands, removes and locks by clicking; a member sees none of it', async () => {
  await using desk = await JoinDesk.inside(chromium);
  const { page, stand, window } = desk;
  assert.equal(await page.getByRole('button', { name: 'Lock' }).count(), 0);
  assert.equal(await page.getByRole('button', { name: /More about/ }).count(), 0);
  stand.say({ ...SELF, role: 'moderator' });
  stand.say({ type: 'callers', callers: [] });
  const caller = (id: string, name: string) => ({ id, name, since: '2026-11-23T14:03:00.000Z' });
  stand.say({ type: 'callers', callers: [caller('c1', 'Carla <i>Diaz</i>'), caller('c2', '+49 30 555')] });
  await page.locator('.toasts').getByText('Carla <i>Diaz</i> asks to be let in').waitFor();
  await window.picture('join-moderator');
  await window.isAccessible();
  const moderated = async (name: string | RegExp, act: string, who?: string): Promise<void> => {
    await page.getByRole('button', { name, exact: true }).click();
    assert.deepEqual(await desk.said('moderate'), { type: 'moderate', act, ...(who === undefined ? {} : { who }) });
  };
  await moderated('Let in: Carla <i>Diaz</i>', 'admit', 'c1');
  await moderated('Turn away: +49 30 555', 'deny', 'c2');
  await moderated('Let all in', 'admit');
  // Who was let in goes when the server says so, not before.
  assert.equal(await page.locator('.callers li').count(), 2);
  stand.say({ type: 'callers', callers: [] });
  await page.locator('.callers').waitFor({ state: 'detached' });

  await moderated('Lock', 'lock');
  stand.say({ type: 'conference', conference: { ...CONFERENCE, locked: true, members_muted: true } });
  await moderated('Unlock', 'unlock');
  await moderated('Let members speak', 'unmute_all');
  const open = (name: string): Promise<void> => page.getByRole('button', { name: `More about ${name}` }).click();
  const dialog = page.getByRole('dialog');
  await open('Boris Petrov');
  await window.picture('join-moderator-person');
  await window.isAccessible();
  await dialog.getByRole('button', { name: 'Mute', exact: true }).click();
  assert.deepEqual(await desk.said('moderate'), { type: 'moderate', act: 'mute', who: 'p2' });
  await open('+49 171 5550123');
  await dialog.getByRole('button', { name: 'Unmute', exact: true }).click();
  assert.deepEqual(await desk.said('moderate'), { type: 'moderate', act: 'unmute', who: 'p3' });
  await open('Zoë <b>bold</b> & "Sons"');
  await dialog.getByRole('button', { name: 'Lower hand' }).click();
  assert.deepEqual(await desk.said('moderate'), { type: 'moderate', act: 'lower_hand', who: 'p4' });
  await open('王小明');
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await dialog.getByRole('button', { name: 'Remove 王小明 from the conference?' }).click();
  assert.deepEqual(await desk.said('moderate'), { type: 'moderate', act: 'remove', who: 'p5' });
  assert.equal(await page.getByRole('button', { name: 'More about Ann Lee' }).count(), 0, 'nobody removes himself');

  // What was asked for in vain is told by the page, not in the server's words.
  stand.say({
    type: 'problem',
    status: 404,
    code: 'nobody_waits_so',
    title: 'Not Found',
    detail: 'nobody with this id waits to be let in',
  });
  await page.locator('.toasts').getByText('That person is not here any more.').waitFor();
  assert.equal(await page.getByText('nobody with this id').count(), 0);

  // Whose window is open may leave, and a moderator may be made a member.
  await open('王小明');
  stand.say({ type: 'left', id: 'p5' });
  await dialog.waitFor({ state: 'detached' });
  stand.say({ ...SELF, role: 'member' });
  await page.getByRole('button', { name: 'Lock' }).waitFor({ state: 'detached' });
  assert.deepEqual(window.errors, []);
});
