import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrowserWindow, PHONE_SCREEN } from '../kit/browser.ts';
import { PageStand } from '../kit/browser-stand.ts';
import { eventually } from '../kit/house.ts';
import { TONES } from '../kit/sound.ts';

const INVITATION = {
  conference: { name: 'Weekly planning' },
  name: 'Ann Lee',
  role: 'member',
  language: 'en-us',
  pin: false,
  records_name: false,
  starts_at: '2026-11-23T14:00:00.000Z',
  expires_at: '2026-12-01T00:00:00.000Z',
  numbers: ['+49 30 1234567'],
  ice_servers: [],
};

const CONFERENCE = {
  name: 'Weekly planning',
  language: 'en-us',
  locked: false,
  recording: false,
  transcribing: false,
  members_muted: false,
  waits_for_moderator: false,
  ends_at: null,
};

const SELF = { type: 'self', role: 'member', muted: false, mute_reasons: [], can_unmute: true, deaf: false, hand: false };

const person = (number: number, name: string, more: object = {}) => ({
  id: `p${number}`,
  number,
  name,
  role: 'member',
  kind: 'browser',
  talking: false,
  muted: false,
  deaf: false,
  hand: false,
  ...more,
});

const PEOPLE = [
  person(1, 'Ann Lee'),
  person(2, 'Boris Petrov', { role: 'moderator', talking: true }),
  person(3, '+49 171 5550123', { kind: 'phone', muted: true }),
  person(4, 'Zoë <b>bold</b> & "Sons"', { hand: true, hand_raised_at: '2026-11-23T14:02:00.000Z' }),
  person(5, '王小明', { kind: 'phone', talking: true }),
  person(6, 'Meeting notes', { kind: 'program', deaf: false, muted: true }),
];

/** A page whose peer connection takes any answer: what is heard is measured elsewhere, with the real server. */
async function visit(stand: PageStand, options: Parameters<typeof BrowserWindow.open>[0] = {}): Promise<BrowserWindow> {
  const window = await BrowserWindow.open({ tone: TONES[0]!, ...options });
  await window.page.addInitScript(() => {
    RTCPeerConnection.prototype.setRemoteDescription = async () => undefined;
  });
  await window.page.goto(stand.url);
  return window;
}

const answer = { type: 'answer', sdp: 'v=0', resume: 'r'.repeat(43), ice_servers: [] };

async function letIn(stand: PageStand, window: BrowserWindow): Promise<void> {
  stand.said.length = 0;
  await window.page.getByRole('button', { name: 'Join', exact: true }).click();
  await eventually(() => stand.said.some(({ type }) => type === 'join'), 'nobody joined');
  stand.say(answer, { type: 'joined', participant: 'p1', role: 'member', conference: CONFERENCE });
  stand.say({ type: 'people', people: PEOPLE }, SELF);
  await window.page.getByRole('heading', { name: 'Weekly planning' }).waitFor();
}

/** What was said of this type since the last look. */
const said = async (stand: PageStand, type: string): Promise<Readonly<Record<string, unknown>>> => {
  const found = await eventually(() => stand.said.find((each) => each['type'] === type), `nothing was said of ${type}`);
  stand.said.splice(stand.said.indexOf(found), 1);
  return found;
};

test('the way in and around, in light, dark and on a phone, without serious findings of axe', async (t) => {
  await using stand = await PageStand.open();
  stand.invitation = { status: 200, body: INVITATION };
  const looks = [
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', PHONE_SCREEN],
    ['phone-dark', { ...PHONE_SCREEN, colorScheme: 'dark' }],
  ] as const;
  for (const [look, options] of looks) {
    await t.test(look, async () => {
      await using window = await visit(stand, options);
      const { page } = window;
      await page.getByText('Say something').waitFor();
      await eventually(async () => Number(await page.getByRole('meter').getAttribute('aria-valuenow')) > 40, 'the meter does not move');
      await window.picture(`join-lobby-${look}`);
      await window.isAccessible();
      await letIn(stand, window);
      stand.say(
        { type: 'conference', conference: { ...CONFERENCE, transcribing: true, recording: true, locked: true } },
        ...['Good morning, everybody.', 'Shall we start with the plan for the next release?'].map((text) => ({
          type: 'caption',
          who: 'p2',
          name: 'Boris Petrov',
          text,
          final: true,
          language: 'en-us',
        })),
        { type: 'caption', who: 'p5', name: '王小明', text: 'Yes, I have prepa', final: false, language: 'en-us' },
      );
      await page.getByText('Yes, I have prepa').waitFor();
      await eventually(async () => (await page.locator('.toasts .notice').count()) > 0, 'the recording is not told');
      await window.picture(`join-room-told-${look}`);
      await page.locator('.toasts .notice').first().waitFor({ state: 'detached' });
      await window.picture(`join-room-${look}`);
      await window.isAccessible();
      stand.say({ ...SELF, muted: true, mute_reasons: ['moderator'], can_unmute: false, hand: true });
      await page.getByText('A moderator has muted you. Raise your hand').waitFor();
      await window.picture(`join-room-muted-${look}`);
      await page.getByRole('button', { name: 'Sound', exact: true }).click();
      await page.getByRole('dialog').waitFor();
      await window.picture(`join-sound-${look}`);
      await window.isAccessible();
      await page.keyboard.press('Escape');
      stand.say({ type: 'ended', cause: 'kicked', text: '' });
      await page.getByRole('heading', { name: 'A moderator has removed you' }).waitFor();
      await window.picture(`join-kicked-${look}`);
      await window.isAccessible();
      assert.deepEqual(window.errors, []);
    });
  }
});
