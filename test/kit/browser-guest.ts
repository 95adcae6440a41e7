import type { BrowserContextOptions, Page } from 'playwright-core';
import type { BrowserWindow } from './browser.ts';
import { PageStand, type Said } from './browser-stand.ts';
import { eventually } from './house.ts';

export const INVITATION = {
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

export const CONFERENCE = {
  name: 'Weekly planning',
  language: 'en-us',
  locked: false,
  recording: false,
  transcribing: false,
  members_muted: false,
  waits_for_moderator: false,
  ends_at: null,
};

export const SELF = { type: 'self', role: 'member', muted: false, mute_reasons: [], can_unmute: true, deaf: false, hand: false };

/** Somebody as the server tells the page. */
export const personFrame = (number: number, name: string, more: object = {}) => ({
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

export const PEOPLE = [
  personFrame(1, 'Ann Lee'),
  personFrame(2, 'Boris Petrov', { role: 'moderator', talking: true }),
  personFrame(3, '+49 171 5550123', { kind: 'phone', muted: true }),
  personFrame(4, 'Zoë <b>bold</b> & "Sons"', { hand: true, hand_raised_at: '2026-11-23T14:02:00.000Z' }),
  personFrame(5, '王小明', { kind: 'phone', talking: true }),
  personFrame(6, 'Meeting notes', { kind: 'program', deaf: false, muted: true }),
];

export const ANSWER = { type: 'answer', sdp: 'v=0', resume: 'r'.repeat(43), ice_servers: [] };
export const JOINED = { type: 'joined', participant: 'p1', role: 'member', conference: CONFERENCE };

interface Options extends BrowserContextOptions {
  readonly invitation?: object;
  /** Before the page is opened. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** A guest's page whose server says what a test lets it say; its peer connection takes any answer: what is heard is measured elsewhere. */
export class JoinDesk {
  readonly stand: PageStand;
  readonly window: BrowserWindow;

  private constructor(stand: PageStand, window: BrowserWindow) {
    this.stand = stand;
    this.window = window;
  }

  /** Before the click on "Join". */
  static async open(chromium: BrowserWindow, { invitation = INVITATION, prepare, ...context }: Options = {}): Promise<JoinDesk> {
    const stand = await PageStand.open();
    stand.invitation = { status: 200, body: invitation };
    const window = await chromium.another(context);
    await window.page.addInitScript(() => {
      RTCPeerConnection.prototype.setRemoteDescription = async () => undefined;
    });
    await prepare?.(window.page);
    await window.page.goto(stand.url);
    return new JoinDesk(stand, window);
  }

  /** In the conference. */
  static async inside(chromium: BrowserWindow, options: Options = {}): Promise<JoinDesk> {
    const desk = await JoinDesk.open(chromium, options);
    await desk.letIn();
    return desk;
  }

  get page() {
    return this.window.page;
  }

  async letIn(): Promise<void> {
    await this.page.getByRole('button', { name: 'Join', exact: true }).click();
    await this.said('join');
    this.stand.said.length = 0;
    this.stand.say(ANSWER, JOINED, { type: 'people', people: PEOPLE }, SELF);
    await this.page.getByRole('heading', { name: 'Weekly planning' }).waitFor();
  }

  /** What was said of this type since the last look. */
  async said(type: string): Promise<Said> {
    const { said } = this.stand;
    const found = await eventually(() => said.find((each) => each['type'] === type), `nothing was said of ${type}`);
    said.splice(said.indexOf(found), 1);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.window.close();
    await this.stand.close();
  }
}
