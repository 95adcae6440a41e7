import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { settles } from './ear.ts';
import type { Hearing } from './hearing.ts';
import type { Phone } from './phone.ts';
import { needs } from './programs.ts';
import { TONES } from './sound.ts';
import { type Sound, writeWav } from './wav.ts';

const ARTEFACTS = join(import.meta.dirname, '..', 'browser', '.artefacts');
const RATE = 48_000;

/** The phone's screen of the tests, CSS pixels. */
export const PHONE_SCREEN = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 } as const;

export interface WindowOptions extends BrowserContextOptions {
  /** What the browser's microphone hears all the time, in Hz; with neither this nor `sound`, no microphone is allowed. */
  readonly tone?: number;
  /** What it hears instead, over and over. */
  readonly sound?: Sound;
}

function writeTone(path: string, hz: number): void {
  const samples = Int16Array.from({ length: 10 * RATE }, (_, at) => Math.round(8000 * Math.sin((2 * Math.PI * hz * at) / RATE)));
  writeWav(path, { rate: RATE, samples });
}

/** Runs in every page: the tone must not be taken for noise, and tests can get at what the page made. */
function prepare(): void {
  const made: { peers: RTCPeerConnection[]; sockets: WebSocket[] } = { peers: [], sockets: [] };
  Object.assign(globalThis, { made });
  const media = navigator.mediaDevices;
  if (media !== undefined) {
    const real = media.getUserMedia.bind(media);
    media.getUserMedia = (wanted) => {
      const audio = typeof wanted?.audio === 'object' ? wanted.audio : {};
      return real({ audio: { ...audio, echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    };
  }
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(options?: RTCConfiguration) {
      super(options);
      made.peers.push(this);
    }
  };
  globalThis.WebSocket = class extends WebSocket {
    constructor(...options: ConstructorParameters<typeof WebSocket>) {
      super(...options);
      made.sockets.push(this);
    }
  };
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--use-fake-device-for-media-stream',
  '--allow-loopback-in-peer-connection',
];

async function pageIn(browser: Browser, context: BrowserContextOptions): Promise<Page> {
  const made = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 }, colorScheme: 'light', ...context });
  await made.addInitScript(prepare);
  const page = await made.newPage();
  page.setDefaultTimeout(30_000);
  return page;
}

/** A Chromium of its own: one process, one microphone. */
export class BrowserWindow {
  readonly browser: Browser;
  readonly page: Page;
  readonly tone: number | undefined;
  /** Messages of the page's console that are errors, and exceptions. */
  readonly errors: string[] = [];
  /** Absent: the Chromium is another window's. */
  readonly #folder: string | undefined;

  private constructor(browser: Browser, page: Page, { tone, folder }: { tone: number | undefined; folder: string | undefined }) {
    this.browser = browser;
    this.page = page;
    this.tone = tone;
    this.#folder = folder;
    page.on('console', (message) => message.type() === 'error' && this.errors.push(message.text()));
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message));
  }

  static async open({ tone, sound: said, ...context }: WindowOptions = {}): Promise<BrowserWindow> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-browser-'));
    const sound = join(folder, 'tone.wav');
    if (tone !== undefined) writeTone(sound, tone);
    if (said !== undefined) writeWav(sound, said);
    const hasSound = tone !== undefined || said !== undefined;
    const browser = await chromium.launch({
      executablePath: needs('chromium'),
      args: [...FLAGS, ...(hasSound ? ['--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${sound}`] : [])],
    });
    return new BrowserWindow(browser, await pageIn(browser, context), { tone, folder });
  }

  /** A window of the same Chromium, of somebody else: nothing is shared but the microphone. */
  async another(context: BrowserContextOptions = {}): Promise<BrowserWindow> {
    return new BrowserWindow(this.browser, await pageIn(this.browser, context), { tone: this.tone, folder: undefined });
  }

  /** Keeps a picture as `test/browser/.artefacts/<name>.png`. */
  async picture(name: string): Promise<void> {
    mkdirSync(ARTEFACTS, { recursive: true });
    await this.page.screenshot({ path: join(ARTEFACTS, `${name}.png`), animations: 'disabled' });
  }

  /** Fails with what axe-core finds of serious or critical issues. */
  async isAccessible(): Promise<void> {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await this.page.evaluate(axe);
    const found = await this.page.evaluate(async () => {
      const { axe: checker } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
      interface Violation {
        id: string;
        impact: string;
        help: string;
        nodes: { html: string; any: { message: string }[] }[];
      }
      const { violations } = await checker.run();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, help, nodes }) => nodes.map(({ html, any }) => `${id}: ${help}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`));
    });
    assert.deepEqual(found, [], `axe-core on ${this.page.url()}`);
  }

  /** The tones in what the page plays, by the Fourier transform of WebAudio; `player` selects the element that plays. */
  async hears(player = 'audio'): Promise<number[]> {
    return this.page.evaluate(tonesPlayed, { player, tones: [...TONES] });
  }

  async close(): Promise<void> {
    if (this.#folder === undefined) {
      await this.page.context().close();
      return;
    }
    await this.browser.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** In the page: which of the tones stand out of what an element plays. */
function tonesPlayed({ player, tones }: { player: string; tones: readonly number[] }): number[] {
  const element = document.querySelector<HTMLMediaElement & { ear?: { stream: MediaStream; analyser: AnalyserNode } }>(player);
  const stream = element?.srcObject;
  if (element === null || !(stream instanceof MediaStream) || stream.getAudioTracks().length === 0 || element.muted) return [];
  const held = globalThis as unknown as { earContext?: AudioContext };
  held.earContext ??= new AudioContext();
  const context = held.earContext;
  if (element.ear?.stream !== stream) {
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0;
    context.createMediaStreamSource(stream).connect(analyser);
    element.ear = { stream, analyser };
  }
  const { analyser } = element.ear;
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const width = context.sampleRate / analyser.fftSize;
  const at = (hz: number): number => Math.max(...bins.subarray(Math.round(hz / width) - 1, Math.round(hz / width) + 2));
  return tones.filter((hz) => at(hz) > -55 && at(hz) > Math.max(at(hz - 50), at(hz + 50)) + 12);
}

/** Everybody in a room, with a telephone or a browser. */
export interface Listener {
  readonly name: string;
  readonly tone: number;
  readonly hears: () => readonly number[] | Promise<readonly number[]>;
}

export const asListener = (phone: Phone): Listener => ({ name: phone.name, tone: phone.tone, hears: () => phone.hears() });

/** Waits until everybody, at phones and in browsers, hears exactly whom he should; fails with a table. */
export async function mixedMatrix(listeners: readonly Listener[], expected: Hearing, within = 15_000): Promise<void> {
  const looks = listeners.map((): readonly number[] => []);
  let isOver = false;
  const watching = listeners.map(async ({ hears }, at) => {
    while (!isOver) {
      looks[at] = await hears();
      await new Promise((wake) => setTimeout(wake, 60));
    }
  });
  const toneOf = (name: string): number => listeners.find((each) => each.name === name)?.tone ?? assert.fail(`nobody is called ${name}`);
  const wanted = listeners.map(({ name }) => (expected[name] ?? []).map(toneOf));
  const last = await settles(() => [...looks], wanted, within);
  isOver = true;
  await Promise.all(watching);
  const nameOf = (hz: number): string => listeners.find(({ tone }) => tone === hz)?.name ?? `${hz} Hz`;
  const rows = (tones: readonly (readonly number[])[]): Record<string, string[]> =>
    Object.fromEntries(listeners.map(({ name }, at) => [name, (tones[at] ?? []).map(nameOf).sort()]));
  assert.deepEqual(rows(last), rows(wanted), 'who hears whom');
}
