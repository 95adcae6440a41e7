import type { Account } from '../accounts/index.ts';
import { Failure, newId } from '../base/index.ts';
import { type CallId, type Destination, type Input, lobbyOf } from '../conference/index.ts';
import { answerSessionTimer, contacts, dialogKeyOf, type SipRequest, to } from '../sip/index.ts';
import { Call } from './call.ts';
import type { CallOpening } from './call-opening.ts';
import { bodyOf, refusalOf } from './call-values.ts';
import type { Caller, Recogniser } from './caller.ts';
import { ACCEPT, ALLOW, checkRequest, EVENT, SUPPORTED } from './check-request.ts';
import type { ConferencePackage } from './conference-package.ts';
import { type InUse, type Limits, refusalHeaders } from './limits.ts';
import { judgeOffer } from './media-session.ts';
import type { CallsOptions } from './options.ts';
import { type ReferralNeeds, replacedKey, serveOutside, serveReferral } from './referral.ts';
import type { Registrar } from './registrar.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { headersOf, statusOf } from './status.ts';
import type { Surroundings } from './surroundings.ts';
import { insecure, type Refused, routed, userOf, wishesOf } from './switchboard-values.ts';
import type { Transactions } from './transactions.ts';
import { callFacts, cdrOfVisit, draftOf, type Visit } from './visit.ts';

/** Who has proved who he is, or came by a trunk. */
const isKnown = ({ device, trunk }: Caller): boolean => device !== undefined || trunk !== undefined;

/** What the switchboard connects. */
export interface SwitchboardOptions {
  readonly options: CallsOptions;
  readonly around: Surroundings;
  readonly recogniser: Recogniser;
  readonly registrar: Registrar;
  readonly subscriptions: ConferencePackage;
  readonly transactions: () => Transactions;
  readonly limiting: Limits;
  readonly referrals: Pick<ReferralNeeds, 'dialling' | 'isOurs'>;
  readonly maxCalls: number;
}

/** Takes requests from the transaction layer and finds who they are for: a call, the registrar, or nobody. */
export class Switchboard {
  readonly calls = new Map<CallId, Call>();
  readonly #given: SwitchboardOptions;
  readonly #dialogs = new Map<string, Call>();
  readonly #visits = new Map<ServerTransaction, Visit>();
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
    const key = dialogKeyOf(request);
    if (refusal !== undefined) {
      this.#refuse(transaction, refusal);
      if (request.method === 'INVITE' && key === undefined) this.#left(this.#visit(transaction));
      return;
    }
    if (this.#given.transactions().isMerged(request)) return void respond(482);
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
    if (request.method === 'SUBSCRIBE' || request.method === 'REFER') {
      this.#given.around.follow(this.#guard(transaction, this.#ofDevice(transaction)));
      return;
    }
    if (request.method !== 'INVITE') return void respond(481);
    this.#enter(this.#visit(transaction));
  }

  /** An INVITE outside of every dialog: a call, or none. */
  #enter(visit: Visit): void {
    const { invite } = visit;
    const refusal = this.#atTheDoor(invite.request);
    if (refusal !== undefined) {
      this.#refuse(invite, refusal);
      this.#left(visit);
      return;
    }
    invite.respond(100);
    this.#arriving += 1;
    const arrived = this.#guard(invite, this.#invite(visit)).finally(() => {
      this.#arriving -= 1;
      this.#left(visit);
    });
    this.#given.around.follow(arrived);
  }

  #visit(invite: ServerTransaction): Visit {
    const { chance, clock } = this.#given.options;
    const startedAt = clock.epoch();
    const visit: Visit = { id: newId(chance, startedAt) as CallId, invite, startedAt };
    this.#visits.set(invite, visit);
    return visit;
  }

  /** What refuses an INVITE before anybody is asked whose it is. */
  #atTheDoor(request: SipRequest): Refused | undefined {
    const timer = answerSessionTimer(request);
    if ('refuse' in timer) return { status: timer.refuse, headers: timer.headers };
    // Without a Contact there is nowhere to send a BYE (RFC 3261 §8.1.1.8).
    if (!Array.isArray(contacts(request))) return { status: 400, headers: [] };
    const isFull = this.#closing || this.calls.size + this.#arriving >= this.#given.maxCalls;
    return isFull ? { status: 503, headers: headersOf(503) } : undefined;
  }

  /** An INVITE that became no call leaves its record. */
  #left(visit: Visit): void {
    const { around, recogniser } = this.#given;
    if (visit.isCall) return;
    this.#visits.delete(visit.invite);
    if (around.cdrs.history === undefined) return;
    const claimed = (invite: SipRequest) => recogniser.claimed(invite);
    around.follow(cdrOfVisit(visit, { keeping: around.cdrs, claimed, closing: this.#closing }).then((cdr) => cdr?.write()));
  }

  acknowledged(ack: SipRequest): void {
    const key = dialogKeyOf(ack);
    if (key !== undefined) this.#dialogs.get(key)?.acknowledged(ack);
  }

  cancelled(invite: ServerTransaction, cancel: SipRequest): void {
    const visit = this.#visits.get(invite);
    const call = visit && this.calls.get(visit.id);
    if (visit !== undefined) visit.cancel = cancel;
    if (call === undefined) invite.respond(487);
    else call.cancel(cancel);
  }

  #inDialog(transaction: ServerTransaction, key: string): void {
    const call = this.#dialogs.get(key);
    if (transaction.request.method === 'OPTIONS' && call !== undefined) {
      this.#options(transaction);
      return;
    }
    const early = this.#given.around.early.get(key);
    if (call !== undefined) call.receive(transaction);
    else if (early !== undefined) early(transaction);
    else if (!this.#given.subscriptions.receive(transaction, key)) transaction.respond(481);
  }

  #options({ respond }: ServerTransaction): void {
    respond(200, {
      headers: [
        ['Allow', ALLOW],
        ['Accept', ACCEPT],
        ['Accept-Encoding', 'identity'],
        ['Accept-Language', 'en'],
        ['Supported', SUPPORTED],
        ['Allow-Events', EVENT],
      ],
    });
  }

  #busy(transaction: ServerTransaction): void {
    this.#refuse(transaction, { status: 503, headers: headersOf(503) });
  }

  #refuse({ request, respond }: ServerTransaction, { status, headers }: Refused): void {
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

  /** SUBSCRIBE and REFER outside of every dialog are for devices that prove themselves. */
  async #ofDevice(transaction: ServerTransaction): Promise<void> {
    const { around, recogniser, referrals, subscriptions } = this.#given;
    const isReferral = transaction.request.method === 'REFER';
    const objection = isReferral ? undefined : subscriptions.objection(transaction.request);
    if (objection !== undefined) return this.#refuse(transaction, objection);
    const who = await recogniser.subscriber(transaction.request);
    if ('status' in who) this.#refuse(transaction, who);
    else if (isReferral) await serveOutside(transaction, who, { around, ...referrals });
    else await subscriptions.arrive(transaction, who);
  }

  async #invite(visit: Visit): Promise<void> {
    const { invite } = visit;
    const { request } = invite;
    const { around, options, recogniser } = this.#given;
    const caller = await recogniser.caller(request, invite.flow);
    if (invite.answered()) return;
    if ('status' in caller) return this.#refuse(invite, caller);
    visit.caller = caller;
    const wishes = wishesOf(caller, invite.flow, options);
    if (wishes === undefined) return this.#refuse(invite, { status: 488, headers: insecure(around) });
    const outcome = request.body.length > 0 ? judgeOffer(bodyOf(request), wishes) : undefined;
    if (outcome !== undefined && 'refused' in outcome) {
      const [status, { headers }] = refusalOf(outcome, around);
      return this.#refuse(invite, { status, headers });
    }
    const actor = { account: caller.account.id, kind: 'call' } as const;
    const replacing = this.#replacing(visit, caller);
    if (typeof replacing === 'number') return this.#refuse(invite, { status: replacing, headers: [] });
    const found = replacing === undefined ? routed(options.execute, request, { caller, actor }) : Promise.resolve(replacing);
    const destination = await found.catch((error: unknown) => {
      if (!invite.answered()) Call.refuse(invite, error, around);
      return undefined;
    });
    if (destination === undefined) return;
    if (destination.conference !== undefined) visit.conference = destination.conference;
    const used = await this.#given.limiting.usedSeconds(caller.account);
    if (invite.answered()) return;
    if (this.#closing) return this.#busy(invite);
    if (this.#isWithinLimits(visit, caller, used)) await this.#arrive({ visit, wishes }, caller, destination);
  }

  /** The place that an INVITE with Replaces takes over (RFC 3891 §3), or the status that refuses it; undefined: it replaces nobody. */
  #replacing(visit: Visit, { account, device, trunk }: Caller): Destination | number | undefined {
    const key = replacedKey(visit.invite.request);
    if (key === undefined) return undefined;
    if (key === 'malformed') return 400;
    const replaced = this.#dialogs.get(key);
    if (replaced === undefined || replaced.account !== account.id || (replaced.place as string) === (replaced.id as string)) return 481;
    // Who knows a dialog's tags may have overheard them: only who has proved himself takes somebody's place.
    if (device === undefined && trunk === undefined) return 403;
    if (replaced.at !== 'up') return 603;
    visit.replaced = replaced.id;
    return { conference: replaced.place, role: undefined };
  }

  /** Refuses a call of an account that has used up what it may; nothing happens between this and the call's beginning. */
  #isWithinLimits({ id, invite, conference }: Visit, caller: Caller, usedSeconds: number): boolean {
    const { limiting, around } = this.#given;
    try {
      if (caller.account.limits !== undefined) limiting.check(caller.account, this.inUse(caller.account), usedSeconds);
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#refuse(invite, { status: statusOf(error), headers: refusalHeaders(error, around.sentBy) });
      if (conference === undefined || !around.cdrs.floods.hasRoom(caller.account.id, invite.flow.address, isKnown(caller))) return false;
      this.#note(caller, { conference, call: callFacts(invite.request, caller, id), refusal: { code: error.code, words: error.message } });
      return false;
    }
  }

  /** A conference hears of a call that was meant for it and that the server did not take. */
  #note({ account }: Caller, refused: Input<'call.refused'>): void {
    const { around, options } = this.#given;
    const told = options.execute('call.refused', refused, { account: account.id, kind: 'call' });
    around.follow(told.catch((failure: unknown) => options.log.info('a refused call could not be noted', { error: failure })));
  }

  /** Some call has this Call-ID. */
  hasCallId(sipCallId: string): boolean {
    for (const key of this.#dialogs.keys()) if (key.startsWith(`${sipCallId} `)) return true;
    return false;
  }

  /** There may be one more call. */
  hasRoom(): boolean {
    return !this.#closing && this.calls.size + this.#arriving < this.#given.maxCalls;
  }

  /** A call that no INVITE brought: of ours, and answered; or a browser's. */
  connect(opening: Omit<CallOpening, 'dialled' | 'subscribed' | 'referred' | 'gone'>, gone = () => {}): Call {
    const call: Call = new Call(
      { ...opening, ...this.#within(() => call, opening.connected?.candidate.isOurPhone === true), gone: () => this.#forget(call, gone) },
      this.#given.around,
    );
    this.calls.set(call.id, call);
    if (opening.connected !== undefined) opening.log.info('a call of ours was answered', { account: opening.account });
    call.begin();
    return call;
  }

  /** What a call tells of its dialog. */
  #within(call: () => Call, isKnown: boolean): Pick<CallOpening, 'dialled' | 'subscribed' | 'referred'> {
    return {
      dialled: (key) => void this.#dialogs.set(key, call()),
      subscribed: (transaction, line) => {
        const { id, account, place: conference } = call();
        const within = { transaction, line, call: id, account, conference };
        this.#given.around.follow(this.#guard(transaction, this.#given.subscriptions.within(within)));
      },
      referred: (transaction, line) => {
        const { around, referrals } = this.#given;
        const served = serveReferral({ transaction, line, call: call(), isKnown }, { around, ...referrals });
        around.follow(this.#guard(transaction, served));
      },
    };
  }

  /** The live calls of an account. */
  inUse({ id }: Account): InUse {
    const now = this.#given.options.clock.epoch();
    let [legs, seconds] = [0, 0];
    for (const call of this.calls.values()) {
      if (call.account !== id || !call.isLive) continue;
      legs += 1;
      seconds += call.secondsAt(now);
    }
    return { legs, seconds };
  }

  async #arrive(
    { visit, wishes }: Pick<CallOpening, 'wishes'> & { readonly visit: Visit },
    caller: Caller,
    destination: Destination,
  ): Promise<void> {
    const { around, options } = this.#given;
    const { invite } = visit;
    const { interval, conference: focus } = destination;
    const { replaced } = visit;
    const facts = callFacts(invite.request, caller, visit.id);
    const conference = destination.flow === undefined ? destination.conference : lobbyOf(facts.id);
    const log = options.log.with({ call: facts.id, conference });
    const cdr = draftOf(visit, caller, around.cdrs);
    if (focus !== undefined) cdr.toward(focus);
    const call: Call = new Call(
      {
        id: facts.id,
        account: caller.account.id,
        conference,
        focus,
        invite,
        wishes: interval === undefined ? wishes : { ...wishes, interval },
        log,
        cdr,
        ...(replaced === undefined
          ? {}
          : { settled: (refusal) => (refusal === undefined ? this.calls.get(replaced)?.hangUp('hung-up') : undefined) }),
        ...(destination.flow === undefined || focus === undefined
          ? {}
          : { refused: (refusal) => this.#note(caller, { conference: focus, call: facts, refusal }) }),
        ...this.#within(() => call, caller.device !== undefined || caller.trunk !== undefined),
        gone: () => this.#forget(call, () => this.#visits.delete(invite)),
      },
      around,
    );
    visit.isCall = true;
    this.calls.set(call.id, call);
    log.info('call arrived', { sipCallId: facts.sipCallId, account: caller.account.id });
    try {
      const actor = { account: caller.account.id, kind: 'call' } as const;
      const { role, vouched } = destination.flow === undefined ? destination : { role: undefined };
      const from = { address: invite.flow.address, ...(caller.trunk === undefined ? {} : { trunk: caller.trunk.id }) };
      const way = destination.flow === undefined ? { role, ...(vouched && { vouched }) } : { role: undefined, flow: destination.flow };
      await options.execute(
        'call.arrived',
        { conference, call: facts, dialled: caller.dialled ?? userOf(invite.request), ...from, ...way },
        actor,
      );
    } catch (error) {
      call.refuse(error);
    }
  }

  #forget(call: Call, gone: () => void): void {
    this.calls.delete(call.id);
    this.#given.subscriptions.left(call.id);
    gone();
    for (const [key, each] of this.#dialogs) if (each === call) this.#dialogs.delete(key);
    if (this.calls.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
