import { type Alarm, type Clock, isoMillis } from '../../../base/index.ts';
import type { Bus, Following, Item } from '../../../bus/index.ts';
import type { ConferenceId, ConferenceView, Entry, Execute, Fact, ParticipantId } from '../../../conference/index.ts';
import { conference as conferenceBody, idOf } from '../encode.ts';
import { problemOf } from '../problem.ts';
import type { Pass } from '../recognise.ts';
import type { ToldSignal } from './event-types.ts';
import { type Goodbye, goodbyeOf, goodbyes } from './goodbye.ts';
import { Line, type Lines } from './line.ts';
import type { Outlet } from './outlet.ts';
import { Sight } from './sight.ts';
import type { Wish } from './wish.ts';

/** Above so many bytes nobody is told of a start any more, and so of no stop. */
const SOFT = 262_144;
/** Above so many bytes the journal keeps for the reader what he has not taken. */
const HARD = 1_048_576;
/** Below so many bytes he gets more. */
const LOW = 65_536;
/** How long he may take for that, ms. */
const PATIENCE = 30_000;
/** How often it is looked, ms. */
const LOOK = 20;
/** Facts that wait while a snapshot is written. */
const HELD = 5000;

/** What a stream needs from those who keep all of them. */
export interface StreamNeeds {
  readonly follow: Bus['follow'];
  readonly execute: Execute;
  readonly clock: Clock;
  readonly lines: Lines;
  /** Who talks now and was told to: of every account. */
  readonly talking: ReadonlyMap<ParticipantId, ToldSignal>;
  readonly gone: (stream: EventStream) => void;
}

/** One stream. */
export interface StreamOptions {
  readonly outlet: Outlet;
  readonly pass: Pass;
  readonly wish: Wish;
  /** Which one is meant by `wish.conference`. */
  readonly conference: ConferenceId | undefined;
}

const isStart = ({ type }: ToldSignal): boolean => type === 'participant.started-talking';

/**
 * One reader of events: a snapshot, what lies between, then what happens. What he has not taken yet is bounded: whoever is far behind gets no signals,
 * then nothing until he has taken it, and the rest from the journal; whoever takes nothing for half a minute is cut off.
 */
export class EventStream {
  readonly pass: Pass;
  readonly #needs: StreamNeeds;
  readonly #options: StreamOptions;
  /** Everything up to this position has been told, or was not asked for. */
  #told = 0;
  /** Facts of these conferences up to these numbers are in the snapshot. */
  readonly #shown = new Map<ConferenceId, number>();
  /** Whoever was told to talk, and must be told to stop. */
  readonly #talking = new Map<ParticipantId, ToldSignal>();
  #standing: 'starting' | 'behind' | 'live' | 'ended' = 'starting';
  #held: Entry[] = [];
  #following: Following | undefined;
  /** Counts the times it began to follow: what an older one still tells is not taken. */
  #turn = 0;
  #expiry: Alarm | undefined;
  #wasLive = false;
  /** Of who is no admin. */
  readonly #sight: Sight | undefined;

  constructor(needs: StreamNeeds, options: StreamOptions) {
    this.#needs = needs;
    this.#options = options;
    this.pass = options.pass;
    const { actor } = options.pass;
    this.#sight = actor.user === undefined ? undefined : new Sight(needs.execute, actor);
  }

  /** Begins. Rejects, before anything was said, when it cannot. */
  async start(): Promise<void> {
    const { wish, pass, outlet } = this.#options;
    outlet.onGone(() => this.#stop());
    this.#armExpiry(pass.expiresAt);
    try {
      await this.#sight?.begin();
      if (wish.after !== undefined) await this.#replay(wish.after);
      else await this.#fromNow();
    } catch (error) {
      this.#stop();
      throw error;
    }
  }

  /** Somebody somewhere starts or stops talking. */
  signal(signal: ToldSignal): void {
    const { pass, wish, conference } = this.#options;
    if (this.#standing !== 'live' || !wish.signals || signal.account !== pass.actor.account) return;
    if (this.#sight?.has(signal.conference) === false) return;
    if (conference === undefined || conference === signal.conference) this.#tellSignal(signal);
  }

  /** Shows that it lives, and how far it is: `head` is the position up to which all was told to those who are live. */
  beat(head: number, lineOf: (position: number) => Line): void {
    if (this.#standing === 'live') this.#told = Math.max(this.#told, head);
    if (this.#standing !== 'starting') this.#send(lineOf(this.#told));
  }

  /** Says why it ends, and ends; resolves when nothing of it is left. */
  async end(goodbye: Goodbye): Promise<void> {
    if (this.#isOver) return;
    this.#stop();
    const body = { type: 'goodbye', ...goodbye.body, position: this.#told, at: isoMillis(this.#needs.clock.epoch()) };
    // Before the first event there is no position to come back to.
    await this.#options.outlet.end(new Line(body, this.#told > 0 ? { position: this.#told } : {}), goodbye.code, goodbye.body.reason);
  }

  get #isOver(): boolean {
    return this.#standing === 'ended';
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#standing = 'ended';
    this.#following?.close();
    this.#expiry?.cancel();
    this.#held = [];
    this.#talking.clear();
    this.#needs.gone(this);
  }

  /** The clocks of people may be set; the one that wakes us runs evenly, so it is looked again. */
  #armExpiry(expiresAt: number | undefined): void {
    const { clock } = this.#needs;
    if (expiresAt === undefined) return;
    const left = expiresAt - clock.epoch();
    if (left <= 0) void this.end(goodbyes.expired);
    else this.#expiry = clock.wake(clock.now() + left, () => this.#armExpiry(expiresAt));
  }

  /** First what has happened since. */
  async #replay(after: number): Promise<void> {
    this.#told = after;
    if (this.#options.wish.snapshot) this.#show(await this.#views(), after);
    await this.#follow(after);
  }

  /** What happens while the present is looked at waits. */
  async #fromNow(): Promise<void> {
    await this.#follow(undefined);
    const views = this.#options.wish.snapshot ? await this.#views() : [];
    if (this.#isOver) return;
    this.#show(views, this.#told);
    if (this.#held.length >= HELD) return this.#comeBack();
    const held = this.#held;
    this.#held = [];
    this.#standing = 'behind';
    for (const entry of held) this.#tell(entry);
    this.#becomeLive();
  }

  async #follow(after: number | undefined): Promise<void> {
    const { account } = this.#options.pass.actor;
    const { conference } = this.#options;
    if (this.#isOver) return;
    if (after !== undefined) this.#standing = 'behind';
    let caughtUp = (): void => {};
    const reached = new Promise<void>((resolve) => {
      caughtUp = resolve;
    });
    const turn = ++this.#turn;
    const following = await this.#needs.follow({
      account,
      ...(conference === undefined ? {} : { conference }),
      ...(after === undefined ? {} : { after }),
      signals: false,
      take: (item) => this.#take(turn, item),
      caughtUp: (position) => {
        this.#told = Math.max(this.#told, position);
        caughtUp();
      },
      pace: () => this.#taken(),
      ended: (why) => void this.end(why === undefined ? goodbyes.failed : goodbyeOf(problemOf(why))),
    });
    if (this.#isOver) return following.close();
    this.#following = following;
    if (after === undefined) await reached;
    // What came while the last stretch was read follows at once, and after it who talks.
    else void reached.then(() => this.#turn === turn && this.#becomeLive());
  }

  #take(turn: number, item: Item): void {
    if (item.kind === 'signal' || this.#isOver || turn !== this.#turn) return;
    if (this.#standing !== 'starting') this.#tell(item.entry);
    else if (this.#held.length < HELD) this.#held.push(item.entry);
  }

  #tell(entry: Entry): void {
    const { fact, position } = entry;
    const { pass, wish } = this.#options;
    if (this.#isOver || fact.account !== pass.actor.account || position <= this.#told) return;
    this.#told = position;
    if (this.#sight !== undefined && !this.#mayHear(this.#sight, fact)) return;
    if (fact.type !== 'call.recorded') {
      if (fact.sequence <= (this.#shown.get(fact.conference) ?? 0)) return;
      this.#hush(fact);
    }
    if (wish.types === undefined || wish.types.has(fact.type)) this.#send(this.#needs.lines.ofEntry(entry));
    if (this.#options.outlet.buffered > HARD && this.#standing === 'live') this.#fallBack();
  }

  /** Records of calls are for admins. What appears is shown as it is; what went before is in there. */
  #mayHear(sight: Sight, fact: Entry['fact']): boolean {
    if (fact.type === 'call.recorded') return false;
    const { conference } = fact;
    if (sight.turnsWith(fact)) {
      const looked = sight.look(conference).then((view) => view !== undefined && !this.#isOver && this.#show([view], this.#told));
      looked.catch((error: unknown) => void this.end(goodbyeOf(problemOf(error))));
    }
    return sight.has(conference);
  }

  #send(line: Line): void {
    if (!this.#isOver) this.#options.outlet.send(line);
  }

  #tellSignal(signal: ToldSignal): void {
    const { outlet, wish } = this.#options;
    if (signal.type === 'transcript.interim') {
      if (outlet.buffered > SOFT) return;
    } else if (isStart(signal)) {
      if (this.#talking.has(signal.about.id) || outlet.buffered > SOFT) return;
      this.#talking.set(signal.about.id, signal);
    } else if (!this.#talking.delete(signal.about.id)) {
      return;
    }
    if (wish.types === undefined || wish.types.has(signal.type)) this.#send(this.#needs.lines.ofSignal(signal));
  }

  /** The signal that belongs before such a fact may have been missed while the reader was behind. */
  #hush(fact: Fact): void {
    if (fact.type !== 'participant.muted' && fact.type !== 'participant.left') return;
    const started = this.#talking.get(fact.participant);
    if (started !== undefined) this.#tellSignal(stopped(started, fact.at));
  }

  /** From now on signals are told too; those who talk now, and those who do so no longer, first. */
  #becomeLive(): void {
    const { clock, talking } = this.#needs;
    if (this.#standing !== 'behind') return;
    this.#standing = 'live';
    for (const [id, started] of this.#talking) if (!talking.has(id)) this.#tellSignal(stopped(started, clock.epoch()));
    for (const started of talking.values()) this.signal(started);
    if (this.#wasLive) return;
    this.#wasLive = true;
    this.#send(new Line({ type: 'live', position: this.#told, at: isoMillis(clock.epoch()) }, { position: this.#told }));
  }

  async #views(): Promise<readonly ConferenceView[]> {
    const { execute } = this.#needs;
    const { conference, pass } = this.#options;
    if (conference === undefined) return execute('conference.running', {}, pass.actor);
    // One that was deleted has no present.
    return execute('conference.read', { conference }, pass.actor).then(
      (view) => [view],
      () => [],
    );
  }

  #show(views: readonly ConferenceView[], position: number): void {
    for (const view of views) {
      const { id, account, sequence, room } = view.conference;
      // With an older `after` every fact is told, also what is in here.
      if (this.#options.wish.after === undefined) this.#shown.set(id, sequence);
      const state = conferenceBody(view, (each) => {
        const started = this.#needs.talking.get(each.id);
        if (started !== undefined && this.#options.wish.signals) this.#talking.set(each.id, started);
        return started !== undefined;
      });
      const instance = room === undefined ? {} : { instance: room.instance };
      const body = { type: 'snapshot', position, sequence, conference: idOf(view), account, at: isoMillis(view.at), ...instance, state };
      this.#send(new Line(body, { position }));
    }
  }

  /** The reader takes less than comes. */
  #fallBack(): void {
    this.#following?.close();
    this.#turn += 1;
    this.#standing = 'behind';
    void this.#taken().then(() => this.#comeBack());
  }

  async #comeBack(): Promise<void> {
    if (this.#isOver) return;
    try {
      this.#following?.close();
      await this.#follow(this.#told);
    } catch (error) {
      await this.end(goodbyeOf(problemOf(error)));
    }
  }

  /** Resolves when the reader has taken nearly everything, or is given up. */
  async #taken(): Promise<void> {
    const { clock } = this.#needs;
    const until = clock.now() + PATIENCE;
    while (!this.#isOver && this.#options.outlet.buffered > LOW) {
      if (clock.now() >= until) return void this.end(goodbyes.tooSlow);
      await new Promise<void>((resolve) => void clock.wake(clock.now() + LOOK, resolve));
    }
  }
}

const stopped = (started: ToldSignal, at: number): ToldSignal => ({ ...started, type: 'participant.stopped-talking', at, energy: 0 });
