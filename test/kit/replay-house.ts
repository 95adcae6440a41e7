import assert from 'node:assert/strict';
import { type AccountId, openAccounts } from '../../src/accounts/index.ts';
import { type Api, type Blackhole, factBody, type KazooAmqp, openApi, openBlackhole, openKazooAmqp } from '../../src/api/index.ts';
import { noLog } from '../../src/base/index.ts';
import { type Bus, openBus } from '../../src/bus/index.ts';
import { type Actor, type ConferenceId, Conferences } from '../../src/conference/index.ts';
import { openSqlite } from '../../src/store/index.ts';
import { openWebhooks, type Post, type Posting, type Webhooks } from '../../src/webhooks/index.ts';
import { settled } from './bus-house.ts';
import { FakeAmqp } from './fake-amqp.ts';
import { FakeClock } from './fake-clock.ts';
import { SeededChance } from './seeded-chance.ts';

/** One run of the server, from its start to its end. */
interface Run {
  readonly bus: Bus;
  readonly conferences: Conferences;
  readonly webhooks: Webhooks;
  readonly blackhole: Blackhole;
  readonly amqp: KazooAmqp;
  readonly api: Api;
}

let keyText: string | undefined;
/** Making an RSA key takes long: all houses share one. */
const tokenKey = {
  load: async () => keyText,
  save: async (text: string) => {
    keyText = text;
  },
};

/**
 * Everything between the rules and the programs that follow, on a fake clock: SQLite, conferences, bus, webhooks, Blackhole and our own stream behind real
 * sockets, AMQP before a broker in memory. It can be stopped, can die, and comes back with what it kept.
 */
export async function openReplayHouse({ seed, path, post }: { seed: number; path: string; post: Post }) {
  const clock = new FakeClock();
  const chance = new SeededChance(seed);
  const store = await openSqlite({ path, chance, masterKey: new Uint8Array(32).fill(4), soon: setImmediate });
  const accounts = openAccounts({ store: store.accounts, clock, chance });
  const first = await accounts.createFirst();
  assert.ok(first);
  const account = first.account_id as AccountId;
  const actor: Actor = { account, kind: 'api' };
  const broker = new FakeAmqp();
  const common = { clock, chance, log: noLog };
  let run: Run | undefined;

  async function up(): Promise<Run> {
    const bus = openBus({ clock, log: noLog, journal: store.journal });
    const telephony = { answer() {}, hangUp() {}, dial() {}, bring() {}, ring() {} };
    const conferences = new Conferences({ ...common, store: store.conferences, events: bus, media: { hear() {} }, telephony });
    await conferences.recover();
    const dialect = {
      ...common,
      accounts,
      execute: conferences.execute,
      node: 'parley@test',
      liveOf: conferences.liveOf.bind(conferences),
    };
    const webhooks = await openWebhooks({
      ...common,
      store: store.webhooks,
      consume: (consumer) => bus.consume(consumer),
      journal: store.journal,
      post: (posting: Posting) => post(posting),
      tell: factBody,
      refuses: () => undefined,
    });
    const door = { address: '127.0.0.1', port: 0, tokenKey, follow: bus.follow.bind(bus) };
    const blackhole = await openBlackhole({ ...dialect, ...door });
    const amqp = await openKazooAmqp({
      ...dialect,
      amqp: broker,
      bus,
      accountsOf: (conference) => store.conferences.accountsOf(conference),
      sip: '127.0.0.1:5060',
    });
    const { history, keeping } = store;
    const api = await openApi({
      ...dialect,
      ...door,
      history,
      keeping,
      webhooks,
      version: '0',
      metrics: async () => '',
      ready: () => true,
    });
    return { bus, conferences, webhooks, blackhole, amqp, api };
  }

  /** Waits for what may need time. */
  async function passing<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    over.catch(() => {});
    while (!isOver) {
      await settled();
      if (!isOver) clock.advance(100);
    }
    return over;
  }

  /** Stopped as `app` does, or dead: then nobody is told how anything ended before it is back. */
  async function down(how: 'stopped' | 'dead'): Promise<void> {
    if (run === undefined) return;
    const { api, conferences, webhooks, blackhole, amqp, bus } = run;
    run = undefined;
    await passing(api.close());
    if (how === 'stopped') await passing(conferences.close());
    for (const each of [amqp, blackhole, webhooks, bus]) await passing(each.close());
  }

  run = await up();
  return {
    clock,
    store,
    broker,
    account,
    actor,
    first,
    passing,
    get run(): Run | undefined {
      return run;
    },
    async restart(how: 'stopped' | 'dead'): Promise<void> {
      await down(how);
      run = await up();
    },
    /** One request; the body, or undefined when it was refused. */
    async get(path: string, headers: Record<string, string> = { authorization: `Bearer ${first.access_key}` }) {
      const response = await fetch(`${run?.api.url}${path}`, { headers });
      // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
      const body = (await response.json()) as any;
      return response.ok ? body : undefined;
    },
    /** The `n`th telephone comes in, muted by nobody. */
    async join(conference: ConferenceId, n: number): Promise<void> {
      const id = n.toString(16).padStart(32, '0');
      const call = {
        id,
        leg: id,
        sipCallId: `call-${n}@phone.test`,
        direction: 'inbound',
        callerName: `Caller ${n}`,
        callerNumber: `${n}`,
      };
      const given = { conference, call: { ...call, channelVars: {} } as never, role: undefined };
      await run?.conferences.execute('call.arrived', given, actor);
      await run?.conferences.execute('call.answered', { conference, call: id as never }, actor);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await down('dead');
      await store.close();
    },
  };
}

/** What `openReplayHouse` gives. */
export type ReplayHouse = Awaited<ReturnType<typeof openReplayHouse>>;
