import { type Alarm, type Clock, Failure } from '../../base/index.ts';
import { Browsers } from './browsers.ts';
import { Lateness, noCounts } from './counters.ts';
import { Diligence } from './effort.ts';
import { decide } from './either.ts';
import { FeedSource } from './feed-source.ts';
import { logOf } from './header-log.ts';
import { Leg } from './leg.ts';
import { addRating, figuresOf, noRatings } from './leg-quality.ts';
import { recordOf } from './leg-record.ts';
import type { LegState, Order, Report, Signal, ThreadChange, ThreadLeg, ThreadPlan, ThreadSettings } from './messages.ts';
import { Movers } from './movers.ts';
import type { PortPair, Reading } from './port-pair.ts';
import { PortPool } from './port-pool.ts';
import { ReportDesk } from './report-desk.ts';
import { nextReport, sendReport } from './reports.ts';
import type { Room } from './room.ts';
import { PHASES, RoomTable } from './room-table.ts';
import { RoomTap } from './room-tap.ts';
import type { Sockets } from './socket-port.ts';
import { StreamSource } from './stream-source.ts';
import { warm } from './warm.ts';

const QUARTER = 20 / PHASES;
/** More than half a second late: the time is lost, do not send it in a burst. */
const CATCH_UP = (500 / QUARTER) | 0;
/** ms between two looks at RTCP and at the share of time that work takes. */
const REPORTS_EVERY = 100;
const LATE = 5;
const SIGNALS_EVERY = 100 / QUARTER;
/** Frames that a leg may have been on its way from another thread; a clock that was set tells more. */
const LONGEST_WAY = 50;

/** What one media thread does: obeys orders, ticks while there is a leg, tells what it sees. */
export class MediaThread {
  readonly #sockets: Sockets;
  readonly #clock: Clock;
  readonly #settings: ThreadSettings;
  readonly #post: (report: Report) => void;
  readonly #pool: PortPool;
  readonly #legs = new Map<string, Leg>();
  /** Legs without a socket. */
  #streams = 0;
  readonly #pairs = new Map<string, PortPair>();
  readonly #diligence = new Diligence();
  readonly #rooms = new RoomTable(this.#diligence);
  readonly #counters = noCounts();
  readonly #lateness = new Lateness();
  readonly #reading: Reading;
  readonly #signals: Signal[] = [];
  readonly #desk: ReportDesk;
  readonly #onAlarm = (): void => this.#wake();
  #alarm: Alarm | undefined;
  #deskAt = 0;
  /** When tick number 0 was due. */
  #origin = 0;
  #tick = 0;
  #toldAt = 0;
  /** Placing a leg binds sockets and takes a moment; two at once must not find the same free place. */
  #placing: Promise<unknown> = Promise.resolve();
  #closed = false;
  readonly #movers: Movers;
  readonly #browsers: Browsers;
  /** ms of work since the last look at it. */
  #worked = 0;

  constructor({
    sockets,
    clock,
    settings,
    post,
  }: { sockets: Sockets; clock: Clock; settings: ThreadSettings; post: (report: Report) => void }) {
    this.#sockets = sockets;
    this.#clock = clock;
    this.#settings = settings;
    this.#post = post;
    this.#pool = new PortPool(sockets, settings.ports);
    this.#desk = new ReportDesk({ clock, sockets, counters: this.#counters });
    this.#movers = new Movers({
      rooms: this.#rooms,
      pairOf: (leg) => this.#pairs.get(leg.id),
      answer: (ask, value) => this.#answer(ask, value),
      handOver: (leg, ask) => {
        this.#placing = this.#placing.then(() => this.#handOver(leg)).then((state) => this.#answer(ask, state));
      },
    });
    const told = { clock, sockets, counters: this.#counters, signals: this.#signals };
    this.#browsers = new Browsers(told);
    this.#reading = { ...told, desk: this.#desk, browsers: this.#browsers };
  }

  obey(order: Exclude<Order, { do: 'close' }>): void {
    switch (order.do) {
      case 'open':
        this.#placing = this.#placing.then(() => this.#open(order.ask, order.leg));
        break;
      case 'change':
        this.#change(order.leg, order.change);
        break;
      case 'press':
        this.#legs.get(order.leg)?.press(order, this.#diligence);
        break;
      case 'hear':
        this.#hear(order.room, order.plan);
        break;
      case 'tap':
      case 'untap':
      case 'feed':
      case 'unfeed':
        this.#listen(order);
        break;
      case 'move':
      case 'release':
        this.#placing = this.#placing.then(() => this.#movers.leave(this.#legs.get(order.leg), order));
        break;
      case 'record':
        this.#answer(order.ask, recordOf(this.#legs.get(order.leg)));
        break;
      case 'end':
        this.#placing = this.#placing.then(() => this.#end(order.leg)).then((figures) => this.#answer(order.ask, figures));
        break;
      case 'metrics':
        this.#answer(order.ask, this.#metrics());
        break;
      case 'dtls':
        this.#browsers.connect(order.port);
        break;
      case 'leg-metrics':
        this.#answer(order.ask, figuresOf(this.#legs.get(order.leg), this.#clock.now()));
        break;
      case 'headers':
        this.#answer(order.ask, logOf(this.#legs.get(order.leg)?.sender, order.on, this.#clock));
        break;
    }
  }

  /** Says goodbye on every leg and lets all sockets go. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#placing;
    for (const leg of [...this.#legs.values()]) await this.#end(leg.id);
    this.#stop();
    this.#browsers.close();
    await this.#pool.close();
  }

  #answer(ask: number, value: unknown): void {
    this.#post({ say: 'answer', ask, value });
  }

  async #open(ask: number, request: ThreadLeg): Promise<void> {
    try {
      if (this.#legs.has(request.leg)) throw new Failure('conflict', 'leg_open', 'this leg is open already');
      const { phase } = this.#room(request.room);
      const { state } = request;
      const pair = await (state === undefined ? this.#pool.place(request, phase) : this.#pool.take({ ...request, port: state.port }));
      const now = this.#clock.now();
      const leg = new Leg(request, pair, { now, settings: this.#settings });
      leg.reportAt = nextReport(leg, now);
      if (request.remote !== undefined) leg.expected = this.#sockets.destination(request.remote.address, request.remote.port);
      pair.add(leg, phase);
      this.#legs.set(leg.id, leg);
      this.#pairs.set(leg.id, pair);
      if (state === undefined) this.#room(leg.room).add(leg);
      else this.#resume(leg, pair, state);
      this.#browsers.add(leg, pair, { now, state: state?.ice });
      this.#start();
      this.#answer(ask, { address: request.address, port: pair.rtp.port, ssrc: leg.sender.ssrc });
    } catch (error) {
      const failure = error instanceof Failure ? error : new Failure('invalid', 'bad_address', String(error));
      const kind = failure.kind === 'limit' || failure.kind === 'conflict' ? failure.kind : 'invalid';
      this.#post({ say: 'refused', ask, kind, code: failure.code, message: failure.message });
    }
  }

  /** The leg goes on as it was in another thread. */
  #resume(leg: Leg, pair: PortPair, { agreed, source, at, end }: LegState): void {
    leg.agree(agreed, this.#clock.now());
    if (agreed.remote !== undefined) pair.name(leg, agreed.remote, this.#sockets);
    if (source !== null) pair.known(leg, source, this.#sockets);
    const missed = Math.floor((this.#clock.epoch() - at) / (QUARTER * PHASES));
    if (missed > 0) leg.skip(Math.min(missed, LONGEST_WAY));
    this.#room(leg.room).receive(leg, end);
  }

  #change(id: string, change: ThreadChange): void {
    const leg = this.#legs.get(id);
    const pair = this.#pairs.get(id);
    if (leg === undefined || pair === undefined) return;
    decide(leg, change, { pair, browsers: this.#browsers, now: this.#clock.now() });
    leg.agree(change, this.#clock.now());
    if (change.webrtc !== undefined) this.#browsers.agree(leg, change.webrtc, this.#clock.now());
    if (change.codec !== undefined) this.#rooms.find(leg.room)?.refit();
    if (change.remote === undefined || leg.ice !== null) return;
    // The address was checked by whoever read the SDP; a wrong one must still not kill the thread.
    try {
      const known = leg.expected;
      // What was only a hint when the leg was opened is now named, and packets from there are expected.
      leg.expected = leg.remote === null ? null : known;
      pair.name(leg, change.remote, this.#sockets);
    } catch {
      leg.destination = null;
    }
  }

  /** The leg goes to another thread; gives what it takes along. */
  async #handOver(leg: Leg): Promise<LegState | false | 'stays'> {
    const pair = this.#pairs.get(leg.id);
    if (pair === undefined || this.#legs.get(leg.id) !== leg) return false;
    if (pair.legs.length > 1) {
      leg.voice.enter();
      return 'stays';
    }
    const state = leg.state({ now: this.#clock.now(), epoch: this.#clock.epoch() });
    this.#browsers.remove(leg, { goesOn: true });
    this.#remove(leg, pair);
    await this.#pool.letGo(pair);
    return state;
  }

  /** Gives what is known of the leg at its end. */
  async #end(id: string): Promise<unknown> {
    const leg = this.#legs.get(id);
    if (leg === undefined) return undefined;
    this.#movers.forget(leg);
    const figures = figuresOf(leg, this.#clock.now());
    sendReport(leg, this.#clock, { bye: true });
    const pair = this.#pairs.get(id);
    this.#remove(leg, pair);
    this.#counters.lost += leg.lost;
    this.#counters.late += leg.voice.late;
    this.#counters.concealed += leg.voice.concealed;
    this.#counters.packetsOut += leg.sender.packets;
    if (pair !== undefined) await this.#pool.leave(pair);
    return figures;
  }

  /** It is in no room and on no port any more. */
  #remove(leg: Leg, pair: PortPair | undefined): void {
    this.#legs.delete(leg.id);
    this.#pairs.delete(leg.id);
    this.#browsers.remove(leg, { goesOn: false });
    pair?.remove(leg);
    const room = this.#rooms.find(leg.room);
    room?.remove(leg);
    if (room?.isEmpty) this.#rooms.drop(room);
    leg.close();
    if (!this.#isBusy) this.#stop();
  }

  #hear(name: string, plan: ThreadPlan): void {
    const room = this.#room(name);
    room.hear(plan);
    if (room.isEmpty) this.#rooms.drop(room);
    this.#post({ say: 'applied', room: name, version: plan.version });
  }

  /** Those who listen or speak without being in a room keep it, lest one that is empty for a moment lose them. */
  #listen(order: Extract<Order, { do: 'tap' | 'untap' | 'feed' | 'unfeed' }>): void {
    const room = this.#room(order.room);
    const { now, epoch } = { now: this.#clock.now(), epoch: this.#clock.epoch() };
    if (order.do === 'tap') room.tap(new RoomTap({ id: order.tap, what: order.what, memory: order.memory, zero: epoch - now }));
    else if (order.do === 'untap') room.untap(order.tap);
    else if (order.do === 'feed') this.#feed(room, order);
    else if (room.unfeed(order.feed)?.leg != null) {
      this.#streams -= 1;
      if (!this.#isBusy) this.#stop();
    }
    if (room.isEmpty) this.#rooms.drop(room);
  }

  #feed(room: Room, { feed: number, name, memory, stream }: Extract<Order, { do: 'feed' }>): void {
    room.feed(stream === undefined ? new FeedSource({ number, name, memory }) : new StreamSource({ number, name, memory, stream }));
    if (stream === undefined) return;
    this.#streams += 1;
    this.#start();
  }

  /** There is somebody whom the time must not stop for. */
  get #isBusy(): boolean {
    return this.#legs.size + this.#streams > 0;
  }

  #room(name: string): Room {
    return this.#rooms.of(name, this.#legs.size);
  }

  #start(): void {
    if (this.#alarm !== undefined || this.#closed) return;
    this.#origin = this.#clock.now();
    this.#tick = 0;
    this.#toldAt = 0;
    this.#deskAt = 0;
    this.#arm();
  }

  #stop(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  #arm(): void {
    let next = this.#tick + 1;
    while (next < this.#tick + PHASES && this.#rooms.servedIn(next % PHASES).length === 0) next += 1;
    this.#alarm = this.#clock.wake(this.#origin + next * QUARTER, this.#onAlarm);
  }

  /** All ticks that are due, the missed ones too; the deadline is absolute, so lateness does not add up. */
  #wake(): void {
    const now = this.#clock.now();
    const due = Math.floor((now - this.#origin) / QUARTER + 1e-6);
    if (due - this.#tick > CATCH_UP) this.#lose(due);
    while (this.#tick < due) {
      this.#tick += 1;
      this.#serve(now);
    }
    this.#tellSignals();
    this.#browsers.forward();
    // When everything is sent, and not in a wake of its own: a wake costs as much as several legs.
    if (this.#tick - this.#deskAt >= REPORTS_EVERY / QUARTER) this.#workAtDesk();
    this.#worked += this.#clock.now() - now;
    if (this.#isBusy) this.#arm();
  }

  /** Time that is not made up for: only the frame that is due now is served, and every stream says how much was left out. */
  #lose(due: number): void {
    const frames = Math.floor((due - this.#tick) / PHASES) - 1;
    this.#tick += frames * PHASES;
    for (const leg of this.#legs.values()) leg.skip(frames);
    for (const room of this.#rooms.all()) room.skip(frames);
  }

  #serve(now: number): void {
    const phase = this.#tick % PHASES;
    if (this.#rooms.servedIn(phase).length > 0) {
      const due = this.#origin + this.#tick * QUARTER;
      const late = now - due;
      this.#lateness.add(late);
      this.#counters.ticks += 1;
      if (late > LATE) this.#counters.lateTicks += 1;
      this.#step(phase, now, due);
    }
  }

  /** A message costs more than mixing a room, so levels wait for each other up to 100 ms; digits do not wait. */
  #tellSignals(): void {
    if (this.#signals.length === 0) return;
    let due = this.#tick - this.#toldAt >= SIGNALS_EVERY;
    for (let i = 0; i < this.#signals.length && !due; i++) due = this.#signals[i]!.type !== 'level';
    if (!due) return;
    this.#toldAt = this.#tick;
    this.#post({ say: 'signals', signals: this.#signals });
    this.#signals.length = 0;
  }

  /**
   * One quarter: reads what came for its rooms, mixes them, sends port by port so that batches are long.
   * Rooms go by the time that was due, so that a tick that comes late is not taken for jitter.
   */
  #step(phase: number, now: number, due: number): void {
    const { pairs } = this.#pool;
    for (let i = 0; i < pairs.length; i++) warm(pairs[i]!.servedIn(phase));
    for (let i = 0; i < pairs.length; i++) if (pairs[i]!.servedIn(phase).length > 0) pairs[i]!.drain(now, this.#reading);
    const rooms = this.#rooms.servedIn(phase);
    for (let i = 0; i < rooms.length; i++) rooms[i]!.tick(due, this.#signals, this.#counters);
    for (let i = 0; i < pairs.length; i++) {
      const legs = pairs[i]!.servedIn(phase);
      if (legs.length === 0) continue;
      for (let n = 0; n < legs.length; n++) legs[n]!.send();
      this.#counters.sendFailures += pairs[i]!.rtp.flush();
    }
    this.#movers.carry(phase);
  }

  /** Ten times a second, behind a tick: reports, and how busy this thread is. */
  #workAtDesk(): void {
    this.#deskAt = this.#tick;
    this.#diligence.worked(this.#worked / REPORTS_EVERY);
    this.#worked = 0;
    this.#browsers.look(this.#clock.now());
    this.#desk.work(this.#pool.pairs, this.#legs.values());
  }

  #metrics(): unknown {
    const sum = { ...this.#counters, ...noRatings() };
    for (const leg of this.#legs.values()) {
      const { lost, voice, sender } = leg;
      addRating(sum, leg);
      sum.lost += lost;
      sum.late += voice.late;
      sum.concealed += voice.concealed;
      sum.packetsOut += sender.packets;
    }
    const mixes = [...this.#rooms.all()].filter(({ plan }) => plan !== undefined).length;
    return { ...sum, legs: this.#legs.size, mixes, ports: this.#pool.pairs.length, tickLateness: this.#lateness.read() };
  }
}
