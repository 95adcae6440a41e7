import { Failure } from '../../src/base/index.ts';
import type {
  Amqp,
  AmqpCounts,
  AmqpDelivery,
  AmqpMessage,
  AmqpProperties,
  AmqpSubscription,
  AmqpSubscriptionOptions,
} from '../../src/bus/index.ts';

/** A broker in memory: keeps what it is given, may be down, and takes its time when told to. */
export class FakeAmqp implements Amqp {
  readonly published: AmqpMessage[] = [];
  readonly replies: { readonly queue: string; readonly body: string }[] = [];
  /** Queues that replies can reach; undefined: all. */
  queues: ReadonlySet<string> | undefined;
  /** Nothing is taken. */
  isDown = false;
  /** Came back without its exchange. */
  gathers = false;
  /** Takes the message, then says that it did not. */
  loses = false;
  /** Messages that can never be sent. */
  unfit: (message: AmqpMessage) => boolean = () => false;
  readonly #subscriptions: AmqpSubscriptionOptions[] = [];

  async publish(message: AmqpMessage): Promise<void> {
    if (this.unfit(message)) throw new Failure('invalid', 'message_unfit', 'too long');
    if (!this.isDown) this.published.push(message);
    if (this.isDown || this.loses) throw new Failure('unavailable', 'broker_unavailable', 'no broker');
  }

  async reply(queue: string, _properties: AmqpProperties, body: string | Uint8Array): Promise<boolean> {
    if (this.isDown) throw new Failure('unavailable', 'broker_unavailable', 'no broker');
    if (this.queues?.has(queue) === false) return false;
    this.replies.push({ queue, body: String(body) });
    return true;
  }

  subscribe(options: AmqpSubscriptionOptions): AmqpSubscription {
    this.#subscriptions.push(options);
    return { queue: () => 'q', close: async () => void this.#subscriptions.splice(this.#subscriptions.indexOf(options), 1) };
  }

  /** Somebody publishes; resolves when it was taken by all. */
  async deliver(key: string, message: unknown): Promise<void> {
    const body = typeof message === 'string' ? message : JSON.stringify(message);
    const delivery: AmqpDelivery = { exchange: 'conference', key, properties: {}, body: Buffer.from(body), redelivered: false };
    const fitting = this.#subscriptions.filter(({ keys }) => keys.some((each) => fits(each, key)));
    await Promise.all(fitting.map(({ take }) => take(delivery)));
  }

  counts(): AmqpCounts {
    const none = { published: 0, confirmed: 0, rejected: 0, returned: 0, received: 0, refused: 0, reconnects: 0, inFlight: 0 };
    return { connected: !this.isDown, gathering: this.gathers, blocked: false, ...none };
  }

  async close(): Promise<void> {}
}

const fits = (binding: string, key: string): boolean =>
  new RegExp(`^${binding.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`).test(key);
