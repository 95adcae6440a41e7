import type { Account } from '../accounts/index.ts';
import { newId } from '../base/index.ts';
import type { Call as CallFacts, CallId, Destination, LegId } from '../conference/index.ts';
import type { Wishes } from '../sdp/index.ts';
import { answerSessionTimer, callId, contacts, dialogKeyOf, from, type Headers, parseUri, type SipRequest, to } from '../sip/index.ts';
import { Call } from './call.ts';
import type { CallOpening } from './call-opening.ts';
import { bodyOf, refusalOf } from './call-values.ts';
import type { Caller, Recogniser, Unwelcome } from './caller.ts';
import { ACCEPT, ALLOW, checkRequest, SUPPORTED } from './check-request.ts';
import { type Flow, isSecure } from './flow.ts';
import { judgeOffer } from './media-session.ts';
import { encryptionOver, mediaWishes } from './media-wishes.ts';
import type { CallsOptions } from './options.ts';
import type { Registrar } from './registrar.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { headersOf } from './status.ts';
import type { Surroundings } from './surroundings.ts';
import type { Transactions } from './transactions.ts';

/** What the switchboard connects. */
export interface SwitchboardOptions {
  readonly options: CallsOptions;
  readonly around: Surroundings;
  readonly recogniser: Recogniser;
  readonly registrar: Registrar;
  readonly transactions: () => Transactions;
  readonly maxCalls: number;
}

/** Takes requests from the transaction layer and finds who they are for: a call, the registrar, or nobody. */
export class Switchboard {
  readonly calls = new Map<CallId, Call>();
  readonly #given: SwitchboardOptions;
  readonly #dialogs = new Map<string, Call>();
  readonly #invites = new Map<ServerTransaction, Call>();
  #waiting: (() => void)[] = [];
  #arriving = 0;
  #closing = false;

  constructor(given: SwitchboardOptions) {
    this.#given = given;
  }

  /** From now on new calls get 503. */
  refuseNew(): void {
    this.#closing = true;
  }

  /** Resolves when no call is left. */
  emptied(): Promise<void> {
    if (this.calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  request(transaction: ServerTransaction): void {
    const { request, respond } = transaction;
    const refusal = checkRequest(request);
    if (refusal !== undefined) return void this.#refuse(transaction, refusal);
    if (this.#given.transactions().isMerged(request)) return void respond(482);
    const key = dialogKeyOf(request);
    if (key !== undefined) {
      this.#inDialog(transaction, key);
      return;
    }
    if (request.method === 'OPTIONS') {
      this.#options(transaction);
      return;
    }
    if (request.method === 'REGISTER') {
      // An address of record is a SIP one (RFC 3261 §10.2, RFC 4475 §3.3.4).
      if (to(request)?.uri.scheme !== 'sip' && to(request)?.uri.scheme !== 'sips') return void respond(400);
      this.#given.around.follow(this.#guard(transaction, this.#register(transaction)));
      return;
    }
    if (request.method !== 'INVITE') return void respond(481);
    const timer = answerSessionTimer(request);
    if ('refuse' in timer) {
      this.#refuse(transaction, { status: timer.refuse, headers: timer.headers });
      return;
    }
    // Without a Contact there is nowhere to send a BYE (RFC 3261 §8.1.1.8).
    if (!Array.isArray(contacts(request))) {
      this.#refuse(transaction, { status: 400, headers: [] });
      return;
    }
    if (this.#closing || this.calls.size + this.#arriving >= this.#given.maxCalls) {
      this.#busy(transaction);
      return;
    }
    respond(100);
    this.#arriving += 1;
    const arrived = this.#guard(transaction, this.#invite(transaction)).finally(() => {
      this.#arriving -= 1;
    });
    this.#given.around.follow(arrived);
  }

  acknowledged(ack: SipRequest): void {
    const key = dialogKeyOf(ack);
    if (key !== undefined) this.#dialogs.get(key)?.acknowledged(ack);
  }

  cancelled(invite: ServerTransaction): void {
    const call = this.#invites.get(invite);
    if (call === undefined) invite.respond(487);
    else call.cancel();
  }

  #inDialog(transaction: ServerTransaction, key: string): void {
    const call = this.#dialogs.get(key);
    if (transaction.request.method === 'OPTIONS' && call !== undefined) {
      this.#options(transaction);
      return;
    }
    if (call === undefined) transaction.respond(481);
    else call.receive(transaction);
  }

  #options({ respond }: ServerTransaction): void {
    respond(200, {
      headers: [
        ['Allow', ALLOW],
        ['Accept', ACCEPT],
        ['Accept-Encoding', 'identity'],
        ['Accept-Language', 'en'],
        ['Supported', SUPPORTED],
      ],
    });
  }

  #busy(transaction: ServerTransaction): void {
    this.#refuse(transaction, { status: 503, headers: headersOf(503) });
  }

  #refuse({ request, respond }: ServerTransaction, { status, headers }: Pick<Unwelcome, 'headers'> & { readonly status: number }): void {
    if (request.method === 'INVITE' && status !== 401) this.#given.around.failed(String(status));
    respond(status, { headers });
  }

  /** The border of one request: a bug in its work answers 500 and harms nobody else. */
  async #guard(transaction: ServerTransaction, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#given.options.log.error('a request broke', { method: transaction.request.method, error });
      if (!transaction.answered()) transaction.respond(500);
    }
  }

  async #register(transaction: ServerTransaction): Promise<void> {
    const who = await this.#given.recogniser.registering(transaction.request);
    if ('status' in who) this.#refuse(transaction, who);
    else await this.#given.registrar.register(transaction, who);
  }

  async #invite(invite: ServerTransaction): Promise<void> {
    const { request } = invite;
    const { around, options, recogniser } = this.#given;
    const caller = await recogniser.caller(request);
    if (invite.answered()) return;
    if ('status' in caller) return this.#refuse(invite, caller);
    const wishes = wishesOf(caller, invite.flow, options);
    if (wishes === undefined) return this.#refuse(invite, { status: 488, headers: insecure(around) });
    const outcome = request.body.length > 0 ? judgeOffer(bodyOf(request), wishes) : undefined;
    if (outcome !== undefined && 'refused' in outcome) {
      const [status, { headers }] = refusalOf(outcome, around);
      return this.#refuse(invite, { status, headers });
    }
    const actor = { account: caller.account.id, kind: 'call' } as const;
    const dialled = parseUri(request.uri)?.user ?? '';
    const destination = await options.execute('call.route', { dialled }, actor).catch((error: unknown) => {
      if (!invite.answered()) Call.refuse(invite, error, around);
      return undefined;
    });
    if (destination === undefined || invite.answered()) return;
    if (this.#closing) return this.#busy(invite);
    await this.#arrive({ invite, wishes }, caller, destination);
  }

  async #arrive(
    { invite, wishes }: Pick<CallOpening, 'invite' | 'wishes'>,
    caller: Caller,
    { conference, role, interval }: Destination,
  ): Promise<void> {
    const { around, options } = this.#given;
    const facts = callFacts(invite.request, caller, newId(options.chance, options.clock.epoch()));
    const log = options.log.with({ call: facts.id, conference });
    const call: Call = new Call(
      {
        id: facts.id,
        account: caller.account.id,
        conference,
        invite,
        wishes: interval === undefined ? wishes : { ...wishes, interval },
        log,
        dialled: (key) => void this.#dialogs.set(key, call),
        gone: () => this.#forget(call, invite),
      },
      around,
    );
    this.calls.set(call.id, call);
    this.#invites.set(invite, call);
    log.info('call arrived', { sipCallId: facts.sipCallId, account: caller.account.id });
    try {
      await options.execute('call.arrived', { conference, call: facts, role }, { account: caller.account.id, kind: 'call' });
    } catch (error) {
      call.refuse(error);
    }
  }

  #forget(call: Call, invite: ServerTransaction): void {
    this.calls.delete(call.id);
    this.#invites.delete(invite);
    for (const [key, each] of this.#dialogs) if (each === call) this.#dialogs.delete(key);
    if (this.calls.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** What the caller's account and device want on this way; undefined when they require what it cannot keep secret. */
function wishesOf({ account, device }: Caller, flow: Flow, { keysInClear = false }: CallsOptions): Wishes | undefined {
  const { codecs, order, encryption: policy } = mediaWishes(account.media, device?.media);
  const encryption = encryptionOver(policy, { secure: isSecure(flow), keysInClear });
  return encryption === 'insecure' ? undefined : { codecs, order, encryption };
}

/** Why a call over an open way is refused whose media must be encrypted. */
const insecure = ({ sentBy }: Pick<Surroundings, 'sentBy'>): Headers => [
  ['Warning', `399 ${sentBy} "Encryption is required here and its keys need SIP over TLS"`],
];

/** What is truly known of a call, for the domain. */
function callFacts(request: SipRequest, { account, device }: Caller, id: string): CallFacts {
  const caller = from(request);
  const called = to(request)?.uri;
  return {
    id: id as CallId,
    leg: id as LegId,
    sipCallId: callId(request) ?? '',
    direction: 'inbound',
    callerName: caller?.name ?? caller?.uri.user ?? '',
    callerNumber: caller?.uri.user ?? '',
    channelVars: {
      ...accountVars(account),
      realm: device === undefined ? (called?.host.toLowerCase() ?? account.realm) : account.realm,
      is_conference: 'true',
      ...(device === undefined ? {} : { username: device.username, authorizing_id: device.id, authorizing_type: 'device' }),
      ...(device?.owner === undefined ? {} : { owner_id: device.owner }),
    },
  };
}

const accountVars = ({ id, name, realm }: Account) => ({ account_id: id, account_name: name, account_realm: realm });
