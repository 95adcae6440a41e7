import type { Chance, Clock, Log } from '../base/index.ts';
import { delivery, type Effect, inState, type State, stateOf } from './delivery.machine.ts';
import type { Outcomes } from './outcomes.ts';
import type { Post, Posted } from './ports.ts';
import { signedHeaders } from './signing.ts';
import type { Delivery, Webhook } from './webhook.ts';
import type { WebhookBook } from './webhook-book.ts';

/** ms until a target that does not answer is given up. */
const TIMEOUT = 15_000;

/** What carrying one message needs. */
export interface CourierOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly outcomes: Pick<Outcomes, 'keep'>;
  readonly post: Post;
  readonly book: Pick<WebhookBook, 'of'>;
  /** A target does not want to be told any more. */
  readonly switchOff: (webhook: Webhook, reason: string) => Promise<void>;
}

/** What came of one attempt. */
export interface Carried {
  readonly posted: Posted;
  /** Resolves once that is kept; rejects when it cannot be. */
  readonly kept: Promise<void>;
}

/** Signs one message, sends it, and keeps what came of it. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #sums = { delivered: 0, failed: 0, dead: 0 };
  #isAbandoned = false;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  get sums(): { readonly delivered: number; readonly failed: number; readonly dead: number } {
    return this.#sums;
  }

  /** From now on what comes is not kept: the messages stay as they are and will be sent again. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** Sends what is to be sent, signed now by every secret in force. */
  async send(webhook: Webhook, { id, body }: { readonly id: string; readonly body: string }): Promise<Posted> {
    const { url, run } = webhook;
    const headers = signedHeaders({ id, body, secrets: await this.#secretsOf(webhook), now: this.#options.clock.epoch() });
    return this.#options.post({ url, headers, body, timeoutMs: TIMEOUT, ...(run === undefined ? {} : { method: run.method }) });
  }

  /** The address of a run is signed by what its account knows. */
  async #secretsOf({ account, secrets, run }: Webhook): Promise<Webhook['secrets']> {
    if (run === undefined) return secrets;
    return (await this.#options.book.of(account)).find(({ format }) => format === 'voipbin')?.secrets ?? [];
  }

  /** One attempt. Resolves as soon as there is an answer. */
  async carry(webhook: Webhook, message: Delivery): Promise<Carried> {
    const { clock } = this.#options;
    const { state: sending } = delivery.step(stateOf(message), { type: 'time' }, Math.max(clock.epoch(), message.dueAt));
    const posted = await this.send(webhook, message);
    if (this.#isAbandoned) return { posted, kept: Promise.resolve() };
    const answered = { type: 'answered', posted, jitter: this.#jitter(), asVoipbin: webhook.format === 'voipbin' } as const;
    const { state, effects } = delivery.step(sending, answered, clock.epoch());
    if (state.at === 'sending') return { posted, kept: Promise.resolve() };
    // Before the next message may go out.
    for (const effect of effects) await this.#perform(effect, webhook);
    return { posted, kept: this.#keep(webhook, message, state) };
  }

  async #keep(webhook: Webhook, message: Delivery, state: Exclude<State, { at: 'sending' }>): Promise<void> {
    await this.#options.outcomes.keep(inState(message, state));
    this.#tell(webhook, message, state);
  }

  async #perform(effect: Effect, webhook: Webhook): Promise<void> {
    if (effect.do !== 'switch-off') return;
    const { log, switchOff } = this.#options;
    await switchOff(webhook, effect.reason);
    log.warn('a webhook was switched off', { webhook: webhook.id, account: webhook.account, reason: effect.reason });
  }

  #tell({ id: webhook, account }: Webhook, { id }: Delivery, { at, attempts, outcome }: Exclude<State, { at: 'sending' }>): void {
    const { log } = this.#options;
    const fields = { webhook, account, delivery: id, attempts, outcome };
    if (at === 'delivered') this.#sums.delivered += 1;
    else if (at === 'pending') this.#sums.failed += 1;
    else this.#sums.dead += 1;
    if (at === 'dead') log.warn('a webhook message was given up', fields);
    else log.debug('a webhook message was tried', fields);
  }

  #jitter(): number {
    const [high = 0, low = 0] = this.#options.chance.bytes(2);
    return (high * 256 + low) / 65_536;
  }
}
