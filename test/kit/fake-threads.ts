import type { Order, Report, ThreadSettings } from '../../src/media/thread/messages.ts';
import type { StartThread, Thread, ThreadEvents } from '../../src/media/worker-thread.ts';

type Open = Extract<Order, { do: 'open' }>;

/** A media thread without a thread: does as it is told a moment later, keeps what it was told, dies when the test says so. */
export class FakeThread implements Thread {
  readonly settings: ThreadSettings;
  readonly orders: Order[] = [];
  readonly legs = new Map<string, string>();
  /** How its time was used; the test moves it. */
  time = { active: 0, idle: 0 };
  /** Lateness of ticks since the last question: bin of a tenth of a ms, and count, in turn. */
  late: number[] = [];
  packetsIn = 0;
  /** Whether it obeys; orders wait otherwise. */
  obeys = true;
  isDead = false;
  /** Whether its legs share their ports. */
  stays = false;
  /** Whether it refuses to open legs. */
  refuses = false;
  /** The most orders to open or end that it had at one time. */
  mostAtOnce = 0;
  readonly #events: ThreadEvents;
  readonly #kept: Order[] = [];
  #heavy = 0;

  constructor(settings: ThreadSettings, events: ThreadEvents, isReady: boolean) {
    this.settings = settings;
    this.#events = events;
    if (isReady) this.say({ say: 'ready', sockets: 'dgram', opus: 'libopus' });
  }

  post(order: Order): void {
    if (this.isDead) return;
    this.orders.push(order);
    if (order.do === 'open' || order.do === 'end') this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#heavy);
    if (this.obeys) setImmediate(() => this.#obey(order));
    else this.#kept.push(order);
  }

  used(): { active: number; idle: number } {
    return { ...this.time };
  }

  /** Lets a second of its time pass, of which this share was used, with ticks so late. */
  spend(busy: number, lateMs = 0, ticks = 200): void {
    this.time = { active: this.time.active + busy * 1000, idle: this.time.idle + (1 - busy) * 1000 };
    this.late = [Math.min(1000, lateMs * 10), ticks];
  }

  kill(): void {
    this.die('killed');
  }

  die(reason: string): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#events.onError(reason);
    this.#events.onExit();
  }

  /** Does what has waited, and goes on waiting. */
  work(): void {
    for (const order of this.#kept.splice(0)) this.#obey(order);
  }

  /** Does what has waited, and everything that comes. */
  wake(): void {
    this.obeys = true;
    this.work();
  }

  say(report: Report): void {
    setImmediate(() => !this.isDead && this.#events.onReport(report));
  }

  /** What has come for one leg, by kind. */
  told(leg: string): string[] {
    return this.orders
      .filter((order) => ('leg' in order ? (order.do === 'open' ? order.leg.leg : order.leg) : '') === leg)
      .map((order) => order.do);
  }

  #obey(order: Order): void {
    if (this.isDead) return;
    if (order.do === 'open' && this.refuses) {
      this.#heavy -= 1;
      this.#events.onReport({ say: 'refused', ask: order.ask, kind: 'limit', code: 'no_free_port', message: 'as told' });
      return;
    }
    if (order.do === 'open') this.#open(order);
    else if (order.do === 'end') this.#end(order.leg);
    else if (order.do === 'move' && this.legs.has(order.leg)) this.legs.set(order.leg, order.room);
    if (order.do === 'hear') this.#events.onReport({ say: 'applied', room: order.room, version: order.plan.version });
    if (order.do === 'close') {
      this.isDead = true;
      this.#events.onExit();
    } else if ('ask' in order) this.#events.onReport({ say: 'answer', ask: order.ask, value: this.#answer(order) });
  }

  #open({ leg }: Open): void {
    this.legs.set(leg.leg, leg.room);
    this.#heavy -= 1;
  }

  #end(leg: string): void {
    this.legs.delete(leg);
    this.#heavy -= 1;
  }

  #release(leg: string): unknown {
    if (this.stays) return 'stays';
    return this.legs.delete(leg) && { leg, address: '127.0.0.1', port: 4000, ssrc: 1, sequence: 2, timestamp: 3, cname: leg };
  }

  #answer(order: Order): unknown {
    if (order.do === 'open') return { address: order.leg.address, port: 4000, ssrc: order.leg.ssrc };
    if (order.do === 'move') return this.legs.has(order.leg);
    if (order.do === 'release') return this.#release(order.leg);
    if (order.do !== 'metrics') return undefined;
    const bins = this.late;
    this.late = [];
    const tickLateness = { bins, max: Math.max(0, ...bins.filter((_, i) => i % 2 === 0)) / 10 };
    return { legs: this.legs.size, packetsIn: this.packetsIn, tickLateness };
  }
}

/** Starts fake threads and keeps them, dead ones too, in the order in which they were started. */
export class FakeThreads {
  readonly all: FakeThread[] = [];
  /** Threads that are started from now on do not get as far as saying that they run. */
  areBroken = false;

  readonly start: StartThread = (settings, events) => {
    const thread = new FakeThread(settings, events, !this.areBroken);
    if (this.areBroken) setImmediate(() => thread.die('cannot begin'));
    this.all.push(thread);
    return thread;
  };

  /** The living, by their age. */
  get alive(): FakeThread[] {
    return this.all.filter(({ isDead }) => !isDead);
  }
}
