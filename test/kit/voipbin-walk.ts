import assert from 'node:assert/strict';
import type { VoipbinEvent } from '../../src/api/voipbin/events/event.ts';
import { eventsOf } from '../../src/api/voipbin/events/event.ts';
import { openLook } from '../../src/api/voipbin/events/look.ts';
import type { Json } from '../../src/base/index.ts';
import type { CallId, ConferenceId } from '../../src/conference/index.ts';
import { type House, openHouse } from './api-house.ts';
import { SeededChance } from './seeded-chance.ts';

/** How long, and with which chance. */
export interface VoipbinWalk {
  readonly seed: number;
  readonly steps: number;
}

const ORDER = { conference: ['starting', 'progressing', 'terminating', 'terminated'], call: ['joining', 'joined', 'leaving', 'leaved'] };
const MOST_CONFERENCES = 6;
const bare = (id: string): string => id.replaceAll('-', '');

/** What clients were shown of one thing: its states go forward only. */
class Shown {
  readonly #states = new Map<string, number>();

  take(id: string, status: string, order: readonly string[]): void {
    const now = order.indexOf(status);
    assert.notEqual(now, -1, `${status} is a state of the machine`);
    const before = this.#states.get(id) ?? -1;
    assert.ok(now >= before, `${id} went from ${order[before]} back to ${status}`);
    this.#states.set(id, now);
  }
}

/** One walk: random requests, joins and hang-ups, each answer and each event looked at. */
class Walk {
  readonly #house: House;
  readonly #chance: SeededChance;
  readonly #shown = new Shown();
  readonly #told = new Shown();
  /** Conferences that were made, oldest first; and what is left of their calls, by ours. */
  readonly #conferences: string[] = [];
  readonly #calls = new Map<string, { readonly conference: string; readonly call: string }>();
  readonly #people: string[] = [];
  #names = 0;

  constructor(house: House, seed: number) {
    this.#house = house;
    this.#chance = new SeededChance(seed);
  }

  /** What a follower is told, in order. */
  hear({ type, id, data }: VoipbinEvent): void {
    const status = String(data['status']);
    if (type.startsWith('conferencecall_')) this.#told.take(id, status, ORDER.call);
    else if (type.startsWith('conference_')) this.#told.take(id, status, ORDER.conference);
  }

  async step(): Promise<void> {
    const steps = [
      this.#make,
      this.#join,
      this.#join,
      this.#hangUp,
      this.#kick,
      this.#end,
      this.#act,
      this.#act,
      this.#change,
      this.#look,
      this.#wait,
    ];
    const step = steps[this.#below(steps.length)]!;
    await step.call(this);
  }

  /** Everything that is shown, once more. */
  async everything(): Promise<void> {
    for (const id of this.#conferences) await this.#see(id);
    for (const id of this.#people) {
      const { body } = await this.#ask('GET', `/conferencecalls/${id}`);
      this.#shown.take(id, body.status, ORDER.call);
    }
  }

  #below(most: number): number {
    return Math.floor(this.#chance.next() * most);
  }

  #one<Thing>(of: readonly Thing[]): Thing | undefined {
    return of[this.#below(of.length)];
  }

  async #ask(method: string, path: string, body?: Json) {
    const answer = await this.#house.server.inject({
      method: method as 'GET',
      url: `/v1.0${path}?accesskey=${this.#house.accessKey}`,
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    assert.ok(answer.statusCode < 500 && answer.statusCode !== 429, `${method} ${path} was answered ${answer.statusCode}: ${answer.body}`);
    // The rate of an address is not what is tried here.
    this.#house.clock.advance(5);
    return { status: answer.statusCode, body: answer.json() };
  }

  async #see(id: string): Promise<void> {
    const { body } = await this.#ask('GET', `/conferences/${id}`);
    this.#check(body);
    for (const person of body.conferencecall_ids) {
      const seen = (await this.#ask('GET', `/conferencecalls/${person}`)).body;
      assert.deepEqual([seen.status, seen.conference_id], ['joined', id], 'an id in conferencecall_ids is joined there');
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: an answer as it came.
  #check(body: any): void {
    this.#shown.take(body.id, body.status, ORDER.conference);
    for (const person of body.conferencecall_ids) if (!this.#people.includes(person)) this.#people.push(person);
    if (body.status !== 'terminated') return;
    assert.deepEqual(body.conferencecall_ids, [], 'nobody is in what is over');
    assert.equal(body.recording_id, '00000000-0000-0000-0000-000000000000');
  }

  async #make(): Promise<void> {
    const type = this.#below(3) === 0 ? 'connect' : 'conference';
    const { body } = await this.#ask('POST', '/conferences', {
      type,
      name: `${this.#names++}`,
      timeout: this.#below(3) === 0 ? 1 + this.#below(60) : 0,
    });
    this.#check(body);
    this.#conferences.push(body.id);
    if (this.#conferences.length > MOST_CONFERENCES) this.#conferences.shift();
  }

  async #join(): Promise<void> {
    const conference = this.#one(this.#conferences);
    if (conference === undefined) return;
    const name = `call-${this.#names++}`;
    try {
      await this.#house.join(bare(conference), { id: name });
    } catch (error) {
      assert.ok(['conference_full', 'conference_not_found'].includes((error as { code: string }).code), String(error));
      return;
    }
    const actor = { account: this.#house.account as never, kind: 'call' as const };
    const view = await this.#house.conferences.execute('conference.read', { conference: bare(conference) as ConferenceId }, actor);
    const call = view.conference.room?.participants.find((each) => each.call.sipCallId === name)?.call.id;
    assert.ok(call, 'who was let in is in');
    this.#calls.set(name, { conference: bare(conference), call });
  }

  async #hangUp(): Promise<void> {
    const name = this.#one([...this.#calls.keys()]);
    const one = name === undefined ? undefined : this.#calls.get(name);
    if (name === undefined || one === undefined) return;
    this.#calls.delete(name);
    const actor = { account: this.#house.account as never, kind: 'call' as const };
    const input = { conference: one.conference as ConferenceId, call: one.call as CallId, reason: 'hung-up' } as const;
    await this.#house.conferences.execute('call.ended', input, actor);
  }

  async #kick(): Promise<void> {
    const id = this.#one(this.#people);
    if (id === undefined) return;
    const before = (await this.#ask('GET', `/conferencecalls/${id}`)).body.status;
    const { status, body } = await this.#ask('DELETE', `/conferencecalls/${id}`);
    assert.equal(status, before === 'joined' ? 200 : 409);
    if (status === 200) this.#shown.take(id, body.status, ORDER.call);
    this.#shown.take(id, (await this.#ask('GET', `/conferencecalls/${id}`)).body.status, ORDER.call);
  }

  async #end(): Promise<void> {
    if (this.#below(3) > 0) return;
    const id = this.#one(this.#conferences);
    if (id === undefined) return;
    const { status, body } = await this.#ask('DELETE', `/conferences/${id}`);
    assert.equal(status, 200);
    this.#check(body);
  }

  async #act(): Promise<void> {
    const id = this.#one(this.#conferences);
    if (id === undefined) return;
    const what = this.#one(['recording_start', 'recording_stop', 'transcribe_start', 'transcribe_stop', 'direct-hash-regenerate'])!;
    const { status, body } = await this.#ask('POST', `/conferences/${id}/${what}`, {});
    assert.ok([200, 409].includes(status), `${what} was answered ${status}`);
    if (status === 200) this.#check(body);
  }

  async #change(): Promise<void> {
    const id = this.#one(this.#conferences);
    if (id === undefined) return;
    const { status, body } = await this.#ask('PUT', `/conferences/${id}`, { name: 'other', timeout: this.#below(2) * 30 });
    if (status === 200) this.#check(body);
    else assert.equal(status, 409);
  }

  async #look(): Promise<void> {
    const id = this.#one(this.#conferences);
    if (id !== undefined) await this.#see(id);
    const { body } = await this.#ask('GET', '/conferences');
    for (const each of body.result) {
      this.#check(each);
      assert.equal(each.status, 'progressing', 'what is listed goes on');
    }
  }

  async #wait(): Promise<void> {
    this.#house.clock.advance(this.#below(5_000));
    await new Promise((wake) => setImmediate(wake));
  }
}

/** Walks at random; whatever is shown or told that the documented machines do not allow fails, naming the seed. */
export async function walkVoipbin({ seed, steps }: VoipbinWalk): Promise<void> {
  const house = await openHouse();
  const walk = new Walk(house, seed);
  const look = openLook({ execute: house.conferences.execute, chronicle: house.store.chronicle });
  let telling: Promise<void> = Promise.resolve();
  await house.bus.follow({
    signals: false,
    take: (item) => {
      if (item.kind !== 'fact') return;
      telling = telling.then(async () => {
        for (const event of await eventsOf(item.entry.fact, look)) walk.hear(event);
      });
      // Awaited at the end.
      telling.catch(() => {});
    },
  });
  try {
    for (let step = 0; step < steps; step += 1) await walk.step();
    await walk.everything();
    await new Promise((wake) => setImmediate(wake));
    await telling;
    assert.deepEqual(house.errors, []);
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}
