import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type Account, type AccountId, openAccounts, openDocuments } from '../../src/accounts/index.ts';
import type { ApiOptions } from '../../src/api/options.ts';
import { buildServer } from '../../src/api/server.ts';
import { type Clock, noLog } from '../../src/base/index.ts';
import { type Bus, openBus } from '../../src/bus/index.ts';
import {
  type Call,
  type ConferenceId,
  Conferences,
  type Events,
  type Execute,
  type Recorder,
  type Telephony,
} from '../../src/conference/index.ts';
import { MemoryStore } from '../../src/store/index.ts';
import { FakeSounds } from './conference-sounds.ts';
import { FakeClock } from './fake-clock.ts';
import { comparing } from './published-answers.ts';
import { SeededChance } from './seeded-chance.ts';

/** A whole server without sockets: real domain, store in memory, fake time. */
export interface House {
  readonly server: FastifyInstance;
  readonly clock: FakeClock;
  readonly conferences: Conferences;
  /** What records and plays. */
  readonly sounds: FakeSounds;
  readonly account: string;
  readonly child: string;
  readonly stranger: string;
  readonly apiKey: string;
  readonly accessKey: string;
  readonly credentials: string;
  readonly sha: string;
  readonly username: string;
  readonly password: string;
  readonly accountName: string;
  readonly realm: string;
  readonly token: string;
  readonly errors: unknown[];
  readonly store: MemoryStore;
  /** Carries what the domain tells. */
  readonly bus: Bus;
  /** What the server was built with. */
  readonly options: ApiOptions;
  /** Somebody comes in, in the named account or the own one. */
  join(
    conference: string,
    call: { id: string; name?: string; role?: 'member' | 'moderator'; vars?: Record<string, string> },
  ): Promise<void>;
}

let keyText: string | undefined;
/** Making an RSA key takes long: all houses share one. */
const tokenKey: ApiOptions['tokenKey'] = {
  load: async () => keyText,
  save: async (text) => {
    keyText = text;
  },
};

const hash = (kind: string, text: string): string => createHash(kind).update(text).digest('hex');

/** Opens a server for a test; `execute` may wrap the domain, `clock` take the place of the fake one. */
export async function openHouse(
  change: {
    execute?: (real: Execute) => Execute;
    options?: Partial<ApiOptions>;
    clock?: Clock;
    /** The telephones; default: none that do anything. */
    telephony?: Telephony;
    /** What is told goes through this before it is carried. */
    events?: (bus: Bus) => Events;
    /** What records, in place of the one that only remembers. */
    recorder?: Recorder;
    /** What is built over the domain and the stores. */
    more?: (inside: {
      conferences: Conferences;
      store: MemoryStore;
      bus: Bus;
      chance: SeededChance;
      sounds: FakeSounds;
    }) => Promise<Partial<ApiOptions>>;
  } = {},
): Promise<House> {
  const fake = new FakeClock();
  const clock = change.clock ?? fake;
  const chance = new SeededChance(7);
  const store = new MemoryStore();
  const accounts = openAccounts({ store: store.accounts, clock, chance });
  const first = await accounts.createFirst();
  assert.ok(first);
  const parent = first.account_id as AccountId;
  const other = (id: string, realm: string, above: AccountId | undefined): Account => ({
    id: id.repeat(32) as AccountId,
    name: realm,
    realm,
    parent: above,
    apiKey: id.repeat(64),
    createdAt: clock.epoch() + 1,
  });
  await store.accounts.saveAccount(other('b', 'child.test', parent));
  await store.accounts.saveAccount(other('c', 'stranger.test', undefined));
  const bus = openBus({ clock, log: noLog, journal: store.journal });
  const sounds = new FakeSounds();
  const conferences = new Conferences({
    clock,
    chance,
    log: noLog,
    store: store.conferences,
    events: change.events?.(bus) ?? bus,
    media: { hear() {} },
    telephony: change.telephony ?? { answer() {}, hangUp() {}, dial() {}, bring() {}, ring() {} },
    recorder: change.recorder ?? sounds.recorder,
    player: sounds.player,
    scribe: sounds.scribe,
    streams: sounds,
  });
  const errors: unknown[] = [];
  const log = { ...noLog, error: (message: string, fields?: object) => void errors.push({ message, fields }) };
  const options: ApiOptions = {
    execute: change.execute?.(conferences.execute) ?? conferences.execute,
    accounts,
    clock,
    chance,
    log,
    address: '127.0.0.1',
    port: 0,
    node: 'parley@test',
    version: '0.1.0',
    metrics: async () => 'parley_legs 0\n',
    ready: () => true,
    tokenKey,
    documents: openDocuments({ store: store.documents, clock, chance }),
    history: store.history,
    keeping: store.keeping,
    chronicle: store.chronicle,
    transcripts: store.transcripts,
    ...change.options,
    ...(await change.more?.({ conferences, store, bus, chance, sounds })),
  };
  const server = await buildServer(options);
  comparing(server);
  const credentials = hash('md5', `${first.username}:${first.password}`);
  const login = await server.inject({
    method: 'PUT',
    url: '/v2/user_auth',
    payload: JSON.stringify({ data: { credentials, account_name: first.account_name } }),
  });
  const actor = { account: parent, kind: 'call' as const };
  return {
    server,
    store,
    bus,
    options,
    clock: fake,
    conferences,
    sounds,
    account: parent,
    child: 'b'.repeat(32),
    stranger: 'c'.repeat(32),
    apiKey: first.api_key,
    accessKey: first.access_key,
    credentials,
    sha: hash('sha1', `${first.username}:${first.password}`),
    username: first.username,
    password: first.password,
    accountName: first.account_name,
    realm: first.realm,
    token: login.json().auth_token,
    errors,
    async join(conference, { id, name = 'Ann', role = 'member', vars = {} }) {
      const key = hash('md5', id);
      const call = {
        id: key,
        leg: key,
        sipCallId: id,
        direction: 'inbound',
        callerName: name,
        callerNumber: '1001',
        channelVars: vars,
      } as unknown as Call;
      await conferences.execute('call.arrived', { conference: conference as ConferenceId, call, role }, actor);
      await conferences.execute('call.answered', { conference: conference as ConferenceId, call: call.id }, actor);
    },
  };
}
