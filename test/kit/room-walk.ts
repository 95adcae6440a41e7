import assert from 'node:assert/strict';
import { Failure, type JsonObject } from '../../src/base/index.ts';
import type {
  CallId,
  CommandName,
  ConferenceId,
  DialTarget,
  HearingPlan,
  Input,
  LegId,
  Output,
  PlayingId,
  Which,
} from '../../src/conference/index.ts';
import { aCall, aConferenceId, anAccount, anActor, FakeHouse } from './conference-fakes.ts';
import {
  type ModelCall,
  type ModelFlags,
  type ModelPerson,
  type ModelRole,
  type ModelSettings,
  type ModelWhich,
  RoomModel,
} from './room-model.ts';
import { SeededChance } from './seeded-chance.ts';

/** Something that is wrong on purpose: what is asked of the real one, or what its engine is told, is another thing. */
export interface Fault {
  readonly name: string;
  /** Undefined: it is not asked at all. */
  readonly command?: <Name extends CommandName>(name: Name, input: Input<Name>, model: RoomModel) => Input<Name> | undefined;
  readonly plan?: (plan: HearingPlan, model: RoomModel) => HearingPlan;
}

/** How far to walk. */
export interface RoomWalkOptions {
  readonly seed: number;
  readonly steps: number;
  readonly fault?: Fault;
}

const conference: ConferenceId = aConferenceId;
const TARGET: DialTarget = { dialled: '100', ways: [] };
/** Nothing is said by the room itself: this is about who hears whom. */
const SILENT = [
  'alone-sound',
  'deaf-sound',
  'enter-sound',
  'exit-sound',
  'member-enter-sound',
  'muted-sound',
  'undeaf-sound',
  'unmuted-sound',
];

const documentOf = (of: ModelSettings): JsonObject => ({
  name: 'Walk',
  member: { join_muted: of.memberMuted, join_deaf: of.memberDeaf },
  moderator: { join_muted: of.moderatorMuted },
  wait_for_moderator: of.waitForModerator,
  require_moderator: of.requireModerator,
  moderator_grace: of.graceMs / 1000,
  waiting_room: of.waitingRoom,
  waiting_room_timeout: of.longestWaitMs / 1000,
  max_participants: of.most,
  max_duration: of.longestRunMs / 1000,
  self_unmute: of.selfUnmute,
  recording_notice: false,
  profile: { ...Object.fromEntries(SILENT.map((key) => [key, ''])), 'moh-sound': of.music ? 'local_stream://moh' : '' },
});

/** How loud a source is to a listener by a plan, as the plan's contract says. */
function loudness({ sources, listeners }: HearingPlan, listener: string, source: string): number {
  const place = listeners.find(({ leg }) => leg === listener);
  const known = sources.find((each) => each.source.id === source);
  if (place === undefined || known === undefined || listener === source) return 0;
  const own = place.gains.find((each) => each.source.id === source)?.gain;
  return (place.gain ?? 1) * (known.aside === true ? (own ?? 0) : known.gain * (own ?? 1));
}

class RoomWalk {
  readonly #house: FakeHouse;
  readonly #chance: SeededChance;
  readonly #fault: Fault | undefined;
  readonly model: RoomModel;
  #plays = 0;
  /** The model's names of plays, by ours. */
  readonly #playings = new Map<string, PlayingId>();

  constructor({ seed, fault }: RoomWalkOptions) {
    this.#house = new FakeHouse({ seed });
    this.#chance = new SeededChance(seed);
    this.#fault = fault;
    this.model = new RoomModel(this.#settings(), this.#house.clock.epoch());
  }

  async begin(): Promise<void> {
    await this.#house.create(documentOf(this.model.settings), conference);
  }

  async close(): Promise<void> {
    await this.#house.conferences.close();
    assert.equal(this.#house.clock.armed, 0, 'no alarm is left');
  }

  // ——— chance ———

  #below(n: number): number {
    return Math.floor(this.#chance.next() * n);
  }

  #flip(share = 0.5): boolean {
    return this.#chance.next() < share;
  }

  #one<T>(of: readonly T[]): T {
    return of[this.#below(of.length)] as T;
  }

  #settings(): ModelSettings {
    return {
      waitForModerator: this.#flip(0.4),
      requireModerator: this.#flip(0.4),
      graceMs: this.#one([10_000, 60_000]),
      waitingRoom: this.#flip(0.3),
      longestWaitMs: this.#one([0, 0, 45_000]),
      most: this.#one([0, 0, 3, 6]),
      selfUnmute: this.#flip(0.6),
      memberMuted: this.#flip(0.2),
      memberDeaf: this.#flip(0.1),
      moderatorMuted: this.#flip(0.1),
      music: this.#flip(0.8),
      longestRunMs: this.#one([0, 0, 0, 900_000]),
    };
  }

  #call(): ModelCall {
    const n = 1 + this.#below(9);
    return { id: aCall(n).id, inbound: this.#flip(0.8) };
  }

  #known(): string {
    const { people } = this.model;
    return people.length === 0 || this.#flip(0.1) ? aCall(1 + this.#below(9)).id : this.#one(people).call.id;
  }

  #role(): ModelRole {
    return this.#flip(0.3) ? 'moderator' : 'member';
  }

  #number(): number {
    const { people } = this.model;
    return people.length === 0 || this.#flip(0.05) ? 1 + this.#below(5) : this.#one(people).number;
  }

  #which(): ModelWhich {
    const n = this.#below(10);
    return n === 0 ? 'all' : n < 3 ? 'all-but-moderators' : this.#number();
  }

  // ——— steps ———

  /** One random step, done and compared. */
  async step(): Promise<string> {
    const name = await this.#one(this.#steps)();
    await this.#settle();
    await this.#due();
    this.#compare(name);
    return name;
  }

  /** A step may leave something that is due already: no time has to pass for it. Both are asked until nothing is. */
  async #due(): Promise<void> {
    for (let times = 0; await this.#isDue(); times += 1) {
      assert.ok(times < 5, 'what is due is done');
      this.#house.clock.advance(0);
      await this.#settle();
      this.model.take(this.#house.clock.epoch(), (model) => model.time());
    }
  }

  async #isDue(): Promise<boolean> {
    const epoch = this.#house.clock.epoch();
    return this.model.isDue(epoch) || (await this.#house.store.timed()).some(({ at }) => at <= epoch);
  }

  readonly #steps: readonly (() => Promise<string>)[] = [
    ...times(5, () => this.#arrives()),
    ...times(5, () => this.#enters()),
    ...times(2, () => this.#dials()),
    ...times(2, () => this.#answers()),
    ...times(6, () => this.#ends()),
    ...times(3, () => this.#holds()),
    ...times(5, () => this.#mutes()),
    ...times(2, () => this.#mutesRoom()),
    ...times(2, () => this.#deafens()),
    ...times(2, () => this.#adjusts()),
    ...times(4, () => this.#relates()),
    ...times(3, () => this.#promotes()),
    ...times(1, () => this.#kicks()),
    ...times(2, () => this.#locks()),
    ...times(3, () => this.#admits()),
    ...times(2, () => this.#streams()),
    ...times(4, () => this.#playsSomething()),
    ...times(3, () => this.#playEnds()),
    ...times(1, () => this.#musicBreaks()),
    ...times(2, () => this.#configures()),
    ...times(1, () => this.#extends()),
    ...times(2, () => this.#limits()),
    ...times(5, () => this.#waits()),
  ];

  /** Asks both; they must agree on whether it may be. */
  async #both<Name extends CommandName>(
    name: Name,
    input: Input<Name>,
    act: (model: RoomModel) => 'done' | 'refused',
  ): Promise<Output<Name> | undefined> {
    const verdict = this.model.take(this.#house.clock.epoch(), act);
    const asked = this.#fault?.command === undefined ? input : this.#fault.command(name, input, this.model);
    if (asked === undefined) return undefined;
    try {
      const output = await this.#house.conferences.execute(name, asked, anActor);
      assert.equal('done', verdict, `${name} was done, and the model refuses it`);
      return output;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      assert.equal('refused', verdict, `${name} was refused with ${error.code}, and the model does not`);
      return undefined;
    }
  }

  async #arrives(): Promise<string> {
    const [call, role] = [this.#call(), this.#role()];
    await this.#both('call.arrived', { conference, call: real(call), role }, (model) => model.arrive(call, role));
    if (this.#flip(0.9)) await this.#both('call.answered', { conference, call: call.id as CallId }, (model) => model.answer(call.id));
    return `arrives ${call.id}`;
  }

  async #enters(): Promise<string> {
    const [call, role, held] = [this.#call(), this.#role(), this.#flip(0.1)];
    await this.#both('call.enter', { conference, call: real(call), role, held }, (model) => model.enter(call, role, held));
    return `enters ${call.id}`;
  }

  async #dials(): Promise<string> {
    const [call, role] = [{ ...this.#call(), inbound: false }, this.#role()];
    const flags: ModelFlags = {
      ...(this.#flip(0.3) ? { muted: true } : {}),
      ...(this.#flip(0.2) ? { deaf: true } : {}),
      ...(this.#flip(0.5) ? { ghost: true } : {}),
      ...(this.#flip(0.3) ? { noMusic: true } : {}),
      ...(this.#flip(0.3) ? { joinExisting: true } : {}),
    };
    await this.#both('call.dial', { conference, call: real(call), role, flags, target: TARGET }, (model) => model.dial(call, role, flags));
    if (this.#flip(0.9)) await this.#both('call.answered', { conference, call: call.id as CallId }, (model) => model.answer(call.id));
    return `dials ${call.id} ${JSON.stringify(flags)}`;
  }

  async #answers(): Promise<string> {
    const { id } = aCall(1 + this.#below(9));
    await this.#both('call.answered', { conference, call: id }, (model) => model.answer(id));
    return `answers ${id}`;
  }

  async #ends(): Promise<string> {
    const id = this.#flip(0.8) ? this.#known() : aCall(1 + this.#below(9)).id;
    await this.#both('call.ended', { conference, call: id as CallId, reason: 'hung-up' }, (model) => model.end(id));
    return `ends ${id}`;
  }

  async #holds(): Promise<string> {
    const [id, held] = [this.#known(), this.#flip()];
    await this.#both('call.held', { conference, call: id as CallId, held }, (model) => model.hold(id, held));
    return `holds ${id} ${held}`;
  }

  async #mutes(): Promise<string> {
    const [which, muted, by] = [this.#which(), this.#flip(), this.#flip() ? ('self' as const) : ('moderator' as const)];
    await this.#both('participants.mute', { conference, which, muted, by }, (model) => model.mute(which, muted, by));
    return `mutes ${which} ${muted} ${by}`;
  }

  async #mutesRoom(): Promise<string> {
    const muted = this.#flip();
    await this.#both('conference.mute', { conference, muted }, (model) => model.muteRoom(muted));
    return `mutes the room ${muted}`;
  }

  async #deafens(): Promise<string> {
    const [which, deaf] = [this.#which(), this.#flip()];
    await this.#both('participants.deafen', { conference, which, deaf }, (model) => model.deafen(which, deaf));
    return `deafens ${which} ${deaf}`;
  }

  async #adjusts(): Promise<string> {
    const [which, gain, isIn] = [this.#which(), this.#one([0.2, 0.5, 1, 2]), this.#flip()];
    const gains = isIn ? { gainIn: gain } : { gainOut: gain };
    await this.#both('participants.adjust', { conference, which, ...gains }, (model) =>
      model.adjust(which, gains.gainIn, (gains as { gainOut?: number }).gainOut),
    );
    return `adjusts ${which}`;
  }

  async #relates(): Promise<string> {
    const [participant, other, relationship] = [this.#number(), this.#number(), this.#one(['mute', 'deaf', 'clear'] as const)];
    await this.#both('participants.relate', { conference, participant, other, relationship }, (model) =>
      model.relate(participant, other, relationship),
    );
    return `relates ${participant} ${other} ${relationship}`;
  }

  async #promotes(): Promise<string> {
    const [which, role] = [this.#flip(0.9) ? this.#number() : this.#which(), this.#one(['member', 'moderator'] as const)];
    await this.#both('participants.promote', { conference, which, role }, (model) => model.promote(which, role));
    return `promotes ${which} ${role}`;
  }

  async #kicks(): Promise<string> {
    const which: Which & ModelWhich = this.#flip(0.1) ? 'all' : this.#number();
    await this.#both('participants.kick', { conference, which }, (model) => model.kick(which));
    return `kicks ${which}`;
  }

  async #locks(): Promise<string> {
    const locked = this.#flip(0.4);
    await this.#both('conference.lock', { conference, locked }, (model) => model.lock(locked));
    return `locks ${locked}`;
  }

  async #admits(): Promise<string> {
    const which = this.#one([
      'next',
      'next',
      'all',
      this.model.waiters[0]?.call.id ?? aCall(1).id,
      this.model.waiters.at(-1)?.call.id ?? 'next',
    ]);
    const input = { conference, which: which as CallId };
    if (this.#flip(0.8)) await this.#both('waiting.admit', input, (model) => model.admit(which));
    else await this.#both('waiting.deny', input, (model) => model.deny(which));
    return `admits or denies ${which}`;
  }

  async #streams(): Promise<string> {
    const id = aCall(10 + this.#below(2)).id;
    const direction = this.#one(['in', 'out', 'both'] as const);
    const only = this.#flip(0.3) ? this.#known() : undefined;
    const call: ModelCall = { id, inbound: true, stream: direction, ...(only === undefined ? {} : { only }) };
    const [role, muted] = [this.#role(), this.#flip(0.7) ? false : undefined];
    const how = muted === undefined ? {} : { muted };
    if (this.#flip(0.3)) {
      await this.#both('stream.closed', { conference, call: id, reason: 'hung-up' }, (model) => model.end(id));
      return `closes the stream ${id}`;
    }
    const input = {
      conference,
      call: id,
      name: 'program',
      role,
      direction,
      ...how,
      ...(only === undefined ? {} : { only: only as CallId }),
    };
    await this.#both('stream.open', input, (model) => model.stream(call, role, how));
    return `opens the stream ${id} ${direction} ${only}`;
  }

  async #playsSomething(): Promise<string> {
    this.#plays += 1;
    const id = `play ${this.#plays}`;
    const [to, duck] = [this.#flip() ? ('all' as const) : this.#number(), this.#one([1, 0.5])];
    const told = await this.#both('play.start', { conference, sources: ['a'], to, duck }, (model) => model.play(id, to, duck));
    if (told !== undefined) this.#playings.set(id, told.playing);
    return `plays to ${to} at ${duck}`;
  }

  async #playEnds(): Promise<string> {
    const { sounding } = this.model;
    if (sounding.length === 0) return 'no play ends';
    const { id } = this.#one(sounding);
    const playing = this.#playings.get(id) as PlayingId;
    this.#house.sounds.forget(playing);
    await this.#both('play.ended', { conference, playing, reason: 'finished' }, (model) => model.playEnded(id));
    return `${id} ends`;
  }

  async #musicBreaks(): Promise<string> {
    const music = (await this.#house.store.load(anAccount, conference))?.room?.music;
    if (music === undefined || music.failed === true) return 'no music breaks';
    this.#house.sounds.forget(music.id);
    await this.#both('play.ended', { conference, playing: music.id, reason: 'failed' }, (model) => model.musicBreaks());
    return 'music breaks';
  }

  async #configures(): Promise<string> {
    const fresh = this.#settings();
    const settings = {
      ...this.model.settings,
      ...Object.fromEntries(Object.entries(fresh).filter(() => this.#flip(0.3))),
    } as ModelSettings;
    await this.#both('conference.replace', { conference, document: documentOf(settings) }, (model) => model.configure(settings));
    return `configures ${JSON.stringify(settings)}`;
  }

  async #extends(): Promise<string> {
    const seconds = 1 + this.#below(600);
    await this.#both('conference.extend', { conference, seconds }, (model) => model.extend(seconds * 1000));
    return `extends by ${seconds} s`;
  }

  async #limits(): Promise<string> {
    const most = this.#one([0, 1, 3, 6]);
    await this.#both('conference.set', { conference, maxParticipants: most }, (model) => model.limit(most));
    return `sets the limit to ${most}`;
  }

  async #waits(): Promise<string> {
    const ms = this.#one([100, 5_000, 30_000]);
    this.#house.clock.advance(ms);
    await this.#settle();
    this.model.take(this.#house.clock.epoch(), (model) => model.time());
    return `${ms} ms go by`;
  }

  /** Everything under way has ended, and whatever the room said itself has been said. */
  async #settle(): Promise<void> {
    await new Promise(setImmediate);
    assert.equal(this.#house.conferences.queueDepth, 0, 'nothing is under way');
    for (;;) {
      const { room } = (await this.#house.store.load(anAccount, conference)) ?? {};
      const said = room?.announcing?.find(({ startedAt }) => startedAt !== undefined);
      if (said === undefined) return;
      this.#house.sounds.forget(said.id);
      await this.#house.conferences.execute('play.ended', { conference, playing: said.id, reason: 'finished' }, anActor);
    }
  }

  // ——— comparing ———

  #compare(step: string): void {
    const told = this.#house.media.last(conference) ?? { version: 0, sources: [], listeners: [] };
    const plan = this.#fault?.plan === undefined ? told : this.#fault.plan(told, this.model);
    for (const listener of this.model.people) this.#compareEars(plan, listener, step);
    const legs = this.model.people.filter(({ call }) => call.stream !== 'in').map(({ call }) => call.id);
    const strangers = plan.listeners.map(({ leg }) => leg).filter((leg) => !legs.includes(leg));
    assert.deepEqual(strangers, [], `${step}: nobody hears who is not there`);
    const sum = plan.sources.filter(({ aside, gain }) => aside !== true && gain !== 0).map(({ source }) => source.id);
    const { people, sounding } = this.model;
    const voices: readonly string[] = people.filter((each) => this.model.speaks(each)).map(({ call }) => call.id);
    const forAll = sounding.filter(({ to }) => to === 'all').map(({ id }) => this.#playings.get(id) as string);
    assert.deepEqual([...sum].sort(), [...voices, ...forAll].sort(), `${step}: what is in the room, and so in its recordings`);
  }

  #compareEars(plan: HearingPlan, listener: ModelPerson, step: string): void {
    const ear = listener.call.id;
    const { model } = this;
    for (const speaker of model.people) {
      const [should, is] = [model.voice(listener, speaker), loudness(plan, ear, speaker.call.id)];
      if (Math.abs(is - should) > 1e-9) this.#differ(step, `${listener.number} hears ${speaker.number} at ${is}, not ${should}`);
    }
    const plays = new Map(model.sounding.map((each) => [this.#playings.get(each.id) as string, each]));
    for (const [id, play] of plays) {
      const [should, is] = [model.sound(listener, play), loudness(plan, ear, id)];
      if (Math.abs(is - should) > 1e-9) this.#differ(step, `${listener.number} hears ${play.id} for ${play.to} at ${is}, not ${should}`);
    }
    const music = plan.sources.filter(({ source }) => source.kind === 'prompt' && !plays.has(source.id));
    const [should, is] = [model.music(listener), music.reduce((most, { source }) => Math.max(most, loudness(plan, ear, source.id)), 0)];
    if (Math.abs(is - should) > 1e-9) this.#differ(step, `${listener.number} hears music at ${is}, not ${should}`);
  }

  #differ(step: string, what: string): never {
    const people = this.model.people.map(({ mutes, ...each }) => ({ ...each, mutes: [...mutes] }));
    assert.fail(`${step}: ${what}\n${JSON.stringify({ settings: this.model.settings, run: this.model.run, people })}`);
  }

  /** Everything that the document and the store say, beside what is heard. */
  async compareState(): Promise<void> {
    const stored = await this.#house.store.load(anAccount, conference);
    const { people, waiters, locked, run } = this.model;
    const is = (stored?.room?.participants ?? []).map(({ call, number, role, ghost, muted, deaf }) => [
      call.id,
      number,
      role,
      ghost,
      [...muted].sort(),
      deaf,
    ]);
    const should = people.map(({ call, number, role, ghost, mutes, deaf }) => [call.id, number, role, ghost, [...mutes].sort(), deaf]);
    assert.deepEqual(is, should, 'who is in, and how');
    assert.deepEqual(
      (stored?.room?.waiting ?? []).map(({ call, held = false }) => [call.id, held]),
      waiters.map(({ call, held }) => [call.id, held]),
    );
    assert.equal(stored?.locked, locked, 'locked');
    const { unattendedUntil, endsAt, muted = false, set = {} } = stored?.room ?? {};
    const { most = 0 } = run ?? {};
    assert.deepEqual(
      { unattendedUntil, endsAt, muted, most: set.maxParticipants ?? 0 },
      { unattendedUntil: run?.unattendedUntil, endsAt: run?.endsAt, muted: run?.muted ?? false, most },
    );
  }
}

const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value);

const real = ({ id, inbound }: ModelCall) =>
  aCall(Number.parseInt(id.slice(1), 16), { id: id as CallId, leg: id as LegId, direction: inbound ? 'inbound' : 'outbound' });

/** Walks at random through one conference and compares it after every step with the model; a failure names seed and step. */
export async function walkRoom(options: RoomWalkOptions): Promise<void> {
  const walk = new RoomWalk(options);
  await walk.begin();
  for (let step = 1; step <= options.steps; step += 1) {
    try {
      await walk.step();
      await walk.compareState();
    } catch (error) {
      throw new Error(`seed ${options.seed}, step ${step}: ${(error as Error).message}`, { cause: error });
    }
  }
  await walk.close();
}
