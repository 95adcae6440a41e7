import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { settles } from '../../test/kit/ear.ts';
import { patientEngine } from '../../test/kit/patient.ts';
import { RtpLine } from '../../test/kit/rtp-line.ts';
import { TONES } from '../../test/kit/sound.ts';
import type { AccountId } from '../accounts/index.ts';
import { type Log, noLog } from '../base/index.ts';
import type { ConferenceId, LegId } from '../conference/index.ts';
import { openEngine } from './engine.ts';
import type { EngineEvent, EngineOptions } from './engine-types.ts';
import { workerThreads } from './worker-thread.ts';

const account = 'a' as AccountId;
const address = '127.0.0.1';
/** An address whose fixed ports no other test and no other run of this one has; below the ports that the system gives out. */
const ALONE = `127.77.${process.pid % 250}.2`;
const DYING = new URL('../../test/fixtures/dying-thread.ts', import.meta.url);

/** Sockets of this process, threads' own ones too; undefined where the system does not tell. */
function sockets(): number | undefined {
  try {
    const isSocket = (fd: string): boolean => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
      } catch {
        return false; // The descriptor of the directory itself.
      }
    };
    return readdirSync('/proc/self/fd').filter(isSocket).length;
  } catch {
    return undefined;
  }
}

async function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((bound, fail) => socket.once('error', fail).bind({ port, address, exclusive: true }, bound));
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

/** An engine whose threads die when they are told of a plan for the conference `die`; `running` waits for threads. */
async function house({ own = address, ...options }: Partial<EngineOptions> & { own?: string } = {}) {
  const events: EngineEvent[] = [];
  const lines: RtpLine[] = [];
  let begun = 0;
  const log: Log = {
    ...noLog,
    debug: (message) => {
      if (message === 'media thread is ready') begun += 1;
    },
  };
  const engine = await openEngine(
    patientEngine({ log, threads: 2, onEvent: (event) => events.push(event), ...options }),
    workerThreads(DYING),
  );
  const open = (leg: string, room: string, remote?: { address: string; port: number }) =>
    engine.open({
      leg: leg as LegId,
      mayMove: leg.startsWith('mover'),
      account,
      conference: room as ConferenceId,
      address: own,
      ...(remote === undefined ? {} : { remote }),
    });
  const hear = async (room: string, legs: readonly string[], version = 1): Promise<void> => {
    const sources = legs.map((id) => ({ source: { kind: 'leg', id: id as LegId }, gain: 1 }) as const);
    engine.hear(account, room as ConferenceId, { version, sources, listeners: legs.map((leg) => ({ leg: leg as LegId, gains: [] })) });
    await engine.planApplied(account, room as ConferenceId, version);
  };
  const close = async (): Promise<void> => {
    for (const line of lines.splice(0)) line.close();
    await engine.close();
  };
  return {
    engine,
    events,
    open,
    hear,
    end: (leg: string) => engine.end(leg as LegId),
    running: async (count: number): Promise<void> => {
      while (begun < count) await new Promise((next) => setImmediate(next));
    },
    /** A phone with a tone of its own, in a room. */
    phone: async (leg: string, room: string, hz: number): Promise<RtpLine> => {
      const line = await RtpLine.open({ hz, codec: 'PCMU', ptime: 20 });
      const remote = { address, port: line.port, rtcpPort: line.port + 1 };
      lines.push(line);
      line.aim(await open(leg, room, remote));
      engine.change(leg as LegId, { remote, codec: { name: 'PCMU', payloadType: 0, ptime: 20 }, direction: 'sendrecv' });
      return line;
    },
    legs: () => engine.load().threads.map(({ legs }) => legs),
    died: async () => {
      for (;;) {
        const event = events.find(({ type }) => type === 'thread-died');
        if (event?.type === 'thread-died') return event;
        await new Promise((next) => setImmediate(next));
      }
    },
    /** Phones and engine are gone. */
    close,
    [Symbol.asyncDispose]: close,
  };
}

for (const kind of ['batched', 'dgram'] as const) {
  test(`${kind}: a thread dies: its rooms are gone with their ports, others hear on, new rooms work`, async () => {
    const before = sockets();
    await using home = await house({ sockets: kind });
    const [ann, bob] = [await home.phone('ann', 'stays', TONES[0]!), await home.phone('bob', 'stays', TONES[1]!)];
    await home.running(2);
    const at = [await home.open('cid', 'die'), await home.open('dan', 'dies too', { address: '192.0.2.1', port: 4000 })];
    await home.hear('stays', ['ann', 'bob']);
    const heard = async (): Promise<void> => {
      const expected = [[TONES[1]!], [TONES[0]!]];
      assert.deepEqual(await settles(() => [ann, bob].map(({ ear }) => ear.hears(TONES.slice(0, 2))), expected), expected);
    };
    await heard();
    assert.deepEqual(home.legs(), [2, 2]);
    await home.hear('die', ['cid']);
    const { legs } = await home.died();
    assert.deepEqual([...legs].sort(), ['cid', 'dan']);
    for (const { port } of at) assert.ok((await isFree(port)) && (await isFree(port + 1)), `port ${port} is free again`);
    await heard();
    await home.running(3);
    const again = await home.open('cid', 'new');
    assert.ok(again.port > 0);
    assert.deepEqual(home.legs(), [2, 1]);
    await home.close();
    assert.equal(sockets(), before);
  });
}

test('legs of one room that are opened at the same moment hear each other; rooms are spread', async () => {
  await using home = await house();
  await home.open('filler', 'filler');
  await home.running(2);
  const lines = await Promise.all(TONES.slice(0, 3).map((hz, n) => home.phone(`${n}`, 'room', hz)));
  await home.hear('room', ['0', '1', '2']);
  const expected = TONES.slice(0, 3).map((own) => TONES.slice(0, 3).filter((hz) => hz !== own));
  assert.deepEqual(await settles(() => lines.map(({ ear }) => ear.hears(TONES.slice(0, 3))), expected), expected);
  assert.deepEqual(home.legs(), [1, 3]);
});

test('all threads take their ports from one range, to the last one, and give them back', async () => {
  await using home = await house({ own: ALONE, ports: { from: 24_120, to: 24_127 }, preferredPorts: [24_124] });
  const far = { address: '192.0.2.1', port: 4000 };
  const first = await home.open('0', 'die', far);
  await home.running(2);
  const others = await Promise.all(['1', '2', '3'].map((leg) => home.open(leg, 'room', far)));
  assert.equal(first.port, 24_124);
  assert.deepEqual(others.map(({ port }) => port).sort(), [24_120, 24_122, 24_126]);
  assert.deepEqual(home.legs(), [1, 3]);
  await assert.rejects(home.open('4', 'room', far), { kind: 'limit', code: 'no_free_port' });
  await assert.rejects(home.open('4', 'die', far), { kind: 'limit', code: 'no_free_port' });
  assert.deepEqual(home.legs(), [1, 3]);
  // What the other thread gives back, and what a dead one had.
  await home.end('2');
  assert.equal((await home.open('4', 'die', far)).port, others[1]!.port);
  await home.hear('die', ['0']);
  await home.died();
  const again = await Promise.all(['5', '6'].map((leg) => home.open(leg, 'room', far)));
  assert.deepEqual(again.map(({ port }) => port).sort(), [first.port, others[1]!.port].sort());
});

test('legs that shared a port before a restart come to one thread and share it again', async () => {
  await using home = await house({ own: ALONE, ports: { from: 24_140, to: 24_149 } });
  const back = (leg: string, room: string, host: number, port: number) =>
    home.engine.open({
      leg: leg as LegId,
      account,
      conference: room as ConferenceId,
      address: ALONE,
      remote: { address: `192.0.2.${host}`, port: 4000 },
      port,
    });
  assert.equal((await back('1', 'a', 1, 24_146)).port, 24_146);
  await home.running(2);
  assert.equal((await back('2', 'b', 2, 24_144)).port, 24_144);
  assert.deepEqual(home.legs(), [1, 1]);
  assert.equal((await back('3', 'c', 3, 24_146)).port, 24_146);
  assert.equal((await back('4', 'd', 4, 24_144)).port, 24_144);
  assert.equal((await back('5', 'e', 5, 24_144)).port, 24_144);
  assert.deepEqual(home.legs(), [2, 3]);
});

test('the same port serves at another local address', async () => {
  await using home = await house({ ports: { from: 24_130, to: 24_131 }, threads: 1 });
  const at = (leg: string, local: string) =>
    home.engine.open({ leg: leg as LegId, account, conference: 'room' as ConferenceId, address: local });
  assert.equal((await at('1', ALONE)).port, 24_130);
  assert.equal((await at('2', ALONE.replace('.77.', '.78.'))).port, 24_130);
  assert.equal((await at('3', '::1')).port, 24_130);
  await assert.rejects(at('4', ALONE), { code: 'no_free_port' });
});

test('many legs end at once: all say goodbye, another room hears on, every socket is closed', async () => {
  const before = sockets();
  await using home = await house({ threads: 1 });
  const [ann, bob] = [await home.phone('ann', 'stays', TONES[0]!), await home.phone('bob', 'stays', TONES[1]!)];
  await home.hear('stays', ['ann', 'bob']);
  const atStart = sockets();
  // One far end for all, so that every leg has two sockets of its own.
  const far = createSocket('udp4');
  await new Promise<void>((bound) => far.bind(0, address, bound));
  const byes = new Set<number>();
  far.on('message', (packet) => {
    for (let at = 0; at + 8 <= packet.length && packet[at + 1]! >= 200; at += 4 * (packet.readUInt16BE(at + 2) + 1)) {
      if (packet[at + 1] === 203) byes.add(packet.readUInt32BE(at + 4));
    }
  });
  const remote = { address, port: far.address().port, rtcpPort: far.address().port };
  const names = Array.from({ length: 200 }, (_, n) => `${n}`);
  const opened = await Promise.all(names.map((name) => home.open(name, `${Number(name) % 20}`, remote)));
  const codec = { name: 'PCMU', payloadType: 0, ptime: 20 } as const;
  for (const name of names) home.engine.change(name as LegId, { remote, codec, direction: 'inactive' });
  const order: string[] = [];
  await Promise.all(names.map((name) => home.end(name).then(() => order.push(name))));
  assert.deepEqual(order, names);
  const metrics = await home.engine.metrics();
  assert.deepEqual([metrics.legs, home.engine.load().legs], [2, 2]);
  const until = performance.now() + 20_000;
  while (byes.size < names.length && performance.now() < until) await new Promise((next) => setImmediate(next));
  assert.deepEqual([...byes].sort(), opened.map(({ ssrc }) => ssrc).sort());
  far.close();
  await new Promise((next) => setImmediate(next));
  assert.equal(sockets(), atStart);
  const expected = [[TONES[1]!], [TONES[0]!]];
  assert.deepEqual(await settles(() => [ann, bob].map(({ ear }) => ear.hears(TONES.slice(0, 2))), expected), expected);
  await home.close();
  assert.equal(sockets(), before);
});

test('load is measured in real threads', async () => {
  await using home = await house({ threads: 1 });
  await home.phone('ann', 'room', TONES[0]!);
  const until = performance.now() + 20_000;
  while (home.engine.load().busy === 0 && performance.now() < until) await new Promise((next) => setTimeout(next, 20));
  const { busy, threads, legs } = home.engine.load();
  assert.ok(busy > 0 && busy < 1, `busy ${busy}`);
  assert.deepEqual([threads.length, legs], [1, 1]);
});

for (const kind of ['batched', 'dgram'] as const) {
  test(`${kind}: a caller goes from his lobby into a room of another thread and back: one stream from one port, few packets lost`, async () => {
    await using home = await house({ sockets: kind, own: ALONE, ports: { from: 24_130, to: 24_199 } });
    const ann = await home.phone('ann', 'conference', TONES[0]!);
    await home.running(2);
    const mover = await home.phone('mover', 'lobby', TONES[1]!);
    // Somebody stays in the lobby, so that it stays in its thread.
    (await home.phone('cid', 'lobby', TONES[2]!)).send(false);
    assert.deepEqual(home.legs(), [1, 2]);
    await home.hear('lobby', ['mover', 'cid']);
    await home.hear('conference', ['ann', 'mover']);
    const at = await home.engine.record('mover' as LegId);
    const heard = async (expected: readonly (readonly number[])[], lines = [ann, mover]): Promise<void> => {
      assert.deepEqual(await settles(() => lines.map((line) => line.ear.hears([...TONES])), expected), expected);
    };
    await heard([[], []]);
    for (let round = 0; round < 3; round++) {
      await home.engine.move('mover' as LegId, { account, conference: 'conference' as ConferenceId });
      assert.deepEqual(home.legs(), [2, 1]);
      await heard([[TONES[1]!], [TONES[0]!]]);
      await home.engine.move('mover' as LegId, { account, conference: 'lobby' as ConferenceId });
      assert.deepEqual(home.legs(), [1, 2]);
      await heard([[], []]);
    }
    const now = await home.engine.record('mover' as LegId);
    assert.deepEqual([now?.port, now?.ssrc, now?.address], [at?.port, at?.ssrc, at?.address]);
    assert.equal(mover.sources.size, 1, 'one SSRC');
    const figures = await home.engine.legMetrics('mover' as LegId);
    assert.ok(figures !== undefined && figures.lost <= 6, `${figures?.lost} packets lost on six ways`);
    assert.deepEqual(
      home.events.filter(({ type }) => type === 'media-lost' || type === 'thread-died'),
      [],
    );
  });
}
