import { Failure, type Json, type Log, Runner } from '../base/index.ts';
import type { CallId, LeaveReason, LegId } from '../conference/index.ts';
import {
  type AcceptanceEffect,
  type AcceptanceInput,
  type AcceptanceState,
  acceptance,
  agreedSessionTimer,
  answeredInDialog,
  answerSessionTimer,
  cseq,
  type Dialog,
  dialogFromInvite,
  dialogKey,
  type Headers,
  lists,
  offerSessionTimer,
  receiveInDialog,
  requestInDialog,
  type SessionTimer,
  type SipRequest,
  type SipResponse,
  sessionTimerWaits,
} from '../sip/index.ts';
import { callMachine, type Effect, type Input, type SessionTimes, type State } from './call.machine.ts';
import type { CallOpening } from './call-opening.ts';
import { bodyOf, dialogJson, reasonHeaders, refusalOf, remoteOf, SDP } from './call-values.ts';
import { ALLOW, SUPPORTED } from './check-request.ts';
import { DTMF_TYPES, digitOf } from './dtmf.ts';
import { type Flow, isTranslated } from './flow.ts';
import { legChange, MediaSession, newSessionId } from './media-session.ts';
import type { FinalAnswer, ServerTransaction } from './server-transaction.ts';
import { RETRY_AFTER_SECONDS, statusOf } from './status.ts';
import { contactOf, dialogHeaders, type Surroundings, viaOf, wayOf } from './surroundings.ts';

/** One call that came in: runs its machine, holds its dialog, its media session and its leg. */
export class Call {
  readonly id: CallId;
  readonly #opening: CallOpening;
  readonly #around: Surroundings;
  readonly #runner: Runner<State, Input, Effect>;
  readonly #log: Log;
  readonly #leg: LegId;
  #flow: Flow;
  #translated: boolean;
  #updates: boolean;
  #acceptance: Runner<AcceptanceState, AcceptanceInput, AcceptanceEffect> | undefined;
  #dialog: Dialog | undefined;
  #media: MediaSession | undefined;
  #timer: SessionTimer | undefined;
  /** Our offer went out in a 2xx; its answer comes in the ACK. */
  #offered = false;
  /** A request of ours that may change the session has no final answer yet. */
  #asking = false;
  #held = false;
  #recorded: Promise<void> = Promise.resolve();
  #told: Promise<void> = Promise.resolve();

  constructor(opening: CallOpening, around: Surroundings) {
    const { request, flow } = opening.invite;
    this.id = opening.id;
    this.#leg = opening.id as string as LegId;
    this.#opening = opening;
    this.#around = around;
    this.#flow = flow;
    this.#translated = isTranslated(request, flow);
    this.#updates = lists(request, 'Allow', 'UPDATE');
    this.#log = opening.log;
    this.#runner = new Runner(callMachine, { at: 'arriving' }, around.clock, (effect) => this.#perform(effect));
  }

  /** Where the call is in its life. */
  get at(): State['at'] {
    return this.#runner.state.at;
  }

  /** The domain lets the call in. */
  answer(): void {
    this.#runner.feed({ type: 'answer' });
  }

  /** The domain, or the caller's CANCEL, ends the call. */
  hangUp(reason: LeaveReason): void {
    if (reason === 'media-lost' || reason === 'failed') this.#around.failed(reason);
    this.#runner.feed({ type: 'hang-up', reason });
  }

  cancel(): void {
    this.#runner.feed({ type: 'cancel' });
  }

  /** Refuses an INVITE before there is a call. */
  static refuse(invite: ServerTransaction, error: unknown, { failed }: Pick<Surroundings, 'failed'>): void {
    if (!(error instanceof Failure)) throw error;
    failed(String(statusOf(error)));
    invite.respond(statusOf(error));
  }

  /** Forgets its alarms; nothing more is said. */
  abandon(): void {
    this.#acceptance?.close();
    this.#runner.close();
  }

  shutDown(): void {
    this.#runner.feed({ type: 'shut-down' });
  }

  /** The domain, or the engine, does not want the call. */
  refuse(error: unknown): void {
    const status = error instanceof Failure ? statusOf(error) : 500;
    if (!(error instanceof Failure)) this.#log.error('an arriving call broke', { error });
    this.#runner.feed({ type: 'refuse', status });
  }

  /** A key of the telephone. */
  digit(digit: string): void {
    const { conference } = this.#opening;
    this.#around.follow(this.#around.execute('call.digit', { conference, call: this.id, digit }, this.#actor()));
  }

  /** An ACK of a 2xx of ours. */
  acknowledged(ack: SipRequest): void {
    if (this.#acceptance?.state.at !== 'waiting') return;
    this.#acceptance.feed({ type: 'ack' });
    if (this.#offered) {
      this.#offered = false;
      const outcome = this.#media?.accept(bodyOf(ack));
      if (outcome === undefined || typeof outcome === 'string') {
        this.#runner.feed({ type: 'ack', session: undefined });
        this.hangUp('failed');
        return;
      }
    }
    const wasUp = this.at === 'up';
    this.#runner.feed({ type: 'ack', session: this.#sessionTimes() });
    if (this.at === 'up') this.#settle();
    if (!wasUp) this.#record();
  }

  /** A request of the far end in our dialog. */
  receive(transaction: ServerTransaction): void {
    const { request, flow, respond } = transaction;
    if (this.#dialog === undefined) return void respond(481);
    const received = receiveInDialog(this.#dialog, request);
    if ('refuse' in received) return void respond(received.refuse);
    this.#dialog = received.dialog;
    this.#flow = flow;
    this.#translated = isTranslated(request, flow);
    if (request.method === 'BYE') {
      respond(200);
      this.#runner.feed({ type: 'bye' });
    } else if (request.method === 'INFO') this.#info(transaction);
    else if (request.method === 'INVITE' || request.method === 'UPDATE') this.#renegotiate(transaction);
    else respond(405, { headers: [['Allow', ALLOW]] });
  }

  #info({ request, respond }: ServerTransaction): void {
    const digit = request.body.length === 0 ? undefined : digitOf(request);
    if (digit === null) return void respond(415, { headers: [['Accept', DTMF_TYPES]] });
    respond(200);
    if (digit !== undefined && this.at === 'up') this.digit(digit);
  }

  #renegotiate({ request, respond, again }: ServerTransaction): void {
    const invite = request.method === 'INVITE';
    if (this.#mustWait(request)) return void respond(491);
    const timer = answerSessionTimer(request);
    if ('refuse' in timer) return void respond(422, { headers: timer.headers });
    const outcome = request.body.length > 0 ? this.#media?.answer(bodyOf(request)) : undefined;
    if (typeof outcome === 'string') return void respond(...refusalOf(outcome, this.#around));
    this.#timer = timer.timer;
    const text = outcome?.text ?? (invite ? this.#media?.offer() : undefined);
    this.#offered = invite && outcome === undefined;
    const headers: Headers = [...dialogHeaders(this.#around, this.#flow), ...timer.headers, ...(text === undefined ? [] : SDP)];
    const response = respond(200, { headers, body: Buffer.from(text ?? '') });
    if (invite) this.#awaitAck(response, again);
    if (this.at === 'up') this.#runner.feed({ type: 'session', session: this.#sessionTimes() });
    if (outcome !== undefined && !this.#offered) this.#settle();
    this.#record();
  }

  /** Two offers must not cross (RFC 3261 §14.2, RFC 3311 §5.2). */
  #mustWait({ method, body }: SipRequest): boolean {
    const unanswered = this.#acceptance?.state.at === 'waiting';
    return this.#asking || (unanswered && (method === 'INVITE' || (this.#offered && body.length > 0)));
  }

  #perform(effect: Effect): void {
    const { conference } = this.#opening;
    const { engine, execute, follow, failed } = this.#around;
    switch (effect.do) {
      case 'open-leg':
        follow(this.#openLeg());
        return;
      case 'refuse':
        failed(String(effect.status));
        this.#opening.invite.respond(
          effect.status,
          effect.status === 503 ? { headers: [['Retry-After', String(RETRY_AFTER_SECONDS)]] } : {},
        );
        return;
      case 'tell-answered':
        follow(
          execute('call.answered', { conference, call: this.id }, this.#actor()).catch((error: unknown) => {
            this.#log.info('a call was answered in vain', { error });
            this.hangUp('failed');
          }),
        );
        return;
      case 'tell-ended':
        this.#log.info('call ended', { reason: effect.reason });
        this.#tellEnded(effect.reason);
        return;
      case 'refresh':
        this.#refresh();
        return;
      case 'send-bye':
        this.#ask('BYE', { headers: reasonHeaders(effect.reason) }, () => this.#runner.feed({ type: 'bye-answered' }));
        return;
      case 'end-leg':
        follow(engine.end(this.#leg));
        return;
      case 'forget':
        this.#forget();
    }
  }

  /** Told until the domain has heard it, so that nobody stays in a room for ever; the record stays as long. */
  #tellEnded(reason: LeaveReason): void {
    const { conference } = this.#opening;
    const { execute, follow, insist } = this.#around;
    const told = insist(() => execute('call.ended', { conference, call: this.id, reason }, this.#actor()));
    this.#told = told.catch((error: unknown) => {
      // What the domain judged is settled; anything else the next start tells again, from the record.
      if (!(error instanceof Failure) || error.kind === 'unavailable') throw error;
      this.#log.info('the end of a call was refused', { error });
    });
    follow(this.#told);
  }

  async #openLeg(): Promise<void> {
    const { engine, address } = this.#around;
    const { account, conference, invite } = this.#opening;
    try {
      const place = await engine.open({ leg: this.#leg, account, conference, address, ...remoteOf(bodyOf(invite.request)) });
      if (this.at !== 'opening') return await engine.end(this.#leg);
      this.#media = new MediaSession({ address: place.address, port: place.port, sessionId: newSessionId(this.#around.chance) });
      this.#sayYes(invite, this.#media);
    } catch (error) {
      this.refuse(error);
    }
  }

  #sayYes({ request, respond, again }: ServerTransaction, media: MediaSession): void {
    const outcome = request.body.length > 0 ? media.answer(bodyOf(request)) : undefined;
    if (typeof outcome === 'string') {
      this.#runner.feed({ type: 'refuse', status: 488 });
      return;
    }
    this.#offered = outcome === undefined;
    const timer = answerSessionTimer(request);
    if ('timer' in timer) this.#timer = timer.timer;
    // Sound may come before the ACK; whoever offered is listening already (RFC 3264 §6).
    if (outcome !== undefined) this.#around.engine.change(this.#leg, legChange(outcome.agreed));
    const headers: Headers = [...dialogHeaders(this.#around, this.#flow), ...timer.headers, ...SDP];
    const response = respond(200, { headers, body: Buffer.from(outcome?.text ?? media.offer()) });
    this.#dialog = dialogFromInvite(request, response);
    if (this.#dialog === undefined) {
      this.#runner.feed({ type: 'refuse', status: 400 });
      return;
    }
    this.#opening.dialled(dialogKey(this.#dialog));
    this.#runner.feed({ type: 'opened' });
    this.#awaitAck(response, again);
    this.#record();
  }

  #awaitAck(response: SipResponse, again: (response: SipResponse) => void): void {
    const { clock } = this.#around;
    this.#acceptance?.close();
    this.#acceptance = new Runner(acceptance, acceptance.start(clock.now(), { response }), clock, (effect) => {
      if (effect.do === 'send') again(effect.message);
      else this.#runner.feed({ type: 'unacknowledged' });
    });
  }

  /** What was agreed on takes effect: the engine follows, and the domain hears of hold and resume. */
  #settle(): void {
    const agreed = this.#media?.agreed;
    if (agreed === undefined) return;
    this.#around.engine.change(this.#leg, legChange(agreed));
    if (agreed.held === this.#held || this.at !== 'up') return;
    this.#held = agreed.held;
    const { conference } = this.#opening;
    this.#around.follow(this.#around.execute('call.held', { conference, call: this.id, held: agreed.held }, this.#actor()));
  }

  #sessionTimes(): SessionTimes | undefined {
    if (this.#timer === undefined) return undefined;
    const now = this.#around.clock.now();
    const { refreshAfter, endAfter } = sessionTimerWaits(this.#timer);
    return { refreshAt: this.#timer.refresher === 'uas' ? now + refreshAfter : undefined, expiresAt: now + endAfter };
  }

  /** Refreshes the session: UPDATE where the far end knows it, else the same offer in a re-INVITE (RFC 4028 §7.4). */
  #refresh(): void {
    if (this.#timer === undefined || this.#media === undefined || this.#asking) return;
    const method = this.#updates ? 'UPDATE' : 'INVITE';
    const body = method === 'INVITE' ? this.#media.offer() : '';
    const headers: Headers = [
      ['Supported', SUPPORTED],
      ['Allow', ALLOW],
      ...offerSessionTimer({ intervalSeconds: this.#timer.intervalSeconds }, 'uac'),
      ...(body === '' ? [] : SDP),
    ];
    this.#asking = true;
    this.#ask(method, { headers, body: Buffer.from(body) }, (answer) => this.#refreshed(method, answer));
  }

  #refreshed(method: string, answer: FinalAnswer): void {
    const success = answer !== undefined && answer.status < 300;
    if (success && method === 'INVITE') this.#acknowledge(answer);
    if (!this.#asking) return;
    this.#asking = false;
    if (answer === undefined || answer.status === 408 || answer.status === 481) {
      this.hangUp('failed');
      return;
    }
    if (answer.status === 491) this.#runner.feed({ type: 'refresh-later' });
    if (!success || this.#dialog === undefined) return;
    this.#dialog = answeredInDialog(this.#dialog, answer);
    const agreed = agreedSessionTimer(answer);
    // In the words of a transaction of ours `uac` is us; the timer is kept as the far end would say it.
    if (agreed !== undefined)
      this.#timer = { intervalSeconds: agreed.intervalSeconds, refresher: agreed.refresher === 'uac' ? 'uas' : 'uac' };
    if (method === 'INVITE' && typeof this.#media?.accept(bodyOf(answer)) === 'object') this.#settle();
    this.#runner.feed({ type: 'session', session: this.#sessionTimes() });
    this.#record();
  }

  #acknowledge(answer: SipResponse): void {
    if (this.#dialog === undefined) return;
    const flow = wayOf(this.#dialog, { flow: this.#flow, translated: this.#translated, reaches: this.#around.reaches });
    const sequence = cseq(answer)?.number ?? this.#dialog.localSequence;
    const { request } = requestInDialog(this.#dialog, 'ACK', { via: viaOf(this.#around, flow), sequence });
    this.#around.send(request, flow);
  }

  #ask(method: string, what: { readonly headers?: Headers; readonly body?: Uint8Array }, done: (answer: FinalAnswer) => void): void {
    if (this.#dialog === undefined) {
      done(undefined);
      return;
    }
    const flow = wayOf(this.#dialog, { flow: this.#flow, translated: this.#translated, reaches: this.#around.reaches });
    const contact = method === 'BYE' ? {} : { contact: contactOf(this.#around, flow) };
    const headers: Headers = [...(what.headers ?? []), ['User-Agent', this.#around.userAgent]];
    const { dialog, request } = requestInDialog(this.#dialog, method, { ...what, ...contact, headers, via: viaOf(this.#around, flow) });
    this.#dialog = dialog;
    this.#around.ask(request, flow, done);
  }

  /** Keeps the call for the next start; puts and the final removal stay in order. */
  #record(): void {
    const { engine, records, follow } = this.#around;
    const { account, conference } = this.#opening;
    const dialog = this.#dialog && dialogJson(this.#dialog, { flow: this.#flow, translated: this.#translated });
    if (dialog === undefined) return;
    this.#recorded = this.#recorded
      .then(async () => {
        const leg = ((await engine.record(this.#leg)) ?? null) as Json;
        if (this.at !== 'gone') await records.put({ id: this.id, account, conference, dialog, leg });
      })
      .catch((error: unknown) => this.#log.error('a call was not recorded', { error }));
    follow(this.#recorded);
  }

  #forget(): void {
    this.#acceptance?.close();
    this.#runner.close();
    const removed = Promise.all([this.#recorded, this.#told]).then(() =>
      this.#dialog === undefined ? undefined : this.#around.records.remove(this.id),
    );
    // Whatever failed is logged where it is followed; the record then stays for the next start.
    this.#around.follow(removed.catch(() => {}));
    this.#opening.gone();
  }

  #actor() {
    return { account: this.#opening.account, kind: 'call' } as const;
  }
}
