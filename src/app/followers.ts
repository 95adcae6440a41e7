import type { Accounts } from '../accounts/index.ts';
import {
  type Blackhole,
  type BlackholeCounts,
  errandCut,
  factBody,
  type KazooAmqpCounts,
  kazooExchanges,
  openBlackhole,
  openKazooAmqp,
  openLook,
  type TokenKey,
  voipbinEvents,
} from '../api/index.ts';
import type { Chance, Clock, Log, Owner } from '../base/index.ts';
import { type AmqpCounts, type Bus, openAmqp } from '../bus/index.ts';
import type { AccountFact, Conferences, Dialling, Fact, Lobbies, Recordings } from '../conference/index.ts';
import { openFetch } from '../fetch/index.ts';
import type { LineDoors } from '../line/index.ts';
import type { AllStores } from '../store/index.ts';
import { openWebhooks, type WebhookCounts, type Webhooks } from '../webhooks/index.ts';
import type { Certificates } from './certificates.ts';
import type { Config } from './config.ts';
import { type LineSideNeeds, openLineSide } from './line-side.ts';
import { listening } from './listening.ts';
import { aboutRun, tellOfRuns } from './run-hooks.ts';

/** Numbers of those who carry facts to others; a part that is switched off has none. */
export interface FollowerCounts {
  readonly webhooks: WebhookCounts;
  readonly blackhole: BlackholeCounts | undefined;
  readonly amqp: (AmqpCounts & KazooAmqpCounts) | undefined;
}

/** Those who carry facts to programs outside. */
export interface Followers {
  readonly webhooks: Webhooks;
  readonly blackhole: Blackhole | undefined;
  /** What the dialects steer. */
  readonly doors: { readonly webhooks: Webhooks; readonly line: LineDoors };
  counts(): FollowerCounts;
}

/** What they need. */
export interface FollowerNeeds extends Omit<LineSideNeeds, 'fetch'> {
  readonly config: Config;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly owner: Owner;
  readonly store: AllStores;
  readonly accounts: Accounts;
  readonly bus: Bus;
  readonly conferences: Conferences;
  readonly certificates: Certificates | undefined;
  readonly tokenKey: TokenKey;
  readonly recordings?: Recordings;
  /** This node's name. */
  readonly node: string;
  /** `host:port` of SIP. */
  readonly sip: string;
  readonly dialling: Dialling;
  readonly lobbies: Pick<Lobbies, 'phoneCalls' | 'errands'>;
}

/** Opens webhooks, and Blackhole and AMQP where they are wanted. `owner` closes them. */
export async function openFollowers(needs: FollowerNeeds): Promise<Followers> {
  const { owner, config, clock, chance, log, store, bus, conferences } = needs;
  const fetch = owner.own(openFetch({ clock, log, allow: config.fetchAllow }));
  const phones = needs.lobbies.phoneCalls;
  const look = openLook({ execute: conferences.execute, recordings: needs.recordings, chronicle: store.chronicle, phones });
  const eventsOf = (fact: Fact | AccountFact) => voipbinEvents(fact, look);
  const webhooks = owner.own(
    await openWebhooks({
      clock,
      chance,
      log,
      store: store.webhooks,
      consume: (consumer) => bus.consume(consumer),
      journal: store.journal,
      post: (posting) => fetch.post(posting),
      tell: factBody,
      events: ({ fact }) => eventsOf(fact),
      ofRun: aboutRun(eventsOf),
      ended: errandCut,
      refuses: (url) => fetch.refuses(url),
    }),
  );
  tellOfRuns({ ...needs, webhooks });
  const line = owner.own(await openLineSide({ ...needs, fetch }));
  const blackhole = await openHole(needs);
  const amqp = await openBroker(needs, blackhole);
  return {
    webhooks,
    blackhole,
    doors: { webhooks, line },
    counts: () => ({ webhooks: webhooks.counts(), blackhole: blackhole?.counts(), amqp: amqp?.() }),
  };
}

/** KAZOO's websocket; undefined: it has no port. */
async function openHole(needs: FollowerNeeds): Promise<Blackhole | undefined> {
  const { owner, config, conferences, bus, certificates } = needs;
  const { port, tlsPort, maxPerAddress } = config.blackhole;
  if (port === undefined && tlsPort === undefined) return undefined;
  return owner.own(
    await listening(
      [
        { what: 'Blackhole', variable: 'PARLEY_BLACKHOLE_PORT', port },
        { what: 'Blackhole over TLS', variable: 'PARLEY_BLACKHOLE_TLS_PORT', port: tlsPort },
      ],
      openBlackhole({
        ...dialect(needs),
        address: config.host,
        follow: (options) => bus.follow(options),
        execute: conferences.execute,
        tokenKey: needs.tokenKey,
        chance: needs.chance,
        trustedProxies: config.trustedProxies,
        maxPerAddress,
        ...(port === undefined ? {} : { port }),
        ...(tlsPort === undefined || certificates === undefined ? {} : { secure: { port: tlsPort, certificates } }),
      }),
    ),
  );
}

/** KAZOO over AMQP; undefined: there is no broker. Gives its numbers. */
async function openBroker(
  needs: FollowerNeeds,
  blackhole: Blackhole | undefined,
): Promise<(() => AmqpCounts & KazooAmqpCounts) | undefined> {
  const { owner, config, conferences, bus, store, clock, chance, log, sip, dialling } = needs;
  if (config.amqpUrl === undefined) return undefined;
  const amqp = owner.own(openAmqp({ url: config.amqpUrl, clock, chance, log, exchanges: kazooExchanges(config.amqpDurableExchange) }));
  const kazoo = owner.own(
    await openKazooAmqp({
      ...dialect(needs),
      amqp,
      bus,
      execute: conferences.execute,
      accountsOf: (conference) => store.conferences.accountsOf(conference),
      sip,
      dialling,
      ...(blackhole === undefined ? {} : { told: (command) => blackhole.tell(command) }),
    }),
  );
  return () => ({ ...amqp.counts(), ...kazoo.counts() });
}

/** What both of KAZOO's outlets need. */
const dialect = ({ accounts, clock, log, node, config, conferences }: FollowerNeeds) => ({
  accounts,
  clock,
  log,
  node,
  liveOf: conferences.liveOf.bind(conferences),
  ...(config.kazooEvents === undefined ? {} : { events: config.kazooEvents }),
});
