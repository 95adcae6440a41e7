import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../src/base/index.ts';
import {
  type CommandName,
  type Conference,
  type ConferenceId,
  fold,
  hearingPlan,
  type Input,
  KEYPAD_ACTIONS,
  live,
  type Role,
  type Store,
  stateAt,
  type TranscriptionId,
} from '../../src/conference/index.ts';
import { FactCheck, SignalCheck, spread } from './conference-checks.ts';
import { aCall, anAccount, anActor, FakeHouse, FaultyStore } from './conference-fakes.ts';
import { loudness, type SoundCommand, soundInputs } from './conference-sounds.ts';

/** One random step: small numbers that mean something only once the conference is known. */
interface WalkStep {
  readonly command: CommandName | 'join' | 'talk' | 'crash';
  readonly conference: 0 | 1;
  readonly who: number;
  readonly other: number;
  readonly flag: boolean;
  readonly role: Role | undefined;
  readonly relationship: 'mute' | 'deaf' | 'clear';
  /** Wait for everything before the next step; otherwise the next command is given at once. */
  readonly wait: boolean;
  /** The store fails during this step. */
  readonly broken: boolean;
}

/** How often each is tried. Joins are many and removals few, or nobody ever stays long enough to be related. */
const weights: Readonly<
  Record<
    Exclude<WalkStep['command'], 'conference.list' | 'conference.running' | 'conference.facts' | 'conference.state' | 'call.route'>,
    number
  >
> = {
  join: 30,
  'call.arrived': 3,
  'call.dial': 6,
  'call.enter': 3,
  'call.answered': 3,
  'call.ended': 6,
  'call.ringing': 0,
  'call.held': 8,
  'call.silent': 2,
  'call.divert': 1,
  'call.digit': 1,
  'call.refused': 1,
  'entry.tell': 1,
  'pins.rotate': 1,
  'participants.mute': 10,
  'participants.promote': 4,
  'conference.mute': 3,
  'conference.moh': 2,
  'conference.set': 2,
  'participants.floor': 3,
  'participants.consent': 3,
  'conference.extend': 1,
  'conference.time': 1,
  'conference.configured': 1,
  'waiting.admit': 1,
  'waiting.deny': 1,
  'participants.deafen': 10,
  'participants.adjust': 4,
  'participants.hand': 3,
  'participants.tell': 2,
  'keypad.act': 8,
  'participants.coach': 4,
  'participants.relate': 20,
  'participants.kick': 3,
  'conference.lock': 3,
  'conference.read': 1,
  'conference.replace': 3,
  'conference.create': 3,
  'conference.delete': 1,
  'recording.start': 6,
  'recording.pause': 2,
  'recording.resume': 2,
  'recording.stop': 2,
  'recording.gapped': 1,
  'recording.ended': 2,
  'play.start': 14,
  'play.stop': 2,
  'play.ended': 4,
  'transcription.start': 3,
  'transcription.stop': 1,
  'transcription.ended': 1,
  'transcript.add': 3,
  'stream.open': 8,
  'stream.closed': 2,
  talk: 30,
  crash: 1,
};
const command = fc.oneof(
  ...(Object.entries(weights) as [keyof typeof weights, number][]).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name) })),
);
const step: fc.Arbitrary<WalkStep> = fc.record({
  command,
  conference: fc.constantFrom(0, 1),
  who: fc.integer({ min: 1, max: 7 }),
  other: fc.integer({ min: 1, max: 7 }),
  flag: fc.boolean(),
  role: fc.constantFrom<Role | undefined>('member', 'moderator', undefined),
  relationship: fc.constantFrom('mute', 'deaf', 'clear'),
  wait: fc.boolean(),
  broken: fc.nat(40).map((n) => n === 0),
});

const ids = ['b'.repeat(32), 'f'.repeat(32)] as ConferenceId[];

class Walk {
  house: FakeHouse;
  readonly facts = new Map(ids.map((id) => [id, new FactCheck()]));
  readonly #signals = new SignalCheck();
  #pending: Promise<unknown>[] = [];
  /** How much of what was told has been looked at. */
  #seen = 0;
  #settled = 0;
  #failed = false;
  readonly #checkEvery: number;
  /** What the store was told to fail with; a step may meet it, nothing else may be thrown. */
  readonly #broken = new Error('the walk broke the store');

  constructor(seed: number, store: FaultyStore, checkEvery: number) {
    this.house = new FakeHouse({ seed, store });
    this.#checkEvery = checkEvery;
  }

  async take(each: WalkStep): Promise<void> {
    if (each.broken) this.house.store.failure = this.#broken;
    if (each.command === 'crash') await this.#crash(each.flag);
    else await this.#command(each);
    this.#failed ||= each.broken;
    if (!each.wait && !each.broken) return;
    await this.settle();
    this.house.store.failure = undefined;
    await this.#check();
    this.house.clock.advance(each.who);
  }

  /** The server goes down, in the middle of what is under way or after it, and another one finds what it left. */
  async #crash(inTheMiddle: boolean): Promise<void> {
    const { store, clock, events } = this.house;
    if (inTheMiddle) store.failure = this.#broken;
    await this.settle();
    store.failure = undefined;
    this.#look();
    this.#signals.crashed();
    this.house = new FakeHouse({ store, clock, events, seed: this.#seen + 1 });
    await this.house.conferences.recover();
    assert.deepEqual(await store.running(), [], 'no room is left open');
  }

  /** Down once more; then everything is closed, and the past can be told. */
  async end(looksBack: number): Promise<void> {
    await this.#crash(false);
    await this.#check();
    for (const each of this.facts.values()) each.looksBack(looksBack);
    for (const id of ids) await this.#looksBackFromStore(id, looksBack);
    await this.house.conferences.close();
    this.#look();
    assert.equal(this.#signals.talking.size, 0, 'in the end nobody talks');
  }

  /** What is told of a moment without folding the whole past is what the whole past makes of it. */
  async #looksBackFromStore(conference: ConferenceId, samples: number): Promise<void> {
    const facts = await this.house.store.facts(anAccount, conference, 0);
    for (const index of spread(facts.length, samples)) {
      const { sequence, at } = facts[index]!;
      for (const moment of [{ sequence }, { at }]) {
        const told = await this.house.conferences.execute('conference.state', { conference, moment }, anActor);
        assert.deepEqual(told, stateAt(facts, moment), `as it was at ${JSON.stringify(moment)}`);
      }
    }
  }

  #look(): void {
    const { told } = this.house.events;
    for (; this.#seen < told.length; this.#seen += 1) {
      const each = told[this.#seen]!;
      this.#signals.take(each);
      if (each.kind === 'fact') this.facts.get(each.fact.conference)?.take(each.fact);
    }
  }

  async #check(): Promise<void> {
    this.#look();
    await this.#checkTalking();
    this.#settled += 1;
    if (this.#settled % this.#checkEvery !== 0) return;
    for (const id of ids) await checkConference(this.house, id, this.facts.get(id)!);
  }

  /** Whoever is heard and talks was told to talk, and nobody else. */
  async #checkTalking(): Promise<void> {
    const { store, conferences } = this.house;
    const talking = new Set<string>();
    for (const id of ids) {
      const sound = conferences.liveOf(anAccount, id);
      for (const each of (await store.load(anAccount, id))?.room?.participants ?? []) {
        const level = sound.levelOf(each.call.leg);
        // Whoever was hushed in vain is told to talk with his next level.
        if (this.#failed) conferences.setLevel(each.call.leg, level);
        if (level.talking && each.muted.length === 0) talking.add(each.id);
      }
    }
    this.#failed = false;
    this.#look();
    assert.deepEqual(this.#signals.talking, talking, 'who is heard and talks is told to talk');
  }

  async settle(): Promise<void> {
    await Promise.all(this.#pending.splice(0));
    // What alarms have asked for is nobody's to await.
    for (let turns = 0; turns < 1000 && this.house.conferences.queueDepth > 0; turns++) await new Promise(setImmediate);
    assert.equal(this.house.conferences.queueDepth, 0);
  }

  #give<Name extends CommandName>(name: Name, input: Input<Name>, done = (): void => {}): void {
    const outcome = this.house.conferences
      .execute(name, input, anActor)
      .then(done)
      .catch((error: unknown) => {
        if (!(error instanceof Failure) && error !== this.#broken) throw error;
      });
    this.#pending.push(outcome);
  }

  async #command(each: WalkStep): Promise<void> {
    const conference = ids[each.conference] as ConferenceId;
    const stored = await this.house.store.load(anAccount, conference);
    const people = stored?.room?.participants ?? [];
    // Small numbers mean somebody who is in where possible; the numbers grow and would soon be missed.
    const one = (n: number): number => people[n % Math.max(people.length, 1)]?.number ?? n;
    const call = aCall(each.who + 10 * each.conference, { direction: each.flag ? 'inbound' : 'outbound' });
    const which = each.other === 7 ? 'all-but-moderators' : one(each.who);
    switch (each.command) {
      case 'talk': {
        const { leg } = people[each.who % Math.max(people.length, 1)]?.call ?? call;
        this.house.conferences.setLevel(leg, { talking: each.flag, energy: each.other * 100 });
        const transcription = 'f'.repeat(32) as TranscriptionId;
        this.house.conferences.interim(leg, { transcription, text: 'one', language: 'en', from: 1 });
        const instance = stored?.room?.instance ?? '';
        const said = { leg, transcription, from: 1, room: { account: anAccount, conference, instance } };
        this.house.conferences.speech()[each.flag ? 'on' : 'off'](said);
        break;
      }
      case 'join':
        this.#give('call.arrived', { conference, call, role: each.role });
        this.#give('call.answered', { conference, call: call.id });
        break;
      case 'call.arrived':
        this.#give('call.arrived', { conference, call, role: each.role });
        break;
      case 'call.dial':
        this.#give('call.dial', {
          conference,
          call: { ...call, direction: 'outbound' },
          flags: { muted: each.flag, ghost: each.other === 1, joinExisting: each.other === 2 },
          target: { dialled: '1001', ways: [] },
          ...(each.other === 3 ? { adHoc: { name: 'Ad hoc' } } : {}),
        });
        break;
      case 'call.answered':
        this.#give('call.answered', { conference, call: call.id });
        break;
      case 'call.ended':
        this.#give('call.ended', { conference, call: call.id, reason: 'hung-up' });
        break;
      case 'call.refused':
        this.#give('call.refused', { conference, call, refusal: { code: 'overloaded', words: 'too much to do' } });
        break;
      case 'entry.tell':
        this.#give('entry.tell', { conference, happening: { type: 'caller.locked_out', callerNumber: '100', failedCalls: 5, until: 0 } });
        break;
      case 'pins.rotate':
        this.#give('pins.rotate', { conference, pins: { moderator: ['4711'] }, invited: [] });
        break;
      case 'call.held':
        this.#give('call.held', { conference, call: call.id, held: each.flag });
        break;
      case 'call.silent':
        this.#give('call.silent', { conference, call: call.id, reason: 'no packet has come' });
        break;
      case 'call.divert':
        this.#give('call.divert', { conference, call: call.id });
        break;
      case 'call.digit':
        this.#give('call.digit', { conference, call: call.id, digit: '#' });
        break;
      case 'participants.mute':
        this.#give('participants.mute', { conference, which, muted: each.flag });
        break;
      case 'participants.promote':
        this.#give('participants.promote', { conference, which, role: each.role ?? 'member' });
        break;
      case 'conference.mute':
        this.#give('conference.mute', { conference, muted: each.flag });
        break;
      case 'conference.extend':
        this.#give('conference.extend', { conference, seconds: each.who });
        break;
      case 'conference.time':
      case 'conference.configured':
        this.#give(each.command, { conference });
        break;
      case 'waiting.admit':
      case 'waiting.deny':
        this.#give(each.command, { conference, which: each.flag ? 'next' : 'all' });
        break;
      case 'participants.deafen':
        this.#give('participants.deafen', { conference, which, deaf: each.flag });
        break;
      case 'participants.relate':
        this.#give('participants.relate', {
          conference,
          participant: one(each.who),
          other: one(each.other),
          relationship: each.relationship,
        });
        break;
      case 'participants.coach':
        this.#give('participants.coach', { conference, which: one(each.who), whom: each.flag ? one(each.other) : null });
        break;
      case 'participants.hand':
        this.#give('participants.hand', { conference, which, raised: each.flag });
        break;
      case 'participants.floor':
        this.#give('participants.floor', { conference, which: one(each.who), taken: each.flag, force: each.other > 5 });
        break;
      case 'participants.consent':
        this.#give('participants.consent', { conference, which: one(each.who), agreed: each.flag });
        break;
      case 'conference.moh':
        this.#give('conference.moh', { conference, on: each.flag });
        break;
      case 'conference.set':
        this.#give('conference.set', {
          conference,
          ...(each.flag ? { maxParticipants: each.who } : { callerNumber: each.other > 4 ? '' : `555${each.other}` }),
        });
        break;
      case 'participants.tell':
        this.#give('participants.tell', { conference, which, what: each.flag ? 'count' : 'roll_call' });
        break;
      case 'keypad.act': {
        const action = KEYPAD_ACTIONS[(each.who * 8 + each.other) % KEYPAD_ACTIONS.length]!;
        this.#give('keypad.act', { conference, call: call.id, action });
        break;
      }
      case 'participants.adjust':
        this.#give('participants.adjust', {
          conference,
          which,
          [each.flag ? 'gainIn' : 'gainOut']: each.other / 4,
          stepEnergy: each.who - 4,
        });
        break;
      case 'participants.kick':
        this.#give('participants.kick', { conference, which: each.other === 1 ? 'all' : one(each.who) });
        break;
      case 'conference.lock':
        this.#give('conference.lock', { conference, locked: each.flag });
        break;
      case 'conference.read':
        this.#give('conference.read', { conference });
        break;
      case 'conference.create':
      case 'conference.replace': {
        // The numbers clash on purpose now and then; a limit is met now and then.
        const document = {
          conference_numbers: [String(each.other)],
          max_participants: each.who + 1,
          member: { join_muted: each.flag },
          require_moderator: true,
          moderator_grace: each.who / 1000,
          waiting_room: each.other > 5,
          ...(each.other % 2 === 0 ? { max_duration: 1800 + each.who } : {}),
          ...(each.other % 4 === 1 ? { timeout: 3600 * each.other } : {}),
          recording: each.flag,
          recording_consent: ([false, 'exclude', 'leave'] as const)[each.who % 3]!,
          recording_consent_seconds: 1,
          profile: { 'energy-level': each.who },
        };
        if (each.command === 'conference.create') this.#give('conference.create', { id: conference, document });
        else this.#give('conference.replace', { conference, document });
        break;
      }
      case 'conference.delete':
        this.#give('conference.delete', { conference, keep: each.flag });
        break;
      default:
        if (each.command in soundInputs) this.#sound(each.command as SoundCommand, each, stored);
    }
  }

  /** Outcomes come from outside: whoever tells one has ended before. */
  #sound<Name extends SoundCommand>(name: Name, { who, other, flag, conference: n }: WalkStep, stored: Conference | undefined): void {
    const conference = ids[n] as ConferenceId;
    const stream = aCall(20 + who + 10 * n).id;
    const input = soundInputs[name]({ conference, stored, who, other, flag, stream }, stored?.room?.participants ?? []);
    if (name.endsWith('.ended')) this.#tells(name, input);
    else this.#give(name, input);
  }

  /** The outcome counts once it is stored; when the store fails, the one who told it goes on as before. */
  #tells<Name extends SoundCommand>(name: Name, input: Input<Name>): void {
    const { house } = this;
    const id = Object.entries(input).find(([key]) => ['recording', 'playing', 'transcription'].includes(key))?.[1] as string;
    this.#give(name, input, () => house.sounds.forget(id));
  }
}

/** What must hold of one conference whenever nothing is under way. */
async function checkConference(house: FakeHouse, id: ConferenceId, check: FactCheck): Promise<void> {
  const facts = await house.store.facts(anAccount, id, 0);
  // A store may keep only the newest facts of an id whose conference was removed and made again.
  const first = facts[0]?.sequence ?? 1;
  assert.deepEqual(check.facts.slice(first - 1), facts, 'what was published is what is stored');
  const conference = await house.store.load(anAccount, id);
  if (conference === undefined) {
    assert.deepEqual(fold(facts), fold([]), 'nothing is live where there is no conference');
    check.settled(fold([]), house.clock.epoch());
    house.sounds.checkRoom({ account: anAccount, id, room: undefined });
    return;
  }
  assert.equal(conference.sequence, facts.at(-1)?.sequence);
  assert.deepEqual(fold(facts), live(conference), 'facts tell what is live');
  check.settled(live(conference), house.clock.epoch());
  checkHearing(conference);
  house.sounds.checkRoom(conference);
  const last = house.media.last(id);
  const { version: _, ...plan } = hearingPlan(conference);
  if (last === undefined) return;
  const { version: __, ...told } = last;
  // Nobody hears in what way an empty room would sound.
  const empty = { sources: plan.sources, listeners: plan.listeners };
  if (conference.room === undefined) assert.deepEqual({ sources: told.sources, listeners: told.listeners }, empty, 'the engine has let go');
  else if (conference.room.participants.length > 0) assert.deepEqual(told, plan, 'the engine has the newest plan');
}

/** The plan says for every pair what the mutes, deafness, relationships and prompts say one by one. */
function checkHearing(conference: Conference): void {
  const { participants = [], relationships = [], playing = [] } = conference.room ?? {};
  const plan = hearingPlan(conference);
  const sounds = [...playing, ...(conference.room?.announcing ?? [])].filter((each) => each.startedAt !== undefined);
  const duck = (to: string): number => Math.min(1, ...sounds.filter((each) => each.to === to).map((each) => each.duck));
  for (const a of participants) {
    const hasEars = a.call.stream !== 'in';
    for (const b of participants) {
      const kept = relationships.some(
        (each) =>
          (each.kind === 'mute' && each.participant === b.id && each.other === a.id) ||
          (each.kind === 'deaf' && each.participant === a.id && each.other === b.id),
      );
      const should =
        a.id !== b.id && b.muted.length === 0 && b.call.stream !== 'out' && hasEars && !a.deaf && !kept && (b.coaches ?? a.id) === a.id;
      const loud = should ? b.gainIn * duck('all') * duck(a.id) : 0;
      const is = loudness(plan, a.call.leg, b.call.leg);
      assert.ok(Math.abs(is - loud) < 1e-9, `${a.number} hears ${b.number} at ${loud}, not ${is}`);
    }
    for (const each of sounds) {
      const should = hasEars && (each.to === 'all' ? !a.deaf : each.to === a.id);
      assert.equal(loudness(plan, a.call.leg, each.id) > 0, should, `${a.number} hears what is played to ${each.to}`);
    }
  }
}

/** How far to walk. */
export interface WalkOptions {
  readonly rounds: number;
  readonly steps: number;
  /** A failure names its seed; the same seed walks the same way. */
  readonly seed: number;
  /** The walk, and the search for a shorter failing one, ends after so long. Default 20 000 ms. */
  readonly limitMs?: number;
  /** What keeps the conferences of one walk. Default: memory. */
  readonly open?: () => Promise<Store>;
  /** The whole state is compared whenever so many moments of rest have gone by; what was told is looked at always. Default 1. */
  readonly checkEvery?: number;
  /** How many facts and moments are looked back at in the end. Default 200. */
  readonly looksBack?: number;
}

/** Walks at random through commands on two conferences, many at once, with a store that sometimes fails and a server that sometimes goes down. */
export async function walkConferences(options: WalkOptions): Promise<void> {
  const { rounds, steps, seed, limitMs = 20_000, open, checkEvery = 1, looksBack = 200 } = options;
  const walk = fc.asyncProperty(fc.array(step, { minLength: steps, maxLength: steps, size: 'max' }), async (path) => {
    const all = new Walk(seed, new FaultyStore(await open?.()), checkEvery);
    for (const id of ids) await all.house.create({ member: { join_muted: false } }, id);
    for (const each of path) await all.take(each);
    await all.end(looksBack);
  });
  await fc.assert(walk, { numRuns: rounds, seed, interruptAfterTimeLimit: limitMs, markInterruptAsFailure: true });
}
