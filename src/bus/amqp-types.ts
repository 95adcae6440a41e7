import type { Chance, Clock, Closable, Log } from '../base/index.ts';

/** The properties of a message that this door speaks of (AMQP 0-9-1 basic class). */
export interface AmqpProperties {
  /** Names the message; a receiver drops what it had before. Absent: a new one. */
  readonly messageId?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly correlationId?: string;
  readonly replyTo?: string;
  readonly type?: string;
  readonly appId?: string;
  /** Epoch ms; sent in seconds, as AMQP counts. */
  readonly timestamp?: number;
  /** Survives a restart of the broker in a durable queue. Default true. */
  readonly persistent?: boolean;
  /** Milliseconds after which the broker drops it. */
  readonly expiration?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** One message to an exchange. */
export interface AmqpMessage {
  readonly exchange: string;
  /** The routing key. */
  readonly key: string;
  readonly properties?: AmqpProperties;
  readonly body: string | Uint8Array;
}

/** A message that came. */
export interface AmqpDelivery {
  readonly exchange: string;
  readonly key: string;
  readonly properties: AmqpProperties;
  readonly body: Uint8Array;
  /** The broker has delivered it before. */
  readonly redelivered: boolean;
}

/** An exchange that is asserted at every connection; one that stands already with other flags is used as it is. */
export interface AmqpExchange {
  readonly name: string;
  readonly type: 'topic' | 'direct' | 'fanout' | 'headers';
  /** Outlives a restart of the broker, with the bindings of durable queues. Default true. */
  readonly durable?: boolean;
}

/** What is to be received. */
export interface AmqpSubscriptionOptions {
  readonly exchange: string;
  /** Binding keys; `*` one word, `#` any number. */
  readonly keys: readonly string[];
  /** A durable queue of this name that outlives us. Absent: one of our own, named by the broker, which dies with the connection. */
  readonly queue?: string;
  /** Messages taken but not yet settled. Default 20. */
  readonly prefetch?: number;
  /** Settled (acknowledged) when the promise resolves. When it rejects the message comes once more, after that it is refused and counted. */
  readonly take: (delivery: AmqpDelivery) => Promise<void>;
}

/** A queue that is read. */
export interface AmqpSubscription extends Closable {
  /** The queue's name while connected: what belongs in `replyTo` or a `Server-ID`. */
  queue(): string | undefined;
}

/** For the metrics. */
export interface AmqpCounts {
  readonly connected: boolean;
  /** The broker was restarted and its transient exchanges are new: those who were bound get some seconds to bind themselves again; nothing should be told yet. */
  readonly gathering: boolean;
  /** The broker has an alarm (memory, disk) and takes nothing (`connection.blocked`). */
  readonly blocked: boolean;
  /** Given to the broker. */
  readonly published: number;
  readonly confirmed: number;
  /** Nacked by the broker, lost with the connection or not confirmed in time. */
  readonly rejected: number;
  /** Replies that no queue took. */
  readonly returned: number;
  readonly received: number;
  /** Messages whose `take` rejected twice. */
  readonly refused: number;
  /** Connections after the first one. */
  readonly reconnects: number;
  /** Waiting for a confirm, or for their turn. */
  readonly inFlight: number;
}

/** A small door to an AMQP 0-9-1 broker; connects in the background and again. */
export interface Amqp extends Closable {
  /**
   * Resolves when the broker has it safe. Rejects with unavailable/broker_unavailable when that cannot be known (not connected, lost, nacked, too late):
   * then it may have arrived all the same; with invalid/message_unfit when this message can never be sent.
   */
  publish(message: AmqpMessage): Promise<void>;
  /** To one queue, through the default exchange. False: nobody has such a queue; counted. Rejects as `publish`. */
  reply(queue: string, properties: AmqpProperties, body: string | Uint8Array): Promise<boolean>;
  /** Reads as soon as and as long as there is a connection, and again after it was lost. */
  subscribe(options: AmqpSubscriptionOptions): AmqpSubscription;
  counts(): AmqpCounts;
}

/** What `openAmqp` needs. */
export interface AmqpOptions {
  /** `amqp://user:password@host:port/vhost`, or `amqps:` (`brokersOf` says with which parameters); several, by commas, are tried in turn. */
  readonly url: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly exchanges: readonly AmqpExchange[];
  /** What the broker's operator sees beside the connection. Default `parley`. */
  readonly name?: string;
  /** Unconfirmed messages at once; others wait their turn. Default 1000. */
  readonly inFlight?: number;
  /** ms until a message that is not confirmed counts as not arrived. Default 10 000. */
  readonly confirmMs?: number;
}
