import type { AccountId } from '../../src/accounts/index.ts';
import { type JsonObject, type Log, noLog } from '../../src/base/index.ts';
import {
  type Actor,
  type Call,
  type CallId,
  type Conference,
  type ConferenceCut,
  type ConferenceId,
  Conferences,
  type ConferencesOptions,
  type DialRequest,
  type Events,
  type Fact,
  type HearingPlan,
  type LeaveReason,
  type LegId,
  type Media,
  type Participant,
  type ParticipantId,
  type Place,
  type Role,
  type Signal,
  type Store,
  type Telephony,
} from '../../src/conference/index.ts';
import { MemoryStore } from '../../src/store/index.ts';
import { FakeSounds } from './conference-sounds.ts';
import { FakeClock } from './fake-clock.ts';
import { SeededChance } from './seeded-chance.ts';

/** The account of the kit's conferences. */
export const anAccount = 'a'.repeat(32) as AccountId;
/** Somebody who steers them. */
export const anActor: Actor = { account: anAccount, kind: 'api' };
/** The kit's first conference. */
export const aConferenceId = 'c'.repeat(32) as ConferenceId;

const hex = (letter: string, n: number): string => letter + n.toString(16).padStart(31, '0');

/** The `n`th call of the kit, from 1; two with the same number are the same call. */
export function aCall(n: number, parts: Partial<Call> = {}): Call {
  const id = hex('d', n);
  return {
    id: id as CallId,
    leg: id as LegId,
    sipCallId: `call-${n}@phone.test`,
    direction: 'inbound',
    callerName: `Caller ${n}`,
    callerNumber: `100${n}`,
    channelVars: {},
    ...parts,
  };
}

/** A participant on the `n`th call, heard and hearing. */
export function aParticipant(n: number, parts: Partial<Participant> = {}): Participant {
  return {
    id: hex('e', n) as ParticipantId,
    number: n,
    call: aCall(n),
    role: 'member',
    ghost: false,
    muted: [],
    deaf: false,
    gainIn: 1,
    gainOut: 1,
    joinedAt: 1_700_000_000_000,
    ...parts,
  };
}

/** A conference as a value, with so many people in it; the first `moderators` of them are moderators. */
export function aConference({
  people = 0,
  moderators = 0,
  ...parts
}: Partial<Conference> & { people?: number; moderators?: number } = {}): Conference {
  const roleOf = (n: number): Role => (n <= moderators ? 'moderator' : 'member');
  const participants = Array.from({ length: people }, (_, index) => aParticipant(index + 1, { role: roleOf(index + 1) }));
  const room = {
    instance: '00000000-0000-7000-8000-000000000001',
    startedAt: 1_700_000_000_000,
    arrivals: [],
    participants,
    relationships: [],
  };
  return {
    id: aConferenceId,
    account: anAccount,
    document: { name: 'Fake', member: { join_muted: false } },
    revision: 1,
    createdAt: 1_700_000_000_000,
    modifiedAt: 1_700_000_000_000,
    deletedAt: undefined,
    locked: false,
    room: people > 0 ? room : undefined,
    nextNumber: people + 1,
    sequence: 0,
    ...parts,
  };
}

/** An engine that only remembers the plans. */
export class RecordingMedia implements Media {
  readonly plans: { readonly account: AccountId; readonly conference: ConferenceId; readonly plan: HearingPlan }[] = [];

  hear(account: AccountId, conference: ConferenceId, plan: HearingPlan): void {
    this.plans.push({ account, conference, plan });
  }

  /** The plan in force. */
  last(conference: ConferenceId): HearingPlan | undefined {
    return this.plans.findLast((each) => each.conference === conference)?.plan;
  }

  /** Whether `listener` hears `speaker` by the plan in force, as the engine's contract says. */
  hears(conference: ConferenceId, listener: LegId, speaker: LegId): boolean {
    const plan = this.last(conference);
    const place = plan?.listeners.find((each) => each.leg === listener);
    const isSpeaker = ({ source }: HearingPlan['sources'][number]): boolean => source.kind !== 'prompt' && source.id === speaker;
    const inSum = plan?.sources.find(isSpeaker);
    if (place === undefined || inSum === undefined || listener === speaker) return false;
    return inSum.gain * (place.gains.find(isSpeaker)?.gain ?? 1) > 0;
  }
}

/** Telephones that only remember what was asked of them. */
export class RecordingTelephony implements Telephony {
  readonly answered: CallId[] = [];
  readonly hungUp: { readonly call: CallId; readonly reason: LeaveReason }[] = [];
  readonly dialled: DialRequest[] = [];

  answer(call: CallId): void {
    this.answered.push(call);
  }

  readonly rung: CallId[] = [];

  ring(call: CallId): void {
    this.rung.push(call);
  }

  hangUp(call: CallId, reason: LeaveReason): void {
    this.hungUp.push({ call, reason });
  }

  dial(request: DialRequest): void {
    this.dialled.push(request);
  }

  readonly brought: { readonly call: CallId; readonly place: Place }[] = [];

  bring(call: CallId, place: Place): void {
    this.brought.push({ call, place });
  }
}

/** What could be known from outside: a fact to those who read the store, a fact or a signal to those who follow. */
export type Told =
  | { readonly kind: 'stored'; readonly fact: Fact }
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'signal'; readonly signal: Signal };

/** A follower that keeps every fact and every signal, in the order they came. */
export class RecordingEvents implements Events {
  readonly facts: Fact[] = [];
  readonly signals: Signal[] = [];
  /** All of it in one order. */
  readonly told: Told[] = [];

  publish(facts: readonly Fact[]): void {
    this.facts.push(...facts);
    this.told.push(...facts.map((fact) => ({ kind: 'fact', fact }) as const));
  }

  signal(signal: Signal): void {
    this.signals.push(signal);
    this.told.push({ kind: 'signal', signal });
  }

  /** The store is about to have these. */
  stored(facts: readonly Fact[]): void {
    this.told.push(...facts.map((fact) => ({ kind: 'stored', fact }) as const));
  }

  /** The types of the facts of one conference. */
  types(conference: ConferenceId): readonly Fact['type'][] {
    return this.facts.filter((each) => each.conference === conference).map((each) => each.type);
  }
}

/** The store in memory, told to fail when wanted, and taking its time: every answer comes some turns later. */
export class FaultyStore implements Store {
  /** While set, saves and removals fail with it and keep nothing. */
  failure: Error | undefined;
  /** Told right before facts are kept: from then on a reader may know them. */
  storing: (facts: readonly Fact[]) => void = () => {};
  readonly #inner: Store;

  /** `inner`: what really keeps things. Default: memory. */
  constructor(inner: Store = new MemoryStore().conferences) {
    this.#inner = inner;
  }

  async load(account: AccountId, id: ConferenceId): Promise<Conference | undefined> {
    await this.#turns();
    return this.#inner.load(account, id);
  }

  async list(account: AccountId, cut?: ConferenceCut): Promise<readonly Conference[]> {
    await this.#turns();
    return this.#inner.list(account, cut);
  }

  async running(): Promise<readonly Conference[]> {
    await this.#turns();
    return this.#inner.running();
  }

  async timed(): ReturnType<Store['timed']> {
    await this.#turns();
    return this.#inner.timed();
  }

  async accountsOf(id: ConferenceId): Promise<readonly AccountId[]> {
    await this.#turns();
    return this.#inner.accountsOf(id);
  }

  async byDomain(domain: string): ReturnType<Store['byDomain']> {
    await this.#turns();
    return this.#inner.byDomain(domain);
  }

  async findByNumber(account: AccountId, number: string): Promise<ConferenceId | undefined> {
    await this.#turns();
    return this.#inner.findByNumber(account, number);
  }

  async save(conference: Conference, facts: readonly Fact[], fence: number): Promise<void> {
    await this.#turns();
    if (this.failure !== undefined) throw this.failure;
    this.storing(facts);
    await this.#inner.save(conference, facts, fence);
  }

  async remove(account: AccountId, id: ConferenceId, facts: readonly Fact[], fence: number): Promise<void> {
    await this.#turns();
    if (this.failure !== undefined) throw this.failure;
    this.storing(facts);
    await this.#inner.remove(account, id, facts, fence);
  }

  async facts(account: AccountId, id: ConferenceId, after: number, limit?: number): Promise<readonly Fact[]> {
    await this.#turns();
    return this.#inner.facts(account, id, after, limit);
  }

  async sequenceAt(account: AccountId, id: ConferenceId, at: number): Promise<number> {
    await this.#turns();
    return this.#inner.sequenceAt(account, id, at);
  }

  async opening(account: AccountId, id: ConferenceId, until: number): ReturnType<Store['opening']> {
    await this.#turns();
    return this.#inner.opening(account, id, until);
  }

  /** Gives others the chance to come in between, as a real store does. */
  async #turns(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await undefined;
  }
}

/** A domain with everything around it faked, and short ways to do what tests do most. */
export class FakeHouse {
  readonly clock: FakeClock;
  readonly store: FaultyStore;
  readonly events: RecordingEvents;
  readonly media = new RecordingMedia();
  readonly telephony = new RecordingTelephony();
  readonly sounds = new FakeSounds();
  readonly conferences: Conferences;

  /** `bare`: nothing records, plays or writes down; `store`: what another house left behind; `clock` and `events`: of one that this goes on for. */
  constructor({
    store = new FaultyStore(),
    seed = 1,
    log = noLog,
    clock = new FakeClock(),
    events = new RecordingEvents(),
    bare = false,
    defaults,
    published = (to) => to,
  }: {
    /** What stands between the conferences and the events. */
    published?: (to: RecordingEvents) => ConferencesOptions['events'];
    bare?: boolean;
    defaults?: ConferencesOptions['defaults'];
    store?: FaultyStore;
    seed?: number;
    log?: Log;
    clock?: FakeClock;
    events?: RecordingEvents;
  } = {}) {
    this.store = store;
    this.clock = clock;
    this.events = events;
    store.storing = (facts) => events.stored(facts);
    const { media, telephony, sounds } = this;
    const { recorder, player, scribe } = sounds;
    const outside = { media, telephony, ...(defaults && { defaults }), ...(bare ? {} : { recorder, player, scribe, streams: sounds }) };
    this.conferences = new Conferences({ clock, chance: new SeededChance(seed), log, store, events: published(events), ...outside });
  }

  /** Makes the kit's conference; members join unmuted unless the document says otherwise. */
  async create(document: JsonObject = { member: { join_muted: false } }, id = aConferenceId): Promise<Conference> {
    const view = await this.conferences.execute('conference.create', { id, document }, anActor);
    return view.conference;
  }

  /** Brings the `n`th call of the kit in. */
  async join(n: number, { role, conference = aConferenceId }: { role?: Role; conference?: ConferenceId } = {}): Promise<Participant> {
    const call = aCall(n);
    await this.conferences.execute('call.arrived', { conference, call, role }, anActor);
    await this.conferences.execute('call.answered', { conference, call: call.id }, anActor);
    const participant = (await this.read(conference)).room?.participants.find((each) => each.call.id === call.id);
    if (participant === undefined) throw new Error(`call ${n} did not join`);
    return participant;
  }

  /** The conference as it is stored. */
  async read(conference = aConferenceId): Promise<Conference> {
    return (await this.conferences.execute('conference.read', { conference }, anActor)).conference;
  }
}
