import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { settles } from '../../test/kit/ear.ts';
import { patientEngine } from '../../test/kit/patient.ts';
import { RtpLine } from '../../test/kit/rtp-line.ts';
import { TONES, toMuLaw, tone } from '../../test/kit/sound.ts';
import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, HearingPlan, LegId } from '../conference/index.ts';
import { openEngine } from './engine.ts';
import type { Codec, EngineEvent, EngineOptions, LegChange } from './engine-types.ts';

const account = 'a' as AccountId;
const room = 'room' as ConferenceId;
const leg = (name: string): LegId => name as LegId;
const source = (name: string) => ({ kind: 'leg', id: leg(name) }) as const;
const HZ = { ann: TONES[0]!, bob: TONES[1]!, cid: TONES[2]! };
type Name = keyof typeof HZ;
/** An address whose fixed ports no other test and no other run of this one has; below the ports that the system gives out. */
const ALONE = `127.77.${process.pid % 250}.1`;
const ALL: readonly Name[] = ['ann', 'bob', 'cid'];

/** Who speaks and who hears, and for whom a gain is different. */
function plan(
  version: number,
  speakers: readonly Name[],
  listeners: readonly Name[],
  gains: Partial<Record<Name, [Name, number][]>> = {},
): HearingPlan {
  return {
    version,
    sources: speakers.map((name) => ({ source: source(name), gain: 1 })),
    listeners: listeners.map((name) => ({
      leg: leg(name),
      gains: (gains[name] ?? []).map(([other, gain]) => ({ source: source(other), gain })),
    })),
  };
}

async function house(options: Partial<EngineOptions> & { names?: readonly Name[]; codecs?: Partial<Record<Name, Partial<Codec>>> } = {}) {
  const { names = ALL, codecs = {}, ...rest } = options;
  const events: EngineEvent[] = [];
  const watching = new Set<() => void>();
  const engine = await openEngine(
    patientEngine({
      onEvent: (event) => {
        events.push(event);
        for (const each of watching) each();
      },
      ...rest,
    }),
  );
  const lines = new Map<Name, RtpLine>();
  for (const name of names) {
    const codec: Codec = { name: 'PCMU', payloadType: codecs[name]?.name === 'PCMA' ? 8 : 0, ptime: 20, ...codecs[name] };
    const line = await RtpLine.open({ hz: HZ[name], codec: codec.name === 'PCMA' ? 'PCMA' : 'PCMU', ptime: codec.ptime });
    const remote = { address: '127.0.0.1', port: line.port, rtcpPort: line.port + 1 };
    const at = await engine.open({ leg: leg(name), account, conference: room, address: '127.0.0.1', remote });
    engine.change(leg(name), { remote, codec, telephoneEvent: 101, direction: 'sendrecv' });
    line.aim(at);
    lines.set(name, line);
  }
  return {
    engine,
    events,
    line: (name: Name) => lines.get(name)!,
    hear: async (next: HearingPlan) => {
      engine.hear(account, room, next);
      await engine.planApplied(account, room, next.version);
    },
    /** Waits until everybody of the list hears exactly these. */
    heard: async (expected: Partial<Record<Name, readonly Name[]>>) => {
      const who = Object.keys(expected) as Name[];
      const tones = who.map((name) => expected[name]!.map((other) => HZ[other]));
      const seen = await settles(() => who.map((name) => lines.get(name)!.ear.hears(Object.values(HZ))), tones);
      assert.deepEqual(seen, tones, `expected ${JSON.stringify(expected)}`);
    },
    event: async (fits: (event: EngineEvent) => boolean): Promise<EngineEvent> => {
      for (;;) {
        const found = events.find(fits);
        if (found) return found;
        await new Promise<void>((wake) => {
          const once = (): void => {
            watching.delete(once);
            wake();
          };
          watching.add(once);
        });
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const line of lines.values()) line.close();
      await engine.close();
    },
  };
}

for (const sockets of ['batched', 'dgram'] as const) {
  test(`${sockets}: three people hear the others and never themselves; a plan mutes one`, async () => {
    await using home = await house({ sockets });
    await home.hear(plan(1, ALL, ALL));
    await home.heard({ ann: ['bob', 'cid'], bob: ['ann', 'cid'], cid: ['ann', 'bob'] });
    await home.hear(plan(2, ['ann', 'cid'], ALL));
    await home.heard({ ann: ['cid'], bob: ['ann', 'cid'], cid: ['ann'] });
  });
}

test('exceptions: one does not hear another, a deaf one hears nobody, outside of any plan is silence', async () => {
  await using home = await house();
  await home.hear(plan(1, ALL, ['ann', 'bob'], { ann: [['bob', 0]] }));
  await home.heard({ ann: ['cid'], bob: ['ann', 'cid'], cid: [] });
  assert.ok(home.line('cid').ear.frames > 10, 'silence is sent, not nothing');
  await home.hear(plan(2, [], []));
  await home.heard({ ann: [], bob: [], cid: [] });
});

test('a plan may come before its legs', async () => {
  await using home = await house({ names: [] });
  const line = await RtpLine.open({ hz: HZ.ann, codec: 'PCMU', ptime: 20 });
  await home.hear(plan(1, ALL, ALL));
  for (const name of ['ann', 'bob'] as const) {
    const at = await home.engine.open({ leg: leg(name), account, conference: room, address: '127.0.0.1' });
    const port = name === 'ann' ? line.port : 9;
    home.engine.change(leg(name), {
      remote: { address: '127.0.0.1', port, rtcpPort: port },
      codec: { name: 'PCMU', payloadType: 0, ptime: 20 },
    });
    if (name === 'ann') line.aim(at);
  }
  assert.equal((await home.engine.metrics()).legs, 2);
  assert.equal((await home.engine.metrics()).mixes, 1);
  line.close();
});

test('codecs and packet lengths mix', async () => {
  await using home = await house({ codecs: { ann: { name: 'PCMA' }, bob: { ptime: 30 }, cid: { name: 'PCMA', ptime: 10 } } });
  await home.hear(plan(1, ALL, ALL));
  await home.heard({ ann: ['bob', 'cid'], bob: ['ann', 'cid'], cid: ['ann', 'bob'] });
});

test('a stranger is not heard, and counted', async () => {
  await using home = await house();
  await home.hear(plan(1, ['ann', 'cid'], ALL));
  await home.heard({ ann: ['cid'], bob: ['ann', 'cid'], cid: ['ann'] });
  const record = await home.engine.record(leg('ann'));
  const stranger = await RtpLine.open({ hz: HZ.bob, codec: 'PCMU', ptime: 20 });
  stranger.aim(record);
  await home.heard({ ann: ['cid'], bob: ['ann', 'cid'], cid: ['ann'] });
  assert.ok((await home.engine.metrics()).strangers > 5);
  stranger.close();
});

test('who sends from another address than signalling said is learnt, and answered there', async () => {
  await using home = await house({ names: ['bob'] });
  const line = await RtpLine.open({ hz: HZ.ann, codec: 'PCMU', ptime: 20 });
  const at = await home.engine.open({ leg: leg('ann'), account, conference: room, address: '127.0.0.1' });
  home.engine.change(leg('ann'), {
    remote: { address: '192.0.2.1', port: 4000, rtcpPort: 4001 },
    codec: { name: 'PCMU', payloadType: 0, ptime: 20 },
  });
  line.aim(at);
  await home.hear(plan(1, ALL, ALL));
  await home.heard({ bob: ['ann'] });
  const seen = await settles(() => [line.ear.hears(Object.values(HZ))], [[HZ.bob]]);
  assert.deepEqual(seen, [[HZ.bob]]);
  line.close();
});

test('a stream that moves to another port is followed once the old one is silent', async () => {
  await using home = await house();
  await home.hear(plan(1, ALL, ALL));
  await home.heard({ ann: ['bob', 'cid'] });
  await home.line('ann').move();
  await home.heard({ ann: ['bob', 'cid'], bob: ['ann', 'cid'] });
});

test('direction: who is on hold hears nothing and is not heard', async () => {
  await using home = await house();
  await home.hear(plan(1, ALL, ALL));
  await home.heard({ ann: ['bob', 'cid'], bob: ['ann', 'cid'] });
  const change: LegChange = { direction: 'inactive' };
  home.engine.change(leg('ann'), change);
  await home.heard({ ann: [], bob: ['cid'], cid: ['bob'] });
  home.engine.change(leg('ann'), { direction: 'sendonly' });
  await home.heard({ ann: ['bob', 'cid'], bob: ['cid'] });
  home.engine.change(leg('ann'), { direction: 'recvonly' });
  await home.heard({ ann: [], bob: ['ann', 'cid'] });
});

test('a key is told once and not heard', async () => {
  await using home = await house();
  await home.hear(plan(1, ALL, ALL));
  await home.heard({ ann: ['bob', 'cid'] });
  await home.line('ann').press('7', 101);
  await home.line('ann').press('#', 101);
  await home.event((event) => event.type === 'digit' && event.digit === '#');
  assert.deepEqual(
    home.events.filter(({ type }) => type === 'digit'),
    [
      { type: 'digit', leg: 'ann', digit: '7', ms: 100, way: 'event' },
      { type: 'digit', leg: 'ann', digit: '#', ms: 100, way: 'event' },
    ],
  );
});

test('silence on the wire is told once, but not on hold', async () => {
  await using home = await house({ names: ['ann', 'bob'], mediaTimeoutMs: 150 });
  home.engine.change(leg('bob'), { direction: 'sendonly' });
  await home.event(({ type }) => type === 'level');
  home.line('bob').send(false);
  home.line('ann').send(false);
  const lost = await home.event(({ type }) => type === 'media-lost');
  assert.ok(lost.type === 'media-lost' && lost.leg === 'ann' && lost.silentMs >= 150);
  home.line('ann').send(true);
  await home.event((event) => event.type === 'level' && event.leg === 'ann' && event.talking);
  assert.equal(home.events.filter(({ type }) => type === 'media-lost').length, 1);
});

test('talking is told, at most five times a second', async () => {
  const start = performance.now();
  await using home = await house({ names: ['bob'] });
  let told = 0;
  // Bob's tone does not fit into a frame, so that each is a little louder or softer than the one before.
  await home.event((event) => {
    told = home.events.filter(({ type }) => type === 'level').length;
    return told >= 8 && event.type === 'level' && event.leg === 'bob' && event.talking && event.energy > 1000;
  });
  const most = Math.floor((performance.now() - start) / 200) + 1;
  assert.ok(told <= most, `${told} in a time for ${most}`);
});

test('reports: RTCP comes on its own port, and BYE at the end', async () => {
  await using home = await house({ names: ['ann'] });
  await home.event(({ type }) => type === 'level');
  const line = home.line('ann');
  await home.engine.end(leg('ann'));
  await home.engine.end(leg('ann'));
  const until = performance.now() + 20_000;
  while (!line.rtcpSeen.has(203) && performance.now() < until) await new Promise((wake) => setImmediate(wake));
  assert.deepEqual([...line.rtcpSeen.keys()].sort(), [200, 202, 203]);
  assert.equal((await home.engine.metrics()).ports, 0);
});

test('ports: shared by far ends that cannot be confused, refused when the range is used up', async () => {
  await using home = await house({ names: [], ports: { from: 24_100, to: 24_103 } });
  const at = (name: string, remote?: { address: string; port: number }) =>
    home.engine.open({ leg: leg(name), account, conference: room, address: ALONE, ...(remote ? { remote } : {}) });
  const first = await at('1', { address: '192.0.2.1', port: 4000 });
  assert.equal((await at('2', { address: '192.0.2.2', port: 4000 })).port, first.port);
  const same = await at('3', { address: '192.0.2.1', port: 4000 });
  assert.notEqual(same.port, first.port);
  assert.deepEqual([first.port % 2, same.port % 2], [0, 0]);
  await assert.rejects(at('4', { address: '192.0.2.1', port: 4000 }), { name: 'Failure', kind: 'limit', code: 'no_free_port' });
  await assert.rejects(at('5'), { code: 'no_free_port' });
  await home.engine.end(leg('3'));
  assert.equal((await at('6', { address: '192.0.2.1', port: 4000 })).port, same.port);
});

test('ports that were in use before a restart are taken first, when they are free and in the range', async () => {
  const taken = createSocket('udp4').unref();
  await new Promise<void>((bound) => taken.bind({ port: 24_116, address: ALONE, exclusive: true }, bound));
  const preferredPorts = [24_118, 24_116, 24_115, 24_200, 24_112];
  await using home = await house({ names: [], ports: { from: 24_110, to: 24_119 }, preferredPorts });
  const remote = { address: '192.0.2.1', port: 4000 };
  const at = (name: string) => home.engine.open({ leg: leg(name), account, conference: room, address: ALONE, remote });
  const ports = [(await at('1')).port, (await at('2')).port, (await at('3')).port, (await at('4')).port];
  assert.deepEqual(ports, [24_118, 24_112, 24_110, 24_114]);
  await home.engine.end(leg('1'));
  assert.equal((await at('5')).port, 24_118);
  await assert.rejects(at('6'), { code: 'no_free_port' });
  taken.close();
});

test('IPv6 works like IPv4', async () => {
  await using home = await house({ names: [] });
  const socket = createSocket('udp6');
  await new Promise<void>((bound) => socket.bind(0, '::1', bound));
  const remote = { address: '::1', port: socket.address().port, rtcpPort: socket.address().port };
  await home.engine.open({ leg: leg('ann'), account, conference: room, address: '::1', remote });
  const packet = new Promise<Buffer>((arrive) => socket.once('message', arrive));
  home.engine.change(leg('ann'), { remote, codec: { name: 'PCMU', payloadType: 0, ptime: 20 } });
  assert.equal((await packet).length, 172);
  socket.close();
});

test('after close nothing is left, and everything is refused', async () => {
  const engine = await openEngine(patientEngine());
  const at = await engine.open({ leg: leg('ann'), account, conference: room, address: '127.0.0.1' });
  await engine.close();
  await engine.close();
  assert.ok(!process.getActiveResourcesInfo().includes('MessagePort'));
  const socket = createSocket('udp4');
  await new Promise<void>((bound) => socket.bind({ port: at.port, address: '127.0.0.1', exclusive: true }, bound));
  socket.close();
  await assert.rejects(engine.open({ leg: leg('bob'), account, conference: room, address: '127.0.0.1' }), { code: 'closed' });
});

test('a frame that was lost on the way is made up', async () => {
  await using home = await house({ names: [] });
  const socket = createSocket('udp4');
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
  const remote = { address: '127.0.0.1', port: socket.address().port, rtcpPort: socket.address().port + 1 };
  const at = await home.engine.open({ leg: leg('ann'), account, conference: room, address: '127.0.0.1', remote });
  home.engine.change(leg('ann'), { remote, codec: { name: 'PCMU', payloadType: 0, ptime: 20 } });
  const start = performance.now();
  for (let n = 0; n < 40; n++) {
    while (performance.now() < start + n * 20) await new Promise((wake) => setImmediate(wake));
    const packet = Buffer.alloc(172);
    packet[0] = 0x80;
    packet.writeUInt16BE(n, 2);
    packet.writeUInt32BE(n * 160, 4);
    packet.set(Uint8Array.from(tone(440, { from: n * 160, length: 160 }), toMuLaw), 12);
    if (n % 10 !== 5) socket.send(packet, at.port, at.address);
  }
  const made = async () => (await home.engine.legMetrics(leg('ann')))?.concealed ?? 0;
  const until = performance.now() + 20_000;
  while ((await made()) < 3 && performance.now() < until) await new Promise((wake) => setImmediate(wake));
  assert.ok((await made()) >= 3, `concealed ${await made()}`);
  assert.equal((await home.engine.legMetrics(leg('ann')))?.lost, 4);
  socket.close();
});
