import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Clock, Log } from '../base/index.ts';
import type { AmqpDelivery, AmqpProperties, AmqpSubscription, AmqpSubscriptionOptions } from './amqp-types.ts';
import { Patience } from './patience.ts';

const PREFETCH = 20;

/** What a subscription needs. */
export interface SubscriptionNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly gone: (subscription: Subscription) => void;
}

/** Reads one queue, over one connection after the other, and settles each message when it is taken. */
export class Subscription implements AmqpSubscription {
  received = 0;
  refused = 0;
  readonly #options: AmqpSubscriptionOptions;
  readonly #needs: SubscriptionNeeds;
  readonly #patience: Patience;
  readonly #running = new Set<Promise<void>>();
  #model: ChannelModel | undefined;
  #channel: Channel | undefined;
  #queue: string | undefined;
  /** The broker's name for our reading. */
  #tag = '';
  #closing: Promise<void> | undefined;

  constructor(options: AmqpSubscriptionOptions, needs: SubscriptionNeeds) {
    this.#options = options;
    this.#needs = { ...needs, log: needs.log.with({ exchange: options.exchange, keys: options.keys }) };
    this.#patience = new Patience(needs.clock, 1000, 60_000);
  }

  queue(): string | undefined {
    return this.#queue;
  }

  /** There is a connection: tries until the queue is read, as long as it is the present one. */
  async open(model: ChannelModel): Promise<void> {
    this.#model = model;
    while (this.#model === model && this.#closing === undefined) {
      try {
        await this.#read(model);
        this.#patience.done();
        return;
      } catch (error) {
        if (this.#model !== model) return;
        this.#needs.log.warn('a queue of the message broker cannot be read; it is tried again', { error });
        await this.#patience.wait();
      }
    }
  }

  /** The connection is gone. */
  lost(): void {
    this.#model = undefined;
    this.#channel = undefined;
    this.#queue = undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const channel = this.#channel;
    this.#patience.stop();
    this.#needs.gone(this);
    if (channel !== undefined && this.#tag !== '') await channel.cancel(this.#tag).catch(() => {});
    await Promise.all(this.#running);
    this.lost();
    await channel?.close().catch(() => {});
  }

  async #read(model: ChannelModel): Promise<void> {
    const { exchange, keys, queue, prefetch = PREFETCH } = this.#options;
    const channel = await model.createChannel();
    channel.on('error', (error: Error) => this.#needs.log.warn('the message broker closed a channel', { error }));
    channel.on('handler-error', (error: Error) => this.#needs.log.error('a listener of the message broker threw', { error }));
    await channel.prefetch(prefetch);
    const declared = await channel.assertQueue(
      queue ?? '',
      queue === undefined ? { exclusive: true, autoDelete: true, durable: false } : { durable: true },
    );
    for (const key of keys) await channel.bindQueue(declared.queue, exchange, key);
    const { consumerTag } = await channel.consume(declared.queue, (message) => this.#delivered(channel, message));
    this.#channel = channel;
    this.#queue = declared.queue;
    this.#tag = consumerTag;
    channel.once('close', () => this.#ended(channel, model));
  }

  /** The broker ended it: the queue was deleted, or something was not allowed. */
  #ended(channel: Channel, model: ChannelModel): void {
    if (this.#channel !== channel || this.#closing !== undefined) return;
    this.#channel = undefined;
    this.#queue = undefined;
    // A lost connection says so in the same moment; only then is this not the present one.
    queueMicrotask(() => {
      if (this.#model === model) void this.#patience.wait().then(() => (this.#model === model ? this.open(model) : undefined));
    });
  }

  #delivered(channel: Channel, message: ConsumeMessage | null): void {
    if (message === null) {
      this.#needs.log.warn('the queue was taken away', { queue: this.#queue });
      void channel.close().catch(() => {});
      return;
    }
    this.received += 1;
    const work = this.#take(channel, message).finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #take(channel: Channel, message: ConsumeMessage): Promise<void> {
    try {
      await this.#options.take(deliveryOf(message));
      settle(() => channel.ack(message));
    } catch (error) {
      const again = !message.fields.redelivered;
      if (!again) this.refused += 1;
      this.#needs.log.warn('a message of the broker could not be taken', { error, key: message.fields.routingKey, again });
      settle(() => channel.nack(message, false, again));
    }
  }
}

/** On a channel that has died meanwhile nothing can be settled: the broker delivers again. */
function settle(act: () => void): void {
  try {
    act();
  } catch {
    // See above.
  }
}

function deliveryOf({ fields, properties, content }: ConsumeMessage): AmqpDelivery {
  return {
    exchange: fields.exchange,
    key: fields.routingKey,
    properties: propertiesIn(properties),
    body: content,
    redelivered: fields.redelivered,
  };
}

/** Only what is there and of its type; the library gives undefined, or anything a peer may send. */
function propertiesIn(found: ConsumeMessage['properties']): AmqpProperties {
  const text = (name: 'messageId' | 'contentType' | 'contentEncoding' | 'correlationId' | 'replyTo' | 'type' | 'appId') =>
    typeof found[name] === 'string' ? { [name]: found[name] as string } : {};
  return {
    ...text('messageId'),
    ...text('contentType'),
    ...text('contentEncoding'),
    ...text('correlationId'),
    ...text('replyTo'),
    ...text('type'),
    ...text('appId'),
    ...(typeof found.timestamp === 'number' && { timestamp: found.timestamp * 1000 }),
    persistent: found.deliveryMode === 2,
    headers: found.headers ?? {},
  };
}
