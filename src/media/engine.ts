import type { AccountId } from '../accounts/index.ts';
import { Failure, randomHex } from '../base/index.ts';
import type { ConferenceId, HearingPlan, LegId, Source } from '../conference/index.ts';
import type {
  Engine,
  EngineEvent,
  EngineLoad,
  EngineMetrics,
  EngineOptions,
  LegAddress,
  LegChange,
  LegMetrics,
  LegRecord,
  LegRequest,
} from './engine-types.ts';
import type { Signal, ThreadPlan, ThreadSettings } from './thread/messages.ts';
import { type Question, ThreadLink } from './thread-link.ts';

const ENTRY = new URL('./thread/main.ts', import.meta.url);

interface Awaiting {
  readonly version: number;
  readonly done: () => void;
}

/** Opens the media engine. `entry` is what its threads run. */
export async function openEngine(options: EngineOptions, entry: URL = ENTRY): Promise<Engine> {
  const engine = new MediaEngine(options, entry);
  await engine.ready;
  return engine;
}

const legGains = (list: readonly { readonly source: Source; readonly gain: number }[]): { leg: string; gain: number }[] =>
  list.flatMap(({ source, gain }) => (source.kind === 'leg' ? [{ leg: source.id as string, gain }] : []));

const threadPlan = (plan: HearingPlan): ThreadPlan => ({
  version: plan.version,
  sources: legGains(plan.sources),
  listeners: plan.listeners.map(({ leg, gains }) => ({ leg, gains: legGains(gains) })),
});

class MediaEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #entry: URL;
  /** By thread index; one until rooms are spread over several. */
  readonly #links: (ThreadLink | undefined)[] = [undefined];
  readonly #legs = new Map<LegId, number>();
  readonly #plans = new Map<string, ThreadPlan>();
  readonly #applied = new Map<string, number>();
  readonly #awaiting = new Map<string, Awaiting[]>();
  readonly ready: Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions, entry: URL) {
    this.#options = options;
    this.#entry = entry;
    const link = this.#link(0);
    // The first answer says that the thread runs, or that it cannot.
    this.ready = link.ask({ do: 'metrics' }).then(() => undefined);
  }

  async open(request: LegRequest): Promise<LegAddress> {
    this.#check();
    if (this.#legs.has(request.leg)) throw new Failure('conflict', 'leg_open', 'this leg is open already');
    const thread = this.#threadOf();
    const link = this.#link(thread);
    const random = new DataView(Uint8Array.from(this.#options.chance.bytes(10)).buffer);
    this.#legs.set(request.leg, thread);
    const { account, conference, ...rest } = request;
    try {
      const leg = {
        ...rest,
        room: roomOf(account, conference),
        ssrc: random.getUint32(0),
        timestamp: random.getUint32(4),
        sequence: random.getUint16(8),
        cname: randomHex(this.#options.chance, 12),
      };
      return (await link.ask({ do: 'open', leg })) as LegAddress;
    } catch (error) {
      this.#legs.delete(request.leg);
      throw error;
    }
  }

  change(leg: LegId, change: LegChange): void {
    this.#check();
    this.#linkOf(leg)?.tell({ do: 'change', leg, change });
  }

  record(leg: LegId): Promise<LegRecord | undefined> {
    return this.#askLeg(leg, { do: 'record', leg }) as Promise<LegRecord | undefined>;
  }

  legMetrics(leg: LegId): Promise<LegMetrics | undefined> {
    return this.#askLeg(leg, { do: 'leg-metrics', leg }) as Promise<LegMetrics | undefined>;
  }

  async end(leg: LegId): Promise<void> {
    const link = this.#linkOf(leg);
    this.#legs.delete(leg);
    if (link === undefined || this.#closing !== undefined) return;
    try {
      await link.ask({ do: 'end', leg });
    } catch (error) {
      // A thread that is gone has let go of everything.
      if (!(error instanceof Failure && error.kind === 'unavailable')) throw error;
    }
  }

  hear(account: AccountId, conference: ConferenceId, plan: HearingPlan): void {
    this.#check();
    const room = roomOf(account, conference);
    const ours = threadPlan(plan);
    if (plan.sources.length === 0 && plan.listeners.length === 0) this.#plans.delete(room);
    else this.#plans.set(room, ours);
    // A thread that has to be started first is given all plans.
    const isRunning = this.#links[this.#threadOf()] !== undefined;
    const link = this.#link(this.#threadOf());
    if (isRunning || !this.#plans.has(room)) link.tell({ do: 'hear', room, plan: ours });
  }

  planApplied(account: AccountId, conference: ConferenceId, version: number): Promise<void> {
    const room = roomOf(account, conference);
    if ((this.#applied.get(room) ?? -1) >= version || this.#closing !== undefined) return Promise.resolve();
    return new Promise((done) => {
      const awaiting = this.#awaiting.get(room) ?? [];
      awaiting.push({ version, done });
      this.#awaiting.set(room, awaiting);
    });
  }

  async metrics(): Promise<EngineMetrics> {
    this.#check();
    return (await this.#link(0).ask({ do: 'metrics' })) as EngineMetrics;
  }

  /** Nothing is measured yet, so nothing is refused. */
  load(): EngineLoad {
    return { busy: 0, lateP99Ms: 0, legs: this.#legs.size, admits: true, threads: [] };
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#links.map((link) => link?.close())).then(() => {
      for (const room of [...this.#awaiting.keys()]) this.#confirm(room, Number.POSITIVE_INFINITY);
    });
    return this.#closing;
  }

  #check(): void {
    if (this.#closing !== undefined) throw new Failure('unavailable', 'closed', 'the media engine is closed');
  }

  async #askLeg(leg: LegId, question: Question): Promise<unknown> {
    this.#check();
    return await this.#linkOf(leg)?.ask(question);
  }

  #linkOf(leg: LegId): ThreadLink | undefined {
    const thread = this.#legs.get(leg);
    return thread === undefined ? undefined : this.#links[thread];
  }

  /** Where a room lives; there is one thread yet. */
  #threadOf(): number {
    return 0;
  }

  #link(thread: number): ThreadLink {
    const known = this.#links[thread];
    if (known !== undefined) return known;
    const { ports, preferredPorts = [], sockets, energyLevel, mediaTimeoutMs = 60_000, silentAfterMs = 3000 } = this.#options;
    const settings: ThreadSettings = {
      ports: { range: ports, preferred: preferredPorts },
      mediaTimeoutMs,
      silentAfterMs,
      ...(sockets === undefined ? {} : { sockets }),
      ...(energyLevel === undefined ? {} : { energyLevel }),
    };
    const link = new ThreadLink(this.#entry, settings, {
      onSignals: (signals) => this.#tell(signals),
      onApplied: (room, version) => this.#confirm(room, version),
      onReady: (kind, reason) => this.#report(kind, reason),
      onDeath: (reason) => this.#bury(thread, reason),
    });
    this.#links[thread] = link;
    for (const [room, plan] of this.#plans) link.tell({ do: 'hear', room, plan });
    return link;
  }

  #report(kind: 'batched' | 'dgram', reason: string | undefined): void {
    if (reason === undefined) this.#options.log.debug('media thread is ready', { sockets: kind });
    else this.#options.log.warn('batched sockets are not to be had, media takes the slower ones', { sockets: kind, reason });
  }

  #tell(signals: readonly Signal[]): void {
    for (const signal of signals) {
      const leg = signal.leg as LegId;
      if (this.#legs.has(leg)) this.#options.onEvent({ ...signal, leg } as EngineEvent);
    }
  }

  #confirm(room: string, version: number): void {
    if (this.#plans.has(room)) this.#applied.set(room, version);
    else this.#applied.delete(room);
    const awaiting = this.#awaiting.get(room) ?? [];
    const isGone = !this.#plans.has(room);
    const left = awaiting.filter((each) => each.version > version && !isGone);
    if (left.length > 0) this.#awaiting.set(room, left);
    else this.#awaiting.delete(room);
    for (const each of awaiting) if (!left.includes(each)) each.done();
  }

  #bury(thread: number, reason: string): void {
    this.#links[thread] = undefined;
    const legs = [...this.#legs].filter(([, index]) => index === thread).map(([leg]) => leg);
    for (const leg of legs) this.#legs.delete(leg);
    this.#options.log.error('a media thread died', { thread, reason, legs: legs.length });
    this.#options.onEvent({ type: 'thread-died', legs, reason });
  }
}

const roomOf = (account: AccountId, conference: ConferenceId): string => `${account}/${conference}`;
