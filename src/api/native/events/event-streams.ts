import { type Alarm, type Chance, type Clock, type Closable, isoMillis, type Log } from '../../../base/index.ts';
import type { Bus, Following, Item } from '../../../bus/index.ts';
import { type Execute, isSpeech, type ParticipantId } from '../../../conference/index.ts';
import { Problem } from '../problem.ts';
import { EventStream, type StreamOptions } from './event-stream.ts';
import type { ToldSignal } from './event-types.ts';
import { goodbyes } from './goodbye.ts';
import { Line, Lines } from './line.ts';

/** How often a stream shows that it lives, ms. */
const BEAT = 15_000;
/** Streams of one account at the same time. */
const PER_ACCOUNT = 2000;

/** What streams of events need. */
export interface EventStreamsOptions {
  readonly follow: Bus['follow'];
  readonly execute: Execute;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** Every open stream of events, whatever carries it; what they have in common is done once. */
export class EventStreams implements Closable {
  readonly #options: EventStreamsOptions;
  readonly #lines = new Lines();
  readonly #open = new Set<EventStream>();
  readonly #perAccount = new Map<string, number>();
  readonly #talking = new Map<ParticipantId, ToldSignal>();
  /** Everything up to here was told to those who are live. */
  #head = 0;
  #begun: Promise<Following> | undefined;
  #beat: Alarm | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    // Who talks must be known before the first one asks, because the bus tells nobody of a stop whose start he did not get.
    this.#begin().catch((error: unknown) => options.log.warn('events cannot be followed yet', { error }));
  }

  /** ms until a reader of server-sent events comes back: not all of them in the same moment. */
  get retryMs(): number {
    return 1000 + 16 * (this.#options.chance.bytes(1)[0] ?? 0);
  }

  /** Opens a stream. Rejects with a problem or a failure, before anything was said, when that cannot be. */
  async open(options: StreamOptions): Promise<EventStream> {
    const { account } = options.pass.actor;
    await this.#begin();
    if (this.#closing !== undefined) throw new Problem(503, 'closed', 'the server is stopping');
    const count = this.#perAccount.get(account) ?? 0;
    if (count >= PER_ACCOUNT) throw new Problem(429, 'too_many_streams', `an account has at most ${PER_ACCOUNT} streams of events`);
    const stream = new EventStream(
      { ...this.#options, lines: this.#lines, talking: this.#talking, gone: (gone) => this.#forget(gone) },
      options,
    );
    this.#open.add(stream);
    this.#perAccount.set(account, count + 1);
    this.#beat ??= this.#nextBeat();
    await stream.start();
    return stream;
  }

  /** Says `shutdown` to every reader; resolves when nobody is left. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#open].map((each) => each.end(goodbyes.shutdown)));
    this.#beat?.cancel();
    (await this.#begun?.catch(() => undefined))?.close();
  }

  #begin(): Promise<Following> {
    this.#begun ??= this.#options
      .follow({
        take: (item) => this.#take(item),
        caughtUp: (position) => {
          this.#head = position;
        },
        ended: () => {
          this.#begun = undefined;
          this.#talking.clear();
        },
      })
      .catch((error: unknown) => {
        this.#begun = undefined;
        throw error;
      });
    return this.#begun;
  }

  #take(item: Item): void {
    if (item.kind === 'fact') {
      this.#head = item.entry.position;
      return;
    }
    const { signal } = item;
    if (isSpeech(signal)) return;
    if (signal.type === 'participant.started-talking') this.#talking.set(signal.about.id, signal);
    else if (signal.type === 'participant.stopped-talking') this.#talking.delete(signal.about.id);
    for (const each of this.#open) each.signal(signal);
  }

  #forget(stream: EventStream): void {
    const { account } = stream.pass.actor;
    if (!this.#open.delete(stream)) return;
    const left = (this.#perAccount.get(account) ?? 1) - 1;
    if (left > 0) this.#perAccount.set(account, left);
    else this.#perAccount.delete(account);
    if (this.#open.size > 0) return;
    this.#beat?.cancel();
    this.#beat = undefined;
  }

  #nextBeat(): Alarm {
    const { clock } = this.#options;
    return clock.wake(clock.now() + BEAT, () => {
      this.#beat = this.#nextBeat();
      const lineOf = beatLines(isoMillis(clock.epoch()));
      for (const each of this.#open) {
        each.beat(this.#head, lineOf);
        void this.#check(each);
      }
    });
  }

  /** Whoever was disabled meanwhile is out; so is who is let in no longer by a clock that was set. */
  async #check(stream: EventStream): Promise<void> {
    const { expiresAt = Number.POSITIVE_INFINITY } = stream.pass;
    if (expiresAt <= this.#options.clock.epoch()) return stream.end(goodbyes.expired);
    const isGood = await stream.pass.isGood().catch(() => true);
    if (!isGood) await stream.end(goodbyes.disabled);
  }
}

/** One line per position: nearly all readers have the same. */
function beatLines(at: string): (position: number) => Line {
  const known = new Map<number, Line>();
  return (position) => {
    const line = known.get(position) ?? new Line({ type: 'heartbeat', position, at }, { position, isComment: true });
    known.set(position, line);
    return line;
  };
}
