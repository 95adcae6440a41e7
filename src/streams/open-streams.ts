import { type Alarm, Failure, newId } from '../base/index.ts';
import type { Following, Item } from '../bus/index.ts';
import type { Actor, CallId, ConferenceId, ConferenceView, LeaveReason, LegId, Participant } from '../conference/index.ts';
import type { EngineEvent } from '../media/index.ts';
import { type End, endOf, ends } from './ends.ts';
import { directionOf, type OpenedStream, type StreamCounts, type StreamRequest, type Streams, type StreamsOptions } from './options.ts';
import { roomRate } from './rates.ts';
import { Roster } from './roster.ts';
import { type Seat, Session } from './session.ts';

/** How often sound is looked for, ms. */
const PUMP = 10;
/** How long a place waits for its websocket, ms. */
const PATIENCE = 10_000;
const MOST_PER_CONFERENCE = 20;
const MOST_AHEAD = 60;

/** What a session holds where it is. */
interface Taken {
  readonly request: StreamRequest;
  readonly following: Following;
  /** Gives its place back, once. */
  readonly leave: () => void;
}

/** Opens the room of streams. */
export const openStreams = (options: StreamsOptions): Streams => new OpenStreams(options);

class OpenStreams implements Streams {
  readonly #options: StreamsOptions;
  readonly #sessions = new Map<CallId, Session>();
  /** Where each of them is, by its session. */
  readonly #seats = new Map<Session, Taken>();
  /** Streams by account and conference, those included that are just being opened. */
  readonly #places = new Map<string, number>();
  /** What the domain is still being told. */
  readonly #telling = new Set<Promise<void>>();
  #pump: Alarm | undefined;
  #opened = 0;
  #tooSlow = 0;
  #overflowedMs = 0;
  #closing: Promise<void> | undefined;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  async open(request: StreamRequest): Promise<OpenedStream> {
    if (this.#closing !== undefined) throw new Failure('unavailable', 'closed', 'the server is stopping');
    const leave = this.#enter(request);
    try {
      return await this.#seat(request, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  letGo(stream: CallId, reason: LeaveReason): void {
    this.#sessions.get(stream)?.end(endOf(reason));
  }

  moved(call: CallId, place: ConferenceId): void {
    for (const [session, { request }] of [...this.#seats]) {
      if (request.only === call && request.conference !== place) void this.#goAlong(session, place);
    }
  }

  over(call: CallId): void {
    for (const [session, { request }] of [...this.#seats]) if (request.only === call) session.end(ends.callEnded);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  engineEvent(event: EngineEvent): void {
    if (event.type !== 'thread-died') return;
    for (const leg of event.legs) this.#sessions.get(leg as string as CallId)?.end(ends.failed);
  }

  counts(): StreamCounts {
    const overflowedMs = [...this.#seats.keys()].reduce((sum, each) => sum + each.overflowedMs, this.#overflowedMs);
    return { streams: this.#seats.size, opened: this.#opened, tooSlow: this.#tooSlow, overflowedMs };
  }

  async #closeAll(): Promise<void> {
    for (const session of [...this.#seats.keys()]) session.end(ends.shutdown);
    await Promise.all([...this.#telling]);
    this.#pump?.cancel();
  }

  /** Takes one of the conference's places; what it gives leaves it, once. */
  #enter({ account, conference, wish }: StreamRequest): () => void {
    const key = `${account}/${conference}`;
    const most = wish.limit ?? this.#options.maxPerConference ?? MOST_PER_CONFERENCE;
    const taken = this.#places.get(key) ?? 0;
    if (taken >= most) {
      throw new Failure('limit', 'streams_full', 'the conference has as many streams as it may have', { details: { limit: most } });
    }
    this.#places.set(key, taken + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = (this.#places.get(key) ?? 1) - 1;
      if (left > 0) this.#places.set(key, left);
      else this.#places.delete(key);
    };
  }

  async #seat(request: StreamRequest, leave: () => void): Promise<OpenedStream> {
    const { clock, log, maxAhead = MOST_AHEAD } = this.#options;
    const { wish, only } = request;
    let session: Session | undefined;
    const early: Item[] = [];
    const { seat, following } = await this.#sit(request, (item) =>
      session === undefined ? void early.push(item) : this.#tell(session, item),
    );
    const onEnd = (end: End): void => {
      if (session !== undefined) this.#forget(session, end);
    };
    const now = (): number => clock.now();
    session = new Session({ ...seat, wish, only, mostMs: maxAhead * 1000, now, log, onEnd });
    this.#sessions.set(seat.call, session);
    this.#seats.set(session, { request, following, leave });
    this.#opened += 1;
    for (const item of early) this.#tell(session, item);
    if (this.#closing !== undefined) session.end(ends.shutdown);
    this.#pump ??= this.#nextPump();
    return this.#opening(session);
  }

  /** Makes it a participant of the conference, or of the lobby, and follows that. */
  async #sit(request: StreamRequest, take: (item: Item) => void): Promise<{ readonly seat: Seat; readonly following: Following }> {
    const { clock, chance, engine } = this.#options;
    const { account, conference, wish } = request;
    const call = newId(chance, clock.epoch()) as CallId;
    // Silent until the plan names it; refused here when the machine has too much to do.
    const stream = engine.stream({
      leg: call as string as LegId,
      account,
      conference,
      apart: wish.hear === 'legs',
      rate: roomRate(wish.rate),
    });
    let following: Following | undefined;
    try {
      following = await this.#options.follow({ account, conference, take });
      const view = await this.#ask(request, call);
      return { seat: { call, stream, self: selfIn(view, call), roster: new Roster(view.conference) }, following };
    } catch (error) {
      following?.close();
      stream.close();
      throw error;
    }
  }

  /** The call that it is there for is at another place: it takes a seat there, and leaves the one before. */
  async #goAlong(session: Session, conference: ConferenceId): Promise<void> {
    const before = this.#seats.get(session);
    if (before === undefined) return;
    const request = { ...before.request, conference };
    const old = session.call;
    // What becomes of the place before is not its affair any more.
    this.#sessions.delete(old);
    before.following.close();
    this.#seats.set(session, { ...before, request });
    try {
      const { seat, following } = await this.#sit(request, (item) => this.#tell(session, item));
      const now = this.#seats.get(session);
      if (now?.request !== request) {
        // It has ended, or gone on, meanwhile.
        following.close();
        seat.stream.close();
        this.#tellClosed(request, seat.call, 'hung-up');
        return;
      }
      session.sit(seat);
      this.#sessions.set(seat.call, session);
      this.#seats.set(session, { ...now, following });
    } catch (error) {
      if (!(error instanceof Failure)) this.#options.log.error('a stream could not go along with its call', { error });
      if (this.#seats.get(session)?.request === request) session.end(ends.callEnded);
    }
    this.#tellClosed(before.request, old, 'hung-up');
  }

  #opening(session: Session): OpenedStream {
    const { clock } = this.#options;
    const patience = clock.wake(clock.now() + PATIENCE, () => session.end(ends.stopped));
    return {
      take: (socket) => {
        patience.cancel();
        session.take(socket);
      },
      drop: () => {
        patience.cancel();
        session.end(ends.stopped);
      },
    };
  }

  async #ask({ account, conference, wish, only }: StreamRequest, call: CallId): Promise<ConferenceView> {
    const { name, role, muted, deaf } = wish;
    const { view } = await this.#options.execute(
      'stream.open',
      {
        conference,
        call,
        name,
        role,
        direction: directionOf(wish),
        ...(muted === undefined ? {} : { muted }),
        ...(deaf === undefined ? {} : { deaf }),
        ...(only === undefined ? {} : { only }),
      },
      actorOf(account),
    );
    return view;
  }

  #tell(session: Session, item: Item): void {
    if (item.kind === 'signal') session.signal(item.signal);
    else if (item.entry.fact.type !== 'call.recorded') session.fact(item.entry.fact);
  }

  #forget(session: Session, { reason, leaves }: End): void {
    const taken = this.#seats.get(session);
    this.#seats.delete(session);
    this.#sessions.delete(session.call);
    this.#overflowedMs += session.overflowedMs;
    if (reason === ends.tooSlow.reason) this.#tooSlow += 1;
    if (taken === undefined) return;
    taken.following.close();
    taken.leave();
    this.#tellClosed(taken.request, session.call, leaves);
  }

  /** Also when the domain removed it: then it knows nothing of it any more, and nothing happens. */
  #tellClosed({ account, conference }: StreamRequest, call: CallId, reason: LeaveReason): void {
    const told = this.#options.execute('stream.closed', { conference, call, reason }, actorOf(account)).then(
      () => {},
      (error: unknown) => this.#options.log.error('the end of a stream could not be told', { account, conference, error }),
    );
    this.#telling.add(told);
    void told.then(() => this.#telling.delete(told));
  }

  #nextPump(): Alarm {
    const { clock } = this.#options;
    return clock.wake(clock.now() + PUMP, () => {
      const now = clock.now();
      for (const session of [...this.#seats.keys()]) session.pump(now);
      this.#pump = this.#seats.size > 0 ? this.#nextPump() : undefined;
    });
  }
}

const actorOf = (account: Actor['account']): Actor => ({ account, kind: 'api' });

function selfIn({ conference }: ConferenceView, call: CallId): Participant {
  const self = conference.room?.participants.find((each) => each.call.id === call);
  if (self === undefined) throw new Failure('conflict', 'call_gone', 'the stream was removed before it began');
  return self;
}
