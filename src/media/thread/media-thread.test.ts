import assert from 'node:assert/strict';
import { test } from 'node:test';
import { socketContract } from '../../../test/contract/sockets.ts';
import { DrowsyClock } from '../../../test/kit/drowsy-clock.ts';
import { type FarEnd, MemorySockets, type Parcel } from '../../../test/kit/memory-sockets.ts';
import { fromMuLaw, toMuLaw, tone } from '../../../test/kit/sound.ts';
import { SystemClock } from '../../base/index.ts';
import { MediaThread } from './media-thread.ts';
import type { Order, Report, Signal, ThreadChange, ThreadLeg } from './messages.ts';

socketContract('memory', () => new MemorySockets(new SystemClock()));

const HERE = '198.51.100.1';
const PCMU = { name: 'PCMU', payloadType: 0, ptime: 20 } as const;

/** A packet read by somebody else's rules than ours (RFC 3550 §5.1). */
function read({ bytes, at }: Parcel) {
  const view = Buffer.from(bytes);
  const samples = Array.from(view.subarray(12), fromMuLaw);
  return {
    at,
    marker: (view[1]! & 0x80) !== 0,
    payloadType: view[1]! & 0x7f,
    sequence: view.readUInt16BE(2),
    timestamp: view.readUInt32BE(4),
    ssrc: view.readUInt32BE(8),
    samples: samples.length,
    loudness: samples.reduce((sum, each) => sum + Math.abs(each), 0) / samples.length,
  };
}
type Read = ReturnType<typeof read>;

/** One stream of RTP: a tone, from wherever it is told to come. */
class Voice {
  readonly ssrc: number;
  far: FarEnd;
  payloadType = 0;
  amplitude = 8000;
  #count = 0;

  constructor(far: FarEnd, ssrc: number) {
    this.far = far;
    this.ssrc = ssrc;
  }

  say(to: { address: string; port: number }): void {
    const head = Buffer.alloc(12);
    head[0] = 0x80;
    head[1] = this.payloadType;
    head.writeUInt16BE(this.#count & 0xffff, 2);
    head.writeUInt32BE(this.#count * 160, 4);
    head.writeUInt32BE(this.ssrc, 8);
    const samples = tone(440, { from: this.#count * 160, length: 160, amplitude: this.amplitude });
    this.#count += 1;
    this.far.send(Buffer.concat([head, Uint8Array.from(samples, toMuLaw)]), to);
  }
}

function openThread() {
  const clock = new DrowsyClock();
  const network = new MemorySockets(clock);
  const signals: { at: number; signal: Signal }[] = [];
  const asked = new Map<number, (report: Report) => void>();
  let asks = 0;
  const post = (report: Report): void => {
    // The thread uses its list again, as the real way out copies it.
    if (report.say === 'signals') signals.push(...report.signals.map((signal) => ({ at: clock.now(), signal })));
    if (report.say === 'answer' || report.say === 'refused') asked.get(report.ask)?.(report);
  };
  const settings = { ports: { range: 'any', preferred: [] }, mediaTimeoutMs: 60_000, silentAfterMs: 60_000 } as const;
  const thread = new MediaThread({ sockets: network, clock, settings, post });
  type Asking = Extract<Order, { ask: number }>;
  const ask = async <T>(order: Asking extends infer One ? (One extends Asking ? Omit<One, 'ask'> : never) : never): Promise<T> => {
    const report = await new Promise<Report>((resolve) => {
      asks += 1;
      asked.set(asks, resolve);
      thread.obey({ ...order, ask: asks } as Exclude<Order, { do: 'close' }>);
    });
    return report.say === 'answer' ? (report.value as T) : assert.fail(JSON.stringify(report));
  };
  /** A leg whose far end is where signalling says. */
  const open = async (leg: string, { far, room = 'room', ...rest }: { far: FarEnd; room?: string } & Partial<ThreadLeg>) => {
    const { address, port } = far.place;
    const request = { leg, room, address: HERE, remote: { address, port }, ssrc: 1, sequence: 0, timestamp: 0, cname: leg, ...rest };
    const at = await ask<{ address: string; port: number }>({ do: 'open', leg: request });
    change(leg, { remote: { address, port, rtcpPort: port + 1 }, codec: PCMU, telephoneEvent: 101, direction: 'sendrecv' });
    return at;
  };
  const change = (leg: string, what: ThreadChange): void => thread.obey({ do: 'change', leg, change: what });
  /** Everybody hears everybody else. */
  const mix = (...legs: string[]): void => {
    const gains = legs.map((leg) => ({ leg, gain: 1 }));
    thread.obey({ do: 'hear', room: 'room', plan: { version: 1, sources: gains, listeners: legs.map((leg) => ({ leg, gains: [] })) } });
  };
  /** Two in a room who hear each other. */
  const couple = async () => {
    const [annFar, benFar] = [network.far('192.0.2.1', 4000), network.far('192.0.2.2', 4000)];
    const [ann, ben] = [await open('ann', { far: annFar }), await open('ben', { far: benFar })];
    mix('ann', 'ben');
    return { annFar, benFar, ann, ben };
  };
  /** Lets time pass; each voice says 20 ms every 20 ms. */
  const run = (ms: number, ...voices: readonly (readonly [Voice, { address: string; port: number }])[]): void => {
    for (let passed = 0; passed < ms; passed += 20) {
      for (const [voice, to] of voices) voice.say(to);
      clock.fake.advance(20);
    }
  };
  return { clock, network, thread, signals, ask, open, change, mix, couple, run };
}

/** Sequence numbers and timestamps that follow each other (mod 2^16 and 2^32), whatever the time between the packets. */
function assertUnbroken(packets: readonly Read[]): void {
  for (const [n, packet] of packets.entries()) {
    const before = packets[n - 1];
    if (before === undefined) continue;
    assert.equal(packet.sequence, (before.sequence + 1) % 2 ** 16, `sequence of packet ${n}`);
    assert.equal(packet.timestamp, (before.timestamp + 160) % 2 ** 32, `timestamp of packet ${n}`);
  }
}

const rtp = (far: FarEnd): Read[] => far.got.map(read);
/** Whether the last 100 ms that came here are a voice, not silence. */
const hears = (far: FarEnd): boolean =>
  rtp(far)
    .slice(-5)
    .every(({ loudness }) => loudness > 500);

test('a leg gets a packet every 20 ms, from the numbers it was given on, and over their ends (RFC 3550 §5.1)', async () => {
  const home = openThread();
  const far = home.network.far('192.0.2.1', 4000);
  await home.open('ann', { far, ssrc: 0xdecafbad, sequence: 65_530, timestamp: 2 ** 32 - 800 });
  home.run(1000);
  const packets = rtp(far);
  assert.equal(packets.length, 50);
  assert.deepEqual([packets[0]!.sequence, packets[0]!.timestamp], [65_530, 2 ** 32 - 800]);
  assertUnbroken(packets);
  assert.deepEqual(
    new Set(packets.map(({ ssrc, payloadType, samples }) => `${ssrc} ${payloadType} ${samples}`)),
    new Set([`${0xdecafbad} 0 160`]),
  );
  assert.deepEqual(
    packets.map(({ marker }) => marker),
    packets.map((_, n) => n === 0),
    'the marker says where sound begins, and nowhere else (RFC 3551 §4.1)',
  );
  const gaps = packets.slice(1).map(({ at }, n) => at - packets[n]!.at);
  assert.deepEqual(new Set(gaps), new Set([20]));
  await home.thread.close();
});

test('with no leg there is no alarm, and close leaves no port', async () => {
  const home = openThread();
  assert.equal(home.clock.fake.armed, 0);
  const far = home.network.far('192.0.2.1', 4000);
  await home.open('ann', { far });
  home.run(100);
  assert.equal(home.clock.fake.armed, 1);
  await home.ask({ do: 'end', leg: 'ann' });
  assert.equal(home.clock.fake.armed, 0);
  assert.equal(home.network.bound, 0);
  const came = far.got.length;
  home.clock.fake.advance(1000);
  assert.equal(far.got.length, came);
  await home.open('ann', { far });
  await home.thread.close();
  assert.deepEqual([home.clock.fake.armed, home.network.bound], [0, 0]);
});

test('quarters without rooms are slept through', async () => {
  const home = openThread();
  const wakes = (): number => {
    const before = home.clock.rung;
    home.run(1000);
    return home.clock.rung - before;
  };
  const fars = [1, 2, 3, 4].map((n) => home.network.far(`192.0.2.${n}`, 4000));
  await home.open('ann', { far: fars[0]!, room: 'one' });
  await home.open('ben', { far: fars[1]!, room: 'one' });
  assert.equal(wakes(), 50, 'one room: one wake per frame');
  await home.open('cid', { far: fars[2]!, room: 'two' });
  await home.open('dan', { far: fars[3]!, room: 'three' });
  home.run(20);
  const came = fars.map(({ got }) => got.length);
  assert.equal(wakes(), 50, 'few legs: one wake per frame, however many rooms');
  assert.deepEqual(
    fars.map(({ got }, n) => got.length - came[n]!),
    [50, 50, 50, 50],
  );
  await home.thread.close();
});

test('who wants nothing is not encoded for; his time goes on, and sound after it is marked', async () => {
  const home = openThread();
  const { annFar, benFar, ann } = await home.couple();
  const voice = new Voice(annFar, 7);
  const encoded = async (ms: number): Promise<number> => {
    const before = await home.ask<{ encoded: number }>({ do: 'metrics' });
    home.run(ms, [voice, ann]);
    return (await home.ask<{ encoded: number }>({ do: 'metrics' })).encoded - before.encoded;
  };
  home.run(1000, [voice, ann]);
  assert.equal(await encoded(1000), 100, 'Ann has silence of her own, Ben hears her');
  const last = rtp(benFar).at(-1)!;
  // Ben's telephone sends on and hears nothing: we receive only.
  home.change('ben', { direction: 'recvonly' });
  assert.equal(await encoded(1000), 50);
  assert.equal(rtp(benFar).at(-1)!.sequence, last.sequence);
  home.change('ben', { direction: 'sendrecv' });
  assert.equal(await encoded(1000), 100);
  const next = rtp(benFar).find(({ sequence }) => sequence === (last.sequence + 1) % 2 ** 16)!;
  assert.equal(next.timestamp - last.timestamp, 160 * 51);
  assert.equal(next.marker, true);
  await home.thread.close();
});

test('a flood of reports among the sound is read as far as there is room for it, and the rest is counted', async () => {
  const home = openThread();
  const { annFar, ann, benFar, ben } = await home.couple();
  const [voice, other] = [new Voice(annFar, 7), new Voice(benFar, 8)];
  home.run(1000, [voice, ann], [other, ben]);
  // An empty receiver report (RFC 3550 §6.4.2) on the port of sound (RFC 5761).
  const report = Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 7);
  for (let n = 0; n < 300; n++) annFar.send(report, ann);
  const came = benFar.got.length;
  home.run(200, [voice, ann], [other, ben]);
  const { reportsDropped, malformed } = await home.ask<{ reportsDropped: number; malformed: number }>({ do: 'metrics' });
  assert.deepEqual([reportsDropped, malformed], [300 - 128, 0]);
  assert.equal(benFar.got.length - came, 10, 'nobody hears of it');
  home.run(1000, [voice, ann], [other, ben]);
  assert.equal((await home.ask<{ reportsDropped: number }>({ do: 'metrics' })).reportsDropped, 300 - 128);
  await home.thread.close();
});

test('a thread that overslept 300 ms makes up for it: nothing is left out', async () => {
  const home = openThread();
  const far = home.network.far('192.0.2.1', 4000);
  await home.open('ann', { far });
  home.run(200);
  home.clock.oversleep(300);
  home.run(800);
  const packets = rtp(far);
  assert.equal(packets.length, 50);
  assertUnbroken(packets);
  await home.thread.close();
});

test('a thread that overslept 700 ms does not send a burst, and its timestamps still tell the time', async () => {
  const home = openThread();
  const [far, other] = [home.network.far('192.0.2.1', 4000), home.network.far('192.0.2.2', 4000)];
  await home.open('ann', { far });
  await home.open('ben', { far: other, room: 'other' });
  home.run(200);
  home.clock.oversleep(720);
  home.run(1800);
  for (const packets of [rtp(far), rtp(other)]) {
    const burst = Math.max(...packets.map(({ at }) => packets.filter((each) => each.at === at).length));
    assert.ok(burst <= 2, `${burst} packets at once`);
    for (const [n, { sequence }] of packets.entries()) assert.equal(sequence, n, 'nothing looks lost on the way');
    const [first, last] = [packets[0]!, packets.at(-1)!];
    const drift = (last.timestamp - first.timestamp) / 8 - (last.at - first.at);
    assert.ok(Math.abs(drift) < 20, `timestamps are times (RFC 3550 §5.1), but ${drift} ms off`);
    const after = packets.findIndex(({ at }, n) => n > 0 && at - packets[n - 1]!.at > 500);
    assert.equal(packets[after]?.marker, true, 'sound begins again');
  }
  await home.thread.close();
});

test('hold and resume: silence on the wire costs no sequence number but time, and sound begins with the marker', async () => {
  const home = openThread();
  const far = home.network.far('192.0.2.1', 4000);
  await home.open('ann', { far });
  home.run(200);
  for (const direction of ['inactive', 'recvonly'] as const) {
    const before = rtp(far).at(-1)!;
    const count = far.got.length;
    home.change('ann', { direction });
    home.run(400);
    assert.equal(far.got.length, count, `nothing is sent while ${direction}`);
    home.change('ann', { direction: 'sendrecv' });
    home.run(200);
    const [first, ...rest] = rtp(far).slice(count);
    assert.equal(first?.marker, true);
    assert.ok(rest.every(({ marker }) => !marker));
    assert.equal(first?.sequence, before.sequence + 1);
    assert.equal((first!.timestamp - before.timestamp) / 8, first!.at - before.at);
    assertUnbroken([first!, ...rest]);
  }
  await home.thread.close();
});

test('a longer packet that hold cut in two is not finished with what comes after it', async () => {
  const home = openThread();
  const far = home.network.far('192.0.2.1', 4000);
  await home.open('ann', { far });
  home.change('ann', { codec: { ...PCMU, ptime: 40 } });
  home.run(220);
  const before = rtp(far).at(-1)!;
  assert.deepEqual([before.samples, before.at], [320, 200]);
  home.change('ann', { direction: 'inactive' });
  home.run(400);
  home.change('ann', { direction: 'sendrecv' });
  home.run(40);
  const first = rtp(far).at(-1)!;
  assert.deepEqual([first.samples, first.at, first.sequence, first.marker], [320, 660, before.sequence + 1, true]);
  assert.equal((first.timestamp - before.timestamp) / 8, first.at - before.at);
  await home.thread.close();
});

test('two far ends on one port are told apart by where they come from, even with one SSRC', async () => {
  const home = openThread();
  const { annFar, benFar, ann, ben } = await home.couple();
  assert.equal(ben.port, ann.port);
  const [annVoice, benVoice] = [new Voice(annFar, 7), new Voice(benFar, 7)];
  home.run(400, [annVoice, ann]);
  assert.deepEqual([hears(annFar), hears(benFar)], [false, true]);
  annVoice.amplitude = 0;
  home.run(1000, [annVoice, ann], [benVoice, ben]);
  assert.deepEqual([hears(annFar), hears(benFar)], [true, false]);
  await home.thread.close();
});

test('a stranger is not heard, however he calls himself, while the true one speaks', async () => {
  const home = openThread();
  const { annFar, benFar, ann, ben } = await home.couple();
  const [annVoice, benVoice] = [new Voice(annFar, 7), new Voice(benFar, 8)];
  annVoice.amplitude = 0;
  benVoice.amplitude = 0;
  const both = [
    [annVoice, ann],
    [benVoice, ben],
  ] as const;
  home.run(200, ...both);
  const evil = home.network.far('203.0.113.66', 6666);
  for (const ssrc of [9, 7]) home.run(600, ...both, [new Voice(evil, ssrc), ann]);
  assert.deepEqual([hears(annFar), hears(benFar), evil.got.length], [false, false, 0]);
  assert.equal((await home.ask<{ strangers: number }>({ do: 'metrics' })).strangers, 60);
  await home.thread.close();
});

test('a far end that moved is followed once its old place was silent for 200 ms, and is sent to where it is', async () => {
  const home = openThread();
  const { annFar, benFar, ann, ben } = await home.couple();
  const voice = new Voice(annFar, 7);
  home.run(300, [voice, ann], [new Voice(benFar, 8), ben]);
  assert.ok(hears(benFar));
  const moved = home.network.far('192.0.2.1', 4444);
  voice.far = moved;
  home.run(180, [voice, ann]);
  assert.equal(moved.got.length, 0, 'too early');
  home.run(400, [voice, ann]);
  assert.ok(moved.got.length > 0 && hears(benFar));
  const left = annFar.got.length;
  home.run(200, [voice, ann]);
  assert.equal(annFar.got.length, left, 'nothing goes to the old place');
  assertUnbroken([...rtp(annFar), ...rtp(moved)]);
  await home.thread.close();
});

test('a far end behind a NAT is found by its first packet, if that is of an agreed kind', async () => {
  const home = openThread();
  const named = home.network.far('10.0.0.1', 4000);
  const ann = await home.open('ann', { far: named });
  const real = home.network.far('203.0.113.5', 51_234);
  const voice = new Voice(real, 7);
  voice.payloadType = 9;
  home.run(200, [voice, ann]);
  assert.equal(real.got.length, 0, 'G.722 was not agreed');
  voice.payloadType = 0;
  home.run(200, [voice, ann]);
  const left = named.got.length;
  home.run(200, [voice, ann]);
  assert.deepEqual([real.got.length >= 10, named.got.length - left], [true, 0]);
  await home.thread.close();
});

test('how loud somebody is is told at most five times a second, and not at all of those who are silent', async () => {
  const home = openThread();
  const { annFar, benFar, ann, ben } = await home.couple();
  const [annVoice, benVoice] = [new Voice(annFar, 7), new Voice(benFar, 8)];
  benVoice.amplitude = 0;
  for (let frame = 0; frame < 500; frame++) {
    annVoice.amplitude = 2000 + 1000 * (frame % 7);
    home.run(20, [annVoice, ann], [benVoice, ben]);
  }
  const levels = home.signals.filter(({ signal }) => signal.type === 'level');
  const times = levels.filter(({ signal }) => signal.leg === 'ann').map(({ at }) => at);
  assert.equal(times.length, levels.length, 'Ben said nothing');
  assert.ok(times.length >= 40, `${times.length} in ten seconds`);
  for (let second = 0; second < 10; second++) {
    const count = times.filter((at) => at > second * 1000 && at <= second * 1000 + 1000).length;
    assert.ok(count <= 5, `${count} in second ${second}`);
  }
  await home.thread.close();
});
