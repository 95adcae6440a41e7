import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Accounts, openAccounts } from '../accounts/index.ts';
import { type Api, openApi } from '../api/index.ts';
import { type Chance, type Clock, type Closable, type Log, Owner } from '../base/index.ts';
import { type Calls, openCalls } from '../calls/index.ts';
import { Conferences, type Events, type Telephony } from '../conference/index.ts';
import { type Engine, type EngineEvent, openEngine } from '../media/index.ts';
import { type AllStores, openSqlite } from '../store/index.ts';
import type { Config } from './config.ts';
import { type FirstStart, firstStart } from './first-start.ts';
import { listening } from './listening.ts';
import { metricsText } from './metrics.ts';
import { readings } from './readings.ts';
import { nonceSecret, tokenKey } from './secrets.ts';
import { version } from './version.ts';

/** What a house is built from. */
export interface BuildNeeds {
  readonly config: Config;
  readonly masterKey: Uint8Array;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** A running server. */
export interface House extends Closable {
  /** `http://host:port` as it really listens. */
  readonly http: string;
  /** `host:port` as it really listens, UDP and TCP. */
  readonly sip: string;
  /** What the first start made; undefined on every later one. */
  readonly first: FirstStart | undefined;
}

/** Puts the house together: the only place that knows every room. */
export async function build(needs: BuildNeeds): Promise<House> {
  const owner = new Owner();
  try {
    return await assemble(needs, owner);
  } catch (error) {
    await owner.close();
    throw error;
  }
}

async function assemble(needs: BuildNeeds, owner: Owner): Promise<House> {
  const { config, masterKey, chance, log, clock } = needs;
  const store = owner.own(await openSqlite({ path: join(config.dataDir, 'parley.db'), chance, masterKey, log }));
  const accounts = openAccounts({ store: store.accounts, clock, chance });
  const { engine, conferences, calls } = await pipes({ ...needs, store, accounts, owner });
  // Calls that a crash cut get their BYE and their closing facts; what has no record of a call is closed after them.
  await calls.recover();
  await conferences.recover();
  const scrape = async (): Promise<string> =>
    metricsText(readings({ engine: await engine.metrics(), calls: calls.counts(), queueDepth: conferences.queueDepth }));
  let isReady = false;
  const api: Api = owner.own(
    await listening(
      'HTTP',
      'PARLEY_HTTP_PORT',
      openApi({
        execute: conferences.execute,
        accounts,
        clock,
        chance,
        log,
        address: config.host,
        port: config.httpPort,
        node: `parley@${hostname()}`,
        version: version(),
        metrics: scrape,
        ready: () => isReady,
        tokenKey: tokenKey(store.accounts),
      }),
    ),
  );
  const first = await firstStart({ accounts, execute: conferences.execute, dataDir: config.dataDir });
  isReady = true;
  return { http: api.url, sip: calls.address, first, close: () => owner.close() };
}

interface PipeNeeds extends BuildNeeds {
  readonly store: AllStores;
  readonly accounts: Accounts;
  readonly owner: Owner;
}

/** The engine, the domain and the signalling each need one another's port; the signalling, opened last, is reached through `calls`. */
async function pipes({
  config,
  clock,
  chance,
  log,
  store,
  accounts,
  owner,
}: PipeNeeds): Promise<{ engine: Engine; conferences: Conferences; calls: Calls }> {
  let calls: Calls | undefined;
  let conferences: Conferences | undefined;
  const onEvent = (event: EngineEvent): void => {
    if (event.type === 'level') conferences?.setLevel(event.leg, { talking: event.talking, energy: event.energy });
    else calls?.engineEvent(event);
  };
  const sockets = config.sockets === 'auto' ? {} : { sockets: config.sockets };
  const engine = owner.own(
    await openEngine({ clock, log, chance, ports: config.rtpPorts, mediaTimeoutMs: config.mediaTimeoutMs, onEvent, ...sockets }),
  );
  const telephony: Telephony = { answer: (call) => calls?.answer(call), hangUp: (call, reason) => calls?.hangUp(call, reason) };
  const events: Events = { publish: () => {} };
  conferences = owner.own(new Conferences({ clock, chance, log, store: store.conferences, events, media: engine, telephony }));
  const opened = owner.own(
    await listening(
      'SIP',
      'PARLEY_SIP_PORT',
      openCalls({
        clock,
        chance,
        log,
        address: config.host,
        port: config.sipPort,
        engine,
        execute: conferences.execute,
        accounts,
        records: store.calls,
        registrations: store.registrations,
        userAgent: `Parley/${version()}`,
        nonceSecret: await nonceSecret(store.accounts, chance),
      }),
    ),
  );
  calls = opened;
  return { engine, conferences, calls: opened };
}
