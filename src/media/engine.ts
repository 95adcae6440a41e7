import { availableParallelism } from 'node:os';
import type { AccountId } from '../accounts/index.ts';
import { Failure, Runner, randomHex } from '../base/index.ts';
import type { ConferenceId, HearingPlan, LegId } from '../conference/index.ts';
import { DtlsDoor, dtlsWorker, type StartDtls } from './dtls-door.ts';
import type {
  DigitTimes,
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
  PacketHeader,
} from './engine-types.ts';
import { newCredentials } from './ice-credentials.ts';
import { Moves, noSuchLeg } from './moves.ts';
import { Outsiders } from './outsiders.ts';
import { admits, type Effect, type Input, overload, type State } from './overload.machine.ts';
import { lookOn } from './packet-headers.ts';
import { type Place, Rooms } from './rooms.ts';
import { dtlsReason, silenceReason } from './silence-reason.ts';
import { SpareMemory } from './spare-memory.ts';
import type { Feed, FeedRequest, Stream, StreamRequest, Tap, TapRequest } from './tap-types.ts';
import type { IceCredentials, LegState, Signal, ThreadLeg, ThreadSettings } from './thread/messages.ts';
import { PortMap, ROWS } from './thread/port-map.ts';
import type { Question } from './thread-link.ts';
import { overloaded, type Seat, Threads } from './threads.ts';
import { type StartThread, workerThreads } from './worker-thread.ts';

const ENTRY = new URL('./thread/main.ts', import.meta.url);
/** The limit of legs is exact, and so is its end: some legs below it, so that not every hang-up is told as an end of the overload. */
const AT_ONCE = { begin: 0, end: 0 };
const RELIEF = 0.95;

/** Opens the media engine. `start` and `startDtls` are how its threads are started. */
export async function openEngine(
  options: EngineOptions,
  start: StartThread = workerThreads(ENTRY),
  startDtls: StartDtls = dtlsWorker,
): Promise<Engine> {
  const engine = new MediaEngine(options, start, startDtls);
  try {
    await engine.begin();
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

class MediaEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #count: number;
  readonly #legs = new Map<LegId, Place>();
  /** Legs without a socket. */
  readonly #programs = new Set<LegId>();
  readonly #moves: Moves;
  readonly #outsiders: Outsiders;
  readonly #rooms: Rooms;
  readonly #threads: Threads;
  readonly #dtls: DtlsDoor;
  readonly #map: PortMap | undefined;
  /** Local addresses, by their row of the port map. */
  readonly #addresses: string[] = [];
  readonly #crowd: Runner<State, Input, Effect>;
  readonly #spare: SpareMemory | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions, start: StartThread, startDtls: StartDtls) {
    const { clock, log, ports, limits = {} } = options;
    this.#options = options;
    this.#outsiders = new Outsiders({ clock, placeOf: (room) => this.#rooms.find(room) });
    this.#rooms = new Rooms(this.#outsiders);
    this.#count = Math.max(1, options.threads ?? availableParallelism() - 1);
    this.#map = ports === 'any' ? undefined : new PortMap(ports);
    this.#dtls = new DtlsDoor({ clock, log, start: startDtls, links: () => this.#threads.links() });
    this.#threads = new Threads({
      clock,
      log,
      limits,
      start,
      count: this.#count,
      settings: (thread) => this.#settings(thread),
      events: {
        onStart: (link) => this.#dtls.join(link),
        onSignals: (seat, signals) => this.#tell(seat, signals),
        onApplied: (seat, room, version) => this.#rooms.applied(seat, room, version),
        onDeath: (seat, reason) => this.#mourn(seat, reason),
        onOverload: (thread, effect) => this.#tellOverload(effect, thread),
      },
    });
    this.#moves = new Moves({
      legs: this.#legs,
      rooms: this.#rooms,
      threads: this.#threads,
      rowOf: (address) => this.#rowOf(address),
      onLost: (leg, state) => this.#lose(leg, state),
    });
    // Nobody expects to be told something while he asks for something else.
    const onEffect = (effect: Effect): void => void Promise.resolve().then(() => this.#tellOverload(effect));
    this.#crowd = new Runner(overload(AT_ONCE), { at: 'admitting' }, clock, onEffect);
    const { giveBack } = options;
    this.#spare = giveBack === undefined ? undefined : new SpareMemory({ clock, giveBack });
    this.#countLegs();
  }

  begin(): Promise<void> {
    return this.#threads.open();
  }

  async open(request: LegRequest): Promise<LegAddress> {
    this.#check();
    if (this.#legs.has(request.leg)) throw new Failure('conflict', 'leg_open', 'this leg is open already');
    const place = this.#enter(request);
    try {
      const { webrtc = false } = request;
      if (!webrtc) return (await place.seat.link.ask({ do: 'open', leg: this.#threadLeg(request, place) })) as LegAddress;
      return await this.#openBrowser(request, place);
    } catch (error) {
      this.#forget(request.leg, place);
      throw error;
    }
  }

  async #openBrowser(request: LegRequest, place: Place): Promise<LegAddress> {
    const fingerprint = await this.#dtls.ready();
    // It was ended, or its thread died, while the first worker of DTLS was started.
    if (this.#legs.get(request.leg) !== place) throw noSuchLeg();
    const webrtc = this.iceCredentials();
    const at = (await place.seat.link.ask({
      do: 'open',
      leg: { ...this.#threadLeg(request, place), webrtc, either: request.webrtc === 'either' },
    })) as LegAddress;
    return { ...at, webrtc: { ...webrtc, fingerprint } };
  }

  /** A leg with its random beginnings. */
  #threadLeg({ account, conference, mayMove = false, webrtc: _, ...rest }: LegRequest, { room }: Place): ThreadLeg {
    const random = new DataView(Uint8Array.from(this.#options.chance.bytes(10)).buffer);
    return {
      ...rest,
      room,
      alone: mayMove && this.#count > 1,
      row: this.#rowOf(rest.address),
      ssrc: random.getUint32(0),
      timestamp: random.getUint32(4),
      sequence: random.getUint16(8),
      cname: randomHex(this.#options.chance, 12),
    };
  }

  change(leg: LegId, change: LegChange): void {
    this.#check();
    const tell = (): void => this.#legs.get(leg)?.seat.link.tell({ do: 'change', leg, change });
    if (!this.#moves.defer(leg, tell)) tell();
  }

  iceCredentials(): IceCredentials {
    return newCredentials(this.#options.chance);
  }

  async move(leg: LegId, { account, conference }: { account: AccountId; conference: ConferenceId }): Promise<void> {
    this.#check();
    if (this.#programs.has(leg)) throw noSuchLeg();
    await this.#moves.move(leg, roomOf(account, conference));
  }

  sendDigits(leg: LegId, digits: string, { ms = 100, gapMs = 60 }: DigitTimes = {}): void {
    this.#check();
    const isRight = /^[0-9*#A-D]{1,64}$/i.test(digits) && [ms, gapMs].every((time) => time >= 40 && time <= 6000);
    if (!isRight)
      throw new Failure(
        'invalid',
        'bad_digits',
        'keys are 1 to 64 of 0-9, *, # and A-D, pressed for 40 to 6000 ms with as much between them',
      );
    const tell = (): void => this.#legs.get(leg)?.seat.link.tell({ do: 'press', leg, keys: digits.toUpperCase(), ms, gapMs });
    if (!this.#moves.defer(leg, tell)) tell();
  }

  record(leg: LegId): Promise<LegRecord | undefined> {
    return this.#askLeg(leg, { do: 'record', leg }) as Promise<LegRecord | undefined>;
  }

  legMetrics(leg: LegId): Promise<LegMetrics | undefined> {
    return this.#askLeg(leg, { do: 'leg-metrics', leg }) as Promise<LegMetrics | undefined>;
  }

  packetHeaders(leg: LegId, ms: number): Promise<readonly PacketHeader[] | undefined> {
    const ask = (on: boolean) => this.#askLeg(leg, { do: 'headers', leg, on });
    return lookOn({ clock: this.#options.clock, for: ms, begin: () => ask(true), end: () => ask(false) });
  }

  async end(leg: LegId): Promise<LegMetrics | undefined> {
    if (this.#moves.isCrossing(leg)) await this.#moves.settled(leg);
    const place = this.#legs.get(leg);
    if (place === undefined || this.#closing !== undefined) return undefined;
    const ended = place.seat.link.ask({ do: 'end', leg });
    this.#forget(leg, place);
    try {
      return (await ended) as LegMetrics | undefined;
    } catch (error) {
      // A thread that is gone has let go of everything.
      if (!(error instanceof Failure && error.kind === 'unavailable')) throw error;
      return undefined;
    }
  }

  hear(account: AccountId, conference: ConferenceId, plan: HearingPlan): void {
    this.#check();
    this.#rooms.hear(roomOf(account, conference), plan);
  }

  planApplied(account: AccountId, conference: ConferenceId, version: number): Promise<void> {
    return this.#rooms.whenApplied(roomOf(account, conference), version);
  }

  tap(account: AccountId, conference: ConferenceId, request: TapRequest): Tap {
    this.#check();
    return this.#outsiders.tap(roomOf(account, conference), request);
  }

  feed(account: AccountId, conference: ConferenceId, request: FeedRequest): Feed {
    this.#check();
    return this.#outsiders.feed(roomOf(account, conference), request);
  }

  stream({ leg, account, conference, apart, rate }: StreamRequest): Stream {
    this.#check();
    if (this.#legs.has(leg)) throw new Failure('conflict', 'leg_open', 'this leg is open already');
    const place = this.#enter({ leg, account, conference });
    const { room } = place;
    this.#programs.add(leg);
    const tap = this.#outsiders.tap(room, { what: { stream: leg, apart } });
    const feed = this.#outsiders.feed(room, { source: { kind: 'stream', id: leg } }, { leg, rate });
    const close = (): void => {
      tap.close();
      feed.close();
      if (this.#legs.get(leg) === place) this.#programs.delete(leg);
      this.#forget(leg, place);
    };
    return { tap, feed, close };
  }

  async metrics(): Promise<EngineMetrics> {
    this.#check();
    return await this.#threads.metrics();
  }

  load(): EngineLoad {
    const threads = this.#threads.loads();
    const busy = threads.reduce((sum, each) => sum + each.busy, 0) / this.#count;
    const crowd = this.#crowd.state;
    const reason = 'reason' in crowd ? crowd.reason : threads.find((each) => !each.admits)?.reason;
    const hasRoom = threads.length < this.#count || threads.some((each) => each.admits);
    const figures = { busy, lateP99Ms: this.#threads.lateP99Ms, legs: this.#legs.size, threads };
    if (admits(crowd) && hasRoom) return { ...figures, admits: true };
    return { ...figures, admits: false, ...(reason === undefined ? {} : { reason }) };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#crowd.close();
    this.#spare?.close();
    await this.#threads.close();
    await this.#dtls.close();
    this.#legs.clear();
    this.#rooms.close();
    this.#outsiders.close();
  }

  #check(): void {
    if (this.#closing !== undefined) throw new Failure('unavailable', 'closed', 'the media engine is closed');
  }

  async #askLeg(leg: LegId, question: Question): Promise<unknown> {
    this.#check();
    if (this.#moves.isCrossing(leg)) await this.#moves.settled(leg);
    return await this.#legs.get(leg)?.seat.link.ask(question);
  }

  /** Where the leg will live, if it may. Nothing is awaited here, so legs of one room that come at the same moment meet. */
  #enter(request: Pick<LegRequest, 'leg' | 'account' | 'conference'> & Partial<LegRequest>): Place {
    const { leg, account, conference } = request;
    const crowd = this.#crowd.state;
    if (!admits(crowd)) throw new Failure('limit', 'overloaded', 'reason' in crowd ? crowd.reason : 'too many legs');
    const room = roomOf(account, conference);
    const known = this.#rooms.find(room)?.seat;
    if (known !== undefined && !known.gauge.admits) throw overloaded(known);
    const place = this.#rooms.enter(room, known ?? this.#sharing(request) ?? this.#threads.choose());
    this.#legs.set(leg, place);
    this.#threads.arrive(place.seat);
    this.#countLegs();
    return place;
  }

  /** The thread that has the port that the leg wants back: rooms that shared ports before a restart come together again. */
  #sharing({ address, port }: Partial<LegRequest>): Seat | undefined {
    const owner = port === undefined || address === undefined ? undefined : this.#map?.ownerOf(this.#rowOf(address), port);
    return owner === undefined ? undefined : this.#threads.willing(owner);
  }

  #forget(leg: LegId, place: Place): void {
    // A leg that its thread has taken along is forgotten already, and its name may be another's.
    if (this.#legs.get(leg) !== place) return;
    this.#legs.delete(leg);
    this.#threads.leave(place.seat);
    this.#rooms.leave(place);
    this.#countLegs();
  }

  /** A leg that was between two threads: whoever was to take it could not. */
  #lose(leg: LegId, { address, port }: LegState): void {
    this.#map?.free(this.#rowOf(address), port);
    const place = this.#legs.get(leg);
    // If the thread died, its death was told with the leg's name.
    if (place === undefined || this.#closing !== undefined) return;
    this.#forget(leg, place);
    this.#options.onEvent({ type: 'media-lost', leg, silentMs: 0 });
  }

  #countLegs(): void {
    this.#spare?.changed();
    const most = this.#options.limits?.legs;
    if (most === undefined) return;
    const { size } = this.#legs;
    if (size >= most) this.#crowd.feed({ type: 'over', reason: `the limit of ${most} legs is reached` });
    else this.#crowd.feed({ type: size <= most * RELIEF ? 'under' : 'between' });
  }

  #rowOf(address: string): number {
    const known = this.#addresses.indexOf(address);
    if (known >= 0) return Math.min(known, ROWS - 1);
    return Math.min(this.#addresses.push(address), ROWS) - 1;
  }

  /** What a new thread is given; what its predecessor had is free by then. */
  #settings(thread: number): ThreadSettings {
    const { ports, preferredPorts = [], sockets, energyLevel, mediaTimeoutMs = 60_000, silentAfterMs = 3000, quietAfterMs } = this.#options;
    this.#map?.bury(thread);
    const map = this.#map === undefined ? {} : { map: { memory: this.#map.memory, owner: thread } };
    return {
      ports: { range: ports, preferred: preferredPorts, ...map },
      mediaTimeoutMs,
      silentAfterMs,
      ...(quietAfterMs === undefined ? {} : { quietAfterMs }),
      ...(sockets === undefined ? {} : { sockets }),
      ...(energyLevel === undefined ? {} : { energyLevel }),
    };
  }

  #tell(seat: Seat, signals: readonly Signal[]): void {
    for (const signal of signals) {
      const leg = signal.leg as LegId;
      if (this.#legs.get(leg)?.seat !== seat) continue;
      this.#options.onEvent({ ...signal, leg, ...reasonOf(signal) } as EngineEvent);
    }
  }

  #tellOverload(effect: Effect, thread?: number): void {
    if (this.#closing !== undefined) return;
    const state = effect.do === 'begin' ? 'began' : 'ended';
    this.#options.log.warn(`media overload ${state}`, { reason: effect.reason, ...(thread === undefined ? {} : { thread }) });
    this.#options.onEvent({ type: 'overload', state, reason: effect.reason, ...(thread === undefined ? {} : { thread }) });
  }

  #mourn(seat: Seat, reason: string): void {
    const legs = [...this.#legs].filter(([, place]) => place.seat === seat).map(([leg]) => leg);
    for (const leg of legs) {
      this.#legs.delete(leg);
      this.#programs.delete(leg);
    }
    this.#rooms.bury(seat);
    this.#countLegs();
    this.#options.onEvent({ type: 'thread-died', legs, reason });
  }
}

const roomOf = (account: AccountId, conference: ConferenceId): string => `${account}/${conference}`;

/** In words, where people want to know. */
function reasonOf(signal: Signal): { readonly reason?: string } {
  if (signal.type === 'media-silent') return { reason: silenceReason(signal) };
  return signal.type === 'dtls-failed' ? { reason: dtlsReason(signal.why) } : {};
}
