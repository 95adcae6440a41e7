import { ComfortNoise, Mixer, type MixPlan, type Rate } from '../../audio/index.ts';
import { FRAMES, roomRateFor } from './codec.ts';
import type { Counters } from './counters.ts';
import { Ear, silence } from './ear.ts';
import type { Effort } from './effort.ts';
import type { FeedSource } from './feed-source.ts';
import { type FormerMix, heardFrom, sharedBefore } from './former-mix.ts';
import type { Leg } from './leg.ts';
import type { Signal, ThreadCodec, ThreadPlan } from './messages.ts';
import { RECORDER, recordersEars } from './recorded.ts';
import type { RoomTap, Speaker } from './room-tap.ts';
import { ownThresholds } from './thresholds.ts';

/** Rates at which rooms are mixed. */
const MIX_RATES: readonly Rate[] = [8000, 16_000, 48_000];
/** What a mixer writes; one for each rate, because their length counts. */
const mixes = new Map(MIX_RATES.map((rate) => [rate, new Int16Array(rate / FRAMES)]));
const nobody: MixPlan = { speakers: [], listeners: [] };

/** The legs that are served together, and who of them hears whom. */
export class Room {
  readonly name: string;
  /** Which quarter of the 20 ms is this room's. */
  readonly phase: number;
  readonly #effort: Effort;
  plan: ThreadPlan | undefined;
  #rate: Rate = 8000;
  #mixer = new Mixer(160, 16);
  #mixed = mixes.get(8000)!;
  #hasShared = false;
  /** What is heard while nobody talks; null: silence. */
  #noise: ComfortNoise | null = null;
  #former: FormerMix | null = null;
  #formerFrames: Int16Array[] = [];
  #tick = 0;
  /** Ticks that were never served, because the machine stood still. */
  #skipped = 0;
  #taps: RoomTap[] = [];
  /** Speakers without a socket; their slots come after those of the legs. */
  #feeds: FeedSource[] = [];
  #speakers: Speaker[] = [];
  /** Legs, plan or codecs are not what the lists below were made of. Many may come and go between two ticks, and the lists are made once. */
  #isStale = false;
  #legs: Leg[] = [];
  #frames: Int16Array[] = [];
  #active = new Uint8Array(0);
  /** Legs by their place in the plan's list of listeners. */
  #listeners: Leg[] = [];
  /** Those of them who hear what most hear in this tick. */
  #isShared = new Uint8Array(0);
  #deaf: Leg[] = [];
  #mix = nobody;
  /** What most listeners share, by signature of the codec. */
  readonly #ears = new Map<string, Ear>();
  /** What those get who hear nobody. */
  readonly #silent = new Map<string, Ear>();

  constructor(name: string, phase: number, effort: Effort) {
    this.name = name;
    this.phase = phase;
    this.#effort = effort;
  }

  get size(): number {
    return this.#legs.length;
  }

  get isEmpty(): boolean {
    return this.#legs.length === 0 && this.plan === undefined && this.#taps.length === 0 && this.#feeds.length === 0;
  }

  add(leg: Leg): void {
    // It was not here at a rate that the room is leaving.
    leg.voice.fit(this.#rate);
    leg.voice.settle();
    if (leg.own !== null) leg.own = leg.own.at(this.#rate);
    this.#legs.push(leg);
    this.#isStale = true;
  }

  /** A leg that comes from another thread. It hears by an ear of its own at first, so that its sound begins where that of the other thread ended. */
  receive(leg: Leg, end: number): void {
    if (leg.codec !== null) {
      leg.own = this.#newEar(leg.codec);
      leg.own.join(end);
      leg.isApart = true;
    }
    leg.voice.enter();
    this.add(leg);
  }

  /** It will be in another room at its next tick, and is not to notice: from now on it hears by an ear of its own that it takes along. */
  release(leg: Leg): void {
    const { ear } = leg;
    if (!leg.isApart && ear?.fedAt === this.#tick) {
      leg.own ??= this.#newEar(leg.codec!);
      leg.own.follow(ear);
      leg.isApart = true;
    }
    leg.own?.join();
    leg.ear = null;
    leg.shared = null;
    this.remove(leg);
  }

  remove(leg: Leg): void {
    this.#legs = this.#legs.filter((each) => each !== leg);
    this.#isStale = true;
  }

  /** A leg agreed on another codec. */
  refit(): void {
    this.#isStale = true;
  }

  hear(plan: ThreadPlan): void {
    this.plan = plan.sources.length === 0 && plan.listeners.length === 0 ? undefined : plan;
    this.#whisper(this.plan?.comfortNoise);
    this.#isStale = true;
  }

  /** Somebody listens without being in it. */
  tap(tap: RoomTap): void {
    this.#taps.push(tap);
    this.#compile();
  }

  untap(id: number): void {
    this.#taps = this.#taps.filter((each) => each.id !== id);
  }

  /** Somebody speaks without being in it. */
  feed(feed: FeedSource): void {
    feed.fit(this.#rate, false);
    feed.settle();
    this.#feeds.push(feed);
    this.#compile();
  }

  /** Gives who it was. */
  unfeed(number: number): FeedSource | undefined {
    const gone = this.#feeds.find((each) => each.number === number);
    if (gone === undefined) return undefined;
    gone.close();
    this.#feeds = this.#feeds.filter((each) => each !== gone);
    this.#compile();
    return gone;
  }

  /** So many ticks were never served; the room's clock goes on. */
  skip(frames: number): void {
    this.#skipped += frames;
  }

  /** Serves 20 ms: takes what everybody says and lays out what everybody hears as `leg.due`. */
  tick(now: number, signals: Signal[], counters: Counters): void {
    if (this.#isStale) this.#compile();
    const legs = this.#legs;
    for (let i = 0; i < legs.length; i++) this.#active[i] = legs[i]!.take(now, signals) ? 1 : 0;
    for (let i = 0; i < this.#feeds.length; i++) this.#active[legs.length + i] = this.#feeds[i]!.take(now, signals) ? 1 : 0;
    this.#hasShared = false;
    this.#tick += 1;
    this.#mixer.begin(this.#mix, this.#frames, this.#active);
    this.#former?.mixer.begin(this.#mix, this.#formerFrames, this.#active);
    if (this.#taps.length > 0) this.#offer(now);
    // Who gets an ear of his own goes on from the one of many, so all do before any ear is fed.
    for (let i = 0; i < this.#listeners.length; i++) this.#turn(this.#listeners[i]!, i);
    for (let i = 0; i < this.#deaf.length; i++) this.#turnDeaf(this.#deaf[i]!);
    for (let i = 0; i < this.#listeners.length; i++) this.#serve(this.#listeners[i]!, i, counters);
    for (let i = 0; i < this.#deaf.length; i++) if (this.#deaf[i]!.isReached) this.#serveFrom(this.#deaf[i]!, counters);
    if (this.#former !== null) this.#settle();
  }

  /** What this tick sounds like, to those who listen without being in it. */
  #offer(now: number): void {
    const index = this.#tick - 1 + this.#skipped;
    for (let i = 0; i < this.#taps.length; i++) {
      const tap = this.#taps[i]!;
      tap.offer(index, now, this.#active, this.#isSilentFor(tap) ? null : this.#mixOf(tap));
    }
  }

  /** What most hear, or what a stream does; null: it hears nothing, or not in one sum. */
  #mixOf(tap: RoomTap): Int16Array | null {
    if (tap.wantsMix && tap.listener < 0) return this.#sharedMix();
    if (tap.listener < 0 || !tap.isOne) return null;
    this.#mixer.mixFor(tap.listener, this.#mixed);
    this.#hasShared = false;
    return this.#mixed;
  }

  /** Nothing is to be heard by whoever reads this tap. */
  #isSilentFor(tap: RoomTap): boolean {
    return tap.listener < 0 ? this.#mixer.silent : this.#mixer.isSilentFor(tap.listener);
  }

  /** Says by which ear it is to hear. */
  #turn(leg: Leg, listener: number): void {
    if (leg.shared === null || !leg.isReached) return;
    const isShared = this.#mixer.isShared(listener);
    this.#isShared[listener] = isShared ? 1 : 0;
    if (isShared) this.#turnTo(leg, leg.shared);
    else this.#part(leg);
  }

  /** Nothing is for its ears: it is sent silence, as all like it. */
  #turnDeaf(leg: Leg): void {
    if (leg.codec === null || !leg.isReached) return;
    const ear = this.#silent.get(leg.signature) ?? this.#newEar(leg.codec);
    this.#silent.set(leg.signature, ear);
    this.#turnTo(leg, ear);
  }

  #turnTo(leg: Leg, ear: Ear): void {
    if (leg.ear === ear) return;
    if (leg.ear !== null && ear.settles > 0) this.#part(leg);
    leg.ear = ear;
    leg.alike = 0;
  }

  /** From now on it has an ear of its own, which goes on where the one of many is. */
  #part(leg: Leg): void {
    if (leg.isApart) return;
    leg.own ??= this.#newEar(leg.codec!);
    if (leg.ear !== null && leg.ear.fedAt === this.#tick - 1) leg.own.follow(leg.ear);
    leg.isApart = true;
  }

  #serve(leg: Leg, listener: number, counters: Counters): void {
    if (leg.shared === null || !leg.isReached) return;
    if (this.#isShared[listener] === 1) this.#serveFrom(leg, counters);
    else this.#serveApart(leg, listener, counters);
  }

  /** It hears what nobody else does. */
  #serveApart(leg: Leg, listener: number, counters: Counters): void {
    leg.alike = 0;
    this.#mixer.mixFor(listener, this.#mixed);
    this.#hasShared = false;
    const former = this.#former;
    former?.mixer.mixFor(listener, former.mixed);
    this.#feed(leg.own!, this.#mixed, former === null ? null : former.mixed, counters);
    leg.due = leg.own;
  }

  /**
   * It hears what others do, from an ear of many. The far end's decoder must not notice that it will hear from another encoder: until both
   * encoders have come to agree, it has one of its own, which goes on from the one before.
   */
  #serveFrom(leg: Leg, counters: Counters): void {
    const { ear } = leg;
    if (ear === null) return;
    if (leg.isApart && (leg.alike < ear.settles || leg.own!.isJoining)) {
      leg.alike += 1;
      this.#feedFrom(leg.own!, ear === leg.shared, counters);
      leg.due = leg.own;
      return;
    }
    if (leg.isApart && ear.fedAt < this.#tick - 1) ear.follow(leg.own!);
    leg.isApart = false;
    if (ear.fedAt !== this.#tick) this.#feedFrom(ear, ear === leg.shared, counters);
    leg.due = ear;
  }

  /** With what most hear, or with silence. */
  #feedFrom(ear: Ear, isSound: boolean, counters: Counters): void {
    this.#feed(ear, isSound ? this.#sharedMix() : silence, this.#former === null ? null : sharedBefore(this.#former, isSound), counters);
  }

  // Positional, because it runs for every frame.
  #feed(ear: Ear, samples: Int16Array, before: Int16Array | null, counters: Counters): void {
    ear.feed(samples, this.#tick, before);
    counters.encoded += 1;
  }

  #sharedMix(): Int16Array {
    const isSilent = this.#mixer.silent;
    if (isSilent && this.#noise === null) return silence;
    if (!this.#hasShared && isSilent) this.#noise!.fill(this.#mixed, this.#mixed.length);
    else if (!this.#hasShared) this.#mixer.shared(this.#mixed);
    this.#hasShared = true;
    return this.#mixed;
  }

  /** dBov of the noise while nobody talks. */
  #whisper(level: number | undefined): void {
    this.#noise = level === undefined ? null : (this.#noise ?? new ComfortNoise());
    if (level !== undefined) this.#noise?.learn(Uint8Array.of(-level), 0, 1);
  }

  /** Turns names into slots, whenever legs or the plan change; names that are not here yet wait for their leg. */
  #compile(): void {
    this.#isStale = false;
    this.#fit();
    this.#speakers = [...this.#legs, ...this.#feeds];
    const slots = new Map(this.#speakers.map(({ id }, slot) => [id, slot]));
    // A stream is a source by its own name and, as a listener, by that of its leg.
    for (const [index, { leg }] of this.#feeds.entries()) if (leg !== null) slots.set(leg, this.#legs.length + index);
    const known = <T extends { readonly leg: string }>(each: T): { each: T; slot: number }[] => {
      const slot = slots.get(each.leg);
      return slot === undefined ? [] : [{ each, slot }];
    };
    const gains = (list: readonly { leg: string; gain: number }[]): { slot: number; gain: number }[] =>
      list.flatMap(known).map(({ each, slot }) => ({ slot, gain: each.gain }));
    const all = (this.plan?.listeners ?? []).flatMap(known);
    const listeners = all.filter(({ slot }) => slot < this.#legs.length);
    const ears = [...listeners, ...all.filter(({ slot }) => slot >= this.#legs.length)];
    this.#mix = {
      speakers: (this.plan?.sources ?? []).flatMap(known).map(({ each: { gain, aside = false }, slot }) => ({ slot, gain, aside })),
      listeners: [
        ...ears.map(({ each: { gains: own, gain = 1, echo = false }, slot }) => ({ slot, gains: gains(own), gain, echo })),
        ...recordersEars(this.plan, slots),
      ],
    };
    this.#listeners = listeners.map(({ slot }) => this.#legs[slot]!);
    this.#isShared = new Uint8Array(this.#listeners.length);
    const hearing = new Set(this.#listeners);
    this.#deaf = this.#legs.filter((leg) => !hearing.has(leg));
    this.#frames = this.#speakers.map(({ voice }) => voice.frame);
    const { nothing } = this.#former ?? {};
    this.#formerFrames =
      nothing === undefined ? [] : this.#speakers.map(({ voice: { former } }) => (former?.length === nothing.length ? former : nothing));
    this.#active = new Uint8Array(this.#speakers.length);
    for (const tap of this.#taps) {
      const own = tap.ear === null ? RECORDER : slots.get(tap.ear);
      tap.listener = this.#mix.listeners.findIndex(({ slot }) => slot === own);
      tap.meet(this.#speakers, heardFrom(this.#mix, tap, own), this.#rate);
    }
  }

  /** The room's rate is the highest that any leg makes use of, within what the plan allows; every leg gets its ear. */
  #fit(): void {
    const most = this.plan?.rate ?? 48_000;
    const top = MIX_RATES.find((each) => each >= most) ?? 48_000;
    const wishes = [
      ...this.#legs.map(({ codec }) => (codec === null ? 8000 : roomRateFor(codec))),
      ...this.#feeds.map(({ wants }) => wants),
    ];
    const rate = wishes.reduce<Rate>((highest, wanted) => (wanted > highest && wanted <= top ? wanted : highest), 8000);
    if (rate !== this.#rate) this.#change(rate);
    const wanted = new Set<string>();
    const thresholds = ownThresholds(this.plan);
    const isHeard = this.#legs.some(({ codec }) => codec !== null);
    for (const feed of this.#feeds) feed.fit(rate, isHeard);
    for (const leg of this.#legs) {
      leg.voice.fit(rate);
      leg.voice.limit(most);
      leg.voice.level(this.plan?.levels ?? true);
      leg.voice.threshold(thresholds.get(leg.id) ?? this.plan?.energyLevel);
      leg.shared = leg.codec === null ? null : this.#earFor(leg);
      wanted.add(leg.signature);
    }
    for (const ears of [this.#ears, this.#silent]) {
      for (const [signature, ear] of ears) {
        if (wanted.has(signature)) continue;
        ear.close();
        ears.delete(signature);
      }
    }
  }

  #change(rate: Rate): void {
    const samples = this.#mixed.length;
    this.#former ??= { mixer: this.#mixer, mixed: new Int16Array(samples), nothing: new Int16Array(samples) };
    this.#rate = rate;
    this.#mixer = new Mixer(rate / FRAMES, this.#legs.length);
    this.#mixed = mixes.get(rate)!;
    const moved = new Map<Ear, Ear>();
    for (const ears of [this.#ears, this.#silent]) {
      for (const [signature, ear] of ears) {
        moved.set(ear, ear.at(rate));
        ears.set(signature, moved.get(ear)!);
      }
    }
    for (const leg of this.#legs) {
      leg.own = leg.own?.at(rate) ?? null;
      leg.ear = leg.ear === null ? null : (moved.get(leg.ear) ?? null);
    }
  }

  /** The rate has changed for all who hear. */
  #settle(): void {
    this.#former = null;
    this.#formerFrames = [];
    for (let i = 0; i < this.#speakers.length; i++) this.#speakers[i]!.voice.settle();
  }

  #newEar(codec: ThreadCodec): Ear {
    return new Ear(codec, { roomRate: this.#rate, effort: this.#effort });
  }

  #earFor(leg: Leg): Ear {
    const ear = this.#ears.get(leg.signature) ?? this.#newEar(leg.codec!);
    this.#ears.set(leg.signature, ear);
    return ear;
  }
}
