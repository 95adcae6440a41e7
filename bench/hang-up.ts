/**
 * `node bench/hang-up.ts [--legs 2000] [--sockets batched|dgram]`: many legs hang up at once while one room talks on. Fails when a tick was
 * more than 20 ms late, when a leg did not say goodbye, or when a socket or more than a little memory stays.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { AccountId } from '../src/accounts/index.ts';
import { noLog, SystemChance, SystemClock } from '../src/base/index.ts';
import type { ConferenceId, LegId } from '../src/conference/index.ts';
import { openEngine } from '../src/media/index.ts';
import { openSockets } from '../src/media/thread/open-sockets.ts';

const { values } = parseArgs({
  options: {
    legs: { type: 'string', default: '2000' },
    room: { type: 'string', default: '10' },
    sockets: { type: 'string', default: 'batched' },
  },
});
const [legs, room] = [Number(values.legs), Number(values.room)];
const account = 'bench' as AccountId;
const clock = new SystemClock();
const wait = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
const megabytes = (): number => {
  globalThis.gc?.();
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
};
function sockets(): number {
  const names = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return names.filter((name) => name.startsWith('socket:')).length;
}

/** Far ends, each with an address of its own, so that legs share ports as they do in life; what comes is only counted. */
const far = openSockets(clock).sockets;
const ears = await Promise.all(Array.from({ length: 16 }, (_, n) => far.bind(`127.5.0.${n + 1}`, 0)));
const byes = new Set<number>();
let isOver = false;
function listen(): void {
  for (const ear of ears) {
    for (let count = ear.receive(clock.now()); count > 0; count = ear.receive(clock.now())) {
      const { bytes, offset, length } = far.arrivals;
      for (let i = 0; i < count; i++) goodbye(bytes.subarray(offset[i]!, offset[i]! + length[i]!));
    }
  }
  if (!isOver) setTimeout(listen, 5);
}
function goodbye(packet: Uint8Array): void {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  for (let at = 0; at + 8 <= packet.length && packet[at + 1]! >= 200; at += 4 * (view.getUint16(at + 2) + 1)) {
    if (packet[at + 1] === 203) byes.add(view.getUint32(at + 4));
  }
}

const started = { sockets: sockets(), rss: megabytes() };
const engine = await openEngine({
  clock,
  log: noLog,
  chance: new SystemChance(),
  ports: 'any',
  sockets: values.sockets === 'dgram' ? 'dgram' : 'batched',
  threads: 1,
  limits: { lateMs: Number.POSITIVE_INFINITY, busy: 1 },
  onEvent: (event) => event.type === 'thread-died' && console.error(event.reason),
});
const codec = { name: 'PCMU', payloadType: 0, ptime: 20 } as const;
async function open(leg: string, conference: string, n: number): Promise<number> {
  const ear = ears[n % ears.length]!;
  const remote = { address: ear.address, port: ear.port };
  const { ssrc } = await engine.open({ leg: leg as LegId, account, conference: conference as ConferenceId, address: '127.0.0.1', remote });
  engine.change(leg as LegId, { remote: { ...remote, rtcpPort: ear.port }, codec, direction: 'sendrecv' });
  return ssrc;
}
const nameOf = (n: number): string => `${Math.floor(n / room)}`;
const plan = (conference: string, who: readonly string[], version: number): void =>
  engine.hear(account, conference as ConferenceId, {
    version,
    sources: who.map((id) => ({ source: { kind: 'leg', id: id as LegId }, gain: 1 })),
    listeners: who.map((leg) => ({ leg: leg as LegId, gains: [] })),
  });

listen();
await Promise.all(['ann', 'bob'].map((leg, n) => open(leg, 'stays', n)));
plan('stays', ['ann', 'bob'], 1);
await wait(1000);
const before = { sockets: sockets(), rss: megabytes() };
const opening = clock.now();
const rooms = new Map<string, string[]>();
for (let n = 0; n < legs; n++) rooms.set(nameOf(n), [...(rooms.get(nameOf(n)) ?? []), `${n}`]);
const ssrcs = await Promise.all(Array.from({ length: legs }, (_, n) => open(`${n}`, nameOf(n), n)));
for (const [conference, who] of rooms) plan(conference, who, 1);
const opened = { ms: Math.round(clock.now() - opening), sockets: sockets(), rss: megabytes(), ...(await engine.metrics()) };
await wait(2000);
const calm = await engine.metrics();

// As the domain does it: everybody who leaves changes the plan of those who stay.
const ending = clock.now();
const ended: Promise<unknown>[] = [];
for (const [conference, who] of rooms) {
  for (const [n, leg] of who.entries()) {
    ended.push(engine.end(leg as LegId));
    plan(conference, who.slice(n + 1), n + 2);
  }
}
await Promise.all(ended);
const took = Math.round(clock.now() - ending);
const { tickLateness, ports } = await engine.metrics();
await wait(1000);
const after = { sockets: sockets(), rss: megabytes() };
isOver = true;
await engine.close();
await Promise.all(ears.map((ear) => ear.close()));
await wait(100);

const silent = ssrcs.filter((ssrc) => !byes.has(ssrc)).length;
console.log(
  `opened ${legs} legs in ${opened.ms} ms: ${opened.ports} ports, ${opened.sockets} sockets, worst tick ${opened.tickLateness.max.toFixed(1)} ms late`,
);
console.log(`talking: worst tick ${calm.tickLateness.max.toFixed(1)} ms late, p99 ${calm.tickLateness.p99.toFixed(1)} ms`);
console.log(
  `ended in ${took} ms: worst tick ${tickLateness.max.toFixed(1)} ms late, p99 ${tickLateness.p99.toFixed(1)} ms; ${silent} without BYE; ${ports} ports left`,
);
console.log(`sockets ${started.sockets} → ${before.sockets} → ${opened.sockets} → ${after.sockets} → ${sockets()}`);
console.log(`memory ${started.rss} → ${before.rss} → ${opened.rss} → ${after.rss} MB`);
const failures = [
  tickLateness.max > 20 && 'a tick was more than 20 ms late',
  silent > 0 && `${silent} legs did not say goodbye`,
  after.sockets !== before.sockets && 'sockets were not closed',
].filter((each) => each !== false);
for (const each of failures) console.error(`FAILED: ${each}`);
process.exitCode = failures.length > 0 ? 1 : 0;
