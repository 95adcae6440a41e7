import { type Chance, type Clock, type Machine, Runner } from '../base/index.ts';
import {
  type Answer,
  callId,
  cancelledKey,
  clientKey,
  cseq,
  from,
  type InviteClientEffect,
  type InviteServerEffect,
  inviteClient,
  inviteServer,
  type NonInviteClientEffect,
  type NonInviteServerEffect,
  newTag,
  nonInviteClient,
  nonInviteServer,
  printMessage,
  respond,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  serverKey,
  to,
} from '../sip/index.ts';
import { answerFlow, type Flow, stampVia } from './flow.ts';
import type { FinalAnswer, Listening, ServerTransaction } from './server-transaction.ts';
import { headersOf } from './status.ts';

/** Where requests go that need an answer, and what comes to those that wait. */
export interface TransactionUser {
  request(transaction: ServerTransaction): void;
  /** An ACK of a 2xx. */
  acknowledged(ack: SipRequest): void;
  /** The INVITE that this was is cancelled; the CANCEL itself is answered. */
  cancelled(invite: ServerTransaction, cancel: SipRequest): void;
}

/** What the transaction layer needs. */
export interface TransactionOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly userAgent: string;
  readonly maxTransactions: number;
  readonly send: (flow: Flow, bytes: Uint8Array, failed?: () => void) => void;
  readonly user: TransactionUser;
}

type ServerInput =
  | { readonly type: 'request'; readonly message: SipRequest }
  | { readonly type: 'respond'; readonly message: SipResponse }
  | { readonly type: 'transport-failed' };

/** What both sorts of server machine look like from here. */
interface ServerRunner {
  readonly state: { readonly at: string };
  feed(input: ServerInput): void;
  close(): void;
}

interface ClientRunner {
  readonly state: { readonly at: string };
  feed(input: { readonly type: 'response'; readonly message: SipResponse } | { readonly type: 'transport-failed' }): void;
  close(): void;
}

interface ServerEntry {
  readonly transaction: ServerTransaction;
  readonly runner: ServerRunner;
}

/** The transaction layer (RFC 3261 §17): matches messages to machines, runs them, forgets them. */
export class Transactions {
  readonly #options: TransactionOptions;
  readonly #servers = new Map<string, ServerEntry>();
  readonly #clients = new Map<string, ClientRunner>();
  readonly #merged = new Map<string, string>();

  constructor(options: TransactionOptions) {
    this.#options = options;
  }

  /** Takes a message from the wire. */
  receive(message: SipMessage, flow: Flow): void {
    if (message.type === 'response') this.#response(message);
    else this.#request(stampVia(message, flow), flow);
  }

  /** An answer without a transaction: to what is malformed, and at overload. */
  stateless(request: SipRequest, flow: Flow, status: number, answer: Answer = {}): void {
    if (request.method === 'ACK') return;
    const stamped = stampVia(request, flow);
    this.#options.send(
      answerFlow(stamped, flow),
      printMessage(this.#answer(stamped, status, { toTag: newTag(this.#options.chance), ...answer })),
    );
  }

  /** Sends a request of ours; `done` gets the final answer, undefined when none comes, and a 2xx of an INVITE each time that it comes. Its Via must carry a fresh branch. */
  request(request: SipRequest, flow: Flow, done: ((answer: FinalAnswer) => void) | Listening): void {
    const { final, provisional } = typeof done === 'function' ? { final: done, provisional: undefined } : done;
    const key = clientKey(request);
    if (key === undefined) throw new TypeError('a request of ours has no branch');
    const send = (message: SipRequest): void =>
      this.#options.send(flow, printMessage(message), () => {
        this.#clients.get(key)?.feed({ type: 'transport-failed' });
      });
    const perform = (effect: InviteClientEffect | NonInviteClientEffect | Over): void => {
      if (effect.do === 'over') this.#forgetClient(key);
      else if (effect.do === 'send' || effect.do === 'ack') send(effect.message);
      else if (effect.do === 'fail') final(undefined);
      else if (effect.message.status >= 200) final(effect.message);
      else provisional?.(effect.message);
    };
    const now = this.#options.clock.now();
    const kind = { reliable: flow.transport !== 'UDP', request };
    const runner: ClientRunner =
      request.method === 'INVITE'
        ? new Runner(ending(inviteClient), inviteClient.start(now, kind), this.#options.clock, perform)
        : new Runner(ending(nonInviteClient), nonInviteClient.start(now, kind), this.#options.clock, perform);
    this.#clients.set(key, runner);
    send(request);
  }

  /** Nobody waits for its answers any more: a cancelled INVITE that got none (RFC 3261 §9.1). */
  drop(request: SipRequest): void {
    const key = clientKey(request);
    if (key !== undefined) this.#forgetClient(key);
  }

  /** Another transaction is working on the same request, which came by another way (RFC 3261 §8.2.2.2). */
  isMerged(request: SipRequest): boolean {
    if (to(request)?.params.has('tag')) return false;
    const known = this.#merged.get(mergedKey(request));
    return known !== undefined && known !== serverKey(request) && this.#servers.has(known);
  }

  /** Forgets everything; nothing is sent any more. */
  close(): void {
    for (const { runner } of this.#servers.values()) runner.close();
    for (const runner of this.#clients.values()) runner.close();
    this.#servers.clear();
    this.#clients.clear();
    this.#merged.clear();
  }

  #response(message: SipResponse): void {
    const key = clientKey(message);
    if (key === undefined) return;
    this.#clients.get(key)?.feed({ type: 'response', message });
  }

  #request(request: SipRequest, flow: Flow): void {
    const key = serverKey(request);
    if (key === undefined) return;
    const known = this.#servers.get(key);
    if (known !== undefined) {
      known.runner.feed({ type: 'request', message: request });
      return;
    }
    if (request.method === 'ACK') {
      this.#options.user.acknowledged(request);
      return;
    }
    if (this.#servers.size >= this.#room(request)) {
      this.stateless(request, flow, 503, { headers: headersOf(503) });
      return;
    }
    const { transaction } = this.#open(key, request, flow);
    if (request.method === 'CANCEL') this.#cancel(transaction);
    else this.#options.user.request(transaction);
  }

  /** How many transactions there may be before this one: what ends calls gets through where new ones do not. */
  #room(request: SipRequest): number {
    const { maxTransactions } = this.#options;
    return request.method === 'CANCEL' || request.method === 'BYE' ? 2 * maxTransactions : maxTransactions;
  }

  #open(key: string, request: SipRequest, flow: Flow): ServerEntry {
    const { chance, clock, send } = this.#options;
    const back = answerFlow(request, flow);
    const tag = newTag(chance);
    let final: number | undefined;
    const perform = (effect: InviteServerEffect | NonInviteServerEffect | Over): void => {
      if (effect.do === 'over') this.#forgetServer(key);
      else if (effect.do === 'send')
        send(back, printMessage(effect.message), () => this.#servers.get(key)?.runner.feed({ type: 'transport-failed' }));
      else if (effect.do === 'pass') this.#options.user.acknowledged(effect.message);
    };
    const kind = { reliable: flow.transport !== 'UDP' };
    const runner: ServerRunner =
      request.method === 'INVITE'
        ? new Runner(ending(inviteServer), inviteServer.start(clock.now(), kind), clock, perform)
        : new Runner(ending(nonInviteServer), nonInviteServer.start(clock.now(), kind), clock, perform);
    const say = (message: SipResponse): void => runner.feed({ type: 'respond', message });
    const transaction: ServerTransaction = {
      request,
      flow,
      tag,
      answered: () => final !== undefined,
      final: () => final,
      respond: (status, answer = {}) => {
        const message = this.#answer(request, status, { toTag: tag, ...answer });
        if (final === undefined) {
          say(message);
          if (status >= 200) final = status;
        }
        return message;
      },
      again: say,
    };
    const entry = { transaction, runner };
    this.#servers.set(key, entry);
    if (!this.#merged.has(mergedKey(request))) this.#merged.set(mergedKey(request), key);
    return entry;
  }

  #cancel(cancel: ServerTransaction): void {
    const key = cancelledKey(cancel.request);
    const invite = key === undefined ? undefined : this.#servers.get(key)?.transaction;
    if (invite === undefined || invite.request.method !== 'INVITE') {
      cancel.respond(481);
      return;
    }
    // Both answers carry the same To tag (RFC 3261 §9.2).
    cancel.respond(200, { toTag: invite.tag });
    if (!invite.answered()) this.#options.user.cancelled(invite, cancel.request);
  }

  #answer(request: SipRequest, status: number, answer: Answer): SipResponse {
    return respond(request, status, { ...answer, headers: [...(answer.headers ?? []), ['Server', this.#options.userAgent]] });
  }

  #forgetClient(key: string): void {
    this.#clients.get(key)?.close();
    this.#clients.delete(key);
  }

  #forgetServer(key: string): void {
    const entry = this.#servers.get(key);
    if (entry === undefined) return;
    entry.runner.close();
    this.#servers.delete(key);
    const merged = mergedKey(entry.transaction.request);
    if (this.#merged.get(merged) === key) this.#merged.delete(merged);
  }
}

/** What makes two requests the same one that went two ways. */
const mergedKey = (request: SipRequest): string =>
  [from(request)?.params.get('tag') ?? '', callId(request) ?? '', cseq(request)?.number ?? '', request.method].join(' ');

/** Says once that a machine has come to its end. */
type Over = { readonly do: 'over' };

const ending = <State extends { readonly at: string }, Input, Effect>(
  machine: Machine<State, Input, Effect>,
): Machine<State, Input, Effect | Over> => ({
  deadline: (state) => machine.deadline(state),
  step(state, input, now) {
    const next = machine.step(state, input, now);
    const over = next.state.at === 'terminated' && state.at !== 'terminated';
    return over ? { state: next.state, effects: [...next.effects, { do: 'over' }] } : next;
  },
});
