import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settles } from '../../test/kit/ear.ts';
import { patientEngine } from '../../test/kit/patient.ts';
import { RtpLine } from '../../test/kit/rtp-line.ts';
import { TONES } from '../../test/kit/sound.ts';
import { WholeBrowser } from '../../test/kit/whole-browser.ts';
import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, LegId } from '../conference/index.ts';
import { openEngine } from './engine.ts';
import type { EngineEvent } from './engine-types.ts';

const account = 'a' as AccountId;
const conference = 'room' as ConferenceId;
const [ann, ben, tel] = ['ann', 'ben', 'tel'] as LegId[] as [LegId, LegId, LegId];
const codec = {
  name: 'opus',
  payloadType: 96,
  ptime: 20,
  opus: { useInbandFec: true, useDtx: false, cbr: false, maxAverageBitrate: null, maxPlaybackRate: 48_000 },
} as const;

test('two of werift’s whole browsers and a telephone hear each other; ICE begins anew', {
  timeout: 60_000,
}, async (t) => {
  const events: EngineEvent[] = [];
  const engine = await openEngine(patientEngine({ onEvent: (event) => void events.push(event) }));
  const browsers = new Map<LegId, WholeBrowser>();
  const line = await RtpLine.open({ hz: TONES[2]!, codec: 'PCMU', ptime: 20 });
  t.after(async () => {
    for (const each of browsers.values()) each.close();
    line.close();
    await engine.close();
  });
  const servers = new Map<LegId, Awaited<ReturnType<typeof engine.open>>>();
  for (const [n, leg] of [ann, ben].entries()) {
    const browser = await WholeBrowser.open(TONES[n]!);
    const at = await engine.open({ leg, account, conference, address: '127.0.0.1', webrtc: true });
    const { mid, level, ...webrtc } = await browser.offer();
    engine.change(leg, { webrtc, codec, telephoneEvent: null, audioLevelId: level, direction: 'sendrecv' });
    await browser.answer({ ...at, webrtc: at.webrtc! }, mid);
    browsers.set(leg, browser);
    servers.set(leg, at);
  }
  const remote = { address: '127.0.0.1', port: line.port, rtcpPort: line.port + 1 };
  line.aim(await engine.open({ leg: tel, account, conference, address: '127.0.0.1', remote }));
  engine.change(tel, { remote, codec: { name: 'PCMU', payloadType: 0, ptime: 20 }, direction: 'sendrecv' });
  const legs = [ann, ben, tel];
  engine.hear(account, conference, {
    version: 1,
    sources: legs.map((id) => ({ source: { kind: 'leg', id }, gain: 1 })),
    listeners: legs.map((leg) => ({ leg, gains: [] })),
  });
  const heard = async (): Promise<void> => {
    const tones = legs.map((_, n) => TONES.slice(0, 3).filter((__, other) => other !== n));
    const ears = [browsers.get(ann)!.ear, browsers.get(ben)!.ear, line.ear];
    assert.deepEqual(await settles(() => ears.map((ear) => ear.hears()), tones), tones);
  };
  await heard();
  // Reports of theirs came, protected, and were understood.
  for (const until = performance.now() + 15_000; performance.now() < until && (await engine.legMetrics(ann))?.roundTrip == null; ) {
    await new Promise((wake) => setTimeout(wake, 100));
  }
  assert.notEqual((await engine.legMetrics(ann))?.roundTrip, null);
  const { malformed, notAuthentic } = await engine.metrics();
  assert.deepEqual([malformed, notAuthentic], [0, 0]);
  const browser = browsers.get(ann)!;
  const local = engine.iceCredentials();
  const { mid, level: _, ...webrtc } = await browser.offer({ isRestart: true });
  engine.change(ann, { webrtc: { ...webrtc, local } });
  const at = servers.get(ann)!;
  await browser.answer({ ...at, webrtc: { ...at.webrtc!, ...local } }, mid);
  // werift's sender stays silent after a restart of its own; what it hears goes by the new pair, checked with the new password.
  const others = [TONES.slice(1, 3)];
  assert.deepEqual(await settles(() => [browser.ear.hears()], others), others);
  assert.deepEqual([browser.state, (await engine.metrics()).checksRefused], ['connected', 0]);
  assert.equal(
    events.some(({ type }) => type === 'dtls-failed' || type === 'media-lost'),
    false,
  );
});
