import type { ConfirmChannel, Message, Options } from 'amqplib';
import { type Alarm, type Chance, type Clock, Failure, newId } from '../base/index.ts';
import type { AmqpMessage, AmqpProperties } from './amqp-types.ts';

/** Messages that may wait for their turn; beyond that they are refused at once. */
const WAITING = 10_000;

/** What a publisher needs. */
export interface PublisherOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  /** Unconfirmed messages at once. */
  readonly inFlight: number;
  /** ms until a message that is not confirmed counts as not arrived. */
  readonly confirmMs: number;
}

interface Posted {
  readonly message: AmqpMessage;
  readonly id: string;
  readonly mandatory: boolean;
  /** Clock ms. */
  readonly until: number;
  readonly settle: (error: Failure | undefined) => void;
  returned: boolean;
  settled: boolean;
}

/** Gives messages to the broker in order, as many at once as may be unconfirmed, and says what became of each. */
export class Publisher {
  published = 0;
  confirmed = 0;
  rejected = 0;
  returned = 0;
  readonly #options: PublisherOptions;
  #channel: ConfirmChannel | undefined;
  #blocked = false;
  readonly #waiting: Posted[] = [];
  /** Given to the broker and not confirmed, oldest first; those given up are among them, as they still take a place. */
  readonly #inFlight = new Set<Posted>();
  /** Mandatory ones by message id. */
  readonly #mandatory = new Map<string, Posted>();
  #alarm: Alarm | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  get unsettled(): number {
    return this.#waiting.length + this.#inFlight.size;
  }

  /** From now on messages go there. */
  open(channel: ConfirmChannel): void {
    this.#channel = channel;
    this.#blocked = false;
    channel.on('return', (message: Message) => this.#returns(message));
    this.#next();
  }

  /** The connection is gone: nobody knows what became of what was on its way. */
  lost(): void {
    this.#channel = undefined;
    this.#blocked = false;
    this.#reject([...this.#inFlight, ...this.#waiting.splice(0)], 'the connection was lost');
    this.#inFlight.clear();
    this.#mandatory.clear();
  }

  /** The broker has an alarm and takes nothing; what waits goes on waiting for its time. */
  block(blocked: boolean): void {
    this.#blocked = blocked;
    this.#next();
  }

  /** True: a queue has it, or it was not mandatory. */
  send(message: AmqpMessage, mandatory: boolean): Promise<boolean> {
    if (this.#channel === undefined) return this.#refuse('there is no connection');
    if (this.#waiting.length >= WAITING) return this.#refuse('too many messages wait');
    const { clock, chance, confirmMs } = this.#options;
    return new Promise((resolve, reject) => {
      const posted: Posted = {
        message,
        id: message.properties?.messageId ?? newId(chance, clock.epoch()),
        mandatory,
        until: clock.now() + confirmMs,
        settle: (error) => (error === undefined ? resolve(!posted.returned) : reject(error)),
        returned: false,
        settled: false,
      };
      this.#waiting.push(posted);
      this.#next();
      this.#arm();
    });
  }

  #refuse(why: string): Promise<never> {
    this.rejected += 1;
    return Promise.reject(unavailable(why));
  }

  #next(): void {
    while (this.#channel !== undefined && !this.#blocked && this.#inFlight.size < this.#options.inFlight) {
      const posted = this.#waiting.shift();
      if (posted === undefined) return;
      this.#give(this.#channel, posted);
    }
  }

  #give(channel: ConfirmChannel, posted: Posted): void {
    const { message, id, mandatory } = posted;
    const body =
      typeof message.body === 'string'
        ? Buffer.from(message.body)
        : Buffer.from(message.body.buffer, message.body.byteOffset, message.body.byteLength);
    this.#inFlight.add(posted);
    if (mandatory) this.#mandatory.set(id, posted);
    try {
      channel.publish(message.exchange, message.key, body, propertiesOut(message.properties ?? {}, id, mandatory), (error: unknown) =>
        this.#confirm(posted, error),
      );
      this.published += 1;
    } catch (error) {
      this.#drop(posted);
      this.#settle(posted, unsendable(error));
    }
  }

  /** The broker has it, or has refused it. */
  #confirm(posted: Posted, error: unknown): void {
    this.#drop(posted);
    if (error !== null && error !== undefined)
      this.#settle(posted, unavailable(error instanceof Error ? error.message : 'the broker refused it'));
    else {
      if (!posted.settled) this.confirmed += 1;
      this.#settle(posted, undefined);
    }
    this.#next();
  }

  #drop(posted: Posted): void {
    this.#inFlight.delete(posted);
    if (posted.mandatory) this.#mandatory.delete(posted.id);
  }

  /** Comes before the confirm of the same message. */
  #returns(message: Message): void {
    const posted = this.#mandatory.get(String(message.properties.messageId));
    this.returned += 1;
    if (posted !== undefined) posted.returned = true;
  }

  #settle(posted: Posted, error: Failure | undefined): void {
    if (posted.settled) return;
    posted.settled = true;
    if (error !== undefined) this.rejected += 1;
    posted.settle(error);
  }

  #reject(all: readonly Posted[], why: string): void {
    for (const each of all) this.#settle(each, unavailable(why));
  }

  /** One alarm, for the oldest that is not settled. */
  #arm(): void {
    if (this.#alarm !== undefined) return;
    const oldest = this.#oldest();
    if (oldest === undefined) return;
    this.#alarm = this.#options.clock.wake(oldest.until, () => {
      this.#alarm = undefined;
      this.#late();
      this.#arm();
    });
  }

  #oldest(): Posted | undefined {
    for (const each of this.#inFlight) if (!each.settled) return each;
    return this.#waiting[0];
  }

  #late(): void {
    const now = this.#options.clock.now();
    this.#reject(
      [...this.#inFlight].filter((each) => each.until <= now),
      'it was not confirmed in time',
    );
    // Whoever waits behind one that is given up would overtake it.
    if ((this.#waiting[0]?.until ?? Number.POSITIVE_INFINITY) <= now)
      this.#reject(this.#waiting.splice(0), 'the broker took nothing for too long');
  }

  /** Forgets the alarm; what is not settled is rejected. */
  close(): void {
    this.lost();
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }
}

function propertiesOut(properties: AmqpProperties, messageId: string, mandatory: boolean): Options.Publish {
  const { timestamp, persistent = true, headers, expiration, ...rest } = properties;
  return {
    ...rest,
    messageId,
    mandatory,
    persistent,
    ...(timestamp !== undefined && { timestamp: Math.floor(timestamp / 1000) }),
    ...(expiration !== undefined && { expiration: Math.max(0, Math.round(expiration)) }),
    ...(headers !== undefined && { headers }),
  };
}

const unavailable = (why: string): Failure =>
  new Failure('unavailable', 'broker_unavailable', `The message broker does not have the message for sure: ${why}.`);

/** What the library refuses to write can never be sent; a channel that closed under it can. */
function unsendable(error: unknown): Failure {
  if (error instanceof Error && error.name === 'IllegalOperationError') return unavailable('the connection was lost');
  return new Failure('invalid', 'message_unfit', 'This message cannot be written as AMQP: its headers are too large or not of its types.', {
    cause: error,
  });
}
