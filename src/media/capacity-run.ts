import type { AccountId } from '../accounts/index.ts';
import { loadCodecs } from '../audio/index.ts';
import { type Chance, type Clock, type Log, Owner } from '../base/index.ts';
import type { ConferenceId, LegId } from '../conference/index.ts';
import type { CapacityMeasurement } from './capacity.ts';
import { type CapacityCodec, CapacityLoad, payloadTypeOf } from './capacity-load.ts';
import { openEngine } from './engine.ts';
import type { Engine } from './engine-types.ts';
import { openSockets } from './thread/open-sockets.ts';

/** One measurement: so many legs of one codec, in rooms of ten of whom two talk. */
export interface CapacityTask {
  readonly codec: CapacityCodec;
  readonly legs: number;
}

/** What is measured unless told otherwise: enough legs that the figures hold for a full thread. */
export const capacityTasks: readonly CapacityTask[] = [
  { codec: 'PCMU', legs: 700 },
  { codec: 'G722', legs: 300 },
  { codec: 'opus', legs: 150 },
];

/** What came of one task; without a measurement when the machine could not keep up. */
export interface CapacityOutcome {
  readonly task: CapacityTask;
  readonly measurement: CapacityMeasurement | undefined;
  /** Packets that came back, of those that should have, 0 … 1. */
  readonly returned: number;
  /** ms after their deadline that 99 of 100 ticks began at latest. */
  readonly lateP99Ms: number;
}

/** What a measurement needs. */
export interface CapacityRunOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** µs of CPU, user and system together, that all threads but the calling one have used so far. */
  readonly cpu: () => number;
  readonly tasks?: readonly CapacityTask[];
  /** Each task is measured for so long, after `warmUp`. Default 6. */
  readonly seconds?: number;
  /** Seconds before it counts: code is compiled, buffers find their depth. Default 4. */
  readonly warmUp?: number;
  readonly sockets?: 'batched' | 'dgram';
  /** Called when a task begins, and when it has ended. */
  readonly onProgress?: (task: CapacityTask, outcome?: CapacityOutcome) => void;
}

const ROOM = 10;
const TALKERS = 2;
const ACCOUNT = 'capacity' as AccountId;
/** Where fewer packets come back, what was measured is not what so many legs cost. */
const ENOUGH = 0.97;

/** Measures on this machine what a leg of each codec costs: an engine with one thread, and telephones on the calling one. */
export async function measureCapacity(options: CapacityRunOptions): Promise<readonly CapacityOutcome[]> {
  const { tasks = capacityTasks, onProgress = () => {} } = options;
  await loadCodecs();
  const outcomes: CapacityOutcome[] = [];
  for (const task of tasks) {
    onProgress(task);
    const owner = new Owner();
    let outcome: CapacityOutcome;
    try {
      outcome = await measure(task, options, owner);
    } finally {
      await owner.close();
    }
    outcomes.push(outcome);
    onProgress(task, outcome);
  }
  return outcomes;
}

async function measure(task: CapacityTask, options: CapacityRunOptions, owner: Owner): Promise<CapacityOutcome> {
  const { clock, chance, log, cpu, seconds = 6, warmUp = 4, sockets: kind } = options;
  const { sockets } = openSockets(clock, kind);
  const load = owner.own(new CapacityLoad({ clock, sockets, codec: task.codec }));
  await load.open();
  // Nothing is refused here: how much is too much is what is asked.
  const limits = { lateMs: Number.POSITIVE_INFINITY, busy: 1 };
  const engine = owner.own(
    await openEngine({ clock, chance, log, limits, ports: 'any', threads: 1, onEvent: () => {}, ...(kind ? { sockets: kind } : {}) }),
  );
  for (let first = 0; first < task.legs; first += ROOM) await fill(engine, load, task, first);
  load.start();
  await passed(clock, warmUp * 1000);
  await engine.metrics(); // Lateness begins anew.
  const before = { cpu: cpu(), at: clock.now(), received: load.received };
  await passed(clock, seconds * 1000);
  const elapsed = (clock.now() - before.at) / 1000;
  const used = cpu() - before.cpu;
  const returned = (load.received - before.received) / (task.legs * 50 * elapsed);
  const cpuMicrosPerLegSecond = used / task.legs / elapsed;
  const { tickLateness } = await engine.metrics();
  const isSound = returned >= ENOUGH && cpuMicrosPerLegSecond > 0;
  return {
    task,
    measurement: isSound ? { codec: task.codec, legs: task.legs, cpuMicrosPerLegSecond } : undefined,
    returned,
    lateP99Ms: tickLateness.p99,
  };
}

/** One room: legs, and a plan in which everybody hears everybody else. */
async function fill(engine: Engine, load: CapacityLoad, { codec, legs }: CapacityTask, first: number): Promise<void> {
  const conference = `${first / ROOM}` as ConferenceId;
  const seats = Array.from({ length: Math.min(ROOM, legs - first) }, (_, seat) => seat);
  const opusWishes = { useInbandFec: false, useDtx: false, cbr: false, maxAverageBitrate: null, maxPlaybackRate: 48_000 };
  for (const seat of seats) {
    const n = first + seat;
    const leg = `${n}` as LegId;
    const remote = load.at(n);
    const to = await engine.open({ leg, account: ACCOUNT, conference, address: '127.0.0.1', remote });
    engine.change(leg, {
      remote: { ...remote, rtcpPort: remote.port },
      codec: { name: codec, payloadType: payloadTypeOf(codec), ptime: 20, ...(codec === 'opus' ? { opus: opusWishes } : {}) },
      direction: 'sendrecv',
    });
    load.aim(n, to, seat < TALKERS ? 440 + 220 * seat : 0);
  }
  engine.hear(ACCOUNT, conference, {
    version: 1,
    sources: seats.map((seat) => ({ source: { kind: 'leg', id: `${first + seat}` as LegId }, gain: 1 })),
    listeners: seats.map((seat) => ({ leg: `${first + seat}` as LegId, gains: [] })),
  });
  await engine.planApplied(ACCOUNT, conference, 1);
}

const passed = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => void clock.wake(clock.now() + ms, resolve));
