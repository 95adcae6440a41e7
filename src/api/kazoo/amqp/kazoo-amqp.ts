import { type Closable, Owner } from '../../../base/index.ts';
import type { Amqp, AmqpExchange, Bus } from '../../../bus/index.ts';
import { Inbox, type InboxCounts, type InboxOptions } from './inbox.ts';
import { EXCHANGE, Publisher, type PublisherCounts, type PublisherOptions } from './publisher.ts';

/**
 * What `openAmqp` must be told of: the exchange of conferences. KAZOO's programs declare it transient, and the broker refuses them where it is durable;
 * a durable one keeps who is bound to it over a restart of the broker.
 */
export const kazooExchanges = (durable: boolean): readonly AmqpExchange[] => [{ name: EXCHANGE, type: 'topic', durable }];

/** What the dialect over AMQP needs. */
export interface KazooAmqpOptions extends Omit<InboxOptions, 'amqp'>, Omit<PublisherOptions, 'amqp'> {
  readonly amqp: Amqp;
  readonly bus: Pick<Bus, 'follow' | 'consume'>;
}

/** For the metrics. */
export interface KazooAmqpCounts extends Readonly<PublisherCounts>, Readonly<InboxCounts> {}

/** KAZOO's events and commands over AMQP (kazoo-facts §8). */
export interface KazooAmqp extends Closable {
  counts(): KazooAmqpCounts;
}

/** Requests that come over the exchange; replies go straight to a queue. */
const KEYS = ['conference.command.*', 'conference.discovery', 'conference.config.*'];

/** Begins to tell events and to take commands; whether the broker is there yet does not matter. `amqp` stays whose it is. */
export async function openKazooAmqp(options: KazooAmqpOptions): Promise<KazooAmqp> {
  const { bus, amqp } = options;
  const owner = new Owner();
  const publisher = new Publisher(options);
  const inbox = new Inbox(options);
  try {
    const following = await bus.follow({ take: publisher.live, caughtUp: publisher.begun });
    owner.own({ close: async () => following.close() });
    owner.own(await bus.consume({ name: 'amqp', take: publisher.take, batch: 500 }));
    // Before the consumer, which waits for the take that runs.
    owner.own({ close: () => publisher.close() });
    owner.own(amqp.subscribe({ exchange: EXCHANGE, keys: KEYS, take: (delivery) => inbox.take(delivery) }));
  } catch (error) {
    await owner.close();
    throw error;
  }
  return { counts: () => ({ ...publisher.counts, ...inbox.counts }), close: () => owner.close() };
}
