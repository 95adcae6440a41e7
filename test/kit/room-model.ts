/**
 * A room as `rulings.md` and issue 6 say it is, written a second time: it imports nothing of what it is compared with. Whoever drives it tells it what was asked of
 * the real one; it says whether that is refused, and who hears whom and what afterwards.
 */

/** A step of people: those who come by themselves, those who are called, programs. */
export interface ModelCall {
  readonly id: string;
  readonly inbound: boolean;
  /** Present: a program, and which way its sound goes. */
  readonly stream?: 'in' | 'out' | 'both';
  /** Of a program: the one call for which it is there. */
  readonly only?: string;
}

/** How somebody was dialled. */
export interface ModelFlags {
  readonly muted?: boolean;
  readonly deaf?: boolean;
  readonly ghost?: boolean;
  readonly noMusic?: boolean;
  readonly joinExisting?: boolean;
}

export type ModelRole = 'member' | 'moderator';
type Reason = 'self' | 'moderator' | 'room' | 'hold';
type Verdict = 'done' | 'refused';

/** What somebody configured. */
export interface ModelSettings {
  readonly waitForModerator: boolean;
  readonly requireModerator: boolean;
  readonly graceMs: number;
  readonly waitingRoom: boolean;
  /** 0: for ever. */
  readonly longestWaitMs: number;
  /** 0: unlimited. */
  readonly most: number;
  readonly selfUnmute: boolean;
  readonly memberMuted: boolean;
  readonly memberDeaf: boolean;
  readonly moderatorMuted: boolean;
  readonly music: boolean;
  /** 0: as long as anybody is in. */
  readonly longestRunMs: number;
}

/** Somebody who takes part. */
export interface ModelPerson {
  readonly call: ModelCall;
  readonly number: number;
  role: ModelRole;
  readonly ghost: boolean;
  readonly noMusic: boolean;
  readonly mutes: Set<Reason>;
  deaf: boolean;
  gainIn: number;
  gainOut: number;
}

interface Waiter {
  readonly call: ModelCall;
  readonly role: ModelRole;
  readonly at: number;
  held: boolean;
}

interface Arrival {
  readonly call: ModelCall;
  readonly role: ModelRole;
  readonly flags?: ModelFlags;
}

interface Play {
  readonly id: string;
  /** A call, or all. */
  readonly to: string;
  readonly duck: number;
}

interface Relation {
  readonly one: string;
  readonly other: string;
  readonly kind: 'mute' | 'deaf';
}

/** One run of the room. */
interface ModelRun {
  muted: boolean;
  started: boolean;
  unattendedUntil: number | undefined;
  endsAt: number | undefined;
  /** How many may be in, as it was set for this run; 0: as it is configured. */
  most: number;
}

/** Whom a command means: a participant's number, everybody, everybody but moderators. */
export type ModelWhich = number | 'all' | 'all-but-moderators';

/** The model; see the heading. Its times are epoch ms. */
export class RoomModel {
  settings: ModelSettings;
  people: ModelPerson[] = [];
  waiters: Waiter[] = [];
  locked = false;
  /** Undefined: nobody is or comes in. */
  run: ModelRun | undefined;
  #arrivals: Arrival[] = [];
  #relations: Relation[] = [];
  #plays: Play[] = [];
  #nextNumber = 1;
  #now: number;
  /** Music that could not be played stays away until nobody is in need of any. */
  #isMusicBroken = false;
  #hadLeader = false;

  constructor(settings: ModelSettings, now: number) {
    this.settings = settings;
    this.#now = now;
  }

  // ——— what is asked of it ———

  /** Does what `act` does, and then what follows from it. */
  take(now: number, act: (model: this) => Verdict): Verdict {
    this.#now = now;
    const { run } = this;
    this.#hadLeader = run !== undefined && this.#hasLeader();
    const verdict = act(this);
    if (verdict === 'done') this.#follow(run);
    return verdict;
  }

  arrive(call: ModelCall, role: ModelRole): Verdict {
    if (this.#isKnown(call.id) || (call.inbound && this.locked)) return 'refused';
    if ((call.inbound && this.settings.waitingRoom && role !== 'moderator') || this.#isFull()) return 'refused';
    this.#open();
    this.#arrivals.push({ call, role });
    return 'done';
  }

  dial(call: ModelCall, role: ModelRole, flags: ModelFlags): Verdict {
    if (this.#isKnown(call.id) || (flags.joinExisting === true && this.run === undefined)) return 'refused';
    if (flags.ghost !== true && this.#isFull()) return 'refused';
    this.#open();
    this.#arrivals.push({ call, role, flags });
    return 'done';
  }

  answer(id: string): Verdict {
    const arrival = this.#arrivals.find(({ call }) => call.id === id);
    if (arrival === undefined) return this.person(id) === undefined ? 'refused' : 'done';
    this.#arrivals = this.#arrivals.filter((each) => each !== arrival);
    this.#join(arrival.call, arrival.role, { ...(arrival.flags === undefined ? {} : { flags: arrival.flags }) });
    return 'done';
  }

  enter(call: ModelCall, role: ModelRole, held: boolean): Verdict {
    if (this.#isKnown(call.id) || (call.inbound && this.locked)) return 'refused';
    if (call.inbound && this.settings.waitingRoom && role !== 'moderator') {
      this.#open();
      this.waiters.push({ call, role, at: this.#now, held });
      return 'done';
    }
    if (this.#isFull()) return 'refused';
    this.#open();
    this.#join(call, role, { held });
    return 'done';
  }

  stream(call: ModelCall, role: ModelRole, { muted, deaf }: { muted?: boolean; deaf?: boolean }): Verdict {
    if (call.only !== undefined && this.person(call.only) === undefined) return 'refused';
    if (this.#isKnown(call.id) || this.#isFull()) return 'refused';
    this.#open();
    this.#join(call, role, { ...(muted === undefined ? {} : { muted }), ...(deaf === undefined ? {} : { deaf }) });
    return 'done';
  }

  end(id: string): Verdict {
    this.#leave([id]);
    return 'done';
  }

  hold(id: string, held: boolean): Verdict {
    const one = this.person(id);
    const outside = this.waiters.find(({ call }) => call.id === id);
    if (one !== undefined) toggle(one.mutes, 'hold', held);
    else if (outside !== undefined) outside.held = held;
    else return 'refused';
    return 'done';
  }

  mute(which: ModelWhich, muted: boolean, by: 'self' | 'moderator'): Verdict {
    return this.#each(which, ({ mutes }) => {
      if (muted) mutes.add(by);
      else for (const reason of this.#lifted(by)) mutes.delete(reason);
    });
  }

  muteRoom(muted: boolean): Verdict {
    if (this.run === undefined) return muted ? 'refused' : 'done';
    this.run.muted = muted;
    for (const each of this.people) if (each.role === 'member') toggle(each.mutes, 'room', muted);
    return 'done';
  }

  deafen(which: ModelWhich, deaf: boolean): Verdict {
    return this.#each(which, (one) => {
      one.deaf = deaf;
    });
  }

  adjust(which: ModelWhich, gainIn: number | undefined, gainOut: number | undefined): Verdict {
    return this.#each(which, (one) => {
      one.gainIn = gainIn ?? one.gainIn;
      one.gainOut = gainOut ?? one.gainOut;
    });
  }

  promote(which: ModelWhich, role: ModelRole): Verdict {
    return this.#each(which, (one) => {
      if (one.role === role) return;
      one.role = role;
      toggle(one.mutes, 'room', role === 'member' && this.run?.muted === true);
    });
  }

  kick(which: ModelWhich): Verdict {
    const gone = this.#chosen(which);
    if (gone === undefined) return 'refused';
    this.#leave(gone.map(({ call }) => call.id));
    return 'done';
  }

  /** `mute`: `other` does not hear `one`. `deaf`: `one` does not hear `other`. `clear`: what was set for exactly this pair is gone. */
  relate(one: number, other: number, kind: Relation['kind'] | 'clear'): Verdict {
    const [a, b] = [this.#numbered(one)?.call.id, this.#numbered(other)?.call.id];
    if (a === undefined || b === undefined || a === b) return 'refused';
    if (kind === 'clear') this.#relations = this.#relations.filter((each) => each.one !== a || each.other !== b);
    else this.#relations.push({ one: a, other: b, kind });
    return 'done';
  }

  lock(locked: boolean): Verdict {
    this.locked = locked;
    return 'done';
  }

  admit(which: string): Verdict {
    const meant = this.#waiting(which);
    if (meant === undefined) return 'refused';
    if (meant.length > 0 && this.#isFull()) return 'refused';
    for (const one of meant) if (!this.#isFull()) this.#letIn(one);
    return 'done';
  }

  deny(which: string): Verdict {
    const meant = this.#waiting(which);
    if (meant === undefined) return 'refused';
    this.#leave(meant.map(({ call }) => call.id));
    return 'done';
  }

  play(id: string, to: number | 'all', duck: number): Verdict {
    const ear = to === 'all' ? 'all' : this.#numbered(to)?.call.id;
    if (ear === undefined || this.people.length === 0 || this.#plays.length >= 100) return 'refused';
    this.#plays.push({ id, to: ear, duck });
    return 'done';
  }

  playEnded(id: string): Verdict {
    this.#plays = this.#plays.filter((each) => each.id !== id);
    return 'done';
  }

  musicBreaks(): Verdict {
    this.#isMusicBroken = true;
    return 'done';
  }

  extend(ms: number): Verdict {
    if (this.run?.endsAt === undefined) return 'refused';
    this.run.endsAt += ms;
    return 'done';
  }

  limit(most: number): Verdict {
    if (this.run === undefined) return 'refused';
    this.run.most = most;
    return 'done';
  }

  configure(settings: ModelSettings): Verdict {
    this.settings = settings;
    return 'done';
  }

  /** Time has passed: whatever is due happens, in this order. */
  time(): Verdict {
    if (this.run?.endsAt !== undefined && this.run.endsAt <= this.#now) {
      const all = [...this.waiters, ...this.people, ...this.#arrivals].map(({ call }) => call.id);
      this.#leave(all);
      return 'done';
    }
    if (this.run?.unattendedUntil !== undefined && this.run.unattendedUntil <= this.#now) {
      this.run.unattendedUntil = undefined;
      this.#leave([...this.people, ...this.#arrivals].filter(({ role }) => role === 'member').map(({ call }) => call.id));
    }
    const { longestWaitMs } = this.settings;
    if (longestWaitMs > 0) this.#leave(this.waiters.filter(({ at }) => at + longestWaitMs <= this.#now).map(({ call }) => call.id));
    return 'done';
  }

  /** Whether something waits for a time that has come. */
  isDue(now: number): boolean {
    const { longestWaitMs } = this.settings;
    const waits = longestWaitMs > 0 ? this.waiters.map(({ at }) => at + longestWaitMs) : [];
    return [this.run?.endsAt, this.run?.unattendedUntil, ...waits].some((at) => at !== undefined && at <= now);
  }

  // ——— what is so ———

  /** Who takes part by this call. */
  person(call: string): ModelPerson | undefined {
    return this.people.find((each) => each.call.id === call);
  }

  /** The plays that sound. */
  get sounding(): readonly Play[] {
    return this.#plays.filter((each) => this.#plays.find(({ to }) => to === each.to) === each);
  }

  /** Whether somebody waits for a moderator: he hears nobody and nobody hears him. */
  waitsForModerator({ role }: ModelPerson): boolean {
    return this.settings.waitForModerator && this.run?.started !== true && role === 'member';
  }

  /** Whether his voice is in the room. */
  speaks(one: ModelPerson): boolean {
    return one.mutes.size === 0 && one.call.stream !== 'out' && !this.waitsForModerator(one);
  }

  /** How loud `listener` hears the voice of `speaker`; 0: not at all. */
  voice(listener: ModelPerson, speaker: ModelPerson): number {
    const hears = listener !== speaker && hasEars(listener) && !listener.deaf && !this.waitsForModerator(listener);
    if (!hears || !this.speaks(speaker) || this.#isApart(listener, speaker)) return 0;
    return speaker.gainIn * this.duck('all') * this.duck(listener.call.id) * listener.gainOut;
  }

  /** What voices are lowered by for all, or for one. */
  duck(to: string): number {
    return Math.min(1, ...this.sounding.filter((each) => each.to === to).map(({ duck }) => duck));
  }

  /** How loud somebody hears what is played. */
  sound(listener: ModelPerson, { to }: Pick<Play, 'to'>): number {
    const isFor = to === 'all' ? !listener.deaf : to === listener.call.id;
    return hasEars(listener) && isFor ? listener.gainOut : 0;
  }

  /** Whether somebody hears music, because he is alone or waits, and nothing else sounds for him. */
  music(listener: ModelPerson): number {
    if (!this.settings.music || this.#isMusicBroken || !this.#wantsMusic(listener)) return 0;
    return this.sounding.some((each) => this.sound(listener, each) > 0) ? 0 : listener.gainOut;
  }

  // ——— what follows ———

  #follow(before: RoomModel['run']): void {
    const { settings } = this;
    const isNewRun = before !== this.run;
    if (this.waiters.length > 0 && !settings.waitingRoom) for (const one of [...this.waiters]) if (!this.#isFull()) this.#letIn(one);
    const { run } = this;
    if (run !== undefined) {
      if (settings.waitForModerator && !run.started && this.#hasLeader()) run.started = true;
      const isLed = this.#hasLeader() || this.people.length === 0 || !settings.requireModerator;
      if (run.unattendedUntil !== undefined) {
        if (isLed) run.unattendedUntil = undefined;
      } else if (!isLed && this.#hadLeader && !isNewRun) run.unattendedUntil = this.#now + settings.graceMs;
    }
    if (isNewRun || !settings.music || !this.people.some((each) => this.#wantsMusic(each))) this.#isMusicBroken = false;
  }

  #hasLeader(): boolean {
    return this.people.some(({ role, ghost }) => role === 'moderator' && !ghost);
  }

  #wantsMusic(one: ModelPerson): boolean {
    if (one.call.stream !== undefined || one.deaf || one.mutes.has('hold') || one.noMusic) return false;
    return this.waitsForModerator(one) || !this.people.some((each) => each !== one && isCompany(each, one));
  }

  #isApart(listener: ModelPerson, speaker: ModelPerson): boolean {
    const [l, s] = [listener.call, speaker.call];
    const isRelated = this.#relations.some(({ one, other, kind }) =>
      kind === 'mute' ? one === s.id && other === l.id : one === l.id && other === s.id,
    );
    return isRelated || (s.only !== undefined && s.only !== l.id) || (l.only !== undefined && l.only !== s.id);
  }

  #lifted(by: 'self' | 'moderator'): readonly Reason[] {
    return by === 'moderator' || this.settings.selfUnmute ? ['self', 'moderator', 'room'] : ['self'];
  }

  #isFull(): boolean {
    const most = this.run === undefined || this.run.most === 0 ? this.settings.most : this.run.most;
    const taken = this.people.filter(({ ghost }) => !ghost).length + this.#arrivals.filter(({ flags }) => flags?.ghost !== true).length;
    return most > 0 && taken >= most;
  }

  #isKnown(id: string): boolean {
    return [...this.people, ...this.#arrivals, ...this.waiters].some(({ call }) => call.id === id);
  }

  #open(): void {
    if (this.run !== undefined) return;
    const { longestRunMs } = this.settings;
    this.run = {
      muted: false,
      started: false,
      unattendedUntil: undefined,
      endsAt: longestRunMs > 0 ? this.#now + longestRunMs : undefined,
      most: 0,
    };
  }

  #join(call: ModelCall, role: ModelRole, how: { flags?: ModelFlags; held?: boolean; muted?: boolean; deaf?: boolean }): void {
    const { memberMuted, memberDeaf, moderatorMuted } = this.settings;
    const { flags } = how;
    const isMuted = flags === undefined ? (how.muted ?? (role === 'member' ? memberMuted : moderatorMuted)) : flags.muted === true;
    const isDeaf = flags === undefined ? (how.deaf ?? (role === 'member' && memberDeaf)) : flags.deaf === true;
    const mutes = new Set<Reason>();
    if (isMuted) mutes.add('self');
    if (this.run?.muted === true && role === 'member') mutes.add('room');
    if (how.held === true) mutes.add('hold');
    const [ghost, noMusic] = [flags?.ghost === true, flags?.noMusic === true];
    this.people.push({ call, number: this.#nextNumber++, role, ghost, noMusic, mutes, deaf: isDeaf, gainIn: 1, gainOut: 1 });
  }

  #letIn(one: Waiter): void {
    this.waiters = this.waiters.filter((each) => each !== one);
    this.#join(one.call, one.role, { held: one.held });
  }

  #leave(gone: readonly string[]): void {
    const isGone = ({ call }: { readonly call: ModelCall }): boolean => gone.includes(call.id);
    const wasIn = this.people.length + this.#arrivals.length > 0;
    this.people = this.people.filter((each) => !isGone(each));
    this.#arrivals = this.#arrivals.filter((each) => !isGone(each));
    this.waiters = this.waiters.filter((each) => !isGone(each));
    this.#relations = this.#relations.filter(({ one, other }) => !gone.includes(one) && !gone.includes(other));
    this.#plays = this.#plays.filter(({ to }) => !gone.includes(to));
    const isEmpty = this.people.length + this.#arrivals.length === 0;
    if (this.run === undefined || !isEmpty || (!wasIn && this.waiters.length > 0)) return;
    this.run = undefined;
    this.locked = false;
    this.#plays = [];
    // Those who wait begin the next run.
    if (this.waiters.length > 0) this.#open();
  }

  #numbered = (number: number): ModelPerson | undefined => this.people.find((each) => each.number === number);

  #chosen(which: ModelWhich): readonly ModelPerson[] | undefined {
    if (which === 'all') return this.people;
    if (which === 'all-but-moderators') return this.people.filter(({ role }) => role === 'member');
    const one = this.#numbered(which);
    return one && [one];
  }

  #each(which: ModelWhich, act: (one: ModelPerson) => void): Verdict {
    const all = this.#chosen(which);
    for (const one of all ?? []) act(one);
    return all === undefined ? 'refused' : 'done';
  }

  #waiting(which: string): readonly Waiter[] | undefined {
    if (which === 'all') return this.waiters;
    if (which === 'next') return this.waiters.slice(0, 1);
    const one = this.waiters.find(({ call }) => call.id === which);
    return one && [one];
  }
}

const toggle = <T>(set: Set<T>, value: T, isIn: boolean): void => void (isIn ? set.add(value) : set.delete(value));

const hasEars = ({ call }: ModelPerson): boolean => call.stream !== 'in';

/** Ghosts are not counted; a program that only listens, or is there for another one, is nobody's company. */
const isCompany = ({ ghost, call }: ModelPerson, one: ModelPerson): boolean =>
  !ghost && call.stream !== 'out' && (call.only === undefined || call.only === one.call.id);
