import type { Accounts } from '../../../accounts/index.ts';
import { type Alarm, type Clock, Failure, type Log } from '../../../base/index.ts';
import type { Amqp, AmqpMessage, Item } from '../../../bus/index.ts';
import type { ConferenceId, Entry, Execute, Fact, ParticipantId, Signal, TalkSignal } from '../../../conference/index.ts';
import { Backgrounds } from '../backgrounds.ts';
import type { LiveOf } from '../blackhole/blackhole.ts';
import { documentedKey, eventName, eventOf, headerStyle, isTalk, silence, stopBefore } from '../events.ts';

/** Signals that may wait for the facts before them; beyond that whole pairs are dropped. */
const WAITING = 1000;
/** A fact this old (ms) is told late: how loud people are now says nothing of then. */
const LATE = 2000;
/** How often it is looked whether the broker is there again, ms: the cursor's own pauses grow with an outage. */
const LOOK = 200;
/** How soon a stop that could not be told is tried again, ms. */
const AGAIN = 1000;

/** What telling events over AMQP needs. */
export interface PublisherOptions {
  readonly amqp: Pick<Amqp, 'publish' | 'counts'>;
  readonly execute: Execute;
  readonly accounts: Pick<Accounts, 'account'>;
  readonly liveOf: LiveOf;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: string;
  /** KAZOO's names of the events that go out. Absent: all. */
  readonly events?: readonly string[];
}

/** For the metrics. */
export interface PublisherCounts {
  /** Events of facts that the broker has. */
  facts: number;
  /** Starts and stops of talking given to the broker. */
  signals: number;
  /** … that went to nobody, in pairs: not connected, or too many waited. */
  dropped: number;
  /** Events that no broker would ever take. */
  unfit: number;
}

interface Waiting {
  readonly signal: TalkSignal;
  /** The position that must be out before it. */
  readonly after: number;
}

/**
 * Tells facts and signals over AMQP. Facts come by a cursor, so that none is lost, and signals come live; here they are brought into one order again:
 * a signal waits for the facts before it, and a fact that ends somebody's talking is preceded by his stop, be the signal underway or lost.
 */
export class Publisher {
  readonly counts: PublisherCounts = { facts: 0, signals: 0, dropped: 0, unfit: 0 };
  readonly #options: PublisherOptions;
  readonly #backgrounds: Backgrounds;
  /** Positions of facts that were seen live and are not out yet, the newest of each conference. */
  readonly #pending = new Map<ConferenceId, number>();
  readonly #waiting: Waiting[] = [];
  /** Whose start is out and whose stop is not. */
  readonly #talking = new Map<ParticipantId, TalkSignal>();
  /** Whose start was dropped, so that the stop is dropped too. */
  readonly #dropped = new Set<ParticipantId>();
  /** Stops that could not be given to the broker. */
  readonly #owed = new Map<ParticipantId, TalkSignal>();
  /** What goes on without being awaited, in order. */
  #line: Promise<void> = Promise.resolve();
  #published = 0;
  /** Facts up to this position happened before this process listened; all of them, until it is known. */
  #begunAt = Number.POSITIVE_INFINITY;
  #again: Alarm | undefined;
  /** Ends the wait for the broker. */
  #look: (() => void) | undefined;
  #closed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#backgrounds = new Backgrounds(options);
  }

  /** What happens, live: only signals are told from here. */
  readonly live = (item: Item): void => {
    if (item.kind === 'signal') this.#signal(item.signal);
    else if ('conference' in item.entry.fact && item.entry.position > this.#published) {
      this.#pending.set(item.entry.fact.conference, item.entry.position);
    }
  };

  /** From this position on it is heard live who talks. */
  readonly begun = (position: number): void => {
    this.#begunAt = position;
  };

  /** Resolves when the broker has them all. */
  readonly take = async (entries: readonly Entry[]): Promise<void> => {
    const closed: TalkSignal[] = [];
    await this.#untilHeard();
    try {
      const sent: Promise<void>[] = [];
      for (const { position, fact } of entries) {
        if (!('conference' in fact)) continue;
        await this.#passUntil(position, fact.conference);
        sent.push(...(await this.#fact({ position, fact }, closed)));
      }
      await allOf(sent);
      await this.#line;
    } catch (error) {
      // The same entries come again; then those stops must come again, too.
      for (const each of closed) this.#talking.set(each.about.id, each);
      throw error;
    }
    this.#published = entries.at(-1)?.position ?? this.#published;
    for (const [conference, position] of this.#pending) if (position <= this.#published) this.#pending.delete(conference);
    await this.#passUntil(this.#published + 1);
  };

  /** Nothing is told afterwards but what is underway; a take that waits for the broker rejects. */
  close(): Promise<void> {
    this.#closed = true;
    this.#again?.cancel();
    this.#look?.();
    return this.#line;
  }

  async #untilHeard(): Promise<void> {
    const { amqp, clock } = this.#options;
    while (!this.#closed && !isHeard(amqp)) {
      await new Promise<void>((resolve) => {
        const alarm = clock.wake(clock.now() + LOOK, resolve);
        this.#look = () => {
          alarm.cancel();
          resolve();
        };
      });
    }
    this.#look = undefined;
    if (this.#closed) throw new Failure('unavailable', 'closed', 'The server is stopping.');
  }

  async #fact(
    { position, fact }: { readonly position: number; readonly fact: Fact },
    closed: TalkSignal[],
  ): Promise<readonly Promise<void>[]> {
    this.#backgrounds.notice(fact);
    const stops = this.#endedBy(fact, position <= this.#begunAt);
    for (const each of stops) {
      if (this.#talking.delete(each.about.id)) closed.push(each);
      this.#owed.delete(each.about.id);
    }
    const sent: Promise<void>[] = [];
    for (const each of [...stops, fact]) {
      const message = await this.#message(each);
      if (message !== undefined) sent.push(this.#publishFact(message));
    }
    return sent;
  }

  /** The stops that must come before this fact. What happened before a restart, or by it, nobody knows who talked then: then everybody stops. */
  #endedBy(fact: Fact, isOld: boolean): readonly TalkSignal[] {
    const { about, type, conference, account } = fact;
    if (type === 'room.closed' || type === 'conference.deleted') {
      const open = [...this.#talking.values()].filter((each) => each.conference === conference && each.account === account);
      return open.map((each) => stopBefore(fact, each.about));
    }
    if (about === undefined || (type !== 'participant.muted' && type !== 'participant.left')) return [];
    const isRestart = fact.type === 'participant.left' && fact.reason === 'restart';
    return this.#talking.has(about.id) || isOld || isRestart ? [stopBefore(fact, about)] : [];
  }

  async #publishFact(message: AmqpMessage): Promise<void> {
    try {
      await this.#options.amqp.publish(message);
      this.counts.facts += 1;
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'invalid') throw error;
      // It would stand in the way of all others for ever.
      this.counts.unfit += 1;
      this.#options.log.error('an event is none that a broker takes', { key: message.key, error });
    }
  }

  #signal(signal: Signal): void {
    // KAZOO has no event for what is being said.
    if (!isTalk(signal)) return;
    if (this.#closed) return;
    const after = this.#pending.get(signal.conference);
    if (this.#leavesOut(signal)) this.counts.dropped += 1;
    else if (after === undefined) this.#tell(signal);
    else this.#waiting.push({ signal, after });
  }

  #leavesOut({ type, about }: TalkSignal): boolean {
    if (type === 'participant.stopped-talking') return this.#dropped.delete(about.id);
    if (this.#waiting.length < WAITING && isHeard(this.#options.amqp)) return false;
    this.#dropped.add(about.id);
    return true;
  }

  /** Tells what waited for facts before this position, of one conference or of all. */
  async #passUntil(position: number, conference?: ConferenceId): Promise<void> {
    const isDue = ({ signal, after }: Waiting): boolean =>
      after < position && (conference === undefined || signal.conference === conference);
    const due = this.#waiting.filter(isDue);
    if (due.length === 0) return;
    const rest = this.#waiting.filter((each) => !isDue(each));
    this.#waiting.splice(0, this.#waiting.length, ...rest);
    for (const { signal } of due) this.#tell(signal);
    await this.#line;
  }

  #tell(signal: TalkSignal): void {
    this.#line = this.#line.then(() => this.#publishSignal(signal));
  }

  /** Given to the broker in its turn, but its confirm is not waited for. */
  async #publishSignal(signal: TalkSignal): Promise<void> {
    const { id } = signal.about;
    const starts = signal.type === 'participant.started-talking';
    // Whoever is known to talk needs no second start; whose stop is out, or who never started, no second stop.
    if (starts && this.#owed.delete(id)) return;
    if (starts === this.#talking.has(id)) return;
    try {
      const message = await this.#message(signal);
      if (message === undefined) return;
      if (starts) this.#talking.set(id, signal);
      else this.#talking.delete(id);
      this.#options.amqp.publish({ ...message, properties: { ...message.properties, persistent: false } }).then(
        () => {
          this.counts.signals += 1;
        },
        () => this.#lost(signal),
      );
    } catch (error) {
      this.#options.log.error('talk could not be told over AMQP', { account: signal.account, conference: signal.conference, error });
    }
  }

  /** Nobody knows whether it arrived. A start that did must have its stop, so the stop is told in any case, later if need be. */
  #lost(signal: TalkSignal): void {
    if (signal.type === 'participant.started-talking') return;
    const { id } = signal.about;
    this.#talking.set(id, signal);
    this.#owed.set(id, signal);
    if (!this.#closed) this.#again ??= this.#options.clock.wake(this.#options.clock.now() + AGAIN, () => this.#payBack());
  }

  #payBack(): void {
    this.#again = undefined;
    const owed = [...this.#owed.values()];
    this.#owed.clear();
    for (const each of owed) this.#tell(each);
  }

  async #message(happened: Fact | TalkSignal): Promise<AmqpMessage | undefined> {
    const { events, clock, liveOf } = this.#options;
    const name = eventName(happened);
    if (name === undefined || events?.includes(name) === false) return undefined;
    const { account, conference, at } = happened;
    const background = await this.#backgrounds.of(account, conference);
    const event = eventOf(happened, background, clock.epoch() - at > LATE ? silence : liveOf(account, conference));
    return (
      event && {
        exchange: EXCHANGE,
        key: documentedKey(event),
        properties: { contentType: 'application/json', messageId: String(event.body['msg_id']), type: event.name, timestamp: at },
        body: JSON.stringify(headerStyle(event.body)),
      }
    );
  }
}

/** The exchange of the documents (kazoo-facts §8.1), of type topic. */
export const EXCHANGE = 'conference';

/** Whether the broker is there, and those who listen have had the time to come back to it. */
function isHeard(amqp: Pick<Amqp, 'counts'>): boolean {
  const { connected, gathering } = amqp.counts();
  return connected && !gathering;
}

/** Waits for all, also after one was rejected: nothing of a batch may be underway when it is given again. */
async function allOf(sent: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(sent);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
