import { createHash } from 'node:crypto';
import type { AccountId } from '../../src/accounts/index.ts';
import { factBody } from '../../src/api/native/events/event-body.ts';
import { noLog } from '../../src/base/index.ts';
import { openBus } from '../../src/bus/index.ts';
import type { ConferenceId, Fact, Happening, Participant, ParticipantId } from '../../src/conference/index.ts';
import { MemoryStore } from '../../src/store/index.ts';
import { openWebhooks, type Post, type Posted, type Posting, type WebhookStore, type WebhooksOptions } from '../../src/webhooks/index.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryJournal } from './memory-journal.ts';
import { SeededChance } from './seeded-chance.ts';

export const A = 'a'.repeat(32) as AccountId;
export const B = 'b'.repeat(32) as AccountId;

const hex = (text: string): string => createHash('md5').update(text).digest('hex');

/** Somebody in a conference. */
export const somebody = (name: string): Participant =>
  ({
    id: hex(name) as ParticipantId,
    number: 1,
    call: {
      id: hex(name),
      leg: hex(name),
      sipCallId: name,
      direction: 'inbound',
      callerName: name,
      callerNumber: '1001',
      channelVars: { pin: 'SECRET' },
    },
    role: 'member',
    ghost: false,
    muted: [],
    deaf: false,
    gainIn: 1,
    gainOut: 1,
    joinedAt: 1_700_000_000_000,
  }) as unknown as Participant;

/** What happens, as facts with numbers of their conferences. */
export class Story {
  readonly #sequences = new Map<string, number>();
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  fact(conference: string, happening: Partial<Happening> = {}, account: AccountId = A): Fact {
    const sequence = (this.#sequences.get(conference) ?? 0) + 1;
    this.#sequences.set(conference, sequence);
    const about = somebody(`${conference} ${sequence}`);
    const base = { type: 'participant.joined', participant: about, about, instance: 'run-1' };
    return { ...base, ...happening, at: this.#clock.epoch(), account, conference: hex(conference) as ConferenceId, sequence } as Fact;
  }
}

/** What a receiver got in one request. */
export interface Got {
  readonly id: string;
  readonly body: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly at: number;
  /** What it was told. */
  readonly posted: Posted;
}

/** What a target does with a request: an answer, after so long (ms). */
export type Target = (posting: Posting, n: number) => { readonly after?: number; readonly posted: Posted };

/** Webhooks over a store and a journal in memory, on a fake clock, with targets that a test invents. */
export async function openWebhookHouse(change: Partial<WebhooksOptions> = {}, store: WebhookStore = new MemoryStore().webhooks) {
  const clock = new FakeClock();
  const journal = new MemoryJournal();
  const lines: unknown[] = [];
  const keep = (message: string, fields?: object) => void lines.push({ message, ...fields });
  const log = { ...noLog, debug: keep, info: keep, warn: keep, error: keep };
  const bus = openBus({ clock, log, journal });
  const targets = new Map<string, Target>();
  const got: Got[] = [];
  const under = { now: 0, most: 0, perHost: new Map<string, number>() };
  const post: Post = async (posting) => {
    const host = new URL(posting.url).host;
    const busy = (under.perHost.get(host) ?? 0) + 1;
    under.perHost.set(host, busy);
    under.now += 1;
    under.most = Math.max(under.most, under.now);
    const { after = 0, posted } = targets.get(host)?.(posting, got.length) ?? { posted: { status: 200 } };
    // What takes longer than the deadline is a timeout, whatever it would have been.
    const outcome: Posted = after > posting.timeoutMs ? { failed: 'timeout' } : posted;
    if (after > 0) await new Promise<void>((resolve) => void clock.wake(clock.now() + Math.min(after, posting.timeoutMs), resolve));
    under.now -= 1;
    under.perHost.set(host, (under.perHost.get(host) ?? 1) - 1);
    got.push({
      id: posting.headers['webhook-id'] ?? '',
      body: posting.body,
      host,
      headers: posting.headers,
      at: clock.epoch(),
      posted: outcome,
    });
    return outcome;
  };
  const options: WebhooksOptions = {
    clock,
    chance: new SeededChance(5),
    log,
    store,
    consume: (consumer) => bus.consume(consumer),
    journal,
    post,
    tell: factBody,
    refuses: (url) => (/^https?:/.test(url) ? undefined : 'only http and https are spoken'),
    ...change,
  };
  const webhooks = await openWebhooks(options);
  /** Lets everything happen that needs no time. */
  const settle = async () => {
    for (let n = 0; n < 12; n++) await new Promise((resolve) => void setImmediate(resolve));
  };
  /** Lets time pass, in steps (ms). */
  const pass = async (ms: number, step = ms) => {
    for (let left = ms; left > 0; left -= step) {
      clock.advance(Math.min(step, left));
      await settle();
    }
  };
  /** Something happens. */
  const happen = (facts: readonly Fact[]) => {
    const entries = journal.store(facts);
    bus.publish(facts);
    return entries;
  };
  const close = async () => {
    await webhooks.close();
    await bus.close();
  };
  return {
    webhooks,
    store,
    clock,
    journal,
    bus,
    lines,
    targets,
    got,
    under,
    options,
    story: new Story(clock),
    settle,
    pass,
    happen,
    close,
  };
}
