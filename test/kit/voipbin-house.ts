import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AccountId, openDocuments } from '../../src/accounts/index.ts';
import { factBody } from '../../src/api/native/events/event-body.ts';
import { Failure, type JsonObject, noLog, undashed } from '../../src/base/index.ts';
import type { Bus } from '../../src/bus/index.ts';
import {
  type Call,
  type CallId,
  type ConferenceId,
  type Conferences,
  type Dialling,
  EntryDesk,
  type Events,
  type Execute,
  type FlowPlan,
  keepLockouts,
  Lobbies,
  Lockouts,
  lobbyOf,
  noDefaults,
  type RecordingScribe,
  type Role,
  type Web,
} from '../../src/conference/index.ts';
import { type LineDoors, openLineChats } from '../../src/line/index.ts';
import { openStorage } from '../../src/recording/index.ts';
import type { MemoryStore } from '../../src/store/index.ts';
import { openWebhooks } from '../../src/webhooks/index.ts';
import { type House, openHouse } from './api-house.ts';
import { aCall } from './conference-fakes.ts';
import type { FakeSounds } from './conference-sounds.ts';
import { FakeClock } from './fake-clock.ts';
import { LineStandIn } from './line-stand-in.ts';
import { MemoryRecorder } from './memory-recorder.ts';
import { MemorySwitchboard } from './memory-switchboard.ts';
import type { SeededChance } from './seeded-chance.ts';

/** What came back. */
export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer as it came.
  readonly body: any;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** VoIPBIN's dialect whole, without a socket: real domain, lobbies and flows, with telephones, files, LINE and webhooks that are in memory. */
export interface VoipbinHouse extends House {
  readonly switchboard: MemorySwitchboard;
  readonly recorder: MemoryRecorder;
  readonly lobbies: Lobbies;
  readonly line: LineStandIn;
  /** The folder of files of recordings. */
  readonly folder: string;
  /** A request below `/v1.0`; `key`: of somebody else, empty: of nobody. */
  ask(method: string, path: string, body?: unknown, key?: string): Promise<Answered>;
  /** Somebody comes straight into a conference, and is in. */
  enters(conference: string, n: number, more?: { readonly role?: Role; readonly parts?: Partial<Call> }): Promise<CallId>;
  /** Somebody calls a number with this flow; the call is up. */
  calls(n: number, actions: readonly JsonObject[]): Promise<CallId>;
  /** What plays anywhere comes to its end. */
  played(): Promise<void>;
  close(): Promise<void>;
}

/** What a test of it may change. */
export interface VoipbinHouseOptions {
  readonly web?: Web;
  readonly execute?: (real: Execute) => Execute;
  readonly maxConferences?: number;
  /** Nobody asks too much. */
  readonly unbounded?: boolean;
}

/** Everybody has a telephone, but for `nobody`. */
const dialling: Pick<Dialling, 'resolve'> = {
  async resolve(_, endpoint, { callerId } = {}) {
    if (endpoint === 'nobody') return { endpoint: 'nobody', refusal: { code: 'bad_endpoint', words: 'nobody is there', status: 404 } };
    const target = { dialled: String(endpoint), ways: [], ...(callerId === undefined ? {} : { callerId }) };
    return { endpoint: String(endpoint), name: 'Ben', target, vars: {} };
  },
};

interface Inside {
  readonly conferences: Conferences;
  readonly store: MemoryStore;
  readonly bus: Bus;
  readonly chance: SeededChance;
  readonly sounds: FakeSounds;
  readonly clock: FakeClock;
}

function openDesk({ store, conferences, clock }: Inside): EntryDesk {
  const keeping = keepLockouts({ store: store.documents, clock, log: noLog });
  return new EntryDesk({
    log: noLog,
    shield: new Lockouts({ clock, log: noLog, execute: conferences.execute, keeping }).shield,
    defaults: async () => noDefaults,
    conference: async (account, id) => {
      const found = await store.conferences.load(account, id);
      return found?.deletedAt === undefined ? found : undefined;
    },
    byNumber: (account, number) => store.conferences.findByNumber(account, number),
  });
}

/** Flows that accounts have stored. */
const numbersOf = ({ store, clock, chance }: Inside) => {
  const documents = openDocuments({ store: store.documents, clock, chance });
  return {
    find: async () => undefined,
    isAccessNumber: async () => false,
    async flow(account: AccountId, id: string): Promise<FlowPlan | undefined> {
      const found = await documents.find({ account, kind: 'flow', id: undashed(id) as never });
      return found && { actions: found.document['actions'] as never, flow: id };
    },
  };
};

function openLine(inside: Inside, desk: EntryDesk, { execute, line }: { execute: Execute; line: LineStandIn }): Promise<LineDoors> {
  const { clock, chance, store, bus } = inside;
  return openLineChats({
    clock,
    chance,
    log: noLog,
    execute,
    desk,
    documents: openDocuments({ store: store.documents, clock, chance }),
    ask: async ({ url, method, headers, body = '' }) => {
      const answer = line.answer(method, new URL(url).pathname, headers, body);
      return { status: answer.status, body: Buffer.from(answer.body) };
    },
    apiUrl: 'https://line.test',
    follow: (take) =>
      bus.follow({
        signals: false,
        take: (item) => {
          if (item.kind === 'fact' && item.entry.fact.type !== 'call.recorded') take(item.entry.fact);
        },
      }),
  });
}

const openHooks = ({ clock, chance, store, bus }: Inside) =>
  openWebhooks({
    clock,
    chance,
    log: noLog,
    store: store.webhooks,
    consume: (consumer) => bus.consume(consumer),
    journal: store.journal,
    post: async () => ({ status: 200 }),
    tell: factBody,
    refuses: (url) => (/^https?:/.test(url) ? undefined : 'only http and https are spoken'),
  });

/** Opens it. */
export async function openVoipbinHouse({ web, execute: wrap, maxConferences, unbounded }: VoipbinHouseOptions = {}): Promise<VoipbinHouse> {
  const clock = new FakeClock();
  const switchboard = new MemorySwitchboard(clock);
  const folder = mkdtempSync(join(tmpdir(), 'parley-voipbin-'));
  const line = new LineStandIn('channel-token', 'channel-secret');
  let lobbies!: Lobbies;
  let recorder!: MemoryRecorder;
  let telling: Events | undefined;
  const recording = {
    start: (...of: Parameters<MemoryRecorder['start']>) => recorder.start(...of),
    stop: (...of: Parameters<MemoryRecorder['stop']>) => recorder.stop(...of),
    awaits: (...of: Parameters<MemoryRecorder['awaits']>) => recorder.awaits(...of),
    pause() {},
    resume() {},
  };
  const closing: { close(): Promise<void> | void }[] = [];
  const house = await openHouse({
    clock,
    telephony: lateBound(() => lobbies.telephony),
    recorder: recording,
    events: (bus) => ({
      publish(facts) {
        telling ??= lobbies.telling(bus);
        telling.publish(facts);
      },
      signal: (signal) => bus.signal(signal),
    }),
    more: async (given) => {
      const inside = { ...given, clock };
      const { conferences, store, bus, chance, sounds } = inside;
      recorder = new MemoryRecorder(store.archive, clock);
      const desk = openDesk(inside);
      lobbies = new Lobbies({
        clock,
        chance,
        log: noLog,
        media: { hear() {} },
        telephony: switchboard,
        desk,
        player: sounds.player,
        recorder: recording,
        scribe: sounds.scribe,
        diary: store.conferences,
        events: bus,
        numbers: numbersOf(inside),
        dialling,
        execute: conferences.execute,
        ...(web === undefined ? {} : { web }),
      });
      const execute = wrap?.(lobbies.execute) ?? lobbies.execute;
      switchboard.execute = execute;
      switchboard.history = store.history;
      recorder.execute = execute;
      const storage = openStorage({ archive: store.archive, folder, clock, chance, log: noLog });
      const [doors, webhooks] = [await openLine(inside, desk, { execute, line }), await openHooks(inside)];
      closing.push(doors, webhooks, lobbies);
      const { phoneCalls: phones, errands } = lobbies;
      const rate = unbounded === true ? { requestRate: { capacity: 1e9, perSecond: 1e9 } } : {};
      const limit = { ...rate, ...(maxConferences === undefined ? {} : { maxConferences }) };
      // Recordings are found; nobody is there who could write them down.
      const written: RecordingScribe = {
        async transcribe(account, id) {
          await storage.recordings.get(account, id);
          throw new Failure('unavailable', 'no_transcriber', 'nobody writes down here');
        },
        async stop() {},
      };
      return { execute, phones, errands, recordings: storage.recordings, written, line: doors, webhooks, ...limit };
    },
  });
  const played = async (): Promise<void> => {
    for (const [id, { room }] of house.sounds.playings) {
      const [account = '', conference = ''] = room.split('/');
      house.sounds.playings.delete(id);
      const input = { conference: conference as ConferenceId, playing: id, reason: 'finished' } as const;
      await switchboard.execute('play.ended', input, { account: account as AccountId, kind: 'system' });
    }
    await switchboard.settled();
  };
  return {
    ...house,
    clock,
    switchboard,
    recorder,
    lobbies,
    line,
    folder,
    played,
    ask: (method, path, body, key = house.accessKey) => asked(house, { method, path, body, key }),
    async enters(conference, n, { role = 'member', parts = {} } = {}) {
      const call = aCall(n, parts);
      const place = undashed(conference) as ConferenceId;
      await switchboard.arrives({ account: house.account as AccountId, call, calledNumber: '3000', place }, { role });
      await switchboard.settled();
      return call.id;
    },
    async calls(n, actions) {
      const call = aCall(n);
      const flow = { flow: { actions: actions.map((each, at) => ({ id: `action-${at}`, option: {}, ...each })) }, role: undefined };
      await switchboard.arrives({ account: house.account as AccountId, call, calledNumber: '1000', place: lobbyOf(call.id) }, flow);
      switchboard.takes(call.id);
      await switchboard.settled();
      return call.id;
    },
    async close() {
      for (const each of closing) await each.close();
      await house.bus.close();
      await house.server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Telephony = Lobbies['telephony'];

/** The telephony that is there when it is needed. */
const lateBound = (telephony: () => Telephony): Telephony => ({
  answer: (call) => telephony().answer(call),
  ring: (call) => telephony().ring(call),
  hangUp: (...of) => telephony().hangUp(...of),
  bring: (...of) => telephony().bring(...of),
  dial: (request) => telephony().dial(request),
});

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly key: string;
}

/** As clients of VoIPBIN ask: with the key in the query, and a body whose media type says nothing. */
async function asked({ server }: House, { method, path, body, key }: Question): Promise<Answered> {
  const query = key === '' ? '' : `${path.includes('?') ? '&' : '?'}accesskey=${key}`;
  const answer = await server.inject({
    method: method as 'GET',
    url: `/v1.0${path}${query}`,
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const isJson = String(answer.headers['content-type'] ?? '').includes('json');
  return { status: answer.statusCode, body: isJson ? answer.json() : undefined, headers: answer.headers };
}
