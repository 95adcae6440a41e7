import assert from 'node:assert/strict';
import { dashed, Failure } from '../../src/base/index.ts';
import type { CommandName, ConferenceId, Input } from '../../src/conference/index.ts';
import type { Posting } from '../../src/webhooks/index.ts';
import { settled } from './bus-house.ts';
import { openReplayHouse, type ReplayHouse } from './replay-house.ts';
import { AmqpProgram, HoleProgram, HookProgram, StreamProgram, Wrong } from './replay-programs.ts';
import { kazooLive, liveRoom } from './replay-rooms.ts';
import { SeededChance } from './seeded-chance.ts';

const MINUTE = 60_000;
const CONFERENCES = ['b'.repeat(32), 'f'.repeat(32)] as ConferenceId[];
/** KAZOO's events, one for each fact of these types and for no other (kazoo-facts §8.2). */
const KAZOO: Readonly<Record<string, string>> = {
  'room.opened': 'conference-create',
  'room.closed': 'conference-destroy',
  'conference.locked': 'lock',
  'conference.unlocked': 'unlock',
  'participant.joined': 'add-member',
  'participant.left': 'del-member',
  'participant.muted': 'mute-member',
  'participant.unmuted': 'unmute-member',
  'participant.deafened': 'deaf-member',
  'participant.undeafened': 'undeaf-member',
};

/** What came of a walk. */
export interface ReplayFigures {
  readonly facts: number;
  readonly starts: number;
  readonly comings: number;
  readonly restarts: number;
  readonly amqpDoubles: number;
  readonly hookDoubles: number;
  readonly hookRefused: number;
}

/** How far to walk. `path`: the database; default one in memory. `told`: every thousand steps. */
export interface ReplayOptions {
  readonly steps: number;
  readonly seed: number;
  readonly path?: string;
  readonly told?: (step: number, figures: ReplayFigures) => void;
}

class ReplayWalk {
  readonly #house: ReplayHouse;
  readonly #chance: SeededChance;
  readonly #wrong = new Wrong();
  readonly #stream: StreamProgram;
  readonly #hole: HoleProgram;
  readonly #amqp: AmqpProgram;
  readonly #hooks: Readonly<Record<'any' | 'ordered', HookProgram>>;
  #calls = 0;
  #restarts = 0;

  constructor(house: ReplayHouse, chance: SeededChance, hooks: Readonly<Record<'any' | 'ordered', HookProgram>>) {
    this.#house = house;
    this.#chance = chance;
    this.#hooks = hooks;
    this.#stream = new StreamProgram(house, this.#wrong);
    this.#hole = new HoleProgram(house, this.#wrong, CONFERENCES);
    this.#amqp = new AmqpProgram(house);
  }

  async begin(): Promise<void> {
    const webhooks = this.#house.run!.webhooks;
    for (const [name, order] of [['any', 'none'] as const, ['ordered', 'conference'] as const])
      await webhooks.create(this.#house.account, { url: `http://${name}.test/`, order });
    for (const id of CONFERENCES) await this.#do('conference.create', { id, document: { member: { join_muted: false } } });
  }

  figures(facts: number): ReplayFigures {
    const { any, ordered } = this.#hooks;
    return {
      facts,
      starts: this.#stream.starts,
      comings: this.#stream.comings + this.#hole.comings,
      restarts: this.#restarts,
      amqpDoubles: this.#amqp.doubles,
      hookDoubles: any.doubles + ordered.doubles,
      hookRefused: any.refused + ordered.refused,
    };
  }

  #some(n: number): number {
    return Math.floor(this.#chance.next() * n);
  }

  /** A refusal by the rules is no fault of the walk. */
  async #do<Name extends CommandName>(name: Name, input: Input<Name>): Promise<void> {
    const { run, actor } = this.#house;
    await run?.conferences.execute(name, input, actor).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
    });
  }

  async step(): Promise<void> {
    const conference = CONFERENCES[this.#some(2)] as ConferenceId;
    const dice = this.#some(100);
    // Nobody starts twice to talk within a millisecond: the names of such events would be the same.
    this.#house.clock.advance(1);
    if (dice < 70) await this.#room(conference, dice);
    else if (dice < 82) await this.#time();
    else await this.#trouble(this.#some(1000));
    this.#programs();
    if (this.#some(3) === 0) await settled();
  }

  #programs(): void {
    this.#stream.tick();
    this.#hole.tick();
    this.#amqp.tick();
    this.#wrong.check();
  }

  async #room(conference: ConferenceId, dice: number): Promise<void> {
    const { run, store, account } = this.#house;
    const people = (await store.conferences.load(account, conference))?.room?.participants ?? [];
    const one = people[this.#some(Math.max(1, people.length))];
    const flag = this.#some(2) === 0;
    if (one === undefined || dice < 14) {
      if (people.length < 8) await this.#house.join(conference, ++this.#calls).catch(refusal);
      return;
    }
    const which = this.#some(8) === 0 ? ('all-but-moderators' as const) : one.number;
    if (dice < 26) await this.#do('participants.mute', { conference, which, muted: flag });
    else if (dice < 34) await this.#do('participants.deafen', { conference, which, deaf: flag });
    else if (dice < 50) run?.conferences.setLevel(one.call.leg, { talking: flag, energy: 100 });
    else if (dice < 55) {
      const other = people[this.#some(people.length)]?.number ?? 0;
      const relationship = (['mute', 'deaf', 'clear'] as const)[this.#some(3)]!;
      await this.#do('participants.relate', { conference, participant: one.number, other, relationship });
    } else if (dice < 59) await this.#do('conference.lock', { conference, locked: flag });
    else if (dice < 64) await this.#do('call.ended', { conference, call: one.call.id, reason: 'hung-up' });
    else if (dice < 66) await this.#do('participants.adjust', { conference, which, gainIn: this.#some(4) / 4 });
    else if (dice < 67) await this.#do('participants.kick', { conference, which: flag ? 'all' : one.number });
    else if (dice < 69)
      await this.#do('conference.replace', { conference, document: { member: { join_muted: false }, name: `${this.#some(9)}` } });
    else await this.#do('call.held', { conference, call: one.call.id, held: flag });
  }

  /** Mostly moments; now and then so long that pings are missed, tokens end, and messages come due. */
  async #time(): Promise<void> {
    const long = this.#some(40) === 0 ? 20 * MINUTE : 1500;
    this.#house.clock.advance(1 + this.#some(long));
    await settled();
  }

  async #trouble(dice: number): Promise<void> {
    const { broker, clock } = this.#house;
    const [flag, hook] = [this.#some(2) === 0, this.#some(2) === 0 ? this.#hooks.any : this.#hooks.ordered];
    if (dice < 150) this.#stream.cut();
    else if (dice < 300) this.#hole.cut();
    else if (dice < 400) this.#stream.reads(flag);
    else if (dice < 500) this.#hole.reads(flag);
    else if (dice < 700) {
      broker.isDown = flag;
      broker.loses = !flag && this.#some(4) === 0;
    } else if (dice < 740) hook.brokenUntil = clock.epoch() + 10 * MINUTE;
    else if (dice < 800) hook.late = flag ? 0.3 : 0;
    else if (dice < 810)
      for (let n = 0; n < 100; n++) await this.#do('conference.lock', { conference: CONFERENCES[0]!, locked: n % 2 === 0 });
    else if (dice < 820) await this.restart(flag ? 'dead' : 'stopped');
  }

  /** The server goes and comes back. */
  async restart(how: 'dead' | 'stopped'): Promise<void> {
    this.#restarts += 1;
    await this.#house.restart(how);
  }

  /** Everything works again; waits until everybody has everything. */
  async heal(): Promise<void> {
    const { broker, clock, account } = this.#house;
    Object.assign(broker, { isDown: false, loses: false });
    for (const each of Object.values(this.#hooks)) Object.assign(each, { brokenUntil: 0, late: 0 });
    const webhooks = this.#house.run!.webhooks;
    const left = async (state: 'pending' | 'dead') => (await webhooks.deliveries({ account, state, limit: 1 })).length;
    // The schedule has pauses of up to a day; what was given up after all is sent once more on request.
    for (let n = 0; this.#lag() > 0 || (await left('pending')) > 0 || (await left('dead')) > 0; n++) {
      assert.ok(n < 3000, `not told in time: ${this.#lag()} positions behind, ${await left('pending')} messages pending`);
      if ((await left('dead')) > 0)
        for (const { id } of await webhooks.list(account)) await webhooks.replayAll(account, id, { state: 'dead' });
      clock.advance(n < 200 ? 1000 : 30 * MINUTE);
      await settled();
      this.#programs();
    }
    const last = await this.#house.store.journal.last();
    for (let n = 0; this.#stream.position < last || !this.#hole.isIn || n < 3; n++) {
      assert.ok(n < 2000, `the stream has ${this.#stream.position} of ${last}, Blackhole is ${this.#hole.isIn ? 'in' : 'away'}`);
      for (const each of [this.#stream, this.#hole]) each.reads(true);
      clock.advance(25);
      // What is on its way through the kernel needs real time.
      await new Promise((next) => void setTimeout(next, 5));
      this.#programs();
    }
  }

  #lag(): number {
    return this.#house.run!.bus.counts().consumers.reduce((sum, { lag }) => sum + lag, 0);
  }

  /** Everybody has everything, once, and knows the rooms as they are. */
  async check(): Promise<number> {
    const all = await this.#journal();
    for (const id of CONFERENCES) {
      const uuid = dashed(id);
      const view = await this.#house.get(`/api/conferences/${uuid}`);
      const facts = all.get(id) ?? [];
      for (const [name, { rooms }] of Object.entries({ stream: this.#stream, ...this.#hooks })) {
        assert.equal(rooms.sequences.get(uuid) ?? 0, facts.length, `${name} has every fact`);
        assert.deepEqual(rooms.room(uuid), liveRoom(view), `${name} knows the room`);
      }
      const wanted = facts.filter(({ type }) => type in KAZOO).map(({ type, number }) => `${KAZOO[type]} ${number ?? ''}`.trim());
      assert.deepEqual(this.#amqp.words.get(id) ?? [], wanted, 'AMQP has told every fact that KAZOO knows, in order');
      assert.deepEqual(this.#amqp.rooms.room(id), kazooLive(view), 'AMQP knows the room');
      assert.deepEqual(this.#hole.rooms.room(id), kazooLive(view), 'Blackhole knows the room');
      this.#spans(id);
    }
    for (const each of Object.values(this.#hooks)) assert.equal(each.waiting, 0, 'nothing is left over');
    this.#wrong.check();
    return [...all.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Whatever a socket was told while it was there is a stretch of what happened, without hole and without double. */
  #spans(id: string): void {
    const all = this.#amqp.ids.get(id) ?? [];
    for (const span of this.#hole.spans) {
      const told = span.get(id) ?? [];
      if (told.length === 0) continue;
      const from = all.indexOf(told[0] as string);
      assert.deepEqual(told, all.slice(from, from + told.length), 'Blackhole told a stretch without hole');
    }
  }

  /** What really happened. */
  async #journal(): Promise<Map<string, { type: string; number: number | undefined }[]>> {
    const { journal } = this.#house.store;
    const all = new Map<string, { type: string; number: number | undefined }[]>();
    let entries = await journal.read(0, 500);
    for (; entries.length > 0; entries = await journal.read(entries.at(-1)!.position, 500)) {
      for (const { fact } of entries) {
        assert.ok('conference' in fact);
        const facts = all.get(fact.conference) ?? [];
        all.set(fact.conference, facts);
        facts.push({ type: fact.type, number: fact.about?.number });
        assert.equal(fact.sequence, facts.length, 'the sequence has no gaps');
      }
    }
    return all;
  }
}

/**
 * Walks at random through rooms while a websocket, a Blackhole client, a program on the broker and two webhook receivers are cut off, slow, refused and restarted,
 * and the server stops and dies; in the end each has everything, nothing twice, and what it makes of it is the live state.
 */
export async function walkReplay({ steps, seed, path = ':memory:', told = () => {} }: ReplayOptions): Promise<ReplayFigures> {
  const chance = new SeededChance(seed);
  const hooks = { any: new HookProgram(false), ordered: new HookProgram(true) };
  const wrong = new Wrong();
  let house: ReplayHouse | undefined;
  const post = async (posting: Posting) => {
    const hook = posting.url.includes('//any.') ? hooks.any : hooks.ordered;
    if (chance.next() < 0.3) await new Promise((next) => void setImmediate(next));
    let answer: ReturnType<HookProgram['answer']> = { status: 500 };
    wrong.guarded(() => {
      answer = hook.answer(posting, house?.clock.epoch() ?? 0, chance.next());
    })();
    return answer;
  };
  house = await openReplayHouse({ seed, path, post });
  try {
    const walk = new ReplayWalk(house, chance, hooks);
    await walk.begin();
    for (let step = 1; step <= steps; step++) {
      await walk.step();
      // On a short walk chance may not come to it.
      if (step === Math.ceil(steps / 2)) await walk.restart(seed % 2 === 0 ? 'dead' : 'stopped');
      wrong.check();
      if (step % 1000 === 0) told(step, walk.figures(await house.store.journal.last()));
      // A look at everything now and then: what goes wrong early is found early.
      if (step % 20_000 === 0) {
        await walk.heal();
        await walk.check();
      }
    }
    await walk.heal();
    const facts = await walk.check();
    wrong.check();
    return walk.figures(facts);
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  } finally {
    await house[Symbol.asyncDispose]();
  }
}

function refusal(error: unknown): void {
  if (!(error instanceof Failure)) throw error;
}
