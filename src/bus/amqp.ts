import { connect as amqpConnect, type Channel, type ChannelModel, type ConfirmChannel, type SocketOptions } from 'amqplib';
import { type Alarm, Failure, type Log } from '../base/index.ts';
import { tlsOptions } from './amqp-tls.ts';
import type {
  Amqp,
  AmqpCounts,
  AmqpExchange,
  AmqpMessage,
  AmqpOptions,
  AmqpProperties,
  AmqpSubscription,
  AmqpSubscriptionOptions,
} from './amqp-types.ts';
import { type Broker, brokersOf } from './amqp-url.ts';
import { Patience } from './patience.ts';
import { Publisher } from './publisher.ts';
import { Subscription } from './subscription.ts';

/** How a connection is made; tests give their own. */
export type ConnectAmqp = (broker: Broker['connect'], socket: SocketOptions) => Promise<ChannelModel>;

/** ms until an attempt to connect is given up. */
const CONNECT = 10_000;
/** ms that programs get to bind themselves again when the broker was restarted and transient exchanges are gone; KAZOO's come back within seconds. */
const GATHER = 5000;
/** A transient exchange that only we know: gone, the broker was restarted, whoever has declared the others again by now. */
const MARK: AmqpExchange = { name: 'parley.mark', type: 'fanout', durable: false };
/** ms that a running command, and the farewell of the broker, are waited for. */
const CLOSE = 3000;

/** Connects in the background; a broker that is down, or goes down, is tried for ever. Refuses with invalid/amqp_url_bad. */
export const openAmqp = (options: AmqpOptions, connect: ConnectAmqp = amqpConnect): Amqp => new AmqpConnection(options, connect);

/**
 * The life of a connection: connect, assert the exchanges, open the publisher's channel and the subscriptions', serve until it is lost, wait, again.
 * The library's own recovery is not used: it listens to a connection only after everything was set up on it, so that one lost in between stays dead,
 * and its timers are not ours.
 */
class AmqpConnection implements Amqp {
  readonly #options: AmqpOptions;
  readonly #connect: ConnectAmqp;
  readonly #brokers: readonly Broker[];
  readonly #log: Log;
  readonly #publisher: Publisher;
  readonly #subscriptions = new Set<Subscription>();
  readonly #patience: Patience;
  readonly #running: Promise<void>;
  #model: ChannelModel | undefined;
  #connections = 0;
  /** Until when programs bind themselves again, on our clock. */
  #gathersUntil = 0;
  #blocked = false;
  #received = 0;
  #refused = 0;
  #closing: Promise<void> | undefined;

  constructor(options: AmqpOptions, connect: ConnectAmqp) {
    const { clock, chance, log, inFlight = 1000, confirmMs = 10_000 } = options;
    this.#options = options;
    this.#connect = connect;
    this.#brokers = brokersOf(options.url);
    this.#log = log;
    this.#publisher = new Publisher({ clock, chance, inFlight, confirmMs });
    this.#patience = new Patience(clock, 250, 30_000);
    this.#running = this.#run();
  }

  async publish(message: AmqpMessage): Promise<void> {
    await this.#publisher.send(message, false);
  }

  reply(queue: string, properties: AmqpProperties, body: string | Uint8Array): Promise<boolean> {
    return this.#publisher.send({ exchange: '', key: queue, properties, body }, true);
  }

  subscribe(options: AmqpSubscriptionOptions): AmqpSubscription {
    if (this.#closing !== undefined) throw new Failure('unavailable', 'closed', 'The server is stopping.');
    const subscription = new Subscription(options, { clock: this.#options.clock, log: this.#log, gone: (gone) => this.#forget(gone) });
    this.#subscriptions.add(subscription);
    if (this.#model !== undefined) void subscription.open(this.#model);
    return subscription;
  }

  counts(): AmqpCounts {
    const { published, confirmed, rejected, returned, unsettled } = this.#publisher;
    const all = [...this.#subscriptions];
    return {
      connected: this.#model !== undefined,
      gathering: this.#options.clock.now() < this.#gathersUntil,
      blocked: this.#blocked,
      published,
      confirmed,
      rejected,
      returned,
      received: all.reduce((sum, each) => sum + each.received, this.#received),
      refused: all.reduce((sum, each) => sum + each.refused, this.#refused),
      reconnects: Math.max(0, this.#connections - 1),
      inFlight: unsettled,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#soon(Promise.all([...this.#subscriptions].map((each) => each.close())));
    this.#patience.stop();
    this.#publisher.close();
    if (this.#model === undefined) return; // An attempt that runs closes by itself what comes of it.
    await this.#soon(this.#model.close().catch(() => {}));
    this.#end();
    await this.#running;
  }

  /** Waits for it, but not for a broker that says nothing any more. */
  async #soon(work: Promise<unknown>): Promise<void> {
    const { clock } = this.#options;
    let alarm: Alarm | undefined;
    const enough = new Promise<void>((resolve) => {
      alarm = clock.wake(clock.now() + CLOSE, resolve);
    });
    await Promise.race([work, enough]);
    alarm?.cancel();
  }

  /** Called when the present connection is gone. */
  #end: () => void = () => {};

  async #run(): Promise<void> {
    for (let attempt = 0; this.#closing === undefined; attempt++) {
      const broker = this.#brokers[attempt % this.#brokers.length] as Broker;
      try {
        await this.#serve(broker);
        this.#log.warn('the connection to the message broker is lost; it is tried again', { broker: broker.name });
      } catch (error) {
        if (this.#closing !== undefined) return;
        // The first time aloud; that it goes on is not news.
        const line = 'the message broker cannot be used; it is tried again';
        if (this.#patience.failures === 0) this.#log.warn(line, { broker: broker.name, error });
        else this.#log.debug(line, { broker: broker.name, error });
      }
      if (this.#closing === undefined) await this.#patience.wait();
    }
  }

  /** Resolves when a connection that worked is gone; rejects when none came about. */
  async #serve(broker: Broker): Promise<void> {
    const { name = 'parley' } = this.#options;
    const model = await this.#connect(broker.connect, {
      timeout: CONNECT,
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: name },
      ...(broker.tls === undefined ? {} : await tlsOptions(broker.tls)),
    });
    const gone = new Promise<void>((resolve) => {
      this.#end = resolve;
      model.once('close', () => resolve());
    });
    model.on('error', (error: Error) => this.#log.warn('the connection to the message broker failed', { broker: broker.name, error }));
    model.on('handler-error', (error: Error) => this.#log.error('a listener of the message broker threw', { error }));
    let channel: ConfirmChannel;
    try {
      if (this.#closing !== undefined) throw new Error('closed while connecting');
      channel = await Promise.race([
        this.#setUp(model),
        gone.then(() => Promise.reject<never>(new Error('the connection closed while it was set up'))),
      ]);
    } catch (error) {
      await model.close().catch(() => {});
      throw error;
    }
    if (this.#closing !== undefined) return void (await model.close().catch(() => {}));
    this.#opened(model, channel, broker);
    await gone;
    this.#lost();
  }

  async #setUp(model: ChannelModel): Promise<ConfirmChannel> {
    const { exchanges } = this.#options;
    const isTransient = exchanges.some(({ durable }) => durable === false);
    if (isTransient && this.#connections > 0 && !(await stands(model, MARK))) this.#gather();
    for (const each of isTransient ? [MARK, ...exchanges] : exchanges) await this.#assert(model, each);
    const channel = await model.createConfirmChannel();
    this.#listen(channel);
    // Whoever may not publish here any more starts anew.
    channel.once('close', () => void model.close().catch(() => {}));
    model.on('blocked', (reason: string) => this.#block(true, reason));
    model.on('unblocked', () => this.#block(false));
    return channel;
  }

  /** An exchange that somebody else made with other flags is used as it is: the broker closes the channel that asked, therefore each has one of its own. */
  async #assert(model: ChannelModel, { name, type, durable = true }: AmqpExchange): Promise<void> {
    const channel = await model.createChannel();
    channel.on('error', () => {});
    try {
      await channel.assertExchange(name, type, { durable });
      await channel.close();
    } catch (error) {
      const text = error instanceof Error ? error.message : '';
      if (!text.includes('PRECONDITION') || text.includes("'type'")) throw error;
      this.#log.info('an exchange stands already with other flags and is used as it is', { exchange: name });
    }
  }

  /** Whoever was bound to a transient exchange is not any more: the broker would take what is published and give it to nobody. */
  #gather(): void {
    this.#gathersUntil = this.#options.clock.now() + GATHER;
    this.#log.info('the message broker was restarted; those who listen get some seconds to bind themselves again');
  }

  #listen(channel: Channel): void {
    channel.on('error', (error: Error) => this.#log.warn('the message broker closed a channel', { error }));
    channel.on('handler-error', (error: Error) => this.#log.error('a listener of the message broker threw', { error }));
  }

  #opened(model: ChannelModel, channel: ConfirmChannel, broker: Broker): void {
    this.#model = model;
    this.#connections += 1;
    this.#patience.done();
    this.#log.info('connected to the message broker', { broker: broker.name });
    this.#publisher.open(channel);
    if (this.#blocked) this.#publisher.block(true);
    for (const each of this.#subscriptions) void each.open(model);
  }

  #lost(): void {
    this.#model = undefined;
    this.#blocked = false;
    this.#publisher.lost();
    for (const each of this.#subscriptions) each.lost();
  }

  #block(blocked: boolean, reason?: string): void {
    this.#blocked = blocked;
    if (blocked) this.#log.warn('the message broker has an alarm and takes nothing', { reason });
    else this.#log.info('the message broker takes messages again');
    this.#publisher.block(blocked);
  }

  #forget(subscription: Subscription): void {
    this.#received += subscription.received;
    this.#refused += subscription.refused;
    this.#subscriptions.delete(subscription);
  }
}

/** Whether the broker has it; a channel that asks in vain is closed, therefore it is one of its own. */
async function stands(model: ChannelModel, { name }: AmqpExchange): Promise<boolean> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  try {
    await channel.checkExchange(name);
    await channel.close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('NOT_FOUND'))) throw error;
    return false;
  }
}
