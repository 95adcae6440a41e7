import type { CallId, Telephony } from '../conference/index.ts';
import type { EngineEvent } from '../media/index.ts';
import { type Malformed, printMessage, type SipMessage } from '../sip/index.ts';
import { type BrowserCallsNeeds, joinByBrowser } from './browsers/browser-calls.ts';
import { Recogniser, type TrunkDoor } from './caller.ts';
import { ConferencePackage } from './conference-package.ts';
import { type OpenedDialling, openDialling } from './dialling/open-dialling.ts';
import type { Flow } from './flow.ts';
import { Insistence } from './insistence.ts';
import { Limits } from './limits.ts';
import type { CallCounts, Calls, CallsOptions } from './options.ts';
import { recoverCalls } from './recover.ts';
import type { ReferralNeeds } from './referral.ts';
import { RefusedFloods } from './refused-floods.ts';
import { openRegistrar, type Registrar } from './registrar.ts';
import { type Surroundings, sentByOf } from './surroundings.ts';
import { Switchboard } from './switchboard.ts';
import { noteEvent, sending, tracing } from './trace/carrying.ts';
import { Transactions } from './transactions.ts';
import { openTransport, type Transport } from './transport.ts';

/** How long a stop waits for the answers to its BYEs, in ms. */
const FAREWELL = 1_500;

/** Opens the signalling: binds the sockets and serves until `close`. */
export async function openCalls(options: CallsOptions): Promise<Calls> {
  const { clock, log, address, limits = {} } = options;
  const pending = new Set<Promise<unknown>>();
  const tally: Tally = { malformed: 0, failures: {} };
  const follow = follower(pending, log);
  let take: (message: SipMessage | Malformed, flow: Flow) => void = () => {};
  const transport = await openTransport({
    clock,
    log,
    address,
    port: options.port,
    tls: options.tls ?? null,
    maxConnections: limits.maxConnections ?? 1000,
    maxWebSockets: limits.maxWebSockets ?? 10_000,
    take: (message, flow) => take(message, flow),
    gone: (flow) => registrar.gone(flow),
  });
  const registrar = await openRegistrar({
    clock,
    log,
    registrations: options.registrations,
    maxContacts: limits.maxContacts ?? 10,
    follow,
  });
  const insistence = new Insistence({ clock, log });
  const limiting = new Limits({ clock, history: options.history });
  const around = surroundingsOf(options, { transport, insistence, follow, tally, limiting, transactions: () => transactions });
  const recogniser = recogniserOf(options, { of: (request, from) => dialling.trunkOf(request, from) });
  const subscriptions = new ConferencePackage({ around, follow: options.follow, maxSubscriptions: limits.maxSubscriptions ?? 10_000 });
  const board: Switchboard = new Switchboard({
    options,
    around,
    recogniser,
    registrar,
    subscriptions,
    transactions: () => transactions,
    limiting,
    referrals: { dialling: () => dialling.doors.dialling, isOurs: oursOf(options, transport.port) },
    maxCalls: limits.maxCalls ?? 2000,
  });
  const transactions = transactionsOf(options, { transport, user: board });
  const carried = tracing(options, transport);
  take = (message, flow) => {
    if (message.type === 'malformed') tally.malformed += 1;
    else carried?.(message, flow, false);
    receive(message, flow, { transactions, log });
  };
  const dialling: OpenedDialling = openDialling(options, { around, board, registrar, limiting, transport, follow });
  let closing: Promise<void> | undefined;
  return {
    address: sentByOf(address, transport.port),
    tlsAddress: transport.tlsPort === undefined ? undefined : sentByOf(address, transport.tlsPort),
    adopt: (socket, peer) => transport.adopt(socket, peer),
    ...callDoors(board, dialling),
    join: (wish) => joinByBrowser(wish, { options, around, limiting, ...browserDoors(board) }),
    ...dialling.doors,
    engineEvent: (event) => hear(noteEvent(options.traces, event), board),
    recover: () => recoverAll(options, { around, board }),
    counts: () => countsOf({ board, registrar, subscriptions, dialling, tally, limiting }),
    close: () => {
      closing ??= farewell(
        { board, dialling, subscriptions, transactions, registrar, transport, insistence, floods: around.cdrs.floods },
        { clock, pending },
      );
      return closing;
    },
  };
}

/** Ends what a crash left, but for what this run has begun. */
async function recoverAll(
  { records, log, lastAlive = 0 }: CallsOptions,
  { around, board }: { readonly around: Surroundings; readonly board: Switchboard },
): Promise<void> {
  const left = (await records.all()).filter(({ id }) => !board.calls.has(id));
  await recoverCalls(left, { around, log, lastAlive });
}

/** What is done to calls one by one. */
const callDoors = ({ calls }: Switchboard, { outgoing }: OpenedDialling): Omit<Telephony, 'dial'> => ({
  answer: (call) => calls.get(call)?.answer(),
  ring: (call) => calls.get(call)?.ring(),
  hangUp: (call, reason, status) => {
    calls.get(call)?.hangUp(reason, status);
    outgoing.hangUp(call, reason);
  },
  bring: (call, place) => calls.get(call)?.bring(place),
  stage: (call, stage) => calls.get(call)?.stage(stage),
});

/** What the switchboard does for browsers. */
const browserDoors = (board: Switchboard): Pick<BrowserCallsNeeds, 'hasRoom' | 'inUse' | 'begin'> => ({
  hasRoom: () => board.hasRoom(),
  inUse: (account) => board.inUse(account),
  begin: (opening) => board.connect(opening),
});

interface Counted extends Pick<Closing, 'board' | 'registrar' | 'subscriptions' | 'dialling'> {
  readonly tally: Tally;
  readonly limiting: Limits;
}

const countsOf = ({ board, registrar, subscriptions, dialling, tally, limiting }: Counted): CallCounts => ({
  calls: board.calls.size,
  registrations: registrar.count,
  ringing: dialling.outgoing.count,
  subscriptions: subscriptions.count,
  malformed: tally.malformed,
  failures: { ...tally.failures },
  overLimit: { ...limiting.counts },
  trunks: dialling.trunks.states(),
});

/** What was counted. */
interface Tally {
  malformed: number;
  readonly failures: Record<string, number>;
}

interface Beneath {
  readonly transport: Transport;
  readonly insistence: Insistence;
  readonly follow: Surroundings['follow'];
  readonly tally: Tally;
  readonly limiting: Limits;
  readonly transactions: () => Transactions;
}

/** Whether a URI leads to this server or to the account's realm. */
const oursOf =
  ({ accounts, address, advertise = address }: CallsOptions, ourPort: number): ReferralNeeds['isOurs'] =>
  async ({ host, port = ourPort }, account) => {
    const name = host.toLowerCase();
    const isHere = [address, advertise.toLowerCase()].includes(name) && port === ourPort;
    return isHere || (await accounts.byRealm(name))?.id === account;
  };

const recogniserOf = (
  { accounts, clock, chance, nonceSecret, address, advertise = address, documents, addresses: conferences }: CallsOptions,
  trunks: TrunkDoor,
): Recogniser =>
  new Recogniser({
    accounts,
    clock,
    chance,
    nonceSecret,
    addresses: [address, advertise.toLowerCase()],
    ...(conferences && { conferences }),
    ...(documents === undefined ? {} : { trunks }),
  });

/** The transaction layer between a transport and whoever serves requests. */
function transactionsOf(
  options: CallsOptions,
  { transport, user }: { readonly transport: Transport; readonly user: Switchboard },
): Transactions {
  const { clock, chance, userAgent, limits = {} } = options;
  return new Transactions({
    clock,
    chance,
    userAgent,
    maxTransactions: limits.maxTransactions ?? 20_000,
    send: sending(options, transport),
    user,
  });
}

/** What a call finds around itself, made of what is beneath it. */
function surroundingsOf(options: CallsOptions, { transport, insistence, follow, tally, limiting, transactions }: Beneath): Surroundings {
  const { clock, chance, engine, execute, records, history, userAgent, address, advertise = address } = options;
  const send = sending(options, transport);
  const insist: Surroundings['insist'] = (work) => insistence.until(work);
  return {
    clock,
    chance,
    engine,
    execute,
    records,
    userAgent,
    address,
    mediaAddress: (bound) => options.advertiseMedia ?? bound,
    sentBy: sentByOf(advertise, transport.port),
    sentByTls: sentByOf(advertise, transport.tlsPort ?? transport.port),
    ask: (request, flow, done) => transactions().request(request, flow, done),
    drop: (request) => transactions().drop(request),
    send: (request, flow) => send(flow, printMessage(request)),
    reaches: (flow) => transport.reaches(flow),
    follow,
    insist,
    early: new Map(),
    cdrs: {
      clock,
      history,
      insist,
      kept: (cdr) => limiting.kept(cdr),
      traces: options.traces,
      floods: new RefusedFloods({ clock, chance, history, insist, follow }),
    },
    failed: (cause) => {
      tally.failures[cause] = (tally.failures[cause] ?? 0) + 1;
    },
  };
}

/** Whole messages go to their transactions; torn ones are answered where an answer is due. */
function receive(
  message: SipMessage | Malformed,
  flow: Flow,
  { transactions, log }: { transactions: Transactions; log: CallsOptions['log'] },
): void {
  if (message.type !== 'malformed') {
    transactions.receive(message, flow);
    return;
  }
  log.debug('malformed message', { reason: message.reason, offset: message.offset });
  if (message.answerable !== undefined) transactions.stateless(message.answerable, flow, message.status);
}

/** Keeps work that nobody waits for until it is over, so that a stop can wait for it. */
const follower =
  (pending: Set<Promise<unknown>>, log: CallsOptions['log']): Surroundings['follow'] =>
  (work) => {
    const followed = work.catch((error: unknown) => log.error('signalling work failed', { error })).finally(() => pending.delete(followed));
    pending.add(followed);
  };

interface Closing {
  readonly dialling: OpenedDialling;
  readonly board: Switchboard;
  readonly subscriptions: ConferencePackage;
  readonly transactions: Transactions;
  readonly registrar: Registrar;
  readonly transport: Transport;
  readonly insistence: Insistence;
  readonly floods: Pick<RefusedFloods, 'close'>;
}

/** Says goodbye to every call, waits a little, then lets go of everything. */
async function farewell(
  { board, dialling, subscriptions, transactions, registrar, transport, insistence, floods }: Closing,
  waiting: Waiting,
): Promise<void> {
  board.refuseNew();
  subscriptions.close();
  for (const call of [...board.calls.values()]) call.shutDown();
  dialling.outgoing.shutDown();
  await Promise.all([within(FAREWELL, { board, dialling }, waiting), dialling.trunks.close()]);
  dialling.outgoing.abandon();
  // What was counted of refused calls is kept if it can be at once.
  const counted = floods.close();
  insistence.close();
  await counted.catch(() => {});
  transactions.close();
  registrar.close();
  for (const call of [...board.calls.values()]) call.abandon();
  await transport.close();
}

/** What the engine told goes to the call whose leg it is; a leg's id is its call's. */
function hear(event: EngineEvent, { calls }: Switchboard): void {
  const callOf = (leg: string) => calls.get(leg as CallId);
  if (event.type === 'digit') callOf(event.leg)?.digit({ key: event.digit, way: event.way, ms: event.ms });
  else if (event.type === 'media-silent') callOf(event.leg)?.silent(event);
  else if (event.type === 'media-quiet') callOf(event.leg)?.quiet(event.silentMs);
  else if (event.type === 'media-lost') callOf(event.leg)?.lost(LOST[event.why ?? 'silent']);
  else if (event.type === 'connected') callOf(event.leg)?.connected();
  else if (event.type === 'dtls-failed') callOf(event.leg)?.lost({ code: 'no_keys', words: event.reason });
  else if (event.type === 'thread-died') for (const leg of event.legs) callOf(leg)?.hangUp('media-lost');
}

/** Why nothing is heard of somebody any more. */
const LOST = {
  'no-check': { code: 'no_way_through', words: 'nothing came through from the browser: a firewall or proxy stops UDP' },
  'no-consent': { code: 'connection_lost', words: 'the connection to the browser was lost' },
  silent: { code: 'connection_lost', words: 'no sound came any more' },
} as const;

interface Waiting {
  readonly clock: CallsOptions['clock'];
  readonly pending: ReadonlySet<Promise<unknown>>;
}

/** Resolves when no call is left and no work is pending, at latest after `ms`. */
async function within(ms: number, { board, dialling }: Pick<Closing, 'board' | 'dialling'>, { clock, pending }: Waiting): Promise<void> {
  const late = Promise.withResolvers<void>();
  let over = false;
  const alarm = clock.wake(clock.now() + ms, () => {
    over = true;
    late.resolve();
  });
  const empty = async (): Promise<void> => {
    while (!over && (board.calls.size > 0 || dialling.outgoing.count > 0 || pending.size > 0)) {
      await Promise.all([board.emptied(), dialling.outgoing.emptied(), ...pending]);
    }
  };
  await Promise.race([empty(), late.promise]);
  alarm.cancel();
}
