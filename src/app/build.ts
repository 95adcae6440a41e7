import { hostname } from 'node:os';
import { type Accounts, openAccounts, openDocuments } from '../accounts/index.ts';
import { type Api, type ApiOptions, type Blackhole, openApi } from '../api/index.ts';
import { type Chance, type Clock, type Closable, type Log, Owner } from '../base/index.ts';
import { type Bus, openBus } from '../bus/index.ts';
import { type Calls, type ConferenceAddresses, guestNumber, openCalls, type Traces } from '../calls/index.ts';
import {
  Conferences,
  type Execute,
  endLeftTranscriptions,
  type Lobbies,
  type MediaLibrary,
  type RecordingScribe,
  type Streams as StreamsPort,
} from '../conference/index.ts';
import { judge } from '../fetch/index.ts';
import { type Engine, type EngineEvent, openLine } from '../media/index.ts';
import type { OpenRecorder, Storage } from '../recording/index.ts';
import type { AllStores } from '../store/index.ts';
import type { Streams } from '../streams/index.ts';

import { openAlive } from './alive.ts';
import { capacityLimit } from './capacity.ts';
import { type Certificates, openCertificates } from './certificates.ts';
import { openComings } from './comings.ts';
import { conferenceAddresses } from './conference-addresses.ts';
import { type ConferenceDefaults, openDefaults, tellingRooms } from './conference-defaults.ts';
import type { Config } from './config.ts';
import { ConfigurationWatch } from './configuration-watch.ts';
import { Consents } from './consents.ts';
import { openStore } from './database.ts';
import { type Entry, openEntry } from './entry.ts';
import { type FirstStart, firstStart } from './first-start.ts';
import { openNumbers } from './flow-numbers.ts';
import { openFlowPorts } from './flow-ports.ts';
import { type Followers, openFollowers } from './followers.ts';
import { listening } from './listening.ts';
import { openLobbies } from './lobbies.ts';
import { openMedia } from './media-engine.ts';
import { BuiltPages } from './pages.ts';
import { openPrograms } from './programs.ts';
import { recorderOf } from './recording.ts';
import { Retention } from './retention.ts';
import { scrape } from './scrape.ts';
import { nonceSecret, tokenKey } from './secrets.ts';
import { openSoundSide } from './sound-side.ts';
import { storageOf } from './storage.ts';
import { telephonyOf } from './telephony.ts';
import { tlsSide } from './tls-side.ts';
import { told } from './told-history.ts';
import { openTraces } from './traces.ts';
import { version } from './version.ts';

/** How often it is looked for what others have stored, ms. */
const POLL = 250;

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
  /** `https://host:port` as it really listens; undefined without HTTPS. */
  readonly https: string | undefined;
  /** `host:port` as it really listens, UDP and TCP. */
  readonly sip: string;
  /** `host:port` of SIP over TLS; undefined without. */
  readonly sips: string | undefined;
  /** `ws://host:port` of KAZOO's websocket; undefined without. */
  readonly blackhole: string | undefined;
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
  const { config, chance, log, clock } = needs;
  const store = owner.own(await openStore(needs));
  const accounts = openAccounts({ store: store.accounts, clock, chance });
  const storage = owner.own(storageOf({ recording: config.recording, store, clock, chance, log }));
  const alive = owner.own(openAlive({ dataDir: config.dataDir, clock, log }));
  const certificates = usesTls(config) ? owner.own(await openCertificates({ ...needs, ...config, names: namesOf(config) })) : undefined;
  // Others may write into the same PostgreSQL; what they store is looked for.
  const bus = owner.own(openBus({ clock, log, journal: store.journal, ...(config.storeUrl === undefined ? {} : { pollMs: POLL }) }));
  // Opened later, closed later: they shall still tell how everything ended.
  const outlets = owner.own(new Owner());
  const traces = openTraces({ ...needs, owner, store });
  const { recorder, ...joined } = await pipes({
    ...needs,
    store,
    storage,
    accounts,
    owner,
    certificates,
    bus,
    traces,
    lastAlive: alive.last,
  });
  const { conferences, calls } = joined;
  const written = await store.chronicle.unfinished();
  // Calls that a crash cut get their BYE and their closing facts; what has no record of a call is closed after them.
  await calls.recover();
  await conferences.recover();
  await endLeftTranscriptions(written, { clock, log, diary: store.conferences, events: bus, errands: joined.lobbies.errands });
  // Files may be long: nobody waits for them.
  recorder.repair().catch((error: unknown) => log.error('recordings are left as they are', { error: String(error) }));
  const { recordings } = storage;
  owner.own(new Retention({ clock, log, keeping: store.keeping, recordings, accounts: store.accounts, defaults: config.retention }));
  const inside: Inside = {
    ...needs,
    ...joined,
    traces,
    owner,
    store,
    accounts,
    bus,
    certificates,
    storage,
  };
  const names = { node: `parley@${hostname()}`, tokenKey: tokenKey(store.accounts) };
  const followers = await openFollowers({
    ...inside,
    ...names,
    owner: outlets,
    sip: calls.address,
    dialling: calls.dialling,
    recordings: inside.storage.recordings,
  });
  let isReady = false;
  const api = await openHttp({ ...inside, ...names, followers, ready: () => isReady });
  // The authority asks the HTTP side, so it is not asked before that listens.
  certificates?.begin();
  const first = await firstStart({ accounts, execute: conferences.execute, dataDir: config.dataDir });
  isReady = true;
  const listens = {
    http: api.url,
    https: api.secureUrl,
    sip: calls.address,
    sips: calls.tlsAddress,
    blackhole: holeOf(followers.blackhole),
  };
  return { ...listens, first, close: () => owner.close() };
}

/** What stands before anybody is let in. */
interface Inside extends Omit<PipeNeeds, 'lastAlive'> {
  readonly conferences: Conferences;
  readonly engine: Engine;
  readonly programs: Streams;
  readonly calls: Calls;
  readonly library: MediaLibrary;
  readonly entry: Entry;
  readonly lobbies: Lobbies;
  readonly defaults: ConferenceDefaults;
  /** Absent: recordings are not written down. */
  readonly written: RecordingScribe | undefined;
}

interface HttpNeeds extends Inside, Pick<ApiOptions, 'node' | 'tokenKey' | 'ready'> {
  readonly followers: Followers;
}

/** HTTP and HTTPS. */
async function openHttp(needs: HttpNeeds): Promise<Api> {
  const { config, owner, store, bus, calls, conferences, certificates, followers } = needs;
  const { accounts, clock, chance, log, node, tokenKey: key, ready } = needs;
  const { execute } = conferences;
  return owner.own(
    await listening(
      [
        { what: 'HTTP', variable: 'PARLEY_HTTP_PORT', port: config.httpPort },
        { what: 'HTTPS', variable: 'PARLEY_HTTPS_PORT', port: config.httpsPort },
      ],
      openApi({
        accounts,
        clock,
        chance,
        log,
        node,
        tokenKey: key,
        ready,
        execute,
        address: config.host,
        port: config.httpPort,
        version: version(),
        metrics: () => scrape(needs),
        follow: (options) => bus.follow(options),
        ...followers.doors,
        history: store.history,
        keeping: store.keeping,
        ...(needs.traces && { traces: needs.traces }),
        transcripts: store.transcripts,
        chronicle: store.chronicle,
        maxConferences: config.maxConferences,
        media: needs.library,
        documents: openDocuments({ store: tellingRooms({ ...needs, store: store.documents, execute }), clock, chance }),
        recordings: needs.storage.recordings,
        dialling: calls.dialling,
        qualityOf: (leg) => needs.engine.legMetrics(leg),
        legOf: (leg) => needs.engine.record(leg),
        headersOf: (leg, ms) => needs.engine.packetHeaders(leg, ms),
        trunks: { states: (account) => calls.trunkStates(account), changed: () => calls.trunksChanged() },
        trustedProxies: config.trustedProxies,
        programs: needs.programs,
        phones: needs.lobbies.phoneCalls,
        errands: needs.lobbies.errands,
        ...(needs.written && { written: needs.written }),
        entry: needs.entry,
        browsers: { join: (wish) => calls.join(wish), guestNumber },
        iceServers: config.browsers,
        pages: owner.own(new BuiltPages({ log })),
        onSipSocket: (socket, peer) => calls.adopt(socket, peer),
        ...(followers.blackhole === undefined ? {} : { sockets: followers.blackhole.sessions }),
        ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
        ...secureSide(config, certificates),
      }),
    ),
  );
}

const holeOf = (blackhole: Blackhole | undefined): string | undefined => blackhole?.url ?? blackhole?.secureUrl;

const usesTls = ({ httpsPort, sipTlsPort, blackhole }: Config): boolean =>
  [httpsPort, sipTlsPort, blackhole.tlsPort].some((port) => port !== undefined);

/** Every name and address under which somebody may come, for the certificate of our own. */
export function namesOf({ host, publicUrl, sipAdvertise }: Pick<Config, 'host' | 'publicUrl' | 'sipAdvertise'>): readonly string[] {
  const told = [publicUrl === undefined ? '' : new URL(publicUrl).hostname.replace(/^\[|\]$/g, ''), sipAdvertise ?? ''];
  const all = [host, 'localhost', '127.0.0.1', '::1', hostname(), ...told].map((each) => each.toLowerCase());
  // A machine's name may be anything; a certificate takes only what DNS does.
  return [...new Set(all)].filter((each) => /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$|^[0-9a-f.]*:[0-9a-f:.]*$/.test(each));
}

function secureSide({ httpsPort }: Config, certificates: Certificates | undefined): Pick<ApiOptions, 'secure' | 'acmeAnswer'> {
  if (certificates === undefined) return {};
  const acmeAnswer = (token: string): string | undefined => certificates.acmeAnswer(token);
  return httpsPort === undefined ? { acmeAnswer } : { acmeAnswer, secure: { port: httpsPort, certificates } };
}

interface PipeNeeds extends BuildNeeds {
  readonly store: AllStores;
  readonly storage: Storage;
  readonly accounts: Accounts;
  readonly owner: Owner;
  readonly certificates: Certificates | undefined;
  /** Epoch ms; undefined: this is the first run. */
  readonly lastAlive: number | undefined;
  /** Undefined: it is not noted how calls are signalled. */
  readonly traces: Traces | undefined;
  readonly bus: Bus;
}

/** The engine, the domain and the signalling each need one another's port; the signalling, opened last, is reached through `calls`. */
async function pipes(needs: PipeNeeds): Promise<
  Pick<Inside, 'engine' | 'conferences' | 'calls' | 'programs' | 'library' | 'entry' | 'lobbies' | 'defaults' | 'written'> & {
    readonly recorder: OpenRecorder;
  }
> {
  const { config, clock, chance, log, store, owner, bus } = needs;
  let calls: Calls | undefined;
  let conferences: Conferences | undefined;
  let programs: Streams | undefined;
  const onEvent = (event: EngineEvent): void => {
    if (event.type === 'level') conferences?.setLevel(event.leg, { talking: event.talking, energy: event.energy });
    else calls?.engineEvent(event);
    programs?.engineEvent(event);
  };
  const limit = capacityLimit(config, log);
  const engine = owner.own(await openMedia(needs, { onEvent, limit }));
  const telephony = telephonyOf(() => calls);
  const execute: Execute = (name, input, actor) => lobbies.execute(name, input, actor);
  const { player, library, scribe, written } = await openSoundSide({
    ...needs,
    recordings: needs.storage.recordings,
    diary: store.conferences,
    events: { publish: (facts) => events.publish(facts) },
    engine,
    path: process.env['PATH'],
    execute,
    conferences: () => conferences!,
  });
  const defaults = openDefaults(needs);
  const entry = owner.own(await openEntry({ ...needs, engine, library, execute, defaults: defaults.of }));
  const recorder = recorderOf({ ...needs, engine, execute });
  const lobbies: Lobbies = owner.own(
    openLobbies({
      ...needs,
      recorder,
      ...(scribe && { scribe }),
      ...(written && { written }),
      diary: store.conferences,
      comings: openComings(store),
      events: bus,
      programs: { moved: (call, place) => programs?.moved?.(call, place), over: (call) => programs?.over?.(call) },
      media: engine,
      telephony,
      player,
      desk: entry.desk,
      accessNumbers: config.entry.accessNumbers,
      numbers: openNumbers(needs),
      conferences: () => conferences!,
      line: openLine({ engine, clock }),
      ...(await openFlowPorts({ ...needs, engine, calls: () => calls!, programs: () => programs!, phones: () => lobbies.phoneCalls })),
      ...(config.entry.testNumber === undefined ? {} : { testNumber: config.entry.testNumber }),
    }),
  );
  // Who has a database of his own is told of every change by whoever makes it.
  const watch = config.storeUrl === undefined ? undefined : owner.own(new ConfigurationWatch({ ...needs, defaults, execute }));
  const consents = new Consents();
  const events = consents.telling(lobbies.telling(watch?.telling(bus) ?? bus));
  const streams: StreamsPort = { letGo: (stream, reason) => programs?.letGo(stream, reason) };
  const ports = { media: engine, telephony: lobbies.telephony, streams, player, recorder, ...(scribe && { scribe }) };
  conferences = owner.own(new Conferences({ clock, chance, log, store: store.conferences, events, defaults: defaults.of, ...ports }));
  // Closed before the conferences: what was recorded is made whole, and what was said last is still written down.
  owner.own(recorder);
  if (scribe !== undefined) owner.own(scribe);
  if (written !== undefined) owner.own(written);
  programs = owner.own(openPrograms({ config, clock, chance, log, engine, bus, execute }));
  const addresses = conferenceAddresses({ store: store.conferences, execute, defaults: defaults.of });
  const opened = await openSip({ ...needs, engine, execute, limit, addresses, consents });
  calls = opened;
  return { engine, conferences, programs, calls: opened, library, recorder, entry, lobbies, defaults, written };
}

/** SIP on all its bearers. */
async function openSip(
  needs: PipeNeeds & { engine: Engine; execute: Execute; limit: number | undefined; addresses: ConferenceAddresses; consents: Consents },
): Promise<Calls> {
  const { config, clock, chance, log, store, accounts, owner, certificates, lastAlive, bus, engine, execute, limit } = needs;
  return owner.own(
    await listening(
      [
        { what: 'SIP', variable: 'PARLEY_SIP_PORT', port: config.sipPort },
        { what: 'SIP over TLS', variable: 'PARLEY_SIP_TLS_PORT', port: config.sipTlsPort },
      ],
      openCalls({
        clock,
        chance,
        log,
        address: config.host,
        port: config.sipPort,
        tls: tlsSide(config, certificates),
        keysInClear: config.keysInClear,
        ...(config.sipAdvertise === undefined ? {} : { advertise: config.sipAdvertise }),
        ...(config.mediaAdvertise === undefined ? {} : { advertiseMedia: config.mediaAdvertise }),
        engine,
        execute,
        accounts,
        addresses: needs.addresses,
        records: store.calls,
        registrations: store.registrations,
        history: needs.consents.keeping(told(store.history, bus)),
        ...(needs.traces === undefined ? {} : { traces: needs.traces }),
        ...(lastAlive === undefined ? {} : { lastAlive }),
        follow: (options) => bus.follow(options),
        userAgent: `Parley/${version()}`,
        nonceSecret: await nonceSecret(store.accounts, chance),
        documents: openDocuments({ store: store.documents, clock, chance }),
        dialRules: { ...config.dial, mayReach: judge(config.dial.allow) },
        // The engine refuses what is too much; the signalling's own limit only must not come before.
        ...(limit === undefined ? {} : { limits: { maxCalls: Math.max(2000, 2 * limit) } }),
      }),
    ),
  );
}
