/**
 * The measured process of `--direct`: the engine with its legs and no signalling; or `bare`: nothing but the batched sockets, used exactly as the
 * engine uses them. Spawned by subjects.ts.
 */
import type { AccountId } from '../src/accounts/index.ts';
import { noLog, SystemChance, SystemClock } from '../src/base/index.ts';
import type { ConferenceId, LegId } from '../src/conference/index.ts';
import { type EngineEvent, openEngine } from '../src/media/index.ts';
import { openSockets } from '../src/media/thread/open-sockets.ts';
import { BATCH, type Destination, type SocketPort } from '../src/media/thread/socket-port.ts';
import { descriptorsOf, memoryOf } from './proc.ts';
import { type RecordedRooms, recordRooms } from './recording-rooms.ts';
import { type CodecName, formats } from './sounds.ts';

/** Where a leg's far end is, and what it speaks. */
export interface FarEnd {
  readonly address: string;
  readonly port: number;
  readonly room: number;
  readonly codec: CodecName;
}

/** What is asked for. */
export type Start =
  | { readonly mode: 'engine'; readonly far: readonly FarEnd[] }
  | { readonly mode: 'bare'; readonly far: readonly FarEnd[]; readonly ports: number; readonly phases: number };

const clock = new SystemClock();
const answer = (value: object): void => void process.send?.(value);

async function engine({ far }: Start): Promise<void> {
  // Nothing is refused here: how much is too much is what is measured.
  const limits = { lateMs: Number.POSITIVE_INFINITY, busy: 1 };
  const onEvent = (event: EngineEvent): void => {
    if (event.type === 'thread-died') console.error(`a media thread died: ${event.reason}`);
  };
  const media = await openEngine({ clock, log: noLog, chance: new SystemChance(), ports: 'any', threads: 1, limits, onEvent });
  const base = { memory: memoryOf(process.pid), descriptors: descriptorsOf(process.pid) };
  const account = 'bench' as AccountId;
  const at: object[] = [];
  const rooms = new Map<number, LegId[]>();
  const opus = { useInbandFec: true, useDtx: false, cbr: false, maxAverageBitrate: null, maxPlaybackRate: 48_000 };
  for (const [n, { room, codec, ...remote }] of far.entries()) {
    const leg = `${n}` as LegId;
    at.push(await media.open({ leg, account, conference: `${room}` as ConferenceId, address: '127.0.0.1', remote }));
    media.change(leg, {
      remote: { ...remote, rtcpPort: remote.port + 1 },
      codec: { name: codec, payloadType: formats[codec].payloadType, ptime: 20, ...(codec === 'opus' ? { opus } : {}) },
      direction: 'sendrecv',
    });
    rooms.set(room, [...(rooms.get(room) ?? []), leg]);
  }
  for (const [room, legs] of rooms) {
    media.hear(account, `${room}` as ConferenceId, {
      version: 1,
      sources: legs.map((id) => ({ source: { kind: 'leg', id }, gain: 1 })),
      listeners: legs.map((leg) => ({ leg, gains: [] })),
    });
    await media.planApplied(account, `${room}` as ConferenceId, 1);
  }
  let recorded: RecordedRooms | undefined;
  process.on('message', async (what) => {
    if (what === 'record') {
      recorded = recordRooms({ engine: media, clock, rooms: [...rooms.keys()].map(String) });
      answer({});
    }
    if (what === 'stop recording') answer((await recorded?.stop()) ?? {});
    if (what === 'read') answer(await media.metrics());
    if (what === 'hang up') {
      await Promise.all(far.map((_, n) => media.end(`${n}` as LegId)));
      answer({ ended: far.length });
    }
    if (what === 'end') await media.close().then(() => process.disconnect());
  });
  answer({ at, base });
}

/** Which port each leg lives on. */
function homesOf(far: readonly FarEnd[], ports: number): number[] {
  const sharers = new Map<string, number>();
  const turns = far.map(({ address, port }) => {
    const turn = sharers.get(`${address}:${port}`) ?? 0;
    sharers.set(`${address}:${port}`, turn + 1);
    return turn;
  });
  const most = Math.max(...sharers.values());
  if (most > ports) throw new Error(`${ports} ports are too few for ${most} legs with one far address`);
  const places = [...sharers.keys()];
  return far.map(({ address, port }, n) => (turns[n]! + most * places.indexOf(`${address}:${port}`)) % ports);
}

/**
 * What the kernel and the calls cost: as many ports, as many wakes a second and in the same phases as the media thread has (media-thread.ts),
 * each port read once in 20 ms until a batch is not full, the same packets sent back to where they came from in as few calls.
 */
async function bare({ far, ports, phases }: Extract<Start, { mode: 'bare' }>): Promise<void> {
  const { sockets, reason } = openSockets(clock);
  if (reason !== undefined) throw new Error(reason);
  const base = { memory: memoryOf(process.pid), descriptors: descriptorsOf(process.pid) };
  const pairs: { rtp: SocketPort; rtcp: SocketPort; to: Map<number, Destination> }[] = [];
  for (let n = 0; n < ports; n++) {
    pairs.push({ rtp: await sockets.bind('127.0.0.1', 0), rtcp: await sockets.bind('127.0.0.1', 0), to: new Map() });
  }
  // As in the engine, legs with one far address are on different ports, and all ports have as many.
  const home = homesOf(far, ports);
  for (const [n, { address, port }] of far.entries()) {
    const to = sockets.destination(address, port);
    pairs[home[n]!]!.to.set(to.key, to);
  }
  const counts = { packetsIn: 0, packetsOut: 0 };
  const { offset, length, source, bytes } = sockets.arrivals;
  const pump = ({ rtp, to }: (typeof pairs)[number], now: number): void => {
    for (let count = BATCH; count === BATCH; ) {
      count = rtp.receive(now);
      counts.packetsIn += count;
      for (let i = 0; i < count; i++) {
        const place = to.get(source[i]!);
        if (place === undefined) continue;
        rtp.out.set(bytes.subarray(offset[i]!, offset[i]! + length[i]!), rtp.reserve());
        rtp.commit(place, length[i]!);
        counts.packetsOut += 1;
      }
    }
    rtp.flush();
  };
  const wait = 20 / phases;
  const origin = clock.now();
  let tick = 0;
  let ended = false;
  const turn = (): void => {
    const now = clock.now();
    for (const due = Math.floor((now - origin) / wait + 1e-6); tick < due; ) {
      tick += 1;
      for (let n = tick % phases; n < pairs.length; n += phases) pump(pairs[n]!, now);
      if (tick % (5 * phases) === 0) for (const { rtcp } of pairs) while (rtcp.receive(now) === BATCH);
    }
    if (!ended) clock.wake(origin + (tick + 1) * wait, turn);
  };
  turn();
  process.on('message', (what) => {
    if (what === 'read') answer(counts);
    if (what === 'end') {
      ended = true;
      void Promise.all(pairs.flatMap(({ rtp, rtcp }) => [rtp.close(), rtcp.close()])).then(() => process.disconnect());
    }
  });
  answer({ at: home.map((place) => ({ address: '127.0.0.1', port: pairs[place]!.rtp.port })), base });
}

process.once('message', (start: Start) => {
  void (start.mode === 'engine' ? engine(start) : bare(start)).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
