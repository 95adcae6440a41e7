import type { AccountId } from '../accounts/index.ts';
import { type Alarm, type Chance, type Clock, type Log, randomHex } from '../base/index.ts';
import { isTaken, outcomeOf } from './delivery.machine.ts';
import type { Post, Posted } from './ports.ts';
import { signedHeaders } from './signing.ts';
import type { WebhookBook } from './webhook-book.ts';
import type { ForeignEvent, HookTarget } from './webhooks-types.ts';

/** ms before the second and the third attempt (voipbin-facts §6.2). */
const PAUSES = [1000, 2000];
const TIMEOUT = 15_000;
/** Events that wait for one address; what comes on top is dropped. */
const MOST_WAITING = 1000;

/** What telling addresses needs. */
export interface HooksNeeds {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly post: Post;
  readonly book: Pick<WebhookBook, 'of'>;
}

interface Line {
  waiting: number;
  last: Promise<void>;
}

/** Tells addresses that are nobody's webhooks: those of single runs of flows. Each address hears one event after the other. */
export class Hooks {
  readonly #needs: HooksNeeds;
  readonly #lines = new Map<string, Line>();
  readonly #resting = new Set<{ readonly alarm: Alarm; readonly wake: () => void }>();
  #isClosed = false;

  constructor(needs: HooksNeeds) {
    this.#needs = needs;
  }

  post(account: AccountId, to: HookTarget, events: readonly ForeignEvent[]): void {
    const key = `${account} ${to.method} ${to.uri}`;
    for (const event of events) {
      if (this.#isClosed) return;
      const line = this.#lines.get(key) ?? { waiting: 0, last: Promise.resolve() };
      this.#lines.set(key, line);
      if (line.waiting >= MOST_WAITING) {
        this.#needs.log.warn('an event for the address of a run is dropped: too many wait', { account, type: event.type });
        continue;
      }
      line.waiting += 1;
      line.last = line.last
        .then(() => this.#tell(account, to, event))
        .catch((error: unknown) => this.#needs.log.error('the address of a run was not told', { account, error }))
        .finally(() => {
          line.waiting -= 1;
          if (line.waiting === 0) this.#lines.delete(key);
        });
    }
  }

  /** What waits is not told any more. */
  close(): void {
    this.#isClosed = true;
    for (const { alarm, wake } of this.#resting) {
      alarm.cancel();
      wake();
    }
  }

  async #tell(account: AccountId, { uri, method }: HookTarget, { type, data }: ForeignEvent): Promise<void> {
    const { chance, log } = this.#needs;
    const [id, body] = [`msg_${randomHex(chance, 16)}`, JSON.stringify({ type, data })];
    let posted: Posted | undefined;
    for (const pause of [0, ...PAUSES]) {
      if (pause > 0) await this.#rest(pause);
      if (this.#isClosed) return;
      posted = await this.#needs.post({ url: uri, method, body, headers: await this.#headers(account, { id, body }), timeoutMs: TIMEOUT });
      if (isTaken(posted, true) || 'refused' in posted) break;
    }
    if (posted !== undefined && !isTaken(posted, true))
      log.warn('the address of a run was not told of an event', { account, type, outcome: outcomeOf(posted) });
  }

  async #headers(account: AccountId, message: { readonly id: string; readonly body: string }): Promise<Readonly<Record<string, string>>> {
    const webhook = (await this.#needs.book.of(account)).find(({ format }) => format === 'voipbin');
    if (webhook === undefined) return { 'content-type': 'application/json', 'webhook-id': message.id };
    return signedHeaders({ ...message, secrets: webhook.secrets, now: this.#needs.clock.epoch() });
  }

  #rest(ms: number): Promise<void> {
    const { clock } = this.#needs;
    return new Promise((resolve) => {
      const resting = {
        alarm: clock.wake(clock.now() + ms, () => resting.wake()),
        wake: () => {
          this.#resting.delete(resting);
          resolve();
        },
      };
      this.#resting.add(resting);
    });
  }
}
