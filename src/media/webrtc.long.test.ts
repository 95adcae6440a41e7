import assert from 'node:assert/strict';
import { test as anyTest } from 'node:test';
import { settles } from '../../test/kit/ear.ts';
import { patientEngine } from '../../test/kit/patient.ts';
import { RtpLine } from '../../test/kit/rtp-line.ts';
import { type Server, SHA1_80, SmallBrowser, type SmallBrowserOptions } from '../../test/kit/small-browser.ts';
import { TONES } from '../../test/kit/sound.ts';
import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, LegId } from '../conference/index.ts';
import { type DtlsWorker, dtlsWorker } from './dtls-door.ts';
import { openEngine } from './engine.ts';
import type { EngineEvent, EngineOptions } from './engine-types.ts';
import { type Thread, workerThreads } from './worker-thread.ts';

const account = 'a' as AccountId;
const room = 'room' as ConferenceId;
const PCMU = { name: 'PCMU', payloadType: 0, ptime: 20 } as const;

/** Nothing here takes longer, unless it never ends. */
const test = (name: string, run: () => Promise<void>): void => void anyTest(name, { timeout: 30_000 }, run);

/** An engine in which everybody hears everybody else. */
async function house({ mayMove = false, ...options }: Partial<EngineOptions> & { readonly mayMove?: boolean } = {}) {
  const events: EngineEvent[] = [];
  const threads: Thread[] = [];
  const workers: DtlsWorker[] = [];
  const start = workerThreads(new URL('./thread/main.ts', import.meta.url));
  const engine = await openEngine(
    patientEngine({ onEvent: (event) => void events.push(event), ...options }),
    (settings, on) => {
      const thread = start(settings, on);
      threads.push(thread);
      return thread;
    },
    (from, on) => {
      const worker = dtlsWorker(from, on);
      workers.push(worker);
      return worker;
    },
  );
  const browsers: SmallBrowser[] = [];
  const names: string[] = [];
  const servers = new Map<string, Server>();
  let version = 0;
  const plan = (...more: string[]): void => {
    names.push(...more);
    version += 1;
    const sources = names.map((each) => ({ source: { kind: 'leg', id: each as LegId } as const, gain: 1 }));
    const listeners = names.map((each) => ({ leg: each as LegId, gains: [] }));
    for (const each of [room, 'other' as ConferenceId]) engine.hear(account, each, { version, sources, listeners });
  };
  const join = async (
    name: string,
    { fingerprint, ...wishes }: SmallBrowserOptions & { readonly fingerprint?: string } = {},
    where: string = room,
  ) => {
    const address = wishes.address ?? '127.0.0.1';
    const at = await engine.open({ leg: name as LegId, account, conference: where as ConferenceId, address, webrtc: true, mayMove });
    const browser = await SmallBrowser.open({ hz: TONES[names.length]!, ...wishes });
    const { description } = browser;
    const fingerprints = fingerprint === undefined ? description.fingerprints : [{ hash: 'sha-256', value: fingerprint }];
    engine.change(name as LegId, { webrtc: { ...description, fingerprints }, codec: PCMU, telephoneEvent: null, direction: 'sendrecv' });
    browsers.push(browser);
    plan(name);
    const server = { ...at, webrtc: at.webrtc! };
    servers.set(name, server);
    return { browser, server };
  };
  const come = async (name: string, wishes: SmallBrowserOptions = {}, where: string = room) => {
    const { browser, server } = await join(name, wishes, where);
    browser.connect(server);
    await browser.connected;
    return browser;
  };
  /** Everybody hears the others. */
  const heard = async (): Promise<void> => {
    const all = browsers.map(({ hz }) => hz);
    const tones = all.map((hz) => all.filter((each) => each !== hz));
    assert.deepEqual(await settles(() => browsers.map(({ ear }) => ear.hears()), tones), tones);
  };
  const told = async <T extends EngineEvent['type']>(type: T): Promise<Extract<EngineEvent, { type: T }>> => {
    await until(() => events.some((each) => each.type === type), type);
    return events.find((each) => each.type === type) as Extract<EngineEvent, { type: T }>;
  };
  const forget = (): void => {
    for (const browser of browsers.splice(0)) browser.close();
    names.length = 0;
  };
  return {
    ...{ engine, events, join, come, heard, told, browsers, servers, plan, forget },
    killThread: () => threads.at(-1)!.kill(),
    killDtls: () => workers.at(-1)!.close(),
    [Symbol.asyncDispose]: async () => {
      forget();
      await engine.close();
    },
  };
}

/** Looks until it is so. */
async function until(is: () => boolean | Promise<boolean>, what: string, within = 5000): Promise<void> {
  for (const end = performance.now() + within; performance.now() < end; await new Promise((wake) => setTimeout(wake, 20)))
    if (await is()) return;
  assert.fail(`never ${what}`);
}

for (const sockets of ['batched', 'dgram'] as const) {
  test(`${sockets}: three browsers hear each other, and are told where they are`, async () => {
    await using home = await house({ sockets });
    const ann = await home.come('ann');
    await home.come('bob');
    await home.come('cid');
    await home.heard();
    const { leg, suite, from } = await home.told('connected');
    assert.deepEqual({ leg, suite, from }, { leg: 'ann', suite: 'AEAD_AES_128_GCM', from: { address: '127.0.0.1', port: ann.port } });
    assert.equal(ann.reflexive, `127.0.0.1:${ann.port}`);
    const { ports, notAuthentic, strangers } = await home.engine.metrics();
    assert.deepEqual({ ports, notAuthentic, strangers }, { ports: 1, notAuthentic: 0, strangers: 0 }, 'they share one port');
    assert.equal(ann.broken, 0);
  });
}

test('SRTP by the older profile, where a browser has no other; and over IPv6', async () => {
  await using home = await house();
  await home.come('ann', { profiles: [SHA1_80], address: '::1' });
  await home.come('bob', { profiles: [SHA1_80] });
  await home.heard();
  assert.equal((await home.told('connected')).suite, 'AES_CM_128_HMAC_SHA1_80');
});

test('a browser and a telephone; reports go on the same port, protected', async () => {
  await using home = await house();
  const ann = await home.come('ann');
  const line = await RtpLine.open({ hz: TONES[1]!, codec: 'PCMU', ptime: 20 });
  const remote = { address: '127.0.0.1', port: line.port, rtcpPort: line.port + 1 };
  line.aim(await home.engine.open({ leg: 'tel' as LegId, account, conference: room, address: '127.0.0.1', remote }));
  home.engine.change('tel' as LegId, { remote, codec: PCMU, direction: 'sendrecv' });
  home.plan('tel');
  assert.deepEqual(await settles(() => [ann.ear.hears(), line.ear.hears()], [[TONES[1]!], [TONES[0]!]]), [[TONES[1]!], [TONES[0]!]]);
  await until(() => ann.reports.has(200) && ann.reports.has(202), 'a sender report', 9000);
  assert.equal(ann.broken, 0);
  line.close();
});

test('a leg that is offered to both is what answers: a telephone, a browser, and a browser behind a telephone that rang with sound', async () => {
  await using home = await house();
  const ann = await home.come('ann');
  const open = async (name: string) => {
    const at = await home.engine.open({ leg: name as LegId, account, conference: room, address: '127.0.0.1', webrtc: 'either' });
    return { ...at, webrtc: at.webrtc! };
  };
  const line = await RtpLine.open({ hz: TONES[1]!, codec: 'PCMU', ptime: 20 });
  const remote = { address: '127.0.0.1', port: line.port, rtcpPort: line.port + 1 };
  line.aim(await open('tel'));
  home.engine.change('tel' as LegId, { remote, codec: PCMU, crypto: null, direction: 'sendrecv' });
  home.plan('tel');
  const both = [[TONES[1]!], [TONES[0]!]];
  assert.deepEqual(await settles(() => [ann.ear.hears(), line.ear.hears()], both), both);
  line.close();
  await home.engine.end('tel' as LegId);

  const server = await open('web');
  const early = await RtpLine.open({ hz: TONES[2]!, codec: 'PCMU', ptime: 20 });
  early.aim(server);
  const rings = { address: '127.0.0.1', port: early.port, rtcpPort: early.port + 1 };
  home.engine.change('web' as LegId, { remote: rings, codec: PCMU, crypto: null, direction: 'sendrecv' });
  home.plan('web');
  const withEarly = [[TONES[2]!], [TONES[0]!]];
  assert.deepEqual(await settles(() => [ann.ear.hears(), early.ear.hears()], withEarly), withEarly);
  const web = await SmallBrowser.open({ hz: TONES[3]! });
  home.browsers.push(web);
  web.connect(server);
  home.engine.change('web' as LegId, { webrtc: web.description, codec: PCMU, telephoneEvent: null, direction: 'sendrecv' });
  await web.connected;
  // The telephone that was too late talks on, and nobody hears it.
  const withWeb = [[TONES[3]!], [TONES[0]!], []];
  assert.deepEqual(await settles(() => [ann.ear.hears(), web.ear.hears(), early.ear.hears()], withWeb), withWeb);
  assert.deepEqual(
    [(await home.engine.record('web' as LegId))?.webrtc, (await home.engine.legMetrics('web' as LegId))?.codec],
    [true, 'PCMU'],
  );
  early.close();
});

test('another certificate than was described: no keys, not a word, and the reason', async () => {
  await using home = await house();
  const { browser, server } = await home.join('ann', { fingerprint: `${'AA:'.repeat(31)}AA` });
  browser.connect(server);
  const { why, reason } = await home.told('dtls-failed');
  assert.equal(why, 'wrong-fingerprint');
  assert.match(reason, /certificate of the browser/);
  await browser.connected.catch(() => {});
  await new Promise((wake) => setTimeout(wake, 300));
  assert.equal(browser.packets + browser.broken, 0, 'nothing is sent to it');
  assert.equal(
    home.events.some(({ type }) => type === 'connected'),
    false,
  );
});

test('who shows the right certificate without having its key is refused', async () => {
  await using home = await house();
  const victim = await SmallBrowser.open();
  const { browser, server } = await home.join('ann', { stolen: victim.certificate });
  assert.deepEqual(browser.fingerprint, victim.fingerprint);
  browser.connect(server);
  assert.equal((await home.told('dtls-failed')).why, 'refused');
  victim.close();
});

test('a hello from anywhere else is not answered, and does not keep the browser out (CVE-2023-51443)', async () => {
  await using home = await house();
  const { browser, server } = await home.join('ann');
  const stranger = await SmallBrowser.open();
  stranger.checks = false;
  stranger.connect({ ...server, webrtc: { ...server.webrtc, pwd: 'not the password of this leg' } });
  for (let n = 0; n < 20; n++) stranger.handshake();
  await until(async () => (await home.engine.metrics()).dtlsIgnored >= 20, 'ignored');
  assert.equal(stranger.dtlsDatagrams, 0);
  assert.equal(stranger.answers.size, 0, 'nor is its check');
  assert.equal((await home.engine.metrics()).checksRefused, 1);
  browser.connect(server);
  await browser.connected;
  await home.told('connected');
  // Not even now.
  stranger.handshake();
  await until(async () => (await home.engine.metrics()).dtlsIgnored >= 21, 'ignored');
  assert.equal(stranger.dtlsDatagrams, 0);
  stranger.close();
});

test('a flood of DTLS by somebody who may be there reaches the worker in drops, and nobody else is disturbed', async () => {
  await using home = await house();
  await home.come('ann');
  await home.come('bob');
  const { browser, server } = await home.join('eve');
  browser.connect(server);
  await browser.connected;
  for (let n = 0; n < 50; n++) {
    for (let each = 0; each < 40; each++)
      browser.send(Buffer.from(`16fefd000000000000${(n * 40 + each).toString(16).padStart(6, '0')}0010${'01'.repeat(16)}`, 'hex'));
    await new Promise((wake) => setTimeout(wake, 10));
  }
  await until(async () => (await home.engine.metrics()).dtlsIgnored > 1800, 'ignored');
  await home.heard();
});

test('another network: found by its next check, heard and hearing within a second', async () => {
  await using home = await house();
  const ann = await home.come('ann');
  await home.come('bob');
  await home.heard();
  const moved = performance.now();
  await ann.move();
  const { leg, from } = await home.told('pair-moved');
  assert.deepEqual([leg, from], ['ann', { address: '127.0.0.1', port: ann.port }]);
  assert.ok(performance.now() - moved < 1000);
  await home.heard();
});

test('who is nominated nowhere else stays where he is, though he checks from there', async () => {
  await using home = await house();
  const ann = await home.come('ann');
  const other = await SmallBrowser.open();
  other.nominates = false;
  other.checks = false;
  const { webrtc, ...at } = home.servers.get('ann')!;
  other.connect({ ...at, webrtc });
  await until(() => other.answers.get(0x101) === 1, 'answered');
  await new Promise((wake) => setTimeout(wake, 100));
  assert.equal(
    home.events.some(({ type }) => type === 'pair-moved'),
    false,
  );
  const before = ann.packets;
  await until(() => ann.packets > before + 5, 'sent to');
  other.close();
});

test('ICE begins anew: the new password counts, the old one until it does, and the keys stay', async () => {
  await using home = await house();
  const ann = await home.come('ann');
  await home.come('bob');
  const local = home.engine.iceCredentials();
  home.engine.change('ann' as LegId, { webrtc: { ...ann.description, remote: { ufrag: 'anew', pwd: 'x'.repeat(24) }, local } });
  const before = ann.answers.get(0x101)!;
  await until(() => ann.answers.get(0x101)! > before + 2, 'answered by the old one');
  ann.restart(local);
  await ann.move();
  await home.told('pair-moved');
  await home.heard();
  assert.equal(home.events.filter((event) => event.type === 'connected' && event.leg === 'ann').length, 1);
});

test('the page was loaded anew: another certificate on the same leg', async () => {
  await using home = await house();
  const ann = await home.come('ann');
  await home.come('bob');
  await home.heard();
  await ann.hangUp();
  assert.equal((await home.told('dtls-closed')).leg, 'ann');
  ann.close();
  const again = await SmallBrowser.open({ hz: TONES[0]! });
  const local = home.engine.iceCredentials();
  home.engine.change('ann' as LegId, { webrtc: { ...again.description, local } });
  const server = home.servers.get('ann')!;
  again.connect({ ...server, webrtc: { ...server.webrtc, ...local } });
  await again.connected;
  home.browsers[0] = again;
  await home.heard();
});

test('into another room, in another thread: the same keys, the same port', async () => {
  await using home = await house({ threads: 2, mayMove: true });
  const ann = await home.come('ann');
  await home.come('bob', {}, 'other');
  const port = home.servers.get('ann')!.port;
  assert.deepEqual(
    home.engine.load().threads.map(({ legs }) => legs),
    [1, 1],
  );
  await home.engine.move('ann' as LegId, { account, conference: 'other' as ConferenceId });
  home.plan();
  await home.heard();
  assert.equal(home.engine.load().threads.filter(({ legs }) => legs === 2).length, 1);
  assert.equal((await home.engine.record('ann' as LegId))?.port, port);
  const record = await home.engine.record('ann' as LegId);
  assert.deepEqual([record?.webrtc, record?.crypto, record?.remote?.port], [true, null, ann.port]);
  assert.equal(ann.broken, 0);
});

test('into another thread in the middle of its handshake', async () => {
  await using home = await house({ threads: 2, mayMove: true });
  await home.come('bob', {}, 'other');
  const { browser, server } = await home.join('ann');
  browser.connect(server);
  await until(() => browser.dtlsDatagrams > 0, 'answered');
  await home.engine.move('ann' as LegId, { account, conference: 'other' as ConferenceId });
  await browser.connected;
  home.plan();
  await home.heard();
});

test('a media thread dies: its browsers are named, and who comes again is heard', async () => {
  await using home = await house({ threads: 1 });
  await home.come('ann');
  home.killThread();
  assert.deepEqual((await home.told('thread-died')).legs, ['ann']);
  home.forget();
  await home.come('ann');
  await home.come('bob');
  await home.heard();
});

test('the worker of DTLS dies: who has keys goes on, who comes has the same certificate before him', async () => {
  await using home = await house();
  await home.come('ann');
  await home.come('bob');
  // A browser believes it a moment before we do.
  await until(() => home.events.filter(({ type }) => type === 'connected').length === 2, 'connected');
  await home.killDtls();
  await home.heard();
  await home.come('cid');
  await home.heard();
  const prints = [...home.servers.values()].map(({ webrtc }) => webrtc.fingerprint.value);
  assert.equal(new Set(prints).size, 1);
});
