import assert from 'node:assert/strict';
import type { BrowserContextOptions, Locator } from 'playwright-core';
import { BrowserWindow } from './browser.ts';
import { builtPages } from './browser-stand.ts';
import { eventually, House } from './house.ts';
import type { Phone } from './phone.ts';
import { TONES } from './sound.ts';

/** What hurts a page that takes a name for more than a text. */
export const EVIL = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>';

export interface DeskOptions extends BrowserContextOptions {
  /** Of those who call, each from a telephone. */
  readonly names: readonly string[];
  readonly document?: object;
}

/** A running Parley and a Chromium for all tests of a file; each has a window, a conference and telephones of its own. */
export class ConsoleFloor {
  readonly house: House;
  readonly chromium: BrowserWindow;

  private constructor(house: House, chromium: BrowserWindow) {
    this.house = house;
    this.chromium = chromium;
  }

  static async open({ env = {} }: { readonly env?: Readonly<Record<string, string>> } = {}): Promise<ConsoleFloor> {
    builtPages();
    const [house, chromium] = await Promise.all([new House({ env }).start(), BrowserWindow.open()]);
    return new ConsoleFloor(house, chromium);
  }

  /** Behind the test nobody is called, and no conference is left but the first one. */
  desk(options: DeskOptions): Promise<ConsoleDesk> {
    return ConsoleDesk.open(this, options);
  }

  async close(): Promise<void> {
    await this.chromium.close();
    await this.house.close();
  }
}

/** The console of a running Parley in a window, and a conference with telephones. */
export class ConsoleDesk {
  readonly house: House;
  readonly window: BrowserWindow;
  readonly conference: string;
  readonly phones: readonly Phone[];

  private constructor(house: House, window: BrowserWindow, at: { conference: string; phones: readonly Phone[] }) {
    this.house = house;
    this.window = window;
    this.conference = at.conference;
    this.phones = at.phones;
  }

  static async open({ house, chromium }: ConsoleFloor, { names, document = {}, ...context }: DeskOptions): Promise<ConsoleDesk> {
    const quiet = { member: { join_muted: false }, play_welcome: false, play_entry_tone: false, play_exit_tone: false };
    const wish = { name: 'Weekly planning', conference_numbers: ['7000'], recording_notice: false, ...quiet, ...document };
    const made = await house.kazoo('PUT', '/conferences', wish);
    const phones: Phone[] = [];
    for (const [at, user] of names.entries()) {
      const phone = await house.phone({ user, tone: TONES[at]! });
      await phone.call('7000');
      phones.push(phone);
    }
    const window = await chromium.another(context);
    const conference = made.body.data.id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return new ConsoleDesk(house, window, { conference, phones });
  }

  get page() {
    return this.window.page;
  }

  /** Opens a part of the console, logged in. */
  async logIn(path = '', { username = this.house.first.username, password = this.house.first.password } = {}): Promise<void> {
    const { page } = this;
    await page.goto(`${this.house.http}/console${path}`);
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.locator('#content').waitFor();
  }

  /** Clicks on what is called so. */
  async click(role: 'button' | 'link' | 'gridcell', name: string | RegExp): Promise<void> {
    await this.page
      .getByRole(role, typeof name === 'string' ? { name, exact: true } : { name })
      .first()
      .click();
  }

  /** The line of somebody in the list of people. */
  row(name: string): Locator {
    return this.page
      .getByRole('listitem')
      .filter({ has: this.page.getByRole('button', { name: `Mute: ${name}` }) })
      .or(this.page.getByRole('listitem').filter({ has: this.page.getByRole('button', { name: `Unmute: ${name}` }) }));
  }

  /** Nothing that others wrote has run, and the page made no mistakes. */
  isUnhurt(): Promise<void> {
    return this.page
      .evaluate(() => (globalThis as { hurt?: number }).hurt)
      .then((hurt) => {
        assert.equal(hurt, undefined, 'a text was run');
        const mistakes = this.window.errors.filter((each) => !/status of (401|403|404|409|423|503)/.test(each));
        assert.deepEqual(mistakes, [], 'errors in the page');
      });
  }

  /** Waits until the page shows something. */
  async shows(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { house, window } = this;
    await window.close();
    await house.hangUpAll();
    const { body } = await house.kazoo('GET', '/conferences?paginate=false');
    for (const { id } of body.data) if (id !== house.first.conference_id) await house.kazoo('DELETE', `/conferences/${id}`);
  }
}

/** Waits for something to be as wished. */
export const comes = async <T>(look: () => Promise<T>, wanted: T, what: string): Promise<void> => {
  let seen: T | undefined;
  await eventually(async () => {
    seen = await look();
    return JSON.stringify(seen) === JSON.stringify(wanted);
  }, what).catch(() => assert.deepEqual(seen, wanted, what));
};
