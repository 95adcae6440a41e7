import assert from 'node:assert/strict';
import type { Account, AccountId, AccountLimits, Accounts, Device, DeviceId, Registration, UserId } from '../../src/accounts/index.ts';
import { Failure, type JsonObject, type Log, noLog, SystemClock } from '../../src/base/index.ts';
import { type Calls, type CallsLimits, type CallsOptions, openCalls, type TlsOptions } from '../../src/calls/index.ts';
import type {
  CallId,
  CallRecord,
  Cdr,
  ConferenceId,
  ConferenceView,
  DialRequest,
  Execute,
  ParticipantId,
} from '../../src/conference/index.ts';
import type { Engine, EngineEvent, LegChange, LegMetrics } from '../../src/media/index.ts';
import type { FakeClock } from './fake-clock.ts';
import { SeededChance } from './seeded-chance.ts';
import { peerSdp, SipPeer } from './sip-peer.ts';
import { header, type SipText } from './sip-text.ts';

export const account: Account = {
  id: 'a'.repeat(32) as AccountId,
  name: 'one',
  realm: 'one.test',
  parent: undefined,
  apiKey: '',
  createdAt: 0,
};
export const device: Device = {
  id: 'd'.repeat(32) as DeviceId,
  account: account.id,
  owner: 'e'.repeat(32) as UserId,
  name: 'desk',
  username: 'desk',
  password: 'secret',
  enabled: true,
};

/** Who everybody is who was let in. */
export const participant = '1'.repeat(32) as ParticipantId;

const accounts = {
  byRealm: async (realm: string) => (realm === account.realm ? account : undefined),
  first: async () => account,
  device: async (_: AccountId, username: string) => (username === device.username ? device : undefined),
  devices: async () => [device],
  isEnabled: async () => false,
} as unknown as Accounts;

/** A small house around the signalling: a domain that lets everybody into 3000, an engine that only takes notes unless there is a real one. */
export async function house({
  clock = new SystemClock(),
  auto = true,
  arrive = async () => {},
  route = async () => {},
  limits = {},
  refuse = () => undefined,
  told = async () => {},
  tls = null,
  media,
  keysInClear = false,
  interval,
  realEngine,
  log = noLog,
  heard,
  accountLimits,
  lastAlive,
  view,
  follow,
  documents,
  dialRules,
  names,
}: {
  /** What is kept of trunks, where calls may go, and what names mean. */
  documents?: CallsOptions['documents'];
  dialRules?: CallsOptions['dialRules'];
  names?: CallsOptions['names'];
  /** What the account may use. */
  accountLimits?: AccountLimits;
  lastAlive?: number;
  /** How the conference is when it is read. */
  view?: () => ConferenceView;
  follow?: CallsOptions['follow'];
  log?: Log;
  /** What the engine that only takes notes says of a leg at its end. */
  heard?: LegMetrics;
  /** Opens a real engine, which tells the signalling what happens. */
  realEngine?: (onEvent: (event: EngineEvent) => void) => Promise<Engine>;
  /** ms per packet that the conference wants. */
  interval?: number;
  tls?: TlsOptions | null;
  /** `media` of the account's document. */
  media?: JsonObject;
  keysInClear?: boolean;
  limits?: CallsLimits;
  /** What the domain throws at a command, and the history at `history.add`. */
  refuse?: (name: string) => Error | undefined;
  clock?: SystemClock | FakeClock;
  auto?: boolean;
  /** What telling the domain the end of a call takes. */
  told?: () => Promise<void>;
  arrive?: () => Promise<void>;
  /** What finding the conference takes. */
  route?: () => Promise<void>;
} = {}) {
  const said: [string, Record<string, unknown>][] = [];
  const changes: LegChange[] = [];
  const ended: string[] = [];
  const cdrs: Cdr[] = [];
  const records = new Map<CallId, CallRecord>();
  const registrations = new Map<string, Registration>();
  let calls: Calls;
  const execute = (async (name: string, input: Record<string, unknown>) => {
    said.push([name, input]);
    const refusal = refuse(name);
    if (refusal !== undefined) throw refusal;
    if (name === 'call.ended') await told();
    if (name === 'call.route') {
      await route();
      if (input['dialled'] !== '3000' && input['dialled'] !== 'c'.repeat(32))
        throw new Failure('not-found', 'number_not_found', 'no such number');
      return { conference: 'c'.repeat(32) as ConferenceId, role: undefined, ...(interval === undefined ? {} : { interval }) };
    }
    if (name === 'call.dial')
      calls.dial({
        account: account.id,
        place: input['conference'] as ConferenceId,
        ...(input as never as Pick<DialRequest, 'call' | 'target'>),
      });
    if (name === 'call.arrived') {
      await arrive();
      if (auto) calls.answer((input['call'] as { id: CallId }).id);
    }
    if (name === 'conference.read' && view !== undefined) return view();
    if (name !== 'call.answered') return undefined;
    const call = { id: input['call'] };
    return { conference: { room: { participants: [{ id: participant, role: 'member', call }] } } } as unknown as ConferenceView;
  }) as unknown as Execute;
  const noted = {
    open: async () => ({ address: '127.0.0.1', port: 30_000, ssrc: 1 }),
    change: (_: string, change: LegChange) => void changes.push(change),
    record: async () => undefined,
    end: async (leg: string) => {
      ended.push(leg);
      return heard;
    },
  } as unknown as Engine;
  const engine = (await realEngine?.((event) => calls.engineEvent(event))) ?? noted;
  const first: Account = { ...account, ...(media && { media }), ...(accountLimits && { limits: accountLimits }) };
  const open = (when = clock) =>
    openCalls({
      clock: when,
      chance: new SeededChance(said.length + 7),
      log,
      address: '127.0.0.1',
      port: 0,
      tls,
      keysInClear,
      engine,
      execute,
      accounts: { ...accounts, first: async () => first, account: async () => first } as unknown as Accounts,
      history: {
        add: async (cdr) => {
          const refusal = refuse('history.add');
          if (refusal !== undefined) throw refusal;
          cdrs.push(cdr);
        },
        list: async () => cdrs,
        cdr: async (_, id) => cdrs.find((each) => each.id === id),
        secondsSince: async (_, since) =>
          cdrs.reduce(
            (sum, { answeredAt, endedAt }) =>
              sum + (answeredAt === undefined || endedAt < since ? 0 : Math.ceil((endedAt - answeredAt) / 1000)),
            0,
          ),
      },
      ...(lastAlive === undefined ? {} : { lastAlive }),
      records: {
        put: async (record) => void records.set(record.id, record),
        remove: async (id) => void records.delete(id),
        all: async () => [...records.values()],
      },
      registrations: {
        put: async (each) => void registrations.set(each.contact, each),
        remove: async ({ contact }) => void registrations.delete(contact),
        all: async () => [...registrations.values()],
      },
      userAgent: 'Parley',
      nonceSecret: new Uint8Array(32),
      limits,
      ...(follow === undefined ? {} : { follow }),
      ...(documents === undefined ? {} : { documents }),
      ...(dialRules === undefined ? {} : { dialRules }),
      ...(names === undefined ? {} : { names }),
    });
  calls = await open();
  const peer = await SipPeer.open(calls.address);
  const heardOf = async (name: string): Promise<Record<string, unknown>> => {
    for (let left = 2000; left > 0; left--) {
      const at = said.findIndex(([each]) => each === name);
      if (at >= 0) return said.splice(at, 1)[0]![1];
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`${name} was not said`);
  };
  return { calls, peer, said, changes, ended, cdrs, records, registrations, heardOf, open };
}

export async function dialled(at: Awaited<ReturnType<typeof house>>, body = peerSdp()): Promise<SipText> {
  at.peer.request('INVITE', {}, { body });
  const answer = await at.peer.answer('INVITE');
  assert.equal(answer.status, 200);
  return answer;
}

export const inside = (answer: SipText, cseq: string): Record<string, string> => ({ To: header(answer, 'to'), CSeq: cseq });

export async function leave({ calls, peer }: Awaited<ReturnType<typeof house>>): Promise<void> {
  const closed = calls.close();
  await closed;
  peer.close();
}
