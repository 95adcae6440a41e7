/** The measured process: the engine with its legs, or nothing but the batched sockets. Spawned by bench.ts. */
import type { AccountId } from '../src/accounts/index.ts';
import { noLog, SystemChance, SystemClock } from '../src/base/index.ts';
import type { ConferenceId, LegId } from '../src/conference/index.ts';
import { openEngine } from '../src/media/index.ts';
import { openSockets } from '../src/media/thread/open-sockets.ts';
import type { SocketPort } from '../src/media/thread/socket-port.ts';

/** What bench.ts asks for. */
export interface Start {
  readonly mode: 'engine' | 'bare';
  readonly room: number;
  readonly talkers: number;
  readonly far: readonly { readonly address: string; readonly port: number }[];
  /** How many sockets the engine had, for the bare loop to have as many. */
  readonly ports: number;
}

const clock = new SystemClock();
/** What a thread can carry is to be measured, so nothing is refused. */
const UNLIMITED = { lateMs: Number.POSITIVE_INFINITY, busy: 1 };
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const answer = (value: object): void => void process.send?.(value);

async function engine({ far, room, talkers }: Start): Promise<void> {
  const before = process.memoryUsage.rss();
  const media = await openEngine({
    clock,
    log: noLog,
    chance: new SystemChance(),
    ports: 'any',
    threads: 1,
    limits: UNLIMITED,
    onEvent: () => {},
  });
  const account = 'bench' as AccountId;
  const started = process.memoryUsage.rss();
  const at: object[] = [];
  for (const [n, remote] of far.entries()) {
    const leg = `${n}` as LegId;
    const conference = `${Math.floor(n / room)}` as ConferenceId;
    const rtcp = { ...remote, rtcpPort: remote.port };
    at.push(await media.open({ leg, account, conference, address: '127.0.0.1', remote }));
    media.change(leg, { remote: rtcp, codec: { name: 'PCMU', payloadType: 0, ptime: 20 }, direction: 'sendrecv' });
  }
  for (let first = 0; first < far.length; first += room) {
    const legs = Array.from({ length: Math.min(room, far.length - first) }, (_, i) => `${first + i}` as LegId);
    media.hear(account, `${first / room}` as ConferenceId, {
      version: 1,
      sources: legs.map((id) => ({ source: { kind: 'leg', id }, gain: 1 })),
      listeners: legs.map((leg) => ({ leg, gains: [] })),
    });
    await media.planApplied(account, `${first / room}` as ConferenceId, 1);
  }
  process.on('message', async (what) => {
    if (what === 'read')
      answer({ cpu: cpu(), at: clock.now(), rss: process.memoryUsage.rss(), before, started, ...(await media.metrics()) });
    if (what === 'end') await media.close().then(() => process.disconnect());
  });
  answer({ at, talkers });
}

/** The same packets in and out, and nothing else: what the kernel and the calls cost. */
async function bare({ far, ports }: Start): Promise<void> {
  const { sockets, reason } = openSockets(clock);
  if (reason !== undefined) throw new Error(reason);
  const bound: SocketPort[] = [];
  for (let n = 0; n < ports; n++) bound.push(await sockets.bind('127.0.0.1', 0));
  const to = new Map(far.map(({ address, port }) => [sockets.destination(address, port).key, sockets.destination(address, port)]));
  const counts = { packetsIn: 0, packetsOut: 0 };
  const origin = clock.now();
  let tick = 0;
  let ended = false;
  const turn = (): void => {
    tick = Math.floor((clock.now() - origin) / 5);
    for (let n = tick % 4; n < bound.length; n += 4) pump(bound[n]!);
    if (!ended) clock.wake(origin + (tick + 1) * 5, turn);
  };
  const { offset, length, source, bytes } = sockets.arrivals;
  const pump = (port: SocketPort): void => {
    for (;;) {
      const count = port.receive(clock.now());
      for (let i = 0; i < count; i++) {
        const place = to.get(source[i]!);
        if (place === undefined) continue;
        port.out.set(bytes.subarray(offset[i]!, offset[i]! + length[i]!), port.reserve());
        port.commit(place, length[i]!);
        counts.packetsOut += 1;
      }
      counts.packetsIn += count;
      if (count === 0) break;
    }
    port.flush();
  };
  turn();
  process.on('message', (what) => {
    if (what === 'read') answer({ cpu: cpu(), at: clock.now(), ...counts });
    if (what === 'end') {
      ended = true;
      void Promise.all(bound.map((port) => port.close())).then(() => process.disconnect());
    }
  });
  answer({ at: far.map((_, n) => ({ address: '127.0.0.1', port: bound[n % ports]!.port })) });
}

process.once('message', (start: Start) => {
  void (start.mode === 'engine' ? engine(start) : bare(start)).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
