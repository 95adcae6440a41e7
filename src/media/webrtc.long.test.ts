import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settles } from '../../test/kit/ear.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { SmallBrowser, type SmallBrowserOptions } from '../../test/kit/small-browser.ts';
import { TONES } from '../../test/kit/sound.ts';
import type { AccountId } from '../accounts/index.ts';
import { noLog, SystemClock } from '../base/index.ts';
import type { ConferenceId, LegId } from '../conference/index.ts';
import { openEngine } from './engine.ts';
import type { EngineEvent, EngineOptions } from './engine-types.ts';

const account = 'a' as AccountId;
const room = 'room' as ConferenceId;
const PCMU = { name: 'PCMU', payloadType: 0, ptime: 20 } as const;

/** An engine in which everybody hears everybody else. */
async function house(options: Partial<EngineOptions> = {}) {
  const events: EngineEvent[] = [];
  const engine = await openEngine({
    clock: new SystemClock(),
    log: noLog,
    chance: new SeededChance(),
    ports: 'any',
    onEvent: (event) => void events.push(event),
    ...options,
  });
  const browsers: SmallBrowser[] = [];
  const names: string[] = [];
  let version = 0;
  const join = async (name: string, wishes: SmallBrowserOptions & { readonly fingerprint?: string } = {}) => {
    const address = wishes.address ?? '127.0.0.1';
    const at = await engine.open({ leg: name as LegId, account, conference: room, address, webrtc: true });
    const browser = await SmallBrowser.open({ hz: TONES[names.length]!, ...wishes });
    const { description } = browser;
    const fingerprints = wishes.fingerprint === undefined ? description.fingerprints : [{ hash: 'sha-256', value: wishes.fingerprint }];
    engine.change(name as LegId, {
      webrtc: { ...description, fingerprints },
      codec: PCMU,
      telephoneEvent: null,
      direction: 'sendrecv',
      audioLevelId: 1,
    });
    browsers.push(browser);
    names.push(name);
    version += 1;
    const everybody = names.map((each) => ({ source: { kind: 'leg', id: each as LegId } as const, gain: 1 }));
    engine.hear(account, room, { version, sources: everybody, listeners: names.map((each) => ({ leg: each as LegId, gains: [] })) });
    return { browser, server: { ...at, webrtc: at.webrtc! } };
  };
  const come = async (name: string, wishes: SmallBrowserOptions = {}) => {
    const { browser, server } = await join(name, wishes);
    browser.connect(server);
    await browser.connected;
    return browser;
  };
  /** Everybody hears the others. */
  const heard = async (): Promise<void> => {
    const tones = browsers.map((_, n) => TONES.slice(0, browsers.length).filter((__, other) => other !== n));
    assert.deepEqual(await settles(() => browsers.map(({ ear }) => ear.hears()), tones), tones);
  };
  const told = async <T extends EngineEvent['type']>(type: T, within = 5000): Promise<Extract<EngineEvent, { type: T }>> => {
    for (const until = Date.now() + within; Date.now() < until; await new Promise((wake) => setTimeout(wake, 20))) {
      const event = events.find((each) => each.type === type);
      if (event !== undefined) return event as Extract<EngineEvent, { type: T }>;
    }
    return assert.fail(`${type} was not told: ${JSON.stringify(events)}`);
  };
  return {
    ...{ engine, events, join, come, heard, told, browsers },
    [Symbol.asyncDispose]: async () => {
      for (const browser of browsers) browser.close();
      await engine.close();
    },
  };
}

for (const sockets of ['batched', 'dgram'] as const) {
  test(`${sockets}: two browsers hear each other`, async () => {
    await using home = await house({ sockets });
    await home.come('ann');
    await home.come('bob');
    await home.heard();
    assert.equal((await home.told('connected')).leg, 'ann');
  });
}
