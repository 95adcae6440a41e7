import assert from 'node:assert/strict';
import { callEvents } from '../../src/api/voipbin/events/call-events.ts';
import { eventsOf } from '../../src/api/voipbin/events/event.ts';
import { openLook } from '../../src/api/voipbin/events/look.ts';
import { Failure } from '../../src/base/index.ts';
import type { CallId } from '../../src/conference/index.ts';
import { SeededChance } from './seeded-chance.ts';
import { VoipbinEyes } from './voipbin-eyes.ts';
import type { VoipbinFault } from './voipbin-faults.ts';
import { openVoipbinHouse, type VoipbinHouse } from './voipbin-house.ts';
import { VoipbinModel } from './voipbin-model.ts';
import { VoipbinShown } from './voipbin-shown.ts';

/** How long, with which chance, and what is wrong on purpose. */
export interface VoipbinWalk {
  readonly seed: number;
  readonly steps: number;
  readonly fault?: VoipbinFault;
}

const MOST_CONFERENCES = 6;
const MOST_CALLS = 14;
const TEN_HOURS = 36_000_000;
const bare = (id: string): string => id.replaceAll('-', '');
const dashed = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** One walk: random requests, joins and hang-ups; every answer and every event is looked at, and what is shown is what a model says. */
class Walk {
  readonly #house: VoipbinHouse;
  readonly #chance: SeededChance;
  readonly #eyes: VoipbinEyes;
  readonly #told = new VoipbinShown(false);
  readonly #model = new VoipbinModel();
  /** Calls of ours that nobody has taken yet, and where their flow goes. */
  readonly #dialled = new Map<string, string>();
  #calls = 0;

  constructor(house: VoipbinHouse, { seed, fault }: VoipbinWalk) {
    this.#house = house;
    this.#chance = new SeededChance(seed);
    this.#eyes = new VoipbinEyes(house, this.#model, fault);
  }

  /** What a follower is told, in order. */
  hear({ type, data }: { readonly type: string; readonly data: unknown }): void {
    const [, kind = '', what = ''] = /^(conferencecall|conference|call|recording|transcribe)_(.+)$/.exec(type) ?? [];
    if (kind !== '' && !what.startsWith('speech')) this.#told.take(kind, data);
  }

  async step(): Promise<void> {
    await this.#one(this.#steps).call(this);
    await this.#settle();
  }

  readonly #steps: readonly ((this: Walk) => Promise<void>)[] = [
    this.#make,
    this.#comesStraight,
    this.#comesStraight,
    this.#comesByFlow,
    this.#comesByFlow,
    this.#dials,
    this.#dials,
    this.#takes,
    this.#takes,
    this.#refuses,
    this.#hangsUp,
    this.#hangsUp,
    this.#isHungUp,
    this.#kick,
    this.#kick,
    this.#end,
    this.#record,
    this.#record,
    this.#transcribe,
    this.#transcribe,
    this.#recorderEnds,
    this.#change,
    this.#looks,
    this.#looks,
    this.#lists,
    this.#wait,
    this.#wait,
    this.#wait,
  ];

  async last(): Promise<void> {
    await this.#settle();
    await this.#eyes.everything();
  }

  #below(most: number): number {
    return Math.floor(this.#chance.next() * most);
  }

  #one<Thing>(of: readonly Thing[]): Thing {
    return of[this.#below(of.length)] as Thing;
  }

  #conference(): string | undefined {
    return this.#one([...this.#model.conferences.keys()]);
  }

  #settle(): Promise<void> {
    return this.#house.switchboard.settled();
  }

  // ——— conferences ———

  async #make(): Promise<void> {
    const type = this.#one(['conference', 'conference', 'connect']);
    // No two times are the same: what happens at once has no order that anybody could be told.
    const timeout = this.#below(3) === 0 ? 2 + this.#below(20) : 0;
    const wait = this.#below(2) === 0 ? 1003 + 2 * this.#below(4000) : 0;
    const pre = wait === 0 ? [] : [{ type: 'sleep', option: { duration: wait } }];
    const { status, body } = await this.#eyes.ask('POST', '/conferences', { type, timeout, pre_actions: pre });
    assert.deepEqual([status, body.status], [200, 'starting']);
    this.#eyes.shown.take('conference', body);
    this.#model.make(body.id, { type, timeout, wait, at: this.#house.clock.epoch() });
    const [oldest] = this.#model.conferences.keys();
    if (this.#model.conferences.size <= MOST_CONFERENCES || oldest === undefined) return;
    await this.#eyes.ask('DELETE', `/conferences/${oldest}`);
    this.#model.ends(oldest);
    await this.#settle();
    await this.#eyes.see(oldest);
    this.#model.forget(oldest);
  }

  async #end(): Promise<void> {
    const id = this.#conference();
    if (id === undefined || this.#below(3) > 0) return;
    const people = this.#model.people(id).length;
    const wasOver = this.#model.conferences.get(id)?.isOver === true;
    const { status, body } = await this.#eyes.ask('DELETE', `/conferences/${id}`);
    assert.deepEqual([status, body.status], [200, wasOver || people === 0 ? 'terminated' : 'terminating']);
    this.#eyes.shown.take('conference', body);
    this.#model.ends(id);
  }

  async #change(): Promise<void> {
    const id = this.#conference();
    const one = id === undefined ? undefined : this.#model.conferences.get(id);
    if (id === undefined || one === undefined) return;
    // Late enough not to be over at once.
    const age = Math.ceil((this.#house.clock.epoch() - one.madeAt) / 1000);
    const timeout = this.#below(2) === 0 ? 0 : age + 2 + this.#below(20);
    const { body: before } = await this.#eyes.ask('GET', `/conferences/${id}`);
    const { status, body } = await this.#eyes.ask('PUT', `/conferences/${id}`, { name: 'other', timeout, pre_actions: before.pre_actions });
    assert.equal(status, one.isOver ? 409 : 200);
    if (status !== 200) return;
    this.#eyes.shown.take('conference', body);
    this.#model.retime(id, timeout);
  }

  async #record(): Promise<void> {
    const id = this.#conference();
    const one = id === undefined ? undefined : this.#model.conferences.get(id);
    if (id === undefined || one === undefined) return;
    const starts = this.#below(2) === 0;
    const { status, body } = await this.#eyes.ask('POST', `/conferences/${id}/recording_${starts ? 'start' : 'stop'}`);
    const refused = starts && (one.isOver || one.recording !== 'none');
    assert.equal(status, refused ? 409 : 200, `recording_${starts ? 'start' : 'stop'} while it is ${one.recording}`);
    if (refused) return;
    this.#eyes.shown.take('conference', body);
    if (!starts) one.recording = 'none';
    else {
      one.recording = this.#model.people(id).length > 0 ? 'running' : 'awaited';
      this.#eyes.recordings.push(body.recording_id);
      const { body: made } = await this.#eyes.ask('GET', `/recordings/${body.recording_id}`);
      this.#eyes.shown.take('recording', made);
      assert.deepEqual([made.status, made.reference_id], [one.recording === 'running' ? 'recording' : 'initiating', id]);
    }
  }

  async #transcribe(): Promise<void> {
    const id = this.#conference();
    const one = id === undefined ? undefined : this.#model.conferences.get(id);
    if (id === undefined || one === undefined) return;
    const starts = this.#below(2) === 0;
    const { status, body } = await this.#eyes.ask('POST', `/conferences/${id}/transcribe_${starts ? 'start' : 'stop'}`, {
      language: 'en-US',
    });
    const refused = starts && (one.isOver || one.isTranscribed || this.#model.people(id).length === 0);
    assert.equal(status, refused ? 409 : 200, `transcribe_${starts ? 'start' : 'stop'}`);
    if (refused) return;
    this.#eyes.shown.take('conference', body);
    one.isTranscribed = starts;
  }

  /** A recording has ended by itself, or its files are whole. */
  async #recorderEnds(): Promise<void> {
    const { recorder } = this.#house;
    for (const id of recorder.storing) await recorder.stored(id);
    const id = this.#one(recorder.running);
    if (id === undefined) return;
    await recorder.ends(id, this.#one(['limit', 'silence', 'failed']));
    const { body } = await this.#eyes.ask('GET', `/recordings/${dashed(id)}`);
    this.#eyes.shown.take('recording', body);
    const one = this.#model.conferences.get(body.reference_id);
    if (one !== undefined) one.recording = 'none';
  }

  // ——— calls ———

  async #comesStraight(): Promise<void> {
    const id = this.#conference();
    if (id === undefined || this.#model.calls.size >= MOST_CALLS) return;
    this.#calls += 1;
    const may = this.#model.conferences.get(id)?.isOver === false && !this.#model.isFull(id);
    try {
      const call = await this.#house.enters(id, this.#calls);
      assert.ok(may, 'who may not come in is refused');
      this.#model.comes(call, true);
      this.#model.enters(call, id);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      assert.ok(!may && ['conference_full', 'conference_not_found'].includes(error.code), `${error.code}: who may come in is let in`);
    }
  }

  #flowTo(conference: string) {
    return [
      { type: 'conference_join', option: { conference_id: conference } },
      { type: 'sleep', option: { duration: TEN_HOURS } },
    ];
  }

  async #comesByFlow(): Promise<void> {
    const id = this.#conference();
    if (id === undefined || this.#model.calls.size >= MOST_CALLS) return;
    this.#calls += 1;
    const call = await this.#house.calls(this.#calls, this.#flowTo(id));
    this.#model.comes(call, false);
    this.#model.sets(call, id, this.#house.clock.epoch());
  }

  async #dials(): Promise<void> {
    const id = this.#conference();
    if (id === undefined || this.#dialled.size > 3) return;
    const { body } = await this.#eyes.ask('POST', '/calls', { destinations: [{ target: '+15550100' }], actions: this.#flowTo(id) });
    const [call] = body.calls;
    assert.equal(call.status, 'dialing');
    this.#eyes.shown.take('call', call);
    this.#dialled.set(bare(call.id), id);
  }

  async #takes(): Promise<void> {
    const id = this.#one([...this.#dialled.keys()]);
    const conference = id === undefined ? undefined : this.#dialled.get(id);
    if (id === undefined || conference === undefined) return;
    const { switchboard, clock } = this.#house;
    if (this.#below(2) === 0) switchboard.rings(id as CallId);
    switchboard.takes(id as CallId);
    await this.#settle();
    this.#dialled.delete(id);
    this.#model.comes(id, false);
    // What its flow wants has been forgotten by the model: there is no such conference in the walk any more.
    if (this.#model.conferences.has(conference)) this.#model.sets(id, conference, clock.epoch());
    else this.#model.gone(id);
  }

  async #refuses(): Promise<void> {
    const id = this.#one([...this.#dialled.keys()]);
    if (id === undefined) return;
    this.#dialled.delete(id);
    const { body } = await this.#eyes.ask('GET', `/calls/${dashed(id)}`);
    this.#eyes.shown.take('call', body);
    if (this.#below(2) === 0) this.#house.switchboard.goes(id as CallId, 'refused', { code: 'dial_busy', words: 'busy', status: 486 });
    else this.#eyes.shown.take('call', (await this.#eyes.ask('POST', `/calls/${dashed(id)}/hangup`)).body);
    await this.#settle();
    const { body: after } = await this.#eyes.ask('GET', `/calls/${dashed(id)}`);
    this.#eyes.shown.take('call', after);
    assert.equal(after.status, 'hangup');
  }

  async #hangsUp(): Promise<void> {
    const id = this.#one([...this.#model.calls.keys()]);
    if (id === undefined) return;
    this.#house.switchboard.goes(id as CallId);
    await this.#settle();
    this.#model.gone(id);
    const { body } = await this.#eyes.ask('GET', `/calls/${dashed(id)}`);
    this.#eyes.shown.take('call', body);
    assert.equal(body.status, 'hangup');
  }

  async #isHungUp(): Promise<void> {
    const id = this.#one([...this.#model.calls.keys()]);
    if (id === undefined) return;
    const { status, body } = await this.#eyes.ask('POST', `/calls/${dashed(id)}/hangup`);
    assert.equal(status, 200);
    this.#eyes.shown.take('call', body);
    await this.#settle();
    this.#model.gone(id);
  }

  async #kick(): Promise<void> {
    const { body: all } = await this.#eyes.ask('GET', '/conferencecalls?page_size=20');
    const one = this.#one(all.result as { id: string; status: string; reference_id: string }[]);
    if (one === undefined) return;
    const { status, body } = await this.#eyes.ask('DELETE', `/conferencecalls/${one.id}`);
    assert.equal(status, one.status === 'leaved' ? 409 : 200, `a kick of who is ${one.status}`);
    if (status !== 200) return;
    assert.equal(body.status, 'leaving');
    this.#eyes.shown.take('conferencecall', body);
    await this.#settle();
    const call = bare(one.reference_id);
    if (one.status === 'joined') this.#model.out(call);
    else this.#model.gone(call);
    this.#eyes.shown.take('conferencecall', (await this.#eyes.ask('GET', `/conferencecalls/${one.id}`)).body);
  }

  async #looks(): Promise<void> {
    await this.#eyes.compare((most) => this.#below(most));
  }

  async #lists(): Promise<void> {
    await this.#eyes.lists();
  }

  /** Time passes, and what happens by itself happens one after the other. */
  async #wait(): Promise<void> {
    const { clock } = this.#house;
    const until = clock.epoch() + this.#below(6_000);
    for (let next = this.#model.next; next !== undefined && next <= until; next = this.#model.next) {
      clock.advance(Math.max(0, next - clock.epoch()));
      await this.#settle();
      this.#model.passes(clock.epoch());
    }
    clock.advance(Math.max(0, until - clock.epoch()));
  }
}

/** Walks at random; whatever is shown or told that the documents do not allow fails, naming the seed. */
export async function walkVoipbin(wish: VoipbinWalk): Promise<void> {
  const { seed, steps, fault } = wish;
  const house = await openVoipbinHouse({ unbounded: true, ...(fault?.execute === undefined ? {} : { execute: fault.execute }) });
  const walk = new Walk(house, wish);
  const { phoneCalls: phones } = house.lobbies;
  const look = openLook({
    execute: house.conferences.execute,
    chronicle: house.store.chronicle,
    recordings: house.options.recordings,
    phones,
  });
  let telling: Promise<void> = Promise.resolve();
  const tell = (events: () => Promise<readonly { readonly type: string; readonly data: unknown }[]>): void => {
    telling = telling.then(async () => {
      for (const event of await events()) walk.hear(event);
    });
    // Awaited at the end.
    telling.catch(() => {});
  };
  phones.follow(house.account as never, (call, before) => tell(async () => callEvents(call, before)));
  await house.bus.follow({ signals: false, take: (item) => item.kind === 'fact' && tell(() => eventsOf(item.entry.fact, look)) });
  try {
    for (let step = 0; step < steps; step += 1) await walk.step();
    await walk.last();
    await telling;
    assert.deepEqual([house.errors, house.switchboard.errors], [[], []]);
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
  } finally {
    await house.close();
  }
}
