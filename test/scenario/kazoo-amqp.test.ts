import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import type { Json } from '../../src/base/index.ts';
import { type Answer, eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf, party } from '../kit/party.ts';
import { openRabbit, type Rabbit } from '../kit/rabbit.ts';
import { header } from '../kit/sip-text.ts';

type Message = Answer['body'];

const programs: Program[] = [];
let rabbit: Rabbit;
let house: House;
before(async () => {
  rabbit = await openRabbit();
  house = await startHouse({ env: { PARLEY_AMQP_URL: rabbit.url } });
});
after(async () => {
  // Also after a failed assertion: an open one would come back for ever.
  for (const each of programs) await each.close();
  await house?.close();
  await rabbit?.close();
});

/** A program of somebody else, with the bare library: a durable queue of events, and a queue for replies; it comes back when the broker does. */
class Program {
  readonly events: Message[] = [];
  readonly keys: string[] = [];
  readonly replies: Message[] = [];
  readonly #queue: string;
  #model: ChannelModel | undefined;
  #channel: Channel | undefined;
  #replyQueue = '';
  #asked = 0;
  #closed = false;

  private constructor(queue: string) {
    this.#queue = queue;
  }

  static async open(queue: string): Promise<Program> {
    const program = new Program(queue);
    programs.push(program);
    void program.#run();
    await eventually(() => program.#channel, 'no channel');
    return program;
  }

  /** Sends a command; gives the reply, when one is waited for. */
  async ask(message: { readonly [key: string]: Json }, key = `conference.command.${message['Conference-ID']}`): Promise<Message> {
    const id = this.send(message, key);
    return eventually(() => this.replies.find((each) => each['Msg-ID'] === id), `no reply to ${JSON.stringify(message)}`);
  }

  send(message: { readonly [key: string]: Json }, key = `conference.command.${message['Conference-ID']}`): string {
    this.#asked += 1;
    const id = `${this.#queue}-${this.#asked}`;
    const whole = { 'Event-Category': 'conference', 'Event-Name': 'command', 'Server-ID': this.#replyQueue, 'Msg-ID': id, ...message };
    this.#channel?.publish('conference', key, Buffer.from(JSON.stringify(whole)));
    return id;
  }

  /** The events of one conference, each once, by name. */
  names(conference: string): string[] {
    const seen = new Set<string>();
    const fresh = this.events.filter(
      (each) => each['Conference-ID'] === conference && !seen.has(each['Msg-ID']) && seen.add(each['Msg-ID']),
    );
    return fresh.map((each) => each.Event);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#model?.close().catch(() => {});
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#model = await connect(rabbit.url);
        this.#model.on('error', () => {});
        const gone = new Promise((resolve) => this.#model?.once('close', resolve));
        const channel = await this.#model.createChannel();
        channel.on('error', () => {});
        // As KAZOO's own programs declare it: transient (kz_amqp_util's new_exchange).
        await channel.assertExchange('conference', 'topic', { durable: false });
        await channel.assertQueue(this.#queue, { durable: true });
        await channel.bindQueue(this.#queue, 'conference', 'conference.event.#');
        await channel.consume(this.#queue, (message) => {
          if (message === null) return;
          this.keys.push(message.fields.routingKey);
          this.events.push(JSON.parse(String(message.content)));
          channel.ack(message);
        });
        this.#replyQueue = (await channel.assertQueue('', { exclusive: true })).queue;
        await channel.consume(this.#replyQueue, (message) => message && void this.replies.push(JSON.parse(String(message.content))), {
          noAck: true,
        });
        this.#channel = channel;
        await gone;
        this.#channel = undefined;
      } catch {
        // Nobody has declared the exchange yet, or the broker is away.
        await this.#model?.close().catch(() => {});
        await new Promise((next) => setTimeout(next, 100));
      }
    }
  }
}

test('events go to the documented key, commands act and answer', async () => {
  const program = await Program.open('one');
  const room = await aRoom(house);
  const [ann] = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const base = { 'Conference-ID': room.id };
  await eventually(() => program.names(room.id).includes('start-talking'), 'no talk');
  const added = program.events.findIndex((each) => each.Event === 'add-member' && each['Call-ID'] === ann!.callId);
  assert.equal(program.keys[added], `conference.event.${room.id}.${encodeURIComponent(ann!.callId).replaceAll('.', '%2E')}`);
  assert.equal(program.events[added]['Account-ID'], house.first.account_id);
  const number = await numberOf(house, room.id, 'Ann');

  program.send({ ...base, 'Application-Name': 'mute_participant', 'Participant-ID': String(number) });
  await eventually(async () => (await participants(house, room.id)).get('Ann')?.speak === false, 'Ann is not muted');
  const { Participants } = await program.ask({ ...base, 'Application-Name': 'participants' });
  assert.deepEqual(
    Participants.map((each: Message) => [each['Caller-ID-Name'], each.Speak]),
    [
      ['Ann', false],
      ['Ben', true],
    ],
  );
  const found = await program.ask({ ...base, 'Event-Name': 'search_req' }, 'conference.discovery');
  assert.deepEqual([found['Event-Name'], found['Participant-Count']], ['search_resp', 2]);
  const refused = await program.ask({ ...base, 'Application-Name': 'dial', Endpoints: [{}] });
  assert.match(refused['Error-Message'], /^endpoints\.0/);
  const missing = await program.ask({ 'Conference-ID': 'nowhere', 'Application-Name': 'lock' });
  assert.equal(missing['Error-Message'], 'Conference nowhere not found');

  program.send({ ...base, 'Application-Name': 'kick', 'Participant-ID': number });
  program.send({ ...base, 'Application-Name': 'kick' });
  await emptied(house, room.id);
  await eventually(() => program.names(room.id).includes('conference-destroy'), 'the end was not told');
  const names = program.names(room.id);
  assert.ok(names.indexOf('mute-member') > names.indexOf('stop-talking'), names.join());
  for (const [opening, closing] of [
    ['start-talking', 'stop-talking'],
    ['add-member', 'del-member'],
  ] as const) {
    assert.equal(names.filter((each) => each === opening).length, names.filter((each) => each === closing).length, names.join());
  }
  await program.close();
});

test('what is set for this run turns the next caller away, and says who calls, until it is as the conference has it again', async () => {
  const program = await Program.open('setting');
  const [full, room] = [await aRoom(house, { max_participants: 1 }), await aRoom(house, { name: 'Board' })];
  const inside = await party(house, full.number, { names: ['Ann'] });
  const stranger = await house.phone({ user: 'Ben' });
  const asFull = await stranger.tries(full.number);
  assert.ok(asFull >= 400, `a full conference answered ${asFull}`);
  const sets = (parameter: string, value: string) =>
    program.send({ 'Conference-ID': room.id, 'Application-Name': 'set', Parameter: parameter, Value: value });
  /** Commands of one conference are done in turn: whoever has an answer knows that those before are done. */
  const done = () => program.ask({ 'Conference-ID': room.id, 'Application-Name': 'participants' });
  const early = await program.ask({ 'Conference-ID': room.id, 'Application-Name': 'set', Parameter: 'Max-Members', Value: '1' });
  assert.equal(early['Error-Message'], `Conference ${room.id} not found`, 'nobody is in it');

  inside.push(...(await party(house, room.number, { names: ['Cid', 'Dan'] })));
  sets('Max-Members', '1');
  await done();
  assert.equal(await stranger.tries(room.number), asFull);
  assert.equal((await participants(house, room.id)).size, 2, 'who is in stays');
  sets('Max-Members', '0');
  await done();
  assert.equal(await stranger.tries(room.number), 200);

  const headers = { authorization: `Bearer ${house.first.api_key}` };
  const overAmqp =
    (more: { readonly [key: string]: Json } = {}) =>
    async (uri: string): Promise<string> => {
      const ask = { 'Conference-ID': room.id, 'Application-Name': 'dial', Endpoints: [{ Route: uri, 'Endpoint-ID': 'eve' }], ...more };
      return (await program.ask(ask))['Endpoint-Responses'][0].Status;
    };
  const overKazoo = async (uri: string): Promise<string> =>
    (await house.act(room.id, 'dial', { endpoints: [uri] })).body.data.endpoint_responses[0].status;
  const overOurs = async (uri: string): Promise<string> =>
    (await house.fetch('POST', `/api/conferences/${room.id}/dial`, { headers, body: { endpoints: [uri] } })).body.items[0].status;
  /** Who is said to call, as the telephone that is called reads it. */
  const from = async (dial: (uri: string) => Promise<string> = overAmqp()): Promise<string> => {
    const eve = await house.phone({ user: 'eve' });
    assert.match(await dial(`sip:eve@${eve.address}`), /^(success|joined)$/);
    const invite = eve.received.find(({ method }) => method === 'INVITE')!;
    await eve.hangUp();
    return header(invite, 'from').replace(/@.*/, '');
  };
  const usual = await from();
  assert.match(usual, /^"Board" </);
  sets('Caller-ID-Number', '+15550100');
  assert.equal(await from(), '"Board" <sip:+15550100');
  sets('Caller-ID-Name', 'The board');
  assert.equal(await from(), '"The board" <sip:+15550100');
  assert.equal(await from(overAmqp({ 'Caller-ID-Number': '+15550199' })), '"The board" <sip:+15550199');
  for (const dial of [overKazoo, overOurs]) assert.equal(await from(dial), '"The board" <sip:+15550100');
  const { body } = await house.fetch('GET', `/api/conferences/${room.id}`, { headers });
  assert.deepEqual(body.set, { max_participants: null, caller_name: 'The board', caller_number: '+15550100' });

  await house.act(`${room.id}/participants`, 'kick');
  await emptied(house, room.id);
  inside.push(...(await party(house, room.number, { names: ['Cid'] })));
  assert.equal(await from(), usual, 'the next run is as the conference has it');
  for (const id of [room.id, full.id]) {
    await house.act(`${id}/participants`, 'kick');
    await emptied(house, id);
  }
  await program.close();
});

test('a broker that dies while people come and go delays and loses nothing', async () => {
  const program = await Program.open('two');
  const room = await aRoom(house);
  await rabbit.kill();
  await party(house, room.number, { names: ['Ann', 'Ben'] });
  for (let i = 0; i < 20; i += 1) await house.act(room.id, i % 2 === 0 ? 'lock' : 'unlock');
  await house.act(`${room.id}/participants`, 'mute');
  await rabbit.start();
  await house.act(`${room.id}/participants`, 'unmute');
  await house.act(`${room.id}/participants`, 'kick');
  await emptied(house, room.id);
  await eventually(() => program.names(room.id).includes('conference-destroy'), 'the end was not told', 60_000);
  const facts = program.names(room.id).filter((each) => !each.endsWith('-talking'));
  const locks = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'lock' : 'unlock'));
  const one = ['mute-member', 'mute-member', 'unmute-member', 'unmute-member', 'del-member', 'del-member'];
  assert.deepEqual(facts, ['conference-create', 'add-member', 'add-member', ...locks, ...one, 'conference-destroy']);
  await program.close();
});

test('a server that was killed tells the ends of what it had begun, with their reason', async () => {
  const program = await Program.open('three');
  const room = await aRoom(house);
  await party(house, room.number, { names: ['Ann'] });
  await eventually(() => program.names(room.id).includes('start-talking'), 'no talk');
  await house.kill();
  await house.start();
  await eventually(() => program.names(room.id).includes('conference-destroy'), 'the end was not told', 30_000);
  const names = program.names(room.id);
  assert.deepEqual(names.slice(-3), ['stop-talking', 'del-member', 'conference-destroy']);
  const left = program.events.find((each) => each['Conference-ID'] === room.id && each.Event === 'del-member');
  assert.equal(left['Leave-Reason'], 'restart');
  await program.close();
});
