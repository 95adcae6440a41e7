import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ChannelModel, connect } from 'amqplib';
import { dashed } from '../../src/base/index.ts';
import { SocketReader } from './event-readers.ts';
import { type Answer, eventually, type House, startHouse } from './house.ts';
import { aRoom } from './party.ts';
import { Phone } from './phone.ts';
import { Postgres } from './postgres.ts';
import { openRabbit, type Rabbit } from './rabbit.ts';
import { KnownRooms, liveRoom } from './replay-rooms.ts';
import { SeededChance } from './seeded-chance.ts';

const LANES = 6;
type Victim = 'parley' | 'rabbit' | 'postgres';

/** What came of it. */
export interface CrashFigures {
  readonly kills: Readonly<Record<Victim, number>>;
  readonly acknowledged: number;
  /** Changes whose answer did not come; each of them was there or was not. */
  readonly unanswered: number;
  readonly facts: number;
  readonly hookDoubles: number;
  readonly amqpDoubles: number;
}

/** How often; with a broker and on PostgreSQL these are killed, too. */
export interface CrashOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly withRabbit?: boolean;
  readonly withPostgres?: boolean;
  readonly told?: (round: number, figures: CrashFigures) => void;
}

const pause = (ms: number): Promise<void> => new Promise((next) => void setTimeout(next, ms));

/** Follows the stream from the beginning, and comes back behind what it has. */
class Reader {
  readonly rooms = new KnownRooms();
  readonly #url: () => string;
  readonly #key: string;
  #socket: SocketReader | undefined;
  #position = 0;
  facts = 0;
  #isOver = false;
  readonly running: Promise<void>;

  constructor(url: () => string, key: string) {
    this.#url = url;
    this.#key = key;
    this.running = this.#run();
  }

  close(): Promise<void> {
    this.#isOver = true;
    this.#socket?.close();
    return this.running;
  }

  /** Takes in what has come. */
  drain(): void {
    for (const each of this.#socket?.messages.splice(0) ?? []) {
      if (each.sequence === undefined || each.type === 'snapshot') continue;
      assert.ok(each.position > this.#position, `${each.position} comes after ${this.#position}`);
      this.#position = each.position;
      this.facts += 1;
      this.rooms.take(each);
    }
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const socket = SocketReader.open(`${this.#url()}/api/events?after=${this.#position}&signals=false`, {
        authorization: `Bearer ${this.#key}`,
      });
      this.#socket = socket;
      await socket.ended;
      this.drain();
      await pause(50);
    }
  }
}

/** Takes what it is told, and keeps each once, by number. */
class Hook {
  readonly #numbers = new Map<string, Set<number>>();
  readonly #ids = new Set<string>();
  doubles = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const id = String(request.headers['webhook-id']);
      if (this.#ids.has(id)) this.doubles += 1;
      this.#ids.add(id);
      const { data } = JSON.parse(Buffer.concat(chunks).toString());
      if (data.sequence !== undefined)
        this.#numbers.set(data.conference, (this.#numbers.get(data.conference) ?? new Set()).add(data.sequence));
      response.end();
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  count(conference: string): number {
    return this.#numbers.get(conference)?.size ?? 0;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** A program on the broker with a durable queue; it declares the exchange as KAZOO does, and comes back when the broker does. */
class Listener {
  readonly ids = new Map<string, Set<string>>();
  doubles = 0;
  readonly #rabbit: Rabbit;
  #model: ChannelModel | undefined;
  #isOver = false;
  isBound = false;

  constructor(rabbit: Rabbit) {
    this.#rabbit = rabbit;
    void this.#run();
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#model?.close().catch(() => {});
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        const model = await connect(this.#rabbit.url);
        this.#model = model;
        model.on('error', () => {});
        const gone = new Promise((resolve) => model.once('close', resolve));
        const channel = await model.createChannel();
        channel.on('error', () => {});
        await channel.assertExchange('conference', 'topic', { durable: false });
        await channel.assertQueue('crash', { durable: true });
        await channel.bindQueue('crash', 'conference', 'conference.event.#');
        await channel.consume('crash', (message) => {
          if (message === null) return;
          this.#take(JSON.parse(String(message.content)));
          channel.ack(message);
        });
        this.isBound = true;
        await gone;
      } catch {
        await pause(100);
      }
    }
  }

  #take({ Event: event, 'Conference-ID': conference, 'Msg-ID': id }: Record<string, string>): void {
    if (event?.endsWith('-talking') !== false) return;
    const ids = this.ids.get(conference ?? '') ?? new Set();
    if (ids.has(id ?? '')) this.doubles += 1;
    this.ids.set(conference ?? '', ids.add(id ?? ''));
  }
}

/** One who changes one conference again and again, and remembers what was acknowledged. */
class Lane {
  readonly id: string;
  readonly #house: House;
  #name = 0;
  #locked = false;
  acknowledged = 0;
  unanswered = 0;

  constructor(house: House, id: string) {
    this.#house = house;
    this.id = id;
  }

  async run(chance: SeededChance, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const isName = chance.next() < 0.5;
      try {
        if (isName) await this.#house.kazoo('PATCH', `/conferences/${this.id}`, { name: `n-${this.#name + 1}` });
        else await this.#house.act(this.id, this.#locked ? 'unlock' : 'lock');
      } catch {
        this.unanswered += 1;
        await this.#look(isName ? { name: this.#name + 1 } : { locked: !this.#locked }, isOver);
        continue;
      }
      this.acknowledged += 1;
      if (isName) this.#name += 1;
      else this.#locked = !this.#locked;
    }
  }

  /** What is there is what was acknowledged, or that with the one change whose answer did not come. */
  async #look(wish: { name?: number; locked?: boolean }, isOver: () => boolean): Promise<void> {
    for (;;) {
      await pause(20);
      let seen: { name: number; locked: boolean };
      try {
        seen = await this.#seen();
      } catch {
        if (isOver()) return;
        continue;
      }
      assert.ok(seen.name === this.#name || seen.name === wish.name, `${this.id} is named ${seen.name}, ${this.#name} was acknowledged`);
      assert.ok(seen.locked === this.#locked || seen.locked === wish.locked, `${this.id}: locked is ${seen.locked}`);
      this.#name = seen.name;
      this.#locked = seen.locked;
      return;
    }
  }

  async #seen(): Promise<{ name: number; locked: boolean }> {
    const { data }: Answer['body'] = (await this.#house.kazoo('GET', `/conferences/${this.id}`)).body;
    return { name: Number(/^n-(\d+)$/.exec(data.name)?.[1] ?? 0), locked: data._read_only.is_locked };
  }

  async check(): Promise<void> {
    assert.deepEqual(await this.#seen(), { name: this.#name, locked: this.#locked });
  }
}

/** Kills a whole server (and its broker and its database) under load, again and again, and looks for everything that it had acknowledged and told. */
export async function crashServer({
  rounds,
  seed,
  withRabbit = false,
  withPostgres = false,
  told = () => {},
}: CrashOptions): Promise<CrashFigures> {
  const chance = new SeededChance(seed);
  // One that cannot be closed leaves no broker and no database behind.
  await using closing = new AsyncDisposableStack();
  const rabbit = withRabbit ? await openRabbit() : undefined;
  closing.defer(() => rabbit?.close());
  const postgres = withPostgres ? await Postgres.start() : undefined;
  closing.defer(() => postgres?.close());
  const hook = new Hook();
  closing.defer(() => hook.close());
  const url = await hook.listen();
  const house = await startHouse({
    env: {
      PARLEY_FETCH_ALLOW: '127.0.0.1',
      PARLEY_LOG_LEVEL: 'warn',
      ...(rabbit === undefined ? {} : { PARLEY_AMQP_URL: rabbit.url }),
      ...(postgres === undefined ? {} : { PARLEY_STORE_URL: await postgres.newUrl() }),
    },
  });
  closing.defer(() => house.close());
  const { access_key: key } = house.first;
  const headers = { authorization: `Bearer ${key}` };
  const made = await house.fetch('POST', '/api/webhooks', { headers, body: { url } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const listener = rabbit === undefined ? undefined : new Listener(rabbit);
  closing.defer(() => listener?.close());
  if (listener !== undefined) await eventually(() => listener.isBound, 'the program on the broker is not bound', 60_000);
  const reader = new Reader(() => house.http, key);
  closing.defer(() => reader.close());
  const lanes: Lane[] = [];
  while (lanes.length < LANES) lanes.push(new Lane(house, (await aRoom(house)).id));
  const talk = await aRoom(house);
  let isOver = false;
  closing.defer(() => {
    isOver = true;
  });
  let failure: unknown;
  const working = lanes.map((each, n) =>
    each
      .run(new SeededChance(seed * 100 + n), () => isOver)
      .catch((error: unknown) => {
        failure ??= error;
      }),
  );
  const kills = { parley: 0, rabbit: 0, postgres: 0 };
  const sum = (of: 'acknowledged' | 'unanswered'): number => lanes.reduce((all, each) => all + each[of], 0);
  const figures = (): CrashFigures => ({
    kills: { ...kills },
    acknowledged: sum('acknowledged'),
    unanswered: sum('unanswered'),
    facts: reader.facts,
    hookDoubles: hook.doubles,
    amqpDoubles: listener?.doubles ?? 0,
  });
  for (let round = 1; round <= rounds; round++) {
    const dice = chance.next();
    const victim: Victim = rabbit !== undefined && dice < 0.1 ? 'rabbit' : postgres !== undefined && dice > 0.85 ? 'postgres' : 'parley';
    // Somebody is on the telephone when it happens.
    const phone = victim === 'parley' && round % 3 === 0 ? await Phone.open({ server: house.sip, user: `caller${round}` }) : undefined;
    if (phone !== undefined) {
      closing.defer(() => phone.vanish());
      await phone.call(talk.number);
    }
    await pause(chance.next() * 700);
    kills[victim] += 1;
    if (victim === 'parley') {
      await house.kill();
      phone?.vanish();
      await house.start();
    } else if (victim === 'rabbit') {
      await rabbit?.kill();
      await pause(chance.next() * 1000);
      await rabbit?.start();
    } else {
      await postgres?.kill();
      await postgres?.resume();
    }
    // Some changes between two kills.
    const before = sum('acknowledged');
    await eventually(() => failure !== undefined || sum('acknowledged') > before + LANES, 'nothing is acknowledged any more', 60_000);
    if (failure !== undefined) throw failure;
    reader.drain();
    told(round, figures());
  }
  isOver = true;
  await Promise.all(working);
  if (failure !== undefined) throw failure;
  for (const each of lanes) await each.check();
  for (const { id } of [...lanes, talk]) await arrived({ house, id, reader, hook, listener });
  return figures();
}

/** Everybody has everything of a conference, and what the stream's reader makes of it is the live state. */
async function arrived({
  house,
  id,
  reader,
  hook,
  listener,
}: {
  house: House;
  id: string;
  reader: Reader;
  hook: Hook;
  listener: Listener | undefined;
}): Promise<void> {
  const uuid = dashed(id);
  const headers = { authorization: `Bearer ${house.first.access_key}` };
  const view = (await house.fetch('GET', `/api/conferences/${uuid}`, { headers })).body;
  const ofStream = () => {
    reader.drain();
    return reader.rooms.sequences.get(uuid) ?? 0;
  };
  await reaches('the stream', view.sequence, ofStream, 60_000);
  assert.deepEqual(reader.rooms.room(uuid), liveRoom(view), 'the facts make the live state');
  // The next attempt after one that was cut comes after five seconds, the third after five minutes.
  await reaches('the webhook', view.sequence, () => hook.count(uuid), 400_000);
  if (listener === undefined) return;
  const known = /^(room\.|conference\.(un)?locked|participant\.(joined|left|(un)?muted|(un)?deafened)$)/;
  const wanted = (await typesOf(house, uuid)).filter((type) => known.test(type)).length;
  await reaches('AMQP', wanted, () => listener.ids.get(id)?.size ?? 0, 120_000);
}

/** Waits until exactly so many have come. */
async function reaches(who: string, wanted: number, count: () => number, within: number): Promise<void> {
  const end = performance.now() + within;
  while (count() !== wanted) {
    assert.ok(performance.now() < end && count() <= wanted, `${who} has ${count()} of ${wanted}`);
    await pause(50);
  }
}

/** The types of all facts of a conference; their numbers have no gaps. */
async function typesOf(house: House, uuid: string): Promise<string[]> {
  const types: string[] = [];
  const headers = { authorization: `Bearer ${house.first.access_key}` };
  for (;;) {
    const { body } = await house.fetch('GET', `/api/conferences/${uuid}/facts?after=${types.length}&limit=100`, { headers });
    if (body.items.length === 0) return types;
    for (const { type, sequence } of body.items) {
      types.push(type);
      assert.equal(sequence, types.length, 'the sequence has no gaps');
    }
  }
}
