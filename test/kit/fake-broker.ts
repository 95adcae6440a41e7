import { EventEmitter } from 'node:events';
import type { ChannelModel, Options } from 'amqplib';

interface Given {
  readonly exchange: string;
  readonly key: string;
  readonly body: string;
  readonly properties: Options.Publish;
  readonly confirm: (error: unknown) => void;
}

/** A broker that only remembers: a test confirms, refuses, blocks, and cuts the connection. */
export class FakeBroker {
  /** Attempts to connect. */
  attempts = 0;
  down = false;
  /** Says nothing any more. */
  mute = false;
  /** Connections that nobody has closed. */
  open = 0;
  /** Published and not settled. */
  readonly given: Given[] = [];
  readonly asserted: string[] = [];
  /** It was restarted and has lost its transient exchanges. */
  forgetful = false;
  model: EventEmitter | undefined;
  channel: EventEmitter | undefined;

  readonly connect = async (): Promise<ChannelModel> => {
    this.attempts += 1;
    if (this.down) throw new Error('connect ECONNREFUSED');
    const model = Object.assign(new EventEmitter(), {
      close: () => (this.mute ? new Promise<void>(() => {}) : Promise.resolve(void model.emit('close'))),
      createChannel: async () => this.#plain(),
      createConfirmChannel: async () => this.#confirming(),
    });
    this.model = model;
    this.open += 1;
    model.once('close', () => (this.open -= 1));
    return model as unknown as ChannelModel;
  };

  /** As a connection that dies: its channels close, then it. */
  cut(): void {
    if (this.channel !== undefined) Object.assign(this.channel, { publish: closed });
    for (const each of this.given.splice(0)) each.confirm(new Error('channel closed'));
    this.channel?.emit('close');
    this.model?.emit('close', new Error('gone'));
  }

  confirm(count: number): void {
    for (const each of this.given.splice(0, count)) each.confirm(null);
  }

  #plain(): EventEmitter {
    return Object.assign(new EventEmitter(), {
      assertExchange: async (name: string) => void this.asserted.push(name),
      checkExchange: async () => {
        if (this.forgetful)
          throw new Error('Channel closed by server: 404 (NOT-FOUND) with message "NOT_FOUND - no exchange \'conference\'"');
      },
      close: async () => {},
    });
  }

  #confirming(): EventEmitter {
    this.channel = Object.assign(new EventEmitter(), {
      publish: (exchange: string, key: string, body: Buffer, properties: Options.Publish, confirm: Given['confirm']) =>
        this.given.push({ exchange, key, body: body.toString(), properties, confirm }),
    });
    return this.channel;
  }
}

/** What the library does on a channel that is closed. */
function closed(): never {
  throw Object.assign(new Error('Channel closed'), { name: 'IllegalOperationError' });
}
